import type { Situation } from "../situation";
import type { Decision } from "./decision";
import { isLeaving } from "./predicates";

/**
 * A site's first role begins once what it stands on can be used, so that a failure is reported there. A site that has a
 * role already waits for no status: a takeover must not.
 */
export function withPrerequisites({ own }: Situation, decision: Decision): Decision {
    if (decision.kind === "refusal" || own.role !== "none" || isLeaving(decision)) {
        return decision;
    }
    const forMirror = decision.steps.some((step) => step.do === "establish-mirror");
    return { ...decision, steps: [{ do: "await-prerequisites", forMirror }, ...decision.steps] };
}
