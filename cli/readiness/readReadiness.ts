import { dueOf } from "../../provider/engine/due";
import { heldAt, type Inspection } from "../../provider/engine/inspect";
import { commonSnapshotsOf } from "../../provider/roles/commonSnapshots";
import { type CommonSnapshot, recordOf } from "../../provider/roles/situation";
import { defined } from "../../provider/support/defined";
import type { ItemFacts, SiteFacts } from "../status/facts";
import { isUnknown, type Known, knownOf, unknownBy } from "../status/known";
import type { ItemReader, ReadItem } from "../status/readItem";
import { type Service, serviceOf } from "../status/service";
import { sayingAt, type Sight } from "../status/siteFacts";
import { takeovers } from "../takeoverPlan";
import type { ReadinessFacts, ServingFacts, TakeoverFacts, TargetFacts } from "./facts";

type ReadReadiness = ReadItem & { facts: ReadinessFacts };

/** One item at both sites, with what a takeover at the site that follows would be. It changes nothing. */
export async function readReadiness(reader: ItemReader): Promise<ReadReadiness> {
    const sights = await reader.sights();
    const { facts, isFound } = await reader.tell(sights);
    const service = serviceOf(facts.sites);
    const at = targetOf(facts, service);
    const { item, kind, sites } = facts;
    const read = { item, kind, sites, service: service.is };
    if (at === undefined) {
        return { facts: read, isFound };
    }
    const index = sites.indexOf(at);
    const [sight, other] = [sights[index]!, sights[1 - index]!];
    return { facts: { ...read, target: await readTarget(reader, at, sight, other, service) }, isFound };
}

/** The site that has, or is to have, the copy. */
function targetOf({ sites }: ItemFacts, service: Service): SiteFacts | undefined {
    if (service.is === "one") {
        return service.other;
    }
    const standby = sites.filter(({ record }) => knownOf(record)?.role === "standby");
    return (service.is === "none" || service.is === "unknown") && standby.length === 1 ? standby[0] : undefined;
}

async function readTarget(
    reader: ItemReader,
    at: SiteFacts,
    sight: Sight,
    other: Sight,
    service: Service,
): Promise<TargetFacts> {
    const { site, record, health, commands, next } = at;
    const [takeover, needs, common, serving] = await Promise.all([
        reader.takeoverAt(sight),
        needsAt(sight),
        commonAt(sight, other),
        readServing(other),
    ]);
    const lost = service.is === "one" && service.copy !== "follows" && service.copy !== "unknown";
    return {
        site,
        peer: other.place.site,
        record,
        health,
        commands,
        next,
        reached: isUnknown(sight.reader) ? sight.reader : true,
        follows: knownOf(record)?.role === "standby" && !lost,
        bundle: isUnknown(sight.found.role) ? sight.found.role : sight.found.role.written,
        takeover: isUnknown(takeover) ? takeover : takeoverFactsOf(takeover, sayingAt(sight, other)),
        needs,
        common,
        serving,
    };
}

function takeoverFactsOf(inspection: Inspection, say: ReturnType<typeof sayingAt>): TakeoverFacts {
    const { decision, observed, report } = inspection;
    return {
        due: dueOf(inspection, say),
        takesOver: decision.kind === "plan" && takeovers.has(decision.verb),
        ...defined({ versions: observed.versions, rights: observed.rights, space: report.space }),
    };
}

function needsAt({ reader, inspection }: Sight): Promise<TargetFacts["needs"]> {
    return isUnknown(reader) || isUnknown(inspection)
        ? Promise.resolve(isUnknown(reader) ? reader : (inspection as { unknown: string }))
        : reader.needs(inspection);
}

/** By what the other site has now; where it does not answer, by what it published. */
async function commonAt(sight: Sight, other: Sight): Promise<Known<readonly CommonSnapshot[]>> {
    const { reader, inspection } = sight;
    if (isUnknown(reader) || isUnknown(inspection)) {
        return isUnknown(reader) ? reader : (inspection as { unknown: string });
    }
    const [here, there] = await Promise.all([reader.heldSnapshots(inspection), heldThere(inspection, other)]);
    return isUnknown(here) ? here : isUnknown(there) ? there : commonSnapshotsOf(here, there);
}

async function heldThere({ peer, inputs, configuration }: Inspection, { reader, inspection }: Sight) {
    const record = recordOf(peer);
    const now =
        isUnknown(reader) || isUnknown(inspection)
            ? unknownBy(new Error(`nobody told what ${configuration.peer} has`))
            : await reader.heldSnapshots(inspection);
    const holds = isUnknown(now) ? record?.holds : now;
    if (record === undefined || holds === undefined) {
        return isUnknown(now) ? now : unknownBy(new Error(`${configuration.peer} has no record`));
    }
    return heldAt({ known: true, record: { ...record, holds } }, inputs) ?? [];
}

async function readServing(sight: Sight): Promise<Known<ServingFacts>> {
    const { place, reader, inspection } = sight;
    if (isUnknown(reader) || isUnknown(inspection)) {
        return isUnknown(reader) ? reader : (inspection as { unknown: string });
    }
    const { own, peer, configuration, report } = inspection;
    const say = sayingAt(sight, sight);
    const faults = report.faults?.(own, peer, configuration.maxLagSeconds) ?? [];
    return {
        site: place.site,
        faults: faults.map(({ what, endangers }) => ({ what: say(what), endangers })),
        ...defined({ arrayUnknown: report.unknown }),
        needs: await needsAt(sight),
    };
}
