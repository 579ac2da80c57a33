import type {
    ArchivedPoint,
    HandOverToken,
    HeldVolume,
    RecoveryPoint,
    RoleRecord,
    Unreplicated,
} from "../roles/record";
import type { VolumeCopy } from "../roles/copy";
import type { Message } from "../roles/messages/message";
import type { Observed, OtherClass, PeerView } from "../roles/situation";
import type { SourceRecord, Step } from "../roles/steps";
import type { Action } from "./action";

/** One kind of mirror at one site. It reads and changes its own site only. */
export interface Driver {
    /** Reads the site; changes nothing. */
    observe(): Promise<SiteView>;
}

/** A site as it was when it was read, and what a step takes from there. */
export interface SiteView {
    /** What the planner goes by. */
    readonly observed: Observed;
    /** The actions of a step, in order; none when its effect is there already. */
    actions(step: DriverStep): Action[];
    /** What a record keeps of a site that serves in an epoch, or that stood down in it. */
    facts(epoch: number): Facts;
    /** The site after a step was executed: what it can have changed is read again as soon as something goes by it. */
    after(step: DriverStep): SiteView;
    /** The same, with what a step goes by as it is now. */
    freshFor(step: Step): Promise<SiteView>;
    /** Age in seconds of the newest replication at the standby site, as far as the serving site can tell. */
    replicationLag(): Promise<number | undefined>;
    /** The newest snapshots of each volume; undefined when the array does not answer. */
    heldSnapshots(): Promise<HeldVolume[] | undefined>;
    /** Volumes whose claims have another class than a mirror gives them; absent with drivers whose mirrors make no claims. */
    otherClasses?(): Promise<ReadonlyMap<string, OtherClass>>;
    /** Volumes that are here and can be written to although no mirror leads into them, by the names people know. */
    copies(): Promise<readonly string[]>;
    /** The points that the mirror can be promoted at, the newest first; undefined when they cannot be listed. */
    points(): Promise<readonly ArchivedPoint[] | undefined>;
    /** Whether the other site's vault has what a token hands over; undefined when that cannot be told. Never throws. */
    handedOver(token: HandOverToken): Promise<boolean | undefined>;
    /**
     * Volumes that were made writable here without what a token hands over: none of its snapshots is on them. Undefined
     * when that cannot be told, or nothing was promoted yet. Never throws.
     */
    lacking(token: HandOverToken): Promise<readonly string[] | undefined>;
    /** What the array remembers of the volumes as sources of mirrors. */
    sources(): Promise<readonly SourceRecord[]>;
    /** What was written here since the sites parted, as far as it can be told. */
    unreplicated(since: RecoveryPoint | undefined): Promise<Unreplicated>;
    /** Bytes that changed on the volumes since a state; undefined when the array does not tell. Never throws. */
    changedBytes(since: RecoveryPoint): Promise<number | undefined>;
    /** The array behind the site, as it was when the site was read. Best effort: never throws. */
    arrayReport(): Promise<ArrayReport>;
    /** What of it goes into the state, as it is now. Best effort: never throws. */
    shown(): Promise<ShownReport>;
}

/** The engine's own steps, on records and claims. */
const engineSteps = [
    "claim-site",
    "await-prerequisites",
    "move-record",
    "authenticate-record",
    "claim",
    "mark",
    "record",
    "count-unreplicated",
    "forget-claims",
    "keep-bundle",
    "remove-bundle",
] as const satisfies readonly Step["do"][];

/** The steps that a driver does. */
export type DriverStep = Exclude<Step, { do: (typeof engineSteps)[number] }>;

export function isDriverStep(step: Step): step is DriverStep {
    return !(engineSteps as readonly Step["do"][]).includes(step.do);
}

/** A token only once the final snapshot of the epoch is complete. */
export type Facts = Pick<RoleRecord, "applicationUid" | "baseSnapshot" | "token">;

/** A site's array, as it was when it was read. Only cleanup steps depend on it. */
export interface ArrayReport {
    /** What of it goes into the state, so that a refresh shows what changed there. */
    shown: Record<string, unknown>;
    /** What it remembers of the volumes as sources of mirrors; undefined when it does not answer. */
    sources: readonly SourceRecord[] | undefined;
    /** The volumes of a copy to the site that is not complete; absent when none is being made. */
    copy?: readonly VolumeCopy[];
    /** A clause for each volume that cannot be mirrored, whatever its role. Default: none. */
    unmirrorable?: readonly Message[];
    /** What is wrong there for a site in its role, and how far copies are behind. */
    warnings(own: RoleRecord, peer: PeerView, maxLagSeconds: number): readonly Message[];
    /** Those of the warnings that somebody has to act on. Default: none. */
    faults?(own: RoleRecord, peer: PeerView, maxLagSeconds: number): readonly ArrayFault[];
    /** How full each volume is whose array tells. Default: none does. */
    space?: readonly VolumeSpace[];
    /** Why the array was not looked at. Absent: it was. */
    unknown?: string;
}

export interface VolumeSpace {
    volume: string;
    usedBytes: number;
    sizeBytes: number;
}

/** Something that is wrong on an array. */
export interface ArrayFault {
    /** What it is, what it means and what to do. */
    what: Message;
    /** Whether a takeover now, or the service itself, would fail by it. */
    endangers: boolean;
}

export type ShownReport = Pick<ArrayReport, "shown" | "copy">;

/** How many snapshots of each volume a record holds. */
export const recordedSnapshots = 10;
