import { describeProgress, type CopyProgress } from "../copy";
import { previewCommand, upCommand } from "../messages/commands";
import { text, type Message } from "../messages/message";
import type { Situation } from "../situation";

/** What there is at a site whose copy is not complete: nothing that could be served. */
export function tellIncomplete({ configuration }: Pick<Situation, "configuration">, copy: CopyProgress): string {
    const { item, site } = configuration;
    return `the copy of ${item} at ${site} is not complete and cannot be served: ${describeProgress(copy)}`;
}

/** The way on while the other site's array answers: the copy goes on by itself. */
export function waitForCopy({ configuration }: Pick<Situation, "configuration">): Message {
    const { item, site, peer } = configuration;
    return text`while the array of ${peer} answers, the copy goes on by itself. How far it is: ${previewCommand(site)}. Once it is complete: ${upCommand(site)}. If ${peer} is lost before that, restore ${item} from a backup`;
}
