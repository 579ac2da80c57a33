import { open, watch } from "node:fs/promises";

/** Waits until a log holds, from `begin` (bytes) on, what matches. False when `signal` comes first. */
export async function logHolds(log: string, pattern: RegExp, begin: number, signal: AbortSignal): Promise<boolean> {
    const enough = new AbortController();
    const changes = watch(log, { signal: AbortSignal.any([signal, enough.signal]) })[Symbol.asyncIterator]();
    try {
        // The watch begins before the first look, so that no line falls between the two.
        for (;;) {
            const next = changes.next();
            next.catch(() => undefined);
            if (pattern.test(await readFrom(log, begin))) {
                return true;
            }
            await next;
        }
    } catch (error) {
        if (signal.aborted) {
            return false;
        }
        throw error;
    } finally {
        enough.abort();
    }
}

/** Last lines of a log, from `begin` (bytes) on. */
export async function tailOf(log: string, begin: number, lines = 15): Promise<string> {
    const text = await readFrom(log, begin);
    return text.trimEnd().split("\n").slice(-lines).join("\n");
}

async function readFrom(log: string, begin: number): Promise<string> {
    const file = await open(log);
    try {
        const { size } = await file.stat();
        const { buffer, bytesRead } = await file.read(Buffer.alloc(Math.max(0, size - begin)), { position: begin });
        return buffer.toString("utf8", 0, bytesRead);
    } finally {
        await file.close();
    }
}
