import { isDeepStrictEqual } from "node:util";
import type { ArrayReport, ShownReport, SiteView } from "../drivers/driver";
import { commonSnapshotsOf } from "../roles/commonSnapshots";
import { type CopyProgress, progressOf } from "../roles/copy";
import type { Message } from "../roles/messages/message";
import type { Decision } from "../roles/planner/decision";
import { endOfService, mustCountChanges } from "../roles/planner/downtime";
import { inOwnNamespaces } from "../roles/namespaces";
import type { HeldVolume, RoleRecord } from "../roles/record";
import {
    type Configuration,
    type Observed,
    type Order,
    type PeerView,
    type RecordMove,
    type RecordTrust,
    recordOf,
} from "../roles/situation";
import type { SourceRecord } from "../roles/steps";
import { defined } from "../support/defined";
import { span } from "../support/trace";
import { decideWithClaims } from "./claims";
import { configurationOf, peerViewOf } from "./configuration";
import { type PendingStep, pendingSteps, type Start } from "./execute";
import type { RoleRequest } from "./inputs";
import { orderOf } from "./order";
import type { Outcomes } from "./outcomes";
import type { BelievedRecord, StoredRecord } from "./recordStore";
import type { Site } from "./site";
import type { FoundBundle } from "./takeoverBundle";

/** A site as it was read once. */
export interface SiteState {
    site: Site;
    /** The record read at the site. */
    found: StoredRecord;
    view: SiteView;
    report: ArrayReport;
    /** What is there of what a takeover without Pulumi goes by. Default: the site keeps none, or it was not read. */
    bundle?: FoundBundle;
}

/** What a site is, what it is to do, and what of that is still to be done. */
export interface Inspection extends SiteState {
    configuration: Configuration;
    peer: PeerView;
    order: Order;
    /** The newer of the record at the site and the one in the stack's state. */
    own: RoleRecord;
    trust: RecordTrust;
    /** A record that is left where earlier versions kept it. */
    move?: RecordMove;
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
    const [found, view] = await Promise.all([
        part("record", () => site.store.look()),
        part("site", () => site.driver.observe()),
    ]);
    return { site, found, view, report: await part("array", () => view.arrayReport()) };
}

/** Reads a site once and decides; changes nothing. `remembered` is the record in the stack's state. */
export async function inspect(
    site: Site,
    inputs: RoleRequest,
    remembered: unknown,
    outcomes: Outcomes,
): Promise<Inspection> {
    const record = part("record", () => site.store.look());
    const [found, view, order, bundle, standing] = await Promise.all([
        record,
        part("site", () => site.driver.observe()),
        part("order", () => orderOf(inputs, outcomes, site)),
        site.bundle && part("bundle", () => site.bundle!.look()),
        readStanding(
            site,
            record.then((read) => site.store.believed(read, remembered).own),
            inputs,
        ),
    ]);
    const belief = site.store.believed(found, remembered);
    const [report, further] = await Promise.all([
        part("array", () => view.arrayReport()),
        part("what the plan depends on", () => readIfNeeded(site, view, belief.own, inputs)),
    ]);
    const state = { site, found, view, report, ...defined({ bundle }) };
    return decideOn(state, { ...further, ...standing }, order, inputs, belief);
}

/** A part of an inspection, as a trace shows it. */
function part<T>(what: string, read: () => Promise<T>): Promise<T> {
    return span(`read ${what}`, "inspection", {}, read);
}

/** The same inspection with the record of the stack's state, which not every request of the engine has. */
export async function withRemembered(inspection: Inspection, remembered: unknown): Promise<Inspection> {
    const { site, found, view, inputs, order, own, trust, move } = inspection;
    const belief = site.store.believed(found, remembered);
    const isSame = isDeepStrictEqual([belief.own.serial, belief.trust, belief.move], [own.serial, trust, move]);
    if (isSame) {
        return inspection;
    }
    const [further, standing] = await Promise.all([
        readIfNeeded(site, view, belief.own, inputs),
        readStanding(site, Promise.resolve(belief.own), inputs),
    ]);
    return decideOn(inspection, { ...further, ...standing }, order, inputs, belief);
}

