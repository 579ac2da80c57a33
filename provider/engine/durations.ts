const units = { s: 1_000, m: 60_000, h: 3_600_000 } as const;

/** Milliseconds of a time span such as `30s`, `10m` or `2h`, already validated. */
export function milliseconds(span: string): number {
    return Number(span.slice(0, -1)) * units[span.slice(-1) as keyof typeof units];
}

/** Milliseconds that each part of a role may take; the defaults are those of the inputs. */
export function timeoutsOf({ timeouts }: { timeouts?: { establish?: string; promote?: string; snapshot?: string } }) {
    return {
        establish: milliseconds(timeouts?.establish ?? "30m"),
        promote: milliseconds(timeouts?.promote ?? "30m"),
        snapshot: milliseconds(timeouts?.snapshot ?? "60m"),
    };
}
