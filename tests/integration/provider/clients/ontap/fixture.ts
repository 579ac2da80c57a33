import { mkdtemp, readFile, rm } from "node:fs/promises";
import type { IncomingMessage, ServerResponse } from "node:http";
import { createServer, type Server } from "node:https";
import type { AddressInfo } from "node:net";
import os from "node:os";
import path from "node:path";
import { OntapClient, type OntapClientOptions } from "../../../../../provider/clients/ontap";
import { selfSigned, type CertificateFiles } from "../../../../../lab/ontap";

/** A request as the scripted cluster saw it. */
export interface Seen {
    method: string;
    /** Path and query as they were sent, below `/api`. */
    url: string;
    authorization: string | undefined;
    headers: IncomingMessage["headers"];
    body: unknown;
}

/** What the scripted cluster answers: JSON or text; or nothing, ever; or a connection that breaks. */
export type Scripted =
    { status?: number; json?: unknown; text?: string; headers?: Record<string, string> } | "silence" | "reset";

export const testPassword = "canary-4f0c!pass word";

/** An https server that answers from a script: what a transport must cope with and no simulator does. */
export class ScriptedCluster {
    readonly seen: Seen[] = [];
    /** Most requests that were under way at once. */
    mostAtOnce = 0;
    private atOnce = 0;
    answer: (seen: Seen, index: number) => Scripted | Promise<Scripted> = () => ({ json: {} });

    private constructor(
        private readonly folder: string,
        private readonly server: Server,
        readonly certificate: string,
    ) {
        server.on("request", (request, response) => void this.serve(request, response));
    }

    static async start(
        make: (folder: string) => Promise<CertificateFiles> = anonymousCertificate,
    ): Promise<ScriptedCluster> {
        const folder = await mkdtemp(path.join(os.tmpdir(), "ontap-fixture-"));
        const { certFile, keyFile } = await make(folder);
        const cert = await readFile(certFile, "utf8");
        const server = createServer({ cert, key: await readFile(keyFile, "utf8") });
        await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
        return new ScriptedCluster(folder, server, cert);
    }

    get url(): string {
        return `https://127.0.0.1:${(this.server.address() as AddressInfo).port}`;
    }

    async stop(): Promise<void> {
        const closed = new Promise((resolve) => this.server.close(resolve));
        this.server.closeAllConnections();
        await closed;
        await rm(this.folder, { recursive: true, force: true });
    }

    /** A client with pauses of milliseconds. */
    client(options: Partial<OntapClientOptions> = {}): OntapClient {
        return new OntapClient({
            site: "east",
            endpoint: { url: this.url, certificate: this.certificate },
            credentials: { username: "product", password: testPassword },
            pauses: { transport: 5, short: 5, long: 5, job: 5 },
            ...options,
        });
    }

    private async serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
        this.mostAtOnce = Math.max(this.mostAtOnce, ++this.atOnce);
        response.on("close", () => this.atOnce--);
        let text = "";
        for await (const chunk of request) {
            text += String(chunk);
        }
        const seen: Seen = {
            method: request.method ?? "",
            url: (request.url ?? "").replace(/^\/api/, ""),
            authorization: request.headers.authorization,
            headers: request.headers,
            body: text === "" ? undefined : JSON.parse(text),
        };
        this.seen.push(seen);
        const answer = await this.answer(seen, this.seen.length - 1);
        if (answer === "silence") {
            return;
        }
        if (answer === "reset") {
            request.socket.destroy();
            return;
        }
        response.writeHead(answer.status ?? 200, { "content-type": "application/hal+json", ...answer.headers });
        response.end(answer.text ?? JSON.stringify(answer.json ?? {}));
    }
}

/** As an array has it when it is new: a common name, and no address at all. */
export function anonymousCertificate(folder: string): Promise<CertificateFiles> {
    return selfSigned(folder, "ontap", { commonName: "factory-cluster" });
}

export const clusterAnswer = {
    name: "cluster-east",
    uuid: "c1",
    version: { full: "9.16.1", generation: 9, major: 16, minor: 1 },
};
