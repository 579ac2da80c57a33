import {
    createConfiguration,
    IsomorphicFetchHttpLibrary,
    KubeConfig,
    KubernetesObjectApi,
    PatchStrategy,
    ServerConfiguration,
    Watch,
    wrapHttpLibrary,
    type RequestContext,
} from "@kubernetes/client-node";
import { z } from "zod";
import { isNotFound, KubernetesError, toKubernetesError } from "./errors";

/** Which cluster, as configuration says it. Default: the current context of `KUBECONFIG` or `~/.kube/config`. */
export interface ClusterReference {
    context?: string | undefined;
    /** Path of a kubeconfig file. */
    kubeconfig?: string | undefined;
}

/** One kind of object, with what it takes to address it. */
export interface Kind {
    apiVersion: string;
    kind: string;
    plural: string;
}

export interface ObjectName {
    name: string;
    namespace?: string;
}

const text = z.record(z.string(), z.string());
/** The client library turns the times in metadata into dates; they are text here, as on the wire. */
const time = z.union([z.string(), z.date().transform((date) => date.toISOString())]);

const objectSchema = z.object({
    apiVersion: z.string(),
    kind: z.string(),
    metadata: z.object({
        name: z.string(),
        namespace: z.string().optional(),
        uid: z.string().optional(),
        resourceVersion: z.string().optional(),
        generation: z.number().optional(),
        creationTimestamp: time.optional(),
        deletionTimestamp: time.optional(),
        labels: text.optional(),
        annotations: text.optional(),
    }),
    spec: z.unknown().optional(),
    status: z.unknown().optional(),
    data: text.optional(),
});

/** An object as the API server gives it; `spec` and `status` are validated where they are read. */
export type KubernetesObject = z.infer<typeof objectSchema>;

export interface WaitOptions {
    /** Milliseconds after which waiting is given up. */
    deadline: number;
    /** Called every few seconds with what was last seen and for how long it has been waited. */
    onProgress?: (last: KubernetesObject | undefined, seconds: number) => void;
    signal?: AbortSignal;
}

/** Milliseconds for one request: a healthy API server answers at once, and a dead one must not hold a takeover up. */
const requestTimeout = 10_000;
const progressEvery = 5_000;
const fieldManager = "pulumi-trident-dr";

/** The Kubernetes API of one site. */
export class Cluster {
    private constructor(
        readonly site: string,
        private readonly config: KubeConfig,
        private readonly api: KubernetesObjectApi,
    ) {}

    /** Reads the kubeconfig; makes no request yet. */
    static connect(site: string, reference: ClusterReference): Cluster {
        const config = new KubeConfig();
        try {
            if (reference.kubeconfig === undefined) {
                config.loadFromDefault();
            } else {
                config.loadFromFile(reference.kubeconfig);
            }
        } catch (thrown) {
            throw new KubernetesError(
                `${site}: its kubeconfig cannot be read: ${(thrown as Error).message.split("\n")[0]}`,
                "unreachable",
                site,
                "read kubeconfig",
            );
        }
        if (reference.context !== undefined) {
            if (config.getContextObject(reference.context) === null) {
                const names = config.getContexts().map((context) => context.name);
                throw new KubernetesError(
                    `${site}: the kubeconfig has no context "${reference.context}"; found ${names.join(", ") || "none"}`,
                    "unreachable",
                    site,
                    "read kubeconfig",
                );
            }
            config.setCurrentContext(reference.context);
        }
        return new Cluster(site, config, new KubernetesObjectApi(clientConfiguration(config)));
    }

    /** The object, or undefined when there is none. */
    async get(kind: Kind, name: ObjectName): Promise<KubernetesObject | undefined> {
        try {
            return accept(
                kind,
                await this.call(`get ${describe(kind, name)}`, () => this.api.read(header(kind, name))),
            );
        } catch (thrown) {
            if (isNotFound(thrown)) {
                return undefined;
            }
            throw thrown;
        }
    }

    async list(kind: Kind, namespace: string): Promise<KubernetesObject[]> {
        const list = await this.call(`list ${kind.plural} in ${namespace}`, () =>
            this.api.list(kind.apiVersion, kind.kind, namespace),
        );
        return list.items.map((item) => accept(kind, item));
    }

    /** Server-side apply: states these fields, and leaves others to their owners. */
    async apply(object: KubernetesObject): Promise<KubernetesObject> {
        const answer = await this.call(`apply ${object.kind} ${objectPath(object)}`, () =>
            this.api.patch(toApi(object), undefined, undefined, fieldManager, true, PatchStrategy.ServerSideApply),
        );
        return accept(object, answer);
    }

    async create(object: KubernetesObject): Promise<KubernetesObject> {
        const answer = await this.call(`create ${object.kind} ${objectPath(object)}`, () =>
            this.api.create(toApi(object), undefined, undefined, fieldManager),
        );
        return accept(object, answer);
    }

    /** JSON merge patch; a field that is null is removed. */
    async patch(kind: Kind, name: ObjectName, change: Record<string, unknown>): Promise<KubernetesObject> {
        const answer = await this.call(`patch ${describe(kind, name)}`, () =>
            this.api.patch(
                { ...header(kind, name), ...change },
                undefined,
                undefined,
                fieldManager,
                undefined,
                PatchStrategy.MergePatch,
            ),
        );
        return accept(kind, answer);
    }

    /** Asks for deletion; an object that is gone already is as good. */
    async delete(kind: Kind, name: ObjectName): Promise<void> {
        try {
            await this.call(`delete ${describe(kind, name)}`, () => this.api.delete(header(kind, name)));
        } catch (thrown) {
            if (!isNotFound(thrown)) {
                throw thrown;
            }
        }
    }

