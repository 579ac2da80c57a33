/** A Kubernetes object as the API server sends it: plain JSON, nothing renamed, no dates parsed. */
export interface KubeObject {
    apiVersion?: string;
    kind?: string;
    metadata: ObjectMeta;
    // Each kind has its own shape; a stand-in that needs one declares it with `interface X extends KubeObject`.
    // eslint-disable-next-line @typescript-eslint/no-explicit-any
    [field: string]: any;
}

export interface ObjectMeta {
    name: string;
    namespace?: string;
    uid?: string;
    resourceVersion?: string;
    generation?: number;
    creationTimestamp?: string;
    deletionTimestamp?: string;
    labels?: Record<string, string>;
    annotations?: Record<string, string>;
    finalizers?: string[];
    ownerReferences?: OwnerReference[];
}

interface OwnerReference {
    apiVersion: string;
    kind: string;
    name: string;
    uid: string;
    controller?: boolean;
    blockOwnerDeletion?: boolean;
}

/** Which kind: `{ apiVersion: "apps/v1", kind: "Deployment" }`. The plural is asked of the API server. */
export interface Kind {
    apiVersion: string;
    kind: string;
}

/** Which object of a kind. `namespace` is left out for kinds without one. */
export interface Ref {
    namespace?: string;
    name: string;
}

export function refOf(object: KubeObject): Ref {
    const { namespace, name } = object.metadata;
    return namespace === undefined ? { name } : { namespace, name };
}

/** `namespace/name`, or `name` alone: how a queue and a log name an object. */
export function keyOf(ref: Ref): string {
    return ref.namespace === undefined ? ref.name : `${ref.namespace}/${ref.name}`;
}

/** The reverse of `keyOf`. */
export function refFromKey(key: string): Ref {
    const slash = key.indexOf("/");
    return slash < 0 ? { name: key } : { namespace: key.slice(0, slash), name: key.slice(slash + 1) };
}

/** An owner reference to an object that was read from the API server. */
export function ownerReference(owner: KubeObject, options: { controller?: boolean } = {}): OwnerReference {
    const { apiVersion, kind, metadata } = owner;
    if (apiVersion === undefined || kind === undefined || metadata.uid === undefined) {
        throw new Error(`Expected an object of the API server as owner, found ${JSON.stringify(metadata.name)}`);
    }
    return { apiVersion, kind, name: metadata.name, uid: metadata.uid, ...options };
}
