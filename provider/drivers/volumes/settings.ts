import type { Cron } from "../../clients/ontap";
import type { HeldVolume, Role } from "../../roles/record";

/** How a volume that must not serve is kept from being written to. */
export const fences = ["offline", "unmount", "exportPolicy", "none"] as const;

/**
 * - `exportPolicy`: behind an export policy without rules, which is made where it is missing. That is what stops NFS
 *   clients, whichever way they came: their handles name the volume, not its path (docs/facts/ontap.md#clients).
 * - `unmount`: the same, and out of the SVM's namespace.
 * - `offline`: the same, and taken offline and back online, which ends the sessions of SMB. It does not stay offline,
 *   because the other site still has to fetch its last snapshot; once it is online, handles of NFS are valid again, and
 *   LUNs are there again.
 * - `none`: the volume stays as it is; you stop whatever writes to it before the role changes.
 */
export type Fence = (typeof fences)[number];

/** One group of FlexVols at one site. */
export interface VolumesSettings {
    /** Name of the group; in the names of its snapshots. */
    application: string;
    site: string;
    peer: string;
    /** This site's SVM. */
    svm: string;
    /** The other site's SVM, by its own name. */
    peerSvm: string;
    /** Names of the FlexVols, the same at both sites. */
    volumes: readonly string[];
    policy: string;
    schedule: MirrorTransferSchedule;
    fence: Fence;
    /** Name of the export policy without rules. */
    fencePolicy: string;
    /** Export policy of a volume that serves; none: it stays as it is. */
    exportPolicy: string | undefined;
    /** Where each volume is mounted while it serves; empty: nowhere. */
    junctionPaths: Readonly<Record<string, string>>;
    /** Whether an existing destination volume or relationship is adopted. */
    adopt: boolean;
    /** What the other site's record says; undefined when it cannot be read. */
    other: OtherSite | undefined;
    /** Milliseconds. `copy`: how long a run waits for a copy whose transfers run; absent: to its end. */
    timeouts: { establish: number; copy?: number; promote: number; snapshot: number };
}

export interface OtherSite {
    role: Role;
    epoch: number;
    mirrorKept: boolean;
    /** Identity of its volumes while it serves. */
    applicationUid: string | undefined;
    /** What its volumes held when it began to serve; undefined until it has published them. */
    holds: readonly HeldVolume[] | undefined;
}

/** A cron schedule of the cluster by its name; with `cron` it is created if it is missing, and kept as declared. */
export interface MirrorTransferSchedule {
    name: string;
    cron?: Cron | undefined;
}

/** `svm:volume`, as relationships name their ends. */
export function pathOf(svm: string, volume: string): string {
    return `${svm}:${volume}`;
}
