import type { Agent as HttpAgent } from "node:http";
import { Agent, type AgentOptions } from "node:https";
import { type Cluster, KubeConfig, type RequestContext, type User } from "@kubernetes/client-node";
import { Kept } from "../../support/kept";
import { kubeconfigPathProblem } from "../../support/kubeconfigPath";
import { Secrets } from "../../support/secrets";
import { span } from "../../support/trace";
import { withTracedConnections } from "../../support/tracedConnections";
import { environmentProxy } from "./environmentProxy";
import { KubernetesError } from "./errors";
import { defaultPace, type Pace } from "./pace";
import type { ClusterReference } from "./reference";

type HttpsOptions = Parameters<KubeConfig["applyToHTTPSOptions"]>[0];

/** Milliseconds after which an idle connection is not used again: a load balancer may have forgotten it. */
const idle = 4_000;

const agents = new Kept<HttpAgent>();

/**
 * A kubeconfig as the library reads it, with four differences. The server's certificate is verified unless it says
 * `insecure-skip-tls-verify` itself: the library's own leaves it to the environment, and NODE_TLS_REJECT_UNAUTHORIZED=0
 * would hand the credentials to anyone. No redirect leads to another address, which would get them as well. A
 * credential plugin that hangs is not waited for forever. And requests share connections: the library makes a new one
 * for each.
 */
class CarefulKubeConfig extends KubeConfig {
    constructor(private readonly pluginTimeout: number) {
        super();
    }

    override async applySecurityAuthentication(context: RequestContext): Promise<void> {
        await this.limited(super.applySecurityAuthentication(context));
        context.setAgent(this.careful(context.getAgent() as HttpAgent | undefined));
    }

    override async applyToHTTPSOptions(options: HttpsOptions): Promise<void> {
        await this.limited(super.applyToHTTPSOptions(options));
        options.agent = this.careful(options.agent as HttpAgent | undefined);
    }

    /** A connection takes its options from its agent. One that leads through a proxy is not kept. */
    private careful(made: HttpAgent | undefined): HttpAgent {
        const { server } = this.getCurrentCluster()!;
        const agent = (made ?? new Agent()) as RestrictedAgent;
        agent.options.rejectUnauthorized ??= true;
        const kind: unknown = agent.constructor;
        if (kind !== Agent) {
            return this.traced(stayAt(new URL(server), agent));
        }
        const { ca, cert, key, pfx, passphrase, servername, rejectUnauthorized } = agent.options;
        const tls = { ca, cert, key, pfx, passphrase, servername, rejectUnauthorized };
        return agents.get({ server, tls }, () => {
            const kept = new Agent({ ...agent.options, keepAlive: true, timeout: idle }) as RestrictedAgent;
            return this.traced(stayAt(new URL(server), kept));
        });
    }

    private traced(agent: HttpAgent): HttpAgent {
        return withTracedConnections(agent, "kubernetes", serverOf(this));
    }

    private async limited(applied: Promise<void>): Promise<void> {
        const plugin = this.getCurrentUser()?.exec as { command?: string } | undefined;
        if (plugin === undefined) {
            return applied;
        }
        let timer: NodeJS.Timeout | undefined;
        const late = new Promise<never>((_, reject) => {
            timer = setTimeout(
                () =>
                    reject(
                        new Error(
                            `the kubeconfig's credential plugin ${plugin.command ?? ""} did not end within ${this.pluginTimeout / 1000} s`,
                        ),
                    ),
                this.pluginTimeout,
            );
        });
        const ended = Promise.race([applied, late]).finally(() => clearTimeout(timer));
        return span(`credential plugin ${plugin.command ?? ""}`, "wait", {}, () => ended);
    }
}

/** What of an agent is used here; each request goes through `addRequest`, also one that follows a redirect. */
type RestrictedAgent = HttpAgent & {
    options: AgentOptions;
    addRequest(request: unknown, options: { host?: string; hostname?: string; port?: number | string }): void;
};

function stayAt(server: URL, agent: RestrictedAgent): HttpAgent {
    const { addRequest } = agent;
    const own = addressOf(server.hostname, server.port, server.protocol);
    agent.addRequest = function (request, options) {
        if (addressOf(options.hostname ?? options.host ?? "", options.port ?? "", server.protocol) !== own) {
            throw new Error("it answers with a redirect to another address, which is not followed");
        }
        addRequest.call(this, request, options);
    };
    return agent;
}

function addressOf(host: string, port: number | string, protocol: string): string {
    const name = host.replace(/^\[|\]$/g, "").toLowerCase();
    return `${name} ${port === "" ? (protocol === "http:" ? 80 : 443) : port}`;
}

