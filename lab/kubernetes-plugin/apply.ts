import { ApiError, type Cluster } from "./cluster";
import { parsePath } from "./diff";
import {
    annotation,
    apiVersionOf,
    at,
    gvkOf,
    nameOf,
    namespaceOf,
    setMetadata,
    text,
    type KubernetesObject,
} from "./objects";
import { isObject, type Plain, type PlainObject } from "./values";

const applyContentType = "application/apply-patch+yaml";

/**
 * Manager under which objects are first created. The first update moves its fields to the resource's own manager, so
 * that they are applied from then on.
 */
const creatingManager = "pulumi-kubernetes";

/** Managers whose fields an update takes over, with the operation they are recorded under. */
const predecessors: readonly [manager: string, operation: string][] = [
    [creatingManager, "Update"],
    ["pulumi-kubernetes.exe", "Update"],
    ["pulumi-resource-kubernetes", "Update"],
    ["kubectl", "Apply"],
    ["kubectl", "Update"],
    ["before-first-apply", "Update"],
];

export interface WriteOptions {
    fieldManager: string;
    /** Asks the server what would be stored, and stores nothing. */
    dryRun: boolean;
    /** Takes fields from other managers, for every resource. */
    force: boolean;
}

/** A server-side apply met fields that another manager has set to something else. */
class ConflictError extends Error {
    constructor(fieldManager: string, cause: ApiError) {
        const conflicts = ((at(cause.status, "details", "causes") as Plain[] | undefined) ?? []).map(
            (conflict) => `${text(conflict, "field")}: ${text(conflict, "message")}`,
        );
        super(
            `server-side apply field conflict detected: ${cause.message}. Fields wanted by manager "${fieldManager}" belong to others` +
                `${conflicts.length > 0 ? ` (${conflicts.join("; ")})` : ""}. ` +
                `Leave them out of the program, name them in ignoreChanges, or take them with the annotation pulumi.com/patchForce: "true"`,
        );
    }
}

/** Creates the object. An object of that name that is there already is an error, unless `upsert` is set. */
export async function createObject(
    cluster: Cluster,
    inputs: KubernetesObject,
    upsert: boolean,
    options: WriteOptions,
): Promise<KubernetesObject> {
    if (upsert) {
        // What a replacement will free is still there when it is previewed: conflicts would be false alarms.
        return apply(cluster, inputs, nameOf(inputs), {
            ...options,
            force: options.dryRun || wantsForce(inputs, options),
        });
    }
    const query = writeQuery(creatingManager, options.dryRun);
    return cluster.request("POST", `${await cluster.path(inputs)}?${query}`, await cluster.scoped(inputs));
}

/** Brings the object that is there to the inputs. `ignore` names property paths that are left as they are. */
export async function updateObject(
    cluster: Cluster,
    inputs: KubernetesObject,
    live: KubernetesObject,
    ignore: readonly string[],
    patch: boolean,
    options: WriteOptions,
): Promise<KubernetesObject> {
    const { group, kind } = gvkOf(inputs);
    if (group === "apiextensions.k8s.io" && kind === "CustomResourceDefinition") {
        const replacement = structuredClone(inputs);
        setMetadata(replacement, "resourceVersion", text(live, "metadata", "resourceVersion"));
        const query = writeQuery(options.fieldManager, options.dryRun);
        return cluster.request("PUT", `${await cluster.path(inputs, nameOf(live))}?${query}`, replacement);
    }
    const fields = managedFields(live);
    const inherited = fields.some(([manager, operation]) => isPredecessor(manager, operation));
    if (inherited && !patch && !options.dryRun) {
        await inheritFields(cluster, live, options.fieldManager);
    }
    const body = withoutIgnored(inputs, live, ignore, options.fieldManager);
    const force = wantsForce(inputs, options) || fields.length === 0 || (options.dryRun && inherited);
    return apply(cluster, body, nameOf(live), { ...options, force });
}

/** Gives up every field that the manager has set, and so removes those that nobody else has. */
export async function relinquish(cluster: Cluster, object: KubernetesObject, fieldManager: string): Promise<void> {
    const namespace = namespaceOf(object);
    const empty: KubernetesObject = {
        apiVersion: apiVersionOf(gvkOf(object)),
        kind: gvkOf(object).kind,
        metadata: { name: nameOf(object), ...(namespace === "" ? {} : { namespace }) },
    };
    await apply(cluster, empty, nameOf(object), { fieldManager, dryRun: false, force: true });
}

