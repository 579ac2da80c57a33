import type { Recorder } from "./traceRecorder";

/** What a span is: `trident-dr trace` sorts by it. */
export type SpanKind = "start" | "handler" | "inspection" | "step" | "action" | "request" | "wait" | "connection";

export type Target = "kubernetes" | "array" | "bucket";

/** Attributes of a span: names, never contents. Nothing here may be a secret. */
export interface Attributes {
    site?: string | undefined;
    /** Of a handler: the resource and its method. */
    resource?: string | undefined;
    method?: string | undefined;
    /** The protected item. */
    item?: string | undefined;
    /** Of a request and of a connection: the kind of server, and which one it is. */
    target?: Target | undefined;
    server?: string | undefined;
    /** Of a request: what is asked. A path has no query. */
    verb?: string | undefined;
    path?: string | undefined;
    /** HTTP status of the answer. */
    status?: number | undefined;
    /** Of an action: as the preview prints it. */
    call?: string | undefined;
    effect?: string | undefined;
    /** Of a wait: what is there instead of what is waited for. */
    instead?: string | undefined;
}

/** Adds what is known only at the end. */
export type Note = (attributes: Attributes) => void;

/** Milliseconds since the epoch at which this module was loaded; `provider/index.ts` loads it before all others. */
const loaded = now();

/** Undefined: nothing is recorded. */
let recorder: Promise<Recorder | undefined> | undefined;

/**
 * Records spans from now on where the environment asks for it: into the trace of the Pulumi CLI
 * (`--otel-traces`, which sets a variable for its plugins), or into the file that `TRIDENT_DR_TRACE` names. Otherwise
 * nothing is loaded. No run fails because its trace cannot be written.
 *
 * @param warn called with a line for the user
 */
export function startTrace(environment: NodeJS.ProcessEnv, warn: (line: string) => void): void {
    const endpoint = environment["PULUMI_OTEL_EXPORTER_OTLP_ENDPOINT"];
    const file = environment["TRIDENT_DR_TRACE"];
    if (!endpoint && !file) {
        return;
    }
    recorder = import("./traceRecorder.js")
        .then(({ openRecorder }) => openRecorder({ endpoint, file, parent: environment["TRACEPARENT"], warn }))
        .catch((error: unknown) => {
            warn(`warning: this run is not traced: ${(error as Error).message}; nothing else is affected`);
            return undefined;
        });
}

/** Runs something as a span of the trace, below the one that it is called in. */
export function span<T>(
    name: string,
    kind: SpanKind,
    attributes: Attributes,
    run: (note: Note) => Promise<T>,
): Promise<T> {
    return recorder === undefined ? run(ignore) : recorded(recorder, name, kind, attributes, run);
}

/** Whether spans are recorded. */
export function isTraced(): boolean {
    return recorder !== undefined;
}

/**
 * Records what ends now, and is part of no other span.
 *
 * @param began milliseconds since the epoch
 */
export function recordPast(name: string, kind: SpanKind, attributes: Attributes, began: number): void {
    const ended = now();
    void recorder?.then((open) => open?.past(name, kind, attributes, began, ended));
}

/** Tells the trace, once all is loaded, how long that took and when the process began. */
export function traceLoading(): void {
    const ended = now();
    void recorder?.then((open) => {
        open?.past("process, until its first call", "start", {}, performance.timeOrigin, loaded);
        open?.past("import of the provider", "start", {}, loaded, ended);
    });
}

async function recorded<T>(
    opening: Promise<Recorder | undefined>,
    name: string,
    kind: SpanKind,
    attributes: Attributes,
    run: (note: Note) => Promise<T>,
): Promise<T> {
    const began = now();
    const open = await opening;
    return open === undefined ? run(ignore) : open.span(name, kind, attributes, began, run);
}

function ignore(): void {}

function now(): number {
    return performance.timeOrigin + performance.now();
}
