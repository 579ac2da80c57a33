import {
    addFinalizer,
    type Cluster,
    type Controller,
    isDeleting,
    messageOf,
    type ReconcileResult,
    refOf,
    removeFinalizer,
    runController,
    scaled,
    timestamp,
} from "../controllers";
import { type Backends } from "./backends";
import {
    driverName,
    kinds,
    type PersistentVolume,
    type Pvc,
    type VolumeSnapshot,
    type VolumeSnapshotContent,
} from "./kinds";
import { arraySnapshotName, parseSnapshotHandle, quantityBytes, snapshotHandle } from "./names";

const snapshotFinalizer = "snapshot.storage.kubernetes.io/volumesnapshot-bound-protection";
const contentFinalizer = "snapshot.storage.kubernetes.io/volumesnapshotcontent-bound-protection";
const beingDeletedAnnotation = "snapshot.storage.kubernetes.io/volumesnapshot-being-deleted";
const defaultClassAnnotation = "snapshot.storage.kubernetes.io/is-default-class";
const retryMs = 5_000;

/** The snapshot controller and the CSI snapshotter in one: VolumeSnapshots to contents, contents to the array. */
export class Snapshots {
    constructor(
        private readonly cluster: Cluster,
        private readonly backends: Backends,
        private readonly speed: number,
    ) {}

    run(): Controller[] {
        const { cluster } = this;
        const snapshots = runController<VolumeSnapshot>({
            cluster,
            kind: kinds.snapshot,
            reconcile: (snapshot) => this.bind(snapshot),
            triggers: [
                {
                    kind: kinds.snapshotContent,
                    concerns: (content) => {
                        const { namespace, name } = (content as VolumeSnapshotContent).spec.volumeSnapshotRef;
                        return [{ namespace, name }];
                    },
                },
            ],
        });
        const contents = runController<VolumeSnapshotContent>({
            cluster,
            kind: kinds.snapshotContent,
            reconcile: (content) => this.takeOrDelete(content),
        });
        return [snapshots, contents];
    }

    private async bind(snapshot: VolumeSnapshot): Promise<ReconcileResult> {
        if (isDeleting(snapshot)) {
            return this.unbind(snapshot);
        }
        await addFinalizer(this.cluster, snapshot, snapshotFinalizer);
        try {
            const content = await this.contentOf(snapshot);
            await this.copyStatus(snapshot, content);
            return undefined;
        } catch (error) {
            await this.reportSnapshot(snapshot, messageOf(error));
            return { requeueAfterMs: this.retry() };
        }
    }

    /** The content that belongs to the snapshot, made if need be. */
    private async contentOf(snapshot: VolumeSnapshot): Promise<VolumeSnapshotContent> {
        const { namespace = "", name, uid = "" } = snapshot.metadata;
        const given = snapshot.spec.source.volumeSnapshotContentName;
        if (given !== undefined) {
            const content = await this.cluster.get<VolumeSnapshotContent>(kinds.snapshotContent, { name: given });
            const ref = content?.spec.volumeSnapshotRef;
            if (content === undefined || ref?.namespace !== namespace || ref.name !== name) {
                throw new Error(`there is no VolumeSnapshotContent ${given} that refers to ${namespace}/${name}`);
            }
            if (ref.uid !== uid) {
                const volumeSnapshotRef = { ...ref, uid };
                return this.cluster.mergePatch(kinds.snapshotContent, refOf(content), { spec: { volumeSnapshotRef } });
            }
            return content;
        }
        const contentName = `snapcontent-${uid}`;
        const known = await this.cluster.get<VolumeSnapshotContent>(kinds.snapshotContent, { name: contentName });
        if (known !== undefined) {
            return known;
        }
        const claim = snapshot.spec.source.persistentVolumeClaimName ?? "";
        const pvc = await this.cluster.get<Pvc>(kinds.pvc, { namespace, name: claim });
        if (pvc?.status?.phase !== "Bound" || pvc.spec.volumeName === undefined) {
            throw new Error(`the PVC ${namespace}/${claim} is not bound`);
        }
        const pv = await this.cluster.get<PersistentVolume>(kinds.pv, { name: pvc.spec.volumeName });
        if (pv?.spec.csi?.driver !== driverName) {
            throw new Error(`the PVC ${namespace}/${claim} is not on a volume of ${driverName}`);
        }
        const snapshotClass = await this.classFor(snapshot);
        const apiVersion = kinds.snapshot.apiVersion;
        return this.cluster.ensure<VolumeSnapshotContent>({
            ...kinds.snapshotContent,
            metadata: { name: contentName, finalizers: [contentFinalizer] },
            spec: {
                deletionPolicy: snapshotClass.deletionPolicy,
                driver: driverName,
                source: { volumeHandle: pv.spec.csi.volumeHandle },
                sourceVolumeMode: pvc.spec.volumeMode ?? "Filesystem",
                volumeSnapshotClassName: snapshotClass.name,
                volumeSnapshotRef: {
                    apiVersion,
                    kind: kinds.snapshot.kind,
                    namespace,
                    name,
                    uid,
                } as VolumeSnapshotContent["spec"]["volumeSnapshotRef"],
            },
        });
    }

