import type { z } from "zod";
import { describe, describeSecret, didYouMean, type Problem } from "../validation/problems";
import type { StackConfiguration } from "./read";
import { relationProblems } from "./relations";
import { type ParsedSettings, secretKeys, settingsSchema } from "./schema";

/** Everything that is wrong with a configuration, or the configuration with its defaults. */
export function validate(configuration: StackConfiguration): { problems: Problem[]; parsed?: ParsedSettings } {
    const result = settingsSchema.safeParse(configuration.values);
    const problems = [
        ...(result.success ? [] : result.error.issues.flatMap((issue) => problemsOf(issue, configuration.values))),
        ...relationProblems(configuration),
    ].map((problem) => ({ ...problem, key: configuration.namespace + problem.key }));
    return { problems, parsed: result.data };
}

function problemsOf(issue: z.core.$ZodIssue, values: unknown): Problem[] {
    const path = keyOf(issue.path);
    if (issue.code === "unrecognized_keys") {
        const known = issue.message.split(" ");
        return issue.keys.map((key) => ({
            key: path === "" ? key : `${path}.${key}`,
            expected: "no such key",
            found: key + didYouMean(key, known),
        }));
    }
    if (issue.code === "custom") {
        const { key, expected, found } = issue.params as Problem & Record<string, unknown>;
        return [{ key: path + key, expected, found }];
    }
    const isSecret = secretKeys.some((key) => issue.path[0] === key);
    const found = valueAt(values, issue.path);
    return [{ key: path, expected: expectationOf(issue), found: isSecret ? describeSecret(found) : describe(found) }];
}

function expectationOf(issue: z.core.$ZodIssue): string {
    if (issue.code === "invalid_type") {
        return issue.expected === "array"
            ? "a list"
            : issue.expected === "record" || issue.expected === "object"
              ? "an object"
              : `a ${issue.expected}`;
    }
    return issue.message;
}

/** `sites.east.vault`, `applications[0].name`. */
function keyOf(path: readonly PropertyKey[]): string {
    return path.reduce<string>(
        (key, part) =>
            typeof part === "number" ? `${key}[${part}]` : key === "" ? String(part) : `${key}.${String(part)}`,
        "",
    );
}

function valueAt(value: unknown, path: readonly PropertyKey[]): unknown {
    return path.reduce<unknown>((at, key) => (at as Record<PropertyKey, unknown> | undefined)?.[key], value);
}
