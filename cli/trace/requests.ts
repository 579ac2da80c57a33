import { type Span, spansIn } from "./spans";

/** How often something was done, and how long that took. */
interface Counted {
    count: number;
    /** Milliseconds, all of them together. */
    total: number;
    longest: number;
}

/** Requests of one verb to one server. */
export interface Requests extends Counted {
    target: string;
    site: string;
    server: string;
    verb: string;
}

/** Connections that were made to one server, with their TLS handshakes. */
export interface Connections extends Counted {
    target: string;
    server: string;
}

/** What a recorded run asked of each server; a repeated request counts each time. */
export function countRequests(file: string): Requests[] {
    return requestsOf(spansIn(file));
}

/** How often a recorded run connected to each server: one that failed before it could be used does not count. */
export function countConnections(file: string): Connections[] {
    return connectionsOf(spansIn(file));
}

/** The same of spans. */
export function requestsOf(spans: readonly Span[]): Requests[] {
    return counted(spans, "request", ({ target = "", site = "", server = "", verb = "" }) => {
        return { target, site, server, verb };
    });
}

export function connectionsOf(spans: readonly Span[]): Connections[] {
    return counted(spans, "connection", ({ target = "", server = "" }) => ({ target, server }));
}

/** Those of one kind, in groups of what is the same about them. */
function counted<About extends object>(
    spans: readonly Span[],
    kind: string,
    aboutOf: (attributes: Span["attributes"]) => About,
): (About & Counted)[] {
    const groups = new Map<string, About & Counted>();
    for (const { attributes, start, end } of spans) {
        if (attributes["kind"] !== kind) {
            continue;
        }
        const about = aboutOf(attributes);
        const key = JSON.stringify(Object.values(about));
        const { count, total, longest } = groups.get(key) ?? { count: 0, total: 0, longest: 0 };
        groups.set(key, {
            ...about,
            count: count + 1,
            total: total + end - start,
            longest: Math.max(longest, end - start),
        });
    }
    return [...groups].sort(([a], [b]) => a.localeCompare(b)).map(([, group]) => group);
}
