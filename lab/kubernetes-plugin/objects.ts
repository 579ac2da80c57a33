import {
    containsSecret,
    containsUnknown,
    isObject,
    Secret,
    unknownValue,
    type Plain,
    type PlainObject,
    type Properties,
} from "./values";

/** A Kubernetes object of any kind, as JSON. */
export type KubernetesObject = PlainObject;

export interface GroupVersionKind {
    /** Empty for the core group. */
    group: string;
    version: string;
    kind: string;
}

export function gvkOf(object: KubernetesObject): GroupVersionKind {
    return { ...splitApiVersion(text(object, "apiVersion")), kind: text(object, "kind") };
}

const clusterScoped: Record<string, readonly string[]> = {
    "": ["Namespace", "Node", "PersistentVolume"],
    "admissionregistration.k8s.io": ["MutatingWebhookConfiguration", "ValidatingWebhookConfiguration"],
    "apiextensions.k8s.io": ["CustomResourceDefinition"],
    "apiregistration.k8s.io": ["APIService"],
    "networking.k8s.io": ["IngressClass"],
    "rbac.authorization.k8s.io": ["ClusterRole", "ClusterRoleBinding"],
    "scheduling.k8s.io": ["PriorityClass"],
    "storage.k8s.io": ["CSIDriver", "CSINode", "StorageClass", "VolumeAttachment"],
};

/** Whether Kubernetes itself defines the kind, and without namespaces. */
export function isClusterScoped(group: string, kind: string): boolean {
    return clusterScoped[group]?.includes(kind) ?? false;
}

export function apiVersionOf({ group, version }: GroupVersionKind): string {
    return group === "" ? version : `${group}/${version}`;
}

function splitApiVersion(apiVersion: string): { group: string; version: string } {
    const slash = apiVersion.indexOf("/");
    const group = slash < 0 ? "" : apiVersion.slice(0, slash);
    return { group: group === "core" ? "" : group, version: apiVersion.slice(slash + 1) };
}

/** Value at a path of keys, or undefined. */
export function at(object: Plain | undefined, ...path: string[]): Plain | undefined {
    return path.reduce<Plain | undefined>((value, key) => (isObject(value) ? value[key] : undefined), object);
}

/** String at a path of keys, or "". A value that is not known yet counts as absent. */
export function text(object: Plain | undefined, ...path: string[]): string {
    const value = at(object, ...path);
    return typeof value === "string" && value !== unknownValue ? value : "";
}

export function nameOf(object: KubernetesObject): string {
    return text(object, "metadata", "name");
}

export function namespaceOf(object: KubernetesObject): string {
    return text(object, "metadata", "namespace");
}

/** Identity in the engine's state: `namespace/name`, or the name alone. */
export function idOf(object: KubernetesObject): string {
    const namespace = namespaceOf(object);
    return namespace === "" ? nameOf(object) : `${namespace}/${nameOf(object)}`;
}

export function parseId(id: string): { namespace: string; name: string } {
    const slash = id.indexOf("/");
    return { namespace: slash < 0 ? "" : id.slice(0, slash), name: id.slice(slash + 1) };
}

export function annotation(object: KubernetesObject, key: string): string {
    return text(object, "metadata", "annotations", key);
}

export function setMetadata(object: KubernetesObject, key: string, value: Plain | undefined): void {
    const metadata = object["metadata"] ?? {};
    if (!isObject(metadata)) {
        return; // unknown as a whole: there is nothing to set a field in
    }
    if (value === undefined) {
        delete metadata[key];
    } else {
        metadata[key] = value;
        object["metadata"] = metadata;
    }
}

export function setAnnotation(object: KubernetesObject, key: string, value: string): void {
    const annotations = at(object, "metadata", "annotations") ?? {};
    if (isObject(annotations)) {
        setMetadata(object, "annotations", { ...annotations, [key]: value });
    }
}

const readOnlyMetadata = [
    "creationTimestamp",
    "deletionGracePeriodSeconds",
    "deletionTimestamp",
    "generation",
    "managedFields",
    "resourceVersion",
    "uid",
];

/**
 * Inputs in the form the API server would give them back, as far as it changes their shape: a Secret's `stringData`
 * becomes `data`, quantities take their shortest form, and what only the server may set is dropped.
 */
export function normalise(inputs: KubernetesObject): KubernetesObject {
    const object = structuredClone(inputs);
    const { group, kind } = gvkOf(object);
    if (!containsUnknown(object)) {
        if (group === "" && kind === "Secret") {
            normaliseSecret(object);
        }
        if (group === "apiextensions.k8s.io" && kind === "CustomResourceDefinition") {
            normaliseDefinition(object);
        }
        if (group === "" || group === "apps") {
            normaliseQuantities(object);
        }
    }
    readOnlyMetadata.forEach((key) => setMetadata(object, key, undefined));
    return object;
}

