import { describeRole } from "../../provider/roles/messages/describe";
import { anticipate } from "./anticipate";
import { run } from "./step";
import type { AtSite, ItemView, Verb } from "./view";

/**
 * What the runs of a plan would do to items that it does not name: one run handles every item of its stack. A role change
 * that waits there is to be seen, and agreed on, by whoever has it made.
 *
 * @param runs the sites at which there are runs
 * @returns a sentence for each, with the ways on
 */
export function pendingBeside(
    verb: Verb,
    others: readonly ItemView[],
    runs: readonly string[],
    stackOf: (site: string) => string,
): string[] {
    return others.flatMap((view) => {
        const change = firstChange(verb, view, runs);
        if (change === undefined) {
            return [];
        }
        const stack = stackOf(change.site);
        return [
            `${view.item} was not named, and pulumi up at ${change.site} would carry out what waits there for it (${change.what}): name it as well, or finish it first: pulumi preview --stack ${stack} shows it, pulumi up --stack ${stack} does it`,
        ];
    });
}

interface Waiting {
    site: string;
    what: string;
}

function firstChange(verb: Verb, view: ItemView, runs: readonly string[]): Waiting | undefined {
    for (const name of runs) {
        const before = view.sites[name]!;
        const what = begunAt(verb, before) ?? lettingGoAt(before);
        if (what !== undefined) {
            return { site: name, what };
        }
        const after = anticipate(view, run(name, "")).sites[name]!;
        if (matters(verb, before, after) && isAllowed(before, after, view.sites[before.peer]!)) {
            return { site: name, what: describeChange(before, after) };
        }
    }
    return undefined;
}

/** What was begun at the surviving site is no reason to keep a failover waiting, nor is a copy that goes on by itself. */
function begunAt(verb: Verb, { underWay, role, establishing }: AtSite): string | undefined {
    return underWay === undefined || role === "none" || establishing || verb === "failover"
        ? undefined
        : `${underWay.verb}, epoch ${underWay.epoch}, under way`;
}

/** In an emergency that is only where it is served; otherwise everything but a standby site's step to the next epoch. */
function matters(verb: Verb, before: AtSite, after: AtSite): boolean {
    if (verb === "failover") {
        return before.role !== after.role && [before.role, after.role].includes("active");
    }
    return before.role !== after.role || (before.role === "active" && isOther(before, after));
}

function isOther(before: AtSite, after: AtSite): boolean {
    return before.epoch !== after.epoch || before.mirrorKept !== after.mirrorKept;
}

function lettingGoAt({ configured, unmanaged, role }: AtSite): string | undefined {
    return configured.unmanage === true && !unmanaged && role !== "none" ? "unmanage" : undefined;
}

/** What a run would make of it, other than a first role, and other than what the planner refuses unless it is accepted. */
function isAllowed(before: AtSite, after: AtSite, peer: AtSite): boolean {
    if (before.role === "none" || before.configured.unmanage === true) {
        return false;
    }
    const isNew = after.epoch !== before.epoch && after.role === "active";
    if (isNew && after.began === "discard") {
        return before.configured.discard === `${peer.name}@${peer.epoch}`;
    }
    return !isNew || after.began !== "token" || peer.role === "stood-down";
}

function describeChange(before: AtSite, after: AtSite): string {
    const [was, is] = [describeRole(before), describeRole(after)];
    return was === is ? "release the mirror" : `${was} now, ${is} then`;
}
