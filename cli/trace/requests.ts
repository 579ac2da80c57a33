import { type Span, spansIn } from "./spans";

/** Requests of one verb to one server. */
export interface Requests {
    target: string;
    site: string;
    server: string;
    verb: string;
    count: number;
    /** Milliseconds, all of them together. */
    total: number;
    longest: number;
}

/** What a recorded run asked of each server; a repeated request counts each time. */
export function countRequests(file: string): Requests[] {
    return requestsOf(spansIn(file));
}

/** The same of spans. */
export function requestsOf(spans: readonly Span[]): Requests[] {
    const groups = new Map<string, Requests>();
    for (const { attributes, start, end } of spans) {
        if (attributes["kind"] !== "request") {
            continue;
        }
        const { target = "", site = "", server = "", verb = "" } = attributes;
        const key = JSON.stringify([target, site, server, verb]);
        const { count, total, longest } = groups.get(key) ?? { count: 0, total: 0, longest: 0 };
        groups.set(key, {
            ...{ target, site, server, verb },
            count: count + 1,
            total: total + end - start,
            longest: Math.max(longest, end - start),
        });
    }
    return [...groups].sort(([a], [b]) => a.localeCompare(b)).map(([, group]) => group);
}
