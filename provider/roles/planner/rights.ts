import { join, text, type Message } from "../messages/message";
import { rightsCommand } from "../messages/commands";
import type { Permission } from "../permissions";
import type { Situation } from "../situation";
import type { Decision } from "./decision";
import { isFirstRole } from "./predicates";

/**
 * Names the rights at the cluster that are missing, before a run needs them. They are no reason to stop anything: what
 * this run does may need none of them. That they cannot be told is said once, where a site begins.
 */
export function withRights(situation: Situation, decision: Decision): Decision {
    const { rights } = situation.observed;
    if (decision.kind === "refusal" || rights === undefined) {
        return decision;
    }
    const { site } = situation.configuration;
    const notes =
        "unknown" in rights
            ? isFirstRole(situation, decision)
                ? [`cannot tell which rights are missing at the cluster of ${site}: ${rights.unknown}`]
                : []
            : tellMissing(rights.missing, site);
    return notes.length === 0 ? decision : { ...decision, notes: [...decision.notes, ...notes] };
}

function tellMissing(missing: readonly Permission[], site: string): Message[] {
    return missing.length === 0
        ? []
        : [
              text`rights are missing at the cluster of ${site}, and a run that needs one fails there: ${join(missing.map(describePermission), "; ")}. As an administrator of ${site}: ${rightsCommand(site)}`,
          ];
}

/** `get, list pods in shop`. */
export function describePermission({ verbs, group, resource, namespace, names }: Permission): string {
    const what = `${resource}${group === "" ? "" : `.${group}`}`;
    const which = names === undefined ? "" : ` (${names.join(", ")})`;
    return `${verbs.join(", ")} ${what}${namespace === undefined ? "" : ` in ${namespace}`}${which}`;
}
