const unitMs: Record<string, number> = { h: 3_600_000, m: 60_000, s: 1_000, ms: 1 };

/** Milliseconds of a duration such as `30m`, `1h15m` or `0s`; undefined when it is absent or zero, which means "default". */
export function durationMs(text: string | undefined): number | undefined {
    if (text === undefined || text === "") {
        return undefined;
    }
    const parts = [...text.matchAll(/(\d+(?:\.\d+)?)(ms|h|m|s)/g)];
    if (parts.length === 0 || parts.map(([part]) => part).join("") !== text) {
        throw new Error(`Expected a duration such as 30m, found ${text}`);
    }
    const total = parts.reduce((sum, [, amount, unit]) => sum + Number(amount) * (unitMs[unit ?? ""] ?? 0), 0);
    return total === 0 ? undefined : total;
}
