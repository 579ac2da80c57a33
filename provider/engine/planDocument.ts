import { render, type Message } from "../roles/messages/message";
import type { Role } from "../roles/record";
import { type Due, dueOf } from "./due";
import { type Explained, notesOf } from "./explain";

/** The plan for one item at one site, for a program (docs/command.md). A later version may add to it. */
export interface PlanDocument {
    tridentDr: "plan";
    schema: 1;
    item: string;
    site: string;
    /** As it is before anything is done. */
    role: Role;
    epoch: number;
    due: Due;
    notes: readonly string[];
}

/** What {@link explain} tells a person. */
export function planDocumentOf(inspection: Explained): PlanDocument {
    const { configuration, own, inputs } = inspection;
    const say = (message: Message) => render(message, inputs.stacks);
    return {
        tridentDr: "plan",
        schema: 1,
        item: own.application,
        site: configuration.site,
        role: own.role,
        epoch: own.epoch,
        due: dueOf(inspection, say),
        notes: notesOf(inspection).map(say),
    };
}
