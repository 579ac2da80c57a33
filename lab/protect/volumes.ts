import { type Cluster, type KubeObject, refOf } from "../controllers";
import type { VolumePart } from "./archive";
import { type Reference, type ResourceFilter, kinds } from "./kinds";
import { volumeSnapshotName } from "./names";
import { filterPasses } from "./selection";

const driver = "csi.trident.netapp.io";

/** Names the Snapshot, by its UID, that a VolumeSnapshot was made for. */
export const snapshotLabel = "protect.trident.netapp.io/snapshot-uid";

/** A claim that is bound, with the name of its volume. */
export interface BoundClaim {
    claim: Reference;
    volumeName: string;
}

/** Bound claims among an application's resources. What is not bound holds no data, and is not replicated. */
export function boundClaims(resources: KubeObject[]): BoundClaim[] {
    return resources
        .filter(({ kind, status }) => kind === kinds.volumeClaim.kind && status?.phase === "Bound")
        .map(({ metadata, spec }) => ({
            claim: { name: metadata.name, namespace: metadata.namespace ?? "" },
            volumeName: spec.volumeName as string,
        }));
}

/**
 * What a filter lacks for snapshots of the claims that it lets through: it must let their volumes and the snapshot class
 * through as well.
 */
export function filterLacks(filter: ResourceFilter | undefined, claims: BoundClaim[]): string[] {
    if (claims.length === 0) {
        return [];
    }
    const volume = { ...kinds.volume, metadata: { name: claims[0]?.volumeName ?? "" } };
    const snapshotClass = { ...kinds.volumeSnapshotClass, metadata: { name: "" } };
    return [volume, snapshotClass].filter((object) => !filterPasses(filter, object)).map(({ kind }) => kind);
}

/** Asks for a snapshot of each claim's volume; those that are there already are kept. */
export async function requestVolumeSnapshots(
    cluster: Cluster,
    snapshotUid: string,
    claims: BoundClaim[],
): Promise<KubeObject[]> {
    const classes = await cluster.list(kinds.volumeSnapshotClass);
    const usable = classes.filter((found) => found.driver === driver);
    const byDefault = usable.find(
        ({ metadata }) => metadata.annotations?.["snapshot.storage.kubernetes.io/is-default-class"] === "true",
    );
    const volumeSnapshotClass = byDefault ?? usable[0];
    if (volumeSnapshotClass === undefined && claims.length > 0) {
        throw new Error(`There is no VolumeSnapshotClass of the driver ${driver}`);
    }
    return Promise.all(
        claims.map(({ claim, volumeName }) =>
            cluster.ensure({
                ...kinds.volumeSnapshot,
                metadata: {
                    name: volumeSnapshotName(snapshotUid, volumeName),
                    namespace: claim.namespace,
                    labels: { [snapshotLabel]: snapshotUid },
                },
                spec: {
                    source: { persistentVolumeClaimName: claim.name },
                    volumeSnapshotClassName: volumeSnapshotClass?.metadata.name,
                },
            }),
        ),
    );
}

export function isReady(volumeSnapshot: KubeObject): boolean {
    return volumeSnapshot.status?.readyToUse === true;
}

export function isCut(volumeSnapshot: KubeObject): boolean {
    return volumeSnapshot.status?.creationTime !== undefined;
}

/** Everything an archive keeps of ready volume snapshots: their contents, and where on the array the volumes are. */
export async function volumeParts(cluster: Cluster, volumeSnapshots: KubeObject[]): Promise<VolumePart[]> {
    return Promise.all(
        volumeSnapshots.map(async (volumeSnapshot) => {
            const name = (volumeSnapshot.status?.boundVolumeSnapshotContentName ?? "") as string;
            const content = await cluster.get(kinds.volumeSnapshotContent, { name });
            const { namespace, name: snapshotName } = volumeSnapshot.metadata;
            const claim = await cluster.get(kinds.volumeClaim, {
                namespace,
                name: volumeSnapshot.spec.source.persistentVolumeClaimName as string,
            });
            const volume = await cluster.get(kinds.volume, { name: (claim?.spec.volumeName ?? "?") as string });
            if (content === undefined || volume === undefined) {
                throw new Error(
                    `VolumeSnapshot ${namespace}/${snapshotName} is ready but its content or volume is not there`,
                );
            }
            return { volumeSnapshot, content, volumeHandle: await arrayVolume(cluster, volume) };
        }),
    );
}

/** `<svm>:<flexvol>` of a volume that Trident made. */
async function arrayVolume(cluster: Cluster, volume: KubeObject): Promise<string> {
    const attributes = (volume.spec.csi?.volumeAttributes ?? {}) as { backendUUID?: string; internalName?: string };
    const backends = await cluster.list(kinds.backend);
    const backend = backends.find(({ backendUUID }) => backendUUID === attributes.backendUUID);
    const svm = backend?.config?.ontap_config?.svm as string | undefined;
    if (svm === undefined || attributes.internalName === undefined) {
        throw new Error(`PersistentVolume ${volume.metadata.name} is on no backend that Trident has`);
    }
    return `${svm}:${attributes.internalName}`;
}

/** Deletes the volume snapshots of a Snapshot; true once they are gone. */
export async function removeVolumeSnapshots(cluster: Cluster, snapshotUid: string): Promise<boolean> {
    const left = await cluster.list(kinds.volumeSnapshot, { labelSelector: `${snapshotLabel}=${snapshotUid}` });
    await Promise.all(
        left
            .filter(({ metadata }) => metadata.deletionTimestamp === undefined)
            .map((volumeSnapshot) => cluster.delete(kinds.volumeSnapshot, refOf(volumeSnapshot))),
    );
    return left.length === 0;
}
