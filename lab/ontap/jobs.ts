import { randomUUID } from "node:crypto";
import { Clock } from "./clock";
import { OntapFailure, PeerUnreachable } from "./errors";
import { JobRecord, NamedReference } from "./state";

/** How a job is started. */
interface JobRequest {
    /** As ONTAP shows it, e.g. `PATCH /api/snapmirror/relationships/<uuid>`. */
    description: string;
    svm?: NamedReference;
    /** Real-world seconds before the work begins. */
    seconds: number;
    /** Real milliseconds on top, from a fault. */
    delay?: number;
    work: () => Promise<void> | void;
}

const keptMilliseconds = 24 * 3600 * 1000;
const keptJobs = 500;

/** Asynchronous work, polled at /cluster/jobs (docs/facts/ontap.md#jobs). */
export class Jobs {
    private readonly ends = new Map<string, Promise<void>>();

    constructor(
        private readonly records: JobRecord[],
        private readonly clock: Clock,
        private readonly save: () => Promise<void>,
    ) {}

    start(request: JobRequest): JobRecord {
        const job: JobRecord = {
            uuid: randomUUID(),
            description: request.description,
            state: "queued",
            startedAt: this.clock.now(),
            svm: request.svm,
        };
        this.forgetOld();
        this.records.push(job);
        this.ends.set(job.uuid, this.run(job, request));
        return job;
    }

    /** Resolves when the job has ended, or after so many real seconds. */
    async wait(job: JobRecord, seconds: number): Promise<void> {
        const stop = new AbortController();
        await Promise.race([this.ends.get(job.uuid), this.clock.pause(seconds * 1000, stop.signal)]);
        stop.abort();
    }

    /** A restart ends every job that the last process left running. */
    failInterrupted(): void {
        for (const job of this.records) {
            if (!ended(job)) {
                this.end(job, new OntapFailure(500, "393271", "The node was restarted while the job was running."));
            }
        }
    }

    private async run(job: JobRecord, request: JobRequest): Promise<void> {
        await this.clock.pause(this.clock.scaled(request.seconds / 2));
        job.state = "running";
        await this.clock.pause(this.clock.scaled(request.seconds / 2) + (request.delay ?? 0));
        try {
            await request.work();
            this.end(job);
        } catch (error) {
            this.end(job, asFailure(error));
        }
        await this.save();
        this.ends.delete(job.uuid);
    }

    private end(job: JobRecord, failure?: OntapFailure): void {
        job.state = failure ? "failure" : "success";
        job.message = failure ? failure.message : "success";
        job.code = failure ? Number(failure.code) : 0;
        job.endedAt = this.clock.now();
    }

    private forgetOld(): void {
        const horizon = this.clock.now() - keptMilliseconds;
        const old = this.records.filter(
            (job, index) => ended(job) && (job.startedAt < horizon || index < this.records.length - keptJobs),
        );
        old.forEach((job) => this.records.splice(this.records.indexOf(job), 1));
    }
}

export function ended(job: JobRecord): boolean {
    return job.state === "success" || job.state === "failure";
}

function asFailure(error: unknown): OntapFailure {
    if (error instanceof OntapFailure) {
        return error;
    }
    if (error instanceof PeerUnreachable) {
        return new OntapFailure(500, "262224", error.message);
    }
    return new OntapFailure(500, "13", `Internal error: ${error instanceof Error ? error.message : String(error)}`);
}
