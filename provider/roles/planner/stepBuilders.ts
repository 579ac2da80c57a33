import type { Beginning, Epoch } from "../epoch";
import { epochOf, type HandOverToken, type RoleRecord, type Verb } from "../record";
import type { Situation } from "../situation";
import type { ClaimVault, MirrorWay, Step } from "../steps";

/** The intent is written down first, so that a claim is never left behind by a run of which nothing is known. */
export function begin(verb: Verb, epoch: Epoch, vaults: readonly ClaimVault[], token?: HandOverToken): Step[] {
    return [
        { ...mark(verb, epoch), ...(token === undefined ? {} : { token }) },
        { do: "claim", epoch: epoch.number, began: epoch.began, vaults },
    ];
}

/** The intent, before anything is done: a run that is cut off is finished by it. */
export function mark(verb: Verb, epoch: Epoch): MarkStep {
    return { do: "mark", verb, epoch: epoch.number, began: epoch.began };
}

type MarkStep = Extract<Step, { do: "mark" }>;

/** What a site that serves has to have; each part is there already or is made. */
export function serving(epoch: number): Step[] {
    return [{ do: "declare-application" }, { do: "take-base-snapshot", epoch }, { do: "start-schedules" }];
}

/** A mirror from the site that serves, by which this one is standby in its epoch. */
export function mirrorFrom(situation: Situation, theirs: RoleRecord, way: MirrorWay): Step[] {
    return [
        { do: "delete-schedules" },
        { do: "establish-mirror", sourceUid: theirs.applicationUid!, way },
        recordStep("standby", epochOf(theirs)!),
        ...releasePassed(situation, theirs),
    ];
}

/**
 * The own array remembers mirrors out of here until it is told that the other site has removed them. It comes last: an
 * array that does not take it keeps no site from being protected.
 */
function releasePassed({ observed }: Situation, theirs: RoleRecord): Step[] {
    const sources = theirs.mirrorKept === true ? [] : (observed.remains?.sources ?? []);
    return sources.length === 0 ? [] : [{ do: "release-sources", sources }];
}

/** What this site is from then on, the one that serves. */
export function recordActive(situation: Situation, epoch: number, began: Beginning, mirrorKept: boolean): Step {
    return { do: "record", role: "active", epoch, began, activeSite: situation.configuration.site, mirrorKept };
}

/** What this site is from then on, one that does not serve. */
export function recordStep(role: "none" | "standby" | "stood-down" | "displaced", epoch: Epoch): Step {
    return {
        do: "record",
        role,
        epoch: epoch.number,
        began: epoch.began,
        activeSite: epoch.site,
        mirrorKept: false,
    };
}
