import { poll } from "../../support/poll";
import { OntapError } from "./errors";
import { jitter } from "./repetition";
import type { Transport } from "./transport";

interface EffectOptions<T> {
    /** The call whose effect it is. */
    call: string;
    /** What is waited for, in words that complete "…is not there yet": `the volume v1`. */
    what: string;
    /** Looks once; gives undefined while the effect is not there. */
    look: () => Promise<T | undefined>;
}

/**
 * Looks until the effect of a call is there. That a job succeeded means "triggered" at an ONTAP cluster, and a read
 * right after it may not show anything yet.
 *
 * @throws OntapError of the kind `timeout` when it does not appear in time, `interrupted` when the signal is aborted.
 */
export function waitForEffect<T>(transport: Transport, { call, what, look }: EffectOptions<T>): Promise<T> {
    const fail = (kind: "timeout" | "interrupted", happened: string) => {
        throw new OntapError({
            site: transport.site,
            cluster: transport.url,
            call,
            kind,
            what: happened,
            meaning: "it may still appear",
            remedy: "run it again: it starts from the current state",
        });
    };
    return poll<T>({
        look: async () => {
            const found = await look();
            return found === undefined ? { instead: "not there" } : { found };
        },
        budget: Math.min(transport.timeouts.job, transport.deadline - Date.now()),
        signal: transport.signal,
        firstPause: transport.pauses.job,
        jitter,
        onTimeout: () => fail("timeout", `${what} did not appear in time after ${call} at ${transport.url}`),
        onAbort: () => fail("interrupted", `interrupted while waiting for ${what}`),
    });
}
