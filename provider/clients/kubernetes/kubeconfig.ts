import { KubeConfig, type RequestContext, type User } from "@kubernetes/client-node";
import { kubeconfigPathProblem } from "../../support/kubeconfigPath";
import { Secrets } from "../../support/secrets";
import { KubernetesError } from "./errors";

/** Which cluster, as configuration says it. Default: the current context of `KUBECONFIG` or `~/.kube/config`. */
export interface ClusterReference {
    context?: string | undefined;
    /** Path of a kubeconfig file. */
    kubeconfig?: string | undefined;
}

type HttpsOptions = Parameters<KubeConfig["applyToHTTPSOptions"]>[0];

/**
 * A kubeconfig whose server's certificate is verified unless it says `insecure-skip-tls-verify` itself. The library's
 * own leaves it to the environment: NODE_TLS_REJECT_UNAUTHORIZED=0 would hand the credentials to anyone.
 */
class VerifyingKubeConfig extends KubeConfig {
    override async applySecurityAuthentication(context: RequestContext): Promise<void> {
        await super.applySecurityAuthentication(context);
        verify(context.getAgent());
    }

    override async applyToHTTPSOptions(options: HttpsOptions): Promise<void> {
        await super.applyToHTTPSOptions(options);
        verify(options.agent);
    }
}

/** A connection takes these options from its agent. */
function verify(agent: unknown): void {
    const { options } = (agent ?? {}) as { options?: { rejectUnauthorized?: boolean | undefined } };
    if (options !== undefined) {
        options.rejectUnauthorized ??= true;
    }
}

/** The kubeconfig of a site. No error shows anything of what is in it: it holds credentials. */
export function loadKubeConfig(site: string, { context, kubeconfig }: ClusterReference): KubeConfig {
    const fail = (message: string) =>
        new KubernetesError(`${site}: ${message}`, "unreachable", site, "read kubeconfig");
    const given = kubeconfig ?? process.env["KUBECONFIG"];
    const from = kubeconfig === undefined ? "KUBECONFIG" : "kubernetes.kubeconfig";
    const problem = given === undefined || given === "" ? undefined : kubeconfigPathProblem(given);
    if (problem !== undefined) {
        throw fail(`${from}: expected the path of a kubeconfig; found ${problem}`);
    }
    const config = new VerifyingKubeConfig();
    try {
        if (kubeconfig === undefined) {
            config.loadFromDefault();
        } else {
            config.loadFromFile(kubeconfig);
        }
    } catch (error) {
        throw fail(`its kubeconfig (${given ?? "the default one"}) ${whyUnreadable(error)}`);
    }
    if (context !== undefined) {
        if (config.getContextObject(context) === null) {
            const names = config.getContexts().map(({ name }) => name);
            throw fail(`the kubeconfig has no context "${context}"; found ${names.join(", ") || "none"}`);
        }
        config.setCurrentContext(context);
    }
    if (config.getCurrentCluster() === null) {
        throw fail(`its kubeconfig (${given ?? "the default one"}) names no cluster for its current context`);
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

/** What must not be printed of the kubeconfig's current user. */
export function secretsOf(config: KubeConfig): Secrets {
    const user = (config.getCurrentUser() ?? {}) as Partial<User>;
    const secrets = new Secrets([user.token, user.password, user.keyData]);
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