/** Whether the site serves once a plan is executed. */
export function servesAfter({ decision, own }: Pick<Inspection, "decision" | "own">): boolean {
    const recorded =
        decision.kind === "plan" ? decision.steps.filter((step) => step.do === "record").at(-1) : undefined;
    return (recorded?.role ?? own.role) === "active";
}

async function decideOn(
    state: SiteState,
    further: FurtherReads & Standing,
    order: Order,
    inputs: RoleRequest,
    { own, trust, move }: BelievedRecord,
): Promise<Inspection> {
    const { site, found, view, report, bundle } = state;
    const configuration = configurationOf(inputs);
    const peer = peerViewOf(inputs, site.store.seal);
    const now = new Date();
    const copy = copyShown(report, heldAt(peer, inputs), now);
    const { unmirrorable } = report;
    const seen = {
        ...view.observed,
        ...remainsAt(own, report),
        ...defined({ copy, unmirrorable, bundle: seenOf(bundle) }),
        ...further,
    };
    const situation = { own, peer, configuration, observed: seen, order, trust, ...defined({ move }), now };
    const { decision, observed } = await decideWithClaims(site.claims, situation);
    const start = {
        own,
        view,
        unmet: await unmetPrerequisites(site, decision),
        ...defined({ bundle: storedOf(bundle) }),
    };
    return {
        site,
        found,
        ...defined({ move, bundle }),
        view,
        report,
        inputs,
        configuration,
        peer,
        order,
        own,
        trust,
        observed,
        decision,
        start,
        pending: decision.kind === "plan" ? pendingSteps(site, decision, start) : [],
        warnings: report.warnings(own, peer, configuration.maxLagSeconds),
    };
}

/**
 * What goes into the state beside the record: the array behind the site, and how far a copy to it is. Where there is no
 * copy it is empty, not absent: of what the state lacks, a preview knows nothing, nor of what is made of it.
 */
export function shownOf(report: ShownReport, peer: PeerView, inputs: RoleRequest): Record<string, unknown> {
    return { ...report.shown, establishing: copyShown(report, heldAt(peer, inputs), new Date()) ?? {} };
}

function copyShown({ copy }: ShownReport, theirs: HeldVolume[] | undefined, now: Date): CopyProgress | undefined {
    return copy && progressOf(copy, theirs, now);
}

/** What the other site published of its volumes, by the names that they have at this one. */
export function heldAt(peer: PeerView, inputs: RoleRequest): HeldVolume[] | undefined {
    const holds = recordOf(peer)?.holds;
    return holds === undefined || inputs.kind === "volumes" ? holds : inOwnNamespaces(holds, inputs);
}

type FurtherReads = Pick<
    Observed,
    | "replicationLagSeconds"
    | "commonSnapshots"
    | "remains"
    | "copies"
    | "points"
    | "handedOver"
    | "lacking"
    | "changedBytes"
>;

/** What a site stands on, whatever the item does there. */
type Standing = Pick<Observed, "siteMarker" | "versions" | "rights">;

/**
 * Read while the site is, and while the record is what does not depend on it: with many applications, whose plans are
 * asked for one after another, each saves one way to the cluster and back.
 */
async function readStanding(
    { marker, versions, rights }: Site,
    record: Promise<RoleRecord>,
    inputs: RoleRequest,
): Promise<Standing> {
    const [siteMarker, installed, may] = await part("what it stands on", () =>
        Promise.all([
            marker?.read(),
            record.then((own) => (beginsToServeOrFollow(own, inputs) ? versions?.read() : undefined)),
            rights?.read(),
        ]),
    );
    return defined({ siteMarker, versions: installed, rights: may });
}

function beginsToServeOrFollow(own: RoleRecord, inputs: RoleRequest): boolean {
    const begins = own.role === "none" || (own.role !== "active" && inputs.active === inputs.site);
    return begins && inputs.unprotect !== true && inputs.unmanage !== true;
}

