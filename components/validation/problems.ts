import * as pulumi from "@pulumi/pulumi";

/**
 * One thing that is wrong with a user's input.
 *
 * @example
 * { key: "trident-dr:active", expected: "one of east, west", found: '"wset" (did you mean "west"?)' }
 */
export interface Problem {
    /** A configuration key such as `trident-dr:sites.east.vault.type`, or an argument such as `schedule`. */
    key: string;
    /** What belongs there; reads on from "expected". */
    expected: string;
    /** What is there instead; reads on from "found". Never a secret. */
    found: string;
}

/**
 * Ends a program with everything that is wrong with its input, before anything is changed. It prints no stack trace,
 * because the mistake is in the input, not in the code.
 */
export class InvalidInput extends pulumi.RunError {
    constructor(
        /** What is not valid, such as `The configuration of stack east`. */
        subject: string,
        /** All problems, in the order in which they are printed. */
        readonly problems: readonly Problem[],
    ) {
        super(
            [
                `${subject} is not valid (${problems.length} ${problems.length === 1 ? "problem" : "problems"}), ` +
                    "and nothing was touched:",
                ...problems.map(({ key, expected, found }) => `  ${key}: expected ${expected}; found ${found}`),
            ].join("\n"),
        );
        this.name = "InvalidInput";
    }
}

/** Throws {@link InvalidInput} unless there are no problems. */
export function refuse(subject: string, problems: readonly Problem[]): void {
    if (problems.length > 0) {
        throw new InvalidInput(subject, problems);
    }
}

/** A short description of a value, for {@link Problem.found}. Not for secrets. */
export function describe(value: unknown): string {
    if (value === undefined || value === null) {
        return "nothing";
    }
    if (Array.isArray(value)) {
        return value.length === 0 ? "an empty list" : `a list of ${value.length}`;
    }
    if (typeof value === "object") {
        const keys = Object.keys(value);
        return keys.length === 0 ? "an empty object" : `an object with ${keys.join(", ")}`;
    }
    return shorten(JSON.stringify(value) ?? String(value));
}

/** The kind of a secret value, and nothing of its content. */
export function describeSecret(value: unknown): string {
    if (value === undefined || value === null) {
        return "nothing";
    }
    if (typeof value === "string") {
        return value === "" ? "an empty string" : "a string (secret, not shown)";
    }
    return Array.isArray(value) ? "a list (secret, not shown)" : `a value of type ${typeof value} (secret, not shown)`;
}

/** A message stays readable even where a certificate was given instead of a short string. */
function shorten(text: string): string {
    const limit = 80;
    return text.length <= limit ? text : `${text.slice(0, limit)}…`;
}

/** ` (did you mean "west"?)` when a candidate is close enough to be a typing error, else nothing. */
export function didYouMean(found: unknown, candidates: readonly string[]): string {
    if (typeof found !== "string") {
        return "";
    }
    const near = candidates
        .map((candidate) => ({ candidate, distance: editDistance(found.toLowerCase(), candidate.toLowerCase()) }))
        .filter(({ candidate, distance }) => distance <= Math.max(1, Math.floor(candidate.length / 3)))
        .sort((a, b) => a.distance - b.distance)[0];
    return near === undefined ? "" : ` (did you mean ${JSON.stringify(near.candidate)}?)`;
}

/** The optimal string alignment distance: insertions, deletions, replacements, and swaps of adjacent characters. */
function editDistance(from: string, to: string): number {
    const rows = [Array.from({ length: to.length + 1 }, (_, column) => column)];
    for (let row = 1; row <= from.length; row++) {
        const current = [row];
        for (let column = 1; column <= to.length; column++) {
            const same = from[row - 1] === to[column - 1];
            const swapped =
                row > 1 && column > 1 && from[row - 1] === to[column - 2] && from[row - 2] === to[column - 1];
            current.push(
                Math.min(
                    rows[row - 1]![column]! + 1,
                    current[column - 1]! + 1,
                    rows[row - 1]![column - 1]! + (same ? 0 : 1),
                    swapped ? rows[row - 2]![column - 2]! + 1 : Infinity,
                ),
            );
        }
        rows.push(current);
    }
    return rows[from.length]![to.length]!;
}
