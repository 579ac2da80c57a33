import { configSetCommand, setAndUp, upCommand } from "../messages/commands";
import { text } from "../messages/message";
import type { Situation } from "../situation";
import { refuse, type Refusal } from "./decision";

/**
 * The mirror by which this site took over, set going again by others while the site serves. Promoting it once more without
 * a word would hide that what was written here may be gone.
 */
export function refuseResumed(situation: Situation): Refusal | undefined {
    const { own, configuration, observed } = situation;
    const { item, site, peer } = configuration;
    const { bringing } = observed;
    if (bringing === undefined || own.mirrorKept !== true) {
        return undefined;
    }
    return refuse(
        "mirror-resumed",
        text`${site} serves ${item} in epoch ${own.epoch}, but ${bringing.what}, and not by this package: what ${peer} has replaces what was written at ${site} in that epoch. Nothing was changed`,
        [
            text`to stop it, and to serve at ${site} what its volumes hold by then: ${bringing.stop}; then ${upCommand(site)}. Compare it with a snapshot of epoch ${own.epoch} first: writes may be missing`,
            text`to give up what was written at ${site}, and serve at ${peer}: ${configSetCommand("active", peer, configuration, site)}; ${configSetCommand("active", peer, configuration, peer)}; ${setAndUp("discard", `${site}@${own.epoch}`, configuration, peer)}`,
        ],
    );
}
