import { describeRole } from "../../provider/roles/messages/describe";
import { type AtSite, both, type ItemView } from "./view";

/** What both sites are, in words. */
export function describeSites(view: ItemView): string {
    return both(view).map(describeSite).join(", ");
}

export function describeSite(site: AtSite): string {
    const is = site.unreadable === undefined ? describeRole(site) : "unknown";
    const midway =
        site.underWay === undefined ? "" : ` (${site.underWay.verb}, epoch ${site.underWay.epoch}, under way)`;
    return `${site.name} is ${is}${midway}${site.establishing ? " (its copy is not complete)" : ""}`;
}
