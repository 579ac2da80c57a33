import { readFileSync } from "node:fs";
import { z } from "zod";

/** One span of a recorded run. */
export interface Span {
    id: string;
    /** Id of the span above it; that one need not be in the file. */
    parent: string | undefined;
    /** Who did it, as its reader calls it. */
    process: string;
    name: string;
    /** Milliseconds since the first span of the file. */
    start: number;
    end: number;
    /** What this package says of its own spans, and the few words of Pulumi's that tell its spans apart. */
    attributes: Readonly<Record<string, string>>;
}

/** The spans of a file in lines of OTLP JSON: what `pulumi --otel-traces` writes, and `TRIDENT_DR_TRACE`. */
export function spansIn(file: string): Span[] {
    const text = readFileSync(file, "utf8");
    try {
        return spansOf(text);
    } catch (error) {
        const why = error instanceof z.ZodError ? z.prettifyError(error) : (error as Error).message;
        throw new Error(`${file} is no trace: ${why}\nRecord one with "pulumi up --otel-traces file:///…"`, {
            cause: error,
        });
    }
}

/** The same of its text. */
export function spansOf(text: string): Span[] {
    const groups = text
        .split("\n")
        .filter((line) => line.trim() !== "")
        .flatMap((line) => lineSchema.parse(JSON.parse(line)).resourceSpans);
    const found = groups.flatMap(({ resource, scopeSpans }) => {
        const service = valuesOf(resource.attributes)["service.name"] ?? "";
        return scopeSpans.flatMap(({ spans }) => spans.map((span) => ({ ...span, service })));
    });
    const first = found.reduce<bigint | undefined>((least, { startTimeUnixNano: time }) => {
        return least === undefined || time < least ? time : least;
    }, undefined);
    const since = (time: bigint) => Number(time - (first ?? time)) / 1e6;
    return found.map(({ spanId, parentSpanId, name, startTimeUnixNano, endTimeUnixNano, attributes, service }) => ({
        id: spanId,
        parent: parentSpanId === "" ? undefined : parentSpanId,
        process: name === "execNodejs" ? "program" : (processes[service] ?? service),
        name,
        start: since(startTimeUnixNano),
        end: since(endTimeUnixNano),
        attributes: keptOf(valuesOf(attributes)),
    }));
}

const processes: Readonly<Record<string, string>> = {
    "pulumi-cli": "pulumi",
    "pulumi-language-host": "language host",
    "opentracing-plugin": "language host",
    "pulumi-sdk-nodejs": "program",
    "trident-dr": "provider",
};

const own = "trident_dr.";
const ofPulumi: readonly string[] = ["prefix", "operation", "net.peer.name"];

/** Nothing else is kept: Pulumi's spans have the inputs of resources in them, secrets included. */
function keptOf(values: Record<string, string>): Record<string, string> {
    return Object.fromEntries(
        Object.entries(values)
            .filter(([name]) => name.startsWith(own) || ofPulumi.includes(name))
            .map(([name, value]) => [name.startsWith(own) ? name.slice(own.length) : name, value]),
    );
}

const attributesSchema = z.array(z.object({ key: z.string(), value: z.record(z.string(), z.unknown()) })).default([]);
const time = z.union([z.string(), z.number()]).transform((value) => BigInt(value));

const lineSchema = z.object({
    resourceSpans: z.array(
        z.object({
            resource: z.object({ attributes: attributesSchema }).default({ attributes: [] }),
            scopeSpans: z.array(
                z.object({
                    spans: z.array(
                        z.object({
                            spanId: z.string(),
                            parentSpanId: z.string().optional(),
                            name: z.string(),
                            startTimeUnixNano: time,
                            endTimeUnixNano: time,
                            attributes: attributesSchema,
                        }),
                    ),
                }),
            ),
        }),
    ),
});

/** Each attribute has one value, whatever its type; what has none, such as a list, is left out. */
function valuesOf(attributes: z.infer<typeof attributesSchema>): Record<string, string> {
    return Object.fromEntries(
        attributes.flatMap(({ key, value }) => {
            const [one] = Object.values(value);
            return typeof one === "object" || one === undefined ? [] : [[key, String(one)]];
        }),
    );
}
