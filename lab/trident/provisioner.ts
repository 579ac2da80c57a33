import {
    type Cluster,
    type Controller,
    hasFinalizer,
    isDeleting,
    type ReconcileResult,
    type Ref,
    refOf,
    removeFinalizer,
    runController,
    scaled,
} from "../controllers";
import { type Backend, BackendMissing, type Backends } from "./backends";
import {
    driverName,
    kinds,
    type Mirror,
    type PersistentVolume,
    type Pvc,
    type StorageClass,
    type VolumeSnapshot,
    type VolumeSnapshotContent,
} from "./kinds";
import { flexvolName, junctionPath, parseSnapshotHandle, pvName, quantityBytes, volumePath } from "./names";
import { codes, OntapError } from "./ontap";

/** On a PVC: the mirror whose receiving end it will be. */
const mirrorAnnotation = "trident.netapp.io/mirrorRelationship";

const selectedNodeAnnotation = "volume.kubernetes.io/selected-node";
const provisionedByAnnotation = "pv.kubernetes.io/provisioned-by";
const provisionerFinalizer = "external-provisioner.volume.kubernetes.io/finalizer";
const retryMs = 10_000;
/** ONTAP refuses smaller FlexVols. */
const smallestVolumeBytes = 20 * 2 ** 20;

/** Makes volumes for PVCs of Trident's storage classes, and deletes those whose PVs were released. */
export class Provisioner {
    constructor(
        private readonly cluster: Cluster,
        private readonly backends: Backends,
        private readonly speed: number,
    ) {}

    run(): Controller[] {
        const { cluster } = this;
        const pvcs = runController<Pvc>({
            cluster,
            kind: kinds.pvc,
            reconcile: (pvc) => this.provision(pvc),
            triggers: [{ kind: kinds.mirror, concerns: (mirror) => pvcsOfMirror(mirror as Mirror) }],
        });
        const pvs = runController<PersistentVolume>({ cluster, kind: kinds.pv, reconcile: (pv) => this.reclaim(pv) });
        return [pvcs, pvs];
    }

    private async provision(pvc: Pvc): Promise<ReconcileResult> {
        const { spec, metadata } = pvc;
        if (isDeleting(pvc) || (spec.volumeName ?? "") !== "" || (spec.storageClassName ?? "") === "") {
            return undefined;
        }
        const storageClass = await this.cluster.get<StorageClass>(kinds.storageClass, {
            name: spec.storageClassName ?? "",
        });
        if (storageClass?.provisioner !== driverName) {
            return undefined;
        }
        const waits = storageClass.volumeBindingMode === "WaitForFirstConsumer";
        if (waits && metadata.annotations?.[selectedNodeAnnotation] === undefined) {
            return undefined;
        }
        const name = pvName(metadata.uid ?? "");
        if ((await this.cluster.get(kinds.pv, { name })) !== undefined) {
            return undefined;
        }
        const receiving = await this.isReceivingEnd(pvc);
        if (receiving === undefined) {
            return { requeueAfterMs: this.retry() };
        }
        const origin = await this.cloneOrigin(pvc);
        const backend = origin?.backend ?? this.backendFor(storageClass);
        const flexvol = flexvolName(name);
        const bytes = Math.max(quantityBytes(spec.resources?.requests?.storage ?? "1Gi"), smallestVolumeBytes);
        await this.createVolume(backend, flexvol, bytes, receiving, origin);
        await this.cluster.ensure(this.persistentVolume(pvc, storageClass, backend, flexvol));
        return undefined;
    }

    /** Whether the PVC's volume is to receive a mirror; undefined while its mirror is not there yet. */
    private async isReceivingEnd(pvc: Pvc): Promise<boolean | undefined> {
        const mirrorName = pvc.metadata.annotations?.[mirrorAnnotation];
        if (mirrorName === undefined || mirrorName === "") {
            return false;
        }
        const { namespace, name } = pvc.metadata;
        const mirror = await this.cluster.get<Mirror>(kinds.mirror, { namespace, name: mirrorName });
        const mapping = mirror?.spec.volumeMappings.find((candidate) => candidate.localPVCName === name);
        if (mapping === undefined) {
            return undefined;
        }
        return (mapping.remoteVolumeHandle ?? "") !== "" && mirror?.spec.state !== "promoted";
    }

