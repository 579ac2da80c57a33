import type { Acknowledgements } from "./acknowledgement";
import type { HeldSnapshot, RecoveryPoint, RoleRecord } from "./record";
import type { SourceRecord } from "./steps";

/** Everything that a plan is made from. No clock, no network: what is not in here cannot change a plan. */
export interface Situation {
    /** Own record; the empty one for a site that is nothing yet. */
    own: RoleRecord;
    /** What the peer's stack outputs say. */
    peer: PeerView;
    configuration: Configuration;
    observed: Observed;
    /** The time at which `observed` was seen. */
    now: Date;
}

export interface Configuration {
    application: string;
    site: string;
    peer: string;
    /** The site that is to serve. */
    active: string;
    acknowledgements: Acknowledgements;
    /** A switch is refused when replication is older than this many seconds. */
    maxLagSeconds: number;
    /** The application is to be taken out of the mirror. Default false. */
    unprotect?: boolean;
    /** Where the stack's configuration keeps what is the application's own, such as `applications[0]`. */
    path?: string;
    /** Keys of which the application has a value of its own there, in place of the one for all. Default none. */
    ownKeys?: readonly OwnKey[];
}

/** What is said for all applications of a pair, or for one by itself. */
export const ownKeys = ["active", "takeover", "discard", "lag", "fullCopy"] as const;
export type OwnKey = (typeof ownKeys)[number];

/** `unknown` is never the same as a peer that is nothing yet. */
export type PeerView = { known: true; record: RoleRecord | undefined } | { known: false; why: string };

/** What the planner needs to know of this site beyond its record. */
export interface Observed {
    mirror: ObservedMirror | undefined;
    /** Age of the newest complete replication at the standby site as far as this site can see it. */
    replicationLagSeconds?: number;
    /** Whether the other site's vault answers, as far as it was tried. */
    peerVaultAnswers?: boolean;
    /** Deployments and StatefulSets of the application that want pods, as `kind namespace/name`. */
    workloads?: readonly string[];
    /** What is left over at a site that does not serve, or that leaves the mirror; only looked for there. */
    remains?: Remains;
    /** For each volume here what it has in common with the site that serves; absent when that cannot be told. */
    wayBack?: readonly WayBack[];
}

/** Whether a volume can come back by what changed alone: only from a snapshot that both sites have. */
export interface WayBack {
    volume: string;
    /** The newest snapshot in common; without one everything is copied. */
    common: HeldSnapshot | undefined;
}

/** What no role needs any more, and would be left behind at a site. */
export interface Remains {
    sources: readonly SourceRecord[];
    /** Numbers of the epochs whose claims are in the site's own vault; absent when it was not asked or did not answer. */
    claims: readonly number[] | undefined;
}

export interface ObservedMirror {
    /** `unsettled` stands for every state that is not final, words that we do not know included. */
    state: "established" | "promoted" | "unsettled";
    sourceApplicationUid: string;
    recoveryPoint?: RecoveryPoint;
    error?: string;
}

/** Seconds of writes that a takeover now may lose at most, or undefined when nothing has been replicated. */
export function lossBoundSeconds(recoveryPoint: RecoveryPoint | undefined, now: Date): number | undefined {
    return recoveryPoint === undefined
        ? undefined
        : Math.max(0, (now.getTime() - Date.parse(recoveryPoint.takenAt)) / 1000);
}
