import { setTimeout as pause } from "node:timers/promises";
import { createObject, relinquish, updateObject, type WriteOptions } from "./apply";
import { ApiError, Cluster, UnknownKindError, UnreachableError } from "./cluster";
import { readiness, type Verdict } from "./conditions";
import { diffObjects, mustDeleteFirst, type Change } from "./diff";
import { type Engine } from "./engine";
import { parseUrn, uniqueName } from "./naming";
import * as objects from "./objects";
import { annotation, at, gvkOf, idOf, nameOf, namespaceOf, parseId, text, type KubernetesObject } from "./objects";
import { settingsFrom, sameCluster, type Settings } from "./settings";
import { bare, containsUnknown, isObject, renameKeys, unknownValue, type PlainObject, type Properties } from "./values";
import { WaitError, waitUntil } from "./wait";

/** State of a resource, as the engine keeps it. */
interface ResourceState {
    /** Empty when the resource is gone, or was only previewed. */
    id: string;
    properties: Properties;
    inputs?: Properties;
}

/** The object exists, and is not (yet) what was asked for: it belongs in the state, and the next update tries again. */
export class InitFailedError extends Error {
    constructor(
        message: string,
        readonly state: ResourceState,
    ) {
        super(message);
    }
}

interface CheckRequest {
    urn: string;
    olds: Properties;
    news: Properties;
    seed: Uint8Array;
    /** What the engine wants for resources without a name: nothing special, its own proposal, or an error. */
    autonaming?: { disabled: boolean; proposal: string };
}

interface DiffRequest {
    urn: string;
    olds: Properties;
    news: Properties;
    ignore: readonly string[];
}

interface DiffResult {
    changes: Change[];
    deleteBeforeReplace: boolean;
}

interface WriteRequest {
    urn: string;
    news: Properties;
    preview: boolean;
    /** Seconds, from the resource's `customTimeouts`; 0 if it has none. */
    timeout: number;
}

const fieldManagerKey = "__fieldManager";
const initialApiVersionKey = "__initialApiVersion";
const inputsKey = "__inputs";
/** What is in the state beside the live object. */
const bookkeepingKeys = [fieldManagerKey, initialApiVersionKey, inputsKey];

/** Milliseconds to wait for an object, where neither the resource nor an annotation says otherwise. */
const defaultTimeoutMs = 600_000;
/** Seconds between attempts to create an object whose namespace or definition is not there yet. */
const createRetrySeconds = [1, 2, 4, 8, 16];

/**
 * The Kubernetes provider's operations, without the protocol around them. It behaves as version 4.34 of the real one
 * in server-side apply mode: create does not take over an object that exists (unless `upsertExistingObjects`), `diff`
 * compares with the object as last seen and asks no server, previews are the server's dry runs.
 */
export class KubernetesProvider {
    private settings: Settings = settingsFrom({}, {});
    private cluster: Cluster | undefined;
    private unreachable: string | undefined = "the provider has not been configured";
    private readonly cancelled = new AbortController();

    constructor(private readonly engine: Engine) {}

    /** Never fails for a cluster that cannot be reached: what needs it fails later, and says so. */
    async configure(variables: Record<string, string>): Promise<void> {
        this.settings = settingsFrom(variables, process.env);
        this.cluster?.close();
        this.unreachable = undefined;
        try {
            this.cluster = await Cluster.open(this.settings);
        } catch (error) {
            this.cluster = undefined;
            this.unreachable = `the kubeconfig cannot be used: ${(error as Error).message}`;
            return;
        }
        try {
            await this.cluster.probe();
        } catch (error) {
            if (error instanceof UnreachableError || (error instanceof ApiError && error.code !== 403)) {
                this.unreachable = error.message;
            } else if (!(error instanceof ApiError)) {
                throw error;
            }
        }
    }

