const isoDuration =
    /^(-)?P(?:(\d+)Y)?(?:(\d+)M)?(?:(\d+)W)?(?:(\d+)D)?(?:T(?:(\d+)H)?(?:(\d+)M)?(?:(\d+(?:\.\d+)?)S)?)?$/;
const secondsOfUnits = [365 * 86400, 30 * 86400, 7 * 86400, 86400, 3600, 60, 1];

/**
 * Seconds of an ISO 8601 duration as ONTAP writes it (`PT8H35M42S`). A year counts 365 days and a month 30:
 * ONTAP gives lags in days and smaller units, so that neither is expected.
 * Returns undefined when the text is no such duration.
 */
export function secondsOfIsoDuration(text: string): number | undefined {
    const match = isoDuration.exec(text);
    if (match === null || /[PT]$/.test(text)) {
        return undefined;
    }
    const seconds = secondsOfUnits.reduce((sum, unit, index) => sum + unit * Number(match[index + 2] ?? 0), 0);
    return match[1] === undefined ? seconds : -seconds;
}
