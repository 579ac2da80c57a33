/** Milliseconds by which the clocks of two machines may differ before a time of one is not believed by the other. */
export const clockSkew = 5 * 60_000;

/** No archive is older than the software that writes them: Trident Protect is documented since October 2024. */
const firstArchive = Date.UTC(2024, 9, 1);

/**
 * Whether a time that somebody else wrote can be one at which something was replicated: it exists in the calendar, it is
 * not in the future beyond {@link clockSkew}, and not before there was anything to replicate with.
 */
export function isPlausible(time: string, now: Date): boolean {
    const at = Date.parse(time);
    return isIsoTime(time) && at >= firstArchive && at <= now.getTime() + clockSkew;
}

const isoTime = /^(\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2})(?:\.\d+)?(?:Z|[+-]\d{2}:\d{2})$/;

/** ISO 8601 with a zone, of a day that exists: `Date` reads the 30th of February as the 1st of March, or as nothing. */
function isIsoTime(time: string): boolean {
    const [, local] = isoTime.exec(time) ?? [];
    const at = Date.parse(`${local}Z`);
    return !Number.isNaN(at) && new Date(at).toISOString().startsWith(local!);
}
