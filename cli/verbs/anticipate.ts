import { decide } from "./decide";
import type { Request, Step } from "./step";
import { type AtSite, compareSites, type ItemView } from "./view";

/** More steps than any verb takes: one that takes more gets nowhere. */
export const mostSteps = 24;

/** All that a verb still does to an item if nothing gets in its way, in order, up to its end. */
export function stepsAhead(request: Request, view: ItemView): Step[] {
    const steps: Step[] = [];
    let at = view;
    while (steps.length < mostSteps) {
        const step = decide(request, at);
        steps.push(step);
        if (step.do !== "set" && step.do !== "run") {
            break;
        }
        at = anticipate(at, step);
    }
    return steps;
}

/** Where an item stands after a step that went well. What a run really does is up to the planner; this says it ahead. */
export function anticipate(view: ItemView, step: Step): ItemView {
    if (step.do === "set") {
        const site = view.sites[step.site]!;
        return withSite(view, { ...site, configured: { ...site.configured, ...step.values } });
    }
    return step.do === "run" ? afterRun(view, view.sites[step.site]!) : view;
}

function afterRun(view: ItemView, site: AtSite): ItemView {
    const peer = view.sites[site.peer]!;
    const change = changeOf(site, peer);
    const isChanged = change !== undefined;
    const { underWay, ...rest } = site;
    const after: AtSite = isChanged
        ? { ...rest, ...change, serial: site.serial + 1, caughtUp: true }
        : { ...rest, ...(underWay === undefined ? {} : { underWay }), caughtUp: true };
    return withSite(withSite(view, after), isChanged ? { ...peer, caughtUp: false } : peer);
}

type Change = Partial<Pick<AtSite, "role" | "epoch" | "began" | "activeSite" | "mirrorKept">>;

/** What a run makes of a site that is asked to be what its configuration says. */
function changeOf(site: AtSite, peer: AtSite): Change | undefined {
    if (site.configured.unprotect === true) {
        return site.role === "none" ? undefined : { role: "none", mirrorKept: false };
    }
    return site.configured.active === site.name ? serving(site, peer) : following(site, peer);
}

function serving(site: AtSite, peer: AtSite): Change | undefined {
    const next = Math.max(site.epoch, peer.epoch) + 1;
    const begin = (began: AtSite["began"], mirrorKept = false): Change => ({
        role: "active",
        epoch: next,
        began,
        activeSite: site.name,
        mirrorKept,
    });
    switch (site.role) {
        case "standby":
            return site.configured.takeover === next ? begin("takeover", true) : begin("token");
        case "stood-down":
            return isTakenOver(site, peer) ? begin("discard") : begin("back");
        case "displaced":
            return begin("discard");
        case "active":
            if (isTakenOver(site, peer)) {
                return begin("discard", site.mirrorKept);
            }
            return site.mirrorKept && peer.role !== "active" && peer.role !== "standby"
                ? { mirrorKept: false }
                : undefined;
        default:
            return begin("init");
    }
}

function following(site: AtSite, peer: AtSite): Change | undefined {
    const follow: Change = {
        role: "standby",
        epoch: peer.epoch,
        began: peer.began,
        activeSite: peer.activeSite,
        mirrorKept: false,
    };
    if (!isTakenOver(site, peer)) {
        return site.role === "active"
            ? { role: "stood-down" }
            : site.role === "none" && peer.role === "active"
              ? follow
              : undefined;
    }
    const aside: Change = { ...follow, role: "displaced" };
    if (site.role === "active") {
        return site.configured.discard === `${site.name}@${site.epoch}` ? follow : aside;
    }
    return site.role === "stood-down" && peer.began === "takeover" && peer.mirrorKept
        ? aside
        : peer.mirrorKept
          ? undefined
          : follow;
}

function isTakenOver(site: AtSite, peer: AtSite): boolean {
    return peer.role === "active" && compareSites(peer, site) >= 0 && !(site.role === "active" && isSame(site, peer));
}

function isSame(site: AtSite, peer: AtSite): boolean {
    return site.epoch === peer.epoch && site.activeSite === peer.activeSite;
}

function withSite(view: ItemView, site: AtSite): ItemView {
    return { ...view, sites: { ...view.sites, [site.name]: site } };
}
