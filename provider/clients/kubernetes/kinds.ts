import type { Kind } from "./cluster";

const protect = "protect.trident.netapp.io/v1";
const trident = "trident.netapp.io/v1";

/** Kinds of Trident Protect (docs/facts/trident-protect.md#kinds). */
export const application: Kind = { apiVersion: protect, kind: "Application", plural: "applications" };
export const snapshot: Kind = { apiVersion: protect, kind: "Snapshot", plural: "snapshots" };
export const shutdownSnapshot: Kind = {
    apiVersion: protect,
    kind: "ShutdownSnapshot",
    plural: "shutdownsnapshots",
};
export const snapshotInplaceRestore: Kind = {
    apiVersion: protect,
    kind: "SnapshotInplaceRestore",
    plural: "snapshotinplacerestores",
};
export const schedule: Kind = { apiVersion: protect, kind: "Schedule", plural: "schedules" };
export const appMirror: Kind = {
    apiVersion: protect,
    kind: "AppMirrorRelationship",
    plural: "appmirrorrelationships",
};
export const appVault: Kind = { apiVersion: protect, kind: "AppVault", plural: "appvaults" };

/** Kinds of Trident. */
export const tridentBackend: Kind = {
    apiVersion: trident,
    kind: "TridentBackendConfig",
    plural: "tridentbackendconfigs",
};
export const volumeMirror: Kind = {
    apiVersion: trident,
    kind: "TridentMirrorRelationship",
    plural: "tridentmirrorrelationships",
};

export const volumeSnapshot: Kind = {
    apiVersion: "snapshot.storage.k8s.io/v1",
    kind: "VolumeSnapshot",
    plural: "volumesnapshots",
};
export const volumeSnapshotContent: Kind = {
    apiVersion: "snapshot.storage.k8s.io/v1",
    kind: "VolumeSnapshotContent",
    plural: "volumesnapshotcontents",
};

export const deployment: Kind = { apiVersion: "apps/v1", kind: "Deployment", plural: "deployments" };
export const statefulSet: Kind = { apiVersion: "apps/v1", kind: "StatefulSet", plural: "statefulsets" };
export const configMap: Kind = { apiVersion: "v1", kind: "ConfigMap", plural: "configmaps" };
export const secret: Kind = { apiVersion: "v1", kind: "Secret", plural: "secrets" };
export const namespace: Kind = { apiVersion: "v1", kind: "Namespace", plural: "namespaces" };
export const volumeClaim: Kind = { apiVersion: "v1", kind: "PersistentVolumeClaim", plural: "persistentvolumeclaims" };
export const volume: Kind = { apiVersion: "v1", kind: "PersistentVolume", plural: "persistentvolumes" };
