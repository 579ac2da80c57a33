import { appendFileSync, mkdirSync } from "node:fs";
import { dirname } from "node:path";
import type { TLSSocket } from "node:tls";
import Fastify, { FastifyInstance, FastifyReply, FastifyRequest } from "fastify";
import { ZodError } from "zod";
import { Cluster } from "../cluster";
import { missingEntry, OntapFailure } from "../errors";
import { ended } from "../jobs";
import type { ClientCertificates } from "../options";
import { JobRecord } from "../state";
import { checkBody, Fields, project, valuesAt } from "./fields";
import { matches, ordered, parseQuery, Query } from "./query";
import { Call, Outcome, Resource } from "./resource";

interface ServerOptions {
    tls: { cert: string; key: string };
    users: Record<string, { username: string; password: string }>;
    clientCertificates?: ClientCertificates;
    requestLog?: string;
    answerLog?: string;
}

type Method = "GET" | "POST" | "PATCH" | "DELETE";

declare module "fastify" {
    interface FastifyRequest {
        account: string;
    }
}

/** The REST interface: one route for each resource and method, with what all of them have in common. */
export function buildServer(cluster: Cluster, resources: Resource[], options: ServerOptions): FastifyInstance {
    const server = Fastify({
        // A request line with its headers above this is answered with 431, as web servers do.
        https: { ...options.tls, ...certificateRequest(options), maxHeaderSize: 8 * 1024 },
        forceCloseConnections: true,
        bodyLimit: 16 * 2 ** 20,
        routerOptions: { maxParamLength: 500 },
    }) as unknown as FastifyInstance;
    server.decorateRequest("account", "");
    server.removeAllContentTypeParsers();
    server.addContentTypeParser("*", { parseAs: "string" }, (_request, body, done) => {
        try {
            done(null, body === "" ? undefined : JSON.parse(body as string));
        } catch {
            done(new OntapFailure(400, "262255", "The request body is not valid JSON."));
        }
    });
    if (options.requestLog !== undefined) {
        logRequests(server, options.requestLog);
    }
    if (options.answerLog !== undefined) {
        logAnswers(server, options.answerLog);
    }
    server.addHook("onRequest", async (request, reply) => {
        reply.header("cache-control", "no-cache,no-store,must-revalidate").header("vary", "Origin");
        request.account = authenticate(request, options);
        await applyFaults(cluster, request, reply);
    });
    server.setErrorHandler((error, _request, reply) => sendFailure(reply, error));
    server.setNotFoundHandler((request, reply) => {
        const path = pathOf(request);
        const known = resources.some(({ path: own, keys, single }) => {
            const pattern = own.replace(/:[^/]+/g, "[^/]+");
            const rest = single ? "" : `(${keys.map(() => "/[^/]+").join("")})?`;
            return new RegExp(`^/api(/v1)?${pattern}${rest}$`).test(path);
        });
        return sendFailure(
            reply,
            known
                ? new OntapFailure(405, "3", `The method ${request.method} is not offered by this path.`)
                : new OntapFailure(404, "3", "API not found"),
        );
    });
    faultRoutes(server, cluster);
    for (const prefix of ["/api", "/api/v1"]) {
        for (const resource of resources) {
            addRoutes(server, cluster, prefix, resource);
        }
    }
    return server;
}

/** A certificate is asked for, never demanded: who brings none may give a password. */
function certificateRequest({ clientCertificates }: ServerOptions): object {
    return clientCertificates ? { ca: clientCertificates.ca, requestCert: true, rejectUnauthorized: false } : {};
}

function pathOf(request: FastifyRequest): string {
    return request.url.split("?")[0] ?? "";
}

/** The account that a certificate or Basic names; the certificate's common name is that of its account. */
function authenticate(request: FastifyRequest, { users, clientCertificates }: ServerOptions): string {
    const socket = request.raw.socket as TLSSocket;
    if (request.headers.authorization === undefined && socket.authorized) {
        const name: unknown = socket.getPeerCertificate().subject?.CN;
        if (typeof name === "string" && clientCertificates?.accounts.includes(name)) {
            return name;
        }
    }
    const [scheme, token = ""] = (request.headers.authorization ?? "").split(" ");
    const [username, ...rest] = Buffer.from(token, "base64").toString("utf8").split(":");
    const password = rest.join(":");
    const known = Object.values(users).find((one) => one.username === username && one.password === password);
    if (scheme?.toLowerCase() !== "basic" || !known) {
        throw new OntapFailure(401, "6691623", "User is not authorized.");
    }
    return known.username;
}

