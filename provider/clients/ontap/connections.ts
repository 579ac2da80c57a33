import { Agent, type AgentOptions } from "node:https";
import type { Duplex } from "node:stream";
import { checkServerIdentity, type PeerCertificate } from "node:tls";
import pLimit, { type Limit } from "p-limit";
import { Kept } from "../../support/kept";
import { withTracedConnections } from "../../support/tracedConnections";
import { certificatesOf, type OntapClientCertificate, type OntapEndpoint } from "./endpoint";
import { connectTimeout } from "./networkCodes";

/** Requests at one cluster at once, from this process. ONTAP publishes no limit; its own clients stay at 6 to 8. */
const mostRequestsAtOnce = 6;

/** What all the clients of one cluster in this process share. */
export interface Connection {
    agent: Agent;
    limit: Limit;
}

const connections = new Kept<Connection>();
const limits = new Kept<Limit>();

/**
 * The connection to an endpoint, for the life of the process: one for each endpoint, certificate, time to connect, and
 * account that is proved by a client certificate.
 */
export function connectionTo(
    endpoint: OntapEndpoint,
    connectMilliseconds: number,
    account?: OntapClientCertificate,
): Connection {
    const { url, certificate, verification } = endpoint;
    const identity = [
        url,
        certificate,
        verification,
        connectMilliseconds,
        account?.clientCertificate,
        account?.clientKey,
    ];
    const { host, origin } = new URL(url);
    return connections.get(identity, () => {
        const agent = new PatientAgent({ ...agentOptions(endpoint), ...presented(account), connectMilliseconds });
        return {
            agent: withTracedConnections(agent, "array", host),
            limit: limits.get(origin, () => pLimit(mostRequestsAtOnce)),
        };
    });
}

function presented(account: OntapClientCertificate | undefined): AgentOptions {
    return account === undefined ? {} : { cert: account.clientCertificate, key: account.clientKey };
}

function agentOptions(endpoint: OntapEndpoint): AgentOptions {
    const options: AgentOptions = {
        keepAlive: true,
        maxSockets: mostRequestsAtOnce,
        // Said in either case: else NODE_TLS_REJECT_UNAUTHORIZED decides.
        rejectUnauthorized: endpoint.verification !== "none",
    };
    if (endpoint.verification === "none" || endpoint.certificate === undefined) {
        return options;
    }
    const pinned = certificatesOf(endpoint.certificate).map((certificate) => certificate.fingerprint256);
    return {
        ...options,
        ca: endpoint.certificate,
        // The very certificate that was declared needs no matching name; one that a declared CA signed does.
        checkServerIdentity: (host: string, certificate: PeerCertificate) =>
            pinned.includes(certificate.fingerprint256) ? undefined : checkServerIdentity(host, certificate),
    };
}

/**
 * An agent that gives up on a connection whose TLS handshake is not done in time. A host that is frozen accepts TCP
 * connections and then says nothing: the time-out of an HTTP client alone could not tell whether anything was sent.
 */
class PatientAgent extends Agent {
    private readonly connectMilliseconds: number;

    constructor({ connectMilliseconds, ...options }: AgentOptions & { connectMilliseconds: number }) {
        super(options);
        this.connectMilliseconds = connectMilliseconds;
    }

    override createConnection(...args: Parameters<Agent["createConnection"]>): Duplex | null | undefined {
        const socket = super.createConnection(...args);
        if (socket) {
            const timer = setTimeout(() => {
                const seconds = this.connectMilliseconds / 1000;
                const error = new Error(`no connection within ${seconds} s`);
                socket.destroy(Object.assign(error, { code: connectTimeout }));
            }, this.connectMilliseconds);
            const settled = () => clearTimeout(timer);
            socket.once("secureConnect", settled).once("close", settled);
        }
        return socket;
    }
}
