import type { ClusterReference } from "../../clients/kubernetes/cluster";
import type { OntapEndpoint } from "../../clients/ontap/endpoint";
import type { LabelSelector } from "../../support/labelSelector";
import type { MergePatch } from "../../support/mergePatch";

/** What the user gives of an application that Trident Protect gets as it is. Default: nothing of it. */
export interface HandedOn {
    /** Of the Application. */
    includedClusterScopedResources?: Record<string, unknown>[] | undefined;
    /** Of the AppMirrorRelationship. */
    transformations?: Record<string, unknown>[] | undefined;
    transformationsRef?: { kind: string; name: string } | undefined;
    /** Of Snapshots and ShutdownSnapshots. */
    snapshotTimeouts?:
        | {
              completion?: string | undefined;
              volumeSnapshotsCreated?: string | undefined;
              volumeSnapshotsReadyToUse?: string | undefined;
          }
        | undefined;
    /** Of the same, and of the two Schedules that mirroring needs. */
    snapshotReclaimPolicy?: "Retain" | "Delete" | undefined;
}

/** What the app-mirror driver has to know of one application at one site. */
export interface ApplicationSettings extends HandedOn {
    application: string;
    site: string;
    peer: string;
    cluster: ClusterReference;
    /** The first holds the Application, the Schedules, the mirror and the record. */
    namespaces: readonly string[];
    /** Those of the other site, each for that in its place. Default: the same. */
    peerNamespaces?: readonly string[] | undefined;
    /** AppVault name at this site for each site's vault. */
    vaults: Readonly<Record<string, string>>;
    protectNamespace: string;
    storageClass: string;
    recurrence: { snapshot: string; mirror: string };
    /** How many of the replication's snapshots are kept. */
    snapshotRetention: number;
    daily: { hour: string; minute: string; keep: number };
    /** Schedules beside those two. Default: none. */
    schedules?: readonly FurtherSchedule[] | undefined;
    resourceFilter: Readonly<Record<string, unknown>> | undefined;
    /** By which labels objects belong to it, in each namespace, of those that the filter leaves. Default: by any. */
    labelSelector?: LabelSelector | undefined;
    /** Given to the mirror before it is promoted at an older point; removed by a resync. */
    promoteAnnotations?: Readonly<Record<string, string>>;
    ontap: { endpoint: OntapEndpoint; svm: string };
    /** Trident's backend for that SVM, where the program declares it. */
    tridentBackend?: { name: string; namespace: string } | undefined;
    /** What the user changes of declared objects, by `<kind> <name>`. Default: nothing. */
    transformed?: Readonly<Record<string, MergePatch>> | undefined;
    /** Names of objects that are not made of the application's, by what they are for. Default: made of it. */
    names?: ObjectNames | undefined;
    /** Whether what somebody else created under these names is taken over before the site's first role. Default: no. */
    adopt?: boolean | undefined;
    /** Its ExecHooks, each under its own name. Default: they are nobody's concern here. */
    hooks?: HookSettings[] | undefined;
    /** Milliseconds. `copy`: how long a run waits for a copy whose transfers run; absent: to its end. */
    timeouts: { establish: number; copy?: number; promote: number; snapshot: number };
    /** Milliseconds after which the other site's vault counts as silent. Default: the budget of what is asked of it. */
    peerPatience?: number;
}

/** A Schedule that mirroring does not need. */
export interface FurtherSchedule {
    /** Of the object. */
    name: string;
    /** Site whose vault it writes to. Default: the site's own. */
    vault?: string | undefined;
    /** All but the application and the vault, as in a Schedule of Trident Protect. */
    spec: Readonly<Record<string, string | boolean>>;
}

/** A script that runs in containers of the application, as an ExecHook declares it. */
export interface HookSettings {
    name: string;
    action: (typeof hookActions)[number];
    stage: (typeof hookStages)[number];
    /** The script itself. */
    source: string;
    arguments?: string[] | undefined;
    /** Minutes. */
    timeout?: number | undefined;
    /** Containers that meet all of them. Default: every container of the application. */
    matchingCriteria?: { type: string; value: string }[] | undefined;
}

export const hookActions = ["Snapshot", "Backup", "Restore", "Failover"] as const;
export const hookStages = ["Pre", "Post"] as const;

/** Names of an application's objects at a site. The Application has the name of the application itself. */
export interface ObjectNames {
    /** The AppMirrorRelationship. Default: the application's name. */
    mirror?: string | undefined;
    /** The Schedule whose snapshots are replicated. Default: `<application>-replication`. */
    schedule?: string | undefined;
    /** The Schedule of daily snapshots. Default: `<application>-daily`. */
    daily?: string | undefined;
}