async function applyFaults(cluster: Cluster, request: FastifyRequest, reply: FastifyReply): Promise<void> {
    const path = pathOf(request);
    if (!path.startsWith("/api")) {
        return;
    }
    const occasion = { method: request.method, path: path.replace(/^\/api(\/v1)?/, ""), user: request.account };
    const latency = cluster.faults.strike("latency", occasion);
    if (latency) {
        await cluster.clock.pause(latency.milliseconds);
    }
    if (cluster.faults.strike("drop", occasion)) {
        reply.hijack();
        return;
    }
    if (cluster.faults.strike("narrowRole", occasion)) {
        throw new OntapFailure(403, "6", "not authorized for that command");
    }
    const error = cluster.faults.strike("error", occasion);
    if (error) {
        throw new OntapFailure(error.status, error.code, error.message);
    }
}

function logRequests(server: FastifyInstance, file: string): void {
    mkdirSync(dirname(file), { recursive: true });
    server.addHook("onResponse", async (request, reply) => {
        const [path, query = ""] = request.url.split("?");
        const line = {
            time: new Date().toISOString(),
            user: request.account,
            method: request.method,
            path,
            query,
            status: reply.statusCode,
        };
        appendFileSync(file, `${JSON.stringify(line)}\n`);
    });
}

/** What goes out, for those who judge it by others' schemas. */
function logAnswers(server: FastifyInstance, file: string): void {
    mkdirSync(dirname(file), { recursive: true });
    server.addHook("onSend", async (request, reply, payload) => {
        const path = pathOf(request).replace(/^\/api\/v1/, "/api");
        if (path.startsWith("/api") && typeof payload === "string") {
            const line = {
                method: request.method,
                path,
                status: reply.statusCode,
                body: JSON.parse(payload) as unknown,
            };
            appendFileSync(file, `${JSON.stringify(line)}\n`);
        }
        return payload;
    });
}

function sendFailure(reply: FastifyReply, error: unknown): FastifyReply {
    const failure =
        error instanceof OntapFailure
            ? error
            : new OntapFailure(
                  (error as { statusCode?: number }).statusCode ?? 500,
                  "13",
                  `Internal error: ${error instanceof Error ? error.message : String(error)}`,
              );
    if (failure.status === 401) {
        reply.header("www-authenticate", 'Basic realm="ONTAP"');
    }
    return reply.code(failure.status).type("application/hal+json").send(JSON.stringify(failure.body()));
}

function faultRoutes(server: FastifyInstance, cluster: Cluster): void {
    const adminOnly = (request: FastifyRequest) => {
        if (request.account !== "admin") {
            throw new OntapFailure(403, "6", "not authorized for that command");
        }
    };
    server.get("/lab/faults", async (request) => {
        adminOnly(request);
        return cluster.faults.list();
    });
    server.post("/lab/faults", async (request) => {
        adminOnly(request);
        try {
            return { ids: cluster.faults.add(request.body) };
        } catch (error) {
            throw error instanceof ZodError ? new OntapFailure(400, "2", error.message) : error;
        }
    });
    server.delete<{ Params: { id?: string } }>("/lab/faults/:id?", async (request) => {
        adminOnly(request);
        cluster.faults.clear(request.params.id === undefined ? undefined : Number(request.params.id));
        return {};
    });
}

function addRoutes(server: FastifyInstance, cluster: Cluster, prefix: string, resource: Resource): void {
    const route = new Route(cluster, resource);
    const collection = prefix + resource.path;
    const on = (
        method: Method,
        url: string,
        instance: boolean,
        answer: (call: Call, reply: FastifyReply, hal: boolean) => unknown,
    ) =>
        server.route({
            method,
            url,
            handler: async (request, reply) => {
                if (reply.sent) {
                    return reply;
                }
                const call = route.call(request, method);
                if (instance) {
                    route.rejectFilters(call);
                }
                const body = await answer(call, reply, wantsHal(request));
                return reply.type("application/hal+json").send(JSON.stringify(body));
            },
        });
    if (resource.single) {
        on("GET", collection, true, (call, _reply, hal) => route.one(call, hal));
        return;
    }
    const instance = `${collection}/${resource.keys.map((key) => `:${key.replace(/\./g, "_")}`).join("/")}`;
    on("GET", collection, false, (call, _reply, hal) => route.many(call, hal));
    on("GET", instance, true, (call, _reply, hal) => route.one(call, hal));
    if (resource.create) {
        on("POST", collection, true, (call, reply, hal) => route.create(call, reply, hal));
    }
    if (resource.modify) {
        on("PATCH", instance, true, (call, reply, hal) => route.modify(call, reply, hal));
        on("PATCH", collection, false, (call, reply) => route.modifyMany(call, reply, "modify"));
    }
    if (resource.remove) {
        on("DELETE", instance, true, (call, reply) => route.remove(call, reply));
        on("DELETE", collection, false, (call, reply) => route.modifyMany(call, reply, "remove"));
    }
}

