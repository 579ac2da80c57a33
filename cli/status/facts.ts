import type { Due } from "../../provider/engine/due";
import type { Beginning } from "../../provider/roles/epoch";
import type { RecoveryPoint, Role, Verb } from "../../provider/roles/record";
import type { ItemKind } from "./document";
import type { Known } from "./known";

/** What is known of one protected item, as both sites were read, each by itself. Nothing of it is judged yet. */
export interface ItemFacts {
    item: string;
    kind: Known<ItemKind>;
    sites: readonly [SiteFacts, SiteFacts];
}

/** One site of an item. */
export interface SiteFacts {
    site: string;
    /** The site that is to serve by the configuration of this one's stack. Absent where no stack was read. */
    active?: string;
    record: Known<RecordFacts>;
    /** What this site was when the other one last read it; only where it could not be read now. */
    lastKnown?: string;
    /** Why nobody knows whether its record is authentic. Absent: it is, or the pair has no key. */
    unverified?: string;
    health: Known<HealthFacts>;
    /** What the next `pulumi up` there would do. */
    due: Known<Due>;
    /** What brings the pair further, with its commands; empty when nothing is left to do. */
    next: string;
    commands: SiteCommands;
}

/** The commands for a site, with the name of its stack. */
export interface SiteCommands {
    up: string;
    preview: string;
    /** Gives an account what it lacks at the cluster. */
    rights: string;
    /** Serves there, because the other site is lost; it announces what would be lost, and asks. */
    takeover: string;
}

/** A site's role, as its record has it. */
export interface RecordFacts {
    role: Role;
    epoch: number;
    began: Beginning;
    activeSite: string;
    /** When the role was taken up. ISO 8601. Absent where the record does not say. */
    since?: string;
    /** What a run began there and did not finish. */
    underWay?: Verb;
    /** Whether it serves from a mirror that it took over with, and that the other site has not followed yet. */
    mirrorKept?: true;
    /** How the item left the mirror there. Absent: it did not. */
    left?: "abandon" | "unmanage";
}

/** What was seen at a site, beyond its record. */
export interface HealthFacts {
    maxLagSeconds: number;
    mirror?: MirrorFacts;
    /** How far a copy to this site is that is being made. Absent: none is. */
    copy?: string;
    /** Age in seconds of what the other site has, as this one sees it. Only asked where it serves. */
    lagSeenSeconds?: number;
    /** What runs or wants to run of the item. */
    workloads: Known<readonly string[]>;
    /** Whether what keeps pods, or clients, from writing at a site that does not serve stands. Absent: not known. */
    barrierStands?: boolean;
    faults: readonly { what: string; endangers: boolean }[];
    /** Why the array was not looked at. Absent: it was. */
    arrayUnknown?: string;
    /** What the plan tells, without anything following from it. */
    notes: readonly string[];
}

export interface MirrorFacts {
    state: "established" | "promoted" | "unsettled";
    error?: string;
    recoveryPoint?: RecoveryPoint;
    transferredAt?: string;
}
