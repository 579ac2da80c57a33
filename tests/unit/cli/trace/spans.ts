import type { Span } from "../../../../cli/trace/spans";

/** A span by hand: who, what, from, to. */
export function span(name: string, start: number, end: number, more: Partial<Span> = {}): Span {
    return { id: name, parent: undefined, process: "provider", name, start, end, attributes: {}, ...more };
}

/** A request of the provider below another span. */
export function request(name: string, start: number, end: number, parent: string): Span {
    return span(name, start, end, { parent, attributes: { kind: "request", target: "array", verb: "GET" } });
}
