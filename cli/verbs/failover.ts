import { describeSites } from "./describe";
import { command, first, refuse, type Request, run, setting, settle, type Step } from "./step";
import { type AtSite, compareSites, isSettled, type ItemView, otherThan } from "./view";

/**
 * The serving site is lost: the other one takes over at its recovery point. Nothing is done at the lost site, neither to
 * it nor to its stack.
 */
export function decideFailover({ to, accept: { recoverTo } }: Request, view: ItemView): Step {
    const target = view.sites[to]!;
    const other = otherThan(view, to);
    if (target.role === "active" && target.underWay === undefined) {
        return isSettled(target, other)
            ? refuse(
                  `${describeSites(view)}: ${to} serves, and is no standby site; if ${to} is the one that is lost: ${command("failover", view, other.name)}`,
              )
            : compareSites(target, other) < 0
              ? refuse(
                    `${describeSites(view)}: ${other.name} took over from ${to}; ${command("rejoin", view)} keeps what ${other.name} wrote, ${command("resync", view)} what ${to} has`,
                )
              : first(settle(view, to));
    }
    if (target.role !== "standby") {
        return refuse(`${describeSites(view)}: ${wayOf(target, view)}`);
    }
    const left = target.configured.recoverTo;
    if (left !== undefined && recoverTo === undefined) {
        return refuse(
            `${describeSites(view)}: an older point is configured at ${to} from before (recoverTo: ${left}); to take over at that one, type --recover-to '${left}'; for the newest, remove it first`,
            { site: to, key: "recoverTo" },
        );
    }
    return first(
        setting(view, to, {
            active: to,
            ...(recoverTo === undefined ? {} : { recoverTo }),
            takeover: epochThatBegins(target, other),
        }),
        run(to, "take over without a token"),
    );
}

/** What a takeover acknowledges: that of an interrupted run, or else the next one. */
function epochThatBegins({ underWay, epoch }: AtSite, other: AtSite): number {
    const begun = underWay?.verb === "take over without a token" || underWay?.verb === "take over with a token";
    return begun ? underWay.epoch : Math.max(epoch, other.epoch) + 1;
}

/** What a site can do in place of a takeover. */
function wayOf({ name, role, peer }: AtSite, view: ItemView): string {
    switch (role) {
        case "stood-down":
            return `${name} handed over and has everything; ${command("switch", view, name)} has it serve again`;
        case "displaced":
            return `${peer} took over from ${name}; ${command("rejoin", view)} or, if what ${name} has is to win, ${command("resync", view)}`;
        case "active":
            return `${name} is in the middle of another change; pulumi up there finishes it`;
        default:
            return `${name} has no complete copy of ${view.item}, and nothing can be taken over there`;
    }
}
