import type { AcceptedPlan, PlannedPeering } from "../peering/converge";
import type { PeeringInputs } from "../peering/inputs";
import type { MadePeering } from "../peering/remove";
import type { SeenProblem } from "../peering/sight";
import { render } from "../roles/messages/message";
import type { Properties } from "./results";

const schemaVersion = 1;

/** What the state says of a peering, beyond its inputs. */
export interface PeeringOutputs {
    schemaVersion: number;
    /** Name of the site's own cluster. */
    clusterName: string;
    /** Local name of the cluster peer; empty when there is none. */
    clusterPeer: string;
    /** ONTAP's word, `absent`, `none needed`, or `unknown` where it was never seen. */
    clusterPeerState: string;
    svmPeerState: string;
    /** Whether volumes can be mirrored between the two SVMs. */
    peered: boolean;
    /** What the other site must do next, or what is wrong here; empty when nothing. */
    next: string;
    /** Absent as long as nothing was made or adopted. */
    made?: MadePeering;
}

/** A peering that stands as planned. */
export function outputsOf(
    { stacks }: PeeringInputs,
    { observed, plan }: PlannedPeering,
    made: MadePeering,
): PeeringOutputs {
    return {
        schemaVersion,
        clusterName: observed.cluster.name,
        ...plan.link,
        next: render(plan.next, stacks),
        made: { ...made },
    };
}

/**
 * A peering with a problem. Never more than is known: what was seen to be wrong is not peered, and what could not be seen
 * stays as it was. Either way the next run looks again.
 *
 * @param before what the state says of it; nothing of one that is new
 */
export function outputsWithProblem(
    { observed, planned }: SeenProblem,
    before: Properties | undefined,
    told: string,
): PeeringOutputs {
    const { made: _made, ...known } = { ...neverSeen, next: told, ...outputsIn(before) };
    const made = isSettled(before) ? { made: madeOf(before) } : {};
    return observed === undefined
        ? { ...known, ...made }
        : { ...known, clusterName: observed.cluster.name, ...planned?.plan.link, peered: false, next: told, ...made };
}

const neverSeen = {
    schemaVersion,
    clusterName: "",
    clusterPeer: "",
    clusterPeerState: "unknown",
    svmPeerState: "unknown",
    peered: false,
};

function outputsIn(before: Properties | undefined): Partial<PeeringOutputs> {
    const names = [...Object.keys(neverSeen), "next"];
    return Object.fromEntries(Object.entries(before ?? {}).filter(([name]) => names.includes(name)));
}

/** Whether something was made or adopted: from then on the peering is this resource's. */
export function isSettled(before: Properties | undefined): boolean {
    return before?.made !== undefined;
}

export function madeOf(before: Properties | undefined): MadePeering {
    const made = (before?.made ?? {}) as Partial<MadePeering>;
    return { clusterPeer: made.clusterPeer === true, svmPeer: made.svmPeer === true };
}

export const notMade: MadePeering = { clusterPeer: false, svmPeer: false };

/** Whatever is not there at the start is this resource's own. */
export function withWhatIsMissing(made: MadePeering, { link }: AcceptedPlan): MadePeering {
    const { clusterPeerState, svmPeerState } = link;
    return {
        clusterPeer: made.clusterPeer || clusterPeerState === "absent",
        svmPeer: made.svmPeer || svmPeerState === "absent" || svmPeerState === "pending",
    };
}
