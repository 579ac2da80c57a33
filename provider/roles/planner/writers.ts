import { setAndUp, upCommand } from "../messages/commands";
import { text } from "../messages/message";
import { stopWorkloads } from "../messages/workloads";
import type { Situation } from "../situation";
import { refuse, type Decision, type Refusal } from "./decision";

/**
 * An item is stopped with everything that writes to it. What a ShutdownSnapshot would leave running is named before
 * anything is stopped; and a final snapshot that something outlived is no hand-over, however often it is tried again.
 */
export function withoutOtherWriters(situation: Situation, decision: Decision): Decision {
    if (decision.kind === "refusal") {
        return decision;
    }
    const { own, observed } = situation;
    const { outsiders = [], outlived = [], labelSelector } = observed;
    const last = decision.steps.find((step) => step.do === "take-shutdown-snapshot");
    const later = outlived.find(({ epoch }) => epoch === last?.epoch);
    if (later !== undefined) {
        return refuseOutlived(situation, later.by);
    }
    // Begun already, standing down writes down what outlived its snapshot; only then may that be stopped.
    const begins = last !== undefined && own.underWay === undefined;
    const stops = begins || decision.steps.some((step) => step.do === "stop-workloads");
    return stops && outsiders.length > 0 ? refuseOthers(situation, outsiders, labelSelector) : decision;
}

function refuseOthers({ configuration }: Situation, outsiders: readonly string[], labelSelector?: string): Refusal {
    const { item, site } = configuration;
    const [mount, are, stop] = outsiders.length === 1 ? ["mounts", "is", "stop it"] : ["mount", "are", "stop them"];
    const by = labelSelector === undefined ? "" : `, labelSelector ${labelSelector}`;
    return refuse(
        "others-write",
        `${outsiders.join(", ")} ${mount} volumes of ${item} at ${site} and ${are} no part of it (resourceFilter${by}): what is written there after ${item} is stopped would be lost. Nothing was changed`,
        [
            text`${stop} at ${site}: ${stopWorkloads(outsiders)}; ${upCommand(site)}`,
            ...(labelSelector === undefined
                ? []
                : [
                      text`if ${item} is to be stopped with them, give them the labels ${labelSelector}; ${upCommand(site)}`,
                  ]),
        ],
    );
}

function refuseOutlived({ own, configuration }: Situation, by: string): Refusal {
    const { item, site } = configuration;
    return refuse(
        "final-snapshot-outlived",
        `${by} outlived the final snapshot that ${site} took of ${item} in epoch ${own.epoch}, and what was written after it is not in it. It is on the volumes of ${site}, and nothing was handed over. Nothing was changed`,
        [
            text`to serve again at ${site} with everything that was written, then stop ${by} and switch anew: ${setAndUp("active", site, configuration, site)}`,
        ],
    );
}
