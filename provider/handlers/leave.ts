import { execute } from "../engine/execute";
import type { Inspection } from "../engine/inspect";
import { configSetCommand, upCommand } from "../roles/messages/commands";
import { describeRole } from "../roles/messages/describe";
import { type Command, join, type Message, MessageError, messageOf, text } from "../roles/messages/message";

/**
 * Takes a site out of the mirror whose resource is removed; one that serves, or is to, is not removed.
 *
 * @throws MessageError that says how to lift the protection first, or how to forget it and leave everything as it is
 */
export async function leave(
    inspection: Inspection,
    process: { uninterrupted<T>(run: () => Promise<T>): Promise<T> },
): Promise<void> {
    const { decision, own, site, start } = inspection;
    const forget = forgetRemedy(inspection);
    if (decision.kind === "refusal" || (own.role !== "none" && own.role !== "standby")) {
        throw new MessageError(stillProtected(inspection, forget));
    }
    const releases = decision.steps.some((step) => step.do === "release-sources");
    if (own.role === "none" && !releases && (inspection.observed.remains?.sources.length ?? 0) > 0) {
        throw new MessageError(sourcesLeft(inspection, forget));
    }
    try {
        await process.uninterrupted(() => execute(site, decision, start, () => undefined));
    } catch (error) {
        throw new MessageError(
            text`${messageOf(error)}. It has not left the mirror yet; run the same command again to continue. ${forget}`,
        );
    }
}

function stillProtected({ decision, own, configuration }: Inspection, forget: Message): Message {
    const { site, peer } = configuration;
    const unprotect = [site, peer].map((stack) => configSetCommand("unprotect", "true", configuration, stack));
    const next = [site, peer].map((stack): Command => ({ pulumi: "stack output next", site: stack }));
    const why = decision.kind === "refusal" ? text`. ${decision.reason}` : "";
    return join(
        [
            text`${own.application} at ${site} is ${describeRole(own)}, and is not removed as long as it is protected: nothing was changed${why}`,
            text`  - to lift the protection first: ${join([...unprotect, upCommand(site), upCommand(peer)], "; ")}; repeat until ${join(next, " and ")} are empty, then run this command again`,
            text`  - ${forget}`,
        ],
        "\n",
    );
}

function sourcesLeft({ own, configuration }: Inspection, forget: Message): Message {
    const { site, peer } = configuration;
    return text`${own.application} at ${site} is out of the mirror, but its array still remembers volumes as sources, because ${peer} was not out of it at the last \`pulumi up\` here. Run ${upCommand(peer)}, then ${upCommand(site)}, then this command again. ${forget}`;
}

function forgetRemedy({ own, configuration: { site } }: Inspection): Message {
    const urn: Command = { pulumi: "stack --show-urns", site, pipe: `grep ${own.application}-role` };
    return text`To forget it here and leave everything as it is: ${{ pulumi: "state delete", site }} with its URN, which this shows: ${urn}`;
}
