import * as http from "node:http";
import * as https from "node:https";
import { type KubeConfig } from "@kubernetes/client-node";
import { type KubeconfigChoice } from "./kubeconfig";
import {
    apiVersionOf,
    at,
    gvkOf,
    namespaceOf,
    setMetadata,
    text,
    type GroupVersionKind,
    type KubernetesObject,
} from "./objects";
import { isObject, type Plain, type PlainObject } from "./values";

/** The API server answered, and its answer is an error. */
export class ApiError extends Error {
    constructor(
        readonly code: number,
        /** The server's Status object, or as much of one as its answer allowed. */
        readonly status: PlainObject,
    ) {
        super(text(status, "message") || `the server answered with status ${code}`);
    }

    /** Machine-readable cause, for example `NotFound`, `AlreadyExists`, `Conflict`. */
    get reason(): string {
        return text(this.status, "reason");
    }
}

/** No answer could be had from the API server. */
export class UnreachableError extends Error {}

/** The API server knows no such kind: its definition is missing. */
export class UnknownKindError extends Error {
    constructor(gvk: GroupVersionKind) {
        super(`no matches for kind "${gvk.kind}" in version "${apiVersionOf(gvk)}"`);
    }
}

/** How the API server offers a kind. */
interface Endpoint {
    plural: string;
    namespaced: boolean;
}

export interface ClusterOptions extends KubeconfigChoice {
    /** Milliseconds that one request may take; default 10,000. A frozen server accepts connections and never answers. */
    requestTimeout?: number;
}

interface WatchEvent {
    type: string;
    object: KubernetesObject;
}

/** Milliseconds after which an idle connection is closed: well before the API server does it itself (90 s). */
const idleSocketMs = 30_000;

/** A Kubernetes cluster, as one kubeconfig's context shows it. */
export class Cluster {
    private readonly agent: http.Agent;
    private readonly server: URL;
    private readonly endpoints = new Map<string, Map<string, Endpoint>>();
    private readonly requestTimeout: number;

    private constructor(
        private readonly config: KubeConfig,
        private readonly secured: https.RequestOptions,
        options: ClusterOptions,
    ) {
        const cluster = config.getCurrentCluster()!;
        this.server = new URL(cluster.server);
        this.requestTimeout = options.requestTimeout ?? 10_000;
        const { ca, cert, key, pfx, passphrase, rejectUnauthorized, servername } = secured;
        const trust = rejectUnauthorized === undefined ? {} : { rejectUnauthorized };
        this.agent =
            this.server.protocol === "http:"
                ? new http.Agent({ keepAlive: true, timeout: idleSocketMs })
                : new https.Agent({
                      keepAlive: true,
                      timeout: idleSocketMs,
                      ca,
                      cert,
                      key,
                      pfx,
                      passphrase,
                      servername,
                      ...trust,
                  });
    }

    /** Reads the kubeconfig. Nothing is sent yet. Throws an Error that says what is wrong with the kubeconfig. */
    static async open(options: ClusterOptions): Promise<Cluster> {
        // Loaded when first needed: the engine also starts plugins that it only asks for their version.
        const { credentials, loadKubeconfig } = await import("./kubeconfig.js");
        const config = loadKubeconfig(options);
        return new Cluster(config, await credentials(config), options);
    }

    /** Namespace of the kubeconfig's context, or "". */
    get namespace(): string {
        return this.config.getContextObject(this.config.getCurrentContext())?.namespace ?? "";
    }

    close(): void {
        this.agent.destroy();
    }

    /** Asks for the server's version: the cheapest proof that it is there and knows the caller. */
    async probe(): Promise<void> {
        await this.request("GET", "/version");
    }

    /** Throws {@link UnknownKindError} if the server does not offer the kind. */
    async endpoint(gvk: GroupVersionKind): Promise<Endpoint> {
        const apiVersion = apiVersionOf(gvk);
        const known = this.endpoints.get(apiVersion)?.get(gvk.kind);
        if (known !== undefined) {
            return known;
        }
        const found = await this.discover(gvk);
        this.endpoints.set(apiVersion, found);
        const endpoint = found.get(gvk.kind);
        if (endpoint === undefined) {
            throw new UnknownKindError(gvk);
        }
        return endpoint;
    }

    /** The object as the server wants it: one of a cluster-wide kind carries no namespace. */
    async scoped(object: KubernetesObject): Promise<KubernetesObject> {
        const { namespaced } = await this.endpoint(gvkOf(object));
        if (namespaced || namespaceOf(object) === "") {
            return object;
        }
        const copy = structuredClone(object);
        setMetadata(copy, "namespace", undefined);
        return copy;
    }

    /** Path of an object, or of its kind's collection when no name is given. */
    async path(object: KubernetesObject, name = ""): Promise<string> {
        const gvk = gvkOf(object);
        const { plural, namespaced } = await this.endpoint(gvk);
        const namespace = namespaced ? `/namespaces/${namespaceOf(object) || "default"}` : "";
        return `${groupPath(gvk)}${namespace}/${plural}${name === "" ? "" : `/${name}`}`;
    }