/** The kubeconfig of a site. No error shows anything of what is in it: it holds credentials. */
export function loadKubeConfig(
    site: string,
    { context, kubeconfig, fromConfig, contents }: ClusterReference,
    { plugin: pluginTimeout }: Pick<Pace, "plugin"> = defaultPace,
): KubeConfig {
    const fail = (message: string) =>
        new KubernetesError(`${site}: ${message}`, "unreachable", site, "read kubeconfig");
    if (fromConfig === true && contents === undefined) {
        throw fail("its kubeconfig is said to be in the stack's configuration, and is not there");
    }
    const given = contents === undefined ? (kubeconfig ?? process.env["KUBECONFIG"]) : undefined;
    const told = contents === undefined ? (given ?? "the default one") : "the configured one";
    const from = kubeconfig === undefined ? "KUBECONFIG" : "kubernetes.kubeconfig";
    const problem = given === undefined || given === "" ? undefined : kubeconfigPathProblem(given);
    if (problem !== undefined) {
        throw fail(`${from}: expected the path of a kubeconfig; found ${problem}`);
    }
    const config = new CarefulKubeConfig(pluginTimeout);
    try {
        if (contents !== undefined) {
            config.loadFromString(contents);
        } else if (kubeconfig === undefined) {
            config.loadFromDefault();
        } else {
            config.loadFromFile(kubeconfig);
        }
    } catch (error) {
        throw fail(`its kubeconfig (${told}) ${whyUnreadable(error)}`);
    }
    if (context !== undefined) {
        if (config.getContextObject(context) === null) {
            const names = config.getContexts().map(({ name }) => name);
            throw fail(`the kubeconfig has no context "${context}"; found ${names.join(", ") || "none"}`);
        }
        config.setCurrentContext(context);
    }
    const cluster = config.getCurrentCluster();
    if (cluster === null) {
        throw fail(`its kubeconfig (${told}) names no cluster for its current context`);
    }
    return withProxy(config, cluster);
}

/** The library knows the proxy that a kubeconfig names, and none that the environment does. */
function withProxy(config: KubeConfig, cluster: Cluster): KubeConfig {
    const proxyUrl = cluster.proxyUrl ?? environmentProxy(cluster.server);
    if (proxyUrl !== undefined) {
        config.clusters = config.clusters.map((one) => (one.name === cluster.name ? { ...one, proxyUrl } : one));
    }
    return config;
}

/** In our own words: those of the parser repeat what they are about. */
function whyUnreadable(error: unknown): string {
    switch ((error as NodeJS.ErrnoException).code) {
        case "ENOENT":
            return "does not exist";
        case "EACCES":
        case "EPERM":
            return "cannot be read: permission denied";
        case "EISDIR":
            return "is a directory";
        default:
            return "cannot be read: expected a kubeconfig in YAML with clusters, users and contexts";
    }
}

/** `host:port` of the API server; nothing else of its URL. */
export function serverOf(config: KubeConfig): string {
    const { server = "" } = config.getCurrentCluster() ?? {};
    return URL.canParse(server) ? new URL(server).host : "";
}

/** What must not be printed of the kubeconfig's current user. */
export function secretsOf(config: KubeConfig): Secrets {
    const user = (config.getCurrentUser() ?? {}) as Partial<User>;
    const { proxyUrl = "" } = config.getCurrentCluster() ?? {};
    const proxyPassword = URL.canParse(proxyUrl) ? decodeURIComponent(new URL(proxyUrl).password) : "";
    const secrets = new Secrets([user.token, user.password, user.keyData, proxyPassword || undefined]);
    if (user.keyData !== undefined) {
        secrets.keep(Buffer.from(user.keyData, "base64").toString("utf8"));
    }
    if (user.username !== undefined) {
        secrets.keep(Buffer.from(`${user.username}:${user.password}`).toString("base64"));
    }
    for (const value of Object.values((user.authProvider as { config?: object } | undefined)?.config ?? {})) {
        // Tokens, among names and addresses that nobody need see either.
        secrets.keep(typeof value === "string" && value.length >= shortestToken ? value : undefined);
    }
    return secrets;
}

const shortestToken = 20;

/** Hides what a request is authorised by: a plugin's token is in no kubeconfig. */
export function keepAuthorization(secrets: Secrets, headers: Readonly<Record<string, string>>): void {
    const authorization = Object.entries(headers).find(([name]) => name.toLowerCase() === "authorization")?.[1];
    secrets.keep(authorization?.replace(/^\S+\s+/, ""));
}
