import type { Kind, KubeObject, ObjectMeta } from "../controllers";

/** Namespace of Trident Protect itself: AppVaults and their Secrets live there, and nothing of an application. */
export const protectNamespace = "trident-protect";

export const protectGroup = "protect.trident.netapp.io";
const protectVersion = `${protectGroup}/v1`;
const tridentVersion = "trident.netapp.io/v1";
const snapshotVersion = "snapshot.storage.k8s.io/v1";

export const kinds = {
    appVault: { apiVersion: protectVersion, kind: "AppVault" },
    application: { apiVersion: protectVersion, kind: "Application" },
    snapshot: { apiVersion: protectVersion, kind: "Snapshot" },
    shutdownSnapshot: { apiVersion: protectVersion, kind: "ShutdownSnapshot" },
    backup: { apiVersion: protectVersion, kind: "Backup" },
    schedule: { apiVersion: protectVersion, kind: "Schedule" },
    mirror: { apiVersion: protectVersion, kind: "AppMirrorRelationship" },
    mirrorUpdate: { apiVersion: protectVersion, kind: "AppMirrorUpdate" },
    snapshotRestore: { apiVersion: protectVersion, kind: "SnapshotRestore" },
    snapshotInplaceRestore: { apiVersion: protectVersion, kind: "SnapshotInplaceRestore" },
    execHook: { apiVersion: protectVersion, kind: "ExecHook" },
    execHooksRun: { apiVersion: protectVersion, kind: "ExecHooksRun" },
    volumeMirror: { apiVersion: tridentVersion, kind: "TridentMirrorRelationship" },
    volumeMirrorUpdate: { apiVersion: tridentVersion, kind: "TridentActionMirrorUpdate" },
    backend: { apiVersion: tridentVersion, kind: "TridentBackend" },
    backendConfig: { apiVersion: tridentVersion, kind: "TridentBackendConfig" },
    volumeSnapshot: { apiVersion: snapshotVersion, kind: "VolumeSnapshot" },
    volumeSnapshotContent: { apiVersion: snapshotVersion, kind: "VolumeSnapshotContent" },
    volumeSnapshotClass: { apiVersion: snapshotVersion, kind: "VolumeSnapshotClass" },
    namespace: { apiVersion: "v1", kind: "Namespace" },
    secret: { apiVersion: "v1", kind: "Secret" },
    pod: { apiVersion: "v1", kind: "Pod" },
    volumeClaim: { apiVersion: "v1", kind: "PersistentVolumeClaim" },
    volume: { apiVersion: "v1", kind: "PersistentVolume" },
} as const satisfies Record<string, Kind>;

/** An object read from the API server, so its UID is known. */
export type Existing<T extends KubeObject> = T & { metadata: ObjectMeta & { uid: string; namespace: string } };

export interface Reference {
    name: string;
    namespace: string;
}

export interface LabelSelector {
    matchLabels?: Record<string, string>;
    matchExpressions?: { key: string; operator: string; values?: string[] }[];
}

export interface ResourceMatcher {
    group?: string;
    version?: string;
    kind?: string;
    names?: string[];
    namespaces?: string[];
    labelSelectors?: string[];
}

export interface ResourceFilter {
    resourceSelectionCriteria?: "Include" | "Exclude";
    resourceMatchers?: ResourceMatcher[];
}

export interface NamespaceMapping {
    source: string;
    destination: string;
}

/** How a Kubernetes API condition looks. */
export interface Condition {
    type: string;
    status: "True" | "False" | "Unknown";
    reason: string;
    message: string;
    lastTransitionTime: string;
    observedGeneration?: number;
}

export interface Application extends KubeObject {
    spec: {
        includedNamespaces?: { namespace: string; labelSelector?: LabelSelector }[];
        resourceFilter?: ResourceFilter;
    };
    status?: { conditions?: Condition[]; protectionState?: string };
}

export interface AppVault extends KubeObject {
    spec: {
        providerType: string;
        providerConfig: {
            s3?: {
                bucketName: string;
                endpoint: string;
                secure?: "true" | "false";
                skipCertValidation?: "true" | "false";
                rootCA?: string;
                proxyURL?: string;
                useIAM?: boolean;
            };
        };
        providerCredentials?: Record<string, { valueFromSecret: { name: string; key: string } }>;
        prefix?: string;
    };
    status?: { state?: string; error?: string; message?: string; uid?: string };
}

export interface AppSnapshot extends KubeObject {
    spec: {
        applicationRef: string;
        appVaultRef?: string;
        reclaimPolicy?: ReclaimPolicy;
        cleanupSnapshot?: boolean;
        volumeSnapshotsCreatedTimeout?: string;
        volumeSnapshotsReadyToUseTimeout?: string;
        completionTimeout?: string;
    };
    status?: {
        state: string;
        appArchivePath?: string;
        appVaultRef?: string;
        completionTimestamp?: string;
        error?: string;
        conditions?: Condition[];
        volumeSnapshots?: Reference[];
        preSnapshotExecHooksRunResults?: HookResult[];
        postSnapshotExecHooksRunResults?: HookResult[];
    };
}