function normaliseSecret(object: KubernetesObject): void {
    const data = isObject(object["data"]) ? object["data"] : undefined;
    const stringData = isObject(object["stringData"]) ? object["stringData"] : {};
    for (const [key, value] of Object.entries(data ?? {})) {
        if (typeof value === "string" && /\s/.test(value)) {
            data![key] = value.replace(/\s+/g, "");
        }
    }
    if (Object.keys(stringData).length > 0) {
        const encoded = Object.entries(stringData).map(([key, value]) => [
            key,
            Buffer.from(String(value)).toString("base64"),
        ]);
        object["data"] = { ...data, ...(Object.fromEntries(encoded) as PlainObject) };
        delete object["stringData"];
    }
}

function normaliseDefinition(object: KubernetesObject): void {
    delete object["status"];
    const spec = object["spec"];
    if (isObject(spec) && spec["preserveUnknownFields"] === false) {
        delete spec["preserveUnknownFields"];
    }
}

/** Maps whose values are quantities, by the name of the field that holds them. */
const quantityMaps = new Set(["requests", "limits", "capacity", "hard"]);

function normaliseQuantities(value: Plain): void {
    if (Array.isArray(value)) {
        value.forEach(normaliseQuantities);
    } else if (isObject(value)) {
        for (const [key, child] of Object.entries(value)) {
            if (quantityMaps.has(key) && isObject(child)) {
                for (const [resource, quantity] of Object.entries(child)) {
                    child[resource] = canonicalQuantity(quantity);
                }
            } else {
                normaliseQuantities(child);
            }
        }
    }
}

/** The form in which the API server stores a quantity: "1024Mi" is "1Gi", "0.5" is "500m". Others are left alone. */
export function canonicalQuantity(quantity: Plain): Plain {
    const match = /^(\d+)(\.\d+)?(Ki|Mi|Gi|Ti|Pi|Ei|m|k|M|G|T|P|E)?$/.exec(String(quantity));
    if (match === null) {
        return quantity;
    }
    const [, whole, fraction = "", suffix = ""] = match;
    if (suffix.endsWith("i") && fraction === "") {
        return reduce(BigInt(whole!), ["", "Ki", "Mi", "Gi", "Ti", "Pi", "Ei"], suffix, 1024n);
    }
    if (suffix === "" && fraction !== "" && fraction.length <= 4) {
        return reduce(
            BigInt(whole! + fraction.slice(1).padEnd(3, "0")),
            ["m", "", "k", "M", "G", "T", "P", "E"],
            "m",
            1000n,
        );
    }
    return fraction === ""
        ? reduce(BigInt(whole!), ["m", "", "k", "M", "G", "T", "P", "E"], suffix, 1000n)
        : String(quantity);
}

function reduce(amount: bigint, suffixes: string[], suffix: string, base: bigint): string {
    let step = suffixes.indexOf(suffix);
    while (amount > 0n && amount % base === 0n && step < suffixes.length - 1) {
        amount /= base;
        step += 1;
    }
    return `${amount}${amount === 0n ? "" : suffixes[step]}`;
}

/** What of `source` has a counterpart in `shape`: the live object reduced to the fields a program has set. */
export function prune(source: KubernetesObject, shape: KubernetesObject): KubernetesObject {
    const kept = Object.entries(source).filter(([key]) => key in shape);
    return Object.fromEntries(kept.map(([key, value]) => [key, pruneValue(value, shape[key]!)]));
}

function pruneValue(source: Plain, shape: Plain): Plain {
    if (isObject(source) && isObject(shape)) {
        return prune(source as PlainObject, shape as PlainObject);
    }
    if (Array.isArray(source) && Array.isArray(shape)) {
        return source.slice(0, shape.length).map((item, index) => pruneValue(item, shape[index]!));
    }
    return source;
}

/** Names of CRD fields that cannot be property names in every Pulumi language: state has them with underscores. */
const dashedNames = [
    "x-kubernetes-embedded-resource",
    "x-kubernetes-int-or-string",
    "x-kubernetes-list-map-keys",
    "x-kubernetes-list-type",
    "x-kubernetes-map-type",
    "x-kubernetes-preserve-unknown-fields",
    "x-kubernetes-validations",
];
const dashedFromUnderscored = new Map(dashedNames.map((name) => [name.replaceAll("-", "_"), name]));
const underscoredFromDashed = new Map(dashedNames.map((name) => [name, name.replaceAll("-", "_")]));
export const toDashes = (key: string): string => dashedFromUnderscored.get(key) ?? key;
export const toUnderscores = (key: string): string => underscoredFromDashed.get(key) ?? key;

/**
 * Marks in `outputs` what is secret in `inputs`, in place. A list with one secret item is secret as a whole, since the
 * server may order it anew; the data of a Secret always is.
 */
export function markSecrets(outputs: Properties, inputs: Properties): void {
    if (outputs["kind"] === "Secret") {
        for (const key of ["data", "stringData"]) {
            markSecret(outputs, key);
        }
        return;
    }
    for (const [key, input] of Object.entries(inputs)) {
        const output = outputs[key];
        if (isObject(output) && isObject(input)) {
            markSecrets(output, input);
        } else if (output !== undefined && containsSecret(input)) {
            markSecret(outputs, key);
        }
    }
}

function markSecret(properties: Properties, key: string): void {
    const value = properties[key];
    if (value !== undefined && !(value instanceof Secret)) {
        properties[key] = new Secret(value);
    }
}
