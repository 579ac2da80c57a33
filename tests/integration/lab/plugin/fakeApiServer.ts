import { once } from "node:events";
import * as http from "node:http";
import { type AddressInfo } from "node:net";
import { type PlainObject } from "../../../../lab/kubernetes-plugin/values";

interface Kind {
    kind: string;
    plural: string;
    namespaced: boolean;
}

const kindsByPath: Record<string, Kind[]> = {
    "/api/v1": [
        { kind: "Namespace", plural: "namespaces", namespaced: false },
        { kind: "Secret", plural: "secrets", namespaced: true },
        { kind: "ConfigMap", plural: "configmaps", namespaced: true },
    ],
    "/apis/example.com/v1": [{ kind: "Widget", plural: "widgets", namespaced: true }],
};

export interface RecordedRequest {
    method: string;
    path: string;
    query: Record<string, string>;
    contentType: string;
    body: PlainObject;
}

/**
 * As much of a Kubernetes API server as shows what a client asks of one: discovery, objects by path, lists, watches.
 * It does not know server-side apply (an applied object is merged in), admission or validation: those are tried against
 * the real server.
 */
export class FakeApiServer {
    readonly requests: RecordedRequest[] = [];
    readonly objects = new Map<string, PlainObject>();
    /** Answers a request in the server's place, or leaves it to the server. */
    intercept: (request: RecordedRequest) => { code: number; body: PlainObject } | undefined = () => undefined;
    /** While set, requests are accepted and never answered. */
    frozen = false;
    private readonly watchers = new Set<{ collection: string; response: http.ServerResponse }>();
    private readonly server = http.createServer((request, response) => void this.answer(request, response));
    private version = 0;

    async start(): Promise<this> {
        this.server.listen(0, "127.0.0.1");
        await once(this.server, "listening");
        return this;
    }

    async stop(): Promise<void> {
        this.server.closeAllConnections();
        this.server.close();
        await once(this.server, "close");
    }

    breakConnections(): void {
        this.server.closeAllConnections();
    }

    get kubeconfig(): string {
        const { port } = this.server.address() as AddressInfo;
        return JSON.stringify({
            apiVersion: "v1",
            kind: "Config",
            clusters: [
                { name: "fake", cluster: { server: `http://127.0.0.1:${port}`, "insecure-skip-tls-verify": true } },
            ],
            users: [{ name: "fake", user: { token: "t0ken" } }],
            contexts: [{ name: "fake", context: { cluster: "fake", user: "fake" } }],
            "current-context": "fake",
        });
    }

    /** Writes an object as a controller would, and tells the watchers. */
    put(path: string, object: PlainObject, type = "MODIFIED"): PlainObject {
        const metadata = { ...(object["metadata"] as PlainObject), resourceVersion: String(++this.version) };
        const stored = { ...object, metadata };
        this.objects.set(path, stored);
        this.notify(path, type, stored);
        return stored;
    }

    remove(path: string): void {
        const object = this.objects.get(path)!;
        this.objects.delete(path);
        this.notify(path, "DELETED", object);
    }

    get watching(): boolean {
        return this.watchers.size > 0;
    }

    private notify(path: string, type: string, object: PlainObject): void {
        for (const { collection, response } of this.watchers) {
            if (path.startsWith(`${collection}/`)) {
                response.write(`${JSON.stringify({ type, object })}\n`);
            }
        }
    }

    private async answer(incoming: http.IncomingMessage, response: http.ServerResponse): Promise<void> {
        const chunks: Buffer[] = [];
        for await (const chunk of incoming) {
            chunks.push(chunk as Buffer);
        }
        const url = new URL(incoming.url!, "http://fake");
        const text = Buffer.concat(chunks).toString();
        const request: RecordedRequest = {
            method: incoming.method!,
            path: url.pathname,
            query: Object.fromEntries(url.searchParams),
            contentType: incoming.headers["content-type"] ?? "",
            body: text === "" ? {} : (JSON.parse(text) as PlainObject),
        };
        this.requests.push(request);
        if (this.frozen) {
            return;
        }
        if (request.query["watch"] === "true") {
            const watcher = { collection: request.path, response };
            this.watchers.add(watcher);
            response.on("close", () => this.watchers.delete(watcher));
            response.writeHead(200).flushHeaders();
            return;
        }
        const { code, body } = this.intercept(request) ?? this.serve(request);
        response.writeHead(code, { "content-type": "application/json" }).end(JSON.stringify(body));
    }

    private serve({ method, path, query, body }: RecordedRequest): { code: number; body: PlainObject } {
        if (path === "/version") {
            return { code: 200, body: { gitVersion: "v1.36.3" } };
        }
        if (kindsByPath[path] !== undefined) {
            const resources = kindsByPath[path].map(({ kind, plural, namespaced }) => ({
                kind,
                name: plural,
                namespaced,
            }));
            return { code: 200, body: { resources } };
        }
        const existing = this.objects.get(path);
        const dryRun = query["dryRun"] === "All";
        switch (method) {
            case "POST": {
                const target = `${path}/${String((body["metadata"] as PlainObject)["name"])}`;
                if (this.objects.has(target)) {
                    return failure(409, "AlreadyExists", `"${target}" already exists`);
                }
                return { code: 201, body: this.store(target, { metadata: {} }, body, dryRun) };
            }
            case "PATCH":
                return { code: 200, body: this.store(path, existing ?? {}, Array.isArray(body) ? {} : body, dryRun) };
            case "DELETE":
                if (existing !== undefined) {
                    this.remove(path);
                    return { code: 200, body: {} };
                }
                return failure(404, "NotFound", `"${path}" not found`);
            default:
                if (existing !== undefined) {
                    return { code: 200, body: existing };
                }
                return this.list(path) ?? failure(404, "NotFound", `"${path}" not found`);
        }
    }

    private store(path: string, before: PlainObject, change: PlainObject, dryRun: boolean): PlainObject {
        const metadata = {
            uid: "00000000-0000-0000-0000-000000000001",
            managedFields: [],
            ...(before["metadata"] as PlainObject),
            ...(change["metadata"] as PlainObject),
        };
        const merged = { ...before, ...change, metadata };
        return dryRun ? merged : this.put(path, merged);
    }

    private list(path: string): { code: number; body: PlainObject } | undefined {
        const isCollection = Object.values(kindsByPath).some((kinds) =>
            kinds.some(({ plural }) => path.endsWith(`/${plural}`)),
        );
        const items = [...this.objects].filter(([key]) => key.startsWith(`${path}/`)).map(([, object]) => object);
        const metadata = { resourceVersion: String(this.version) };
        return isCollection ? { code: 200, body: { metadata, items } } : undefined;
    }
}

/** An answer that is an error, as the API server words it. */
export function failure(
    code: number,
    reason: string,
    message: string,
    details: PlainObject = {},
): { code: number; body: PlainObject } {
    return { code, body: { kind: "Status", status: "Failure", code, reason, message, details } };
}
