import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { DataPath } from "./dataPath";
import type { SiteDescriptor } from "../site";
import { isVolumeRecord, parseRecords, type VolumeRecord } from "./records";

/** A record that a volume has acknowledged: what must not be lost. */
export interface LedgerEntry {
    n: number;
    id: string;
    /** Site whose ONTAP acknowledged the record. */
    site: string;
    /** `<namespace>/<PVC>`, or with what the pod says in the namespace's place: the same at both sites. */
    application: string;
    /** FlexVol that holds it. */
    volume: string;
    file: string;
    /** ISO 8601 with milliseconds; when the acknowledgement came. */
    time: string;
}

/** Every acknowledged record of every site, oldest first. A folder without a ledger gives none. */
export function readLedger(folder: string): LedgerEntry[] {
    const files = existsSync(folder) ? readdirSync(folder).filter((name) => name.endsWith(".jsonl")) : [];
    return files
        .flatMap((name) => parseRecords(readFileSync(join(folder, name), "utf8"), isLedgerEntry))
        .sort((a, b) => Date.parse(a.time) - Date.parse(b.time));
}

function isLedgerEntry(value: unknown): value is LedgerEntry {
    const entry = value as Partial<LedgerEntry> | null;
    return isVolumeRecord(value) && typeof entry?.application === "string" && typeof entry.volume === "string";
}

/** The records in a volume's file, whether it is mounted or not; none when there is no such file. */
export async function readVolume(site: SiteDescriptor, volume: string, file: string): Promise<VolumeRecord[]> {
    const text = await new DataPath(site.ontap.dataUrl, site.ontap.svm).readByVolume(volume, file);
    return parseRecords(text ?? "", isVolumeRecord);
}

/**
 * Acknowledged records that are not on the volume that serves now.
 *
 * @param ledger entries of one application.
 * @param records what the volume that serves holds.
 */
export function lostWrites(ledger: readonly LedgerEntry[], records: readonly VolumeRecord[]): LedgerEntry[] {
    const present = new Set(records.map((record) => record.id));
    return ledger.filter((entry) => !present.has(entry.id));
}

/**
 * How much time was really lost, in seconds: from the last record that survived before the loss to the last one lost, at
 * the site that lost most. 0 when nothing was lost.
 */
export function actualLossSeconds(ledger: readonly LedgerEntry[], records: readonly VolumeRecord[]): number {
    const lost = lostWrites(ledger, records);
    const losses = [...new Set(lost.map((entry) => entry.site))].map((site) => {
        const lostTimes = lost.filter((entry) => entry.site === site).map(timeOf);
        const lostIds = new Set(lost.map((entry) => entry.id));
        const firstLost = Math.min(...lostTimes);
        const survivors = ledger.filter((entry) => entry.site === site && !lostIds.has(entry.id)).map(timeOf);
        const lastSurvivor = Math.max(...survivors.filter((time) => time <= firstLost), Number.NEGATIVE_INFINITY);
        const from = Number.isFinite(lastSurvivor) ? lastSurvivor : firstLost;
        return (Math.max(...lostTimes) - from) / 1000;
    });
    return Math.max(0, ...losses);
}

/**
 * The longest time within a span in which nothing was acknowledged, in seconds: the whole of it where nothing was.
 *
 * @param ledger entries of one application at one site
 */
export function longestPauseSeconds(ledger: readonly LedgerEntry[], { from, to }: { from: Date; to: Date }): number {
    const times = ledger.map(timeOf).filter((time) => time >= from.getTime() && time <= to.getTime());
    const marks = [from.getTime(), ...times.sort((a, b) => a - b), to.getTime()];
    return Math.max(...marks.slice(1).map((mark, index) => mark - marks[index]!)) / 1000;
}

/**
 * Seconds in which two sites acknowledged writes of one application at the same time, all applications added up. A site
 * counts as active from a record to the next one, unless the pause between them is longer than `longestPauseMs`.
 *
 * @param options.longestPauseMs default 2000: ten intervals of the writer.
 */
export function twoWriterSeconds(ledger: readonly LedgerEntry[], options: { longestPauseMs?: number } = {}): number {
    const longestPauseMs = options.longestPauseMs ?? 2_000;
    const applications = [...new Set(ledger.map((entry) => entry.application))];
    return applications
        .map((application) => {
            const entries = ledger.filter((entry) => entry.application === application);
            const sites = [...new Set(entries.map((entry) => entry.site))];
            const activity = sites.map((site) => intervals(entries, site, longestPauseMs));
            return overlapMs(activity) / 1000;
        })
        .reduce((sum, seconds) => sum + seconds, 0);
}

interface Interval {
    from: number;
    to: number;
}

function intervals(entries: readonly LedgerEntry[], site: string, longestPauseMs: number): Interval[] {
    const times = entries.filter((entry) => entry.site === site).map(timeOf);
    const found: Interval[] = [];
    for (const time of times.sort((a, b) => a - b)) {
        const last = found.at(-1);
        if (last !== undefined && time - last.to <= longestPauseMs) {
            last.to = time;
        } else {
            found.push({ from: time, to: time });
        }
    }
    return found;
}

/** Time in which more than one of the lists has an interval. */
function overlapMs(lists: readonly Interval[][]): number {
    const edges = lists
        .flat()
        .flatMap(({ from, to }) => [
            { time: from, change: 1 },
            { time: to, change: -1 },
        ])
        .sort((a, b) => a.time - b.time || a.change - b.change);
    let active = 0;
    let since = 0;
    let total = 0;
    for (const { time, change } of edges) {
        if (active > 1) {
            total += time - since;
        }
        active += change;
        since = time;
    }
    return total;
}

function timeOf(entry: LedgerEntry): number {
    return Date.parse(entry.time);
}
