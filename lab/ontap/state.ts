/** The durable records of one simulated cluster. Times are milliseconds of the Unix epoch; sizes are bytes. */

export interface NamedReference {
    uuid: string;
    name: string;
}

/** One file as an active volume or a snapshot sees it: the first `length` bytes of a blob. */
export interface FileEntry {
    name: string;
    /** Name of the file in the volume's folder that carries the bytes. */
    blob: string;
    length: number;
    /** The active file owns the blob's end and may append to it in place; its length is then the blob's. */
    growing?: boolean;
}

export interface Snapshot {
    uuid: string;
    name: string;
    createdAt: number;
    /** Identity of the frozen data: equal on both ends of a mirror. */
    versionUuid: string;
    files: FileEntry[];
    label?: string;
    comment?: string;
    expiresAt?: number;
    /** UUID of the SnapMirror relationship that made it; absent for a user's snapshot. */
    madeBy?: string;
    /** UUIDs of the relationships that need it as their base. */
    heldBy: string[];
    provenanceVolume: string;
}

export interface Volume {
    uuid: string;
    name: string;
    msid: number;
    svm: string;
    aggregate: string;
    type: "rw" | "dp" | "ls";
    /** Absent: a FlexVol. */
    style?: "flexgroup";
    state: "online" | "offline" | "restricted";
    size: number;
    createdAt: number;
    isRoot: boolean;
    comment?: string;
    junctionPath?: string;
    exportPolicy: string;
    securityStyle: string;
    unixPermissions: number;
    snapshotPolicy: string;
    snapshotReservePercent: number;
    guarantee: string;
    tieringPolicy: string;
    language: string;
    tags: string[];
    clone?: { parentVolume: NamedReference; parentSnapshot: NamedReference; parentSvm: NamedReference };
    files: FileEntry[];
    snapshots: Snapshot[];
}

export interface Svm {
    uuid: string;
    name: string;
    state: "running" | "stopped" | "starting" | "stopping" | "initializing" | "deleting";
    subtype: string;
    language: string;
    comment?: string;
    createdAt: number;
}

interface Aggregate extends NamedReference {
    size: number;
}

interface IpInterface extends NamedReference {
    address: string;
    netmask: string;
    servicePolicy: string;
    services: string[];
    scope: "cluster" | "svm";
    svm?: string;
}

export interface ClusterPeer {
    uuid: string;
    name: string;
    addresses: string[];
    /** Identity of the other cluster, once it is known. */
    remote?: { uuid: string; name: string };
    passphrase: string;
    expiresAt: number;
    /** An offer made without addresses, which any cluster that knows the passphrase may take up. */
    anonymous: boolean;
    authentication: "ok" | "absent" | "pending" | "problem" | "revoked";
    encryption: "none" | "tls_psk";
    status: "available" | "partial" | "unavailable" | "pending" | "unidentified";
    checkedAt: number;
    initialAllowedSvms: string[];
    applications: string[];
    createdAt: number;
}

export interface SvmPeer {
    uuid: string;
    /** Local name of the remote SVM: the SVM part of a source path. */
    name: string;
    svm: string;
    /** The remote SVM; in an intra-cluster peering the other local one. */
    peerSvm: NamedReference;
    /** UUID of the other cluster. */
    peerCluster: NamedReference;
    applications: string[];
    state: "peered" | "rejected" | "suspended" | "initiated" | "pending" | "initializing";
    visibleAt: number;
}

export interface PeerPermission {
    clusterPeer: NamedReference;
    /** UUID of the SVM, or "*". */
    svm: string;
    applications: string[];
}

export interface Schedule extends NamedReference {
    cron?: { minutes?: number[]; hours?: number[]; days?: number[]; months?: number[]; weekdays?: number[] };
    /** ISO 8601 duration. */
    interval?: string;
    builtIn: boolean;
}

export interface RetentionRule {
    label: string;
    count: string;
    preserve: boolean;
    warn: number;
    prefix?: string;
    period?: string;
}

export interface Policy extends NamedReference {
    svm?: string;
    type: "async" | "sync" | "continuous";
    syncType?: string;
    copyAll: boolean;
    copyLatest: boolean;
    createOnSource: boolean;
    retention: RetentionRule[];
    transferSchedule?: string;
    throttle: number;
    comment: string;
    builtIn: boolean;
}