    /**
     * Watches one object until `reached` accepts it (undefined while there is none), and returns it.
     * Throws what `reached` throws, and an error that tells what was last seen when the deadline passes.
     */
    async waitFor(
        kind: Kind,
        name: ObjectName,
        what: string,
        reached: (object: KubernetesObject | undefined) => boolean,
        options: WaitOptions,
    ): Promise<KubernetesObject | undefined> {
        const began = Date.now();
        const seconds = () => Math.round((Date.now() - began) / 1000);
        const timeout = AbortSignal.timeout(options.deadline);
        const signal = options.signal === undefined ? timeout : AbortSignal.any([timeout, options.signal]);
        let last = await this.get(kind, name);
        const ticking = setInterval(() => options.onProgress?.(last, seconds()), progressEvery);
        try {
            while (!reached(last)) {
                if (signal.aborted) {
                    throw new KubernetesError(
                        `${this.site}: ${describe(kind, name)} is not ${what} after ${seconds()} s${options.signal?.aborted ? ", and the run was interrupted" : ""}`,
                        "timeout",
                        this.site,
                        `wait for ${describe(kind, name)}`,
                    );
                }
                last = await this.watchOnce(kind, name, last, reached, signal);
            }
            return last;
        } finally {
            clearInterval(ticking);
        }
    }

    /** One watch connection: ends with the newest object when `reached` accepts it, or when the server closes it. */
    private async watchOnce(
        kind: Kind,
        name: ObjectName,
        from: KubernetesObject | undefined,
        reached: (object: KubernetesObject | undefined) => boolean,
        signal: AbortSignal,
    ): Promise<KubernetesObject | undefined> {
        let last = from;
        let refused: unknown;
        const fail = (thrown: unknown) => {
            // A refusal would be repeated at once; a cut connection only ends this watch.
            if (typeof (thrown as { statusCode?: unknown } | null)?.statusCode === "number") {
                const { statusCode, message } = thrown as { statusCode: number; message: string };
                refused = toKubernetesError(this.site, `watch ${describe(kind, name)}`, {
                    code: statusCode,
                    body: { message },
                });
            }
        };
        await new Promise<void>((resolve) => {
            let connection: AbortController | undefined;
            let ended = false;
            const end = () => {
                ended = true;
                signal.removeEventListener("abort", end);
                connection?.abort();
                resolve();
            };
            signal.addEventListener("abort", end);
            new Watch(this.config)
                .watch(
                    collectionPath(kind, name.namespace),
                    { fieldSelector: `metadata.name=${name.name}`, timeoutSeconds: 60 },
                    (type: string, object: unknown) => {
                        if (ended || (type !== "ADDED" && type !== "MODIFIED" && type !== "DELETED")) {
                            return;
                        }
                        try {
                            last = type === "DELETED" ? undefined : accept(kind, object);
                            if (reached(last)) {
                                end();
                            }
                        } catch (thrown) {
                            refused = thrown;
                            end();
                        }
                    },
                    (thrown) => {
                        fail(thrown);
                        end();
                    },
                )
                .then((controller) => {
                    connection = controller;
                    if (ended) {
                        controller.abort();
                    }
                }, end);
        });
        if (refused !== undefined) {
            throw refused;
        }
        // A watch that the server or the network cut tells nothing: only a read does, and it fails clearly.
        return signal.aborted || reached(last) ? last : await this.get(kind, name);
    }

    private async call<T>(what: string, request: () => Promise<T>): Promise<T> {
        try {
            return await request();
        } catch (thrown) {
            throw toKubernetesError(this.site, what, thrown);
        }
    }
}

/** How an object is named in plans, errors and reports. */
export function describe(kind: Kind, name: ObjectName): string {
    return `${kind.kind} ${name.namespace === undefined ? "" : `${name.namespace}/`}${name.name}`;
}

/** List items come without apiVersion and kind, so that they are given. */
function accept(kind: { apiVersion: string; kind: string }, value: unknown): KubernetesObject {
    return objectSchema.parse({ ...(value as object), apiVersion: kind.apiVersion, kind: kind.kind });
}

/** The library's own type wants dates in metadata, which nobody writes. */
function toApi(object: KubernetesObject): Parameters<KubernetesObjectApi["create"]>[0] {
    return object as Parameters<KubernetesObjectApi["create"]>[0];
}

function objectPath(object: KubernetesObject): string {
    const { namespace, name } = object.metadata;
    return namespace === undefined ? name : `${namespace}/${name}`;
}

function header(kind: Kind, { name, namespace }: ObjectName) {
    return {
        apiVersion: kind.apiVersion,
        kind: kind.kind,
        metadata: namespace === undefined ? { name } : { name, namespace },
    };
}

function collectionPath(kind: Kind, namespace: string | undefined): string {
    const root = kind.apiVersion.includes("/") ? `/apis/${kind.apiVersion}` : `/api/${kind.apiVersion}`;
    return namespace === undefined ? `${root}/${kind.plural}` : `${root}/namespaces/${namespace}/${kind.plural}`;
}

function clientConfiguration(config: KubeConfig) {
    const http = new IsomorphicFetchHttpLibrary();
    return createConfiguration({
        baseServer: new ServerConfiguration(config.getCurrentCluster()?.server ?? "", {}),
        authMethods: { default: config },
        httpApi: wrapHttpLibrary({
            send(request: RequestContext) {
                request.setSignal(AbortSignal.timeout(requestTimeout));
                return http.send(request).toPromise();
            },
        }),
    });
}
