import { decideRejoin } from "./rejoin";
import type { Request, Step } from "./step";
import { decideSwitch } from "./switch";
import { type AtSite, compareSites, isSettled, type ItemView, otherThan } from "./view";

/** As it was before a takeover: the site that was taken over from rejoins, and is then switched back to. */
export function decideFailback(request: Request, view: ItemView): Step {
    const home = view.sites[request.to]!;
    const away = otherThan(view, request.to);
    return isBehind(home, away) ? decideRejoin({ ...request, to: away.name }, view) : decideSwitch(request, view);
}

/** Whether the site that took over serves, and the other one does not follow it yet. */
function isBehind(home: AtSite, away: AtSite): boolean {
    return away.role === "active" && compareSites(away, home) >= 0 && !isSettled(away, home) && !isLeavingService(away);
}

/** It is handing over already: the way back is under way. */
function isLeavingService({ underWay }: AtSite): boolean {
    return underWay?.verb === "stand down";
}
