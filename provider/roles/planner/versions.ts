import { upCommand } from "../messages/commands";
import { join, text, type Message } from "../messages/message";
import type { Situation } from "../situation";
import { type InstalledVersion, knownFaults, neededOf, tooOld } from "../versions";
import { refuse, type Decision } from "./decision";
import { isFirstRole, isLeaving } from "./predicates";

/**
 * A site's first role needs versions that are supported. Where data are at stake already, a version is no reason to stop
 * anything: a takeover warns of it and continues.
 */
export function withVersions(situation: Situation, decision: Decision): Decision {
    const { versions = [] } = situation.observed;
    if (decision.kind === "refusal" || isLeaving(decision) || decision.verb === "hold") {
        return decision;
    }
    const old = versions.filter((one) => tooOld(one) !== undefined);
    const isFirst = isFirstRole(situation, decision);
    if (isFirst && old.length > 0) {
        const { item, site } = situation.configuration;
        const names = old.map(({ product }) => product).join(" and ");
        return refuse(
            "too-old",
            text`${item} cannot begin at ${site}: ${join(old.map(tellTooOld), "; ")}. Nothing was changed`,
            [text`upgrade ${names} at ${site}; then ${upCommand(site)}`],
        );
    }
    const notes = [
        ...old.map(tellTooOld),
        ...versions.flatMap(tellFaults),
        ...(isFirst ? versions.flatMap(tellUnknown) : []),
    ];
    return notes.length === 0 ? decision : { ...decision, notes: [...decision.notes, ...notes] };
}

function tellTooOld(installed: InstalledVersion): Message {
    const told = "told" in installed ? installed.told : "";
    const why = neededOf(installed)?.why;
    return `${installed.product} is ${told}; expected ${tooOld(installed)!} or newer${why === undefined ? "" : ` ${why}`}`;
}

function tellFaults(installed: InstalledVersion): Message[] {
    const told = "told" in installed ? installed.told : "";
    return knownFaults(installed).map(
        ({ what, fixed }) => `${installed.product} is ${told}, known to be faulty: ${what}. Fixed in ${fixed}`,
    );
}

function tellUnknown(installed: InstalledVersion): Message[] {
    return "unknown" in installed ? [`cannot tell the version of ${installed.product}: ${installed.unknown}`] : [];
}