    async diffConfig(olds: Properties, news: Properties): Promise<{ changed: string[]; replaces: string[] }> {
        const before = bare(olds);
        const after = bare(news);
        const keys = [...new Set([...Object.keys(before), ...Object.keys(after)])];
        const changed = keys.filter((key) => JSON.stringify(before[key]) !== JSON.stringify(after[key]));
        const identifier = "clusterIdentifier";
        if (before[identifier] !== undefined && after[identifier] !== undefined) {
            return { changed, replaces: changed.filter((key) => key === identifier) };
        }
        const selecting = changed.filter((key) => ["kubeconfig", "context", "cluster"].includes(key));
        const unknown = selecting.filter((key) => after[key] === unknownValue);
        return {
            changed,
            replaces: unknown.length > 0 ? unknown : (await sameCluster(before, after)) ? [] : selecting,
        };
    }

    async check(request: CheckRequest): Promise<Properties> {
        if (
            this.unreachable !== undefined &&
            this.settings.skipUpdateUnreachable &&
            Object.keys(request.olds).length > 0
        ) {
            this.engine.log(
                "warning",
                request.urn,
                `${this.unreachableMessage()}; left as it is, since skipUpdateUnreachable is set`,
            );
            return request.olds;
        }
        const inputs = objects.normalise(toObject(request.news));
        const patch = isPatch(request.urn, inputs);
        if (text(inputs, "metadata", "generateName") !== "") {
            throw new Error(
                "metadata.generateName cannot be used with server-side apply: set metadata.name, or leave both out",
            );
        }
        if (patch && nameOf(inputs) === "" && !containsUnknown(at(inputs, "metadata") ?? null)) {
            throw new Error("a patch resource needs metadata.name: the name of the object to patch");
        }
        this.nameIfUnnamed(request, inputs);
        await this.fillNamespace(inputs);
        const checked = renameKeys<Properties>(inputs, objects.toUnderscores);
        objects.markSecrets(checked, request.news);
        return checked;
    }

    async diff(request: DiffRequest): Promise<DiffResult> {
        const { live, inputs: oldInputs } = splitState(request.olds);
        const inputs = objects.normalise(toObject(request.news));
        const old = objects.prune(live, objects.normalise(oldInputs));
        const namespaced = await this.isNamespaced(inputs);
        for (const object of [old, inputs]) {
            objects.setMetadata(
                object,
                "namespace",
                namespaced ? (at(object, "metadata", "namespace") ?? "default") : undefined,
            );
        }
        if (nameOf(inputs) !== "") {
            objects.setMetadata(old, "name", nameOf(live));
        }
        objects.setMetadata(old, "resourceVersion", undefined);
        const changes = diffObjects(old, inputs, {
            ignore: request.ignore,
            patch: isPatch(request.urn, inputs),
            secretsMutable: this.settings.enableSecretMutable,
            configMapsMutable: this.settings.enableConfigMapMutable,
        });
        const replaced = changes.some((change) => change.replace);
        return { changes, deleteBeforeReplace: replaced && mustDeleteFirst(inputs, live) };
    }

    async create(request: WriteRequest): Promise<ResourceState> {
        const inputs = toObject(request.news);
        const patch = isPatch(request.urn, inputs);
        if (request.preview && (patch || containsUnknown(inputs) || !(await this.isOffered(inputs)))) {
            return { id: "", properties: request.news };
        }
        const cluster = this.reachable();
        const condition = await this.readinessOf(inputs);
        const fieldManager = this.fieldManager({}, inputs);
        const write = { fieldManager, dryRun: request.preview, force: this.settings.enablePatchForce };
        let live: KubernetesObject;
        try {
            const upsert = patch || this.settings.upsertExistingObjects;
            live = await this.createWithRetries(cluster, request, inputs, upsert, write);
        } catch (error) {
            if (request.preview && mayFailInPreview(error)) {
                return { id: "", properties: request.news };
            }
            throw this.explain(error, `creating ${describe(inputs)} failed`);
        }
        if (request.preview) {
            const { status: _, ...foreseen } = live;
            return {
                id: "",
                properties: this.state(inputs, foreseen, request.news, fieldManager, text(inputs, "apiVersion")),
            };
        }
        const stateOf = (object: KubernetesObject): ResourceState => ({
            id: idOf(object),
            properties: this.state(inputs, object, request.news, fieldManager, text(inputs, "apiVersion")),
        });
        return stateOf(await this.awaitReady(cluster, request, inputs, live, condition, stateOf));
    }

