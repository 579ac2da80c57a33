import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { createServer, type Server } from "node:https";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import path from "node:path";
import { promisify } from "node:util";
import { selfSigned } from "../../../../lab/ontap";

describe("NODE_TLS_REJECT_UNAUTHORIZED=0 and a server that nobody vouches for", function () {
    this.timeout(120_000);
    let folder: string;
    let server: Server;
    /** Path and credentials of each request that reached the server. */
    let reached: string[];

    before(async () => {
        folder = await mkdtemp(path.join(tmpdir(), "tls-"));
        const subject = { commonName: "localhost", names: ["localhost"], addresses: ["127.0.0.1"] };
        const { certFile, keyFile } = await selfSigned(folder, "server", subject);
        server = createServer({ cert: await readFile(certFile), key: await readFile(keyFile) }, (request, response) => {
            reached.push(`${request.url} ${request.headers.authorization}`);
            response.end("{}");
        });
        await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    });
    beforeEach(() => {
        reached = [];
    });
    after(async () => {
        const closed = new Promise((resolve) => server.close(resolve));
        server.closeAllConnections();
        await closed;
        await rm(folder, { recursive: true, force: true });
    });

    /** What a call of each client ended with, in a process whose environment turns verification off. */
    async function callAll(verification: "verify" | "none"): Promise<Record<string, string>> {
        const { port } = server.address() as AddressInfo;
        const kubeconfig = path.join(folder, "kubeconfig");
        const insecure = verification === "none" ? { "insecure-skip-tls-verify": true } : {};
        await writeFile(
            kubeconfig,
            JSON.stringify({
                clusters: [{ name: "east", cluster: { server: `https://127.0.0.1:${port}`, ...insecure } }],
                users: [{ name: "dr", user: { token: "canary-token" } }],
                contexts: [{ name: "east", context: { cluster: "east", user: "dr" } }],
                "current-context": "east",
            }),
        );
        const { stdout } = await promisify(execFile)(
            process.execPath,
            ["--import", "tsx", path.join(__dirname, "tlsClient.ts"), String(port), verification, kubeconfig],
            { env: { ...process.env, NODE_TLS_REJECT_UNAUTHORIZED: "0" } },
        );
        return JSON.parse(stdout) as Record<string, string>;
    }

    it("are no reason for any client to make a request", async () => {
        const outcomes = await callAll("verify");
        assert.deepEqual(Object.keys(outcomes), ["ontap", "s3", "kubernetes", "watch"]);
        assert.deepEqual(reached, []);
        assert.match(outcomes["ontap"]!, /presents a certificate that is not the declared one/);
        assert.match(outcomes["kubernetes"]!, /does not answer .*self-signed certificate/);
    });

    it("are asked where the configuration itself says not to verify: what the test above sees is verification", async () => {
        await callAll("none");
        for (const client of [
            /^\/api\/cluster/,
            /^\/bucket\/s3/,
            /^\/api\/v1/,
            /fieldSelector=metadata.name%3Dwatch/,
        ]) {
            assert.ok(
                reached.some((request) => client.test(request)),
                `${String(client)}: ${reached.join(", ")}`,
            );
        }
    });
});