    private async cloneOrigin(pvc: Pvc): Promise<CloneOrigin | undefined> {
        const source = pvc.spec.dataSource;
        if (source?.kind !== "VolumeSnapshot") {
            return undefined;
        }
        const namespace = pvc.metadata.namespace;
        const snapshot = await this.cluster.get<VolumeSnapshot>(kinds.snapshot, { namespace, name: source.name });
        const contentName = snapshot?.status?.boundVolumeSnapshotContentName;
        if (snapshot?.status?.readyToUse !== true || contentName === undefined) {
            throw new Error(`the VolumeSnapshot ${namespace}/${source.name} is not ready to use`);
        }
        const content = await this.cluster.get<VolumeSnapshotContent>(kinds.snapshotContent, { name: contentName });
        const { volumeHandle, arraySnapshot } = parseSnapshotHandle(content?.status?.snapshotHandle ?? "");
        const pv = await this.cluster.get<PersistentVolume>(kinds.pv, { name: volumeHandle });
        const origin = pv === undefined ? undefined : this.backends.volumeOf(pv);
        if (origin === undefined) {
            throw new Error(`the volume ${volumeHandle} of ${namespace}/${source.name} is not Trident's`);
        }
        return { ...origin, arraySnapshot };
    }

    private backendFor(storageClass: StorageClass): Backend {
        const { backendType, storagePools } = storageClass.parameters ?? {};
        // "<backend>:<pools>[;…]": an SVM here is one pool, so the backend's name is what chooses.
        const named = storagePools?.split(";").map((entry) => entry.split(":")[0]?.trim());
        const backend = this.backends
            .all()
            .filter((candidate) => backendType === undefined || candidate.driver === backendType)
            .find((candidate) => named === undefined || named.includes(candidate.name));
        if (backend === undefined) {
            throw new BackendMissing(`no backend in use fits the StorageClass ${storageClass.metadata.name}`);
        }
        return backend;
    }

    private async createVolume(
        backend: Backend,
        flexvol: string,
        bytes: number,
        receiving: boolean,
        origin: CloneOrigin | undefined,
    ): Promise<void> {
        if ((await backend.ontap.volume(backend.svm, flexvol)) !== undefined) {
            return;
        }
        const base = { svm: { name: backend.svm }, name: flexvol };
        const nas = { path: junctionPath(flexvol), export_policy: { name: "default" }, security_style: "unix" };
        if (origin !== undefined) {
            const clone = {
                is_flexclone: true,
                parent_volume: { name: origin.flexvol },
                parent_snapshot: { name: origin.arraySnapshot },
            };
            await backend.ontap.createVolume({ ...base, clone });
            const created = await backend.ontap.volume(backend.svm, flexvol);
            if (created !== undefined && created.nas?.path === undefined) {
                await backend.ontap.mountVolume(created.uuid, junctionPath(flexvol));
            }
            return;
        }
        await backend.ontap.createVolume({
            ...base,
            type: receiving ? "dp" : "rw",
            size: bytes,
            aggregates: [{ name: backend.aggregates[0] }],
            guarantee: { type: "none" },
            // ONTAP refuses to mount a volume that waits for its first transfer, and snapshots on it.
            ...(receiving ? {} : { nas, snapshot_policy: { name: "none" } }),
        });
    }