    async update(request: WriteRequest & { olds: Properties; ignore: readonly string[] }): Promise<ResourceState> {
        const inputs = objects.normalise(toObject(request.news));
        const old = splitState(request.olds);
        if (request.preview && (containsUnknown(inputs) || !(await this.isOffered(inputs)))) {
            return { id: "", properties: request.news };
        }
        const cluster = this.reachable();
        const formerManager = this.fieldManager(request.olds, old.inputs);
        const fieldManager = this.fieldManager(request.olds, inputs);
        const stateOf = (object: KubernetesObject): ResourceState => ({
            id: idOf(object),
            properties: this.state(
                inputs,
                object,
                request.news,
                fieldManager,
                initialApiVersion(request.olds, old.inputs),
            ),
        });
        const patch = isPatch(request.urn, inputs);
        const write = { fieldManager, dryRun: request.preview, force: this.settings.enablePatchForce };
        let live: KubernetesObject | undefined;
        let updated: KubernetesObject;
        let condition: Awaited<ReturnType<typeof this.readinessOf>>;
        try {
            condition = await this.readinessOf(inputs);
            live = await cluster.get(inputs, nameOf(old.live));
            updated = await updateObject(cluster, inputs, live, request.ignore, patch, write);
        } catch (error) {
            if (request.preview && error instanceof ApiError && error.code === 403) {
                return { id: "", properties: request.news };
            }
            const failure = this.explain(error, `updating ${describe(inputs)} failed`);
            if (live === undefined || request.preview) {
                throw failure;
            }
            throw new InitFailedError(failure.message, stateOf(live));
        }
        if (request.preview) {
            return stateOf(updated);
        }
        const ready = await this.awaitReady(cluster, request, inputs, updated, condition, stateOf);
        if (formerManager !== fieldManager) {
            await relinquish(cluster, ready, formerManager);
        }
        return stateOf(ready);
    }

    /** The id of the answer is empty only if the server says that the object, or its kind, does not exist. */
    async read(request: {
        urn: string;
        id: string;
        properties: Properties;
        inputs: Properties;
    }): Promise<ResourceState> {
        const gone: ResourceState = { id: "", properties: {} };
        if (this.unreachable !== undefined && this.settings.deleteUnreachable) {
            this.engine.log(
                "warning",
                request.urn,
                `${this.unreachableMessage()}; removed from the state, since deleteUnreachable is set`,
            );
            return gone;
        }
        if (this.unreachable !== undefined && this.settings.skipUpdateUnreachable) {
            this.engine.log(
                "warning",
                request.urn,
                `${this.unreachableMessage()}; left as it is, since skipUpdateUnreachable is set`,
            );
            return request;
        }
        const cluster = this.reachable();
        const { namespace, name } = parseId(request.id);
        const known = objects.normalise(toObject(request.inputs));
        const imported = text(known, "kind") === "";
        const target = imported ? identify(request.urn, splitState(request.properties).live, namespace, name) : known;
        let live: KubernetesObject;
        try {
            live = await cluster.get(target, name);
        } catch (error) {
            if (error instanceof UnknownKindError || (error instanceof ApiError && error.code === 404)) {
                return gone;
            }
            throw this.explain(error, `reading ${describe(target)} failed`);
        }
        const inputs = imported ? objects.normalise(withoutStatus(live)) : objects.prune(live, known);
        const fieldManager = this.fieldManager(request.properties, target);
        const marked = renameKeys<Properties>(inputs, objects.toUnderscores);
        objects.markSecrets(marked, request.inputs);
        const properties = this.state(
            inputs,
            live,
            request.inputs,
            fieldManager,
            initialApiVersion(request.properties, target),
        );
        return { id: request.id, properties, inputs: marked };
    }

