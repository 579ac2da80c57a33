// The package ms reads far more than a setting may say ("2 days", "-1h"), and no ISO 8601.

const unitMilliseconds = { s: 1_000, m: 60_000, h: 3_600_000 } as const;
const isoDuration =
    /^(-)?P(?:(\d+)Y)?(?:(\d+)M)?(?:(\d+)W)?(?:(\d+)D)?(?:T(?:(\d+)H)?(?:(\d+)M)?(?:(\d+(?:\.\d+)?)S)?)?$/;
const isoUnitSeconds = [365 * 86400, 30 * 86400, 7 * 86400, 86400, 3600, 60, 1];

/** A time span as settings have it: a whole number of seconds, minutes or hours. */
export const durationPattern = /^[1-9][0-9]*(s|m|h)$/;

/** What to say where something else was found. */
export const expectedDuration = "expected a time span such as 30s, 10m or 2h";

/** Whether the value is a time span such as `30s`, `10m` or `2h`. */
export function isDuration(value: unknown): value is string {
    return typeof value === "string" && durationPattern.test(value);
}

/** Milliseconds of a time span such as `30s`, `10m` or `2h`. */
export function millisecondsOf(span: string): number {
    if (!isDuration(span)) {
        throw new RangeError(`${expectedDuration}, found ${JSON.stringify(span)}`);
    }
    return Number(span.slice(0, -1)) * unitMilliseconds[span.slice(-1) as keyof typeof unitMilliseconds];
}

/** A time span for a reader: `90 s`, and from two minutes on `7 min`. */
export function formatSeconds(seconds: number): string {
    return seconds < 120 ? `${Math.round(seconds)} s` : `${Math.round(seconds / 60)} min`;
}

/**
 * Seconds of an ISO 8601 duration (`PT8H35M42S`). A year counts 365 days and a month 30: ONTAP gives lags in days and
 * smaller units, so that neither is expected.
 * Returns undefined when the text is no such duration.
 */
export function secondsOfIsoDuration(text: string): number | undefined {
    const match = isoDuration.exec(text);
    if (match === null || /[PT]$/.test(text)) {
        return undefined;
    }
    const seconds = isoUnitSeconds.reduce((sum, unit, index) => sum + unit * Number(match[index + 2] ?? 0), 0);
    return match[1] === undefined ? seconds : -seconds;
}
