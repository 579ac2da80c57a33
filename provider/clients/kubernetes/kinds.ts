import type { Kind } from "./objects";

const protect = "protect.trident.netapp.io/v1";
const trident = "trident.netapp.io/v1";

/** The kinds of objects that the provider reads or writes. */
export const kinds = {
    // Trident Protect.
    application: { apiVersion: protect, kind: "Application", plural: "applications" },
    snapshot: { apiVersion: protect, kind: "Snapshot", plural: "snapshots" },
    shutdownSnapshot: {
        apiVersion: protect,
        kind: "ShutdownSnapshot",
        plural: "shutdownsnapshots",
    },
    snapshotInplaceRestore: {
        apiVersion: protect,
        kind: "SnapshotInplaceRestore",
        plural: "snapshotinplacerestores",
    },
    schedule: { apiVersion: protect, kind: "Schedule", plural: "schedules" },
    appMirror: {
        apiVersion: protect,
        kind: "AppMirrorRelationship",
        plural: "appmirrorrelationships",
    },
    appVault: { apiVersion: protect, kind: "AppVault", plural: "appvaults" },
    execHook: { apiVersion: protect, kind: "ExecHook", plural: "exechooks" },
    execHooksRun: { apiVersion: protect, kind: "ExecHooksRun", plural: "exechooksruns" },

    // Trident.
    tridentBackend: {
        apiVersion: trident,
        kind: "TridentBackendConfig",
        plural: "tridentbackendconfigs",
    },
    tridentVersion: {
        apiVersion: trident,
        kind: "TridentVersion",
        plural: "tridentversions",
    },
    tridentMirror: {
        apiVersion: trident,
        kind: "TridentMirrorRelationship",
        plural: "tridentmirrorrelationships",
    },

    volumeSnapshot: {
        apiVersion: "snapshot.storage.k8s.io/v1",
        kind: "VolumeSnapshot",
        plural: "volumesnapshots",
    },
    volumeSnapshotContent: {
        apiVersion: "snapshot.storage.k8s.io/v1",
        kind: "VolumeSnapshotContent",
        plural: "volumesnapshotcontents",
    },

    deployment: { apiVersion: "apps/v1", kind: "Deployment", plural: "deployments" },
    statefulSet: { apiVersion: "apps/v1", kind: "StatefulSet", plural: "statefulsets" },
    daemonSet: { apiVersion: "apps/v1", kind: "DaemonSet", plural: "daemonsets" },
    replicaSet: { apiVersion: "apps/v1", kind: "ReplicaSet", plural: "replicasets" },
    job: { apiVersion: "batch/v1", kind: "Job", plural: "jobs" },
    cronJob: { apiVersion: "batch/v1", kind: "CronJob", plural: "cronjobs" },
    pod: { apiVersion: "v1", kind: "Pod", plural: "pods" },
    configMap: { apiVersion: "v1", kind: "ConfigMap", plural: "configmaps" },
    resourceQuota: { apiVersion: "v1", kind: "ResourceQuota", plural: "resourcequotas" },
    secret: { apiVersion: "v1", kind: "Secret", plural: "secrets" },
    volumeClaim: { apiVersion: "v1", kind: "PersistentVolumeClaim", plural: "persistentvolumeclaims" },
    volume: { apiVersion: "v1", kind: "PersistentVolume", plural: "persistentvolumes" },
    podPolicy: {
        apiVersion: "admissionregistration.k8s.io/v1",
        kind: "ValidatingAdmissionPolicy",
        plural: "validatingadmissionpolicies",
    },
    podPolicyBinding: {
        apiVersion: "admissionregistration.k8s.io/v1",
        kind: "ValidatingAdmissionPolicyBinding",
        plural: "validatingadmissionpolicybindings",
    },
    storageClass: { apiVersion: "storage.k8s.io/v1", kind: "StorageClass", plural: "storageclasses" },
} satisfies Record<string, Kind>;

/** The kind of an object that is written. */
export function kindOf({ apiVersion, kind }: Pick<Kind, "apiVersion" | "kind">): Kind {
    const found = Object.values(kinds).find((one) => one.apiVersion === apiVersion && one.kind === kind);
    if (found === undefined) {
        throw new Error(`expected one of the kinds that the provider writes, found ${apiVersion} ${kind}`);
    }
    return found;
}
