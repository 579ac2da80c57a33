import { describeSites } from "./describe";
import { command, first, refuse, type Request, run, setting, settle, type Step, type Values } from "./step";
import { type AtSite, compareSites, isSettled, type ItemView, otherThan } from "./view";

/**
 * Both sites are up, and nothing is lost: the serving site hands over, the other one takes over with its token, and the
 * first one follows. Calling it off while nobody has taken over is the same verb back to where it was.
 */
export function decideSwitch({ to, accept }: Request, view: ItemView): Step {
    const target = view.sites[to]!;
    const other = otherThan(view, to);
    const refusal = unfit(target, other, view) ?? leftFromBefore(target, other, accept, view);
    if (refusal !== undefined) {
        return refusal;
    }
    if (follows(target, other)) {
        return run(target.name, "follow to the epoch of the other site");
    }
    return first(
        setting(view, other.name, { active: to, ...consents(accept, target, other) }),
        setting(view, target.name, { active: to }),
        stage(target, other),
        settle(view, target.name, other.name),
    );
}

/** Which site acts next, once both know where the item is to be served. */
function stage(target: AtSite, other: AtSite): Step | undefined {
    if (target.role === "active" && compareSites(target, other) >= 0) {
        return isSettled(target, other) ? undefined : joining(other);
    }
    if (other.role === "active") {
        return run(other.name, "stand down");
    }
    return target.role === "stood-down"
        ? run(target.name, "change of mind")
        : run(target.name, "take over with a token");
}

/** The site that served becomes standby; a copy that takes long goes on by itself. */
export function joining(site: AtSite): Step {
    return site.establishing && site.caughtUp
        ? {
              do: "wait",
              site: site.name,
              why: `${site.name} copies, which goes on by itself; it cannot take over before that is complete`,
          }
        : run(site.name, site.role === "none" ? "become standby" : "rejoin");
}

/** Nothing hands over to a site that has not followed yet. */
function follows(target: AtSite, other: AtSite): boolean {
    return other.role === "active" && target.role === "standby" && compareSites(other, target) > 0;
}

function unfit(target: AtSite, other: AtSite, view: ItemView): Step | undefined {
    const split = [target, other].find(
        ({ role, underWay }) => role === "displaced" || underWay?.verb === "take over without a token",
    );
    if (split?.underWay?.verb === "take over without a token") {
        return refuse(
            `${describeSites(view)}: a takeover without a token is under way, and no switch; go on with it: ${command("failover", view, split.name)}`,
        );
    }
    if (split !== undefined || (target.role === "active" && other.role === "active")) {
        return refuse(
            `${describeSites(view)}: there was a takeover, and the sites have parted; ${command("rejoin", view)} keeps what the site wrote that took over, ${command("resync", view)} what the other one has`,
        );
    }
    const out = [target, other].find(({ role, establishing }) => role === "none" && !establishing);
    if (out !== undefined) {
        return refuse(
            `${describeSites(view)}: ${out.name} does not mirror ${view.item} yet; run pulumi up there first`,
        );
    }
    const served = [target, other].some(({ role }) => role === "active");
    const handedOver = [target, other].some(({ role }) => role === "stood-down");
    if (!served && !handedOver) {
        return refuse(
            `${describeSites(view)}: neither site serves ${view.item}; ${command("failover", view, target.name)} has ${target.name} serve`,
        );
    }
    return target.establishing && other.role === "active"
        ? refuse(
              `${describeSites(view)}: nothing can be handed over to ${target.name} before its copy is complete; pulumi preview there shows how far it is`,
          )
        : undefined;
}

/** What was accepted for another change must not govern this one. */
function leftFromBefore(target: AtSite, other: AtSite, { lag }: Request["accept"], view: ItemView): Step | undefined {
    const { takeover, recoverTo } = target.configured;
    const isNext = takeover === Math.max(target.epoch, other.epoch) + 1;
    if (target.role === "standby" && (isNext || recoverTo !== undefined)) {
        const keys = [
            ...(isNext ? (["takeover"] as const) : []),
            ...(recoverTo === undefined ? [] : (["recoverTo"] as const)),
        ];
        return refuse(
            `${describeSites(view)}: a takeover with loss is configured at ${target.name} (${keys.map((key) => `${key}: ${target.configured[key]}`).join(", ")}), and a switch loses nothing; remove it first`,
            ...keys.map((key) => ({ site: target.name, key })),
        );
    }
    const handsOver = other.role === "active" && other.underWay?.verb !== "stand down" && target.role !== "active";
    return handsOver && lag === undefined && other.configured.lag !== undefined
        ? refuse(
              `${describeSites(view)}: a copy that is behind is accepted at ${other.name} from before (lag: ${other.configured.lag}); accept it anew with --lag, or remove it first`,
              { site: other.name, key: "lag" },
          )
        : undefined;
}

/** Consents go to the site that hands over, and a full copy to the same site once it follows. */
function consents({ lag, warnings, fullCopy }: Request["accept"], target: AtSite, other: AtSite): Values {
    if (other.role === "active") {
        return { ...(lag === undefined ? {} : { lag }), ...(warnings === true ? { warnings: other.epoch } : {}) };
    }
    return fullCopy === true && target.role === "active" && !isSettled(target, other) ? { fullCopy: target.epoch } : {};
}
