import type { Message } from "../roles/messages/message";
import type { RefusalCode } from "../roles/planner/decision";
import type { Verb } from "../roles/record";
import { callsOf } from "./explain";
import type { Inspection } from "./inspect";

/** What the next `pulumi up` at a site would do, as a program reads it. */
export type Due =
    | { is: "nothing" }
    /** `verb` is `hold` where the site only differs from what is declared. */
    | { is: "plan"; verb: Verb; calls: readonly string[] }
    | { is: "refusal"; code: RefusalCode; reason: string; remedies: readonly string[] };

export function dueOf(
    { decision, pending }: Pick<Inspection, "decision" | "pending">,
    say: (message: Message) => string,
): Due {
    if (decision.kind === "refusal") {
        const { code, reason, remedies } = decision;
        return { is: "refusal", code, reason: say(reason), remedies: remedies.map(say) };
    }
    return pending.length === 0 ? { is: "nothing" } : { is: "plan", verb: decision.verb, calls: callsOf(pending) };
}
