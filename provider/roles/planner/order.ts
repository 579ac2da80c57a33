import { previewCommand, upCommand } from "../messages/commands";
import { join, render, text, type Message } from "../messages/message";
import type { Configuration, Order, Situation } from "../situation";
import { refuse, type Decision, type Refusal } from "./decision";

/**
 * Holds back an item that would take over before those that it comes after, or stand down before those that come after
 * it. An unfinished role change is not held back: it has to come to an end.
 */
export function inOrder({ own, configuration, order }: Situation, decision: Decision): Decision {
    if (decision.kind === "refusal" || own.underWay !== undefined || order === undefined) {
        return decision;
    }
    const { notServing, stillServing } = order;
    const beginsEpoch = decision.steps.some((step) => step.do === "claim");
    if (beginsEpoch && notServing.length > 0) {
        return refuseToServeBefore(notServing, configuration);
    }
    return decision.verb === "stand down" && stillServing.length > 0
        ? refuseToStandDownBefore(stillServing, configuration)
        : decision;
}

function refuseToServeBefore(notServing: Order["notServing"], { item, site, path }: Configuration): Refusal {
    const names = notServing.map((other) => other.item).join(", ");
    const reasons = notServing.filter(({ why }) => render(why) !== "");
    const independent: Message =
        path === undefined
            ? `remove ${names} from what ${item} comes after`
            : text`${{ pulumi: `config rm --path '${path}.after'`, site }}`;
    return refuse(
        "others-not-serving",
        join(
            [
                `${item} comes after ${names}, which ${notServing.length === 1 ? "does" : "do"} not serve at ${site}`,
                ...reasons.map(({ item: other, why }) => text`${other}: ${why}`),
                `Nothing was changed for ${item}`,
            ],
            ". ",
        ),
        [
            text`fix what prevents ${names} from serving (see ${previewCommand(site)}); then ${upCommand(site)}`,
            text`to take over without ${names}: ${independent}; ${upCommand(site)}`,
        ],
    );
}

function refuseToStandDownBefore(stillServing: Order["stillServing"], { item, site }: Configuration): Refusal {
    const names = stillServing.join(", ");
    const [come, serve] = stillServing.length === 1 ? ["comes", "serves"] : ["come", "serve"];
    return refuse(
        "others-still-serve",
        `${names} ${come} after ${item} and still ${serve} at ${site}. ${item} keeps serving; nothing was changed for it`,
        [
            text`let ${names} stand down at ${site} first (see ${previewCommand(site)}); then ${upCommand(site)}`,
            text`to stand down before ${names}: remove ${item} from what ${names} ${come} after in the stack of ${site}; ${upCommand(site)}`,
        ],
    );
}
