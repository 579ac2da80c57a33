import { badValue, missingValue, OntapFailure, unexpectedArgument } from "../errors";

type FieldType = "string" | "integer" | "boolean" | "time" | "duration" | "size" | "object" | "any";

/** What a field of a resource is: enough to check a body, to filter on it and to project it. */
export interface Field {
    type: FieldType;
    /** Allowed values of a string. */
    values?: readonly string[];
    /** Must be in the body of a POST. */
    required?: boolean;
    /** Only shown; a body that carries it is refused. */
    readOnly?: boolean;
    /** Only in a POST; a PATCH that carries it is refused. */
    createOnly?: boolean;
    /** Shown in every projection, as the name and the uuid are. */
    always?: boolean;
    /** Shown only when asked for by name, or by `**`. */
    expensive?: boolean;
    minimum?: number;
    maximum?: number;
    /** Longest string. */
    longest?: number;
    shortest?: number;
}

/** A resource's fields by dotted path; the elements of an array have no index in it. */
export type Fields = Record<string, Field>;

export const text = (more: Partial<Field> = {}): Field => ({ type: "string", ...more });
export const integer = (more: Partial<Field> = {}): Field => ({ type: "integer", ...more });
export const flag = (more: Partial<Field> = {}): Field => ({ type: "boolean", ...more });
export const time = (more: Partial<Field> = {}): Field => ({ type: "time", ...more });
export const duration = (more: Partial<Field> = {}): Field => ({ type: "duration", ...more });
export const size = (more: Partial<Field> = {}): Field => ({ type: "size", ...more });
export const oneOf = (values: readonly string[], more: Partial<Field> = {}): Field => ({
    type: "string",
    values,
    ...more,
});
export const shown = { readOnly: true } as const;

/** The fields of a reference to another object: `<prefix>.name` and `<prefix>.uuid`. */
export function reference(prefix: string, more: Partial<Field> = {}): Fields {
    return { [`${prefix}.name`]: text(more), [`${prefix}.uuid`]: text(more) };
}

const sizeUnits: Record<string, number> = {
    "": 1,
    B: 1,
    KB: 2 ** 10,
    MB: 2 ** 20,
    GB: 2 ** 30,
    TB: 2 ** 40,
    PB: 2 ** 50,
};

/** Bytes of `20MB` and the like (sizes in ONTAP REST take such suffixes), undefined when it is no size. */
export function parseSize(value: unknown): number | undefined {
    if (typeof value === "number") {
        return value;
    }
    const found = typeof value === "string" ? /^(\d+(?:\.\d+)?)\s*([KMGTP]?B|)$/i.exec(value) : null;
    return found ? Math.round(Number(found[1]) * (sizeUnits[(found[2] ?? "").toUpperCase()] ?? 1)) : undefined;
}

function parseInteger(value: unknown): number | undefined {
    return typeof value === "number"
        ? value
        : typeof value === "string" && /^-?\d+$/.test(value)
          ? Number(value)
          : undefined;
}

/** Whether `name` is a field, or the common beginning of several. */
export function isKnown(fields: Fields, name: string): boolean {
    return name in fields || Object.keys(fields).some((path) => path.startsWith(`${name}.`));
}

/** What a body is held against. */
interface BodyRules {
    fields: Fields;
    /** Paths, of fields or of their common beginnings, at which a list stands. */
    lists: readonly string[];
    method: "POST" | "PATCH";
}

/**
 * Checks the body of a write: unknown names (262179), read-only ones (262196), wrong types and enumerations (262197),
 * and in a POST the required ones (2). Gives it back with dotted names unfolded (`{"source.path": …}` is
 * `{"source": {"path": …}}`), and with numbers and booleans that came as text as what they mean.
 */
export function checkBody(body: unknown, rules: BodyRules): Record<string, unknown> {
    if (body === undefined || body === null || body === "") {
        body = {};
    }
    if (!isRecord(body)) {
        throw new OntapFailure(400, "262254", "The request body must be a JSON object.");
    }
    const checked = checkPart(unfold(body), "", rules);
    if (rules.method === "POST") {
        for (const [path, field] of Object.entries(rules.fields)) {
            if (field.required && valuesAt(checked, path).length === 0) {
                throw missingValue(path);
            }
        }
    }
    return checked;
}

function isRecord(value: unknown): value is Record<string, unknown> {
    return typeof value === "object" && value !== null && !Array.isArray(value);
}

function unfold(part: Record<string, unknown>): Record<string, unknown> {
    const result: Record<string, unknown> = {};
    for (const [name, value] of Object.entries(part)) {
        const inner = isRecord(value)
            ? unfold(value)
            : Array.isArray(value)
              ? value.map((one: unknown) => (isRecord(one) ? unfold(one) : one))
              : value;
        const names = name.split(".");
        const last = names.pop() ?? name;
        let at = result;
        for (const outer of names) {
            const next = at[outer];
            at = isRecord(next) ? next : ((at[outer] = {}) as Record<string, unknown>);
        }
        const there = at[last];
        at[last] = isRecord(there) && isRecord(inner) ? { ...there, ...inner } : inner;
    }
    return result;
}

