import type { Claims } from "../../../../../provider/engine/claims";
import { compareEpochs } from "../../../../../provider/roles/epoch";
import { decide } from "../../../../../provider/roles/planner";
import { refusalCodes, type Decision, type RefusalCode } from "../../../../../provider/roles/planner/decision";
import { lacksCopy } from "../../../../../provider/roles/planner/predicates";
import { emptyRecord, epochOf, type RoleRecord } from "../../../../../provider/roles/record";
import { recordOf, type Situation } from "../../../../../provider/roles/situation";
import type { Step, StepName } from "../../../../../provider/roles/steps";
import { noSeal, type Seal } from "../../../../../provider/support/seal";
import { beginsEpoch } from "../../../../../provider/roles/planner/predicates";
import type { ModelSite } from "./world";

/** The planner as a run uses it, whole or with one guard taken out. */
export interface Planner {
    decide(situation: Situation): Decision;
    claims(claims: Claims): Claims;
    /** What the peer's record and what claims are verified with. */
    seal(seal: Seal, of: "peer" | "claims"): Seal;
    /** The record at a site, of those that may be there. */
    stored(site: Pick<ModelSite, "record" | "earlier">): string | undefined;
}

export const wholePlanner: Planner = {
    decide,
    claims: (claims) => claims,
    seal: (seal) => seal,
    stored: ({ record }) => record,
};

/** Something that keeps a plan from doing harm, and how to plan as if it were not there. */
export interface Guard {
    name: string;
    without: Planner;
}

/**
 * A refusal is taken out by deciding again in the situation that it would not refuse; a comparison or a claim by making
 * it always say yes; a step by leaving it out of every plan.
 */
export function guards(): Guard[] {
    return [
        ...refusalCodes
            .filter(isInModel)
            .map((code) => ({ name: `refusal: ${code}`, without: unrefused(code, excuses[code]) })),
        {
            name: "claims: every vault",
            without: {
                ...wholePlanner,
                claims: (claims) => ({
                    ...forgetting(claims),
                    claim: () => ({ actions: [], guarded: () => true }),
                }),
            },
        },
        {
            name: "claims: the other site's vault",
            without: {
                ...wholePlanner,
                claims: (claims) => ({
                    ...forgetting(claims),
                    claim: (step) => claims.claim(withoutOptional(step)),
                }),
            },
        },
        { name: "what never arrives is not waited for", without: alteredWhen(awaits, arrived) },
        { name: "MAC: the peer's record", without: unverified("peer") },
        { name: "MAC: claims", without: unverified("claims") },
        { name: "place: the record in its own namespace", without: { ...wholePlanner, stored: newerText } },
        { name: "claims: what a record says was begun", without: alteredWhen(saysBegun, forgetClaims) },
        { name: "comparison: a standby follows no older epoch", without: alteredWhen(isBehind, believePeer) },
        { name: "comparison: of one number twice, one is the newer", without: alteredWhen(sameNumber, forgetPeer) },
        { name: "comparison: a copy that is not complete is none", without: alteredWhen(isCopying, asIfWhole) },
        { name: "comparison: a mirror needs a base snapshot", without: alteredWhen(lacksBase, withBase) },
        ...guardingSteps.map((step) => ({ name: `step: ${step}`, without: withoutStep(step) })),
    ];
}

function forgetting(claims: Claims): Pick<Claims, "probe" | "forget" | "left" | "read"> {
    return {
        probe: () => claims.probe(),
        forget: (step) => claims.forget(step),
        left: () => claims.left(),
        read: (epoch) => claims.read(epoch),
    };
}

/** Steps that make nothing by themselves: they are there so that no harm comes of the others. */
const guardingSteps = [
    "mark",
    "await-copy",
    "stop-schedules",
    "stop-workloads",
    "count-unreplicated",
    "restore-application",
    "delete-schedules",
    "forbid-pods",
    "allow-pods",
    "release-sources",
    "forget-claims",
] as const satisfies readonly StepName[];

// Refusals ----------------------------------------------------------------------------------------------------------

type Excuse = (situation: Situation) => Situation;

function unrefused(code: RefusalCode, excuse: Excuse): Planner {
    return {
        ...wholePlanner,
        decide: (situation) => {
            const decision = decide(situation);
            return decision.kind === "refusal" && decision.code === code ? decide(excuse(situation)) : decision;
        },
    };
}

/**
 * About other clusters, other items, what others created, removed resources, and points to choose: the model has none.
 * The planner's tests hold these.
 */
