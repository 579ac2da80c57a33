import { decideFailback } from "./failback";
import { decideFailover } from "./failover";
import { decideRejoin } from "./rejoin";
import { decideResync } from "./resync";
import { refuse, type Request, type Step } from "./step";
import { decideSwitch } from "./switch";
import { decideUnprotect } from "./unprotect";
import { both, type ItemView, type Verb } from "./view";

/**
 * What is next for an item: one change of configuration, one run at one site, or the end. It goes by what both sites
 * are, and by nothing that an earlier call has done: whoever is interrupted asks again.
 */
export function decide(request: Request, view: ItemView): Step {
    return standsInTheWay(request.verb, view) ?? deciders[request.verb](request, view);
}

const deciders: Readonly<Record<Verb, (request: Request, view: ItemView) => Step>> = {
    switch: decideSwitch,
    failover: decideFailover,
    rejoin: decideRejoin,
    resync: decideResync,
    failback: decideFailback,
    unprotect: decideUnprotect,
};

/** What keeps an item from every verb, or from all but one. */
function standsInTheWay(verb: Verb, view: ItemView): Step | undefined {
    const sites = both(view);
    const torn = sites.find(({ unreadable }) => unreadable !== undefined);
    if (torn !== undefined && verb !== "failover") {
        return refuse(
            `what ${torn.name} published of ${view.item} cannot be read (${torn.unreadable}): run pulumi up there, then this again`,
        );
    }
    const letGo = sites.find(({ unmanaged, configured }) => unmanaged || configured.unmanage === true);
    if (letGo !== undefined) {
        return refuse(
            `${view.item} is let go of at ${letGo.name}: to have it managed again, set unmanage to false and adopt to true for it at both sites, and run pulumi up there`,
        );
    }
    const leaving = sites.find(({ configured }) => configured.unprotect === true);
    if (leaving !== undefined && verb !== "unprotect") {
        return refuse(
            `${view.item} leaves the mirror, or has left it (unprotect at ${leaving.name}): trident-dr unprotect ${view.item} finishes that; to protect it again, set unprotect to false for it at both sites, and run pulumi up there`,
        );
    }
    return sites.every(({ role, epoch }) => role === "none" && epoch === 0)
        ? refuse(`${view.item} is not set up at either site yet: run pulumi up at both, the serving one first`)
        : undefined;
}
