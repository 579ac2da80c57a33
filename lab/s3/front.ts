import {
    createServer as createHttpServer,
    type IncomingMessage,
    request as httpRequest,
    type Server,
    type ServerResponse,
} from "node:http";
import { createServer, request } from "node:https";
import { type AddressInfo, connect, type Socket } from "node:net";
import { buffer } from "node:stream/consumers";
import type { TLSSocket } from "node:tls";
import { authorizationOf, parseAuthorization, signatureOf } from "./signature";

/** In which ways the server of a bucket is not like Amazon's; by default it is. */
export interface FrontBehaviour {
    /** `unknown`: a conditional write is answered with 501. `ignored`: it writes whatever is there. */
    conditions?: "unknown" | "ignored";
    /** Where the bucket is: a request that is signed for another region is redirected there. */
    region?: string;
    /** How many requests are answered with 503 SlowDown before one is served. */
    busy?: number;
    /** Whether it accepts only connections of {@link S3Proxy}. */
    behindProxy?: boolean;
    /** Refuses every request with 403. */
    refuses?: boolean;
}

interface Upstream {
    /** `host:port`, TLS. */
    endpoint: string;
    accessKey: string;
    secretKey: string;
    /** PEM. */
    ca: string;
}

/** The source address by which a server knows the proxy. */
const proxyAddress = "127.0.0.2";

/** The region that the server behind it signs for. */
const upstreamRegion = "us-east-1";

/** Stands before a bucket's server, verifies each request as that would, and behaves as servers in the field do. */
export class S3Front {
    /** What was asked: `GET /bucket/key`, and what was answered. */
    readonly requests: { call: string; status: number }[] = [];
    private busyFor: number;

    private constructor(
        private readonly server: Server,
        private readonly upstream: Upstream,
        private behaviour: FrontBehaviour,
    ) {
        this.busyFor = behaviour.busy ?? 0;
    }

    /** @param tls certificate and key that the server presents, PEM */
    static async start(
        upstream: Upstream,
        tls: { cert: string; key: string },
        behaviour: FrontBehaviour = {},
    ): Promise<S3Front> {
        const server = createServer(tls);
        const front = new S3Front(server, upstream, behaviour);
        server.on("connection", (socket: Socket) => {
            if (front.behaviour.behindProxy === true && socket.remoteAddress !== proxyAddress) {
                socket.destroy();
            }
        });
        server.on("request", (message, response) => void front.serve(message, response));
        await listening(server);
        return front;
    }

    get endpoint(): string {
        return `127.0.0.1:${portOf(this.server)}`;
    }

    behave(behaviour: FrontBehaviour): void {
        this.behaviour = behaviour;
        this.busyFor = behaviour.busy ?? 0;
        if (behaviour.behindProxy === true) {
            // A connection from before would get past the wall.
            this.server.closeIdleConnections();
        }
    }

    stop(): Promise<void> {
        return stopped(this.server);
    }

    private async serve(message: IncomingMessage, response: ServerResponse): Promise<void> {
        const body = await buffer(message).catch(() => undefined);
        if (body === undefined) {
            return;
        }
        const answered = (status: number) => this.requests.push({ call: `${message.method} ${message.url}`, status });
        const refusal = this.refusalOf(message);
        if (refusal !== undefined) {
            answered(refusal.status);
            refuse(response, refusal);
            return;
        }
        this.forward(message, body, response, answered);
    }

    private refusalOf(message: IncomingMessage): Refusal | undefined {
        const { region = upstreamRegion, conditions, refuses } = this.behaviour;
        const authorization = parseAuthorization(message.headers.authorization);
        if (authorization === undefined || refuses === true) {
            return { status: 403, code: "AccessDenied" };
        }
        if (this.busyFor > 0) {
            this.busyFor--;
            return { status: 503, code: "SlowDown" };
        }
        if (authorization.region !== region) {
            return { status: 301, code: "PermanentRedirect", headers: { "x-amz-bucket-region": region } };
        }
        if (!this.isSigned(message)) {
            return { status: 403, code: "SignatureDoesNotMatch" };
        }
        return message.headers["if-none-match"] !== undefined && message.method === "PUT" && conditions === "unknown"
            ? { status: 501, code: "NotImplemented" }
            : undefined;
    }

    private isSigned({ headers, method = "", url = "" }: IncomingMessage): boolean {
        const { accessKey, region, signedHeaders, signature } = parseAuthorization(headers.authorization)!;
        const signed = Object.fromEntries(signedHeaders.map((name) => [name, String(headers[name] ?? "")]));
        const time = String(headers["x-amz-date"]);
        const payload = String(headers["x-amz-content-sha256"]);
        const expected = signatureOf({ method, url, headers: signed, payload, time, region }, this.upstream.secretKey);
        return accessKey === this.upstream.accessKey && signature === expected;
    }

