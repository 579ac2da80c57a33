import {
    type Configuration,
    createConfiguration,
    IsomorphicFetchHttpLibrary,
    type KubeConfig,
    KubernetesObjectApi,
    PatchStrategy,
    ServerConfiguration,
    wrapHttpLibrary,
    type RequestContext,
    type ResponseContext,
} from "@kubernetes/client-node";
import pLimit from "p-limit";
import type { Secrets } from "../../support/secrets";
import { limited } from "./answers";
import { isNotFound, KubernetesError, toKubernetesError } from "./errors";
import { type ClusterReference, keepAuthorization, loadKubeConfig, secretsOf } from "./kubeconfig";
import {
    describeObject,
    parseObject,
    pathOfObject,
    type Kind,
    type KubernetesObject,
    type ObjectName,
} from "./objects";
import { defaultPace, type Pace } from "./pace";
import { never, ofApply, ofDelete, ofRead, repeated, type Repeats } from "./repetition";
import { requestDocument } from "./documents";
import { waitUntil, type WaitOptions } from "./wait";
import { tracedRequest } from "./tracedRequest";
import { watchOnce } from "./watch";

export type { ClusterReference } from "./kubeconfig";
export type { Kind, KubernetesObject, ObjectName } from "./objects";
export type { WaitOptions } from "./wait";

const fieldManager = "pulumi-trident-dr";

/** Requests at a time: each has its own time, which begins when it is sent. */
const requestsAtOnce = 16;

/** Objects in one answer, and answers of one list; more are no application's. */
const objectsPerPage = 500;
const mostPages = 100;

/** The Kubernetes API of one site. */
export class Cluster {
    private readonly limit = pLimit(requestsAtOnce);

    private constructor(
        readonly site: string,
        private readonly config: KubeConfig,
        private readonly client: Configuration,
        private readonly api: KubernetesObjectApi,
        private readonly secrets: Secrets,
        private readonly pace: Pace,
    ) {}

    /** Reads the kubeconfig; makes no request yet. */
    static connect(site: string, reference: ClusterReference, pace: Pace = defaultPace): Cluster {
        const config = loadKubeConfig(site, reference, pace);
        const secrets = secretsOf(config);
        const client = clientConfiguration(site, config, secrets, pace);
        return new Cluster(site, config, client, new KubernetesObjectApi(client), secrets, pace);
    }

    /** The object, or undefined when there is none. */
    get(kind: Kind, name: ObjectName): Promise<KubernetesObject | undefined> {
        return this.read(kind, name, ofRead);
    }

    /** What the server publishes of itself, such as `/version`: no object. */
    document(path: string): Promise<unknown> {
        return this.call(`get ${path}`, ofRead, () => requestDocument(this.client, "GET", path));
    }

    /**
     * What the server answers to a question that it keeps nothing of, such as a review of the own rights. Asked once.
     *
     * @param budget milliseconds
     */
    ask(path: string, body: unknown, budget: number): Promise<unknown> {
        return this.call(`post ${path}`, never, () =>
            requestDocument(this.client, "POST", path, { body, signal: AbortSignal.timeout(budget) }),
        );
    }

    async list(kind: Kind, namespace: string): Promise<KubernetesObject[]> {
        const call = `list ${kind.plural} in ${namespace}`;
        try {
            return await this.allPages(kind, namespace, call);
        } catch (error) {
            if (error instanceof KubernetesError && error.kind === "expired") {
                // The server has forgotten the state that later pages are of.
                return this.allPages(kind, namespace, call);
            }
            throw error;
        }
    }

    /** Server-side apply: states these fields, and leaves others to their owners. */
    async apply(object: KubernetesObject): Promise<KubernetesObject> {
        const answer = await this.call(`apply ${object.kind} ${pathOfObject(object)}`, ofApply, () =>
            this.api.patch(toApi(object), undefined, undefined, fieldManager, true, PatchStrategy.ServerSideApply),
        );
        return parseObject(object, answer);
    }

    async create(object: KubernetesObject): Promise<KubernetesObject> {
        const answer = await this.call(`create ${object.kind} ${pathOfObject(object)}`, never, () =>
            this.api.create(toApi(object), undefined, undefined, fieldManager),
        );
        return parseObject(object, answer);
    }

    /**
     * JSON merge patch; a field that is null is removed.
     *
     * @param dryRun lets the server validate the patch, webhooks included, and change nothing
     */
    async patch(
        kind: Kind,
        name: ObjectName,
        change: Record<string, unknown>,
        { dryRun = false }: { dryRun?: boolean } = {},
    ): Promise<KubernetesObject> {
        const answer = await this.call(`patch ${describeObject(kind, name)}`, dryRun ? ofRead : never, () =>
            this.api.patch(
                { ...header(kind, name), ...change },
                undefined,
                dryRun ? "All" : undefined,
                fieldManager,
                undefined,
                PatchStrategy.MergePatch,
            ),
        );
        return parseObject(kind, answer);
    }

