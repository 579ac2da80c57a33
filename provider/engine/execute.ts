import type { Driver, DriverStep, Progress } from "../drivers/driver";
import { withChange, type HeldVolume, type RoleChange, type RoleRecord, type Unreplicated } from "../roles/record";
import { lossBoundSeconds, type Observed } from "../roles/situation";
import type { Plan } from "../roles/planner/decision";
import type { Step } from "../roles/steps";
import type { EpochClaims } from "./epochClaims";
import type { RecordKeeper } from "./recordStore";

/** What it takes to carry a plan out at one site. */
export interface Means<Seen extends Observed> {
    driver: Driver<Seen>;
    claims: Pick<EpochClaims, "callsOf" | "claim" | "callsOfForgetting" | "forget">;
    keeper: RecordKeeper;
    progress: Progress;
    signal: AbortSignal;
}

/** One step that is still to be done, with the calls it will make. */
export interface PendingStep {
    step: Step;
    calls: readonly string[];
}

/** The steps of a plan whose effect is not there yet: what preview prints, and what `up` does. */
export function pendingSteps<Seen extends Observed>(
    means: Pick<Means<Seen>, "driver" | "claims" | "keeper">,
    plan: Plan,
    own: RoleRecord,
    seen: Seen,
): PendingStep[] {
    const pending: PendingStep[] = [];
    for (const step of plan.steps) {
        const calls = callsOf(means, step, own, seen, pending.some(isRecorded));
        if (calls.length > 0) {
            pending.push({ step, calls });
        }
    }
    return pending;
}

/**
 * Does the steps of a plan in order; each looks first, so that a run that follows one that was cut off passes over
 * what is there. `save` is told of each record that was written, so that a failure half-way leaves the newest behind.
 */
export async function carryOut<Seen extends Observed>(
    means: Means<Seen>,
    plan: Plan,
    own: RoleRecord,
    save: (record: RoleRecord) => void,
): Promise<RoleRecord> {
    const stages: RoleChange["stages"] = [];
    let record = own;
    let changed = false;
    const first = await means.driver.observe();
    const lookedAt = new Date();
    for (const step of plan.steps) {
        if (means.signal.aborted) {
            throw new Error(`interrupted before "${step.do}"; pulumi up goes on from there`);
        }
        const seen = await means.driver.observe();
        const calls = callsOf(means, step, record, seen, changed);
        if (calls.length === 0) {
            continue;
        }
        changed ||= isRecorded({ step });
        const began = Date.now();
        means.progress(calls.join("; "));
        record = await perform(means, plan, step, record, seen, { stages, first, own, began: lookedAt });
        save(record);
        stages.push({ step: step.do, seconds: (Date.now() - began) / 1000 });
    }
    return record;
}

/** What is tidied up after a change is no change. */
function isRecorded({ step }: { step: Step }): boolean {
    return step.do !== "forget-snapshots";
}

interface Past<Seen> {
    stages: RoleChange["stages"];
    first: Seen;
    /** When it was first looked: what is announced is announced by then. */
    began: Date;
    own: RoleRecord;
}

async function perform<Seen extends Observed>(
    means: Means<Seen>,
    plan: Plan,
    step: Step,
    record: RoleRecord,
    seen: Seen,
    past: Past<Seen>,
): Promise<RoleRecord> {
    switch (step.do) {
        case "claim": {
            const { guarded } = await means.claims.claim(step, means.progress);
            const { underWay } = record;
            return means.keeper.write({
                ...record,
                guardedClaims: guarded,
                ...(underWay === undefined ? {} : { underWay: { ...underWay, claimed: true } }),
            });
        }
        case "mark":
            return means.keeper.write({
                ...record,
                underWay: {
                    verb: step.verb,
                    epoch: step.epoch,
                    began: step.began,
                    ...(step.token === undefined ? {} : { token: step.token }),
                },
            });
        case "forget-claims":
            await means.claims.forget(step);
            return record;
        case "count-unreplicated": {
            const found = await means.driver.unreplicated(step.since);
            means.progress(describeUnreplicated(found, record.site));
            return means.keeper.write({ ...record, unreplicated: found });
        }
        case "record": {
            const holds = tellsHoldings(step, record) ? await means.driver.holdings() : record.holds;
            return means.keeper.write(
                withChange(recorded(means, step, record, seen, holds), changeOf(plan, step, record, past)),
            );
        }
        default:
            await means.driver.perform(step, seen, means.progress);
            return record;
    }
}

type RecordStep = Extract<Step, { do: "record" }>;

