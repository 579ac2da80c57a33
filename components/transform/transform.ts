import type * as pulumi from "@pulumi/pulumi";
import { describe, type Problem, refuse } from "../validation/problems";
import { commonGuards, type Guard, guardsOfKind } from "./guards";

/** A Kubernetes object as it is declared. Some of its values may be outputs, which are known later alone. */
export type TransformedManifest = Record<string, unknown>;

/**
 * Changes what is declared for any object, where no argument does. It gets a copy of each object and returns what is to be
 * declared in its place; without a returned value, the copy as it was changed. What roles depend on is refused by name.
 * It is called in each program run, also at the other site, and has to give the same for the same.
 *
 * @example
 * (kind, name, manifest) => {
 *     if (kind === "AppMirrorRelationship") {
 *         manifest.metadata = { ...(manifest.metadata as object), labels: { team: "shop" } };
 *     }
 *     return manifest;
 * }
 */
export type Transform = (kind: string, name: string, manifest: TransformedManifest) => TransformedManifest | void;

/** How a component declares its objects: with which options, and what the user changes of them. */
export interface Declaring {
    options: pulumi.CustomResourceOptions;
    transform: Transform | undefined;
}

/**
 * What a transform makes of a declared object.
 * @throws InvalidInput when it changes what roles depend on
 */
export function transformed<T extends object>(transform: Transform | undefined, kind: string, declared: T): T {
    if (transform === undefined) {
        return declared;
    }
    const name = nameOf(declared);
    const copy = copyOf(declared) as TransformedManifest;
    const after: unknown = transform(kind, name, copy) ?? copy;
    const subject = `What transform makes of ${kind} ${name}`;
    if (typeof after !== "object" || after === null || Array.isArray(after)) {
        refuse(subject, [{ key: "transform", expected: "the object, or nothing", found: describe(after) }]);
    }
    refuse(subject, guardProblems(kind, declared, after as object));
    return after as T;
}

/**
 * The same of an object that a role keeps. Its values are plain: they are needed where no program runs.
 * @throws InvalidInput also for an output in it
 */
export function transformedPlain<T extends object>(transform: Transform, kind: string, declared: T): T {
    const after = transformed(transform, kind, declared);
    refuse(
        `What transform makes of ${kind} ${nameOf(declared)}`,
        outputsIn("", after).map((key) => ({
            key,
            expected: "a plain value, since a takeover needs the object where no program runs",
            found: "an output",
        })),
    );
    return after;
}

/** Paths of what is no plain value. */
function outputsIn(at: string, value: unknown): string[] {
    if (typeof value !== "object" || value === null) {
        return [];
    }
    return isPlain(value)
        ? Object.entries(value).flatMap(([key, one]) => outputsIn(at === "" ? key : `${at}.${key}`, one))
        : [at];
}

/** What of an object may not be changed, and was. */
export function guardProblems(kind: string, before: object, after: object): Problem[] {
    const guards = [...commonGuards, ...(guardsOfKind[kind] ?? [])];
    return [
        ...guards.flatMap((guard) => fieldProblems(guard, before, after)),
        ...["labels", "annotations"].flatMap((field) => namesProblems(`metadata.${field}`, before, after)),
    ];
}

/** Labels and annotations like these are ours, and say what an object is. */
const ownPrefix = "trident-dr.pulumi.com/";

function fieldProblems({ path, why }: Guard, before: object, after: object): Problem[] {
    const [declared, found] = [valueAt(before, path), valueAt(after, path)];
    return isSame(declared, found)
        ? []
        : [{ key: path, expected: `${shown(declared)} as it is declared, since ${why}`, found: shown(found) }];
}

/** Those that are declared stay; others may be added, but for our own. */
function namesProblems(path: string, before: object, after: object): Problem[] {
    const declared = objectOr(valueAt(before, path));
    const found = objectOr(valueAt(after, path));
    return [...new Set([...Object.keys(declared), ...Object.keys(found)])]
        .filter((name) => name in declared || name.startsWith(ownPrefix))
        .filter((name) => !isSame(declared[name], found[name]))
        .map((name) => ({
            key: `${path}.${name}`,
            expected: `${shown(declared[name])} as it is declared, since the object is known by it`,
            found: shown(found[name]),
        }));
}

/** Outputs are compared by identity: what is in them is not known yet, and may be a secret. */
function isSame(left: unknown, right: unknown): boolean {
    if (left === right || !isPlain(left) || !isPlain(right)) {
        return left === right;
    }
    const [ours, theirs] = [Object.entries(left), right as Record<string, unknown>];
    const size = Object.values(theirs).filter((value) => value !== undefined).length;
    return (
        Array.isArray(left) === Array.isArray(right) &&
        ours.filter(([, value]) => value !== undefined).length === size &&
        ours.every(([key, value]) => isSame(value, theirs[key]))
    );
}

/** Never what an output holds. */
function shown(value: unknown): string {
    return typeof value === "object" && value !== null && !isPlain(value) ? "an output" : describe(value);
}

function copyOf(value: unknown): unknown {
    return Array.isArray(value)
        ? value.map(copyOf)
        : isPlain(value)
          ? Object.fromEntries(Object.entries(value).map(([key, one]) => [key, copyOf(one)]))
          : value;
}

function isPlain(value: unknown): value is object {
    return (
        typeof value === "object" &&
        value !== null &&
        (Array.isArray(value) || Object.getPrototypeOf(value) === Object.prototype)
    );
}

function valueAt(object: object, path: string): unknown {
    return path.split(".").reduce<unknown>((at, key) => objectOr(at)[key], object);
}

function objectOr(value: unknown): Record<string, unknown> {
    return typeof value === "object" && value !== null ? (value as Record<string, unknown>) : {};
}

function nameOf(object: object): string {
    const name = valueAt(object, "metadata.name");
    return typeof name === "string" ? name : "";
}
