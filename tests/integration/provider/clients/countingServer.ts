import { mkdtemp, readFile, rm } from "node:fs/promises";
import { createServer } from "node:https";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import path from "node:path";
import { writeKubeconfig } from "../../../../lab/kubernetes/kubeconfig";
import { Authority } from "../../../../lab/ontap";

interface Answer {
    status: number;
    body: unknown;
}

/** A server that counts what it is asked, and a kubeconfig that leads to it. */
export interface CountingServer {
    url: string;
    kubeconfig: string;
    /** The certificate of its authority, PEM. */
    certificate: string;
    /** `GET /path?query` of each request since the last `reset`. */
    readonly asked: readonly string[];
    /** Connections that were made since then. */
    readonly handshakes: number;
    reset(): void;
    close(): Promise<void>;
}

/** @param answer what it says to a request, as JSON */
export async function countingServer(answer: (method: string, target: string) => Answer): Promise<CountingServer> {
    const folder = await mkdtemp(path.join(tmpdir(), "counting-"));
    const authority = await Authority.create(folder, "test");
    const issue = (of: string) =>
        authority.issue(folder, of, { commonName: of, addresses: of === "server" ? ["127.0.0.1"] : [] });
    const [serving, user] = await Promise.all([issue("server"), issue("user")]);
    const [cert, key] = await Promise.all([readFile(serving.certFile), readFile(serving.keyFile)]);
    const counted = { asked: [] as string[], handshakes: 0 };
    const server = createServer({ cert, key }, ({ method = "", url: target = "" }, response) => {
        counted.asked.push(`${method} ${target}`);
        const { status, body } = answer(method, target);
        response.writeHead(status, { "content-type": "application/json" });
        response.end(JSON.stringify(body));
    });
    server.on("secureConnection", () => counted.handshakes++);
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    const url = `https://127.0.0.1:${(server.address() as AddressInfo).port}`;
    const kubeconfig = path.join(folder, "kubeconfig");
    await writeKubeconfig(kubeconfig, [
        { context: "a", cluster: "a", user: "a", server: url, caFile: authority.certFile, certificate: user },
    ]);
    return {
        url,
        kubeconfig,
        certificate: await readFile(authority.certFile, "utf8"),
        get asked() {
            return counted.asked;
        },
        get handshakes() {
            return counted.handshakes;
        },
        reset: () => Object.assign(counted, { asked: [], handshakes: 0 }),
        async close() {
            server.closeAllConnections();
            await new Promise((resolve) => server.close(resolve));
            await rm(folder, { recursive: true, force: true });
        },
    };
}
