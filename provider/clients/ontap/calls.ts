import { z } from "zod";
import { codeSchema, parseAnswer } from "./answers";
import { waitForEffect } from "./effects";
import { OntapError } from "./errors";
import { waitForJob } from "./jobs";
import { Lookup } from "./lookup";
import type { Method, Query } from "./options";
import type { Transport } from "./transport";

/** Seconds that a write asks the array to wait for its job before it answers; ONTAP allows 0 to 120. */
const returnTimeout = 15;

const writtenSchema = z.object({
    job: z.object({ uuid: z.string() }).optional(),
    error: z.object({ code: codeSchema, message: z.string().optional() }).optional(),
});

export interface WriteOptions {
    query?: Query | undefined;
    body?: unknown;
    /** What the write is about, for the record of calls, e.g. `west, 10.0.0.9`. */
    about?: string | undefined;
    /** Milliseconds for the job, once it has been accepted. Default: the client's. */
    jobTimeout?: number | undefined;
}

/** Typed reads and writes over a transport: answers are validated, jobs are waited for. */
export class Calls {
    constructor(readonly transport: Transport) {}

    /** Reads one object. */
    async one<T>(path: string, schema: z.ZodType<T>, query: Query = {}, patience?: number): Promise<T> {
        const call = `GET ${path}`;
        const { status, body } = await this.transport.send("GET", path, { query, patience });
        return this.parse(call, schema, body, status);
    }

    /** Reads a whole collection, page by page. */
    all<T>(path: string, schema: z.ZodType<T>, query: Query = {}): Promise<T[]> {
        return new Lookup(this.transport, path, schema).read(query);
    }

    /** Reads what of a collection has one of the names in a field, however many names there are. */
    allNamed<T>(
        path: string,
        schema: z.ZodType<T>,
        { field, names }: { field: string; names: readonly string[] },
        query: Query = {},
    ): Promise<T[]> {
        return new Lookup(this.transport, path, schema).readNamed(field, names, query);
    }

    /**
     * Makes a change and waits until its job, if it has one, ended in success. For many objects of ONTAP that means
     * "triggered": the caller looks at the object's state afterwards.
     */
    async write(method: Exclude<Method, "GET">, path: string, options: WriteOptions = {}): Promise<void> {
        const call = `${method} ${path}`;
        const { status, body } = await this.transport.send(method, path, {
            query: options.query,
            body: options.body,
            about: options.about,
        });
        const { job } = this.parse(call, writtenSchema, body, status);
        if (status !== 202 || job === undefined) {
            return;
        }
        await waitForJob(this.transport, job.uuid, {
            call,
            deadline: Math.min(
                Date.now() + (options.jobTimeout ?? this.transport.timeouts.job),
                this.transport.deadline,
            ),
        });
    }

    /** A write of the kind that ONTAP does as a job: the array is asked to answer only when the job has ended. */
    async writeByJob(method: Exclude<Method, "GET">, path: string, options: WriteOptions = {}): Promise<void> {
        const left = Math.ceil((this.transport.deadline - Date.now()) / 1000);
        const wait = Math.max(0, Math.min(returnTimeout, left));
        await this.write(method, path, { ...options, query: { return_timeout: wait, ...options.query } });
    }

    /** A write of that kind, and then looks until its effect is there. */
    async writeUntilSeen<T>(
        method: Exclude<Method, "GET">,
        path: string,
        options: WriteOptions,
        effect: { what: string; look: () => Promise<T | undefined> },
    ): Promise<T> {
        await this.writeByJob(method, path, options);
        return waitForEffect(this.transport, { call: `${method} ${path}`, ...effect });
    }

    private parse<T>(call: string, schema: z.ZodType<T>, body: unknown, status: number): T {
        const parsed = parseAnswer(schema, body, (text) => this.transport.redact(text));
        if (!parsed.ok) {
            throw this.transport.failures.unreadable(call, parsed.failure.join("; "), status);
        }
        return parsed.value;
    }
}

/** Codes of an object that does not exist: in general, and of a snapshot. */
const goneCodes = ["4", "1638600"];

/** A removal whose object is gone already has done what it should. */
export async function unlessGone(removal: Promise<void>): Promise<void> {
    try {
        await removal;
    } catch (error) {
        if (error instanceof OntapError && error.code !== undefined && goneCodes.includes(error.code)) {
            return;
        }
        throw error;
    }
}