export interface Backup extends KubeObject {
    spec: {
        applicationRef: string;
        appVaultRef?: string;
        snapshotRef?: string;
        cleanupSnapshot?: boolean;
        reclaimPolicy?: ReclaimPolicy;
        dataMover?: string;
    };
    status?: {
        state: string;
        conditions: Condition[];
        progress: { volumeBackups?: VolumeBackup[] };
        appArchivePath?: string;
        appVaultRef?: string;
        completionTimestamp?: string;
        error?: string;
        sourceSnapshotName?: string;
        latestRepositoryTimestamp?: string;
        preSnapshotExecHooksRunResults?: HookResult[];
        postSnapshotExecHooksRunResults?: HookResult[];
        preBackupExecHooksRunResults?: HookResult[];
        postBackupExecHooksRunResults?: HookResult[];
    };
}

/** How far the data of one volume is. */
export interface VolumeBackup {
    sourceVolumeSnapshot: Reference;
    repositoryPath?: string;
    completionTimestamp?: string;
    volumeBackupCreated: boolean;
    volumeBackupCompleted: boolean;
    volumeSnapshotCopied: boolean;
    volumeSnapshotCopyName: string;
    volumeSnapshotCopyReadyToUse: boolean;
    volumeSnapshotCopyDeleted: boolean;
    volumeSnapshotContentCopyName: string;
}

type ReclaimPolicy = "Delete" | "Retain";

export interface ExecHook extends KubeObject {
    spec: {
        applicationRef: string;
        action: "Snapshot" | "Backup" | "Restore" | "Failover";
        stage: "Pre" | "Post";
        hookSource: string;
        enabled?: boolean;
        arguments?: string[];
        matchingCriteria?: { type: string; value: string }[];
    };
    status?: { error?: string };
}

export interface ExecHooksRun extends KubeObject {
    spec: Pick<ExecHook["spec"], "applicationRef" | "action" | "stage"> & {
        appVaultRef: string;
        appArchivePath: string;
    };
    status?: { state: string; completionTimestamp?: string; matchingContainers?: HookResult[] };
}

/** What one hook did in one container. */
export interface HookResult {
    execHookRef: string;
    execHookUID: string;
    namespace: string;
    podName: string;
    podUID: string;
    containerName: string;
    containerImage: string;
    startTimestamp?: string;
    completionTimestamp?: string;
    failures?: { isExecError: boolean; isTimeout: boolean; exitCode?: number; stderr?: string }[];
}

export interface Schedule extends KubeObject {
    spec: {
        applicationRef: string;
        appVaultRef?: string;
        enabled?: boolean;
        runImmediately?: boolean;
        granularity: string;
        minute?: string;
        hour?: string;
        dayOfWeek?: string;
        dayOfMonth?: string;
        recurrenceRule?: string;
        snapshotRetention: string;
        backupRetention: string;
        snapshotReclaimPolicy?: ReclaimPolicy;
        backupReclaimPolicy?: ReclaimPolicy;
        dataMover?: string;
    };
    status?: { error?: string; lastScheduleTime?: string; immediateRunStatus?: string };
}

export interface Mirror extends KubeObject {
    spec: {
        desiredState: "Established" | "Promoted";
        promotedSnapshot?: string;
        sourceAppVaultRef: string;
        destinationAppVaultRef: string;
        sourceApplicationName: string;
        sourceApplicationUID: string;
        namespaceMapping?: NamespaceMapping[];
        storageClassName?: string;
        recurrenceRule: string;
        transformations?: Transformation[];
    };
    status?: {
        state?: string;
        error?: string;
        conditions?: Condition[];
        destinationApplicationRef?: string;
        destinationNamespaces?: string[];
        lastTransfer?: { startTimestamp?: string; completionTimestamp?: string };
        lastTransferredSnapshot?: { name?: string; completionTimestamp?: string };
    };
}

export interface MirrorUpdate extends KubeObject {
    spec: { appMirrorRelationshipRef: string; sourceAppArchivePath: string };
    status?: {
        state: string;
        error?: string;
        appArchivePath?: string;
        completionTimestamp?: string;
        destinationVolumes?: DestinationVolume[];
    };
}

/** One volume on its way: from which PVC, into which, and by which of Trident's objects. */
export interface DestinationVolume {
    sourcePVC: Reference;
    destinationPVC: Reference;
    destinationTMR: Reference;
    destinationTAMU?: Reference;
    destinationStorageClass?: string;
    sourceSnapshotHandle?: string;
}

export interface Restore extends KubeObject {
    spec: {
        appVaultRef: string;
        appArchivePath?: string;
        namespaceMapping?: NamespaceMapping[];
        resourceFilter?: ResourceFilter;
        destinationApplicationName?: string;
        transformations?: Transformation[];
    };
    status?: { state?: string; error?: string; disabledScheduleNames?: string[]; completionTimestamp?: string };
}

interface Transformation {
    resource: { group?: string; version?: string; kind: string; name?: string };
    operations: { op: string; path: string; from?: string; value?: unknown }[];
}

export interface VolumeMirror extends KubeObject {
    spec: {
        state?: "" | "promoted" | "established" | "reestablished";
        volumeMappings: { localPVCName: string; remoteVolumeHandle?: string; promotedSnapshotHandle?: string }[];
    };
    status?: { conditions?: { state?: string; message?: string; observedGeneration?: number }[] };
}

export interface VolumeMirrorUpdate extends KubeObject {
    spec: { tridentMirrorRelationshipName: string; snapshotHandle?: string };
    status?: { state?: string; message?: string };
}