const outsideModel = [
    "other-sites-cluster",
    "others-not-serving",
    "others-still-serve",
    "not-ours",
    "too-old",
    "cannot-be-mirrored",
    "cannot-be-fenced",
    "others-write",
    "final-snapshot-outlived",
    "final-snapshot-warned",
    "still-protected",
    "sources-left",
    "newer-than-token",
    "token-without-snapshot",
    "no-such-point",
] as const satisfies RefusalCode[];
type ModelCode = Exclude<RefusalCode, (typeof outsideModel)[number]>;

function isInModel(code: RefusalCode): code is ModelCode {
    return !outsideModel.some((outside) => outside === code);
}

/** For each refusal the situation, as near as can be to the real one, in which it would not be made. */
const excuses: Record<ModelCode, Excuse> = {
    "active-names-neither-site": (situation) => configured(situation, { active: situation.configuration.peer }),
    "own-record-lost": forgetPeerRecord,
    "peer-serves": forgetPeerRecord,
    "peer-took-over": (situation) => (situation.own.role === "active" ? forgetPeer(situation) : standbyPeer(situation)),
    "peer-unknown": (situation) =>
        situation.own.role === "none" ? forgetPeerRecord(situation) : standbyPeer(situation),
    "nobody-to-hand-over-to": standbyPeer,
    "replication-behind": (situation) => acknowledged(situation, { lag: "not asked" }),
    "no-token": takenOver,
    "epoch-has-passed": takenOver,
    "token-of-other-epoch": trustToken,
    "token-of-other-application": trustToken,
    "token-for-other-site": trustToken,
    "token-used": trustToken,
    "nothing-replicated": (situation) => ({
        ...situation,
        observed: {
            ...situation.observed,
            mirror: {
                state: "established",
                sourceApplicationUid: "",
                recoveryPoint: { snapshot: "none", takenAt: situation.now.toISOString() },
            },
        },
    }),
    "claim-not-authentic": forgetClaims,
    "claim-not-found": forgetClaims,
    "record-not-authentic": ({ trust: _, ...situation }) => situation,
    unfinished: (situation) => {
        const { underWay: _, ...own } = situation.own;
        return { ...situation, own };
    },
    "full-copy": (situation) => acknowledged(situation, { fullCopy: peerRecord(situation)?.epoch ?? 0 }),
    "role-change-under-way": (situation) => {
        const { site, peer } = situation.configuration;
        const ofPeer = { site: peer, epoch: peerRecord(situation)?.epoch ?? situation.own.epoch };
        const discard = situation.own.role === "active" ? ofPeer : { site, epoch: situation.own.epoch };
        const { own } = situation;
        return acknowledged(
            { ...situation, own: own.role === "stood-down" ? { ...own, role: "displaced" } : own },
            { discard },
        );
    },
    "nobody-serves": (situation) => seeing(situation, { ...peerRecord(situation)!, role: "none" }),
    "served-elsewhere": forgetPeerRecord,
    "would-overwrite": (situation) => {
        const { workloads: _, ...observed } = situation.observed;
        return { ...situation, observed, own: { ...situation.own, history: [] } };
    },
    "changed-by-others": (situation) => {
        const { changed: _changed, copies: _copies, ...observed } = situation.observed;
        const { mirrorSource: _source, ...own } = situation.own;
        return { ...situation, own, observed };
    },
    "mirror-resumed": ({ observed: { bringing: _, ...observed }, ...situation }) => ({ ...situation, observed }),
    "promoted-other-point": (situation) => {
        const { mirror, ...observed } = situation.observed;
        const { promotedPoint: _point, ...promoted } = mirror!;
        return { ...situation, observed: { ...observed, changed: [], mirror: promoted } };
    },
    "ran-since": ({ observed, ...situation }) => ({
        ...situation,
        observed: { ...observed, barrier: { stands: true } },
    }),
    "discard-of-other-epoch": (situation) =>
        acknowledged(situation, {
            discard: { site: situation.configuration.peer, epoch: peerRecord(situation)?.epoch ?? 0 },
        }),
};

function configured(situation: Situation, part: Partial<Situation["configuration"]>): Situation {
    return { ...situation, configuration: { ...situation.configuration, ...part } };
}

function acknowledged(situation: Situation, part: Situation["configuration"]["acknowledgements"]): Situation {
    const { acknowledgements } = situation.configuration;
    return configured(situation, { acknowledgements: { ...acknowledgements, ...part } });
}

function takenOver(situation: Situation): Situation {
    const highest = Math.max(situation.own.epoch, peerRecord(situation)?.epoch ?? 0);
    return acknowledged(situation, { takeover: highest + 1 });
}

