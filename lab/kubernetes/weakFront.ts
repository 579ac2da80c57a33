import { readFile } from "node:fs/promises";
import { type IncomingMessage, request as sendRequest, type RequestOptions, type ServerResponse } from "node:http";
import { Agent, createServer, request as sendSecurely, type Server } from "node:https";
import type { AddressInfo, Socket } from "node:net";
import type { CertificateFiles } from "../ontap";

/** How the API server behind the front seems to behave. */
export interface Weakness {
    /**
     * Of how many requests one is answered with 503, as while the store's leader changes; 1: all of them. Watches are
     * requests as well.
     */
    unavailableEvery?: number;
    /** Of how many requests one is turned away with 429 and `Retry-After: 1`. */
    busyEvery?: number;
    /** Of how many requests one loses its connection before there is an answer. */
    resetEvery?: number;
    /**
     * `end`: a watch is accepted and ends at once. `silent`: it is accepted, and nothing ever comes. `gone`: its only event
     * is 410 Gone. Default: watches work.
     */
    watches?: "end" | "silent" | "gone";
    /** No connection is accepted, as while the API server restarts. */
    down?: boolean;
    /** Where every request is redirected to, with 307. */
    redirect?: string;
    /** Which requests are disturbed by all of the above but `down`: `GET <path> <user agent>`. Default: every one. */
    only?: RegExp;
    /** Writes that take long, as where a webhook is slow: those whose path matches. */
    slowWrites?: { path: RegExp; milliseconds: number };
}

/** What is between the front and the API server. */
export interface FrontOptions {
    /** URL of the API server. */
    server: string;
    /** Authority that vouches for it. */
    caFile: string;
    /** What the front is known by, to its clients. */
    serving: CertificateFiles;
    /** Authority of the clients; nobody else is let in. */
    clientCaFile: string;
    /** The client's own certificate and key, with which the front makes its client's requests. */
    client: CertificateFiles;
    port?: number;
}

/**
 * Stands in front of a real API server and makes it weak: what is not disturbed is the API server's own answer. One user's
 * requests go through one front.
 */
export class WeakFront {
    /** May be changed at any time; holds from the next request on. */
    weakness: Weakness = {};
    /** Requests so far, `GET /api/v1/...`, disturbed ones included. */
    readonly seen: string[] = [];
    private readonly turns = { unavailable: 0, busy: 0, reset: 0 };

    private constructor(
        private readonly front: Server,
        private readonly behind: URL,
        private readonly agent: Agent,
    ) {}

    static async start(options: FrontOptions): Promise<WeakFront> {
        const files = [options.serving.certFile, options.serving.keyFile, options.clientCaFile, options.caFile];
        const [cert, key, clientCa, ca] = await Promise.all(files.map((file) => readFile(file)));
        const [clientCert, clientKey] = await Promise.all(
            [options.client.certFile, options.client.keyFile].map((file) => readFile(file)),
        );
        const server = createServer({ cert, key, ca: clientCa, requestCert: true, rejectUnauthorized: true });
        const agent = new Agent({ ca, cert: clientCert, key: clientKey, keepAlive: true });
        const front = new WeakFront(server, new URL(options.server), agent);
        server.on("connection", (socket: Socket) => {
            if (front.weakness.down === true) {
                socket.destroy();
            }
        });
        server.on("request", (request: IncomingMessage, response: ServerResponse) => front.handle(request, response));
        await new Promise<void>((resolve) => server.listen(options.port ?? 0, "127.0.0.1", resolve));
        return front;
    }

    get url(): string {
        return `https://127.0.0.1:${(this.front.address() as AddressInfo).port}`;
    }

    /** Cuts what is open and accepts nothing until `up`. */
    goDown(): void {
        this.weakness = { ...this.weakness, down: true };
        this.front.closeAllConnections();
    }

    up(): void {
        this.weakness = { ...this.weakness, down: false };
    }

    async stop(): Promise<void> {
        const closed = new Promise((resolve) => this.front.close(resolve));
        this.front.closeAllConnections();
        this.agent.destroy();
        await closed;
    }

    private handle(request: IncomingMessage, response: ServerResponse): void {
        this.seen.push(`${request.method} ${request.url}`);
        const agent = request.headers["user-agent"] ?? "";
        const isDisturbed = this.weakness.only?.test(`${request.method} ${request.url} ${agent}`) ?? true;
        const { slowWrites } = this.weakness;
        const weakness = isDisturbed ? this.weakness : {};
        const isWatch = /[?&]watch=(true|1)/.test(request.url ?? "");
        // A connection whose handshake was under way when it went down was not cut.
        if (this.weakness.down === true || this.isTurn("reset", weakness.resetEvery)) {
            request.socket.destroy();
        } else if (weakness.redirect !== undefined) {
            response.writeHead(307, { location: `${weakness.redirect}${request.url}` }).end();
        } else if (this.isTurn("unavailable", weakness.unavailableEvery)) {
            answer(response, 503, "ServiceUnavailable", "etcdserver: leader changed");
        } else if (this.isTurn("busy", weakness.busyEvery)) {
            response.setHeader("retry-after", "1");
            answer(response, 429, "TooManyRequests", "the server has received too many requests");
        } else if (isWatch && weakness.watches !== undefined) {
            watchBadly(response, weakness.watches);
        } else if (request.method !== "GET" && slowWrites?.path.test(request.url ?? "") === true) {
            setTimeout(() => this.forward(request, response), slowWrites.milliseconds);
        } else {
            this.forward(request, response);
        }
    }

    private isTurn(which: keyof WeakFront["turns"], every: number | undefined): boolean {
        return every !== undefined && ++this.turns[which] % every === 0;
    }

    private forward(request: IncomingMessage, response: ServerResponse): void {
        const send = this.behind.protocol === "https:" ? sendSecurely : sendRequest;
        const { host: _, ...headers } = request.headers;
        const options: RequestOptions = {
            method: request.method,
            hostname: this.behind.hostname,
            port: this.behind.port,
            path: request.url,
            headers,
            agent: this.agent,
        };
        const outgoing = send(options, (incoming) => {
            response.writeHead(incoming.statusCode ?? 502, incoming.headers);
            response.flushHeaders();
            incoming.pipe(response);
            incoming.on("error", () => response.destroy());
        });
        outgoing.on("error", () => response.destroy());
        response.on("close", () => outgoing.destroy());
        request.pipe(outgoing);
    }
}

/** The API server's own form of an error. */
function answer(response: ServerResponse, code: number, reason: string, message: string): void {
    response.writeHead(code, { "content-type": "application/json" }).end(JSON.stringify(status(code, reason, message)));
}

function watchBadly(response: ServerResponse, how: NonNullable<Weakness["watches"]>): void {
    response.writeHead(200, { "content-type": "application/json" });
    response.flushHeaders();
    if (how === "gone") {
        const object = status(410, "Expired", "too old resource version: 1 (2)");
        response.end(`${JSON.stringify({ type: "ERROR", object })}\n`);
    } else if (how === "end") {
        response.end();
    }
}

function status(code: number, reason: string, message: string) {
    return { kind: "Status", apiVersion: "v1", metadata: {}, status: "Failure", message, reason, code };
}