    private forward(
        { headers, method = "", url = "" }: IncomingMessage,
        body: Buffer,
        response: ServerResponse,
        answered: (status: number) => void,
    ): void {
        const { endpoint, accessKey, secretKey, ca } = this.upstream;
        const [host, port] = endpoint.split(":");
        const { authorization: _, "x-amz-security-token": _token, expect: _expect, connection: _c, ...kept } = headers;
        if (this.behaviour.conditions === "ignored") {
            delete kept["if-none-match"];
        }
        const time = new Date().toISOString().replace(/[-:]|\.\d+/g, "");
        const payload = "UNSIGNED-PAYLOAD";
        const onwards = { ...kept, host: endpoint, "x-amz-content-sha256": payload, "x-amz-date": time };
        // A server refuses a header of S3 that is not signed.
        const mustBeSigned = Object.entries(onwards).filter(([name]) => name === "host" || name.startsWith("x-amz-"));
        const signed = Object.fromEntries(mustBeSigned.map(([name, value]) => [name, String(value)]));
        const toSign = { method, url, headers: signed, payload, time, region: upstreamRegion };
        const authorization = authorizationOf(toSign, accessKey, secretKey);
        const onward = request(
            { host, port, method, path: url, ca, headers: { ...onwards, authorization } },
            (answer) => {
                answered(answer.statusCode ?? 0);
                response.writeHead(answer.statusCode ?? 502, answer.headers);
                answer.pipe(response);
            },
        );
        onward.on("error", () => {
            answered(502);
            refuse(response, { status: 502, code: "BadGateway" });
        });
        onward.end(body);
    }
}

/** A proxy that tunnels, and forwards what is not encrypted; servers know it by its own address. */
export class S3Proxy {
    /** Where it was asked to connect to: `host:port`. */
    readonly targets: string[] = [];

    private constructor(private readonly server: Server) {}

    static async start(): Promise<S3Proxy> {
        const server = createHttpServer();
        const proxy = new S3Proxy(server);
        server.on("connect", (message: IncomingMessage, client: Socket) => proxy.tunnel(message.url ?? "", client));
        server.on("request", (message, response) => proxy.pass(message, response));
        await listening(server);
        return proxy;
    }

    get url(): string {
        return `http://127.0.0.1:${portOf(this.server)}`;
    }

    stop(): Promise<void> {
        return stopped(this.server);
    }

    private tunnel(target: string, client: Socket): void {
        this.targets.push(target);
        const [host, port] = target.split(":");
        const server = connect({ host: host!, port: Number(port), localAddress: proxyAddress });
        server.once("connect", () => {
            client.write("HTTP/1.1 200 Connection established\r\n\r\n");
            server.pipe(client).pipe(server);
        });
        // As a proxy does whose destination is gone.
        server.once("error", () => client.end("HTTP/1.1 502 Bad Gateway\r\n\r\n"));
        client.once("error", () => server.destroy());
        client.once("close", () => server.destroy());
    }

    private pass(message: IncomingMessage, response: ServerResponse): void {
        const { host, hostname, port, pathname, search } = new URL(message.url ?? "", "http://none");
        this.targets.push(host);
        const { method, headers } = message;
        const onward = httpRequest(
            { hostname, port, path: pathname + search, method, headers, localAddress: proxyAddress },
            (answer) => {
                response.writeHead(answer.statusCode ?? 502, answer.headers);
                answer.pipe(response);
            },
        );
        onward.on("error", () => refuse(response, { status: 502, code: "BadGateway" }));
        message.pipe(onward);
    }
}

interface Refusal {
    status: number;
    code: string;
    headers?: Record<string, string>;
}

function refuse(response: ServerResponse, { status, code, headers = {} }: Refusal): void {
    response.writeHead(status, { "content-type": "application/xml", ...headers });
    response.end(`<?xml version="1.0"?><Error><Code>${code}</Code><Message>${code}</Message></Error>`);
}

function portOf(server: Server): number {
    return (server.address() as AddressInfo).port;
}

async function listening(server: Server): Promise<void> {
    const sockets = new Set<Socket>();
    socketsOf.set(server, sockets);
    server.on("connection", (socket: Socket) => {
        sockets.add(socket);
        socket.once("close", () => sockets.delete(socket));
    });
    server.on("clientError", (_error, socket: Socket | TLSSocket) => socket.destroy());
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
}

async function stopped(server: Server): Promise<void> {
    const closed = new Promise((resolve) => server.close(resolve));
    socketsOf.get(server)?.forEach((socket) => socket.destroy());
    await closed;
}

/** Of each server, tunnels included, which it does not count as its own any more. */
const socketsOf = new WeakMap<Server, Set<Socket>>();
