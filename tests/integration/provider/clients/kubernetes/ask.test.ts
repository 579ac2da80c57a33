import assert from "node:assert/strict";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { createServer, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import path from "node:path";
import { stringify } from "yaml";
import { Cluster } from "../../../../../provider/clients/kubernetes/cluster";
import { KubernetesError } from "../../../../../provider/clients/kubernetes/errors";

describe("a question to an API server of which nothing is kept", () => {
    let folder: string;
    let server: Server;
    let asked: { method: string | undefined; url: string | undefined; body: string }[];
    let answer: (response: ServerResponse) => void;
    let cluster: Cluster;

    before(async () => {
        server = createServer((request, response) => {
            let body = "";
            request.on("data", (chunk: Buffer) => (body += chunk.toString()));
            request.on("end", () => {
                asked.push({ method: request.method, url: request.url, body });
                answer(response);
            });
        });
        await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
        folder = await mkdtemp(path.join(tmpdir(), "ask-"));
        const kubeconfig = path.join(folder, "kubeconfig");
        const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
        await writeFile(
            kubeconfig,
            stringify({
                apiVersion: "v1",
                kind: "Config",
                "current-context": "east",
                clusters: [{ name: "east", cluster: { server: url, "insecure-skip-tls-verify": true } }],
                users: [{ name: "east", user: {} }],
                contexts: [{ name: "east", context: { cluster: "east", user: "east" } }],
            }),
        );
        cluster = Cluster.connect("east", { kubeconfig });
    });
    beforeEach(() => {
        asked = [];
    });
    after(async () => {
        const closed = new Promise((resolve) => server.close(resolve));
        server.closeAllConnections();
        await closed;
        await rm(folder, { recursive: true, force: true });
    });

    const failureOf = (work: Promise<unknown>): Promise<unknown> =>
        work.then(
            () => assert.fail("expected a failure"),
            (error: unknown) => error,
        );

    it("is sent as JSON, and its answer is given", async () => {
        answer = (response) => {
            response.setHeader("content-type", "application/json");
            response.end('{"status":{"allowed":true}}');
        };
        assert.deepEqual(await cluster.ask("/apis/some", { spec: { namespace: "shop" } }, 5_000), {
            status: { allowed: true },
        });
        assert.deepEqual(asked, [{ method: "POST", url: "/apis/some", body: '{"spec":{"namespace":"shop"}}' }]);
    });

    it("waits no longer than its budget, and is asked once", async () => {
        answer = () => undefined;
        const error = await failureOf(cluster.ask("/apis/some", {}, 200));
        assert.ok(error instanceof KubernetesError);
        assert.match(error.message, /does not answer \(post \/apis\/some: no answer in time\)/);
        assert.equal(asked.length, 1);
    });
});
