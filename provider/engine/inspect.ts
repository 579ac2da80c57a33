import type { Credentials } from "../process/credentials";
import { Cluster } from "../clients/kubernetes/cluster";
import { parseDiscard, type Acknowledgements } from "../roles/acknowledgement";
import { decide } from "../roles/planner";
import type { Decision } from "../roles/planner/decision";
import { describeRole } from "../roles/messages/describe";
import { parseRecord, type RoleRecord } from "../roles/record";
import { commonSnapshotsOf } from "../roles/commonSnapshots";
import { render } from "../roles/messages/message";
import type { Configuration, Observed, Order, PeerView } from "../roles/situation";
import { applicationSite } from "./applicationSite";
import { milliseconds } from "./durations";
import type { MirrorRoleInputs } from "./inputs";
import { Outcomes } from "./outcomes";
import { keeperOf } from "./recordStore";
import { pendingSteps, type PendingStep } from "./execute";
import type { Behind, Site } from "./site";
import { withStackNames } from "./stackNames";
import { volumesSite } from "./volumesSite";

/** What a site is. */
export interface Sight extends Site {
    own: RoleRecord;
    /** Whether the record was read at the site; if not, it is the one that the stack's state remembers, if any. */
    kept: boolean;
    seen: Observed;
}

/** What a site is, what it is to do, and what of that is still to be done. */
export interface Outlook extends Sight {
    configuration: Configuration;
    peer: PeerView;
    decision: Decision;
    pending: readonly PendingStep[];
    /** What is left of an application that is to be taken out of the mirror. */
    remains: Observed["remains"];
    /** What is to be said of the array behind it. */
    remarks: readonly string[];
    /** Name of the stack of each site whose stack is not named like it. */
    stacks: Readonly<Record<string, string>> | undefined;
}

/** Looks at the site; changes nothing. `remembered` is the record in the stack's state. */
export async function lookAt(credentials: Credentials, inputs: MirrorRoleInputs, remembered: unknown): Promise<Sight> {
    const site =
        inputs.kind === "volumes"
            ? volumesSite(credentials, inputs, peerViewOf(inputs))
            : applicationSite(credentials, inputs);
    const [kept, seen] = await Promise.all([site.means.keeper.read(), site.means.driver.observe()]);
    return { ...site, seen, kept: kept !== undefined, own: site.means.keeper.newer(kept, remembered) };
}

/** Looks at the site and decides; changes nothing. `remembered` is the record in the stack's state. */
export async function lookAhead(
    credentials: Credentials,
    inputs: MirrorRoleInputs,
    remembered: unknown,
    outcomes = new Outcomes(),
): Promise<Outlook> {
    const sight = await lookAt(credentials, inputs, remembered);
    const { means, own, seen } = sight;
    const configuration = configurationOf(inputs);
    const peer = peerViewOf(inputs);
    const [further, behind] = await Promise.all([lookFurther(means, own, peer, configuration), sight.behind(seen)]);
    const foreign = sight.foreign(seen);
    const observed: Observed = {
        ...seen,
        ...remainsAt(own, behind),
        ...further,
        ...(foreign === undefined ? {} : { foreign }),
    };
    const order = await orderOf(inputs, outcomes);
    const decision = decide({ own, peer, configuration, observed, order, now: new Date() });
    const pending = decision.kind === "plan" ? pendingSteps(means, decision, own, observed) : [];
    const { remains } = observed;
    const remarks = behind.remarks(own, peer, configuration.maxLagSeconds);
    return { ...sight, configuration, peer, decision, pending, remains, remarks, stacks: inputs.stacks };
}

/** What the others are comes from this operation, in which they have had their turn; else from their records. */
async function orderOf(inputs: MirrorRoleInputs, outcomes: Outcomes): Promise<Order> {
    const { before, after } = inputs.order ?? { before: [], after: [] };
    const recordOf = ({ application, namespace }: { application: string; namespace: string }) =>
        keeperOf(Cluster.connect(inputs.site, inputs.cluster), { ...inputs, application }, namespace).read();
    const standing = async (place: { application: string; namespace: string }) => {
        const { application } = place;
        const outcome = outcomes.of(application);
        switch (outcome?.kind) {
            case "planned":
                return { application, serves: outcome.serves, why: "" };
            case "failed":
                return { application, serves: false, why: outcome.why };
            case "done":
                return { application, serves: outcome.record.role === "active", why: "" };
            case undefined: {
                const record = await recordOf(place);
                return { application, serves: record?.role === "active", why: "" };
            }
        }
    };
    const [first, last] = await Promise.all([Promise.all(before.map(standing)), Promise.all(after.map(recordOf))]);
    return {
        notServing: first.filter(({ serves }) => !serves).map(({ application: item, why }) => ({ item, why })),
        stillServing: last
            .filter((record) => record?.role === "active" && stays(record.application))
            .map((record) => record!.application),
    };

    /** At preview one that stands down in this operation has a plan for it, and its record says that it serves. */
    function stays(application: string): boolean {
        const outcome = outcomes.of(application);
        return outcome?.kind !== "planned" || outcome.serves;
    }
}