/** Only `application/json` turns the links off; `next` stays. */
function wantsHal(request: FastifyRequest): boolean {
    const accept = request.headers.accept ?? "";
    return accept.includes("application/hal+json") || !accept.includes("application/json");
}

/** How the requests of one resource are answered. */
class Route {
    private readonly fields: Fields;

    constructor(
        private readonly cluster: Cluster,
        private readonly resource: Resource,
    ) {
        this.fields = resource.fields;
    }

    call(request: FastifyRequest, method: Method): Call {
        const [path = "", search = ""] = request.url.split("?");
        const query = parseQuery(new URLSearchParams(search), this.fields, this.resource.parameters?.[method] ?? []);
        return {
            params: request.params as Record<string, string>,
            query,
            body: this.bodyOf(request, method),
            method,
            path: path.replace(/^\/api(\/v1)?/, ""),
            user: request.account,
        };
    }

    private bodyOf(request: FastifyRequest, method: Method): Record<string, unknown> {
        if (method !== "POST" && method !== "PATCH") {
            return {};
        }
        return checkBody(request.body, { fields: this.fields, lists: this.resource.lists ?? [], method });
    }

    /** A path to one object takes no filters. */
    rejectFilters(call: Call): void {
        const [filter] = call.query.filters;
        if (filter && call.method !== "DELETE" && call.method !== "PATCH") {
            throw new OntapFailure(400, "262179", `Unexpected argument "${filter.path}".`, filter.path);
        }
    }

    private keyOf(view: object): string[] {
        return this.resource.keys.map((key) => String(valuesAt(view, key)[0]));
    }

    private find(call: Call): Record<string, unknown> {
        const views = this.resource.list(call) as Record<string, unknown>[];
        if (this.resource.single) {
            return views[0] ?? {};
        }
        const wanted = this.resource.keys.map((key) => call.params[key.replace(/\./g, "_")]);
        const found = views.find((view) => this.keyOf(view).every((value, index) => value === wanted[index]));
        if (!found) {
            throw missingEntry(this.resource.keys[0]);
        }
        return found;
    }

    private basePath(call: Call): string {
        return this.resource.path.replace(/:([^/]+)/g, (_whole, name: string) => call.params[name] ?? "");
    }

    private self(call: Call, view: object): string {
        const base = `/api${this.basePath(call)}`;
        return this.resource.single ? base : `${base}/${this.keyOf(view).map(encodeURIComponent).join("/")}`;
    }

    private shown(call: Call, view: object, projection: Query["projection"], hal: boolean): object {
        const names = [...projection.names, ...call.query.filters.map(({ path }) => path)];
        const record = project(view, this.fields, { whole: projection.whole, names });
        return hal ? { ...record, _links: { self: { href: this.self(call, view) } } } : record;
    }

    one(call: Call, hal: boolean): object {
        const projection = call.query.defaultProjection
            ? ({ whole: "cheap", names: [] } as const)
            : call.query.projection;
        return this.shown(call, this.find(call), { ...projection, names: [...projection.names] }, hal);
    }

    many(call: Call, hal: boolean): object {
        const { query } = call;
        const occasion = { method: call.method, path: call.path, user: call.user };
        const hidden = this.cluster.faults.strike("emptyGet", occasion);
        const visible = hidden
            ? []
            : this.resource.list(call).filter((view) => this.resource.visible?.(view, call) ?? true);
        const found = ordered(
            visible.filter((view) => matches(view, query, this.fields)),
            query,
            this.fields,
        );
        const short = this.cluster.faults.strike("shortPages", occasion)?.records ?? Infinity;
        const end = query.start + Math.min(query.maxRecords, short);
        const page = found.slice(query.start, end);
        const links = {
            ...(hal ? { self: { href: this.pageLink(call, query.start) } } : {}),
            ...(end < found.length ? { next: { href: this.pageLink(call, end) } } : {}),
        };
        return {
            ...(query.returnRecords === false
                ? {}
                : { records: page.map((view) => this.shown(call, view, query.projection, hal)) }),
            num_records: page.length,
            ...(Object.keys(links).length > 0 ? { _links: links } : {}),
        };
    }

