import { describeSites } from "./describe";
import { first, refuse, type Request, run, setting, settle, type Step } from "./step";
import { both, type ItemView, servingSite } from "./view";

/** The item leaves the mirror at both sites, the one that serves first; what serves goes on serving. */
export function decideUnprotect(_request: Request, view: ItemView): Step {
    const serving = servingSite(view);
    const sites = both(view).sort((left, right) => Number(right === serving) - Number(left === serving));
    const midway = sites.find(({ role }) => role === "stood-down" || role === "displaced");
    if (
        midway !== undefined &&
        sites.some(({ role, configured }) => role !== "none" && configured.unprotect !== true)
    ) {
        return refuse(
            `${describeSites(view)}: a role change is in progress; finish it first: ${midway.role === "displaced" ? "trident-dr rejoin" : "trident-dr switch"} ${view.item}`,
        );
    }
    const member = sites.find(({ role }) => role !== "none");
    return first(
        ...sites.map(({ name }) => setting(view, name, { unprotect: true })),
        member && run(member.name, "abandon"),
        settle(view, ...sites.map(({ name }) => name)),
    );
}
