import { type Facts, recordedSnapshots } from "../drivers/driver";
import type { Plan } from "../roles/planner/decision";
import type { HeldVolume, RecoveryPoint, RoleChange, RoleRecord, Unreplicated } from "../roles/record";
import { lossBoundSeconds } from "../roles/situation";
import type { Step } from "../roles/steps";

export type RecordStep = Extract<Step, { do: "record" }>;

/** The record once a `record` step is done. */
export function recordAfter(
    step: RecordStep,
    own: RoleRecord,
    facts: Facts,
    holds: readonly HeldVolume[] | undefined,
): RoleRecord {
    const {
        underWay: _,
        applicationUid: _uid,
        baseSnapshot: _base,
        mirrorKept: _kept,
        token: _token,
        holds: _holds,
        mirrorSource: _source,
        unreplicated,
        ...rest
    } = own;
    const { applicationUid, baseSnapshot, token } = facts;
    const { role } = step;
    return {
        ...rest,
        role,
        epoch: step.epoch,
        began: step.began,
        activeSite: step.activeSite,
        ...(step.mirrorKept ? { mirrorKept: true } : {}),
        ...(role === "active" && applicationUid !== undefined ? { applicationUid } : {}),
        ...(role === "active" && baseSnapshot !== undefined ? { baseSnapshot } : {}),
        ...(role === "active" && holds !== undefined ? { holds: recordable(holds) } : {}),
        ...(step.mirrorSource === undefined ? {} : { mirrorSource: step.mirrorSource }),
        ...(role === "stood-down" && token !== undefined ? { token } : {}),
        ...(role === "displaced" && unreplicated !== undefined ? { unreplicated } : {}),
    };
}

/** Some 150 bytes each, in a ConfigMap, which holds one MiB. */
const mostRecorded = 3_000;

/** The newest of each volume, for which a record has room; what a site compares with it are all of its own. */
function recordable(holds: readonly HeldVolume[]): HeldVolume[] {
    const count = Math.max(1, Math.min(recordedSnapshots, Math.floor(mostRecorded / Math.max(1, holds.length))));
    return holds.map((held) => ({ ...held, snapshots: held.snapshots.slice(-count) }));
}

/** Once for each epoch: later snapshots come and go, and a record that followed them would never be at rest. */
export function recordsHeldSnapshots(step: RecordStep, own: RoleRecord): boolean {
    return step.role === "active" && (own.holds === undefined || own.role !== "active" || own.epoch !== step.epoch);
}

/** Written again, a record differs in its serial, its history and its MAC; those do not make it another one. */
export function sameExceptLog(left: RoleRecord, right: RoleRecord): boolean {
    const bare = ({ serial: _serial, history: _history, mac: _mac, ...rest }: RoleRecord) =>
        JSON.stringify(Object.entries(rest).sort(([one], [other]) => (one < other ? -1 : 1)));
    return bare(left) === bare(right);
}

/** What a run began from, and how long its steps took. */
export interface RunLog {
    from: RoleRecord["role"];
    recoveryPoint: RecoveryPoint | undefined;
    /** When the site was read: the loss that is announced is counted up to then. */
    readAt: Date;
    stages: RoleChange["stages"];
}

/** The entry of a record's history for a change of roles. */
export function changeOf(plan: Plan, step: RecordStep, record: RoleRecord, log: RunLog): RoleChange {
    const recoveryPoint = plan.recoveryPoint ?? log.recoveryPoint;
    const bound = plan.verb === "take over without a token" ? lossBoundSeconds(recoveryPoint, log.readAt) : undefined;
    return {
        epoch: step.epoch,
        from: log.from,
        to: step.role,
        verb: plan.verb,
        at: new Date().toISOString(),
        ...(plan.by === undefined ? {} : { by: plan.by }),
        ...(recoveryPoint === undefined ? {} : { recoveryPoint }),
        ...(bound === undefined ? {} : { lossBoundSeconds: bound }),
        ...(record.unreplicated === undefined ? {} : { unreplicated: record.unreplicated }),
        seconds: sumOf(log.stages),
        stages: [...log.stages],
    };
}

function sumOf(stages: RunLog["stages"]): number {
    return stages.reduce((milliseconds, { seconds }) => milliseconds + Math.round(seconds * 1000), 0) / 1000;
}

/** What a site gives up, in a sentence. */
export function describeUnreplicated({ since, seconds, bytes, countedAt }: Unreplicated, site: string): string {
    const from =
        since === undefined ? "that the other site does not have" : `since ${since.snapshot} of ${since.takenAt}`;
    const span =
        seconds === undefined
            ? "an unknown period"
            : `at most the writes of ${Math.ceil(seconds)} s until ${countedAt}`;
    const size =
        bytes === undefined ? "the array does not report how many bytes" : `${bytes} bytes changed on its volumes`;
    return `what ${site} wrote ${from}: ${span}, ${size}. It is kept until ${site} rejoins, and discarded then`;
}
