import type { Inspection } from "../provider/engine/inspect";
import type { Plan } from "../provider/roles/planner/decision";
import { beginsEpoch, nextEpochNumber } from "../provider/roles/planner/predicates";

/** What a plan does that takes over from the other site. */
export const takeovers: ReadonlySet<Plan["verb"]> = new Set<Plan["verb"]>([
    "take over with a token",
    "take over without a token",
]);

/** That of an interrupted run, or else the next one. */
export function epochToAcknowledge({ own, peer }: Pick<Inspection, "own" | "peer">): number {
    const { underWay } = own;
    return underWay !== undefined && beginsEpoch(underWay) ? underWay.epoch : nextEpochNumber({ own, peer });
}
