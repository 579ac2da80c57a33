import { Agent, type RequestOptions } from "node:https";
import axios, { type AxiosInstance, isAxiosError } from "axios";
import { KubeConfig } from "@kubernetes/client-node";
import { ApiError } from "./apiError";
import { type Kind, type KubeObject, type Ref, keyOf, refOf } from "./objects";
import { type WatchListener, type Watching, startWatch } from "./watch";

export interface ListOptions {
    /** One namespace; all of them when left out. */
    namespace?: string;
    labelSelector?: string;
    fieldSelector?: string;
}

interface DeleteOptions {
    propagationPolicy?: "Background" | "Foreground" | "Orphan";
    /** Deletes only the object with this uid. */
    uid?: string;
    gracePeriodSeconds?: number;
}

interface Resource {
    name: string;
    kind: string;
    namespaced: boolean;
}

/**
 * One Kubernetes cluster, any kind in it. Objects are plain JSON both ways: the library's typed clients drop what they
 * do not know, and custom resources are all unknown to them. The library reads the kubeconfig and does the watching.
 */
export class Cluster {
    private readonly resources = new Map<string, Resource[]>();

    private constructor(
        private readonly config: KubeConfig,
        private readonly http: AxiosInstance,
    ) {}

    /**
     * @param kubeconfigFile its current context is used.
     * @param options.userAgent who is noted as manager of the fields that are written. Default `trident-dr-lab`.
     */
    static async connect(
        kubeconfigFile: string,
        { userAgent = "trident-dr-lab" }: { userAgent?: string } = {},
    ): Promise<Cluster> {
        const config = new KubeConfig();
        config.loadFromFile(kubeconfigFile);
        const server = config.getCurrentCluster()?.server;
        if (server === undefined) {
            throw new Error(`Expected a cluster in the current context of ${kubeconfigFile}, found none`);
        }
        const options: RequestOptions = {};
        await config.applyToHTTPSOptions(options);
        const { ca, cert, key, rejectUnauthorized, servername } = options;
        const agent = new Agent({ keepAlive: true, maxSockets: 32, ca, cert, key, rejectUnauthorized, servername });
        const http = axios.create({
            baseURL: server,
            httpsAgent: agent,
            headers: { ...(options.headers as Record<string, string>), "User-Agent": userAgent },
            timeout: 30_000,
            proxy: false,
        });
        return new Cluster(config, http);
    }

    /** The object, or undefined when there is none. Throws when the cluster does not serve the kind. */
    async get<T extends KubeObject = KubeObject>(kind: Kind, ref: Ref): Promise<T | undefined> {
        const path = await this.objectPath(kind, ref);
        try {
            return await this.send<T>("GET", path);
        } catch (error) {
            if (error instanceof ApiError && error.notFound) {
                return undefined;
            }
            throw error;
        }
    }

    async list<T extends KubeObject = KubeObject>(kind: Kind, options: ListOptions = {}): Promise<T[]> {
        return (await this.listWithVersion<T>(kind, options)).items;
    }

    /** The list as the API server sends it: with the resource version from which a watch can go on. */
    async listWithVersion<T extends KubeObject = KubeObject>(
        kind: Kind,
        options: ListOptions = {},
    ): Promise<{ items: T[]; metadata: { resourceVersion: string } }> {
        const { namespace, ...query } = options;
        const path = await this.collectionPath(kind, namespace);
        const list = await this.send<{ items: T[] | null; metadata: { resourceVersion: string } }>("GET", path, {
            query,
        });
        // Objects in a list carry no kind of their own.
        const items = (list.items ?? []).map((item) => ({ ...kind, ...item }));
        return { items, metadata: list.metadata };
    }

    /** Throws an `ApiError` with `alreadyExists` when there is one of that name. */
    async create<T extends KubeObject = KubeObject>(object: T): Promise<T> {
        const path = await this.collectionPath(kindOf(object), object.metadata.namespace);
        return this.send<T>("POST", path, { body: object });
    }

    /** Creates the object unless one of that name exists; the one that is there then. */
    async ensure<T extends KubeObject = KubeObject>(object: T): Promise<T> {
        try {
            return await this.create(object);
        } catch (error) {
            if (error instanceof ApiError && error.alreadyExists) {
                const found = await this.get<T>(kindOf(object), refOf(object));
                if (found !== undefined) {
                    return found;
                }
            }
            throw error;
        }
    }

    /** Server-side apply; conflicts with other field managers are taken over unless `force` is false. */
    async serverSideApply<T extends KubeObject = KubeObject>(
        object: T,
        options: { fieldManager: string; force?: boolean },
    ): Promise<T> {
        const path = await this.objectPath(kindOf(object), refOf(object));
        return this.send<T>("PATCH", path, {
            body: object,
            contentType: "application/apply-patch+yaml",
            query: { fieldManager: options.fieldManager, force: String(options.force ?? true) },
        });
    }

    /** JSON merge patch (RFC 7386). With `metadata.resourceVersion` in it, it fails with `conflict` on a newer object. */
    async mergePatch<T extends KubeObject = KubeObject>(kind: Kind, ref: Ref, patch: object): Promise<T> {
        return this.send<T>("PATCH", await this.objectPath(kind, ref), {
            body: patch,
            contentType: "application/merge-patch+json",
        });
    }

    /** Merges `status` into the object's status, through the status subresource. `null` removes a field. */
    async patchStatus<T extends KubeObject = KubeObject>(kind: Kind, ref: Ref, status: object): Promise<T> {
        return this.send<T>("PATCH", `${await this.objectPath(kind, ref)}/status`, {
            body: { status },
            contentType: "application/merge-patch+json",
        });
    }

