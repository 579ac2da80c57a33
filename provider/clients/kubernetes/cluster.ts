import type { KubeConfig } from "@kubernetes/client-node";
import pLimit from "p-limit";
import type { Secrets } from "../../support/secrets";
import { isNotFound, KubernetesError, toKubernetesError } from "./errors";
import { kindOf } from "./kinds";
import { loadKubeConfig, secretsOf } from "./kubeconfig";
import {
    collectionPath,
    describeObject,
    listSchema,
    objectPath,
    parseObject,
    pathOfObject,
    type Kind,
    type KubernetesObject,
    type ObjectName,
} from "./objects";
import { defaultPace, type Pace } from "./pace";
import type { ClusterReference } from "./reference";
import { never, ofApply, ofRead, ofWrite, repeated, type Repeats } from "./repetition";
import { type ApiRequest, type Send, sending } from "./requests";
import { waitUntil, type WaitOptions } from "./wait";
import { watchOnce } from "./watch";

export type { ClusterReference } from "./reference";
export type { Kind, KubernetesObject, ObjectName } from "./objects";
export type { WaitOptions } from "./wait";

const fieldManager = "pulumi-trident-dr";

/** Requests at a time: each has its own time, which begins when it is sent. */
const requestsAtOnce = 16;

/** Objects in one answer, and answers of one list; more are no application's. */
const objectsPerPage = 500;
const mostPages = 100;
const mostObjects = mostPages * objectsPerPage;

/** Who answers what reads in the place of a request for each. */
export type Reads = Pick<Cluster, "get" | "list" | "document" | "ask">;

/** The Kubernetes API of one site. */
export class Cluster {
    private readonly limit = pLimit(requestsAtOnce);

    private constructor(
        readonly site: string,
        private readonly config: KubeConfig,
        private readonly send: Send,
        private readonly secrets: Secrets,
        private readonly pace: Pace,
        private readonly reads?: Reads,
    ) {}

    /** Reads the kubeconfig; makes no request yet. */
    static connect(site: string, reference: ClusterReference, pace: Pace = defaultPace): Cluster {
        const config = loadKubeConfig(site, reference, pace);
        const secrets = secretsOf(config);
        return new Cluster(site, config, sending(site, config, secrets, pace), secrets, pace);
    }

    /** The same API, whose reads are answered by somebody else. Waits still read for themselves. */
    readBy(reads: Reads): Cluster {
        return new Cluster(this.site, this.config, this.send, this.secrets, this.pace, reads);
    }

    /** The object, or undefined when there is none. */
    get(kind: Kind, name: ObjectName): Promise<KubernetesObject | undefined> {
        return this.reads?.get(kind, name) ?? this.getAnew(kind, name);
    }

    /** The object as the server has it now, whoever answers other reads. */
    getAnew(kind: Kind, name: ObjectName): Promise<KubernetesObject | undefined> {
        return this.read(kind, name, ofRead);
    }

    /** What the server publishes of itself, such as `/version`: no object. */
    document(path: string): Promise<unknown> {
        return this.reads?.document(path) ?? this.call(`get ${path}`, ofRead, { method: "GET", path });
    }

    /**
     * What the server answers to a question that it keeps nothing of, such as a review of the own rights. Asked once.
     *
     * @param budget milliseconds
     */
    ask(path: string, body: unknown, budget: number): Promise<unknown> {
        return (
            this.reads?.ask(path, body, budget) ??
            this.call(`post ${path}`, never, { method: "POST", path, body, budget })
        );
    }

    async list(kind: Kind, namespace: string): Promise<KubernetesObject[]> {
        if (this.reads !== undefined) {
            return this.reads.list(kind, namespace);
        }
        const call = `list ${kind.plural} in ${namespace}`;
        const found = await this.consistently(() => this.pages({ kind, namespace, call, most: mostObjects }));
        if (found === undefined) {
            throw new KubernetesError(
                `${this.site}: ${call}: expected ${mostObjects} at most, found more`,
                "rejected",
                this.site,
                call,
            );
        }
        return found;
    }

