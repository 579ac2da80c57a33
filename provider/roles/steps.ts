import type { Beginning } from "./epoch";
import type { HandOverToken, RecoveryPoint, Role, Verb } from "./record";

/** One effect that a plan asks for. What it takes to bring it about is a driver's knowledge, not the planner's. */
export type Step =
    /** Write down that the verb is under way, so that a run cut off here is finished and not begun anew. */
    | { do: "mark"; verb: Verb; epoch: number; began: Beginning; token?: HandOverToken }
    /** Make the epoch ours by a conditional write, before anything is done in its name; write down that it is. */
    | { do: "claim"; epoch: number; began: Beginning; vaults: readonly ClaimVault[] }
    | { do: "declare-application" }
    | { do: "take-base-snapshot"; epoch: number }
    | { do: "start-schedules" }
    | { do: "stop-schedules" }
    | { do: "establish-mirror"; sourceUid: string; way: MirrorWay }
    | { do: "take-shutdown-snapshot"; epoch: number }
    | { do: "promote"; token?: HandOverToken }
    | { do: "verify-writable" }
    /** Remove what was taken for role changes of epochs before this one: both sites have something newer in common. */
    | { do: "forget-snapshots"; before: number }
    | { do: "remove-mirror" }
    /** For the epoch in which the other site serves. */
    | { do: "stop-workloads"; epoch: number }
    /** Tell and write down what was written here since the sites parted, before it is given up. */
    | { do: "count-unreplicated"; since?: RecoveryPoint }
    /** Bring back what a ShutdownSnapshot took away: the given one, else the newest. */
    | { do: "restore-application"; epoch: number; archivePath?: string }
    /** Remove the Schedules that are ours, running or not. */
    | { do: "delete-schedules" }
    /** No relationship leads into the volumes any more. */
    | { do: "verify-unmirrored" }
    /** Remove from the own array what it remembers of volumes that were mirrored from here. */
    | { do: "release-sources"; sources: readonly SourceRecord[] }
    /** Remove what only handed roles over, where nothing is mirrored from any more. What can be restored from stays. */
    | { do: "tidy-up" }
    /** Remove the claims of epochs that nobody can begin any more from the own vault. */
    | { do: "forget-claims"; epochs: readonly number[] }
    /** Write down what the site is now. */
    | { do: "record"; role: Role; epoch: number; began: Beginning; activeSite: string; mirrorKept: boolean };

export type StepName = Step["do"];

/** A vault in which an epoch is claimed; one that need not answer is given only seconds. */
export interface ClaimVault {
    site: string;
    must: boolean;
}

/** First replication, the other direction after this site served, or back after a takeover with its writes discarded. */
export type MirrorWay = "first" | "reverse" | "resync";

/** What the array of a relationship's source remembers of it. */
export interface SourceRecord {
    uuid: string;
    /** `svm:volume`, as the source's array knows them. */
    source: string;
    destination: string;
}