function callsOf<Seen extends Observed>(
    means: Pick<Means<Seen>, "driver" | "claims" | "keeper">,
    step: Step,
    own: RoleRecord,
    seen: Seen,
    changed: boolean,
): readonly string[] {
    switch (step.do) {
        case "claim":
            return own.epoch >= step.epoch || (own.underWay?.epoch === step.epoch && own.underWay.claimed === true)
                ? []
                : means.claims.callsOf(step);
        case "mark":
            return own.underWay?.verb === step.verb && own.underWay.epoch === step.epoch
                ? []
                : [`apply ${means.keeper.describe()}: ${step.verb}, epoch ${step.epoch}, under way`];
        case "forget-claims":
            return means.claims.callsOfForgetting(step);
        case "count-unreplicated":
            return [
                `count what ${own.site} wrote ${step.since === undefined ? "and the other site does not have" : `since ${step.since.snapshot} of ${step.since.takenAt}`}; apply ${means.keeper.describe()}`,
            ];
        case "record":
            return changed ||
                tellsHoldings(step, own) ||
                !sameButForTheLog(recorded(means, step, own, seen, own.holds), own)
                ? [`apply ${means.keeper.describe()}: ${step.role}, epoch ${step.epoch}`]
                : [];
        default:
            return means.driver.callsOf(step satisfies DriverStep, seen);
    }
}

/** The record as it stands once the step is done. */
function recorded<Seen extends Observed>(
    means: Pick<Means<Seen>, "driver">,
    step: RecordStep,
    own: RoleRecord,
    seen: Seen,
    holds: HeldVolume[] | undefined,
): RoleRecord {
    const {
        underWay: _,
        applicationUid: _uid,
        baseSnapshot: _base,
        mirrorKept: _kept,
        token: _token,
        holds: _holds,
        unreplicated,
        ...rest
    } = own;
    const { applicationUid, baseSnapshot, token } = means.driver.facts(seen, step.epoch);
    return {
        ...rest,
        role: step.role,
        epoch: step.epoch,
        began: step.began,
        activeSite: step.activeSite,
        ...(step.mirrorKept ? { mirrorKept: true } : {}),
        ...(step.role === "active" && applicationUid !== undefined ? { applicationUid } : {}),
        ...(step.role === "active" && baseSnapshot !== undefined ? { baseSnapshot } : {}),
        ...(step.role === "active" && holds !== undefined ? { holds } : {}),
        ...(step.role === "stood-down" && token !== undefined ? { token } : {}),
        ...(step.role === "displaced" && unreplicated !== undefined ? { unreplicated } : {}),
    };
}

/** Once for each epoch: later snapshots come and go, and a record that followed them would never be at rest. */
function tellsHoldings(step: RecordStep, own: RoleRecord): boolean {
    return step.role === "active" && (own.holds === undefined || own.role !== "active" || own.epoch !== step.epoch);
}

/** What a site gives up, in a sentence. */
export function describeUnreplicated({ since, seconds, bytes, countedAt }: Unreplicated, site: string): string {
    const from =
        since === undefined ? "that the other site does not have" : `since ${since.snapshot} of ${since.takenAt}`;
    const span =
        seconds === undefined
            ? "a time that no record tells"
            : `at most the writes of ${Math.ceil(seconds)} s until ${countedAt}`;
    const size =
        bytes === undefined ? "the array does not tell how many bytes" : `${bytes} bytes changed on its volumes`;
    return `what ${site} wrote ${from}: ${span}, ${size}. It is kept until ${site} rejoins, and given up then`;
}

function changeOf<Seen extends Observed>(
    plan: Plan,
    step: RecordStep,
    record: RoleRecord,
    past: Past<Seen>,
): RoleChange {
    const recoveryPoint = past.first.mirror?.recoveryPoint;
    const takesOver = plan.verb === "take over without a token";
    const bound = takesOver ? lossBoundSeconds(recoveryPoint, past.began) : undefined;
    return {
        epoch: step.epoch,
        from: past.own.role,
        to: step.role,
        verb: plan.verb,
        at: new Date().toISOString(),
        ...(plan.by === undefined ? {} : { by: plan.by }),
        ...(recoveryPoint === undefined ? {} : { recoveryPoint }),
        ...(bound === undefined ? {} : { lossBoundSeconds: bound }),
        ...(record.unreplicated === undefined ? {} : { unreplicated: record.unreplicated }),
        stages: [...past.stages],
    };
}

/** Written anew, a record differs in its serial and its history; those do not make it another one. */
function sameButForTheLog(left: RoleRecord, right: RoleRecord): boolean {
    const bare = ({ serial: _serial, history: _history, ...rest }: RoleRecord) =>
        JSON.stringify(Object.entries(rest).sort(([one], [other]) => (one < other ? -1 : 1)));
    return bare(left) === bare(right);
}