    /** Asks for deletion; that an object is already gone is no error. */
    async delete(kind: Kind, name: ObjectName): Promise<void> {
        try {
            await this.call(`delete ${describeObject(kind, name)}`, ofDelete, () =>
                this.api.delete(header(kind, name)),
            );
        } catch (error) {
            if (!isNotFound(error)) {
                throw error;
            }
        }
    }

    /**
     * Watches one object until `reached` accepts it (undefined while there is none), and returns it.
     * Throws what `reached` throws, and an error that says what was last seen when the deadline passes.
     */
    waitFor(
        kind: Kind,
        name: ObjectName,
        what: string,
        reached: (object: KubernetesObject | undefined) => boolean,
        options: WaitOptions,
    ): Promise<KubernetesObject | undefined> {
        const { site, config, redact, pace } = this;
        const read = () => this.read(kind, name, never);
        const watch = (from: KubernetesObject | undefined, signal: AbortSignal) =>
            watchOnce({ site, config, kind, name, reached, read, signal, redact, pace }, from);
        return waitUntil({ site, kind, name, what, reached, read, watch }, options, pace);
    }

    private async read(kind: Kind, name: ObjectName, repeats: Repeats): Promise<KubernetesObject | undefined> {
        try {
            const answer = await this.call(`get ${describeObject(kind, name)}`, repeats, () =>
                this.api.read(header(kind, name)),
            );
            return parseObject(kind, answer);
        } catch (error) {
            if (isNotFound(error)) {
                return undefined;
            }
            throw error;
        }
    }

    private async allPages(kind: Kind, namespace: string, call: string): Promise<KubernetesObject[]> {
        const found: KubernetesObject[] = [];
        let next: string | undefined;
        for (let page = 0; page < mostPages; page++) {
            const list = await this.call(call, ofRead, () => this.page(kind, namespace, next));
            found.push(...list.items.map((item) => parseObject(kind, item)));
            // The library renames the field of the kinds that it knows.
            const { _continue, continue: other } = (list.metadata ?? {}) as { _continue?: string; continue?: string };
            next = _continue ?? other;
            if (next === undefined || next === "") {
                return found;
            }
        }
        throw new KubernetesError(
            `${this.site}: ${call}: expected ${mostPages * objectsPerPage} at most, found more`,
            "rejected",
            this.site,
            call,
        );
    }

    private page({ apiVersion, kind }: Kind, namespace: string, next: string | undefined) {
        const unused = undefined;
        return this.api.list(apiVersion, kind, namespace, unused, unused, unused, unused, unused, objectsPerPage, next);
    }

    private async call<T>(what: string, repeats: Repeats, request: () => Promise<T>): Promise<T> {
        const attempt = async () => {
            try {
                return await this.limit(request);
            } catch (error) {
                throw toKubernetesError(this.site, what, error, this.redact);
            }
        };
        return repeated(attempt, repeats, this.pace);
    }

    private readonly redact = (text: string): string => this.secrets.redact(text);
}

/** The library's type demands dates in metadata, which nobody writes. */
function toApi(object: KubernetesObject): Parameters<KubernetesObjectApi["create"]>[0] {
    return object as Parameters<KubernetesObjectApi["create"]>[0];
}

function header(kind: Kind, { name, namespace }: ObjectName) {
    return {
        apiVersion: kind.apiVersion,
        kind: kind.kind,
        metadata: namespace === undefined ? { name } : { name, namespace },
    };
}

function clientConfiguration(site: string, config: KubeConfig, secrets: Secrets, pace: Pace) {
    const http = new IsomorphicFetchHttpLibrary();
    return createConfiguration({
        baseServer: new ServerConfiguration(config.getCurrentCluster()?.server ?? "", {}),
        authMethods: { default: config },
        httpApi: wrapHttpLibrary({
            async send(request: RequestContext) {
                keepAuthorization(secrets, request.getHeaders());
                const timeout = String(request.getHttpMethod()) === "GET" ? pace.read : pace.write;
                request.setSignal(request.getSignal() ?? AbortSignal.timeout(timeout));
                const response = await tracedRequest(site, request, () => http.send(request).toPromise());
                return limited(withoutPages(response));
            },
        }),
    });
}

/** What stands in front of an API server answers for it with a page, which the library would try to parse. */
function withoutPages(response: ResponseContext): ResponseContext {
    const { httpStatusCode: code, headers } = response;
    const isPage = !/json/.test(headers["content-type"] ?? "");
    if (isPage && (code === 429 || code >= 500)) {
        const words = "the answer is not the API server's own";
        throw Object.assign(new Error(words), { code, body: { message: words }, headers });
    }
    return response;
}
