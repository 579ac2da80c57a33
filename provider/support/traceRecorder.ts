import { AsyncLocalStorage } from "node:async_hooks";
import { appendFileSync } from "node:fs";
import { type Context, ROOT_CONTEXT, type Span, SpanStatusCode, trace, type Tracer } from "@opentelemetry/api";
import { type ExportResult, ExportResultCode, parseTraceParent } from "@opentelemetry/core";
import { JsonTraceSerializer } from "@opentelemetry/otlp-transformer";
import { Resource } from "@opentelemetry/resources";
import {
    BasicTracerProvider,
    BatchSpanProcessor,
    type ReadableSpan,
    type SpanExporter,
} from "@opentelemetry/sdk-trace-base";
import type { Attributes, Note, SpanKind } from "./trace";

interface RecorderOptions {
    /** `host:port` at which the Pulumi CLI collects spans. */
    endpoint?: string | undefined;
    /** To which spans are appended, as OTLP in lines of JSON: the form in which the Pulumi CLI writes them. */
    file?: string | undefined;
    /** The span of another program that this run is part of, as W3C Trace Context writes it. */
    parent?: string | undefined;
    warn: (line: string) => void;
}

/** Milliseconds that the end of a call waits for its spans to be taken: the engine may end the process right after. */
const flushTime = 1_000;

/** Spans that may wait to be taken; a call for hundreds of volumes ends with thousands. */
const mostWaiting = 65_536;

/** Opens the trace. Only loaded where one is asked for. */
export async function openRecorder({ endpoint, file, parent, warn }: RecorderOptions): Promise<Recorder> {
    const exporters: SpanExporter[] = [];
    if (file) {
        exporters.push(new FileExporter(file, warn));
    }
    if (endpoint) {
        const { OTLPTraceExporter } = await import("@opentelemetry/exporter-trace-otlp-grpc");
        exporters.push(new OTLPTraceExporter({ url: `http://${endpoint}`, timeoutMillis: flushTime }));
    }
    const provider = new BasicTracerProvider({
        resource: new Resource({ "service.name": "trident-dr", "process.pid": process.pid }),
        spanProcessors: exporters.map((one) => new BatchSpanProcessor(one, { maxQueueSize: mostWaiting })),
    });
    return new Recorder(provider, parent);
}

/** Spans of this process. It registers nothing: what libraries say of themselves is not recorded. */
export class Recorder {
    private readonly current = new AsyncLocalStorage<Context>();
    private readonly root: Context;
    private readonly tracer: Tracer;
    private reachable = true;

    constructor(
        private readonly provider: BasicTracerProvider,
        parent: string | undefined,
    ) {
        const context = parent === undefined ? null : parseTraceParent(parent);
        this.root =
            context === null ? ROOT_CONTEXT : trace.setSpanContext(ROOT_CONTEXT, { ...context, isRemote: true });
        this.tracer = provider.getTracer("pulumi-trident-dr");
    }

    /** @param began milliseconds since the epoch */
    async span<T>(
        name: string,
        kind: SpanKind,
        attributes: Attributes,
        began: number,
        run: (note: Note) => Promise<T>,
    ): Promise<T> {
        const above = this.current.getStore();
        const span = this.begin(name, kind, began, above ?? this.root);
        const note: Note = (more) => set(span, more);
        note(attributes);
        try {
            return await this.current.run(trace.setSpan(above ?? this.root, span), run, note);
        } catch (error) {
            // Not its message: that is the user's to read, and may quote what others wrote.
            span.setStatus({ code: SpanStatusCode.ERROR, message: (error as Error | undefined)?.name ?? "" });
            throw error;
        } finally {
            span.end(now());
            if (above === undefined) {
                await this.flush();
            }
        }
    }

    /** What has ended by now. */
    past(name: string, kind: SpanKind, attributes: Attributes, began: number, ended: number): void {
        const span = this.begin(name, kind, began, this.root);
        set(span, attributes);
        span.end(ended);
    }

    private begin(name: string, kind: SpanKind, began: number, above: Context): Span {
        const span = this.tracer.startSpan(name, { startTime: began }, above);
        span.setAttribute("trident_dr.kind", kind);
        return span;
    }

    private async flush(): Promise<void> {
        if (!this.reachable) {
            return;
        }
        let timer: NodeJS.Timeout | undefined;
        const late = new Promise<boolean>((resolve) => {
            timer = setTimeout(() => resolve(false), flushTime);
        });
        const taken = this.provider.forceFlush().then(
            () => true,
            () => false,
        );
        // Whoever does not take them once is not waited for again.
        this.reachable = await Promise.race([taken, late]);
        clearTimeout(timer);
    }
}

class FileExporter implements SpanExporter {
    constructor(
        private readonly file: string,
        private readonly warn: (line: string) => void,
    ) {
        // Says at once, and once, that a file cannot be written.
        appendFileSync(file, "", { mode: 0o600 });
    }

    export(spans: ReadableSpan[], done: (result: ExportResult) => void): void {
        try {
            const line = Buffer.from(JsonTraceSerializer.serializeRequest(spans) ?? []);
            appendFileSync(this.file, `${line.toString("utf8")}\n`);
            done({ code: ExportResultCode.SUCCESS });
        } catch (error) {
            this.warn(`warning: the trace is incomplete: ${(error as Error).message}; nothing else is affected`);
            done({ code: ExportResultCode.FAILED });
        }
    }

    shutdown(): Promise<void> {
        return Promise.resolve();
    }
}

function set(span: Span, attributes: Attributes): void {
    for (const [name, value] of Object.entries(attributes) as [string, string | number | undefined][]) {
        if (value !== undefined) {
            span.setAttribute(`trident_dr.${name}`, value);
        }
    }
}

function now(): number {
    return performance.timeOrigin + performance.now();
}
