import { dueOf } from "../../provider/engine/due";
import type { Inspection } from "../../provider/engine/inspect";
import { describeProgress } from "../../provider/roles/copy";
import { previewCommand, rightsCommand, takeoverCommand, upCommand } from "../../provider/roles/messages/commands";
import { describeRole } from "../../provider/roles/messages/describe";
import { type Message, render, type StackNames } from "../../provider/roles/messages/message";
import { nextFor } from "../../provider/roles/next";
import { emptyRecord, type RoleRecord } from "../../provider/roles/record";
import { type PeerView, recordOf } from "../../provider/roles/situation";
import { defined } from "../../provider/support/defined";
import { printable } from "../../provider/support/printable";
import type { HealthFacts, RecordFacts, SiteCommands, SiteFacts } from "./facts";
import { isUnknown, type Known } from "./known";
import type { Place } from "./places";
import type { Found, SiteReader } from "./siteReader";

/** What was read of one item at one site. */
export interface Sight {
    place: Place;
    reader: Known<SiteReader>;
    found: Found;
    inspection: Known<Inspection>;
}

/** What the engine saw, without what nobody is shown. */
export async function siteFactsOf(item: string, sight: Sight, other: Sight): Promise<SiteFacts> {
    const { place, reader, inspection } = sight;
    const say = sayingAt(sight, other);
    const record = recordFactsOf(sight, item);
    const facts = {
        site: place.site,
        record,
        commands: commandsOf(item, place, say),
        ...defined({
            active: place.stack?.items.get(item)?.active,
            lastKnown: isUnknown(record) ? lastKnownOf(other) : undefined,
            unverified: whyUnverified(sight, other),
        }),
    };
    if (isUnknown(inspection)) {
        const unknown = { unknown: withSecrets(whyNotInspected(sight, inspection.unknown), reader) };
        return { ...facts, health: unknown, due: unknown, next: "" };
    }
    return {
        ...facts,
        health: healthOf(inspection, await lagSeen(sight, other), reader, say),
        due: dueOf(inspection, say),
        next: say(nextOf(inspection, other.inspection)),
    };
}

/** Messages with the names of the sites' stacks. */
export function sayingAt(sight: Sight, other: Sight): (message: Message) => string {
    const stacks = stacksOf(sight, other);
    return (message) => render(message, stacks);
}

function commandsOf(
    item: string,
    { site, cluster, recordNamespace }: Place,
    say: (message: Message) => string,
): SiteCommands {
    return {
        up: say([upCommand(site)]),
        preview: say([previewCommand(site)]),
        rights: say([rightsCommand(site)]),
        takeover: takeoverCommand({ applications: [item], site, ...defined({ ...cluster, recordNamespace }) }),
    };
}

/** Where the standby site tells it, nobody else is asked. */
async function lagSeen({ reader, inspection }: Sight, other: Sight): Promise<number | undefined> {
    const isAsked = !isUnknown(reader) && !isUnknown(inspection) && inspection.own.role === "active";
    return isAsked && isUnknown(other.inspection) ? reader.lagSeen(inspection) : undefined;
}

function withSecrets(why: string, reader: Known<SiteReader>): string {
    const secrets = isUnknown(reader) ? undefined : reader.secretsUnknown;
    return secrets === undefined ? why : `${why} (the secrets of its stack are not known: ${secrets})`;
}

/**
 * Without a key everything passes that carries no MAC. Where there is to be a key, as the stack's configuration or a
 * record at either site shows, that is no proof of anything.
 */
function whyUnverified(sight: Sight, other: Sight): string | undefined {
    const { place, reader, found } = sight;
    if (isUnknown(reader) || isUnknown(found.record) || reader.verifies) {
        return undefined;
    }
    if (place.stack?.hasPairKey === true) {
        return withSecrets("the pairKey of its stack could not be read", reader);
    }
    const sealed = [sight, other].filter(({ found: { record } }) => !isUnknown(record) && record?.mac !== undefined);
    return sealed.length === 0
        ? undefined
        : `the record at ${sealed.map(({ place: { site } }) => site).join(" and ")} carries a MAC, and there is no pairKey to check it with`;
}

/** An item that has no role at a site has no bundle there either. */
function whyNotInspected({ reader, found }: Sight, why: string): string {
    const role = isUnknown(found.record) ? undefined : (found.record?.role ?? "none");
    return !isUnknown(reader) && isUnknown(found.role) && role === "none" ? "it has no role there" : why;
}

/** Of stacks that a project names; else as the last run of each knew them. */
function stacksOf(...sights: Sight[]): StackNames {
    const known = sights.map(({ inspection }) => (isUnknown(inspection) ? {} : (inspection.inputs.stacks ?? {})));
    const named = sights.map(({ place: { site, stack } }) => (stack === undefined ? {} : { [site]: stack.name }));
    return Object.assign({}, ...known, ...named) as StackNames;
}

function recordFactsOf({ place, found, inspection }: Sight, item: string): Known<RecordFacts> {
    if (isUnknown(inspection) && isUnknown(found.record)) {
        return found.record;
    }
    const record = isUnknown(inspection)
        ? ((found.record as RoleRecord | undefined) ?? emptyRecord(item, place.site, place.peer))
        : inspection.own;
    const { role, epoch, began, activeSite, underWay, mirrorKept, history } = record;
    const change = history.filter(({ to }) => to === role).at(-1);
    const left =
        role === "none" && (change?.verb === "abandon" || change?.verb === "unmanage") ? change.verb : undefined;
    return {
        role,
        epoch,
        began,
        activeSite,
        ...defined({ since: change?.at, underWay: underWay?.verb, left }),
        ...(mirrorKept === true ? { mirrorKept } : {}),
    };
}

/** What the other site last read of one that does not answer. */
function lastKnownOf({ inspection }: Sight): string | undefined {
    const record = isUnknown(inspection) ? undefined : recordOf(inspection.peer);
    return record && describeRole(record);
}

function healthOf(
    { own, peer, configuration, observed, report, decision }: Inspection,
    lagSeenSeconds: number | undefined,
    reader: Known<SiteReader>,
    say: (message: Message) => string,
): HealthFacts {
    const { mirror, copy, workloads, barrier } = observed;
    const faults = report.faults?.(own, peer, configuration.maxLagSeconds) ?? [];
    return {
        maxLagSeconds: configuration.maxLagSeconds,
        ...(mirror === undefined
            ? {}
            : {
                  mirror: {
                      state: mirror.state,
                      ...defined({
                          // What Trident Protect reports may quote anybody.
                          error: mirror.error === undefined ? undefined : printable(mirror.error),
                          recoveryPoint: mirror.recoveryPoint,
                          transferredAt: mirror.transferredAt,
                      }),
                  },
              }),
        ...defined({
            copy: copy && describeProgress(copy),
            lagSeenSeconds,
            barrierStands: barrier?.stands,
            arrayUnknown: report.unknown && withSecrets(report.unknown, reader),
        }),
        workloads: workloads ?? { unknown: `nobody looked at what runs of ${configuration.item}` },
        faults: faults.map(({ what, endangers }) => ({ what: say(what), endangers })),
        notes: decision.kind === "plan" ? decision.notes.map(say) : [],
    };
}

function nextOf({ own, peer, configuration, observed }: Inspection, other: Known<Inspection>): Message {
    const establishing = !isUnknown(other) && other.observed.copy !== undefined;
    const view: PeerView = peer.known && establishing ? { ...peer, establishing: true } : peer;
    return nextFor(own, view, configuration, observed.copy);
}
