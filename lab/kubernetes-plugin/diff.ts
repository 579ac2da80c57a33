import { annotation, at, gvkOf, nameOf, namespaceOf, type GroupVersionKind, type KubernetesObject } from "./objects";
import { isObject, unknownValue, type Plain } from "./values";

type ChangeKind = "add" | "update" | "delete";

/** One property that differs. */
export interface Change {
    /** Where, in the engine's notation: `spec.ports[0].name`, `metadata.labels["app.kubernetes.io/name"]`. */
    path: string;
    keys: Key[];
    kind: ChangeKind;
    /** The object cannot be changed there: it has to be replaced. */
    replace: boolean;
}

type Key = string | number;

export interface DiffOptions {
    /** Property paths that the resource's `ignoreChanges` names. */
    ignore: readonly string[];
    /** A patch resource does not own its object: only another identity replaces it. */
    patch: boolean;
    secretsMutable: boolean;
    configMapsMutable: boolean;
}

/** What has to change to get from the object as last seen, reduced to the fields the program sets, to its new inputs. */
export function diffObjects(old: KubernetesObject, inputs: KubernetesObject, options: DiffOptions): Change[] {
    const fixed = ["metadata.name", "metadata.namespace", ...(options.patch ? [] : immutableFields(inputs, options))];
    const ignored = options.ignore.map(parsePath);
    const changes: Change[] = [];
    compare([], old, inputs, (keys, kind, value) => {
        if (!ignored.some((path) => isPrefix(path, keys))) {
            changes.push({
                path: formatPath(keys),
                keys,
                kind,
                replace: fixed.some((field) => touches(keys, value, field.split("."))),
            });
        }
    });
    return changes;
}

/** An object that must keep its name can only be replaced by deleting it first. */
export function mustDeleteFirst(inputs: KubernetesObject, live: KubernetesObject): boolean {
    return (
        nameOf(inputs) !== "" &&
        annotation(inputs, "pulumi.com/autonamed") !== "true" &&
        nameOf(inputs) === nameOf(live) &&
        namespaceOf(inputs) === namespaceOf(live)
    );
}

type Report = (keys: Key[], kind: ChangeKind, value: Plain | undefined) => void;

function compare(keys: Key[], old: Plain | undefined, next: Plain | undefined, report: Report): void {
    if (next === undefined || next === null) {
        if (old !== undefined && old !== null) {
            report(keys, "delete", undefined);
        }
    } else if (old === undefined) {
        report(keys, "add", next);
    } else if (next === unknownValue) {
        report(keys, "update", next);
    } else if (isObject(old) && isObject(next)) {
        for (const key of new Set([...Object.keys(old), ...Object.keys(next)])) {
            compare([...keys, key], old[key] as Plain | undefined, next[key] as Plain | undefined, report);
        }
    } else if (Array.isArray(old) && Array.isArray(next)) {
        for (let index = 0; index < Math.max(old.length, next.length); index++) {
            compare([...keys, index], old[index], next[index], report);
        }
    } else if (old !== next) {
        report(keys, "update", next);
    }
}

function formatPath(keys: Key[]): string {
    return keys.reduce<string>((path, key) => {
        if (typeof key === "number") {
            return `${path}[${key}]`;
        }
        if (/[."[\]]/.test(key)) {
            return `${path}["${key.replaceAll('"', '\\"')}"]`;
        }
        return path === "" ? key : `${path}.${key}`;
    }, "");
}

/** Reads a property path; `*` stands for any key. */
export function parsePath(path: string): Key[] {
    const parts = path.matchAll(/\["((?:[^"\\]|\\.)*)"\]|\[(\d+|\*)\]|([^.[\]]+)/g);
    return Array.from(parts, ([, quoted, index, name]) => {
        if (quoted !== undefined) {
            return quoted.replaceAll('\\"', '"');
        }
        return index !== undefined && index !== "*" ? Number(index) : (name ?? "*");
    });
}

function isPrefix(path: Key[], keys: Key[]): boolean {
    return path.length <= keys.length && path.every((key, index) => key === "*" || key === keys[index]);
}

/** Whether a change at `keys` is inside the field, or has the field inside its new value. */
function touches(keys: Key[], value: Plain | undefined, field: string[]): boolean {
    const shared = Math.min(keys.length, field.length);
    if (!field.slice(0, shared).every((key, index) => key === keys[index])) {
        return false;
    }
    return field.length <= keys.length || value === undefined || at(value, ...field.slice(shared)) !== undefined;
}

/** Fields, for each kind, that the API server does not let one change (Kubernetes API reference). */
function immutableFields(inputs: KubernetesObject, options: DiffOptions): string[] {
    const gvk = gvkOf(inputs);
    const sealed = inputs["immutable"] === true;
    switch (groupKind(gvk)) {
        case "Secret":
            return !options.secretsMutable || sealed ? ["type", "stringData", "data"] : ["type"];
        case "ConfigMap":
            return !options.configMapsMutable || sealed ? ["binaryData", "data"] : [];
        case "PersistentVolumeClaim":
            return ["spec.accessModes", "spec.selector", "spec.storageClassName", "spec.volumeName"];
        case "PersistentVolume":
            return ["spec.csi", "spec.hostPath", "spec.local", "spec.nfs"];
        case "Pod":
            return ["spec"];
        case "Service":
            return ["spec.clusterIP"];
        case "apps/Deployment":
        case "apps/DaemonSet":
            return ["spec.selector"];
        case "apps/StatefulSet":
            return [
                "spec.podManagementPolicy",
                "spec.revisionHistoryLimit",
                "spec.selector",
                "spec.serviceName",
                "spec.volumeClaimTemplates",
            ];
        case "batch/Job":
            return ["spec.completions", "spec.parallelism", "spec.selector", "spec.template"];
        case "rbac.authorization.k8s.io/RoleBinding":
        case "rbac.authorization.k8s.io/ClusterRoleBinding":
            return ["roleRef"];
        case "storage.k8s.io/StorageClass":
            return ["parameters", "provisioner"];
        default:
            return [];
    }
}

function groupKind({ group, kind }: GroupVersionKind): string {
    return group === "" ? kind : `${group}/${kind}`;
}