    private async classFor(snapshot: VolumeSnapshot): Promise<{ name: string; deletionPolicy: string }> {
        const classes = await this.cluster.list(kinds.snapshotClass);
        const wanted = snapshot.spec.volumeSnapshotClassName;
        const ours = classes.filter((candidate) => candidate.driver === driverName);
        const chosen = ours.filter((candidate) =>
            wanted === undefined
                ? candidate.metadata.annotations?.[defaultClassAnnotation] === "true"
                : candidate.metadata.name === wanted,
        );
        if (chosen.length !== 1 || chosen[0] === undefined) {
            const what = wanted === undefined ? "default VolumeSnapshotClass" : `VolumeSnapshotClass ${wanted}`;
            throw new Error(`expected one ${what} of ${driverName}, found ${chosen.length}`);
        }
        return { name: chosen[0].metadata.name, deletionPolicy: String(chosen[0].deletionPolicy) };
    }

    private async copyStatus(snapshot: VolumeSnapshot, content: VolumeSnapshotContent): Promise<void> {
        const from = content.status;
        const ready = from?.readyToUse ?? false;
        const status: Record<string, unknown> = {
            boundVolumeSnapshotContentName: content.metadata.name,
            readyToUse: ready,
            error: ready ? null : (from?.error ?? null),
        };
        if (from?.creationTime !== undefined) {
            status.creationTime = timestamp(new Date(from.creationTime / 1e6));
        }
        if (from?.restoreSize !== undefined) {
            status.restoreSize = quantityOf(from.restoreSize);
        }
        const have = snapshot.status as Record<string, unknown> | undefined;
        const same = Object.entries(status).every(
            ([field, value]) => JSON.stringify(have?.[field] ?? null) === JSON.stringify(value ?? null),
        );
        if (!same) {
            await this.cluster.patchStatus(kinds.snapshot, refOf(snapshot), status);
        }
    }

    private async reportSnapshot(snapshot: VolumeSnapshot, message: string): Promise<void> {
        if (snapshot.status?.error?.message !== message) {
            const error = { message, time: timestamp() };
            await this.cluster.patchStatus(kinds.snapshot, refOf(snapshot), { readyToUse: false, error });
        }
    }

    private async unbind(snapshot: VolumeSnapshot): Promise<ReconcileResult> {
        const name = snapshot.status?.boundVolumeSnapshotContentName ?? `snapcontent-${snapshot.metadata.uid}`;
        const content = await this.cluster.get<VolumeSnapshotContent>(kinds.snapshotContent, { name });
        const bound = content?.spec.volumeSnapshotRef.uid === snapshot.metadata.uid;
        if (content !== undefined && bound && content.spec.deletionPolicy === "Delete") {
            if (content.metadata.annotations?.[beingDeletedAnnotation] !== "yes") {
                const annotations = { [beingDeletedAnnotation]: "yes" };
                await this.cluster.mergePatch(kinds.snapshotContent, { name }, { metadata: { annotations } });
            }
            if (!isDeleting(content)) {
                await this.cluster.delete(kinds.snapshotContent, { name }, { uid: content.metadata.uid });
            }
            // The content's own end wakes this snapshot again.
            return undefined;
        }
        await removeFinalizer(this.cluster, snapshot, snapshotFinalizer);
        return undefined;
    }

