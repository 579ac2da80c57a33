import { describeSites } from "./describe";
import { command } from "./step";
import {
    type AtSite,
    both,
    compareSites,
    isSettled,
    type ItemView,
    namesOf,
    otherThan,
    servingSite,
    type Verb,
} from "./view";

/** The site that a verb leads to, or why that cannot be told. */
export type Aim = { readonly to: string } | { readonly refusal: string };

/**
 * Where a verb leads that a person typed without `--to`. One that is under way leads where it led when it began: that is
 * why the same command resumes it.
 */
export function aimOf(verb: Verb, view: ItemView): Aim {
    switch (verb) {
        case "switch":
            return aimOfSwitch(view);
        case "failover":
            return aimOfFailover(view);
        case "rejoin":
            return aimOfRejoin(view);
        case "resync":
            return aimOfResync(view);
        case "failback":
            return aimOfFailback(view);
        case "unprotect":
            return { to: servingSite(view)?.name ?? namesOf(view)[0] };
    }
}

function aimOfSwitch(view: ItemView): Aim {
    const settled = settledSites(view);
    if (settled !== undefined) {
        return { to: settled.standby.name };
    }
    const down = both(view).find(({ role }) => role === "stood-down");
    const serving = servingSite(view);
    if (serving !== undefined) {
        const isLeaving = serving.underWay?.verb === "stand down" || serving.configured.active !== serving.name;
        return { to: isLeaving ? serving.peer : serving.name };
    }
    if (down === undefined) {
        return { refusal: `${describeSites(view)}: neither site serves ${view.item}, so nothing can be switched` };
    }
    const wanted = both(view).map(({ configured }) => configured.active);
    return { to: wanted.every((active) => active === down.name) ? down.name : down.peer };
}

function aimOfFailover(view: ItemView): Aim {
    const settled = settledSites(view);
    if (settled !== undefined) {
        return { to: settled.standby.name };
    }
    const [first, second] = both(view);
    const standby = [first, second].filter(({ role }) => role === "standby");
    const serving = servingSite(view);
    if (standby.length === 1 && (serving === undefined || compareSites(standby[0]!, serving) >= 0)) {
        return { to: standby[0]!.name };
    }
    return serving === undefined
        ? { refusal: `${describeSites(view)}: name the site that is to serve with --to` }
        : { to: serving.name };
}

function aimOfRejoin(view: ItemView): Aim {
    const serving = servingSite(view);
    return serving === undefined
        ? { refusal: `${describeSites(view)}: neither site serves ${view.item}, so nothing can follow it` }
        : { to: serving.name };
}

function aimOfResync(view: ItemView): Aim {
    const serving = servingSite(view);
    if (serving === undefined) {
        return { refusal: `${describeSites(view)}: neither site serves ${view.item}; there is nothing to discard` };
    }
    if (serving.began === "discard") {
        return { to: serving.name };
    }
    return isSettled(serving, otherThan(view, serving.name))
        ? {
              refusal: `${describeSites(view)}: the sites agree, and there is nothing to discard; ${command("switch", view)} has it served at ${serving.peer}`,
          }
        : { to: serving.peer };
}

/** Home is the site that was taken over from, the last time that happened. */
function aimOfFailback(view: ItemView): Aim {
    const tookOver = both(view)
        .filter(({ tookOverAt }) => tookOverAt !== undefined)
        .sort((left, right) => Date.parse(right.tookOverAt!) - Date.parse(left.tookOverAt!))[0];
    return tookOver === undefined
        ? {
              refusal: `${describeSites(view)}: neither site ever took over from the other one, so there is nothing to go back from; ${command("switch", view)} has it served at the other site`,
          }
        : { to: tookOver.peer };
}

function settledSites(view: ItemView): { serving: AtSite; standby: AtSite } | undefined {
    const [first, second] = both(view);
    if (isSettled(first, second)) {
        return { serving: first, standby: second };
    }
    return isSettled(second, first) ? { serving: second, standby: first } : undefined;
}
