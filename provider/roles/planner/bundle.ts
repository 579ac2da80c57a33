import { text } from "../messages/message";
import { upCommand } from "../messages/commands";
import type { RoleRecord } from "../record";
import type { Situation } from "../situation";
import type { Decision, Plan } from "./decision";
import { isLeaving } from "./predicates";

/**
 * Leaves at the site what a takeover without Pulumi goes by, and takes it away when the item leaves the mirror. It comes
 * last: nothing waits for it, a takeover least of all. A site without a role cannot take over, and has none.
 */
export function withBundle({ own, observed, configuration }: Situation, decision: Decision): Decision {
    const { bundle } = observed;
    if (decision.kind === "refusal" || bundle === undefined) {
        return decision;
    }
    if ("unknown" in bundle) {
        const { item, site } = configuration;
        const note = text`what a takeover of ${item} without Pulumi goes by cannot be read at ${site} (${bundle.unknown}), and stays as it is; the next ${upCommand(site)} that can read it brings it up to date`;
        return { ...decision, notes: [...decision.notes, note] };
    }
    if (isLeaving(decision)) {
        return bundle.found ? { ...decision, steps: [...decision.steps, { do: "remove-bundle" }] } : decision;
    }
    const role = roleAfter(decision, own);
    return role === "none" ? decision : { ...decision, steps: [...decision.steps, { do: "keep-bundle", role }] };
}

function roleAfter({ steps }: Plan, own: RoleRecord): RoleRecord["role"] {
    return steps.filter((step) => step.do === "record").at(-1)?.role ?? own.role;
}
