import { configSetCommand, forgetRemedy, upCommand } from "../messages/commands";
import { describeRole } from "../messages/describe";
import { join, text, type Command, type Message } from "../messages/message";
import type { Situation } from "../situation";
import { refuse, type Decision, type Refusal } from "./decision";

/** A site's resource is removed only where nothing depends on it: a site that serves, or is to, stays. */
export function withRemoval(situation: Situation, decision: Decision): Decision {
    const { own, configuration, observed } = situation;
    if (configuration.removes !== true) {
        return decision;
    }
    if (decision.kind === "refusal" || (own.role !== "none" && own.role !== "standby")) {
        return refuseProtected(situation, decision);
    }
    // What was let go of is not removed with the resource.
    if (decision.verb === "unmanage") {
        return decision;
    }
    const releases = decision.steps.some((step) => step.do === "release-sources");
    return own.role === "none" && !releases && (observed.remains?.sources.length ?? 0) > 0
        ? refuseSourcesLeft(situation)
        : decision;
}

function refuseProtected({ own, configuration }: Situation, decision: Decision): Refusal {
    const { item, site, peer } = configuration;
    const [unprotect, unmanage] = (["unprotect", "unmanage"] as const).map((key) =>
        [site, peer].map((stack) => configSetCommand(key, "true", configuration, stack)),
    ) as [Message[], Message[]];
    const next = [site, peer].map((stack): Command => ({ pulumi: "stack output next", site: stack }));
    const why = decision.kind === "refusal" ? text`. ${decision.reason}` : "";
    return refuse(
        "still-protected",
        text`${item} at ${site} is ${describeRole(own)}, and is not removed as long as it is protected: nothing was changed${why}`,
        [
            text`to lift the protection first: ${join([...unprotect, upCommand(site), upCommand(peer)], "; ")}; repeat until ${join(next, " and ")} are empty, then run this command again`,
            text`to leave the mirror as it is, with nobody to manage it: ${join([...unmanage, upCommand(site), upCommand(peer)], "; ")}; then run this command again`,
            forgetRemedy(configuration),
        ],
    );
}

/** The other site had not left the mirror when this one did, so this array kept what the mirror needs. */
function refuseSourcesLeft({ configuration }: Situation): Refusal {
    const { item, site, peer } = configuration;
    return refuse(
        "sources-left",
        text`${item} at ${site} is out of the mirror, but its array still remembers volumes as sources, because ${peer} was not out of it at the last \`pulumi up\` here. Nothing was changed`,
        [text`${upCommand(peer)}; ${upCommand(site)}; then run this command again`, forgetRemedy(configuration)],
    );
}
