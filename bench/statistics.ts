/** What several runs of the same thing gave. */
export interface Measured {
    median: number;
    min: number;
    max: number;
    /** How many runs. */
    runs: number;
}

/**
 * The median and the spread of some values.
 *
 * @throws Error where there is none: nothing was measured then
 */
export function measured(values: readonly number[]): Measured {
    if (values.length === 0) {
        throw new Error("Expected at least one run, found none");
    }
    const sorted = [...values].sort((left, right) => left - right);
    return {
        median: rounded(middleOf(sorted)),
        min: rounded(sorted[0]!),
        max: rounded(sorted.at(-1)!),
        runs: sorted.length,
    };
}

/** What several things, each done several times, take one after another. */
export function sumOf(parts: readonly Measured[]): Measured {
    const sum = (of: "median" | "min" | "max") => rounded(parts.reduce((total, part) => total + part[of], 0));
    const runs = Math.min(...parts.map((part) => part.runs));
    return { median: sum("median"), min: sum("min"), max: sum("max"), runs };
}

/** Undefined where there is no value. */
export function mean(values: readonly number[]): number | undefined {
    return values.length === 0 ? undefined : values.reduce((sum, value) => sum + value, 0) / values.length;
}

/** To three decimals: milliseconds of what is given in seconds. */
export function rounded(value: number): number {
    return Math.round(value * 1000) / 1000;
}

function middleOf(sorted: readonly number[]): number {
    const upper = sorted[Math.floor(sorted.length / 2)]!;
    const lower = sorted[Math.ceil(sorted.length / 2) - 1]!;
    return (lower + upper) / 2;
}
