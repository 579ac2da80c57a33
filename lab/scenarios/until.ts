import { setTimeout as pause } from "node:timers/promises";

/** Polls until there is a result; the ledger is a file that others write. */
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
            throw new Error(`Timed out after ${deadline / 1000} s waiting for ${what}`);
        }
        await pause(100);
    }
}
