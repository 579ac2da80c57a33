import assert from "node:assert/strict";
import type { Beginning } from "../../../../provider/roles/epoch";
import { render } from "../../../../provider/roles/messages/message";
import { decide } from "../../../../provider/roles/planner";
import type { Plan, RefusalCode } from "../../../../provider/roles/planner/decision";
import { emptyRecord, type HandOverToken, type RoleRecord, type Verb } from "../../../../provider/roles/record";
import type {
    Configuration,
    Observed,
    Order,
    PeerView,
    RecordMove,
    RecordTrust,
    Situation,
} from "../../../../provider/roles/situation";
import type { Step, StepName } from "../../../../provider/roles/steps";

/** Situations of a pair, east and west, that mirrors the item `shop`; and what the planner decides in them. */
export type SiteName = "east" | "west";

export const now = new Date("2026-11-22T03:00:00Z");

/** A situation as a test tells it; what it does not mention is as it is in a healthy pair. */
export interface Told {
    own: RoleRecord;
    /** The site that should serve. */
    active: string;
    /** Default: the peer's stack was never deployed. */
    peer?: RoleRecord | PeerView;
    acknowledgements?: Configuration["acknowledgements"];
    /** Default: {@link replicated}. */
    observed?: Observed;
    order?: Order;
    trust?: RecordTrust;
    move?: RecordMove;
    unprotect?: boolean;
    unmanage?: boolean;
    removes?: boolean;
    path?: string;
    ownKeys?: Configuration["ownKeys"];
}

export function given({
    own,
    active,
    peer,
    acknowledgements = {},
    observed = replicated,
    order,
    trust,
    move,
    ...more
}: Told) {
    return {
        own,
        peer: peer !== undefined && "known" in peer ? peer : { known: true, record: peer },
        configuration: {
            item: "shop",
            site: own.site,
            peer: own.peer,
            active,
            acknowledgements,
            maxLagSeconds: 900,
            ...more,
        },
        observed,
        order,
        ...(trust === undefined ? {} : { trust }),
        ...(move === undefined ? {} : { move }),
        now,
    } satisfies Situation;
}

// What the planner decides ------------------------------------------------------------------------------------------

export function planFor(told: Told): Plan {
    const decision = decide(given(told));
    assert.ok(decision.kind === "plan", decision.kind === "refusal" ? render(decision.reason) : "");
    return decision;
}

export function stepsFor(told: Told): StepName[] {
    return planFor(told).steps.map((step) => step.do);
}

export function notesFor(told: Told): string[] {
    return planFor(told).notes.map((note) => render(note));
}

export function stepFor<Name extends StepName>(name: Name, told: Told): Extract<Step, { do: Name }> {
    const step = planFor(told).steps.find((one): one is Extract<Step, { do: Name }> => one.do === name);
    assert.ok(step !== undefined, `no ${name} in the plan`);
    return step;
}

export function refusalFor(told: Told): { code: RefusalCode; reason: string; remedies: string[] } {
    const decision = decide(given(told));
    assert.ok(decision.kind === "refusal", JSON.stringify(decision));
    assert.ok(decision.remedies.length > 0, `${decision.code} names no remedy`);
    const { code, reason, remedies } = decision;
    return { code, reason: render(reason), remedies: remedies.map((remedy) => render(remedy)) };
}

export function refusalCodeFor(told: Told): RefusalCode {
    return refusalFor(told).code;
}

// What a site is ----------------------------------------------------------------------------------------------------

export const unreadable: PeerView = { known: false, why: "its stack cannot be read" };

export function withoutRole(site: SiteName): RoleRecord {
    return emptyRecord("shop", site, otherThan(site));
}

export function active(site: SiteName, epoch: number, more: Partial<RoleRecord> = {}): RoleRecord {
    return {
        ...withoutRole(site),
        role: "active",
        epoch,
        activeSite: site,
        applicationUid: `uid-${site}`,
        baseSnapshot: `shop-base-${epoch}`,
        ...more,
    };
}

/** Serves after a takeover without a token; the mirror is kept until the other site is back. */
export function tookOver(site: SiteName, epoch: number, more: Partial<RoleRecord> = {}): RoleRecord {
    return active(site, epoch, { began: "takeover", ...more });
}

export function standby(site: SiteName, epoch: number, more: Partial<RoleRecord> = {}): RoleRecord {
    return { ...withoutRole(site), role: "standby", epoch, activeSite: otherThan(site), ...more };
}

/** East has stood down in epoch 1, for west. */
export function stoodDown(more: Partial<RoleRecord> = {}): RoleRecord {
    return { ...withoutRole("east"), role: "stood-down", epoch: 1, activeSite: "east", token: token(), ...more };
}

export function displaced(site: SiteName, epoch: number, more: Partial<RoleRecord> = {}): RoleRecord {
    return {
        ...withoutRole(site),
        role: "displaced",
        epoch,
        began: "takeover",
        activeSite: otherThan(site),
        ...more,
    };
}

/** Has left the mirror, in which it had the role `from`. */
export function outOfMirror(site: SiteName, epoch: number, from: RoleRecord["role"]): RoleRecord {
    return {
        ...withoutRole(site),
        epoch,
        activeSite: "east",
        history: [{ epoch, from, to: "none", verb: "abandon", at: now.toISOString(), stages: [] }],
    };
}

/** Has let go of the item with its mirror, in which it had the role `from`. */
export function unmanaged(site: SiteName, epoch: number, from: RoleRecord["role"]): RoleRecord {
    const out = outOfMirror(site, epoch, from);
    return { ...out, history: out.history.map((change) => ({ ...change, verb: "unmanage" })) };
}

/** The same site after a run that was cut off. */
export function cutOff(
    record: RoleRecord,
    verb: Verb,
    epoch: number,
    began: Beginning,
    more: Partial<NonNullable<RoleRecord["underWay"]>> = {},
): RoleRecord {
    return { ...record, underWay: { verb, epoch, began, ...more } };
}

/** East's hand-over of epoch 1 to west. */
export function token(more: Partial<HandOverToken> = {}): HandOverToken {
    return {
        application: "shop",
        epoch: 1,
        from: "east",
        to: "west",
        finalSnapshot: "20261122025959_shop-shutdown-1_abc",
        archivePath: "shop_uid-east/snapshots/20261122025959_shop-shutdown-1_abc",
        applicationUid: "uid-east",
        time: now.toISOString(),
        ...more,
    };
}

// What is seen ------------------------------------------------------------------------------------------------------

export const nothingThere: Observed = { mirror: undefined, barrier: { stands: true } };

export const replicated: Observed = {
    mirror: {
        state: "established",
        sourceApplicationUid: "uid-east",
        recoveryPoint: { snapshot: "custom-1", takenAt: "2026-11-22T02:57:30Z" },
    },
    replicationLagSeconds: 150,
    barrier: { stands: true },
    commonSnapshots: [
        {
            volume: "shop/data",
            common: { name: "snapshot-1", versionUuid: "version-1", takenAt: "2026-11-22T02:57:31Z" },
        },
    ],
};

function otherThan(site: SiteName): SiteName {
    return site === "east" ? "west" : "east";
}
