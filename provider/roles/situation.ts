import type { Acknowledgements } from "./acknowledgement";
import type { CopyProgress } from "./copy";
import type { Message } from "./messages/message";
import type { ArchivedPoint, HeldSnapshot, RecoveryPoint, RoleRecord } from "./record";
import type { SourceRecord } from "./steps";
import type { ObservedRights } from "./rights";
import type { InstalledVersion } from "./versions";

/** Everything that a plan depends on. No clock, no network: what is not in here cannot change a plan. */
export interface Situation {
    /** The site's own record; an empty one at a site that has had no role yet. */
    own: RoleRecord;
    /** What the outputs of the peer's stack show. */
    peer: PeerView;
    configuration: Configuration;
    observed: Observed;
    /** Where the items stand that this one is ordered with. Default: it is ordered with none. */
    order?: Order;
    /** How far the site's own record can be believed. Default: as it is. */
    trust?: RecordTrust;
    /** A record that is left where earlier versions kept it. Default: none. */
    move?: RecordMove;
    /** Whether a run that was interrupted had begun something here, which is not in `own` any more. Default: no. */
    resumes?: true;
    /** When `observed` was read. */
    now: Date;
}

/** Concerns one protected item, in short item: an application, or a group of volumes. */
export interface Configuration {
    item: string;
    site: string;
    peer: string;
    /** The site that should serve. */
    active: string;
    acknowledgements: Acknowledgements;
    /** A switch is refused when replication is older than this many seconds. */
    maxLagSeconds: number;
    /** Whether the item should leave the mirror. Default: false. */
    unprotect?: boolean;
    /** Whether it should no longer be managed, with its mirror left as it is. Default: false. */
    unmanage?: boolean;
    /** Whether the item's resource is being removed at this site; it then leaves the mirror, too. Default: false. */
    removes?: boolean;
    /** Namespace of the stack's configuration, where it is not the project's. */
    configNamespace?: string;
    /** Where the stack's configuration keeps the item's own settings, such as `applications[0]`. */
    path?: string;
    /** Keys for which the item has a value of its own there, instead of the pair's. Default: none. */
    ownKeys?: readonly OwnKey[];
}

/** Settings of the pair that an item may override. */
export const ownKeys = ["active", "takeover", "recoverTo", "discard", "lag", "fullCopy", "warnings"] as const;
export type OwnKey = (typeof ownKeys)[number];

/** "Unknown" is not "never deployed": only `known` with no record means that the peer has never had the item. */
export type PeerView =
    | {
          known: true;
          record: RoleRecord | undefined;
          /** Whether it says that a copy to it is being made. Only messages use it; no decision depends on it. */
          establishing?: true;
      }
    | { known: false; why: string };

/** A record that is left where earlier versions kept it: in reach of those who may edit the application's namespace. */
export interface RecordMove {
    /** `ConfigMap shop/trident-dr-record-shop`. */
    from: string;
    /** Whether there is one in its place already, so that this one counts no more. */
    isCopied: boolean;
}

/** What the message authentication codes of the site's own record say. */
export interface RecordTrust {
    /** What is wrong with a copy of it; a site acts on none as long as there is one. */
    faults: readonly RecordFault[];
    /** Whether it is to be written again under the pair's present key. */
    isStale: boolean;
    /** What is accepted although nothing authenticates it. */
    accepts: "everything" | "what has no MAC" | "nothing";
}

export type RecordFault = {
    /** Where the copy is: `ConfigMap trident-protect/trident-dr-record-shop`. */
    where: string;
} & (
    | { is: "not authentic" | "without a MAC" | "without a key to check it" }
    /** With what an administrator types to put it in its place. */
    | { is: "the only copy"; putInPlace: string }
);

/** The peer's record, as far as it is known. */
export function recordOf(peer: PeerView): RoleRecord | undefined {
    return peer.known ? peer.record : undefined;
}

