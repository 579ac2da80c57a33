import { z } from "zod";

/** Objects by their labels, as everywhere in Kubernetes: all that is given has to be true of one. */
export interface LabelSelector {
    /** Labels with these values. */
    matchLabels?: Record<string, string> | undefined;
    /** Labels with, or without, one of some values, or any. */
    matchExpressions?: LabelExpression[] | undefined;
}

export interface LabelExpression {
    key: string;
    operator: (typeof labelOperators)[number];
    /** For `In` and `NotIn`. */
    values?: string[] | undefined;
}

export const labelOperators = ["In", "NotIn", "Exists", "DoesNotExist"] as const;

/** As it comes from outside: from a program's inputs, a bundle or a cluster. */
export const labelSelectorSchema = z.object({
    matchLabels: z.record(z.string(), z.string()).optional(),
    matchExpressions: z
        .array(
            z.object({
                key: z.string(),
                operator: z.enum(labelOperators),
                values: z.array(z.string()).optional(),
            }),
        )
        .optional(),
});

/** Whether an object with these labels is chosen; every object is where there is no selector. */
export function labelSelectorMatches(
    selector: LabelSelector | undefined,
    labels: Readonly<Record<string, string>> | undefined,
): boolean {
    return requirementsOf(selector).every((requirement) => isMet(requirement, labels?.[requirement.key]));
}

/** As `kubectl get -l` takes it: `app=shop,tier in (a,b),!legacy`. Two that choose by the same requirements read the same. */
export function describeLabelSelector(selector: LabelSelector): string {
    return [...new Set(requirementsOf(selector).map(describeRequirement))].sort().join(",");
}

/**
 * Whether no object can be chosen by both, whatever its labels are: by a label that has to have different values, or to be
 * there for one and not for the other.
 */
export function areDisjoint(left: LabelSelector, right: LabelSelector): boolean {
    return requirementsOf(left).some((one) =>
        requirementsOf(right).some((other) => one.key === other.key && exclude(one, other)),
    );
}

/** `matchLabels` are requirements as well. */
export function requirementsOf({ matchLabels = {}, matchExpressions = [] }: LabelSelector = {}): Requirement[] {
    return [
        ...Object.entries(matchLabels).map(([key, value]) => ({ key, operator: "In" as const, values: [value] })),
        ...matchExpressions.map(({ key, operator, values = [] }) => ({ key, operator, values })),
    ];
}

export type Requirement = Required<LabelExpression> & { values: string[] };

function isMet({ operator, values }: Requirement, found: string | undefined): boolean {
    switch (operator) {
        case "In":
            return found !== undefined && values.includes(found);
        case "NotIn":
            return found === undefined || !values.includes(found);
        case "Exists":
            return found !== undefined;
        case "DoesNotExist":
            return found === undefined;
    }
}

function describeRequirement({ key, operator, values }: Requirement): string {
    const listed = [...new Set(values)].sort();
    switch (operator) {
        case "In":
            return listed.length === 1 ? `${key}=${listed[0]}` : `${key} in (${listed.join(",")})`;
        case "NotIn":
            return listed.length === 1 ? `${key}!=${listed[0]}` : `${key} notin (${listed.join(",")})`;
        case "Exists":
            return key;
        case "DoesNotExist":
            return `!${key}`;
    }
}

function exclude(one: Requirement, other: Requirement): boolean {
    return excludes(one, other) || excludes(other, one);
}

/** What the first asks for is nothing that meets the second. */
function excludes(one: Requirement, other: Requirement): boolean {
    switch (one.operator) {
        case "In":
            return one.values.every((value) => !isMet(other, value));
        case "Exists":
            return other.operator === "DoesNotExist";
        default:
            return false;
    }
}