    /** Returns when the object is gone. One that was not there, or whose kind is not, is gone. */
    async delete(request: { urn: string; id: string; properties: Properties; timeout: number }): Promise<void> {
        const { live, inputs } = splitState(request.properties);
        if (this.unreachable !== undefined && this.settings.deleteUnreachable) {
            this.engine.log(
                "warning",
                request.urn,
                `${this.unreachableMessage()}; removed from the state, since deleteUnreachable is set`,
            );
            return;
        }
        const cluster = this.reachable();
        try {
            if (isPatch(request.urn, inputs)) {
                await relinquish(cluster, live, this.fieldManager(request.properties, inputs));
                return;
            }
            const target = await cluster.path(live, parseId(request.id).name);
            await cluster.request("DELETE", target, {
                kind: "DeleteOptions",
                apiVersion: "v1",
                propagationPolicy: propagation(inputs),
            });
        } catch (error) {
            if (error instanceof UnknownKindError || (error instanceof ApiError && error.code === 404)) {
                return;
            }
            throw this.explain(error, `deleting ${describe(live)} failed`);
        }
        if (!skipsDeletionWait(inputs)) {
            await this.awaitGone(cluster, request, live, inputs);
        }
    }

    async invoke(token: string, args: Properties): Promise<Properties> {
        if (token !== "kubernetes:yaml:decode") {
            throw new Error(`the stand-in does not offer the function ${token}`);
        }
        const { parseAllDocuments } = await import("./yaml.js");
        const documents = parseAllDocuments(String(bare(args["text"] ?? ""))).map(
            (document) => document.toJSON() as PlainObject | null,
        );
        return { result: documents.filter((document) => document !== null) };
    }

    /** Ends what is being waited for. Objects that exist by then are kept in the state. */
    cancel(): void {
        this.cancelled.abort();
    }

    private nameIfUnnamed({ urn, olds, seed, autonaming }: CheckRequest, inputs: KubernetesObject): void {
        if (at(inputs, "metadata", "name") !== undefined || at(inputs, "metadata") === unknownValue) {
            return;
        }
        const before = bare(olds);
        const existing = Object.keys(before).length > 0;
        if (existing && annotation(before, autonamedAnnotation) !== "true") {
            return;
        }
        if (!existing && autonaming?.disabled === true) {
            throw new Error("metadata.name is missing, and automatic names are turned off");
        }
        const fresh = autonaming?.proposal || uniqueName(`${parseUrn(urn).name}-`, seed);
        objects.setMetadata(inputs, "name", existing ? nameOf(before) : fresh);
        objects.setAnnotation(inputs, autonamedAnnotation, "true");
    }

    private async fillNamespace(inputs: KubernetesObject): Promise<void> {
        if (at(inputs, "metadata", "namespace") === undefined && (await this.isNamespaced(inputs))) {
            objects.setMetadata(inputs, "namespace", this.settings.namespace ?? (this.cluster?.namespace || "default"));
        }
    }

    /** A kind that cannot be looked up is taken to be namespaced, unless Kubernetes itself defines it otherwise. */
    private async isNamespaced(object: KubernetesObject): Promise<boolean> {
        const { group, kind } = gvkOf(object);
        if (objects.isClusterScoped(group, kind)) {
            return false;
        }
        if (this.unreachable !== undefined) {
            return true;
        }
        return this.cluster!.endpoint(gvkOf(object)).then(
            (endpoint) => endpoint.namespaced,
            () => true,
        );
    }

    private async isOffered(object: KubernetesObject): Promise<boolean> {
        if (this.unreachable !== undefined) {
            return false;
        }
        return this.cluster!.endpoint(gvkOf(object)).then(
            () => true,
            () => false,
        );
    }

    private async createWithRetries(
        cluster: Cluster,
        { urn, preview }: WriteRequest,
        inputs: KubernetesObject,
        upsert: boolean,
        options: WriteOptions,
    ): Promise<KubernetesObject> {
        for (const seconds of preview ? [] : createRetrySeconds) {
            try {
                return await createObject(cluster, inputs, upsert, options);
            } catch (error) {
                const missing = error instanceof UnknownKindError || (error instanceof ApiError && error.code === 404);
                if (!missing || this.cancelled.signal.aborted) {
                    throw error;
                }
                this.engine.status(urn, `Trying again in ${seconds} s: ${error.message}`);
                await pause(seconds * 1000, undefined, { signal: this.cancelled.signal }).catch(() => undefined);
            }
        }
        return createObject(cluster, inputs, upsert, options);
    }

