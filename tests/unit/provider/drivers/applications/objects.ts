import type { KubernetesObject } from "../../../../../provider/clients/kubernetes/cluster";
import type { OwnerReference } from "../../../../../provider/clients/kubernetes/objects";

/** Objects in the namespace shop, as the API server gives them. */
type Part = Partial<Omit<KubernetesObject, "metadata">> & { metadata?: Partial<KubernetesObject["metadata"]> };

export function object(apiVersion: string, kind: string, name: string, part: Part = {}): KubernetesObject {
    const { metadata, ...rest } = part;
    return { apiVersion, kind, metadata: { name, namespace: "shop", uid: `uid-of-${name}`, ...metadata }, ...rest };
}

/** What an object says of the one that made it. */
export function madeBy({ apiVersion, kind, metadata }: KubernetesObject): { ownerReferences: OwnerReference[] } {
    return { ownerReferences: [{ apiVersion, kind, name: metadata.name, uid: metadata.uid!, controller: true }] };
}

/** Volumes of a pod that mounts a claim. */
export function mounting(claimName: string) {
    return { volumes: [{ name: "data", persistentVolumeClaim: { claimName } }] };
}

export function pod(name: string, claim: string, part: Part = {}): KubernetesObject {
    return object("v1", "Pod", name, { spec: mounting(claim), ...part });
}

/** A claim with the volume that it is bound to. */
export function boundClaim(
    name: string,
    csi: { driver: string; volumeAttributes?: Record<string, string> } | undefined,
    labels: Record<string, string> = {},
) {
    const volume = `pv-${name}`;
    return {
        claim: object("v1", "PersistentVolumeClaim", name, {
            metadata: { labels },
            spec: { volumeName: volume },
            status: { phase: "Bound" },
        }),
        volume: object("v1", "PersistentVolume", volume, { spec: csi === undefined ? { nfs: {} } : { csi } }),
    };
}
