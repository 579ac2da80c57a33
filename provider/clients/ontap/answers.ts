import { z } from "zod";
import { valueAt } from "../../support/json";
import { failed, ok, type Result } from "../../support/result";

const longestQuote = 80;

/** A string whose known values are listed, and which may hold others: a newer ONTAP can know more of them. */
export type OpenString<Known extends string> = Known | (string & {});

/** Schema of an {@link OpenString}. */
export function openString<Known extends string>(): z.ZodType<OpenString<Known>> {
    return z.string() as unknown as z.ZodType<OpenString<Known>>;
}

/** Schema of ONTAP's error numbers: strings in error bodies, integers in jobs. */
export const codeSchema = z.union([z.string(), z.number()]).transform(String);

/** Schema of a reference `{name, uuid}` to another object, of which answers give one or both. */
export const referenceSchema = z.object({ name: z.string().optional(), uuid: z.string().optional() });

/** Takes secrets out of a text. */
export type Redact = (text: string) => string;

/** What the schema makes of the value, or one line for each key that is not as expected. */
export function parseAnswer<T>(schema: z.ZodType<T>, value: unknown, redact: Redact): Result<T, string[]> {
    const parsed = schema.safeParse(value);
    return parsed.success ? ok(parsed.data) : failed(explainIssues(parsed.error, value, "response body", redact));
}

/**
 * Each issue as `key "a.b": expected …, found …`.
 *
 * @param whole how the value itself is called, where an issue is about no key of it
 */
export function explainIssues(
    error: z.ZodError,
    value: unknown,
    whole: string,
    redact: Redact = (text) => text,
): string[] {
    return error.issues.map((issue) => {
        const key = issue.path.length === 0 ? whole : `key "${issue.path.map(String).join(".")}"`;
        return `${key}: ${expectation(issue)}, found ${quote(valueAt(value, issue.path), redact)}`;
    });
}

function expectation(issue: z.core.$ZodIssue): string {
    switch (issue.code) {
        case "invalid_type":
            return `expected ${issue.expected}`;
        case "invalid_value":
            return `expected ${issue.values.map((one) => JSON.stringify(one)).join(" or ")}`;
        case "invalid_union": {
            const kinds = issue.errors.flat().map((one) => ("expected" in one ? String(one.expected) : one.message));
            return `expected ${[...new Set(kinds)].join(" or ")}`;
        }
        default:
            return issue.message;
    }
}

/** The value as a reader may see it: with its type, without secrets, and only then cut. */
function quote(value: unknown, redact: Redact): string {
    if (value === undefined) {
        return "nothing";
    }
    if (value === null) {
        return "null";
    }
    const text = redact(JSON.stringify(value) ?? String(value));
    const cut = text.length > longestQuote ? `${text.slice(0, longestQuote)}…` : text;
    return `${Array.isArray(value) ? "array" : typeof value} ${cut}`;
}
