import * as pulumi from "@pulumi/pulumi";

/** One thing that is wrong with what a user wrote: where it stands, what belongs there, what is there instead. */
export interface Problem {
    /** Where: a configuration key such as `trident-dr:sites.east.vault.type`, or an argument such as `schedule`. */
    key: string;
    /** What belongs there, to be read after "expected". */
    expected: string;
    /** What is there, to be read after "found". Never a secret: see {@link describe}. */
    found: string;
}

/**
 * Ends a program with all that is wrong with its input, and without a stack trace: the fault is in what was
 * configured, not in the code.
 */
export class InvalidInput extends pulumi.RunError {
    constructor(
        /** What is not valid, for example `The configuration of stack east`. */
        subject: string,
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

/** A value in a few words, for {@link Problem.found}. Not for secrets. */
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

/** A secret value in a few words: what kind of thing it is, and nothing of its content. */
export function describeSecret(value: unknown): string {
    if (value === undefined || value === null) {
        return "nothing";
    }
    if (typeof value === "string") {
        return value === "" ? "an empty text" : "a text (secret, not shown)";
    }
    return Array.isArray(value) ? "a list (secret, not shown)" : `a value of type ${typeof value} (secret, not shown)`;
}

/** Certificates and kubeconfigs may stand where a short text belongs: a message stays readable. */
function shorten(text: string): string {
    const most = 80;
    return text.length <= most ? text : `${text.slice(0, most)}…`;
}

/** ` (did you mean "west"?)` when a candidate is near enough to be a slip of the finger, else nothing. */
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

/** Insertions, deletions, replacements and swaps of neighbours that lead from one text to the other. */
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