    async get(object: KubernetesObject, name: string): Promise<KubernetesObject> {
        return this.request("GET", await this.path(object, name));
    }

    /**
     * One request, one JSON answer. Throws {@link ApiError} for an answer that is an error, {@link UnreachableError}
     * when there is none in time.
     */
    async request(
        method: string,
        target: string,
        body?: Plain,
        contentType = "application/json",
    ): Promise<KubernetesObject> {
        const payload = body === undefined ? undefined : JSON.stringify(body);
        const headers =
            payload === undefined ? {} : { "content-type": contentType, "content-length": Buffer.byteLength(payload) };
        const deadline = AbortSignal.timeout(this.requestTimeout);
        try {
            const response = await this.send(method, target, headers, payload, deadline);
            const answer = await readAll(response);
            return parseAnswer(response.statusCode ?? 0, answer);
        } catch (error) {
            throw this.explain(error, deadline.aborted);
        }
    }

    /**
     * Events of a collection from a list's resource version on, until the server closes the watch (after `seconds` at
     * the latest), the signal aborts, or the connection is found dead.
     */
    async *watch(
        collection: string,
        resourceVersion: string,
        seconds: number,
        signal: AbortSignal,
    ): AsyncGenerator<WatchEvent> {
        const query = new URLSearchParams({ watch: "true", resourceVersion, timeoutSeconds: String(seconds) });
        const patience = AbortSignal.timeout(seconds * 1000 + this.requestTimeout / 2);
        try {
            const response = await this.send(
                "GET",
                `${collection}?${query}`,
                {},
                undefined,
                AbortSignal.any([signal, patience]),
            );
            if (response.statusCode !== 200) {
                parseAnswer(response.statusCode ?? 0, await readAll(response));
            }
            yield* lines(response);
        } catch (error) {
            if (signal.aborted) {
                return;
            }
            throw this.explain(error, patience.aborted);
        }
    }

    private async discover(gvk: GroupVersionKind): Promise<Map<string, Endpoint>> {
        let list: KubernetesObject;
        try {
            list = await this.request("GET", groupPath(gvk));
        } catch (error) {
            if (error instanceof ApiError && error.code === 404) {
                throw new UnknownKindError(gvk);
            }
            throw error;
        }
        const found = new Map<string, Endpoint>();
        for (const resource of (list["resources"] as Plain[] | undefined) ?? []) {
            const plural = text(resource, "name");
            if (!plural.includes("/")) {
                found.set(text(resource, "kind"), { plural, namespaced: at(resource, "namespaced") === true });
            }
        }
        return found;
    }

    private async send(
        method: string,
        target: string,
        headers: http.OutgoingHttpHeaders,
        payload: string | undefined,
        signal: AbortSignal,
    ): Promise<http.IncomingMessage> {
        const base = this.server.pathname.replace(/\/$/, "");
        const options: https.RequestOptions = {
            method,
            agent: this.agent,
            headers: {
                accept: "application/json",
                "user-agent": "pulumi-kubernetes/4.34.2 (stand-in)",
                ...this.secured.headers,
                ...headers,
            },
            auth: this.secured.auth,
            signal,
        };
        return new Promise((resolve, reject) => {
            const transport = this.server.protocol === "http:" ? http : https;
            const request = transport.request(new URL(base + target, this.server), options, resolve);
            request.on("error", reject);
            request.end(payload);
        });
    }

    private explain(error: unknown, timedOut: boolean): unknown {
        if (error instanceof ApiError || error instanceof UnknownKindError) {
            return error;
        }
        if (timedOut) {
            return new UnreachableError(
                `${this.server.origin} did not answer within ${this.requestTimeout / 1000} seconds`,
            );
        }
        const { code, message } = error as NodeJS.ErrnoException;
        return new UnreachableError(`${this.server.origin}: ${message || code || "the connection failed"}`);
    }
}

function groupPath({ group, version }: GroupVersionKind): string {
    return group === "" ? `/api/${version}` : `/apis/${group}/${version}`;
}

async function readAll(response: http.IncomingMessage): Promise<string> {
    const chunks: Buffer[] = [];
    for await (const chunk of response) {
        chunks.push(chunk as Buffer);
    }
    return Buffer.concat(chunks).toString("utf8");
}

async function* lines(response: http.IncomingMessage): AsyncGenerator<WatchEvent> {
    let rest = "";
    response.setEncoding("utf8");
    for await (const chunk of response) {
        const pieces = (rest + (chunk as string)).split("\n");
        rest = pieces.pop()!;
        for (const piece of pieces) {
            yield JSON.parse(piece) as WatchEvent;
        }
    }
}

function parseAnswer(code: number, answer: string): KubernetesObject {
    let body: Plain;
    try {
        body = JSON.parse(answer) as Plain;
    } catch {
        body = { message: answer.trim().slice(0, 300) };
    }
    if (code >= 300 || !isObject(body)) {
        throw new ApiError(code, isObject(body) ? (body as PlainObject) : {});
    }
    return body as KubernetesObject;
}