    private async readinessOf(inputs: KubernetesObject): Promise<ReturnType<typeof readiness>> {
        const storageClass = text(inputs, "spec", "storageClassName");
        const isClaim = text(inputs, "kind") === "PersistentVolumeClaim" && storageClass !== "";
        return readiness(inputs, { bindsLate: isClaim && (await this.bindsLate(storageClass)) });
    }

    private async bindsLate(storageClass: string): Promise<boolean> {
        const reference: KubernetesObject = { apiVersion: "storage.k8s.io/v1", kind: "StorageClass" };
        return this.cluster!.get(reference, storageClass).then(
            (found) => found["volumeBindingMode"] === "WaitForFirstConsumer",
            () => false,
        );
    }

    private async awaitReady(
        cluster: Cluster,
        request: WriteRequest,
        inputs: KubernetesObject,
        written: KubernetesObject,
        condition: ReturnType<typeof readiness>,
        stateOf: (object: KubernetesObject) => ResourceState,
    ): Promise<KubernetesObject> {
        if (condition === undefined) {
            return written;
        }
        const check = (object: KubernetesObject | undefined): Verdict =>
            object === undefined
                ? { met: false, message: "Waiting for the object, which is not there" }
                : condition(object);
        try {
            const ready = await this.wait(cluster, request, inputs, written, check);
            return ready ?? written;
        } catch (error) {
            const last = error instanceof WaitError ? (error.last ?? written) : written;
            throw new InitFailedError(
                `${describe(inputs)} exists, but is not ready: ${(error as Error).message}`,
                stateOf(last),
            );
        }
    }

    private async awaitGone(
        cluster: Cluster,
        request: { urn: string; properties: Properties; timeout: number },
        live: KubernetesObject,
        inputs: KubernetesObject,
    ): Promise<void> {
        const uid = text(live, "metadata", "uid");
        const check = (object: KubernetesObject | undefined): Verdict => {
            const another = object !== undefined && uid !== "" && text(object, "metadata", "uid") !== uid;
            const finalizers = (at(object, "metadata", "finalizers") as string[] | undefined) ?? [];
            const held = finalizers.length > 0 ? ` (finalizers might be preventing it: ${finalizers.join(", ")})` : "";
            return { met: object === undefined || another, message: `Waiting for deletion${held}` };
        };
        try {
            await this.wait(cluster, request, inputs, live, check);
        } catch (error) {
            const message = `${describe(live)} is being deleted, but is still there: ${(error as Error).message}`;
            throw new InitFailedError(message, { id: idOf(live), properties: request.properties });
        }
    }

    private async wait(
        cluster: Cluster,
        request: { urn: string; timeout: number },
        inputs: KubernetesObject,
        live: KubernetesObject,
        check: (object: KubernetesObject | undefined) => Verdict,
    ): Promise<KubernetesObject | undefined> {
        const annotated = Number(annotation(inputs, "pulumi.com/timeoutSeconds"));
        const result = await waitUntil(cluster, live, {
            check,
            timeout: (request.timeout || annotated || 0) * 1000 || defaultTimeoutMs,
            signal: this.cancelled.signal,
            report: (message) => this.engine.status(request.urn, message),
        });
        this.engine.status(request.urn, "");
        return result;
    }

    /** What the engine keeps: the live object, and beside it what later operations need. */
    private state(
        inputs: KubernetesObject,
        live: KubernetesObject,
        given: Properties,
        fieldManager: string,
        apiVersion: string,
    ): Properties {
        const properties = renameKeys<Properties>(live, objects.toUnderscores);
        const kept = renameKeys<Properties>(inputs, objects.toUnderscores);
        objects.markSecrets(properties, given);
        objects.markSecrets(kept, given);
        return {
            ...properties,
            [inputsKey]: kept,
            [initialApiVersionKey]: apiVersion,
            [fieldManagerKey]: fieldManager,
        };
    }

    /** From the annotation, else as before, else a new one of the resource's own. */
    private fieldManager(state: Properties, inputs: KubernetesObject): string {
        const before = state[fieldManagerKey];
        return (
            annotation(inputs, "pulumi.com/patchFieldManager") ||
            (typeof before === "string" ? before : uniqueName("pulumi-kubernetes-", new Uint8Array()))
        );
    }

