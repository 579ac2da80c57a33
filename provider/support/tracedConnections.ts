import type { Agent } from "node:http";
import { Socket } from "node:net";
import type { Duplex } from "node:stream";
import { TLSSocket } from "node:tls";
import { isTraced, recordPast, type Target } from "./trace";

/**
 * The same agent. Each connection that it makes is a span of the trace: from its beginning until it can be used, after the
 * TLS handshake where there is one. Where nothing is traced, the agent is left as it is.
 *
 * @param server `host:port`, as in the spans of requests
 */
export function withTracedConnections<A extends Agent>(agent: A, target: Target, server: string): A {
    if (isTraced()) {
        traceConnections(agent, (began) => {
            recordPast(`connection to ${server}`, "connection", { target, server }, began);
        });
    }
    return agent;
}

/** An agent through a proxy hands its connection over later, by the callback. */
function traceConnections(agent: Agent, record: (began: number) => void): void {
    const { createConnection } = agent;
    agent.createConnection = function (options, callback) {
        const began = performance.timeOrigin + performance.now();
        const onReady = (stream: Duplex) => whenReady(stream, () => record(began));
        const made: typeof callback = (error, stream: Duplex | undefined) => {
            if (stream !== undefined && stream !== null) {
                onReady(stream);
            }
            callback?.(error, stream!);
        };
        const returned = createConnection.call(this, options, made);
        if (returned) {
            onReady(returned);
        }
        return returned;
    };
}

function whenReady(stream: Duplex, ready: () => void): void {
    if (stream instanceof TLSSocket) {
        stream.once("secureConnect", ready);
    } else if (stream instanceof Socket && stream.connecting) {
        stream.once("connect", ready);
    } else {
        ready();
    }
}