    /**
     * Reads, lets `change` edit the object, writes it back, and starts again when someone else was quicker. Nothing is
     * written when `change` returns false. Returns undefined when the object is gone.
     */
    async modify<T extends KubeObject = KubeObject>(
        kind: Kind,
        ref: Ref,
        change: (object: T) => boolean | void,
        options: { subresource?: "status" } = {},
    ): Promise<T | undefined> {
        const path = await this.objectPath(kind, ref);
        for (let attempt = 1; ; attempt++) {
            const object = await this.get<T>(kind, ref);
            if (object === undefined || change(object) === false) {
                return object;
            }
            try {
                const suffix = options.subresource === undefined ? "" : `/${options.subresource}`;
                return await this.send<T>("PUT", path + suffix, { body: object });
            } catch (error) {
                if (error instanceof ApiError && error.notFound) {
                    return undefined;
                }
                if (!(error instanceof ApiError && error.conflict) || attempt === 10) {
                    throw error;
                }
            }
        }
    }

    /** `modify` on the status subresource. */
    modifyStatus<T extends KubeObject = KubeObject>(
        kind: Kind,
        ref: Ref,
        change: (object: T) => boolean | void,
    ): Promise<T | undefined> {
        return this.modify(kind, ref, change, { subresource: "status" });
    }

    /** Asks for the deletion; an object that is not there is as good as deleted. Finalizers may keep it for a while. */
    async delete(kind: Kind, ref: Ref, options: DeleteOptions = {}): Promise<void> {
        const { propagationPolicy = "Background", uid, gracePeriodSeconds } = options;
        const body = {
            apiVersion: "v1",
            kind: "DeleteOptions",
            propagationPolicy,
            gracePeriodSeconds,
            preconditions: uid === undefined ? undefined : { uid },
        };
        try {
            await this.send("DELETE", await this.objectPath(kind, ref), { body });
        } catch (error) {
            // 409 with a precondition: the object of that uid is gone and another one has its name.
            if (error instanceof ApiError && (error.notFound || (uid !== undefined && error.conflict))) {
                return;
            }
            throw error;
        }
    }

    /**
     * Lists and watches, for ever: begins again after errors, a restart or a freeze of the API server, and also waits
     * for the kind when the cluster does not serve it yet. Each object that exists is told as `add` once.
     */
    watch<T extends KubeObject = KubeObject>(
        kind: Kind,
        listener: WatchListener<T>,
        options: ListOptions = {},
    ): Watching {
        return startWatch<T>(
            {
                config: this.config,
                path: () => this.collectionPath(kind, options.namespace),
                list: () => this.listWithVersion<T>(kind, options),
                kind,
                options,
            },
            listener,
        );
    }

    /** Whether the cluster serves the kind. */
    async serves(kind: Kind): Promise<boolean> {
        return (await this.resource(kind)) !== undefined;
    }

    private async collectionPath(kind: Kind, namespace?: string): Promise<string> {
        const resource = await this.resource(kind);
        if (resource === undefined) {
            throw new ApiError(404, "NotServed", `The cluster does not serve ${kind.kind} of ${kind.apiVersion}`);
        }
        const base = groupPath(kind.apiVersion);
        return resource.namespaced && namespace !== undefined
            ? `${base}/namespaces/${encodeURIComponent(namespace)}/${resource.name}`
            : `${base}/${resource.name}`;
    }

    private async objectPath(kind: Kind, ref: Ref): Promise<string> {
        const collection = await this.collectionPath(kind, ref.namespace);
        if (ref.name === "") {
            throw new Error(`Expected the name of a ${kind.kind}, found an empty one in ${keyOf(ref)}`);
        }
        return `${collection}/${encodeURIComponent(ref.name)}`;
    }

    private async resource(kind: Kind): Promise<Resource | undefined> {
        const find = (resources: Resource[] | undefined): Resource | undefined =>
            resources?.find((resource) => resource.kind === kind.kind && !resource.name.includes("/"));
        const known = find(this.resources.get(kind.apiVersion));
        if (known !== undefined) {
            return known;
        }
        try {
            const answer = await this.send<{ resources: Resource[] }>("GET", groupPath(kind.apiVersion));
            this.resources.set(kind.apiVersion, answer.resources);
            return find(answer.resources);
        } catch (error) {
            if (error instanceof ApiError && error.notFound) {
                return undefined;
            }
            throw error;
        }
    }

    private async send<T>(
        method: string,
        path: string,
        options: { body?: object; query?: Record<string, string | undefined>; contentType?: string } = {},
    ): Promise<T> {
        try {
            const answer = await this.http.request<T>({
                method,
                url: path,
                data: options.body === undefined ? undefined : JSON.stringify(options.body),
                params: options.query,
                headers: { "Content-Type": options.contentType ?? "application/json" },
            });
            return answer.data;
        } catch (error) {
            if (isAxiosError<{ reason?: string; message?: string }>(error) && error.response !== undefined) {
                const { status, data } = error.response;
                const message = data?.message ?? `HTTP ${status}`;
                throw new ApiError(status, data?.reason ?? "", `${method} ${path}: ${message}`);
            }
            const why = error instanceof Error ? error.message : String(error);
            throw new Error(`${method} ${path}: ${why}`, { cause: error });
        }
    }
}

function groupPath(apiVersion: string): string {
    return apiVersion.includes("/") ? `/apis/${apiVersion}` : `/api/${apiVersion}`;
}

function kindOf(object: KubeObject): Kind {
    const { apiVersion, kind } = object;
    if (apiVersion === undefined || kind === undefined) {
        throw new Error(`Expected apiVersion and kind in the object ${object.metadata.name}, found none`);
    }
    return { apiVersion, kind };
}