    private reachable(): Cluster {
        if (this.unreachable !== undefined || this.cluster === undefined) {
            throw new Error(this.unreachableMessage());
        }
        return this.cluster;
    }

    private unreachableMessage(): string {
        return `configured Kubernetes cluster is unreachable: ${this.unreachable ?? ""}`;
    }

    private explain(error: unknown, what: string): Error {
        const { message } = error as Error;
        if (error instanceof UnreachableError) {
            return new Error(`${what}: configured Kubernetes cluster is unreachable: ${message}`);
        }
        if (error instanceof UnknownKindError) {
            return new Error(`${what}: ${message}; is its CustomResourceDefinition installed?`);
        }
        if (error instanceof ApiError && error.reason === "AlreadyExists") {
            return new Error(
                `${what}: ${message}. Import it, or set upsertExistingObjects on the provider to take it over`,
            );
        }
        return new Error(`${what}: ${message}`);
    }
}

const autonamedAnnotation = "pulumi.com/autonamed";

function toObject(properties: Properties): KubernetesObject {
    return renameKeys(bare(properties), objects.toDashes);
}

function splitState(properties: Properties): { live: KubernetesObject; inputs: KubernetesObject } {
    const whole = toObject(properties);
    const inputs = whole[inputsKey];
    const live = Object.fromEntries(Object.entries(whole).filter(([key]) => !bookkeepingKeys.includes(key)));
    return { live, inputs: isObject(inputs) ? (inputs as KubernetesObject) : {} };
}

function initialApiVersion(state: Properties, inputs: KubernetesObject): string {
    const before = state[initialApiVersionKey];
    return typeof before === "string" ? before : text(inputs, "apiVersion");
}

/** `NamespacePatch` patches a Namespace that another owns. A kind whose own name ends in Patch is not meant. */
function isPatch(urn: string, inputs: KubernetesObject): boolean {
    return parseUrn(urn).kind === `${text(inputs, "kind")}Patch`;
}

/** What to read, when all that is known is the type in the URN and the id. */
function identify(urn: string, live: KubernetesObject, namespace: string, name: string): KubernetesObject {
    const { apiVersion, kind } = parseUrn(urn);
    return {
        apiVersion: text(live, "apiVersion") || apiVersion,
        kind: text(live, "kind") || kind.replace(/Patch$/, ""),
        metadata: { name, ...(namespace === "" ? {} : { namespace }) },
    };
}

function withoutStatus({ status: _, ...object }: KubernetesObject): KubernetesObject {
    return object;
}

/** A preview may come too early for the server: what it depends on is created by the same update. */
function mayFailInPreview(error: unknown): boolean {
    if (!(error instanceof ApiError)) {
        return error instanceof UnknownKindError;
    }
    const missingNamespace = error.code === 404 && text(at(error.status, "details"), "kind") === "namespaces";
    return (
        missingNamespace ||
        error.code === 403 ||
        error.reason === "AlreadyExists" ||
        error.message.includes("does not support dry run")
    );
}

function propagation(inputs: KubernetesObject): string {
    const policies = ["Orphan", "Background", "Foreground"];
    const wanted = annotation(inputs, "pulumi.com/deletionPropagationPolicy").toLowerCase();
    return policies.find((policy) => policy.toLowerCase() === wanted) ?? "Foreground";
}

/** Kinds whose deletion is not waited for under `pulumi.com/skipAwait`. */
const skippableKinds = ["Namespace", "Pod", "ReplicationController", "DaemonSet", "Deployment", "StatefulSet", "Job"];

function skipsDeletionWait(inputs: KubernetesObject): boolean {
    return annotation(inputs, "pulumi.com/skipAwait") === "true" && skippableKinds.includes(text(inputs, "kind"));
}

function describe(object: KubernetesObject): string {
    const namespace = namespaceOf(object);
    return `${text(object, "kind")} ${namespace === "" ? "" : `${namespace}/`}${nameOf(object)}`;
}
