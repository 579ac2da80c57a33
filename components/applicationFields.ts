import { millisecondsOf } from "../provider/support/duration";
import { type LabelExpression, labelOperators, type LabelSelector } from "../provider/support/labelSelector";
import { describe, type Problem } from "./validation/problems";

export { type LabelExpression, labelOperators, type LabelSelector };

/** Objects outside namespaces that belong to an application. */
export interface ClusterScopedResource {
    /** Of the kind of object. The core group is left out. */
    groupVersionKind: { group?: string; version: string; kind: string };
    /**
     * Which of them.
     * @default all of that kind
     */
    labelSelector?: LabelSelector;
}

/** What a promotion changes of the objects that it brings back, as a JSON patch (RFC 6902). */
export interface Transformation {
    /** Which objects: all of the kind, or the one of that name. */
    resource: { group?: string; version?: string; kind: string; name?: string };
    operations: TransformationOperation[];
}

export interface TransformationOperation {
    op: (typeof patchOperations)[number];
    /** Such as `/spec/rules/0/host`. */
    path: string;
    /** For `move` and `copy`. */
    from?: string;
    /** For `add`, `replace` and `test`. */
    value?: unknown;
}

/** Rules that are kept in an object of their own, which exists at both sites. */
export interface TransformationsRef {
    kind: (typeof transformationKinds)[number];
    name: string;
}

/** How long Trident Protect gives one snapshot of the application. Time spans such as `90s`, `30m` or `4h`. */
export interface SnapshotTimeouts {
    /** All of it; shorter than `timeouts.snapshot`. @default Trident Protect's, 60m */
    completion?: string;
    /** Until the VolumeSnapshots are made. @default Trident Protect's, 5m */
    volumeSnapshotsCreated?: string;
    /** Until they can be used. @default Trident Protect's, 30m */
    volumeSnapshotsReadyToUse?: string;
}

export const patchOperations = ["add", "copy", "move", "remove", "replace", "test"] as const;
export const transformationKinds = ["ResourceTransformationRule", "ResourceTransformationClusterRule"] as const;

/** What {@link fieldsProblems} looks at, of whatever types the values are. */
export type CheckedFields = Partial<
    Record<
        "includedClusterScopedResources" | "transformations" | "transformationsRef" | "snapshotTimeouts" | "timeouts",
        unknown
    >
>;

/** What is wrong between values of an application that are handed on to Trident Protect, each of which may be valid. */
export function fieldsProblems(
    prefix: string,
    { includedClusterScopedResources, transformations, transformationsRef, snapshotTimeouts, timeouts }: CheckedFields,
): Problem[] {
    return [
        ...listOf(includedClusterScopedResources).flatMap((resource, index) =>
            selectorProblems(
                `${prefix}includedClusterScopedResources[${index}].labelSelector`,
                objectOr(resource)["labelSelector"],
            ),
        ),
        ...listOf(transformations).flatMap((one, index) =>
            transformationProblems(`${prefix}transformations[${index}]`, objectOr(one)),
        ),
        ...(listOf(transformations).length > 0 && transformationsRef !== undefined
            ? [{ key: `${prefix}transformationsRef`, expected: "either it or transformations", found: "both" }]
            : []),
        ...timeoutProblems(`${prefix}snapshotTimeouts.completion`, objectOr(snapshotTimeouts), objectOr(timeouts)),
    ];
}

/** At a cluster that both sites share there is one of each: what one site brings back would be the other's as well. */
export function clusterScopedProblems(key: string, resources: unknown): Problem[] {
    return listOf(resources).length === 0
        ? []
        : [
              {
                  key,
                  expected: "none with sharedCluster: both sites would stop and bring back the same objects",
                  found: describe(resources),
              },
          ];
}

/** What is wrong with the selector of an application: besides, labels that no object can have. */
export function labelSelectorProblems(key: string, selector: unknown): Problem[] {
    const { matchLabels, matchExpressions } = objectOr(selector);
    return [
        ...selectorProblems(key, selector),
        ...Object.entries(objectOr(matchLabels)).flatMap(([name, value]) => [
            ...labelNameProblems(`${key}.matchLabels`, name),
            ...labelValueProblems(`${key}.matchLabels.${name}`, value),
        ]),
        ...listOf(matchExpressions).flatMap((expression, index) => {
            const at = `${key}.matchExpressions[${index}]`;
            const { key: name, values } = objectOr(expression);
            return [
                ...labelNameProblems(`${at}.key`, name),
                ...listOf(values).flatMap((value, place) => labelValueProblems(`${at}.values[${place}]`, value)),
            ];
        }),
    ];
}

const labelPart = /^[A-Za-z0-9]([A-Za-z0-9._-]*[A-Za-z0-9])?$/;
const labelPrefix = /^[a-z0-9]([a-z0-9.-]*[a-z0-9])?$/;

