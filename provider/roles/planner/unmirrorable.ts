import { upCommand } from "../messages/commands";
import { join, text } from "../messages/message";
import type { Situation } from "../situation";
import { refuse, type Decision } from "./decision";
import { isFirstRole, isLeaving } from "./predicates";

/**
 * What cannot be mirrored is no part of an item's first role. Found later, as when it was added to an item that serves, it
 * stops nothing: the rest is mirrored, and the note says what is not.
 */
export function withMirrorableVolumes(situation: Situation, decision: Decision): Decision {
    const { unmirrorable = [] } = situation.observed;
    if (decision.kind === "refusal" || isLeaving(decision) || unmirrorable.length === 0) {
        return decision;
    }
    const { item, site } = situation.configuration;
    const found = join(unmirrorable, "; ");
    if (!isFirstRole(situation, decision)) {
        const note = text`NOT PROTECTED: ${found}, which is not mirrored. Move its data to a FlexVol`;
        return { ...decision, notes: [...decision.notes, note] };
    }
    return refuse(
        "cannot-be-mirrored",
        text`${item} cannot begin at ${site}: ${found}; expected FlexVols, since nothing else is mirrored. Nothing was changed`,
        [
            text`move its data to a FlexVol; then ${upCommand(site)}`,
            text`take it out of ${item} (an application: by resourceFilter); then ${upCommand(site)}`,
        ],
    );
}
