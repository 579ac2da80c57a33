import { z } from "zod";
import { parseAnswer } from "./answers";
import type { Query } from "./options";
import type { Answer, Transport } from "./transport";

/** More pages than any collection that we read can have: a page holds up to 10,000 records. */
const mostPages = 200;

/** Bytes of one lookup's answers together: ten thousand volumes take a tenth of it. */
const mostBytes = 64 * 2 ** 20;

/**
 * Characters of names in one query, encoded. A web server limits a request line and all headers to 8 KiB or so, and
 * answers 414 or 431 above it.
 */
const longestNames = 3_000;

const pageSchema = z.object({
    records: z.array(z.unknown()).default([]),
    _links: z.object({ next: z.object({ href: z.string() }).optional() }).optional(),
});

/** One reading of a collection: time, bytes and pages are limited for all of its requests together. */
export class Lookup<T> {
    private readonly call: string;
    private readonly records: z.ZodType<{ records: T[] }>;
    private readonly ends: number;
    private pages = 0;
    private bytes = 0;

    constructor(
        private readonly transport: Transport,
        private readonly path: string,
        schema: z.ZodType<T>,
    ) {
        this.call = `GET ${path}`;
        this.records = z.object({ records: z.array(schema) });
        this.ends = Date.now() + transport.timeouts.patience;
    }

    /** Reads all that the query finds, page by page. */
    async read(query: Query): Promise<T[]> {
        const found: T[] = [];
        const seen = new Set<string>();
        let next: Query | undefined = query;
        while (next !== undefined) {
            const answer = await this.page(next);
            const page = this.parse(pageSchema, answer.body, answer.status);
            found.push(...this.parse(this.records, { records: page.records }, answer.status).records);
            const href = page._links?.next?.href;
            if (href !== undefined && seen.has(href)) {
                this.refuse(`key "_links.next.href": expected a page not seen yet, found ${href}`);
            }
            next = href === undefined ? undefined : this.queryOf(href);
            seen.add(href ?? "");
        }
        return found;
    }

    /** What the query finds for each of the names, which are asked for some at a time. */
    async readNamed(key: string, names: readonly string[], query: Query): Promise<T[]> {
        const found: T[] = [];
        for (const batch of batchesOf(names)) {
            found.push(...(await this.read({ ...query, [key]: batch.join("|") })));
        }
        return found;
    }

    private async page(query: Query): Promise<Answer> {
        if (this.pages === mostPages) {
            this.refuse(`expected ${mostPages} pages at most, found more`);
        }
        const left = this.ends - Date.now();
        if (left <= 0) {
            throw this.transport.failures.tooLong(this.call, this.transport.timeouts.patience, this.pages);
        }
        const answer = await this.transport.send("GET", this.path, { query, patience: left });
        this.pages += 1;
        this.bytes += answer.bytes;
        if (this.bytes > mostBytes) {
            this.refuse(`expected ${mostBytes} bytes at most, found more on ${this.pages} pages`);
        }
        return answer;
    }

    private queryOf(href: string): Query {
        const base = new URL(this.transport.url);
        const url = URL.canParse(href, base.href) ? new URL(href, base) : undefined;
        // The password goes to the declared host only, wherever an answer points.
        if (url === undefined || url.origin !== base.origin || url.pathname !== `/api${this.path}`) {
            return this.refuse(`key "_links.next.href": expected /api${this.path}?…, found ${href}`);
        }
        return Object.fromEntries(url.searchParams);
    }

    private parse<U>(schema: z.ZodType<U>, body: unknown, status: number): U {
        const parsed = parseAnswer(schema, body, (text) => this.transport.redact(text));
        if (!parsed.ok) {
            throw this.transport.failures.unreadable(this.call, parsed.failure.join("; "), status);
        }
        return parsed.value;
    }

    private refuse(problem: string): never {
        throw this.transport.failures.unreadable(this.call, problem);
    }
}

/** The names, each once, in lists short enough for a query. */
export function batchesOf(names: readonly string[]): string[][] {
    const batches: string[][] = [];
    let room = 0;
    for (const name of new Set(names)) {
        const length = encodeURIComponent(`${name}|`).length;
        if (length > room) {
            batches.push([]);
            room = longestNames;
        }
        batches.at(-1)!.push(name);
        room -= length;
    }
    return batches;
}