    private pageLink(call: Call, start: number): string {
        const { query } = call;
        const parts = [
            ...(start > 0 ? [`start.index=${start}`] : []),
            ...(query.maxRecords < 10_000 ? [`max_records=${query.maxRecords}`] : []),
            ...(query.defaultProjection ? [] : [`fields=${fieldsText(query)}`]),
            ...(query.orderBy.length > 0
                ? [
                      `order_by=${query.orderBy.map(({ path, descending }) => `${path}${descending ? "%20desc" : ""}`).join(",")}`,
                  ]
                : []),
            ...(query.returnTimeout === undefined ? [] : [`return_timeout=${query.returnTimeout}`]),
            ...query.filters.map(({ path, expression }) => `${path}=${encodeURIComponent(expression)}`),
            ...Object.entries(query.own).map(([name, value]) => `${name}=${encodeURIComponent(value)}`),
        ];
        return `/api${call.path}${parts.length > 0 ? `?${parts.join("&")}` : ""}`;
    }

    async create(call: Call, reply: FastifyReply, hal: boolean): Promise<object> {
        const outcome = (await this.resource.create?.(call)) ?? {};
        const base = `/api${this.basePath(call)}`;
        if (outcome.key) {
            reply.header("location", `${base}/${outcome.key.map(encodeURIComponent).join("/")}`);
        }
        const answer = await this.settle(call, reply, outcome, 201);
        const record = call.query.returnRecords ? outcome.record?.() : undefined;
        if (record) {
            return { ...this.records(call, record, hal), ...answer };
        }
        return outcome.record && !outcome.job ? { num_records: 1, ...answer } : answer;
    }

    async modify(call: Call, reply: FastifyReply, hal: boolean): Promise<object> {
        const outcome = (await this.resource.modify?.(call, this.find(call))) ?? {};
        const answer = await this.settle(call, reply, outcome, 200);
        return outcome.record ? { ...this.records(call, outcome.record(), hal), ...answer } : answer;
    }

    private records(call: Call, record: object, hal: boolean): object {
        return { num_records: 1, records: [this.shown(call, record, { whole: "all", names: [] }, hal)] };
    }

    async remove(call: Call, reply: FastifyReply): Promise<object> {
        return this.settle(call, reply, (await this.resource.remove?.(call, this.find(call))) ?? {}, 200);
    }

    /** A PATCH or DELETE of a collection acts on what the query finds, one after the other. */
    async modifyMany(call: Call, reply: FastifyReply, verb: "modify" | "remove"): Promise<object> {
        if (call.query.filters.length === 0) {
            throw new OntapFailure(400, "262190", "A query is needed to change a collection.");
        }
        const views = this.resource.list(call).filter((view) => matches(view, call.query, this.fields));
        const jobs: object[] = [];
        for (const view of views as Record<string, unknown>[]) {
            const outcome = (await this.resource[verb]?.(call, view)) ?? {};
            if (outcome.job) {
                await this.cluster.jobs.wait(outcome.job, call.query.returnTimeout ?? 15);
                jobs.push(jobLink(outcome.job));
            }
        }
        await this.cluster.save();
        reply.code(200);
        return { num_records: views.length, ...(jobs.length > 0 ? { jobs } : {}) };
    }

    /** Waits for the job as long as the request wants, and chooses between 201 or 200, 202 and the job's own failure. */
    private async settle(call: Call, reply: FastifyReply, outcome: Outcome, done: number): Promise<object> {
        const { job } = outcome;
        await this.cluster.save();
        if (!job) {
            reply.code(done);
            return {};
        }
        if (call.query.returnTimeout) {
            await this.cluster.jobs.wait(job, call.query.returnTimeout);
        }
        if (ended(job) && job.state === "failure" && call.query.returnTimeout) {
            throw new OntapFailure(400, String(job.code), job.message ?? "");
        }
        reply.code(ended(job) && call.query.returnTimeout ? done : 202);
        return { job: jobLink(job) };
    }
}

function fieldsText({ projection }: Query): string {
    const whole = projection.whole === "all" ? ["**"] : projection.whole === "cheap" ? ["*"] : [];
    return [...whole, ...projection.names].join(",");
}

function jobLink(job: JobRecord): object {
    return { uuid: job.uuid, _links: { self: { href: `/api/cluster/jobs/${job.uuid}` } } };
}