function checkPart(part: Record<string, unknown>, prefix: string, rules: BodyRules): Record<string, unknown> {
    const result: Record<string, unknown> = {};
    for (const [name, value] of Object.entries(part)) {
        if (name === "_links") {
            continue;
        }
        const path = prefix + name;
        if (!isKnown(rules.fields, path)) {
            throw unexpectedArgument(path);
        }
        result[name] = rules.lists.includes(path) ? checkList(value, path, rules) : checkOne(value, path, rules);
    }
    return result;
}

function checkList(value: unknown, path: string, rules: BodyRules): unknown {
    if (value === null) {
        return value;
    }
    if (!Array.isArray(value)) {
        throw badValue(value, path, "list");
    }
    return value.map((one: unknown) => checkOne(one, path, rules));
}

function checkOne(value: unknown, path: string, rules: BodyRules): unknown {
    const field = rules.fields[path];
    if (field === undefined) {
        if (value === null) {
            return value;
        }
        if (!isRecord(value)) {
            throw badValue(value, path, "object");
        }
        return checkPart(value, `${path}.`, rules);
    }
    if (field.readOnly || (field.createOnly && rules.method === "PATCH")) {
        throw new OntapFailure(400, "262196", `Field "${path}" cannot be set in this operation`, path);
    }
    if (value === null) {
        return value;
    }
    const expected = wrong(value, field);
    if (expected !== undefined) {
        throw badValue(value, path, expected);
    }
    return meant(value, field);
}

/** Bodies may carry numbers and booleans as text; sizes stay as they came, with their suffixes. */
function meant(value: unknown, field: Field): unknown {
    if (typeof value !== "string") {
        return value;
    }
    return field.type === "boolean" ? value === "true" : field.type === "integer" ? Number(value) : value;
}

function wrong(value: unknown, field: Field): string | undefined {
    switch (field.type) {
        case "string":
        case "time":
        case "duration":
            if (typeof value !== "string") {
                return field.type === "string" ? "text" : field.type;
            }
            if (field.values && !field.values.includes(value)) {
                return field.values.join("|");
            }
            if (field.longest !== undefined && value.length > field.longest) {
                return `text of at most ${field.longest} characters`;
            }
            return field.shortest !== undefined && value.length < field.shortest
                ? `text of at least ${field.shortest} characters`
                : undefined;
        case "boolean":
            return typeof value === "boolean" || value === "true" || value === "false" ? undefined : "true|false";
        case "integer":
        case "size": {
            const number = field.type === "size" ? parseSize(value) : parseInteger(value);
            const low = field.minimum ?? -Infinity;
            const high = field.maximum ?? Infinity;
            return number !== undefined && Number.isInteger(number) && number >= low && number <= high
                ? undefined
                : `${field.minimum ?? ""}..${field.maximum ?? ""}`;
        }
        default:
            return undefined;
    }
}

/** All values at a dotted path; arrays on the way are entered. */
export function valuesAt(record: unknown, path: string): unknown[] {
    let found: unknown[] = [record];
    for (const part of path.split(".")) {
        found = found.flatMap((value) => {
            const inner =
                value !== null && typeof value === "object" ? (value as Record<string, unknown>)[part] : undefined;
            return Array.isArray(inner) ? (inner as unknown[]) : inner === undefined || inner === null ? [] : [inner];
        });
    }
    return found;
}

/** Which paths a `fields=` selects; undefined stands for the default projection. */
export interface Projection {
    whole: "none" | "cheap" | "all";
    names: string[];
}

/** The part of `record` that a projection shows; fields marked `always` come with it. */
export function project(record: object, fields: Fields, projection: Projection): Record<string, unknown> {
    const chosen = new Set<string>();
    for (const [path, field] of Object.entries(fields)) {
        const named = projection.names.some((name) => path === name || path.startsWith(`${name}.`));
        const wanted =
            field.always || named || projection.whole === "all" || (projection.whole === "cheap" && !field.expensive);
        if (wanted) {
            chosen.add(path);
        }
    }
    return pick(record as Record<string, unknown>, "", chosen, fields) ?? {};
}

function pick(
    part: Record<string, unknown>,
    prefix: string,
    chosen: Set<string>,
    fields: Fields,
): Record<string, unknown> | undefined {
    const result: Record<string, unknown> = {};
    for (const [name, value] of Object.entries(part)) {
        const path = prefix + name;
        if (value === undefined) {
            continue;
        }
        if (path in fields) {
            if (chosen.has(path)) {
                result[name] = value;
            }
            continue;
        }
        if (Array.isArray(value)) {
            const elements = (value as Record<string, unknown>[])
                .map((element) => pick(element, `${path}.`, chosen, fields))
                .filter((element) => element !== undefined);
            if (elements.length > 0) {
                result[name] = elements;
            }
        } else if (value !== null && typeof value === "object") {
            const inner = pick(value as Record<string, unknown>, `${path}.`, chosen, fields);
            if (inner) {
                result[name] = inner;
            }
        }
    }
    return Object.keys(result).length > 0 ? result : undefined;
}