    private async takeOrDelete(content: VolumeSnapshotContent): Promise<ReconcileResult> {
        if (content.spec.driver !== driverName) {
            return undefined;
        }
        try {
            return isDeleting(content) ? await this.deleteFromArray(content) : await this.take(content);
        } catch (error) {
            const message = messageOf(error);
            if (content.status?.error?.message !== message) {
                const status = {
                    readyToUse: content.status?.readyToUse ?? false,
                    error: { message, time: timestamp() },
                };
                await this.cluster.patchStatus(kinds.snapshotContent, refOf(content), status);
            }
            return { requeueAfterMs: this.retry() };
        }
    }

    private async take(content: VolumeSnapshotContent): Promise<ReconcileResult> {
        await addFinalizer(this.cluster, content, contentFinalizer);
        if (content.status?.readyToUse === true) {
            return undefined;
        }
        const { volumeHandle, arraySnapshot } = this.placeOf(content);
        const { ontap, volume, size } = await this.volume(volumeHandle);
        if (content.spec.source.snapshotHandle === undefined) {
            await ontap.createSnapshot(volume.uuid, arraySnapshot);
        }
        const found = await ontap.snapshot(volume.uuid, arraySnapshot);
        if (found === undefined) {
            throw new Error(`there is no snapshot ${arraySnapshot} of the volume ${volumeHandle}`);
        }
        const takenMs = found.create_time === undefined ? Date.now() : Date.parse(found.create_time);
        await this.cluster.patchStatus(kinds.snapshotContent, refOf(content), {
            snapshotHandle: snapshotHandle(volumeHandle, arraySnapshot),
            creationTime: takenMs * 1e6,
            readyToUse: true,
            restoreSize: size,
            error: null,
        });
        return undefined;
    }

    private async deleteFromArray(content: VolumeSnapshotContent): Promise<ReconcileResult> {
        const { namespace, name, uid } = content.spec.volumeSnapshotRef;
        const snapshot = await this.cluster.get<VolumeSnapshot>(kinds.snapshot, { namespace, name });
        const inUse = snapshot !== undefined && snapshot.metadata.uid === uid && !isDeleting(snapshot);
        if (inUse) {
            return { requeueAfterMs: this.retry() };
        }
        if (content.spec.deletionPolicy === "Delete") {
            const { volumeHandle, arraySnapshot } = this.placeOf(content);
            const pv = await this.cluster.get<PersistentVolume>(kinds.pv, { name: volumeHandle });
            if (pv !== undefined) {
                const { ontap, volume } = await this.volume(volumeHandle);
                const found = await ontap.snapshot(volume.uuid, arraySnapshot);
                if (found !== undefined) {
                    await ontap.deleteSnapshot(volume.uuid, found.uuid);
                }
            }
        }
        await removeFinalizer(this.cluster, content, contentFinalizer);
        return undefined;
    }

    private placeOf(content: VolumeSnapshotContent): { volumeHandle: string; arraySnapshot: string } {
        const given = content.spec.source.snapshotHandle;
        if (given !== undefined) {
            return parseSnapshotHandle(given);
        }
        const arraySnapshot = arraySnapshotName(content.spec.volumeSnapshotRef.uid ?? "");
        return { volumeHandle: content.spec.source.volumeHandle ?? "", arraySnapshot };
    }

    private async volume(volumeHandle: string) {
        const pv = await this.cluster.get<PersistentVolume>(kinds.pv, { name: volumeHandle });
        const place = pv === undefined ? undefined : this.backends.volumeOf(pv);
        if (pv === undefined || place === undefined) {
            throw new Error(`there is no volume ${volumeHandle} of Trident`);
        }
        const { ontap, svm } = place.backend;
        const volume = await ontap.volume(svm, place.flexvol);
        if (volume === undefined) {
            throw new Error(`there is no volume ${place.flexvol} in the SVM ${svm}`);
        }
        return { ontap, volume, size: quantityBytes(pv.spec.capacity?.storage ?? "0") };
    }

    private retry(): number {
        return Math.max(500, scaled(retryMs, this.speed));
    }
}

/** Bytes as a quantity, in the largest binary unit that divides them. */
export function quantityOf(bytes: number): string {
    const units: [string, number][] = [
        ["Ti", 2 ** 40],
        ["Gi", 2 ** 30],
        ["Mi", 2 ** 20],
        ["Ki", 2 ** 10],
    ];
    const unit = units.find(([, factor]) => bytes >= factor && bytes % factor === 0);
    return unit === undefined ? String(bytes) : `${bytes / unit[1]}${unit[0]}`;
}
