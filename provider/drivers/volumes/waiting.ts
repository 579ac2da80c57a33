import { setTimeout as pause } from "node:timers/promises";
import type { Progress } from "../action";

const firstPause = 100;
const longestPause = 5_000;
const progressEvery = 10_000;

export interface Patience {
    /** Milliseconds. */
    deadline: number;
    signal: AbortSignal;
    progress: Progress;
    site: string;
}

/**
 * Looks again and again until there is something to be seen: an array has no watch.
 * @param what what is waited for, and what it is, for the one who waits: `archive01 to be mirrored`
 * @param look gives the thing once it is there, else a word for what is there instead
 */
export async function until<T>(
    what: string,
    look: () => Promise<{ found: T } | { instead: string }>,
    { deadline, signal, progress, site }: Patience,
): Promise<T> {
    const began = Date.now();
    let told = began;
    for (let wait = firstPause; ; wait = Math.min(wait * 1.5, longestPause)) {
        const seen = await look();
        if ("found" in seen) {
            return seen.found;
        }
        const waited = Date.now() - began;
        if (waited + wait > deadline) {
            throw new Error(
                `${site}: timed out after ${Math.round(waited / 1000)} s waiting for ${what} (still ${seen.instead}). Run \`pulumi up\` again to keep waiting`,
            );
        }
        if (Date.now() - told >= progressEvery) {
            told = Date.now();
            progress(`waiting for ${what}, ${Math.round(waited / 1000)} s: ${seen.instead}`);
        }
        await pause(wait, undefined, { signal }).catch(() => {
            throw new Error(`${site}: interrupted while waiting for ${what}. Run \`pulumi up\` again to continue`);
        });
    }
}
