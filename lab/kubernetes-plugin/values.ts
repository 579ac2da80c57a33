import { Struct, type JavaScriptValue } from "google-protobuf/google/protobuf/struct_pb";

/**
 * Property values as the Pulumi engine and its plugins exchange them: JSON, in which an object may be wrapped as a
 * secret, and a string may stand for "not known before the update has run".
 */
type Value = null | boolean | number | string | Value[] | Secret | Properties;
export interface Properties {
    [key: string]: Value;
}

/** JSON without wrappers. A value that is not known yet stays in it as {@link unknownValue}. */
export type Plain = null | boolean | number | string | Plain[] | PlainObject;
export interface PlainObject {
    [key: string]: Plain;
}

export class Secret {
    constructor(readonly value: Value) {}
}

/** What the engine sends in place of a value that it will only know during the update. */
export const unknownValue = "04da6b54-80e4-46f7-96ec-b56ff0331ba9";

/** Key that marks an object as one of the engine's special values, and the mark of a secret. */
const signatureKey = "4dabf18193072939515e22adb298388d";
const secretSignature = "1b47061264138c4ac30d75fd1eb44270";

export function decode(struct: Struct | undefined): Properties {
    return struct === undefined ? {} : (wrapSecrets(struct.toJavaScript() as Plain) as Properties);
}

/** Turns properties into the engine's form; without `keepSecrets` the values of secrets are sent bare. */
export function encode(properties: Properties, keepSecrets: boolean): Struct {
    return Struct.fromJavaScript(unwrapSecrets(properties, keepSecrets) as { [key: string]: JavaScriptValue });
}

/** The same value without any secret wrapper in it, as a copy. */
export function bare(value: Properties): PlainObject;
export function bare(value: Value): Plain;
export function bare(value: Value): Plain {
    if (value instanceof Secret) {
        return bare(value.value);
    }
    return mapChildren(value, bare);
}

export function isObject(value: Value | undefined): value is Properties {
    return typeof value === "object" && value !== null && !Array.isArray(value) && !(value instanceof Secret);
}

export function containsSecret(value: Value): boolean {
    return value instanceof Secret || children(value).some(containsSecret);
}

export function containsUnknown(value: Value): boolean {
    return (
        value === unknownValue ||
        (value instanceof Secret ? containsUnknown(value.value) : children(value).some(containsUnknown))
    );
}

/** Renames the keys of every object in the value. */
export function renameKeys<T extends Value>(value: T, rename: (key: string) => string): T {
    if (value instanceof Secret) {
        return new Secret(renameKeys(value.value, rename)) as T;
    }
    if (Array.isArray(value)) {
        return value.map((child) => renameKeys(child, rename)) as T;
    }
    if (isObject(value)) {
        const renamed = Object.entries(value).map(([key, child]) => [rename(key), renameKeys(child, rename)]);
        return Object.fromEntries(renamed) as T;
    }
    return value;
}

function wrapSecrets(value: Plain): Value {
    if (isObject(value) && value[signatureKey] === secretSignature) {
        return new Secret(wrapSecrets(value["value"] as Plain));
    }
    return mapChildren(value, wrapSecrets as (child: Value) => Value);
}

function unwrapSecrets(value: Value, keep: boolean): Plain {
    if (value instanceof Secret) {
        const inner = unwrapSecrets(value.value, keep);
        return keep ? { [signatureKey]: secretSignature, value: inner } : inner;
    }
    return mapChildren(value, (child) => unwrapSecrets(child, keep));
}

function mapChildren<R extends Value>(value: Exclude<Value, Secret>, change: (child: Value) => R): R {
    if (Array.isArray(value)) {
        return value.map(change) as unknown as R;
    }
    if (isObject(value)) {
        return Object.fromEntries(Object.entries(value).map(([key, child]) => [key, change(child)])) as unknown as R;
    }
    return value as unknown as R;
}

function children(value: Value): Value[] {
    return Array.isArray(value) ? value : isObject(value) ? Object.values(value) : [];
}
