import { randomUUID } from "node:crypto";
import { delay, messageOf } from "../controllers";
import { AppendRefused, type DataPath } from "./dataPath";
import type { LedgerEntry } from "./ledger";
import { isVolumeRecord, parseRecords, recordsFile, type VolumeRecord } from "./records";

export interface Target {
    site: string;
    pod: string;
    /** `<namespace>/<PVC>` */
    application: string;
    volume: string;
    junctionPath: string;
    /** Pause between two records, in milliseconds of the clock. */
    intervalMs: number;
}

const pauseAfterRefusalMs = 500;

/**
 * Appends records to the target's file until the signal is aborted. A record counts, and goes to the ledger, only once
 * the volume has acknowledged it. Numbers go on from the last record in the file, also when the file changes underneath.
 */
export async function writeRecords(
    target: Target,
    data: Pick<DataPath, "append" | "read">,
    acknowledge: (entry: LedgerEntry) => void,
    signal: AbortSignal,
    log: (line: string) => void = () => undefined,
): Promise<void> {
    let end: { n: number; size: number } | undefined;
    let refused = "";
    while (!signal.aborted) {
        let pauseMs = target.intervalMs;
        try {
            end ??= await endOfFile(target, data);
            const record: VolumeRecord = {
                n: end.n + 1,
                id: randomUUID(),
                site: target.site,
                pod: target.pod,
                time: new Date().toISOString(),
            };
            const line = `${JSON.stringify(record)}\n`;
            const { size } = await data.append(target.junctionPath, recordsFile, line);
            acknowledge({
                n: record.n,
                id: record.id,
                site: target.site,
                application: target.application,
                volume: target.volume,
                file: recordsFile,
                time: new Date().toISOString(),
            });
            // Another length than expected: the volume was restored, or someone else writes too. Look again.
            end = size === end.size + Buffer.byteLength(line) ? { n: record.n, size } : undefined;
            refused = "";
        } catch (error) {
            // Whether a write that got no answer is on the volume is unknown, so the file is asked before the next one.
            end = undefined;
            pauseMs = Math.max(pauseMs, pauseAfterRefusalMs);
            const why = error instanceof AppendRefused ? `${error.status} ${error.message}` : messageOf(error);
            if (why !== refused) {
                refused = why;
                log(`${target.application} on ${target.volume}: not writable (${why})`);
            }
        }
        await delay(pauseMs, signal).catch(() => undefined);
    }
}

async function endOfFile(target: Target, data: Pick<DataPath, "read">): Promise<{ n: number; size: number }> {
    const text = (await data.read(target.junctionPath, recordsFile)) ?? "";
    const records = parseRecords(text, isVolumeRecord);
    return { n: Math.max(0, ...records.slice(-10).map((record) => record.n)), size: Buffer.byteLength(text) };
}
