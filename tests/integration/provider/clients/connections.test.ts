import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import { promisify } from "node:util";
import { countConnections } from "../../../../cli/trace/requests";
import type { Servers } from "./connecting";
import { type CountingServer, countingServer } from "./countingServer";

const secret = "a-secret-of-both-servers";

describe("the connections in the trace of a run", () => {
    let folder: string;
    let kubernetes: CountingServer, array: CountingServer, bucket: CountingServer;
    before(async () => {
        folder = mkdtempSync(path.join(os.tmpdir(), "connections-"));
        kubernetes = await countingServer(() => ({ status: 200, body: { metadata: { name: "one" } } }));
        array = await countingServer(() => ({ status: 200, body: { records: [], num_records: 0 } }));
        bucket = await countingServer(() => ({ status: 200, body: "found" }));
    });
    after(async () => {
        await Promise.all([kubernetes, array, bucket].map((server) => server?.close()));
        rmSync(folder, { recursive: true, force: true });
    });

    it("are the TLS handshakes that each server saw, and tell no secret", async () => {
        const file = path.join(folder, "trace.json");
        const host = ({ url }: CountingServer) => new URL(url).host;
        const servers: Servers = {
            kubeconfig: kubernetes.kubeconfig,
            array: { url: array.url, certificate: array.certificate },
            bucket: { endpoint: host(bucket), rootCA: bucket.certificate },
        };
        const program = path.join(__dirname, "connecting.ts");
        const environment = { SERVERS: JSON.stringify(servers), SECRET: secret, TRIDENT_DR_TRACE: file };
        await promisify(execFile)(process.execPath, ["--import", "tsx", program], {
            env: { PATH: process.env["PATH"], ...environment },
        });
        assert.deepEqual(
            countConnections(file).map(({ target, server, count }) => [target, server, count]),
            [
                ["array", host(array), array.handshakes],
                ["bucket", host(bucket), bucket.handshakes],
                ["kubernetes", host(kubernetes), kubernetes.handshakes],
            ],
        );
        assert.ok(array.handshakes > 1 && array.handshakes <= 6, `${array.handshakes} handshakes with the array`);
        assert.ok(!readFileSync(file, "utf8").includes(secret));
    });
});
