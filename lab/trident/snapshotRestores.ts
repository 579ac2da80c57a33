import {
    type Cluster,
    type Controller,
    isDeleting,
    messageOf,
    type ReconcileResult,
    refOf,
    removeFinalizer,
    runController,
    timestamp,
} from "../controllers";
import type { Backends } from "./backends";
import {
    kinds,
    type PersistentVolume,
    type Pod,
    type Pvc,
    type SnapshotRestore,
    tridentFinalizer,
    type VolumeSnapshot,
    type VolumeSnapshotContent,
} from "./kinds";
import { parseSnapshotHandle } from "./names";
import { OntapError } from "./ontap";

/** Why a volume is not put back. Such an action has failed for good: a new one has to be made. */
class Refused extends Error {}

interface Target {
    /** Of the snapshot, as Trident has it: the claim is looked at, but it is not what names the volume. */
    volumeHandle: string;
    arraySnapshot: string;
}

/**
 * One-shot restores: a claim's volume is put back to the newest VolumeSnapshot of it, in place, while nothing has it
 * mounted. Whatever is wrong fails the action at once; there is no second attempt (Trident's `snapshot_restore.go`).
 */
export class SnapshotRestores {
    /** Actions that this process has begun. One that another process left in progress is not known to go on. */
    private readonly begun = new Set<string>();

    constructor(
        private readonly cluster: Cluster,
        private readonly backends: Backends,
    ) {}

    run(): Controller {
        return runController<SnapshotRestore>({
            cluster: this.cluster,
            kind: kinds.snapshotRestore,
            concurrency: 8,
            reconcile: (restore) => this.reconcile(restore),
        });
    }

    private async reconcile(restore: SnapshotRestore): Promise<ReconcileResult> {
        if (isDeleting(restore)) {
            await removeFinalizer(this.cluster, restore, tridentFinalizer);
            return undefined;
        }
        if (restore.status?.completionTime !== undefined) {
            return undefined;
        }
        try {
            await this.putBack(restore);
            await this.finish(restore, "Succeeded", "");
        } catch (error) {
            if (!(error instanceof Refused || error instanceof OntapError)) {
                throw error;
            }
            await this.finish(restore, "Failed", messageOf(error));
        }
        return undefined;
    }

    private async putBack(restore: SnapshotRestore): Promise<void> {
        const { uid = "", namespace = "", name } = restore.metadata;
        if (restore.status?.state === "In progress" && !this.begun.has(uid)) {
            throw new Refused(`the restore ${namespace}/${name} was in progress when Trident was started again`);
        }
        const { volumeHandle, arraySnapshot } = await this.target(restore);
        await this.begin(restore);
        const pv = await this.cluster.get<PersistentVolume>(kinds.pv, { name: volumeHandle });
        const place = pv === undefined ? undefined : this.backends.volumeOf(pv);
        if (pv === undefined || place === undefined) {
            throw new Refused(`volume ${volumeHandle} not found`);
        }
        await this.checkDetached(pv);
        const { ontap, svm } = place.backend;
        const volume = await ontap.volume(svm, place.flexvol);
        if (volume === undefined) {
            throw new Refused(`there is no volume ${place.flexvol} in the SVM ${svm}`);
        }
        await ontap.restoreVolume(volume.uuid, arraySnapshot);
    }

    /** The volume and the snapshot on the array, once claim, volume, snapshot and content are found to be in order. */
    private async target({ metadata, spec }: SnapshotRestore): Promise<Target> {
        const { namespace = "" } = metadata;
        const claim = await this.boundClaim(namespace, spec?.pvcName ?? "");
        const snapshot = await this.readySnapshot(namespace, spec?.volumeSnapshotName ?? "");
        const handle = await this.handleOf(snapshot);
        await this.checkNewest(claim, snapshot);
        return parseSnapshotHandle(handle);
    }

    private async boundClaim(namespace: string, name: string): Promise<Pvc> {
        const claim = name === "" ? undefined : await this.cluster.get<Pvc>(kinds.pvc, { namespace, name });
        if (claim === undefined) {
            throw new Refused(`PVC ${namespace}/${name} not found`);
        }
        if (claim.status?.phase !== "Bound") {
            throw new Refused(`PVC ${namespace}/${name} is not bound to a PV`);
        }
        const pv = await this.cluster.get<PersistentVolume>(kinds.pv, { name: claim.spec.volumeName ?? "" });
        const bound = pv?.spec.claimRef;
        if (pv?.status?.phase !== "Bound" || bound?.namespace !== namespace || bound.name !== name) {
            throw new Refused(`PV ${claim.spec.volumeName} is not bound to PVC ${namespace}/${name}`);
        }
        return claim;
    }

