import assert from "node:assert/strict";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { createServer, type Server } from "node:https";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import path from "node:path";
import { writeKubeconfig } from "../../../../../lab/kubernetes/kubeconfig";
import { Authority } from "../../../../../lab/ontap";
import { Cluster } from "../../../../../provider/clients/kubernetes/cluster";
import { kinds } from "../../../../../provider/clients/kubernetes/kinds";

describe("the requests to an API server", () => {
    const name = { namespace: "shop", name: "one" };
    let folder: string;
    let server: Server;
    let kubeconfig: string;
    let handshakes = 0;
    const asked: string[] = [];

    before(async () => {
        folder = await mkdtemp(path.join(tmpdir(), "connections-"));
        const authority = await Authority.create(folder, "test");
        const issue = (of: string) =>
            authority.issue(folder, of, { commonName: of, addresses: of === "server" ? ["127.0.0.1"] : [] });
        const [serving, user] = await Promise.all([issue("server"), issue("user")]);
        const [cert, key] = await Promise.all([readFile(serving.certFile), readFile(serving.keyFile)]);
        server = createServer({ cert, key }, (request, response) => {
            asked.push(`${request.method} ${request.url}`);
            response.setHeader("content-type", "application/json");
            response.end(JSON.stringify({ metadata: { name: "one" } }));
        });
        server.on("secureConnection", () => handshakes++);
        await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
        kubeconfig = path.join(folder, "kubeconfig");
        const url = `https://127.0.0.1:${(server.address() as AddressInfo).port}`;
        await writeKubeconfig(kubeconfig, [
            { context: "a", cluster: "a", user: "a", server: url, caFile: authority.certFile, certificate: user },
        ]);
    });
    after(async () => {
        server.closeAllConnections();
        await new Promise((resolve) => server.close(resolve));
        await rm(folder, { recursive: true, force: true });
    });

    it("are one for each object, over one connection, whichever part of a run makes them", async () => {
        for (let part = 0; part < 3; part++) {
            const cluster = Cluster.connect("east", { kubeconfig });
            await cluster.get(kinds.application, name);
            await cluster.patch(kinds.application, name, { spec: {} });
        }
        const object = "/apis/protect.trident.netapp.io/v1/namespaces/shop/applications/one";
        const pair = [`GET ${object}`, `PATCH ${object}?fieldManager=pulumi-trident-dr`];
        assert.deepEqual(asked, [...pair, ...pair, ...pair]);
        assert.equal(handshakes, 1);
    });
});
