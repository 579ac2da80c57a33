import { defined } from "../../support/defined";
import type { Beginning, Epoch } from "../epoch";
import { type ArchivedPoint, epochOf, type HandOverToken, type RoleRecord, type Verb } from "../record";
import type { Situation } from "../situation";
import type { ClaimVault, MirrorWay, Step } from "../steps";

/** The intent is written down before the claim, so that no claim is left behind by a run nobody knows of. */
export function beginEpoch(
    verb: Verb,
    epoch: Epoch,
    vaults: readonly ClaimVault[],
    from: { token?: HandOverToken; point?: ArchivedPoint | undefined } = {},
): Step[] {
    return [
        { ...mark(verb, epoch), ...defined(from) },
        { do: "claim", epoch: epoch.number, began: epoch.began, vaults },
    ];
}

/** The intent, written down before anything is done: by it an interrupted run is finished. */
export function mark(verb: Verb, epoch: Epoch): MarkStep {
    return { do: "mark", verb, epoch: epoch.number, began: epoch.began };
}

type MarkStep = Extract<Step, { do: "mark" }>;
type RecordStep = Extract<Step, { do: "record" }>;

/** What a site needs in order to serve under protection; parts that are already there are skipped. */
export function serving(epoch: number): Step[] {
    return [
        // A promotion may have brought back what kept pods from starting at the other site.
        { do: "allow-pods" },
        { do: "declare-application" },
        { do: "take-base-snapshot", epoch },
        { do: "start-schedules" },
    ];
}

/** The same while the mirror that was promoted is kept: the Application is the mirror's own. */
export function servingFromMirror({ observed }: Situation): Step[] {
    // Whoever removed the mirror may have removed what it made.
    const isRemoved = observed.mirror === undefined && observed.workloads !== undefined;
    return [
        // A promotion may have brought back what kept pods from starting at the other site.
        { do: "allow-pods" },
        ...(isRemoved ? ([{ do: "declare-application" }] as const) : []),
        { do: "start-schedules" },
    ];
}

/** A mirror from the site that serves, which makes this one standby in its epoch. */
export function mirrorFrom(situation: Situation, theirs: RoleRecord, way: MirrorWay): Step[] {
    return [
        { do: "delete-schedules" },
        ...copyFrom(theirs.applicationUid!, way),
        { ...recordStep("standby", epochOf(theirs)!), mirrorSource: theirs.applicationUid! },
        ...releaseObsolete(situation, theirs),
    ];
}

/** A mirror, up to its first complete copy. What follows in a plan stands on that: a run may end before it. */
export function copyFrom(sourceUid: string, way: MirrorWay): Step[] {
    return [{ do: "establish-mirror", sourceUid, way }, { do: "await-copy", sourceUid }, { do: "release-replaced" }];
}

/**
 * This site's array remembers mirrors out of it until these are released here. That comes last: an array that refuses
 * must not keep a site from being protected.
 */
function releaseObsolete({ observed }: Situation, theirs: RoleRecord): Step[] {
    const sources = theirs.mirrorKept === true ? [] : (observed.remains?.sources ?? []);
    return sources.length === 0 ? [] : [{ do: "release-sources", sources }];
}

/** Records that this site serves from now on. */
export function recordActive({ configuration }: Situation, epoch: number, began: Beginning, mirrorKept: boolean): Step {
    return { do: "record", role: "active", epoch, began, activeSite: configuration.site, mirrorKept };
}

/** Records the role of a site that does not serve. */
export function recordStep(role: "none" | "standby" | "stood-down" | "displaced", epoch: Epoch): RecordStep {
    return {
        do: "record",
        role,
        epoch: epoch.number,
        began: epoch.began,
        activeSite: epoch.site,
        mirrorKept: false,
    };
}
