import type { ClusterReference } from "../../clients/kubernetes/cluster";
import type { OntapEndpoint } from "../../clients/ontap/endpoint";

/** What the app-mirror driver has to know of one application at one site. */
export interface ApplicationSettings {
    application: string;
    site: string;
    peer: string;
    cluster: ClusterReference;
    /** The first holds the Application, the Schedules, the mirror and the record. */
    namespaces: readonly string[];
    /** AppVault name at this site for each site's vault. */
    vaults: Readonly<Record<string, string>>;
    protectNamespace: string;
    storageClass: string;
    recurrence: { snapshot: string; mirror: string };
    /** How many of the replication's snapshots are kept. */
    snapshotRetention: number;
    daily: { hour: string; minute: string; keep: number };
    resourceFilter: Readonly<Record<string, unknown>> | undefined;
    /** Given to the mirror before it is promoted at an older point; removed by a resync. */
    promoteAnnotations?: Readonly<Record<string, string>>;
    ontap: { endpoint: OntapEndpoint; svm: string };
    /** Trident's backend for that SVM, where the program declares it. */
    tridentBackend?: { name: string; namespace: string } | undefined;
    /** Milliseconds. `copy`: how long a run waits for a copy whose transfers run; absent: to its end. */
    timeouts: { establish: number; copy?: number; promote: number; snapshot: number };
    /** Milliseconds after which the other site's vault counts as silent. Default: the budget of what is asked of it. */
    peerPatience?: number;
}
