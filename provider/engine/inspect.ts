import type { ArrayReport, SiteView } from "../drivers/driver";
import { commonSnapshotsOf } from "../roles/commonSnapshots";
import type { Message } from "../roles/messages/message";
import { decide } from "../roles/planner";
import type { Decision } from "../roles/planner/decision";
import { endOfService, mustCountChanges } from "../roles/planner/downtime";
import type { RoleRecord } from "../roles/record";
import { type Configuration, type Observed, type Order, type PeerView, recordOf } from "../roles/situation";
import { configurationOf, peerViewOf } from "./configuration";
import { type PendingStep, pendingSteps, type Start } from "./execute";
import type { RoleRequest } from "./inputs";
import { orderOf } from "./order";
import type { Outcomes } from "./outcomes";
import type { Site } from "./site";

/** A site as it was read once. */
export interface SiteState {
    site: Site;
    /** The record read at the site; undefined when there is none there. */
    stored: RoleRecord | undefined;
    view: SiteView;
    report: ArrayReport;
}

/** What a site is, what it is to do, and what of that is still to be done. */
export interface Inspection extends SiteState {
    configuration: Configuration;
    peer: PeerView;
    order: Order;
    /** The newer of the record at the site and the one in the stack's state. */
    own: RoleRecord;
    observed: Observed;
    decision: Decision;
    start: Start;
    pending: readonly PendingStep[];
    /** What is wrong on the array behind the site. */
    warnings: readonly Message[];
    inputs: RoleRequest;
}

/** Reads a site; changes nothing. */
export async function readSite(site: Site): Promise<SiteState> {
    const [stored, view] = await Promise.all([site.store.read(), site.driver.observe()]);
    return { site, stored, view, report: await view.arrayReport() };
}

/** Reads a site once and decides; changes nothing. `remembered` is the record in the stack's state. */
export async function inspect(
    site: Site,
    inputs: RoleRequest,
    remembered: unknown,
    outcomes: Outcomes,
): Promise<Inspection> {
    const [stored, view, order] = await Promise.all([
        site.store.read(),
        site.driver.observe(),
        orderOf(inputs, outcomes),
    ]);
    const own = site.store.newer(stored, remembered);
    const [report, further] = await Promise.all([view.arrayReport(), readIfNeeded(site, view, own, inputs)]);
    return decideOn({ site, stored, view, report }, further, order, inputs, own);
}

/** The same inspection with the record of the stack's state, which not every request of the engine has. */
export async function withRemembered(inspection: Inspection, remembered: unknown): Promise<Inspection> {
    const { site, view, stored, inputs, order } = inspection;
    const own = site.store.newer(stored, remembered);
    return own.serial === inspection.own.serial
        ? inspection
        : decideOn(inspection, await readIfNeeded(site, view, own, inputs), order, inputs, own);
}

/** Whether the site serves once a plan is executed. */
export function servesAfter({ decision, own }: Pick<Inspection, "decision" | "own">): boolean {
    const recorded =
        decision.kind === "plan" ? decision.steps.filter((step) => step.do === "record").at(-1) : undefined;
    return (recorded?.role ?? own.role) === "active";
}

async function decideOn(
    state: SiteState,
    further: FurtherReads,
    order: Order,
    inputs: RoleRequest,
    own: RoleRecord,
): Promise<Inspection> {
    const { site, stored, view, report } = state;
    const configuration = configurationOf(inputs);
    const peer = peerViewOf(inputs);
    const observed = { ...view.observed, ...remainsAt(own, report), ...further };
    const decision = decide({ own, peer, configuration, observed, order, now: new Date() });
    const start = { own, view, unmet: await unmetPrerequisites(site, decision) };
    return {
        site,
        stored,
        view,
        report,
        inputs,
        configuration,
        peer,
        order,
        own,
        observed,
        decision,
        start,
        pending: decision.kind === "plan" ? pendingSteps(site, decision, start) : [],
        warnings: report.warnings(own, peer, configuration.maxLagSeconds),
    };
}

type FurtherReads = Pick<
    Observed,
    "replicationLagSeconds" | "commonSnapshots" | "remains" | "copies" | "points" | "changedBytes" | "siteMarker"
>;

/** What is read only where a plan depends on it. */
async function readIfNeeded(
    { claims, marker }: Site,
    view: SiteView,
    own: RoleRecord,
    inputs: RoleRequest,
): Promise<FurtherReads> {
    const theirs = recordOf(peerViewOf(inputs))?.holds;
    const stopsServing = own.role === "active" && inputs.active === inputs.peerSite;
    const { mirror, changed = [] } = view.observed;
    const isUnmirrored = own.role === "standby" && mirror === undefined;
    const comesBack =
        theirs !== undefined &&
        own.role !== "none" &&
        (own.role !== "standby" || isUnmirrored || changed.length > 0 || own.underWay?.verb === "resync");
    const choosesPoint = own.role === "standby" && inputs.acknowledgements?.recoverTo !== undefined;
    const end = mustCountChanges(own, view.observed) ? endOfService(own) : undefined;
    const [lag, held, remains, copies, points, changedBytes, siteMarker] = await Promise.all([
        stopsServing ? view.replicationLag() : undefined,
        comesBack ? view.heldSnapshots() : undefined,
        inputs.unprotect === true ? Promise.all([view.sources(), claims.left()]) : undefined,
        isUnmirrored ? view.copies() : undefined,
        choosesPoint ? view.points() : undefined,
        end === undefined ? undefined : view.changedBytes(end),
        marker?.read(),
    ]);
    return {
        ...(copies === undefined ? {} : { copies }),
        ...(points === undefined ? {} : { points }),
        ...(remains === undefined ? {} : { remains: { sources: remains[0], claims: remains[1] } }),
        ...(lag === undefined ? {} : { replicationLagSeconds: lag }),
        ...(changedBytes === undefined ? {} : { changedBytes }),
        ...(siteMarker === undefined ? {} : { siteMarker }),
        ...(held === undefined || theirs === undefined ? {} : { commonSnapshots: commonSnapshotsOf(held, theirs) }),
    };
}

/** At a site that does not serve any more. Nothing waits for what an array does not tell. */
function remainsAt({ role }: RoleRecord, { sources }: ArrayReport): Pick<Observed, "remains"> {
    const follows = role !== "none" && role !== "active";
    return follows && sources !== undefined ? { remains: { sources, claims: undefined } } : {};
}

async function unmetPrerequisites({ prerequisites }: Site, decision: Decision): Promise<Start["unmet"]> {
    const step = decision.kind === "plan" ? decision.steps.find((one) => one.do === "await-prerequisites") : undefined;
    return step === undefined ? [] : prerequisites.unmet(step.forMirror);
}
