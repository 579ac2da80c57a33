import assert from "node:assert/strict";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { createServer, type Server } from "node:https";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import path from "node:path";
import { writeKubeconfig } from "../../../../lab/kubernetes/kubeconfig";
import { Authority } from "../../../../lab/ontap";
import { Outcomes } from "../../../../provider/engine/outcomes";
import { MirrorRoleHandler } from "../../../../provider/handlers/mirrorRole";
import { ProviderProcess } from "../../../../provider/process/providerProcess";
import { goodInputs } from "../../../unit/provider/engine/goodInputs";

/** A site's API server and array in one, which have nothing: what is asked of them is what counts. */
describe("the plans of many applications in one run", () => {
    let folder: string;
    let server: Server;
    let kubeconfig: string;
    let url: string;
    let certificate: string;
    let asked: string[];
    let handshakes: number;
    /** Whether the account may list in all namespaces. */
    let mayListAll: boolean;

    before(async () => {
        folder = await mkdtemp(path.join(tmpdir(), "many-"));
        const authority = await Authority.create(folder, "test");
        const issue = (of: string) =>
            authority.issue(folder, of, { commonName: of, addresses: of === "server" ? ["127.0.0.1"] : [] });
        const [serving, user] = await Promise.all([issue("server"), issue("user")]);
        const [cert, key] = await Promise.all([readFile(serving.certFile), readFile(serving.keyFile)]);
        certificate = await readFile(authority.certFile, "utf8");
        server = createServer({ cert, key }, (request, response) => {
            const { method = "", url: target = "" } = request;
            asked.push(`${method} ${target.split("?")[0]}`);
            const { status, body } = answerTo(method, target, mayListAll);
            response.writeHead(status, { "content-type": "application/json" });
            response.end(JSON.stringify(body));
        });
        server.on("secureConnection", () => handshakes++);
        await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
        url = `https://127.0.0.1:${(server.address() as AddressInfo).port}`;
        kubeconfig = path.join(folder, "kubeconfig");
        await writeKubeconfig(kubeconfig, [
            { context: "a", cluster: "a", user: "a", server: url, caFile: authority.certFile, certificate: user },
        ]);
    });
    after(async () => {
        server.closeAllConnections();
        await new Promise((resolve) => server.close(resolve));
        await rm(folder, { recursive: true, force: true });
    });
    beforeEach(() => {
        asked = [];
        handshakes = 0;
    });

    /** What the plans of so many applications ask, by what is asked. */
    async function requestsFor(count: number): Promise<Map<string, number>> {
        const environment = { TRIDENT_DR_ONTAP_USERNAME: "u", TRIDENT_DR_ONTAP_PASSWORD: "p" };
        const handler = new MirrorRoleHandler(
            new ProviderProcess({ environment, log: () => undefined }),
            new Outcomes(),
        );
        for (let index = 0; index < count; index++) {
            const name = `app${index}`;
            const news = {
                ...goodInputs(),
                application: name,
                namespaces: [name],
                recordNamespace: "trident-dr",
                cluster: { kubeconfig },
                ontap: { endpoint: { url, caCertificate: certificate }, svm: "svm_east" },
            };
            const { failures } = await handler.check({ application: name }, news);
            assert.deepEqual(failures, []);
            await handler.diff("id", { ...news }, news).catch(() => undefined);
        }
        const counted = new Map<string, number>();
        for (const one of asked) {
            counted.set(withoutNames(one), (counted.get(withoutNames(one)) ?? 0) + 1);
        }
        return counted;
    }
    const total = (counted: ReadonlyMap<string, number>) => [...counted.values()].reduce((sum, one) => sum + one, 0);

    it("take two requests for each application more, where the account may list in all namespaces", async () => {
        mayListAll = true;
        const [few, many] = [await requestsFor(10), ((asked = []), await requestsFor(60))];
        const more = [...many].filter(([what, times]) => times !== few.get(what));
        assert.ok(total(many) - total(few) <= 2 * 50, more.map(([what, times]) => `${times} ${what}`).join("\n"));
    });

    it("are asked for one by one where the account may not", async () => {
        mayListAll = false;
        const counted = await requestsFor(10);
        assert.equal(counted.get("GET /api/v1/namespaces/*/pods"), 10);
        assert.equal(counted.get("GET /api/v1/pods"), undefined);
    });

    it("share their connections", async () => {
        mayListAll = true;
        await requestsFor(20);
        assert.ok(handshakes <= 22, `${handshakes} handshakes`);
    });
});

function answerTo(method: string, target: string, mayListAll: boolean): { status: number; body: unknown } {
    if (target.endsWith("/selfsubjectaccessreviews")) {
        return { status: 201, body: { status: { allowed: mayListAll } } };
    }
    if (method === "POST") {
        return { status: 201, body: { status: { resourceRules: [], incomplete: true } } };
    }
    const isOfArray = target.startsWith("/api/") && !target.startsWith("/api/v1/");
    const isObject = /\/(namespaces\/[^/]+\/[^/]+|persistentvolumes)\/[^/]+$/.test(target.split("?")[0]!);
    return isOfArray
        ? { status: 200, body: { records: [] } }
        : isObject
          ? { status: 404, body: { kind: "Status", reason: "NotFound", details: { name: "it" }, code: 404 } }
          : { status: 200, body: { metadata: {}, items: [] } };
}

function withoutNames(request: string): string {
    return request.replace(/app\d+/g, "*");
}
