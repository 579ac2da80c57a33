import { OntapError } from "../clients/ontap";
import { messageOf, type Message } from "../roles/messages/message";
import type { PlannedPeering } from "./converge";
import type { PeeringInputs } from "./inputs";
import type { ObservedPeering } from "./peeringPlan";
import { planPeering } from "./plan";
import { refuseAdoption } from "./refusals";
import type { Stance } from "./stance";
import { leftForLater, notSeen } from "./warnings";

/** What a look at the own array came to: a plan that can be carried out, or a problem. */
export type Sight = { problem?: undefined; planned: PlannedPeering } | SeenProblem;

export interface SeenProblem {
    problem: Message;
    /** What the array showed; absent where it did not answer. */
    observed?: ObservedPeering;
    /** What is left for later; absent where there is no plan. */
    planned?: PlannedPeering;
}

/** @param isSettled whether something was made or adopted before: from then on the peering is this resource's */
export function sightOf(
    observed: ObservedPeering | OntapError,
    desired: PeeringInputs,
    { stance, isSettled }: { stance: Stance; isSettled: boolean },
): Sight {
    if (observed instanceof OntapError) {
        return { problem: notSeen(messageOf(observed)) };
    }
    const plan = planPeering(observed, desired);
    if (plan.refusal !== undefined) {
        return { problem: plan.refusal, observed };
    }
    const adoption = isSettled ? undefined : refuseAdoption(plan.link.clusterPeer, desired);
    if (adoption !== undefined) {
        return { problem: adoption, observed };
    }
    const planned = { observed, plan };
    return stance === "deferred" && plan.steps.length > 0
        ? { problem: leftForLater(plan, desired), observed, planned }
        : { planned };
}
