import { refuse, type Decision, type Refusal } from "./planner/decision";
import { up } from "./messages/describe";
import type { Situation } from "./situation";

/** What the other applications of the pair are at this site, as far as an order binds them to this one. */
export interface Order {
    /** Those that must serve here first, and do not; each with why, if that is known. */
    notServing: readonly { application: string; why: string }[];
    /** Those that come after this one, and still serve here. */
    stillServing: readonly string[];
}

/**
 * Holds an application back that would take over before those that it comes after, or stand down before those that come
 * after it. A change of roles that was begun is not held back: it has to come to an end.
 */
export function inOrder(decision: Decision, { own, configuration }: Situation, order: Order): Decision {
    if (decision.kind === "refusal" || own.underWay !== undefined) {
        return decision;
    }
    const begins = decision.steps.some((step) => step.do === "claim");
    if (begins && order.notServing.length > 0) {
        return refuseBefore(order.notServing, configuration);
    }
    return decision.verb === "stand down" && order.stillServing.length > 0
        ? refuseAhead(order.stillServing, configuration)
        : decision;
}

function refuseBefore(notServing: Order["notServing"], configuration: Situation["configuration"]): Refusal {
    const { application, site, path } = configuration;
    const names = notServing.map(({ application: name }) => name).join(", ");
    return refuse(
        "others-not-serving",
        [
            `${application} comes after ${names}, which ${notServing.length === 1 ? "does" : "do"} not serve at ${site}`,
            ...notServing.filter(({ why }) => why !== "").map(({ application: name, why }) => `${name}: ${why}`),
            `Nothing was changed for ${application}`,
        ].join(". "),
        [
            `mend what keeps ${names} from serving, which pulumi preview --stack ${site} tells; then ${up(site)}`,
            `to take over without: ${path === undefined ? `take ${names} out of what ${application} comes after` : `pulumi config rm --path '${path}.after' --stack ${site}`}; ${up(site)}`,
        ],
    );
}

function refuseAhead(stillServing: Order["stillServing"], configuration: Situation["configuration"]): Refusal {
    const { application, site } = configuration;
    const names = stillServing.join(", ");
    const one = stillServing.length === 1;
    return refuse(
        "others-still-serve",
        `${names} ${one ? "comes" : "come"} after ${application} and still ${one ? "serves" : "serve"} at ${site}. ${application} goes on serving, nothing was changed for it`,
        [
            `let ${names} stand down at ${site}, which pulumi preview --stack ${site} tells more of; then ${up(site)}`,
            `to stand down before: take ${application} out of what ${names} ${one ? "comes" : "come"} after in the stack of ${site}; ${up(site)}`,
        ],
    );
}
