import { createHmac, timingSafeEqual } from "node:crypto";
import Fastify, { FastifyInstance } from "fastify";
import { Cluster } from "../cluster";
import { OntapFailure, PeerUnreachable } from "../errors";
import { interclusterPort } from "../options";
import { ClusterPeer } from "../state";

/** What one cluster asks of another; the answer is JSON, or bytes. */
type Handler = (body: never, from: ClusterPeer) => Promise<object | Buffer> | object | Buffer;

/** Proof of knowing a passphrase that does not show it. */
export function proof(passphrase: string, ...parts: string[]): string {
    return createHmac("sha256", passphrase).update(JSON.stringify(parts)).digest("hex");
}

export function proves(given: unknown, passphrase: string, ...parts: string[]): boolean {
    const expected = Buffer.from(proof(passphrase, ...parts));
    const found = Buffer.from(typeof given === "string" ? given : "");
    return found.length === expected.length && timingSafeEqual(found, expected);
}

interface Answer {
    failure?: { status: number; code: string; message: string };
    result?: unknown;
}

/**
 * The intercluster interface of one cluster, both ways: it calls peers and answers them. Every call has its own time-out,
 * since a frozen peer accepts connections and never answers, and is proved by the passphrase of the peering.
 */
export class Link {
    private readonly handlers = new Map<string, Handler>();
    private readonly server: FastifyInstance;
    /** Answers an introduction, which comes from a cluster that is no peer yet. */
    onHello: (body: never) => object = () => ({ accepted: false });

    /** @param timeout Real milliseconds that a call may take. Default: 30 seconds of the real world, and at least four. */
    constructor(
        private readonly cluster: Cluster,
        // Never so little that load breaks it.
        private readonly timeout: number = cluster.clock.scaled(30, 4000),
    ) {
        this.server = Fastify({ forceCloseConnections: true, bodyLimit: 64 * 2 ** 20 });
        this.server.addContentTypeParser("application/json", { parseAs: "string" }, (_request, body, done) =>
            done(null, body),
        );
        this.server.addHook("onRequest", async (request) => {
            if (this.isDown) {
                request.raw.socket.destroy();
            }
        });
        this.server.post<{ Params: { operation: string }; Body: string }>("/:operation", async (request, reply) => {
            const outcome = await this.answer(request.params.operation, request.body, request.headers);
            return Buffer.isBuffer(outcome)
                ? reply.header("content-type", "application/octet-stream").send(outcome)
                : reply.header("content-type", "application/json").send(JSON.stringify(outcome));
        });
    }

    get isDown(): boolean {
        return this.cluster.faults.stands("peerLinkDown") !== undefined;
    }

    handle(operation: string, handler: Handler): void {
        this.handlers.set(operation, handler);
    }

    async listen(): Promise<void> {
        await this.server.listen({ host: this.cluster.interclusterAddress, port: interclusterPort });
    }

    async close(): Promise<void> {
        await this.server.close();
    }

    /** The peer that is this cluster; throws PeerUnreachable when there is no accepted peering with it. */
    peer(clusterUuid: string): ClusterPeer {
        const peer = this.cluster.state.clusterPeers.find((one) => one.remote?.uuid === clusterUuid);
        if (peer?.authentication !== "ok") {
            throw new PeerUnreachable(`Failed to contact peer cluster: no authenticated peering with ${clusterUuid}.`);
        }
        return peer;
    }

    /** Calls a peer cluster for JSON or bytes. Throws PeerUnreachable, or the OntapFailure that the peer answered with. */
    async call<T>(clusterUuid: string, operation: string, body: object, signal?: AbortSignal): Promise<T> {
        const peer = this.peer(clusterUuid);
        try {
            const result = await this.post(peer.addresses, operation, body, peer.passphrase, signal);
            peer.status = "available";
            return result as T;
        } catch (error) {
            if (error instanceof PeerUnreachable && !signal?.aborted) {
                peer.status = "unavailable";
            }
            throw error;
        }
    }

    /** Sends one call to the first of some addresses that answers. */
    async post(
        addresses: string[],
        operation: string,
        body: object,
        passphrase: string,
        signal?: AbortSignal,
    ): Promise<unknown> {
        const text = JSON.stringify(body);
        let why = this.isDown ? "link down" : "no address";
        for (const address of this.isDown ? [] : addresses) {
            const limit = AbortSignal.timeout(this.timeout);
            let answer: Response;
            let bytes: Buffer;
            try {
                answer = await fetch(`http://${address}:${interclusterPort}/${operation}`, {
                    method: "POST",
                    body: text,
                    headers: {
                        "content-type": "application/json",
                        "x-cluster": this.cluster.identity.uuid,
                        "x-proof": proof(passphrase, operation, text),
                    },
                    signal: signal ? AbortSignal.any([limit, signal]) : limit,
                });
                bytes = Buffer.from(await answer.arrayBuffer());
                if (this.isDown) {
                    throw new Error("link down");
                }
            } catch (error) {
                why = limit.aborted ? "timed out" : reasonOf(error);
                if (signal?.aborted) {
                    break;
                }
                continue;
            }
            return unwrap(answer.headers.get("content-type"), bytes);
        }
        throw new PeerUnreachable(
            `Failed to contact peer cluster at addresses: ${addresses.join(", ")}. RPC: Remote system error [${why}]`,
        );
    }

    private async answer(operation: string, text: string, headers: Record<string, unknown>): Promise<Answer | Buffer> {
        try {
            const body = JSON.parse(text) as never;
            if (operation === "hello") {
                return { result: this.onHello(body) };
            }
            const from = this.cluster.state.clusterPeers.find((peer) => peer.remote?.uuid === headers["x-cluster"]);
            if (!from || !proves(headers["x-proof"], from.passphrase, operation, text)) {
                throw new OntapFailure(401, "6691623", "The intercluster call is not authenticated.");
            }
            const handler = this.handlers.get(operation);
            if (!handler) {
                throw new OntapFailure(400, "3", `Unknown intercluster operation ${operation}.`);
            }
            const result = await handler(body, from);
            await this.cluster.save();
            return Buffer.isBuffer(result) ? result : { result };
        } catch (error) {
            if (error instanceof OntapFailure) {
                return { failure: { status: error.status, code: error.code, message: error.message } };
            }
            return { failure: { status: 500, code: "13", message: reasonOf(error) } };
        }
    }
}

function unwrap(type: string | null, bytes: Buffer): unknown {
    if (type === "application/octet-stream") {
        return bytes;
    }
    const { failure, result } = JSON.parse(bytes.toString("utf8")) as Answer;
    if (failure) {
        throw new OntapFailure(failure.status, failure.code, failure.message);
    }
    return result;
}

function reasonOf(error: unknown): string {
    const cause = error instanceof Error && error.cause instanceof Error ? error.cause : error;
    return cause instanceof Error ? cause.message : String(cause);
}
