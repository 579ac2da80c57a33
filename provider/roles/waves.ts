import { refuse, type Decision, type Refusal } from "./planner/decision";
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
    const { application, site } = configuration;
    const begins = decision.steps.some((step) => step.do === "claim");
    if (begins && order.notServing.length > 0) {
        return refuseBefore(order.notServing, application, site);
    }
    return decision.verb === "stand down" && order.stillServing.length > 0
        ? refuseAhead(order.stillServing, application, site)
        : decision;
}

function refuseBefore(notServing: Order["notServing"], application: string, site: string): Refusal {
    const names = notServing.map(({ application: name }) => name).join(", ");
    return refuse(
        "others-not-serving",
        [
            `${application} comes after ${names}, which ${notServing.length === 1 ? "does" : "do"} not serve at ${site}`,
            ...notServing.filter(({ why }) => why !== "").map(({ application: name, why }) => `${name}: ${why}`),
            `Nothing was changed for ${application}`,
        ].join(". "),
        [
            `bring ${names} to serve at ${site}, then pulumi up again`,
            `take ${names} out of what ${application} comes after, to take over without`,
        ],
    );
}

function refuseAhead(stillServing: Order["stillServing"], application: string, site: string): Refusal {
    const names = stillServing.join(", ");
    const one = stillServing.length === 1;
    return refuse(
        "others-still-serve",
        `${names} ${one ? "comes" : "come"} after ${application} and still ${one ? "serves" : "serve"} at ${site}. ${application} goes on serving, nothing was changed for it`,
        [
            `let ${names} stand down at ${site}, then pulumi up again`,
            `take ${application} out of what ${names} ${one ? "comes" : "come"} after`,
        ],
    );
}