    /**
     * All objects of a kind, in one namespace or in all of them; undefined where there are more than some.
     *
     * @param most how many objects are taken, in whole pages
     */
    listWhole(kind: Kind, namespace: string | undefined, most: number): Promise<KubernetesObject[] | undefined> {
        const call = `list ${kind.plural} in ${namespace ?? "all namespaces"}`;
        return this.consistently(() => this.pages({ kind, namespace, call, most }));
    }

    /** Server-side apply: states these fields, and leaves others to their owners. */
    async apply(object: KubernetesObject): Promise<KubernetesObject> {
        const answer = await this.call(`apply ${object.kind} ${pathOfObject(object)}`, ofApply, {
            method: "PATCH",
            path: objectPath(kindOf(object), object.metadata),
            query: { fieldManager, force: "true" },
            body: object,
            contentType: "application/apply-patch+yaml",
        });
        return parseObject(object, answer);
    }

    /** @param dryRun lets the server admit the object, or refuse it, and keep nothing */
    async create(object: KubernetesObject, { dryRun = false }: { dryRun?: boolean } = {}): Promise<KubernetesObject> {
        const answer = await this.call(`create ${object.kind} ${pathOfObject(object)}`, dryRun ? ofRead : ofWrite, {
            method: "POST",
            path: collectionPath(kindOf(object), object.metadata.namespace),
            query: { fieldManager, dryRun: dryRun ? "All" : undefined },
            body: object,
        });
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
        const answer = await this.call(`patch ${describeObject(kind, name)}`, dryRun ? ofRead : ofWrite, {
            method: "PATCH",
            path: objectPath(kind, name),
            query: { fieldManager, dryRun: dryRun ? "All" : undefined },
            body: change,
            contentType: "application/merge-patch+json",
        });
        return parseObject(kind, answer);
    }

    /** Asks for deletion; that an object is already gone is no error. */
    async delete(kind: Kind, name: ObjectName): Promise<void> {
        try {
            await this.call(`delete ${describeObject(kind, name)}`, ofWrite, {
                method: "DELETE",
                path: objectPath(kind, name),
            });
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
            const path = objectPath(kind, name);
            const answer = await this.call(`get ${describeObject(kind, name)}`, repeats, { method: "GET", path });
            return parseObject(kind, answer);
        } catch (error) {
            if (isNotFound(error)) {
                return undefined;
            }
            throw error;
        }
    }

    private async consistently<T>(readPages: () => Promise<T>): Promise<T> {
        try {
            return await readPages();
        } catch (error) {
            if (error instanceof KubernetesError && error.kind === "expired") {
                // The server has forgotten the state that later pages are of.
                return readPages();
            }
            throw error;
        }
    }

    /** Undefined where there are more than are asked for: by what the server says is left, without reading it. */
    private async pages({ kind, namespace, call, most }: Listing): Promise<KubernetesObject[] | undefined> {
        const found: KubernetesObject[] = [];
        let next: string | undefined;
        for (let page = 0; page < mostPages; page++) {
            const answer = await this.call(call, ofRead, {
                method: "GET",
                path: collectionPath(kind, namespace),
                query: { limit: String(objectsPerPage), continue: next },
            });
            const { items, metadata } = listSchema.parse(answer);
            found.push(...items.map((item) => parseObject(kind, item)));
            next = metadata.continue === "" ? undefined : metadata.continue;
            const more = metadata.remainingItemCount ?? (next === undefined ? 0 : 1);
            if (found.length + more > most) {
                return undefined;
            }
            if (next === undefined) {
                return found;
            }
        }
        return undefined;
    }

    private async call(what: string, repeats: Repeats, request: ApiRequest): Promise<unknown> {
        const attempt = async () => {
            try {
                return await this.limit(() => this.send(request));
            } catch (error) {
                throw toKubernetesError(this.site, what, error, this.redact);
            }
        };
        return repeated(attempt, repeats, this.pace);
    }

    private readonly redact = (text: string): string => this.secrets.redact(text);
}

interface Listing {
    kind: Kind;
    /** Default: all of them. */
    namespace: string | undefined;
    /** How the request is named in an error. */
    call: string;
    most: number;
}