export type TransferState = "queued" | "transferring" | "success" | "failed" | "aborted" | "hard_aborted";
export type TransferType = "initialize" | "update" | "resync" | "restore";

interface Reason {
    code: string;
    message: string;
}

export interface Transfer {
    uuid: string;
    relationship: string;
    type: TransferType;
    state: TransferState;
    bytes: number;
    checkpoint: number;
    snapshot?: string;
    throttle: number;
    startedAt: number;
    updatedAt: number;
    endedAt?: number;
    error?: Reason;
}

export interface Relationship {
    uuid: string;
    /** As the user wrote it: `<local name of the source SVM>:<volume>`. */
    sourcePath: string;
    sourceSvm: NamedReference;
    sourceVolume: NamedReference;
    /** Absent when the source is in this cluster. */
    sourceCluster?: NamedReference;
    destinationPath: string;
    destinationVolume: string;
    policy: string;
    /** UUID of the transfer schedule; null was set by the user, and beats the policy's. */
    schedule?: string | null;
    throttle: number;
    backoffLevel: string;
    mirror: "uninitialized" | "snapmirrored" | "broken_off";
    quiesced: boolean;
    healthy: boolean;
    unhealthyReason: Reason[];
    exported?: { name: string; versionUuid: string; createdAt: number };
    lastTransfer?: string;
    lastTransferType?: TransferType;
    totalBytes: number;
    totalMilliseconds: number;
    createdAt: number;
    visibleAt: number;
}

/** What the source cluster keeps of a relationship, from the first transfer until the release. */
export interface SourceRecord {
    uuid: string;
    volume: string;
    destinationPath: string;
    destinationSvm: NamedReference;
    destinationCluster?: NamedReference;
    policyType: string;
    /** versionUuid of the snapshot that the destination was last known to export. */
    base?: string;
}

/** Who reaches the volumes that it is assigned to; one without rules admits nobody. */
export interface ExportPolicy {
    id: number;
    name: string;
    svm: string;
    rules: ExportRule[];
}

/** As a body carries it; `index` counts from 1. */
export interface ExportRule {
    index: number;
    clients: { match: string }[];
    protocols: string[];
    ro_rule: string[];
    rw_rule: string[];
    superuser: string[];
}

export interface CifsShare {
    name: string;
    svm: string;
    path: string;
    comment?: string;
}

export interface Qtree {
    id: number;
    name: string;
    /** UUID of its volume. */
    volume: string;
    /** Absent: that of its volume. */
    exportPolicy?: string;
}

/** A LUN, or a namespace of NVMe. */
export interface BlockDevice extends NamedReference {
    kind: "lun" | "namespace";
    svm: string;
    volume: string;
    osType: string;
    size: number;
}

/** Those who a LUN or a namespace is mapped to: an initiator group, or a subsystem. */
export interface HostGroup extends NamedReference {
    kind: "igroup" | "subsystem";
    svm: string;
    osType: string;
    protocol?: string;
}

/** UUIDs of a LUN and an initiator group, or of a namespace and a subsystem. */
export interface BlockMap {
    device: string;
    group: string;
}

export interface JobRecord {
    uuid: string;
    description: string;
    state: "queued" | "running" | "paused" | "success" | "failure";
    message?: string;
    code?: number;
    startedAt: number;
    endedAt?: number;
    svm?: NamedReference;
}

export interface State {
    version: 1;
    cluster: NamedReference;
    node: NamedReference;
    aggregates: Aggregate[];
    interfaces: IpInterface[];
    svms: Svm[];
    clusterPeers: ClusterPeer[];
    svmPeers: SvmPeer[];
    peerPermissions: PeerPermission[];
    volumes: Volume[];
    schedules: Schedule[];
    policies: Policy[];
    relationships: Relationship[];
    sourceRecords: SourceRecord[];
    transfers: Transfer[];
    jobs: JobRecord[];
    exportPolicies: ExportPolicy[];
    shares: CifsShare[];
    qtrees: Qtree[];
    devices: BlockDevice[];
    hostGroups: HostGroup[];
    maps: BlockMap[];
}
