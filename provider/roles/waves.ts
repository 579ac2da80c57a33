import type { Decision } from "./planner";
import type { Situation } from "./situation";

/** What the other applications of the pair are at this site, as far as an order binds them to this one. */
export interface Order {
    /** Those that must serve here first, and do not; each with why, if that is known. */
    notServing: readonly { application: string; why: string }[];
    /** Those that come after this one, and still serve here. */
    stillServing: readonly string[];
}

/** A wave that is out of its turn; {@link Order} is no business of the role machine itself. */
export type OrderRefusalCode = "others-not-serving" | "others-still-serve";

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
        const names = order.notServing.map(({ application: name }) => name).join(", ");
        return {
            kind: "refusal",
            code: "others-not-serving",
            reason: [
                `${application} comes after ${names}, which ${order.notServing.length === 1 ? "does" : "do"} not serve at ${site}`,
                ...order.notServing
                    .filter(({ why }) => why !== "")
                    .map(({ application: name, why }) => `${name}: ${why}`),
                `Nothing was changed for ${application}`,
            ].join(". "),
            remedies: [
                `bring ${names} to serve at ${site}, then pulumi up again`,
                `take ${names} out of what ${application} comes after, to take over without`,
            ],
        };
    }
    if (decision.verb === "stand down" && order.stillServing.length > 0) {
        const names = order.stillServing.join(", ");
        return {
            kind: "refusal",
            code: "others-still-serve",
            reason: `${names} ${order.stillServing.length === 1 ? "comes" : "come"} after ${application} and still ${order.stillServing.length === 1 ? "serves" : "serve"} at ${site}. ${application} goes on serving, nothing was changed for it`,
            remedies: [
                `let ${names} stand down at ${site}, then pulumi up again`,
                `take ${application} out of what ${names} ${order.stillServing.length === 1 ? "comes" : "come"} after`,
            ],
        };
    }
    return decision;
}
