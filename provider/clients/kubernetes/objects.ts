import { z } from "zod";

/** One kind of object, with what it takes to address it. */
export interface Kind {
    apiVersion: string;
    kind: string;
    plural: string;
}

export interface ObjectName {
    name: string;
    namespace?: string;
}

const text = z.record(z.string(), z.string());

const owner = z.object({
    apiVersion: z.string(),
    kind: z.string(),
    name: z.string(),
    uid: z.string(),
    controller: z.boolean().optional(),
});

/** What an object was made by, as its metadata say. Not validated by the server: any text may be in it. */
export type OwnerReference = z.infer<typeof owner>;

const objectSchema = z.object({
    apiVersion: z.string(),
    kind: z.string(),
    metadata: z.object({
        name: z.string(),
        namespace: z.string().optional(),
        uid: z.string().optional(),
        resourceVersion: z.string().optional(),
        generation: z.number().optional(),
        creationTimestamp: z.string().optional(),
        deletionTimestamp: z.string().optional(),
        labels: text.optional(),
        annotations: text.optional(),
        ownerReferences: z.array(owner).optional(),
        managedFields: z
            .array(
                z.object({
                    manager: z.string().optional(),
                    time: z.string().optional(),
                    subresource: z.string().optional(),
                }),
            )
            .optional(),
    }),
    spec: z.unknown().optional(),
    status: z.unknown().optional(),
    data: text.optional(),
    /** Of a StorageClass, which has no spec. */
    provisioner: z.string().optional(),
    volumeBindingMode: z.string().optional(),
    /** Of a VolumeSnapshotClass, which has none either. */
    driver: z.string().optional(),
    /** Of a TridentVersion, which has none either. */
    trident_version: z.string().optional(),
});

/** An object as the API server gives it; `spec` and `status` are validated where they are read. */
export type KubernetesObject = z.infer<typeof objectSchema>;

/** A page of a list; whoever reads it validates its items. */
export const listSchema = z.object({
    metadata: z.object({ continue: z.string().optional(), remainingItemCount: z.number().optional() }),
    items: z.array(z.unknown()),
});

/** How an object is named in plans, errors and reports. */
export function describeObject(kind: Kind, name: ObjectName): string {
    return `${kind.kind} ${name.namespace === undefined ? "" : `${name.namespace}/`}${name.name}`;
}

/** The API server's answer as an object. Items of a list come without apiVersion and kind, so that they are given. */
export function parseObject(kind: { apiVersion: string; kind: string }, value: unknown): KubernetesObject {
    return objectSchema.parse({ ...(value as object), apiVersion: kind.apiVersion, kind: kind.kind });
}

/** `namespace/name` of an object. */
export function pathOfObject(object: KubernetesObject): string {
    const { namespace, name } = object.metadata;
    return namespace === undefined ? name : `${namespace}/${name}`;
}

/** Path of a collection below the API server's URL. */
export function collectionPath(kind: Kind, namespace: string | undefined): string {
    const root = kind.apiVersion.includes("/") ? `/apis/${kind.apiVersion}` : `/api/${kind.apiVersion}`;
    return namespace === undefined
        ? `${root}/${kind.plural}`
        : `${root}/namespaces/${encodeURIComponent(namespace)}/${kind.plural}`;
}

/** Path of an object below the API server's URL. */
export function objectPath(kind: Kind, { name, namespace }: ObjectName): string {
    return `${collectionPath(kind, namespace)}/${encodeURIComponent(name)}`;
}

/** `appmirrorrelationships.protect.trident.netapp.io`, as kubectl takes it. */
export function fullName({ plural, apiVersion }: Kind): string {
    return apiVersion.includes("/") ? `${plural}.${apiVersion.split("/")[0]}` : plural;
}
