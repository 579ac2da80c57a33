import { setTimeout as pause } from "node:timers/promises";
import { z } from "zod";
import { codeSchema, open, parseAnswer } from "./answers";
import { OntapError } from "./errors";
import { jitter, type Transport } from "./transport";

const longestPause = 5_000;
/** A job that was just accepted may not be readable yet. */
const toleratedAbsences = 3;

const jobSchema = z.object({
    state: open<"queued" | "running" | "paused" | "success" | "failure" | "cancelled" | "expired">().optional(),
    message: z.string().optional(),
    code: codeSchema.optional(),
    error: z.object({ code: codeSchema.optional(), message: z.string().optional() }).optional(),
});

export interface JobOptions {
    /** The call that started the job. */
    call: string;
    /** Milliseconds since the epoch at which we stop waiting; the job itself goes on. */
    deadline: number;
}

/**
 * Waits until a job has ended in success; a failure is thrown with the job's own code.
 * `paused`, an absent state and states we do not know count as not ended.
 */
export async function waitForJob(transport: Transport, uuid: string, { call, deadline }: JobOptions): Promise<void> {
    const path = `/cluster/jobs/${uuid}`;
    const where = { site: transport.site, cluster: transport.url, call };
    let absences = 0;
    let wait = transport.pauses.job;
    for (;;) {
        const job = await readJob(transport, path).catch((failure: unknown) => {
            if (!(failure instanceof OntapError) || failure.status !== 404 || ++absences > toleratedAbsences) {
                throw failure;
            }
            return undefined;
        });
        if (job?.state === "success") {
            return;
        }
        if (job !== undefined && ["failure", "cancelled", "expired"].includes(job.state ?? "")) {
            const code = job.error?.code ?? (job.code === "0" ? undefined : job.code);
            const words = transport.redact(job.error?.message ?? job.message ?? `the job ended as ${job.state}`);
            throw new OntapError({
                ...where,
                kind: "job",
                code,
                ontapMessage: words,
                what: `the job of ${call} at ${transport.url} failed${code === undefined ? "" : ` (code ${code})`}: ${words}`,
            });
        }
        if (Date.now() + wait > deadline) {
            throw new OntapError({
                ...where,
                kind: "timeout",
                what: `the job ${uuid} of ${call} at ${transport.url} has not ended in time (${job?.state ?? "no state"})`,
                meaning: "it goes on at the array",
                remedy: "run it again, which looks before it acts",
            });
        }
        await pause(jitter(wait), undefined, { signal: transport.signal }).catch(() => {
            throw new OntapError({
                ...where,
                kind: "interrupted",
                what: `stopped while the job ${uuid} of ${call} was going on`,
                meaning: "it goes on at the array",
                remedy: "run it again, which looks before it acts",
            });
        });
        wait = Math.min(wait * 1.5, longestPause);
    }
}

async function readJob(transport: Transport, path: string): Promise<z.infer<typeof jobSchema>> {
    // The default projection may leave out why a job failed.
    const query = { fields: "state,message,code,error" };
    const { status, body } = await transport.send("GET", path, { query });
    const parsed = parseAnswer(jobSchema, body);
    if (!parsed.ok) {
        throw transport.unreadable(`GET ${path}`, parsed.problems.join("; "), status);
    }
    return parsed.value;
}
