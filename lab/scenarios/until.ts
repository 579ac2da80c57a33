import { setTimeout as pause } from "node:timers/promises";

/** Looks again and again until there is something to be seen; the ledger is a file that others write. */
export async function until<T>(
    what: string,
    look: () => T | undefined | Promise<T | undefined>,
    deadline = 120_000,
): Promise<T> {
    const end = Date.now() + deadline;
    for (;;) {
        const seen = await look();
        if (seen !== undefined) {
            return seen;
        }
        if (Date.now() > end) {
            throw new Error(`Waited ${deadline / 1000} s in vain for ${what}`);
        }
        await pause(100);
    }
}
