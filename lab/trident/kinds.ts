import type { Kind, KubeObject } from "../controllers";

/** Name of the CSI driver, as StorageClasses, PVs and snapshot contents give it. */
export const driverName = "csi.trident.netapp.io";

/** Trident's finalizer on every object of its own group. */
export const tridentFinalizer = "trident.netapp.io";

const trident = "trident.netapp.io/v1";
const snapshots = "snapshot.storage.k8s.io/v1";

export const kinds = {
    secret: { apiVersion: "v1", kind: "Secret" },
    pod: { apiVersion: "v1", kind: "Pod" },
    pvc: { apiVersion: "v1", kind: "PersistentVolumeClaim" },
    pv: { apiVersion: "v1", kind: "PersistentVolume" },
    storageClass: { apiVersion: "storage.k8s.io/v1", kind: "StorageClass" },
    backendConfig: { apiVersion: trident, kind: "TridentBackendConfig" },
    backend: { apiVersion: trident, kind: "TridentBackend" },
    version: { apiVersion: trident, kind: "TridentVersion" },
    mirror: { apiVersion: trident, kind: "TridentMirrorRelationship" },
    mirrorUpdate: { apiVersion: trident, kind: "TridentActionMirrorUpdate" },
    snapshotRestore: { apiVersion: trident, kind: "TridentActionSnapshotRestore" },
    snapshotClass: { apiVersion: snapshots, kind: "VolumeSnapshotClass" },
    snapshot: { apiVersion: snapshots, kind: "VolumeSnapshot" },
    snapshotContent: { apiVersion: snapshots, kind: "VolumeSnapshotContent" },
} as const satisfies Record<string, Kind>;

export interface Pvc extends KubeObject {
    spec: {
        accessModes?: string[];
        resources?: { requests?: { storage?: string } };
        storageClassName?: string;
        volumeMode?: string;
        volumeName?: string;
        dataSource?: { apiGroup?: string; kind: string; name: string };
    };
    status?: { phase?: string };
}

export interface Pod extends KubeObject {
    spec: { nodeName?: string; volumes?: { persistentVolumeClaim?: { claimName: string } }[] };
    status?: { phase?: string };
}

export interface PersistentVolume extends KubeObject {
    spec: {
        capacity?: { storage?: string };
        csi?: { driver: string; volumeHandle: string; volumeAttributes?: Record<string, string> };
        claimRef?: { namespace: string; name: string; uid?: string };
        persistentVolumeReclaimPolicy?: string;
    };
    status?: { phase?: string };
}

export interface StorageClass extends KubeObject {
    provisioner: string;
    parameters?: Record<string, string>;
    reclaimPolicy?: string;
    volumeBindingMode?: string;
    mountOptions?: string[];
}

export interface Mirror extends KubeObject {
    spec: {
        state?: string;
        replicationPolicy?: string;
        replicationSchedule?: string;
        volumeMappings: { localPVCName: string; remoteVolumeHandle?: string; promotedSnapshotHandle?: string }[];
    };
    status?: { conditions?: MirrorCondition[] };
}

/** What stands first, and alone, in a mirror's `status.conditions`. */
export interface MirrorCondition {
    state?: string;
    message?: string;
    lastTransitionTime?: string;
    observedGeneration?: number;
    localPVCName?: string;
    localVolumeHandle?: string;
    remoteVolumeHandle?: string;
    replicationPolicy?: string;
    replicationSchedule?: string;
}

export interface MirrorUpdate extends KubeObject {
    spec?: { tridentMirrorRelationshipName?: string; snapshotHandle?: string };
    status?: MirrorUpdateStatus;
}

export interface MirrorUpdateStatus {
    state?: "In progress" | "Succeeded" | "Failed";
    message?: string;
    completionTime?: string;
    previousTransferTime?: string;
    localVolumeHandle?: string;
    remoteVolumeHandle?: string;
    snapshotHandle?: string;
}

export interface SnapshotRestore extends KubeObject {
    spec?: { pvcName?: string; volumeSnapshotName?: string };
    status?: SnapshotRestoreStatus;
}

interface SnapshotRestoreStatus {
    state?: "In progress" | "Succeeded" | "Failed";
    message?: string;
    startTime?: string;
    completionTime?: string;
}

export interface VolumeSnapshot extends KubeObject {
    spec: {
        source: { persistentVolumeClaimName?: string; volumeSnapshotContentName?: string };
        volumeSnapshotClassName?: string;
    };
    status?: {
        boundVolumeSnapshotContentName?: string;
        readyToUse?: boolean;
        creationTime?: string;
        restoreSize?: string;
        error?: { message?: string; time?: string };
    };
}

export interface VolumeSnapshotContent extends KubeObject {
    spec: {
        deletionPolicy: string;
        driver: string;
        source: { volumeHandle?: string; snapshotHandle?: string };
        volumeSnapshotRef: { namespace: string; name: string; uid?: string };
        volumeSnapshotClassName?: string;
        sourceVolumeMode?: string;
    };
    status?: {
        snapshotHandle?: string;
        creationTime?: number;
        readyToUse?: boolean;
        restoreSize?: number;
        error?: { message?: string; time?: string };
    };
}