/** What is read only where a plan depends on it. */
async function readIfNeeded(
    { claims, store }: Site,
    view: SiteView,
    own: RoleRecord,
    inputs: RoleRequest,
): Promise<FurtherReads> {
    const peer = peerViewOf(inputs, store.seal);
    const peerRecord = recordOf(peer);
    const theirs = heldAt(peer, inputs);
    const stopsServing = own.role === "active" && inputs.active === inputs.peerSite;
    const { mirror, changed = [] } = view.observed;
    const isUnmirrored = own.role === "standby" && mirror === undefined;
    const comesBack =
        theirs !== undefined &&
        own.role !== "none" &&
        (own.role !== "standby" || isUnmirrored || changed.length > 0 || own.underWay?.verb === "resync");
    const choosesPoint = own.role === "standby" && inputs.acknowledgements?.recoverTo !== undefined;
    // A vault that does not answer is not asked again: a takeover must not wait for it.
    const mayTakeOver =
        own.role === "standby" && inputs.active === inputs.site && view.observed.peerAnswers === true
            ? peerRecord?.token
            : undefined;
    const promotedBy =
        own.role === "standby" && mirror?.state === "promoted" ? (own.underWay?.token ?? mayTakeOver) : undefined;
    const end = mustCountChanges(own, view.observed) ? endOfService(own) : undefined;
    const [lag, held, classes, remains, copies, points, handedOver, lacking, changedBytes] = await Promise.all([
        stopsServing ? view.replicationLag() : undefined,
        comesBack ? view.heldSnapshots() : undefined,
        comesBack ? view.otherClasses?.() : undefined,
        leftBehind(inputs, view, claims),
        isUnmirrored ? view.copies() : undefined,
        choosesPoint ? view.points() : undefined,
        mayTakeOver === undefined ? undefined : view.handedOver(mayTakeOver),
        promotedBy === undefined ? undefined : view.lacking(promotedBy),
        end === undefined ? undefined : view.changedBytes(end),
    ]);
    return {
        ...(copies === undefined ? {} : { copies }),
        ...(points === undefined ? {} : { points }),
        ...(handedOver === undefined ? {} : { handedOver }),
        ...(lacking === undefined ? {} : { lacking }),
        ...(remains === undefined ? {} : { remains: { sources: remains[0], claims: remains[1] } }),
        ...(lag === undefined ? {} : { replicationLagSeconds: lag }),
        ...(changedBytes === undefined ? {} : { changedBytes }),
        ...(held === undefined || theirs === undefined
            ? {}
            : { commonSnapshots: commonSnapshotsOf(held, theirs, classes) }),
    };
}

/** Of an array that goes on mirroring nothing is removed. */
async function leftBehind(
    { unprotect, unmanage }: RoleRequest,
    view: SiteView,
    claims: Site["claims"],
): Promise<[readonly SourceRecord[], readonly number[] | undefined] | undefined> {
    if (unmanage === true) {
        return [[], await claims.left()];
    }
    return unprotect === true ? Promise.all([view.sources(), claims.left()]) : undefined;
}

/** At a site that does not serve any more. Nothing waits for what an array does not tell. */
function remainsAt({ role }: RoleRecord, { sources }: ArrayReport): Pick<Observed, "remains"> {
    const follows = role !== "none" && role !== "active";
    return follows && sources !== undefined ? { remains: { sources, claims: undefined } } : {};
}

function seenOf(bundle: FoundBundle | undefined): Observed["bundle"] {
    return bundle === undefined || "unknown" in bundle ? bundle : { found: bundle.text !== undefined };
}

function storedOf(bundle: FoundBundle | undefined): Start["bundle"] {
    return bundle === undefined || "unknown" in bundle ? undefined : bundle;
}

async function unmetPrerequisites({ prerequisites }: Site, decision: Decision): Promise<Start["unmet"]> {
    const step = decision.kind === "plan" ? decision.steps.find((one) => one.do === "await-prerequisites") : undefined;
    return step === undefined ? [] : prerequisites.unmet(step.forMirror);
}
