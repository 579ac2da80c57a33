import { setTimeout as pause } from "node:timers/promises";
import { OntapError } from "./errors";
import { jitter, type Transport } from "./transport";

const longestPause = 5_000;

export interface EffectOptions<T> {
    /** The call whose effect it is. */
    call: string;
    /** What is waited for, in words that complete "…is not there yet": `the volume v1`. */
    what: string;
    /** Looks once; gives undefined while the effect is not there. */
    look: () => Promise<T | undefined>;
    /** Milliseconds from now. Default: the client's time for a job. */
    timeout?: number | undefined;
}

/**
 * Looks until the effect of a call is there. That a job succeeded means "triggered" at an ONTAP cluster, and a read
 * right after it may not show anything yet (ONTAP REST reference, 1.3 and 1.5).
 *
 * @throws OntapError of the kind `timeout` when it is not there in time, `interrupted` when the client is told to stop.
 */
export async function untilSeen<T>(transport: Transport, options: EffectOptions<T>): Promise<T> {
    const { call, what, look, timeout = transport.timeouts.job } = options;
    const deadline = Math.min(Date.now() + timeout, transport.deadline);
    const where = { site: transport.site, cluster: transport.url, call };
    const again = { meaning: "it may still come", remedy: "run it again, which looks before it acts" };
    let wait = transport.pauses.job;
    for (;;) {
        const found = await look();
        if (found !== undefined) {
            return found;
        }
        if (Date.now() + wait > deadline) {
            const late = `${what} is not there in time after ${call} at ${transport.url}`;
            throw new OntapError({ ...where, kind: "timeout", what: late, ...again });
        }
        await pause(jitter(wait), undefined, { signal: transport.signal }).catch(() => {
            throw new OntapError({
                ...where,
                kind: "interrupted",
                what: `stopped while waiting for ${what}`,
                ...again,
            });
        });
        wait = Math.min(wait * 1.5, longestPause);
    }
}