    private async readySnapshot(namespace: string, name: string): Promise<VolumeSnapshot> {
        const ref = { namespace, name };
        const snapshot = name === "" ? undefined : await this.cluster.get<VolumeSnapshot>(kinds.snapshot, ref);
        if (snapshot === undefined) {
            throw new Refused(`volume snapshot ${namespace}/${name} not found`);
        }
        const { readyToUse, creationTime, boundVolumeSnapshotContentName } = snapshot.status ?? {};
        if (readyToUse !== true || creationTime === undefined || boundVolumeSnapshotContentName === undefined) {
            throw new Refused(`volume snapshot ${namespace}/${name} is not bound and ready to use`);
        }
        return snapshot;
    }

    private async handleOf(snapshot: VolumeSnapshot): Promise<string> {
        const { namespace, name } = snapshot.metadata;
        const contentName = snapshot.status?.boundVolumeSnapshotContentName ?? "";
        const content = await this.cluster.get<VolumeSnapshotContent>(kinds.snapshotContent, { name: contentName });
        const ref = content?.spec.volumeSnapshotRef;
        if (content === undefined || ref?.namespace !== namespace || ref?.name !== name) {
            throw new Refused(`volume snapshot content ${contentName} is not bound to snapshot ${namespace}/${name}`);
        }
        const { readyToUse, snapshotHandle } = content.status ?? {};
        if (readyToUse !== true || snapshotHandle === undefined) {
            throw new Refused(`volume snapshot content ${contentName} is not ready to use`);
        }
        return snapshotHandle;
    }

    /** What is newer would be lost with the restore. */
    private async checkNewest(claim: Pvc, wanted: VolumeSnapshot): Promise<void> {
        const { namespace, name } = claim.metadata;
        const taken = ({ status }: VolumeSnapshot): number => Date.parse(status?.creationTime ?? "");
        const all = await this.cluster.list<VolumeSnapshot>(kinds.snapshot, { namespace });
        const newer = all
            .filter(({ spec }) => spec.source.persistentVolumeClaimName === name)
            .some((one) => taken(one) > taken(wanted));
        if (newer) {
            throw new Refused(
                `volume snapshot ${wanted.metadata.name} is not the newest snapshot of PVC ${namespace}/${name}`,
            );
        }
    }

    /** Trident counts its VolumePublications; here it is pods that have not ended and mount the claim. */
    private async checkDetached({ spec }: PersistentVolume): Promise<void> {
        const { namespace, name } = spec.claimRef ?? {};
        const pods = await this.cluster.list<Pod>(kinds.pod, { namespace });
        const attached = pods
            .filter(({ spec, status }) => spec.nodeName !== undefined && !hasEnded(status?.phase))
            .some(({ spec }) =>
                spec.volumes?.some(({ persistentVolumeClaim }) => persistentVolumeClaim?.claimName === name),
            );
        if (attached) {
            throw new Refused("cannot restore attached volume to snapshot");
        }
    }

    private async begin(restore: SnapshotRestore): Promise<void> {
        this.begun.add(restore.metadata.uid ?? "");
        await this.modify(restore, (found) => {
            found.metadata.finalizers = [...new Set([...(found.metadata.finalizers ?? []), tridentFinalizer])];
            found.status = { ...found.status, state: "In progress", message: "", startTime: timestamp() };
        });
    }

    private async finish(restore: SnapshotRestore, state: "Succeeded" | "Failed", message: string): Promise<void> {
        await this.modify(restore, (found) => {
            found.metadata.finalizers = found.metadata.finalizers?.filter((name) => name !== tridentFinalizer);
            found.status = { ...found.status, state, message, completionTime: timestamp() };
        });
        this.begun.delete(restore.metadata.uid ?? "");
    }

    /** The kind has no status subresource: finalizer and status are written in one. */
    private async modify(restore: SnapshotRestore, change: (found: SnapshotRestore) => void): Promise<void> {
        await this.cluster.modify<SnapshotRestore>(kinds.snapshotRestore, refOf(restore), change);
    }
}

function hasEnded(phase: string | undefined): boolean {
    return phase === "Succeeded" || phase === "Failed";
}
