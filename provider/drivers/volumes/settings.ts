import type { Cron } from "../../clients/ontap";
import type { HeldVolume, Role } from "../../roles/record";

/** How a volume that is not to serve is kept from being written. */
export const fences = ["offline", "unmount", "exportPolicy", "none"] as const;

/**
 * - `unmount`: out of the SVM's namespace. No NAS client reaches it; a LUN or namespace in it is not concerned.
 * - `offline`: unmounted, and taken offline and back, which ends every session, those of block protocols too. It does
 *   not stay offline: the other site fetches the last snapshot from it, and ONTAP reads none of an offline volume.
 * - `exportPolicy`: behind an export policy without rules, which the array has to know.
 * - `none`: the volume stays as it is; whoever writes is stopped by somebody else, before the role changes.
 */
export type Fence = (typeof fences)[number];

/** What the volumes driver has to know of one group of FlexVols at one site. */
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
    /** Export policy without rules, for `fence: exportPolicy`. */
    fencePolicy: string;
    /** Export policy of a volume that serves; none: it stays as it is. */
    exportPolicy: string | undefined;
    /** Where each volume is mounted while it serves; empty: nowhere. */
    junctionPaths: Readonly<Record<string, string>>;
    /** Whether a destination volume or relationship that is there already is taken over. */
    adopt: boolean;
    /** What the other site's record says of it, as far as it can be read. */
    other: OtherSite | undefined;
    /** Milliseconds. */
    timeouts: { establish: number; promote: number; snapshot: number };
}

export interface OtherSite {
    role: Role;
    epoch: number;
    mirrorKept: boolean;
    /** Identity of its volumes while it serves. */
    applicationUid: string | undefined;
    /** What its volumes held when it began to serve; undefined as long as it has not said. */
    holds: readonly HeldVolume[] | undefined;
}

/** A cron schedule of the cluster by its name; with `cron` it is made there if it is missing, and kept so. */
export interface MirrorTransferSchedule {
    name: string;
    cron?: Cron | undefined;
}

/** `svm:volume`, as relationships name their ends. */
export function pathOf(svm: string, volume: string): string {
    return `${svm}:${volume}`;
}
