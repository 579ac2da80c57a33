import type { Beginning } from "./epoch";
import type { ArchivedPoint, HandOverToken, RecoveryPoint, Role, Verb } from "./record";

/** One effect that a plan asks for. How to bring it about is up to the driver. */
export type Step =
    /** Write down in the site's cluster which site it is. */
    | { do: "claim-site" }
    /** Wait until the vaults and the Trident backend that a first role stands on can be used. */
    | { do: "await-prerequisites"; forMirror: boolean }
    /** Write the record where it belongs, unless it is there, and remove it from where earlier versions kept it. */
    | { do: "move-record"; from: string; isCopied: boolean }
    /** Write the record again as it is, under the pair's present key. */
    | { do: "authenticate-record" }
    /** Write down that the verb is under way, so that an interrupted run is finished and not begun anew. */
    | {
          do: "mark";
          verb: Verb;
          epoch: number;
          began: Beginning;
          token?: HandOverToken;
          point?: ArchivedPoint;
          by?: string;
      }
    /** Make the epoch ours by a conditional write before anything is done in its name, and write down that it is. */
    | {
          do: "claim";
          epoch: number;
          began: Beginning;
          vaults: readonly ClaimVault[];
          /** What is in its place without being a claim of this pair's, and is removed first. Default: nothing. */
          replaces?: readonly ReplacedClaim[];
      }
    /** Take over what somebody else created under the names of ours, as it is. */
    | { do: "adopt-objects" }
    /** Leave what is ours as it is, so that it is somebody else's from now on. */
    | { do: "disown-objects" }
    | { do: "declare-application" }
    /** The application's ExecHooks as they are declared, before the first snapshot that they belong to. */
    | { do: "declare-hooks" }
    /** Remove the ExecHooks that are ours: a site that does not serve, or leaves the mirror, runs none. */
    | { do: "delete-hooks"; adopted?: true }
    | { do: "take-base-snapshot"; epoch: number }
    | { do: "start-schedules" }
    | { do: "stop-schedules" }
    | { do: "establish-mirror"; sourceUid: string; way: MirrorWay }
    /** Wait until everything is copied. A copy that takes long goes on by itself: the run ends here then. */
    | { do: "await-copy"; sourceUid: string }
    /** Remove what this site's array remembers of mirrors out of volumes that are mirrors themselves by now. */
    | { do: "release-replaced" }
    /** Keep pods from starting at a site that does not serve; those that run are not stopped by it. */
    | { do: "forbid-pods" }
    /** Let pods start again, wherever what forbids them came from. */
    | { do: "allow-pods" }
    | { do: "take-shutdown-snapshot"; epoch: number; acceptsWarnings?: true }
    /** With a token its final snapshot, with a point that, else the recovery point. */
    | { do: "promote"; token?: HandOverToken; point?: ArchivedPoint }
    | { do: "verify-writable" }
    /**
     * Remove what role changes of earlier epochs left on the volumes: both sites have something newer in common.
     * `mirrored`: whether the other site follows already.
     */
    | { do: "forget-snapshots"; before: number; mirrored: boolean }
    | { do: "remove-mirror" }
    /** Stop workloads; `epoch` is the peer's current epoch. */
    | { do: "stop-workloads"; epoch: number }
    /** Report and write down what was written here since the last state that both sites had, before it is discarded. */
    | { do: "count-unreplicated"; since?: RecoveryPoint }
    /** Bring back what a ShutdownSnapshot deleted: from the given one, else from the newest. */
    | { do: "restore-application"; epoch: number; archivePath?: string }
    /** Remove the Schedules that are ours, running or not. */
    | { do: "delete-schedules"; adopted?: true }
    /** Verify that no relationship leads into the volumes any more. */
    | { do: "verify-unmirrored" }
    /** Remove from this site's array what it remembers of volumes that were mirrored from here. */
    | { do: "release-sources"; sources: readonly SourceRecord[] }
    /** Remove what served role changes only, where nothing is mirrored from any more. What can be restored from stays. */
    | { do: "tidy-up" }
    /** Remove claims of epochs that nobody can begin any more from this site's vault. */
    | { do: "forget-claims"; epochs: readonly number[] }
    /** Write down the site's new role; of a standby site, what its mirror was created from. */
    | {
          do: "record";
          role: Role;
          epoch: number;
          began: Beginning;
          activeSite: string;
          mirrorKept: boolean;
          mirrorSource?: string;
      }
    /** Keep beside the record what a takeover without Pulumi goes by, for the role that the site has by then. */
    | { do: "keep-bundle"; role: Role }
    | { do: "remove-bundle" };

export type StepName = Step["do"];

/** A vault in which an epoch is claimed; one that need not answer is given only seconds. */
export interface ClaimVault {
    site: string;
    required: boolean;
}

export interface ReplacedClaim {
    /** The site whose vault it is in. */
    site: string;
    /** Why it is not authentic. */
    why: string;
}

/** First replication; the other way round after this site served; or back into the mirror that a takeover kept. */
export type MirrorWay = "first" | "reverse" | "resync";

/** What the array of a relationship's source remembers of it. */
export interface SourceRecord {
    uuid: string;
    /** `svm:volume`, as the source's array knows them. */
    source: string;
    destination: string;
}
