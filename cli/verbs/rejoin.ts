import { describeSites } from "./describe";
import { command, first, refuse, type Request, run, setting, settle, type Step } from "./step";
import { joining } from "./switch";
import { type AtSite, compareSites, isSettled, type ItemView, otherThan } from "./view";

/**
 * A site took over, and the other one is back: it stands aside, counts what it wrote since, and becomes the standby site.
 * What the site wrote that took over is kept.
 */
export function decideRejoin({ to, accept }: Request, view: ItemView): Step {
    const serving = view.sites[to]!;
    const returned = otherThan(view, to);
    if (serving.role !== "active" || compareSites(serving, returned) < 0) {
        return refuse(`${describeSites(view)}: ${to} does not serve ${view.item} by now, so nothing can follow it`);
    }
    if (serving.underWay !== undefined && serving.underWay.verb !== "release the mirror") {
        return refuse(
            `${describeSites(view)}: ${to} is in the middle of another change; pulumi up there finishes it, then ${command("rejoin", view)} again`,
        );
    }
    const wantsConsent = accept.fullCopy === true && !isSettled(serving, returned);
    return first(
        setting(view, returned.name, { active: to, ...(wantsConsent ? { fullCopy: serving.epoch } : {}) }),
        setting(view, to, { active: to }),
        stage(serving, returned),
        settle(view, to, returned.name),
    );
}

/** The returned site stands aside first; only then is the mirror released that the other one had kept. */
function stage(serving: AtSite, returned: AtSite): Step | undefined {
    if (isSettled(serving, returned)) {
        return undefined;
    }
    if (returned.role === "active") {
        return run(returned.name, "stand aside");
    }
    return serving.mirrorKept && returned.underWay?.verb !== "rejoin"
        ? releasing(serving, returned)
        : joining(returned);
}

/** One that stood down before the other site took over without its last writes stands aside as well. */
function releasing(serving: AtSite, returned: AtSite): Step {
    return returned.role === "stood-down" && serving.began === "takeover"
        ? run(returned.name, "stand aside")
        : run(serving.name, "release the mirror");
}