    private persistentVolume(
        pvc: Pvc,
        storageClass: StorageClass,
        backend: Backend,
        flexvol: string,
    ): PersistentVolume {
        const name = pvName(pvc.metadata.uid ?? "");
        return {
            ...kinds.pv,
            metadata: {
                name,
                annotations: { [provisionedByAnnotation]: driverName },
                finalizers: [provisionerFinalizer],
            },
            spec: {
                accessModes: pvc.spec.accessModes ?? ["ReadWriteOnce"],
                capacity: { storage: pvc.spec.resources?.requests?.storage ?? "1Gi" },
                claimRef: {
                    apiVersion: "v1",
                    kind: "PersistentVolumeClaim",
                    namespace: pvc.metadata.namespace ?? "",
                    name: pvc.metadata.name,
                    uid: pvc.metadata.uid,
                    resourceVersion: pvc.metadata.resourceVersion,
                },
                csi: {
                    driver: driverName,
                    volumeHandle: name,
                    volumeAttributes: {
                        backendUUID: backend.uuid,
                        internalName: flexvol,
                        name,
                        protocol: "file",
                    },
                },
                mountOptions: storageClass.mountOptions,
                persistentVolumeReclaimPolicy: storageClass.reclaimPolicy ?? "Delete",
                storageClassName: storageClass.metadata.name,
                volumeMode: pvc.spec.volumeMode ?? "Filesystem",
            },
        } as PersistentVolume;
    }

    private async reclaim(pv: PersistentVolume): Promise<ReconcileResult> {
        const ours = pv.metadata.annotations?.[provisionedByAnnotation] === driverName;
        const released = pv.status?.phase === "Released" || isDeleting(pv);
        if (!ours || !released) {
            return undefined;
        }
        if (pv.spec.persistentVolumeReclaimPolicy === "Delete") {
            if (pv.status?.phase === "Bound") {
                // Kubernetes takes the PV away from under a claim only once the claim is gone.
                return { requeueAfterMs: this.retry() };
            }
            const contents = await this.cluster.list<VolumeSnapshotContent>(kinds.snapshotContent).catch(() => []);
            const handle = pv.spec.csi?.volumeHandle ?? "";
            if (contents.some((content) => content.spec.source.volumeHandle === handle)) {
                // As in Trident, a volume lives until the last snapshot that CSI made of it is gone.
                return { requeueAfterMs: this.retry() };
            }
            const volume = this.backends.volumeOf(pv);
            if (volume !== undefined) {
                await deleteVolume(volume.backend, volume.flexvol);
            }
            await this.cluster.delete(kinds.pv, refOf(pv), { uid: pv.metadata.uid });
        }
        if (hasFinalizer(pv, provisionerFinalizer)) {
            await removeFinalizer(this.cluster, pv, provisionerFinalizer);
        }
        return undefined;
    }

    private retry(): number {
        return Math.max(500, scaled(retryMs, this.speed));
    }
}

interface CloneOrigin {
    backend: Backend;
    flexvol: string;
    arraySnapshot: string;
}

function pvcsOfMirror(mirror: Mirror): Ref[] {
    const { namespace } = mirror.metadata;
    return mirror.spec.volumeMappings.map((mapping) => ({ namespace, name: mapping.localPVCName }));
}

/** Deletes a FlexVol; an end of a mirror is taken out of the mirror first, as far as this cluster alone can do that. */
async function deleteVolume(backend: Backend, flexvol: string): Promise<void> {
    const { ontap, svm } = backend;
    const volume = await ontap.volume(svm, flexvol);
    if (volume === undefined) {
        return;
    }
    try {
        await ontap.deleteVolume(volume.uuid);
    } catch (error) {
        if (!(error instanceof OntapError && error.code === codes.volumeIsMirrored)) {
            throw error;
        }
        const path = volumePath(svm, flexvol);
        const into = await ontap.relationshipInto(path);
        if (into !== undefined) {
            await ontap.deleteRelationship(into.uuid, "destination_only");
        }
        for (const outOf of await ontap.relationshipsOutOf(path)) {
            await ontap.deleteRelationship(outOf.uuid, "source_only");
        }
        await ontap.deleteVolume(volume.uuid);
    }
}
