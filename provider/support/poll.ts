import { setTimeout as pause } from "node:timers/promises";
import { span } from "./trace";

// p-wait-for has no growing pause and no progress; p-retry takes a look that finds nothing for an error.

/** What one look gave: the thing waited for, or a word for what is there instead. */
export type Look<T> = { found: T } | { instead: string };

/** Where waiting has come to. */
export interface Waited {
    /** What the last look found instead. */
    instead: string;
    /** Seconds since the first look, rounded. */
    seconds: number;
}

/** The time, and how it passes; tests put a virtual one in its place. */
export interface Clock {
    now(): number;
    /** Rejects when the signal is aborted. */
    pause(milliseconds: number, signal: AbortSignal | undefined): Promise<void>;
}

export interface PollOptions<T> {
    /** Looks once. Whatever it throws ends the waiting. */
    look(): Promise<Look<T>>;
    /** Milliseconds from now: no look begins after them, save the first. */
    budget: number;
    signal?: AbortSignal | undefined;
    /** Called after a look in vain, but at most every ten seconds. */
    onProgress?: ((waited: Waited) => void) | undefined;
    /** Throws the error for a budget that is used up, or gives a value in place of the thing. */
    onTimeout(waited: Waited): T;
    /** The same for a signal that was aborted. */
    onAbort(waited: Waited): T;
    /** Milliseconds of the first pause. Default 100. */
    firstPause?: number | undefined;
    /** Milliseconds that a pause grows to. Default 5000. */
    longestPause?: number | undefined;
    /** Lengthens or shortens a pause, so that several who wait do not look at once. Default: as it is. */
    jitter?: ((milliseconds: number) => number) | undefined;
    clock?: Clock | undefined;
}

const growth = 1.5;
const progressEvery = 10_000;

const systemClock: Clock = {
    now: () => Date.now(),
    pause: (milliseconds, signal) => pause(milliseconds, undefined, { signal }),
};

/** Looks again and again, with growing pauses, until the thing is there: for what has no watch, such as an array. */
export async function poll<T>(options: PollOptions<T>): Promise<T> {
    const { look, budget, signal, onProgress, onTimeout, onAbort } = options;
    const { firstPause = 100, longestPause = 5_000, jitter = unchanged, clock = systemClock } = options;
    const began = clock.now();
    let reported = began;
    for (let wait = firstPause; ; wait = Math.min(wait * growth, longestPause)) {
        const seen = await look();
        if ("found" in seen) {
            return seen.found;
        }
        const now = clock.now();
        const waited = { instead: seen.instead, seconds: Math.round((now - began) / 1000) };
        if (signal?.aborted === true) {
            return onAbort(waited);
        }
        if (now - began + wait > budget) {
            return onTimeout(waited);
        }
        if (now - reported >= progressEvery) {
            reported = now;
            onProgress?.(waited);
        }
        try {
            await span("pause", "wait", { instead: seen.instead }, () => clock.pause(jitter(wait), signal));
        } catch {
            return onAbort(waited);
        }
    }
}

function unchanged(milliseconds: number): number {
    return milliseconds;
}
