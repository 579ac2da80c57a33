import { span } from "../../support/trace";
import { Backoff } from "./backoff";
import { isPassing, KubernetesError } from "./errors";
import { statusOf } from "./lastSeen";
import { describeObject, type Kind, type KubernetesObject, type ObjectName } from "./objects";
import type { Pace } from "./pace";
import type { Watched } from "./watch";

export interface WaitOptions {
    /** Milliseconds to wait at most. */
    deadline: number;
    /**
     * Called every few seconds.
     *
     * @param last what was last seen
     * @param seconds how long it has waited
     * @param trouble why nothing can be seen at the moment; a clause. Absent: nothing is in the way
     */
    onProgress?: (last: KubernetesObject | undefined, seconds: number, trouble?: string) => void;
    signal?: AbortSignal;
}

/** What is waited for, and how it is looked at. */
export interface Awaited {
    site: string;
    kind: Kind;
    name: ObjectName;
    /** What the object is to be, such as `Completed`. */
    what: string;
    /** Whether an object, or that there is none, is what was waited for. May throw. */
    reached: (object: KubernetesObject | undefined) => boolean;
    /** One read, not repeated. */
    read: () => Promise<KubernetesObject | undefined>;
    /** One watch. */
    watch: (from: KubernetesObject | undefined, signal: AbortSignal) => Promise<Watched>;
}

/** An object that was not what it was to be when the deadline passed. */
export class WaitError extends KubernetesError {
    constructor(
        message: string,
        site: string,
        call: string,
        /** As it was last seen. */
        readonly last: KubernetesObject | undefined,
    ) {
        super(message, "timeout", site, call);
    }
}

const progressEvery = 5_000;

/**
 * Watches one object until `reached` accepts it, and returns it. An API server that restarts, is busy or cuts watches is
 * no reason to give up before the deadline. What a watch does not say, the read after it finds.
 */
export function waitUntil(awaited: Awaited, options: WaitOptions, pace: Pace): Promise<KubernetesObject | undefined> {
    const { site, kind, name, what } = awaited;
    return span(`wait for ${describeObject(kind, name)} to be ${what}`, "wait", { site }, () =>
        lookUntil(awaited, options, pace),
    );
}

async function lookUntil(awaited: Awaited, options: WaitOptions, pace: Pace): Promise<KubernetesObject | undefined> {
    const began = Date.now();
    const seconds = () => Math.round((Date.now() - began) / 1000);
    const timeout = AbortSignal.timeout(options.deadline);
    const signal = options.signal === undefined ? timeout : AbortSignal.any([timeout, options.signal]);
    const backoff = new Backoff(pace);
    let seen: Seen = { object: undefined };
    const ticking = setInterval(() => options.onProgress?.(seen.object, seconds(), seen.trouble), progressEvery);
    try {
        for (;;) {
            seen = await look(awaited, seen);
            if (seen.trouble === undefined && awaited.reached(seen.object)) {
                return seen.object;
            }
            if (seen.trouble === undefined && !signal.aborted) {
                const watchBegan = Date.now();
                const watched = await awaited.watch(seen.object, signal);
                seen = { object: watched.last };
                if (watched.reached) {
                    return watched.last;
                }
                if (Date.now() - watchBegan >= pace.shortWatch) {
                    backoff.works();
                    continue;
                }
            }
            if (options.signal?.aborted === true || signal.aborted) {
                throw notReached(awaited, seen, seconds(), options.signal?.aborted === true);
            }
            await span("pause", "wait", { site: awaited.site, instead: seen.trouble }, () =>
                backoff.pause(signal, seen.retryAfter),
            );
        }
    } finally {
        clearInterval(ticking);
    }
}

/** The newest object, and why there is no newer one. */
interface Seen {
    object: KubernetesObject | undefined;
    trouble?: string;
    retryAfter?: number;
}

async function look({ read }: Awaited, before: Seen): Promise<Seen> {
    try {
        return { object: await read() };
    } catch (error) {
        if (!isPassing(error)) {
            throw error;
        }
        return { object: before.object, trouble: error.message, retryAfter: error.passing.retryAfter ?? 0 };
    }
}

function notReached(
    { site, kind, name, what }: Awaited,
    { object, trouble }: Seen,
    seconds: number,
    interrupted: boolean,
): WaitError {
    const described = describeObject(kind, name);
    const status = statusOf(object);
    const last = object === undefined ? "it was not there" : status === "" ? "it reported nothing" : status;
    const clauses = [
        `${site}: ${described} is not ${what} after ${seconds} s`,
        ...(interrupted ? [", and the run was interrupted"] : []),
        `; last seen: ${last}`,
        ...(trouble === undefined ? [] : [`; since then ${trouble}`]),
    ];
    return new WaitError(clauses.join(""), site, `wait for ${described}`, object);
}