/** What the planner needs to know of this site beyond its record. */
export interface Observed {
    mirror: ObservedMirror | undefined;
    /** How far a copy to this site is; absent unless one is being made that is not complete yet. */
    copy?: CopyProgress;
    /** Age of the newest complete replication at the standby site, as far as this site can see it. */
    replicationLagSeconds?: number;
    /**
     * Whether what the peer's site holds, its final snapshot above all, can still be fetched; absent when nobody tried.
     *
     * Applications: the peer's vault answers. Volumes: this array does not report the
     * peer's cluster as unavailable.
     */
    peerAnswers?: boolean;
    /** What runs of the application or mounts its volumes, as `kind namespace/name`, with the group of a custom kind. */
    workloads?: readonly string[];
    /** Those of them that mount its volumes and are no part of it: stopping the application does not stop them. */
    outsiders?: readonly string[];
    /** By which labels objects belong to the item, as `kubectl get -l` takes them; absent where they belong by any. */
    labelSelector?: string;
    /** Epochs whose final snapshot was outlived by what still wrote then, so that writes may be missing from it. */
    outlived?: readonly { epoch: number; by: string }[];
    /** Epochs whose final snapshot completed with warnings, in the words of who took it. */
    warned?: readonly { epoch: number; warnings: readonly string[] }[];
    /** Which site the cluster says it is; absent with drivers that act on no cluster. */
    siteMarker?: SiteMark;
    /** What keeps the item from being written at a site that does not serve it. */
    barrier?: Barrier;
    /**
     * Bytes that changed here since the end of service (`endOfService`); absent when the barrier held, or when the array
     * does not tell.
     */
    changedBytes?: number;
    /** What is left over at a site that does not serve, or that leaves the mirror; only read there. */
    remains?: Remains;
    /** For each volume here, the newest snapshot in common with the site that serves; absent when it cannot be determined. */
    commonSnapshots?: readonly CommonSnapshot[];
    /** A clause for each mirror into this site that is not one at rest: promoted, or redirected; whoever did it. */
    changed?: readonly Message[];
    /** A mirror that brings what the other site writes; only a site that serves must not have one. */
    bringing?: BringingMirror;
    /** Volumes that are at a standby site although no mirror is; only read there. */
    copies?: readonly string[];
    /**
     * Whether the vault of the site that stood down has what its token hands over. Default: it cannot be told, or nothing
     * is handed over.
     */
    handedOver?: boolean;
    /**
     * Volumes that were made writable here without the snapshot that a token hands over. Default: it cannot be told, or
     * nothing is promoted.
     */
    lacking?: readonly string[];
    /** Points that the mirror can be promoted at, the newest first; only read where one is asked for. */
    points?: readonly ArchivedPoint[];
    /** A clause for each way by which what this site fences could still be written to; only read where it can be. */
    unfenceable?: readonly Message[];
    /** Objects in the cluster that have the names of ours and that somebody else created. */
    foreignObjects?: readonly ForeignObject[];
    /** Whether the configuration lets them be taken over. Default: no. */
    adopts?: true;
    /** Whether the configuration says which ExecHooks the item has. Default: no. */
    declaresHooks?: true;
    /**
     * What is in the places of the claim of an epoch that is to begin here, or that an interrupted run began: only the
     * vaults that answered. Absent when nobody looked.
     */
    claims?: readonly ObservedClaim[];
    /** What others created where this site would; absent with drivers that have nothing to adopt. */
    foreign?: Foreign;
    /** A clause for each volume that cannot be mirrored; absent where the array did not tell. */
    unmirrorable?: readonly Message[];
    /** What the site runs on; only read where it is to get its first role, or to take over. */
    versions?: readonly InstalledVersion[];
    /** What the account of this run may not do at the site's cluster. */
    rights?: ObservedRights;
    /** What a takeover without Pulumi goes by; absent where the site keeps none. */
    bundle?: ObservedBundle;
}

/** Whether there is a bundle at the site, or why that is not known. */
export type ObservedBundle = { found: boolean } | { unknown: string };

/** What is in one vault in the place of an epoch's claim. */
export interface ObservedClaim {
    epoch: number;
    /** The site whose vault it is. */
    site: string;
    /** Where it is, for whoever has to look: key, bucket and vault. */
    place: string;
    /** The site that made it, or what else is there. Whoever can write to the bucket can put anything there. */
    is: { claimedBy: string } | "absent" | { notAuthentic: string };
}

/** A mirror that is not promoted, or one of a volume that is not broken off. */
export interface BringingMirror {
    /** What shows it; a clause. */
    what: Message;
    /** What a person types to stop it. */
    stop: Message;
}

