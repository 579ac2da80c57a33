import { upCommand } from "../messages/commands";
import { join, text } from "../messages/message";
import type { Foreign, ForeignObject, Situation } from "../situation";
import type { Step } from "../steps";
import { refuse, type Decision, type Plan, type Refusal } from "./decision";
import { wasUnmanaged } from "./predicates";
import { mark } from "./stepBuilders";

/**
 * A site's first mirror must not take over what somebody else created, unless the configuration allows it. That there
 * was nothing of the kind is written down before anything is created, so that the run after an interrupted one
 * recognises its own.
 */
export function withoutForeign({ own, configuration, observed }: Situation, decision: Decision): Decision {
    const { foreign } = observed;
    const isFirst = own.role === "none" && own.underWay === undefined;
    if (foreign === undefined || !isFirst || decision.kind === "refusal" || !mirrors(decision)) {
        return decision;
    }
    return foreign.found.length > 0 ? refuseForeign(foreign, configuration.site) : markedFirst(decision);
}

/**
 * A site's first role must not rewrite what somebody else created under a name of ours, unless the configuration lets it
 * be adopted; nor must that of a site that let go of what was its own. Otherwise there is no telling later: an Application
 * that Trident Protect made for a mirror need not have our label.
 */
export function withoutForeignObjects({ own, configuration, observed }: Situation, decision: Decision): Decision {
    const { foreignObjects: found = [] } = observed;
    const isFirst = own.role === "none" && (own.epoch === 0 || wasUnmanaged(own)) && own.underWay === undefined;
    if (!isFirst || found.length === 0 || decision.kind === "refusal" || !creates(decision)) {
        return decision;
    }
    const others = found.filter(({ of, differs }) => of !== undefined || differs !== undefined);
    if (others.length > 0) {
        return refuseOthers(others, configuration);
    }
    if (observed.adopts === true) {
        return { ...decision, steps: [{ do: "adopt-objects" }, ...decision.steps.map(asAdopted)] };
    }
    const { item, site } = configuration;
    const names = found.map(({ what }) => what).join(", ");
    return refuse(
        "not-ours",
        `${site}: ${names} ${found.length === 1 ? "exists" : "exist"} already, and somebody else created ${found.length === 1 ? "it" : "them"}: expected none, or the label of ${item}. Nothing was changed`,
        [
            text`to let ${item} take ${found.length === 1 ? "it" : "them"} over: set adopt: true of ${item} at ${site}; or ${found.flatMap(({ takeOver }) => takeOver ?? []).join("; ")}; ${upCommand(site)}`,
            text`otherwise remove ${names}, or give ${item} another name; then ${upCommand(site)}`,
        ],
    );
}

/** What belongs to another application, or can never be as it is declared, is not taken over, whatever may be adopted. */
function refuseOthers(others: readonly ForeignObject[], { item, site }: Situation["configuration"]): Refusal {
    const told = others.map(({ what, of, differs }) =>
        of === undefined
            ? `${what} exists, and ${differs}; it cannot be changed`
            : `${what} belongs to the Application ${of}`,
    );
    return refuse(
        "not-ours",
        `${site}: ${told.join("; ")}; expected none of that name, or one of ${item} as it is declared. Nothing was changed`,
        [
            text`declare it as it is; or give what ${item} declares another name (name, names, schedules, hooks), at both sites; then ${upCommand(site)}`,
        ],
    );
}

/** What is adopted first is ours by then, and goes with what is. */
function asAdopted(step: Step): Step {
    return step.do === "delete-schedules" ? { ...step, adopted: true } : step;
}

function creates({ steps }: Plan): boolean {
    return steps.some((step) => step.do === "establish-mirror" || step.do === "declare-application");
}

function mirrors({ steps }: Plan): boolean {
    return steps.some((step) => step.do === "establish-mirror");
}

function markedFirst(plan: Plan): Plan {
    const recorded = plan.steps.find((step) => step.do === "record");
    if (recorded === undefined || plan.steps[0]?.do === "mark") {
        return plan;
    }
    const { epoch: number, began, activeSite } = recorded;
    return { ...plan, steps: [mark(plan.verb, { number, began, site: activeSite }), ...plan.steps] };
}

function refuseForeign({ found, adopt }: Foreign, site: string): Refusal {
    return refuse("not-ours", text`${site}: ${join(found, "; ")}. Nothing was changed`, [
        adopt
            ? text`declare it as it is, or remove it; then ${upCommand(site)}`
            : text`set adopt: true to adopt what matches its declaration, or remove it; then ${upCommand(site)}`,
    ]);
}
