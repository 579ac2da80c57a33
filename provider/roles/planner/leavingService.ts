import type { Situation } from "../situation";
import type { Refusal } from "./decision";
import { tookOver } from "./predicates";
import { refuseTakenOver } from "./refusals";
import { refuseResumed } from "./resumedMirror";

/** Why a site that serves cannot leave yet, whichever way: it was taken over from, or its own mirror was set going again. */
export function refuseLeavingService(situation: Situation): Refusal | undefined {
    const newer = tookOver(situation);
    return newer === undefined ? refuseResumed(situation) : refuseTakenOver(situation, newer);
}
