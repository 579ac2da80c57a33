import type { Situation } from "../situation";
import type { Step } from "../steps";
import type { Decision } from "./decision";

/**
 * Declared ExecHooks are where the item is served, before the first snapshot that is taken there, and nowhere else. What
 * a promotion brings of the other site's is put in order by that, and what Trident Protect removes at a site that
 * follows is there again once that site serves.
 */
export function withHooks({ observed }: Situation, decision: Decision): Decision {
    if (decision.kind === "refusal" || observed.declaresHooks !== true) {
        return decision;
    }
    const first = decision.steps.findIndex(isOfService);
    const steps = decision.steps.flatMap((step, index): Step[] => [
        ...(index === first ? [{ do: "declare-hooks" } as const] : []),
        step,
        ...(step.do === "delete-schedules" ? [{ ...step, do: "delete-hooks" } as const] : []),
    ]);
    return { ...decision, steps };
}

function isOfService(step: Step): boolean {
    return step.do === "take-base-snapshot" || step.do === "start-schedules";
}
