import { describeSites } from "./describe";
import { stepsAhead } from "./anticipate";
import type { Request, Step, Values } from "./step";
import { acknowledgements, both, type ItemView } from "./view";

/** What a person accepts for one item by agreeing to its plan: each acknowledgement with its site and its value. */
export type Agreed = ReadonlySet<string>;

/** What the plan of an item acknowledges up to its end, and what is acknowledged in the configuration already. */
export function agreedFor(request: Request, view: ItemView): Agreed {
    const planned = stepsAhead(request, view).flatMap((step) =>
        step.do === "set" ? acknowledgedIn(step.site, step.values) : [],
    );
    const configured = both(view).flatMap((site) => acknowledgedIn(site.name, site.configured));
    return new Set([...planned, ...configured]);
}

/** Why a step may not be taken: it acknowledges an epoch, or a loss, that was not in the plan. */
export function faultOfStep(step: Step, view: ItemView, agreed: Agreed): string | undefined {
    if (step.do !== "set" && step.do !== "run") {
        return undefined;
    }
    const values = step.do === "set" ? step.values : view.sites[step.site]!.configured;
    const unseen = acknowledgedIn(step.site, values).find((one) => !agreed.has(one));
    return unseen === undefined
        ? undefined
        : `the sites have changed since the plan was shown: ${describeSites(view)}. It would take ${unseen}, which was not in that plan; the same command shows the present one`;
}

function acknowledgedIn(site: string, values: Values): string[] {
    return acknowledgements.flatMap((key) =>
        values[key] === undefined ? [] : [`${key}: ${String(values[key])} at ${site}`],
    );
}