/** Whether the site serves once a plan is carried out. */
export function servesAfter({ decision, own }: Pick<Outlook, "decision" | "own">): boolean {
    const recorded =
        decision.kind === "plan" ? decision.steps.filter((step) => step.do === "record").at(-1) : undefined;
    return (recorded?.role ?? own.role) === "active";
}

/** What is asked only where a plan depends on it. */
async function lookFurther(
    { driver, claims }: Pick<Site["means"], "driver" | "claims">,
    own: RoleRecord,
    peer: PeerView,
    configuration: Configuration,
): Promise<Pick<Observed, "replicationLagSeconds" | "commonSnapshots" | "remains">> {
    const holds = peer.known ? peer.record?.holds : undefined;
    const stopsServing = own.role === "active" && configuration.active === configuration.peer;
    const comesBack = holds !== undefined && own.role !== "none" && own.role !== "standby";
    const leaves = configuration.unprotect === true;
    const [lag, held, remains] = await Promise.all([
        stopsServing ? driver.replicationLag() : undefined,
        comesBack ? driver.holdings() : undefined,
        leaves ? remainsOf(driver, claims) : undefined,
    ]);
    return {
        ...(remains === undefined ? {} : { remains }),
        ...(lag === undefined ? {} : { replicationLagSeconds: lag }),
        ...(held === undefined || holds === undefined ? {} : { commonSnapshots: commonSnapshotsOf(held, holds) }),
    };
}

/** At a site that does not serve any more; it waits for nothing that an array does not tell. */
function remainsAt({ role }: RoleRecord, { sources }: Behind): Pick<Observed, "remains"> {
    const follows = role !== "none" && role !== "active";
    return follows && sources !== undefined ? { remains: { sources, claims: undefined } } : {};
}

async function remainsOf(
    driver: Site["means"]["driver"],
    claims: Site["means"]["claims"],
): Promise<NonNullable<Observed["remains"]>> {
    const [sources, left] = await Promise.all([driver.sources(), claims.left()]);
    return { sources, claims: left };
}

/** The lines that preview and `up` show before anything is done. */
export function explain(outlook: Outlook): string[] {
    return linesOf(outlook).map((line) => withStackNames(line, outlook.stacks));
}

function linesOf(outlook: Outlook): string[] {
    const { decision, own, pending, configuration } = outlook;
    const who = `${configuration.item} at ${configuration.site}`;
    const is = describeRole(own);
    if (decision.kind === "refusal") {
        return [
            `${who} is ${is}; refused: ${render(decision.reason)}`,
            ...decision.remedies.map((remedy) => `  - ${render(remedy)}`),
        ];
    }
    const notes = [
        ...decision.notes.map((note) => `${who}: ${render(note)}`),
        ...outlook.remarks.map((remark) => `${who}: array: ${remark}`),
    ];
    if (pending.length === 0) {
        return [`${who} is ${is}; nothing to do`, ...notes];
    }
    const unguarded = outlook.unguarded ?? (own.guardedClaims === false ? unguardedClaims : undefined);
    const guard = unguarded === undefined ? [] : [`${who}: ${unguarded}`];
    const calls = pending.flatMap((item) => item.calls.map((call) => ({ step: item.step.do, call })));
    return [
        `${who} is ${is}; plan: ${decision.verb}`,
        ...notes,
        ...guard,
        ...calls.map(({ step, call }, index) => `${who}: ${index + 1}. ${step}: ${call}`),
    ];
}

const unguardedClaims =
    "the vaults' server does not honour conditional writes: runs at both sites at the same instant are not guarded against each other";

function configurationOf(inputs: MirrorRoleInputs): Configuration {
    return {
        item: inputs.application,
        site: inputs.site,
        peer: inputs.peerSite,
        active: inputs.active,
        acknowledgements: acknowledgementsOf(inputs),
        maxLagSeconds: milliseconds(inputs.maxLag ?? "15m") / 1000,
        ...(inputs.unprotect === true ? { unprotect: true } : {}),
        ...(inputs.path === undefined ? {} : { path: inputs.path }),
        ...(inputs.ownKeys === undefined ? {} : { ownKeys: inputs.ownKeys }),
    };
}

function acknowledgementsOf(inputs: MirrorRoleInputs): Acknowledgements {
    const { takeover, discard, lag, fullCopy } = inputs.acknowledgements ?? {};
    const parsed = discard === undefined ? undefined : parseDiscard(discard);
    return {
        ...(takeover === undefined ? {} : { takeover }),
        ...(parsed === undefined ? {} : { discard: parsed }),
        ...(lag === undefined ? {} : { lag }),
        ...(fullCopy === undefined ? {} : { fullCopy }),
    };
}

/** A record that does not say what it must is unknown: never the same as a peer that is nothing yet. */
function peerViewOf(inputs: MirrorRoleInputs): PeerView {
    const given = inputs.peerRecord;
    if (!given.known) {
        return given;
    }
    if (given.record === undefined || given.record === null) {
        return { known: true, record: undefined };
    }
    const parsed = parseRecord(given.record);
    if (!parsed.ok) {
        return { known: false, why: `the record in its stack's outputs cannot be read (${parsed.why})` };
    }
    const { site, application } = parsed.record;
    return site === inputs.peerSite && application === inputs.application
        ? { known: true, record: parsed.record }
        : { known: false, why: `the record in its stack's outputs is that of ${application} at ${site}` };
}