async function apply(
    cluster: Cluster,
    body: KubernetesObject,
    name: string,
    options: WriteOptions,
): Promise<KubernetesObject> {
    const query = writeQuery(options.fieldManager, options.dryRun);
    query.set("force", String(options.force));
    try {
        return await cluster.request(
            "PATCH",
            `${await cluster.path(body, name)}?${query}`,
            await cluster.scoped(body),
            applyContentType,
        );
    } catch (error) {
        if (error instanceof ApiError && error.code === 409) {
            throw new ConflictError(options.fieldManager, error);
        }
        throw error;
    }
}

function writeQuery(fieldManager: string, dryRun: boolean): URLSearchParams {
    return new URLSearchParams({ fieldManager, ...(dryRun ? { dryRun: "All" } : {}) });
}

function wantsForce(inputs: KubernetesObject, options: WriteOptions): boolean {
    return options.force || annotation(inputs, "pulumi.com/patchForce") === "true";
}

function managedFields(object: KubernetesObject): [manager: string, operation: string, entry: PlainObject][] {
    const entries = (at(object, "metadata", "managedFields") as PlainObject[] | undefined) ?? [];
    return entries.map((entry) => [text(entry, "manager"), text(entry, "operation"), entry]);
}

function isPredecessor(manager: string, operation: string): boolean {
    return predecessors.some(([name, kind]) => name === manager && kind === operation);
}

/**
 * Makes the manager the one that applied the fields its predecessors set. Guarded by the resource version: another
 * writer in between is a conflict, not a loss.
 */
async function inheritFields(cluster: Cluster, live: KubernetesObject, fieldManager: string): Promise<void> {
    const kept: PlainObject[] = [];
    let own: PlainObject | undefined;
    for (const [manager, operation, entry] of managedFields(live)) {
        const ours = manager === fieldManager && operation === "Apply";
        if ((ours || isPredecessor(manager, operation)) && text(entry, "subresource") === "") {
            own =
                own === undefined
                    ? { ...entry }
                    : { ...own, fieldsV1: mergeFields(own["fieldsV1"]!, entry["fieldsV1"]!) };
        } else {
            kept.push(entry);
        }
    }
    const entries = own === undefined ? kept : [...kept, { ...own, manager: fieldManager, operation: "Apply" }];
    const patch: Plain = [
        { op: "replace", path: "/metadata/managedFields", value: entries },
        { op: "replace", path: "/metadata/resourceVersion", value: text(live, "metadata", "resourceVersion") },
    ];
    await cluster.request("PATCH", await cluster.path(live, nameOf(live)), patch, "application/json-patch+json");
}

function mergeFields(left: Plain, right: Plain): Plain {
    if (!isObject(left) || !isObject(right)) {
        return left;
    }
    const merged: PlainObject = { ...(left as PlainObject) };
    for (const [key, fields] of Object.entries(right as PlainObject)) {
        merged[key] = merged[key] === undefined ? fields : mergeFields(merged[key], fields);
    }
    return merged;
}

/** A field to ignore is left out where another manager has it, and sent as it is on the server where it is ours. */
function withoutIgnored(
    inputs: KubernetesObject,
    live: KubernetesObject,
    ignore: readonly string[],
    fieldManager: string,
): KubernetesObject {
    const body = structuredClone(inputs);
    for (const keys of ignore.map(parsePath)) {
        const path = keys.map(String);
        const owners = managedFields(live).filter(
            ([, , entry]) => at(entry["fieldsV1"], ...path.map((key) => `f:${key}`)) !== undefined,
        );
        const ours = owners.some(([manager]) => manager === fieldManager || manager === creatingManager);
        const current = at(live, ...path);
        if (owners.length > 0 && !ours) {
            setAt(body, path, undefined);
        } else if (current !== undefined) {
            setAt(body, path, current);
        }
    }
    return body;
}

function setAt(object: PlainObject, path: string[], value: Plain | undefined): void {
    const parent = at(object, ...path.slice(0, -1));
    const key = path[path.length - 1]!;
    if (isObject(parent)) {
        if (value === undefined) {
            delete parent[key];
        } else {
            parent[key] = value;
        }
    }
}