/** Decides whether a volume can return by its changes alone: only from a snapshot that both sites have. */
export interface CommonSnapshot {
    volume: string;
    /** The newest snapshot in common; without one everything is copied. */
    common: HeldSnapshot | undefined;
    /** Only where its claim has another class than a mirror gives it: it may be made anew then, and copied. */
    otherClass?: OtherClass;
}

/** The StorageClass of a claim, and the one that a mirror makes claims of. */
export interface OtherClass {
    has: string;
    gets: string;
}

/** What a cluster says of itself, or of a namespace where both sites share it. */
export interface SiteMark {
    /** The site whose it is, or both; absent where it was not marked yet. */
    site?: string;
    /** What it is to say. Default: the own site. */
    expected?: string;
    /** The namespace that it is about. Default: the cluster. */
    about?: string;
    /** `namespace/name` of the ConfigMap that says it, or of the first that is to. */
    place: string;
    /** How the stack reaches the cluster, in words. */
    cluster: string;
}

/**
 * ResourceQuotas without pods in every namespace of an application, the policy that refuses its pods, or the fence of
 * every volume.
 */
export interface Barrier {
    stands: boolean;
    /** Since when it has stood without a gap. ISO 8601. Absent with a fence: an array does not tell. */
    since?: string;
    /** Kind and name of the policy that it is, or is to be. Default: none, it is the quotas or the fence. */
    by?: string;
}

/** What no role needs any more and would be left behind at a site. */
export interface Remains {
    sources: readonly SourceRecord[];
    /** Epochs whose claims are in the site's own vault; undefined when it was not asked or did not answer. */
    claims: readonly number[] | undefined;
}

/** An object that somebody else created. */
export interface ForeignObject {
    /** Kind, namespace and name. */
    what: string;
    /** The command by which a person makes it ours. */
    takeOver?: string;
    /** The other Application to which it belongs: then it is not to be taken over. */
    of?: string;
    /** How it is another one than is declared, and cannot become that. */
    differs?: string;
}

/** What was there before this package created anything. */
export interface Foreign {
    /** A clause for each thing that this site may not take over as it is. */
    found: readonly Message[];
    /** Whether the configuration allows adopting what matches its declaration. */
    adopt: boolean;
}

export interface ObservedMirror {
    /** `unsettled` stands for every state that is not final, including those unknown to us. */
    state: "established" | "promoted" | "unsettled";
    sourceApplicationUid: string;
    /** The same where the mirror itself names it; absent with mirrors that name volumes, whose driver compares these. */
    namedSource?: string;
    /** What a promotion would bring, or has brought. */
    recoveryPoint?: RecoveryPoint;
    /** The newest snapshot that has arrived, where promoting an older one deletes it. Its name is that of the snapshot. */
    newest?: RecoveryPoint;
    /** When the last transfer that succeeded ended; of several volumes, the one that is furthest back. ISO 8601. */
    transferredAt?: string;
    /** The point, as a hand-over token names it, that the mirror was told to promote. */
    promotedPoint?: string;
    /** The same as long as it has not arrived: the mirror waits for it, without end if its source is gone. */
    awaits?: string;
    /** The volumes whose own mirrors are broken, where a token names what each of them has to have. Default: none. */
    broken?: readonly BrokenMirror[];
    error?: string;
}

/** A volume that was made writable, by whomever. */
export interface BrokenMirror {
    volume: string;
    /** The identities of the snapshots that it has. */
    versions: readonly string[];
    /** The snapshot at which it was made writable; undefined where the array does not say. */
    at?: RecoveryPoint;
}

/** Where the other items of the pair stand at this site, as far as the declared order ties them to this one. */
export interface Order {
    /** Items that must serve here first and do not, each with the reason (empty if unknown). */
    notServing: readonly { item: string; why: Message }[];
    /** Items that come after this one and still serve here. */
    stillServing: readonly string[];
}

/** Seconds of writes that a takeover now may lose at most, or undefined when no point is known to which all is replicated. */
export function lossBoundSeconds(recoveryPoint: RecoveryPoint | undefined, now: Date): number | undefined {
    const takenAt = recoveryPoint === undefined ? Number.NaN : Date.parse(recoveryPoint.takenAt);
    return Number.isNaN(takenAt) ? undefined : Math.max(0, (now.getTime() - takenAt) / 1000);
}
