import type { HeldVolume } from "./record";

/** One volume of a copy that is being made, as the array of the site that it is made at shows it. */
export interface VolumeCopy {
    /** `<namespace>/<claim>`, or the name of the volume: the same at both sites. */
    volume: string;
    /** Of its transfer, such as `transferring`; of a volume that is there as a whole `complete`. */
    state: string;
    /** Bytes of the transfer that is going on. */
    bytes?: number;
    /** Seconds that it has taken so far. */
    seconds?: number;
}

/** How far the copy of one volume is. What is not known is absent. */
export interface VolumeProgress {
    state: string;
    bytes?: number;
    bytesPerSecond?: number;
    /** What the volume held when the other site began to serve: the copy is of what it holds by now. */
    estimatedBytes?: number;
    /** ISO 8601. */
    estimatedEnd?: string;
}

/** How far the copy of an item is: what a stack shows while a site is establishing. */
export interface CopyProgress {
    /** When it was read. ISO 8601. */
    readAt: string;
    volumes: Readonly<Record<string, VolumeProgress>>;
}

/** State of a volume of which everything is here. */
export const complete = "complete";

/** How far a copy is. A destination's array knows no total: that is estimated by what the other site published. */
export function progressOf(
    copy: readonly VolumeCopy[],
    holds: readonly HeldVolume[] | undefined,
    now: Date,
): CopyProgress {
    const volumes = copy.map((one) => {
        const held = holds?.find(({ volume }) => volume === one.volume);
        return [one.volume, progressOfVolume(one, held?.usedBytes, now)] as const;
    });
    return { readAt: now.toISOString(), volumes: Object.fromEntries(volumes) };
}

/** `0 of 1 volumes complete, 1.5 GiB of an estimated 40.0 GiB copied at 30.0 MiB/s; expected to be complete about …`. */
export function describeProgress({ volumes, readAt }: CopyProgress): string {
    const all = Object.values(volumes);
    if (all.length === 0) {
        return `how far the copy is could not be read (${readAt})`;
    }
    const open = all.filter(({ state }) => state !== complete);
    const rate = sumOf(open.map(({ bytesPerSecond = 0 }) => bytesPerSecond))!;
    const end = latestOf(open.map(({ estimatedEnd }) => estimatedEnd));
    const idle = Object.entries(volumes).filter(
        ([, { state }]) => ![complete, "queued", "transferring"].includes(state),
    );
    return [
        `${all.length - open.length} of ${all.length} volumes complete, ${describeBytes(open)}`,
        ...(rate === 0 ? [] : [` at ${formatBytes(rate)}/s`]),
        end === undefined ? "; when it will be complete is not known" : `; expected to be complete about ${end}`,
        ...(idle.length === 0
            ? []
            : [`; no transfer runs into ${idle.map(([volume, { state }]) => `${volume} (${state})`).join(", ")}`]),
        ` (read ${readAt})`,
    ].join("");
}

/**
 * `transferring, 1.5 GiB so far at 30.0 MiB/s`: what was last seen of a transfer that is waited for.
 *
 * @param estimatedBytes of all that is to come. Default: nobody knows
 */
export function describeTransfer(
    { state, bytes, seconds }: Omit<VolumeCopy, "volume">,
    estimatedBytes?: number,
): string {
    const rate = bytes === undefined || seconds === undefined || seconds <= 0 ? undefined : bytes / seconds;
    const total = estimatedBytes === undefined ? "" : ` of an estimated ${formatBytes(estimatedBytes)}`;
    return [
        state,
        ...(bytes === undefined ? [] : [`, ${formatBytes(bytes)}${total} so far`]),
        ...(rate === undefined ? [] : [` at ${formatBytes(rate)}/s`]),
    ].join("");
}

function progressOfVolume({ state, bytes, seconds }: VolumeCopy, total: number | undefined, now: Date): VolumeProgress {
    if (state === complete) {
        return { state };
    }
    const rate = bytes === undefined || seconds === undefined || seconds <= 0 ? undefined : bytes / seconds;
    const left = total === undefined || bytes === undefined ? undefined : total - bytes;
    // Where more than the estimate has come already, it says nothing of what is left.
    const canTell = left !== undefined && left > 0 && rate !== undefined && rate > 0;
    const end = canTell ? new Date(now.getTime() + (left / rate) * 1000) : undefined;
    return {
        state,
        ...(bytes === undefined ? {} : { bytes }),
        ...(rate === undefined ? {} : { bytesPerSecond: Math.round(rate) }),
        ...(total === undefined ? {} : { estimatedBytes: total }),
        // A rate that has only begun to be one may lead beyond what a date can hold.
        ...(end === undefined || Number.isNaN(end.getTime()) ? {} : { estimatedEnd: end.toISOString() }),
    };
}

function describeBytes(open: readonly VolumeProgress[]): string {
    const total = sumOf(open.map(({ estimatedBytes }) => estimatedBytes));
    const copied = formatBytes(sumOf(open.map(({ bytes = 0 }) => bytes))!);
    return total === undefined ? `${copied} more copied` : `${copied} of an estimated ${formatBytes(total)} copied`;
}

function sumOf(values: readonly (number | undefined)[]): number | undefined {
    return values.reduce((sum, one) => (sum === undefined || one === undefined ? undefined : sum + one), 0);
}

function latestOf(times: readonly (string | undefined)[]): string | undefined {
    return times.includes(undefined) ? undefined : [...times].sort().at(-1);
}

const units = ["bytes", "KiB", "MiB", "GiB", "TiB", "PiB"] as const;

function formatBytes(bytes: number): string {
    const power = bytes < 1024 ? 0 : Math.min(units.length - 1, Math.floor(Math.log2(bytes) / 10));
    const value = bytes / 1024 ** power;
    return `${power === 0 || value >= 100 ? Math.round(value) : value.toFixed(1)} ${units[power]}`;
}
