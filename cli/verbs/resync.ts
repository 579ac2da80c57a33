import { describeSites } from "./describe";
import { command, first, refuse, type Request, run, setting, settle, type Step } from "./step";
import { joining } from "./switch";
import { type AtSite, compareSites, isSettled, type ItemView, otherThan } from "./view";

/**
 * A site took over, the other one is back, and what the other one has is to win: it serves again, in a new epoch, and
 * what was written at the site that took over is counted and discarded.
 */
export function decideResync({ to, accept }: Request, view: ItemView): Step {
    const winner = view.sites[to]!;
    const loser = otherThan(view, to);
    if (isSettled(winner, loser)) {
        return first(
            setting(view, to, { active: to }),
            setting(view, loser.name, { active: to }),
            settle(view, to, loser.name),
        );
    }
    if (winner.role === "active" && compareSites(winner, loser) > 0) {
        return giveUp(winner, loser, view, accept.fullCopy === true);
    }
    const canWin = ["active", "displaced", "stood-down"].includes(winner.role);
    if (loser.role !== "active" || !canWin) {
        return refuse(
            `${describeSites(view)}: ${to} has nothing of its own that could win; ${command("switch", view)} has ${view.item} served at the other site`,
        );
    }
    return first(
        setting(view, to, { active: to, discard: `${loser.name}@${loser.epoch}` }),
        run(to, "serve by discard"),
    );
}

/** The site whose writes are discarded counts them, and is mirrored to again. */
function giveUp(winner: AtSite, loser: AtSite, view: ItemView, fullCopy: boolean): Step {
    const discard = loser.role === "active" ? { discard: `${loser.name}@${loser.epoch}` } : {};
    const consent = fullCopy ? { fullCopy: winner.epoch } : {};
    return first(
        setting(view, loser.name, { active: winner.name, ...discard, ...consent }),
        setting(view, winner.name, { active: winner.name }),
        loser.role === "active" ? run(loser.name, "resync") : joining(loser),
    );
}
