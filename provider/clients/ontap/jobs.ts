import { z } from "zod";
import { poll, type Look } from "../../support/poll";
import { codeSchema, openString, parseAnswer } from "./answers";
import { OntapError, type OntapErrorDetails } from "./errors";
import { jitter } from "./repetition";
import type { Transport } from "./transport";
import { apiPath } from "./paths";

/** A job that was just accepted may not be readable yet. */
const toleratedAbsences = 3;
const failedStates = ["failure", "cancelled", "expired"];

const jobSchema = z.object({
    state: openString<"queued" | "running" | "paused" | "success" | "failure" | "cancelled" | "expired">().optional(),
    message: z.string().optional(),
    code: codeSchema.optional(),
    error: z.object({ code: codeSchema.optional(), message: z.string().optional() }).optional(),
});

type Job = z.infer<typeof jobSchema>;

interface JobOptions {
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
    const fail = (details: Pick<OntapErrorDetails, "kind" | "what" | "code" | "ontapMessage">) => {
        const unfinished = {
            meaning: "it continues on the array",
            remedy: "run it again: it starts from the current state",
        };
        throw new OntapError({
            site: transport.site,
            cluster: transport.url,
            call,
            ...details,
            ...(details.kind === "job" ? {} : unfinished),
        });
    };
    let absences = 0;
    const look = async (): Promise<Look<void>> => {
        const job = await readJob(transport, uuid).catch((error: unknown) => {
            if (!(error instanceof OntapError) || error.status !== 404 || ++absences > toleratedAbsences) {
                throw error;
            }
            return undefined;
        });
        if (job?.state === "success") {
            return { found: undefined };
        }
        if (job !== undefined && failedStates.includes(job.state ?? "")) {
            return fail(describeFailure(transport, call, job));
        }
        return { instead: job?.state ?? "no state" };
    };
    await poll({
        look,
        budget: deadline - Date.now(),
        signal: transport.signal,
        firstPause: transport.pauses.job,
        jitter,
        onTimeout: ({ instead }) =>
            fail({
                kind: "timeout",
                what: `the job ${uuid} of ${call} at ${transport.url} did not finish in time (${instead})`,
            }),
        onAbort: () => fail({ kind: "interrupted", what: `interrupted while waiting for the job ${uuid} of ${call}` }),
    });
}

function describeFailure(
    transport: Transport,
    call: string,
    job: Job,
): Pick<OntapErrorDetails, "kind" | "what" | "code" | "ontapMessage"> {
    const code = job.error?.code ?? (job.code === "0" ? undefined : job.code);
    const words = transport.redact(job.error?.message ?? job.message ?? `the job ended as ${job.state}`);
    const number = code === undefined ? "" : ` (code ${code})`;
    return {
        kind: "job",
        code,
        ontapMessage: words,
        what: `the job of ${call} at ${transport.url} failed${number}: ${words}`,
    };
}

async function readJob(transport: Transport, uuid: string): Promise<Job> {
    const path = apiPath`/cluster/jobs/${uuid}`;
    // The default projection may leave out why a job failed.
    const query = { fields: "state,message,code,error" };
    const { status, body } = await transport.send("GET", path, { query });
    const parsed = parseAnswer(jobSchema, body, (text) => transport.redact(text));
    if (!parsed.ok) {
        throw transport.failures.unreadable(`GET ${path}`, parsed.failure.join("; "), status);
    }
    return parsed.value;
}