/** Those of another type are reported elsewhere. */
function labelNameProblems(key: string, name: unknown): Problem[] {
    const [part, prefix, ...more] = typeof name === "string" ? name.split("/").reverse() : [""];
    const isValid =
        isLabelPart(part!) &&
        more.length === 0 &&
        (prefix === undefined || (labelPrefix.test(prefix) && prefix.length < 254));
    return typeof name !== "string" || isValid
        ? []
        : [{ key, expected: "the name of a label, such as app or example.com/app", found: describe(name) }];
}

function labelValueProblems(key: string, value: unknown): Problem[] {
    return typeof value !== "string" || value === "" || isLabelPart(value)
        ? []
        : [
              {
                  key,
                  expected: 'the value of a label: letters, digits, "-", "_" and ".", at most 63',
                  found: describe(value),
              },
          ];
}

function isLabelPart(text: string): boolean {
    return text.length <= 63 && labelPart.test(text);
}

/** What is wrong with a label selector, of whatever types its values are. */
export function selectorProblems(key: string, selector: unknown): Problem[] {
    const { matchLabels, matchExpressions } = objectOr(selector);
    const selectsNothing = Object.keys(objectOr(matchLabels)).length === 0 && listOf(matchExpressions).length === 0;
    return [
        ...(selector !== undefined && selectsNothing
            ? [{ key, expected: "matchLabels or matchExpressions", found: "neither" }]
            : []),
        ...listOf(matchExpressions).flatMap((expression, index) =>
            expressionProblems(`${key}.matchExpressions[${index}].values`, objectOr(expression)),
        ),
    ];
}

function expressionProblems(key: string, { operator, values }: Record<string, unknown>): Problem[] {
    const needsValues = operator === "In" || operator === "NotIn";
    const isGiven = listOf(values).length > 0;
    return needsValues === isGiven
        ? []
        : [
              {
                  key,
                  expected: needsValues ? `one value or more for ${operator}` : `none for ${String(operator)}`,
                  found: describe(values),
              },
          ];
}

/** Trident Protect changes neither claims nor namespaces at a promotion (docs/facts/trident-protect.md#promotion). */
const untransformed = ["PersistentVolumeClaim", "Namespace"];

function transformationProblems(key: string, { resource, operations }: Record<string, unknown>): Problem[] {
    const { kind } = objectOr(resource);
    return [
        ...(untransformed.includes(String(kind))
            ? [{ key: `${key}.resource.kind`, expected: `none of ${untransformed.join(", ")}`, found: describe(kind) }]
            : []),
        ...(Array.isArray(operations) && operations.length === 0
            ? [{ key: `${key}.operations`, expected: "one operation or more", found: "an empty list" }]
            : []),
        ...listOf(operations).flatMap((operation, index) =>
            operationProblems(`${key}.operations[${index}]`, objectOr(operation)),
        ),
    ];
}

function operationProblems(key: string, operation: Record<string, unknown>): Problem[] {
    const { op } = operation;
    const needs = { from: op === "copy" || op === "move", value: op === "add" || op === "replace" || op === "test" };
    const pointers = (["path", "from"] as const).filter((field) => typeof operation[field] === "string");
    return [
        ...pointers
            .filter((field) => !/^(\/|$)/.test(operation[field] as string))
            .map((field) => ({
                key: `${key}.${field}`,
                expected: "a path such as /spec/replicas (RFC 6901)",
                found: describe(operation[field]),
            })),
        ...(["from", "value"] as const)
            .filter((field) => typeof op === "string" && needs[field] !== (operation[field] !== undefined))
            .map((field) => ({
                key: `${key}.${field}`,
                expected: needs[field] ? `one for ${String(op)}` : `none for ${String(op)}`,
                found: describe(operation[field]),
            })),
    ];
}

const defaultSnapshotTimeout = "120m";

/** Trident Protect's own limit has to run out first: it says why. */
function timeoutProblems(
    key: string,
    { completion }: Record<string, unknown>,
    { snapshot = defaultSnapshotTimeout }: Record<string, unknown>,
): Problem[] {
    const [theirs, ours] = [completion, snapshot].map((span) =>
        typeof span === "string" && /^[1-9][0-9]*(s|m|h)$/.test(span) ? millisecondsOf(span) : undefined,
    );
    return theirs === undefined || ours === undefined || theirs < ours
        ? []
        : [{ key, expected: `less than timeouts.snapshot, ${String(snapshot)}`, found: String(completion) }];
}

function listOf(value: unknown): unknown[] {
    return Array.isArray(value) ? (value as unknown[]) : [];
}

function objectOr(value: unknown): Record<string, unknown> {
    return typeof value === "object" && value !== null && !Array.isArray(value)
        ? (value as Record<string, unknown>)
        : {};
}
