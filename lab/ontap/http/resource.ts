import { JobRecord } from "../state";
import { Fields } from "./fields";
import { Query } from "./query";

/** One request, as a resource sees it. */
export interface Call {
    params: Record<string, string>;
    query: Query;
    /** Checked against the fields already; empty for GET and DELETE. */
    body: Record<string, unknown>;
    method: string;
    /** Path below `/api`. */
    path: string;
    user: string;
}

/** What a write led to. */
export interface Outcome {
    /** Values of the instance's keys, when something was created. */
    key?: string[];
    /** The work goes on in this job. */
    job?: JobRecord;
    /** The object as it is when the answer goes out, even if `list` does not show it; it can hold what is shown only once. */
    record?: () => object;
}

/** One collection of the API with its instances, declared by its fields. */
export interface Resource {
    /** Path below `/api`; `:name` stands for a parent's key. */
    path: string;
    /** Names of the fields whose values make an instance's path. */
    keys: string[];
    fields: Fields;
    /** Paths, of fields or of their common beginnings, at which a list stands. */
    lists?: string[];
    /** Parameters other than fields and the general ones, by method. */
    parameters?: Partial<Record<string, string[]>>;
    /** There is one object and no collection, as with `/cluster`. */
    single?: boolean;
    /** All objects in full. */
    list(call: Call): object[];
    /** Whether a collection GET shows an object already. */
    visible?(view: object, call: Call): boolean;
    create?(call: Call): Outcome | Promise<Outcome>;
    modify?(call: Call, view: Record<string, unknown>): Outcome | Promise<Outcome>;
    remove?(call: Call, view: Record<string, unknown>): Outcome | Promise<Outcome>;
}
