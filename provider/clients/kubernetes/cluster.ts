import {
    createConfiguration,
    IsomorphicFetchHttpLibrary,
    type KubeConfig,
    KubernetesObjectApi,
    PatchStrategy,
    ServerConfiguration,
    wrapHttpLibrary,
    type RequestContext,
} from "@kubernetes/client-node";
import type { Secrets } from "../../support/secrets";
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
import { watchOnce } from "./watch";

export type { ClusterReference } from "./kubeconfig";
export type { Kind, KubernetesObject, ObjectName } from "./objects";

export interface WaitOptions {
    /** Milliseconds to wait at most. */
    deadline: number;
    /** Called every few seconds with what was last seen and how long it has waited. */
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
        private readonly secrets: Secrets,
    ) {}

    /** Reads the kubeconfig; makes no request yet. */
    static connect(site: string, reference: ClusterReference): Cluster {
        const config = loadKubeConfig(site, reference);
        const secrets = secretsOf(config);
        return new Cluster(site, config, new KubernetesObjectApi(clientConfiguration(config, secrets)), secrets);
    }

    /** The object, or undefined when there is none. */
    async get(kind: Kind, name: ObjectName): Promise<KubernetesObject | undefined> {
        try {
            return parseObject(
                kind,
                await this.call(`get ${describeObject(kind, name)}`, () => this.api.read(header(kind, name))),
            );
        } catch (error) {
            if (isNotFound(error)) {
                return undefined;
            }
            throw error;
        }
    }

    async list(kind: Kind, namespace: string): Promise<KubernetesObject[]> {
        const list = await this.call(`list ${kind.plural} in ${namespace}`, () =>
            this.api.list(kind.apiVersion, kind.kind, namespace),
        );
        return list.items.map((item) => parseObject(kind, item));
    }

    /** Server-side apply: states these fields, and leaves others to their owners. */
    async apply(object: KubernetesObject): Promise<KubernetesObject> {
        const answer = await this.call(`apply ${object.kind} ${pathOfObject(object)}`, () =>
            this.api.patch(toApi(object), undefined, undefined, fieldManager, true, PatchStrategy.ServerSideApply),
        );
        return parseObject(object, answer);
    }

    async create(object: KubernetesObject): Promise<KubernetesObject> {
        const answer = await this.call(`create ${object.kind} ${pathOfObject(object)}`, () =>
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
        const answer = await this.call(`patch ${describeObject(kind, name)}`, () =>
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
            await this.call(`delete ${describeObject(kind, name)}`, () => this.api.delete(header(kind, name)));
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
                        `${this.site}: ${describeObject(kind, name)} is not ${what} after ${seconds()} s${options.signal?.aborted ? ", and the run was interrupted" : ""}`,
                        "timeout",
                        this.site,
                        `wait for ${describeObject(kind, name)}`,
                    );
                }
                const { site, config, redact } = this;
                const read = () => this.get(kind, name);
                const watched = { site, config, kind, name, reached, read, signal, redact };
                last = await watchOnce(watched, last);
                if (!signal.aborted && !reached(last)) {
                    // A watch that the server or the network cut says nothing: only a read does, and it fails clearly.
                    last = await this.get(kind, name);
                }
            }
            return last;
        } finally {
            clearInterval(ticking);
        }
    }

    private async call<T>(what: string, request: () => Promise<T>): Promise<T> {
        try {
            return await request();
        } catch (error) {
            throw toKubernetesError(this.site, what, error, this.redact);
        }
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

function clientConfiguration(config: KubeConfig, secrets: Secrets) {
    const http = new IsomorphicFetchHttpLibrary();
    return createConfiguration({
        baseServer: new ServerConfiguration(config.getCurrentCluster()?.server ?? "", {}),
        authMethods: { default: config },
        httpApi: wrapHttpLibrary({
            send(request: RequestContext) {
                keepAuthorization(secrets, request.getHeaders());
                request.setSignal(AbortSignal.timeout(requestTimeout));
                return http.send(request).toPromise();
            },
        }),
    });
}