function trustToken(situation: Situation): Situation {
    const { own, configuration } = situation;
    const { item, site, peer } = configuration;
    const theirs = peerRecord(situation)!;
    return seeing(situation, {
        ...theirs,
        token: { ...theirs.token!, application: item, from: peer, to: site, epoch: own.epoch },
    });
}

function standbyPeer(situation: Situation): Situation {
    const { own, configuration } = situation;
    const { item, site, peer } = configuration;
    const { epoch, began, activeSite } = own;
    return seeing(situation, { ...emptyRecord(item, peer, site), role: "standby", epoch, began, activeSite });
}

function forgetPeerRecord(situation: Situation): Situation {
    return { ...situation, peer: { known: true, record: undefined } };
}

function forgetPeer(situation: Situation): Situation {
    return { ...situation, peer: { known: false, why: "not looked at" } };
}

function seeing(situation: Situation, record: RoleRecord): Situation {
    return { ...situation, peer: { known: true, record } };
}

function peerRecord({ peer }: Situation): RoleRecord | undefined {
    return recordOf(peer);
}

function forgetClaims(situation: Situation): Situation {
    const { claims: _, ...observed } = situation.observed;
    return { ...situation, observed };
}

function awaits({ observed }: Situation): boolean {
    return observed.mirror?.awaits !== undefined;
}

function arrived({ observed, ...situation }: Situation): Situation {
    const { awaits: _, ...mirror } = observed.mirror!;
    return { ...situation, observed: { ...observed, mirror } };
}

// What is believed --------------------------------------------------------------------------------------------------

function unverified(what: "peer" | "claims"): Planner {
    return { ...wholePlanner, seal: (seal, of) => (of === what ? noSeal : seal) };
}

/** As if a record that others can write counted by its serial. */
function newerText({ record, earlier }: Pick<ModelSite, "record" | "earlier">): string | undefined {
    return earlier === undefined || record === undefined || serialOf(earlier) < serialOf(record) ? record : earlier;
}

function serialOf(text: string): number {
    return (JSON.parse(text) as RoleRecord).serial;
}

function saysBegun({ own: { underWay } }: Situation): boolean {
    return underWay !== undefined && underWay.claimed !== true && beginsEpoch(underWay);
}

// Comparisons -------------------------------------------------------------------------------------------------------

function alteredWhen(applies: (situation: Situation) => boolean, alter: Excuse): Planner {
    return { ...wholePlanner, decide: (situation) => decide(applies(situation) ? alter(situation) : situation) };
}

function isBehind(situation: Situation): boolean {
    const theirs = peerRecord(situation);
    const [own, other] = [epochOf(situation.own), theirs && epochOf(theirs)];
    return (
        situation.own.role === "standby" &&
        theirs?.role === "active" &&
        own !== undefined &&
        other !== undefined &&
        compareEpochs(other, own) < 0
    );
}

function believePeer(situation: Situation): Situation {
    const { epoch, began, activeSite } = peerRecord(situation)!;
    return { ...situation, own: { ...situation.own, epoch, began, activeSite } };
}

function sameNumber(situation: Situation): boolean {
    const theirs = peerRecord(situation);
    return situation.own.role === "active" && theirs?.role === "active" && theirs.epoch === situation.own.epoch;
}

function isCopying({ own, observed }: Situation): boolean {
    return own.role === "standby" && observed.mirror !== undefined && lacksCopy(observed.mirror);
}

function asIfWhole({ observed, ...situation }: Situation): Situation {
    const recoveryPoint = { snapshot: "none", takenAt: situation.now.toISOString() };
    return {
        ...situation,
        observed: { ...observed, mirror: { ...observed.mirror!, state: "established", recoveryPoint } },
    };
}

function lacksBase(situation: Situation): boolean {
    const theirs = peerRecord(situation);
    return theirs?.role === "active" && theirs.baseSnapshot === undefined;
}

function withBase(situation: Situation): Situation {
    return seeing(situation, { applicationUid: "", ...peerRecord(situation)!, baseSnapshot: "none" });
}

// Claims and steps --------------------------------------------------------------------------------------------------

function withoutOptional(step: Extract<Step, { do: "claim" }>): Extract<Step, { do: "claim" }> {
    return { ...step, vaults: step.vaults.filter((vault) => vault.required) };
}

function withoutStep(name: StepName): Planner {
    return {
        ...wholePlanner,
        decide: (situation) => {
            const decision = decide(situation);
            return decision.kind === "plan"
                ? { ...decision, steps: decision.steps.filter((step) => step.do !== name) }
                : decision;
        },
    };
}
