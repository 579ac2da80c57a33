import { parseDuration } from "../clock";
import { badValue, unexpectedArgument } from "../errors";
import { Field, Fields, isKnown, parseSize, Projection, valuesAt } from "./fields";

/** A request's query, checked and typed (docs/facts/ontap.md#queries-and-answers). */
export interface Query {
    projection: Projection;
    /** The request named no `fields`. */
    defaultProjection: boolean;
    /** Seconds to wait for a job before answering; undefined when the request did not say. */
    returnTimeout?: number;
    returnRecords?: boolean;
    maxRecords: number;
    /** Index of the first record of this page. */
    start: number;
    orderBy: { path: string; descending: boolean }[];
    filters: { path: string; expression: string }[];
    /** The path's own parameters, e.g. `destination_only`. */
    own: Record<string, string>;
}

/** A boolean of the path's own parameters; absent is false. */
export function isSet(query: Query, name: string): boolean {
    const value = query.own[name];
    return value !== undefined && (value === "" || boolean(name, value));
}

/** Clients write booleans in their own languages' way: `true`, `True`. */
function boolean(name: string, value: string): boolean {
    const written = value.toLowerCase();
    if (written !== "true" && written !== "false") {
        throw badValue(value, name, "true|false");
    }
    return written === "true";
}

/** Reads a query string; whatever is neither general, nor the path's own, nor a field, is refused with 262179. */
export function parseQuery(entries: Iterable<[string, string]>, fields: Fields, own: readonly string[]): Query {
    const query: Query = {
        projection: { whole: "none", names: [] },
        defaultProjection: true,
        maxRecords: 10_000,
        start: 0,
        orderBy: [],
        filters: [],
        own: {},
    };
    for (const [name, value] of entries) {
        if (own.includes(name)) {
            query.own[name] = value;
        } else if (name === "fields") {
            query.defaultProjection = false;
            readFields(query.projection, value, fields);
        } else if (name === "return_timeout") {
            query.returnTimeout = number(name, value, 0, 120);
        } else if (name === "return_records") {
            query.returnRecords = boolean(name, value);
        } else if (name === "max_records") {
            query.maxRecords = number(name, value, 1, 10_000);
        } else if (name === "start.index") {
            query.start = number(name, value, 0, Number.MAX_SAFE_INTEGER);
        } else if (name === "order_by") {
            query.orderBy = value.split(",").map((part) => {
                const [path = "", direction = "asc"] = part.trim().split(/\s+/);
                if (!isKnown(fields, path) || !["asc", "desc"].includes(direction)) {
                    throw badValue(part, name, "field [asc|desc], …");
                }
                return { path, descending: direction === "desc" };
            });
        } else if (name in fields) {
            query.filters.push({ path: name, expression: value });
        } else {
            throw unexpectedArgument(name);
        }
    }
    return query;
}

function number(name: string, value: string, low: number, high: number): number {
    const result = Number(value);
    if (!/^\d+$/.test(value) || result < low || result > high) {
        throw badValue(value, name, `${low}..${high}`);
    }
    return result;
}

function readFields(projection: Projection, value: string, fields: Fields): void {
    for (const name of value.split(",").map((part) => part.trim())) {
        if (name === "*") {
            projection.whole = projection.whole === "all" ? "all" : "cheap";
        } else if (name === "**") {
            projection.whole = "all";
        } else if (isKnown(fields, name)) {
            projection.names.push(name);
        } else if (name !== "") {
            throw badValue(name, "fields", "field, …");
        }
    }
}

/** Whether a record passes every filter of a query. */
export function matches(record: object, query: Query, fields: Fields): boolean {
    return query.filters.every(({ path, expression }) => {
        const values = valuesAt(record, path);
        return alternatives(expression).some((alternative) => holds(values, alternative, fields[path]));
    });
}

function alternatives(expression: string): string[] {
    return expression.startsWith('"') && expression.endsWith('"') && expression.length > 1
        ? [expression]
        : expression.split("|");
}

function holds(values: unknown[], expression: string, field: Field | undefined): boolean {
    if (expression === "null" || expression === "!null") {
        return (values.length === 0) === (expression === "null");
    }
    if (expression.startsWith("!")) {
        return values.length > 0 && !values.some((value) => equals(value, expression.slice(1), field));
    }
    const operator = /^(<=|>=|<|>)/.exec(expression)?.[0];
    if (operator) {
        const wanted = comparable(expression.slice(operator.length), field);
        return values.some((value) => {
            const order = compare(comparable(value, field), wanted);
            return operator === "<"
                ? order < 0
                : operator === ">"
                  ? order > 0
                  : operator === "<="
                    ? order <= 0
                    : order >= 0;
        });
    }
    const range = /^(.+)\.\.(.+)$/.exec(expression);
    if (range && field && field.type !== "string") {
        const low = comparable(range[1], field);
        const high = comparable(range[2], field);
        return values.some((value) => {
            const here = comparable(value, field);
            return compare(here, low) >= 0 && compare(here, high) <= 0;
        });
    }
    return values.some((value) => equals(value, expression, field));
}

function equals(value: unknown, expression: string, field: Field | undefined): boolean {
    if (expression.length > 1 && expression.startsWith('"') && expression.endsWith('"')) {
        return String(value) === expression.slice(1, -1);
    }
    if (expression.includes("*")) {
        const pattern = expression
            .split("*")
            .map((part) => part.replace(/[.+?^${}()|[\]\\]/g, "\\$&"))
            .join(".*");
        return new RegExp(`^${pattern}$`, "s").test(String(value));
    }
    return compare(comparable(value, field), comparable(expression, field)) === 0;
}

function comparable(value: unknown, field: Field | undefined): string | number {
    const written = String(value);
    switch (field?.type) {
        case "integer":
            return Number(written);
        case "boolean":
            return written.toLowerCase();
        case "size":
            return parseSize(typeof value === "number" ? value : written) ?? NaN;
        case "duration":
            return parseDuration(written) ?? written;
        case "time":
            return Number.isNaN(Date.parse(written)) ? written : Date.parse(written);
        default:
            return written;
    }
}

function compare(left: string | number, right: string | number): number {
    return left < right ? -1 : left > right ? 1 : left === right ? 0 : NaN;
}

/** Records in the order that `order_by` asks for; unset values come last. */
export function ordered<T extends object>(records: T[], query: Query, fields: Fields): T[] {
    if (query.orderBy.length === 0) {
        return records;
    }
    return [...records].sort((left, right) => {
        for (const { path, descending } of query.orderBy) {
            const [a] = valuesAt(left, path);
            const [b] = valuesAt(right, path);
            if (a === undefined || b === undefined) {
                if (a !== b) {
                    return a === undefined ? 1 : -1;
                }
                continue;
            }
            const order = compare(comparable(a, fields[path]), comparable(b, fields[path]));
            if (order !== 0) {
                return descending ? -order : order;
            }
        }
        return 0;
    });
}
