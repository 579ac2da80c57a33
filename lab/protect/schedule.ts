import {
    type Controller,
    type Kind,
    type KubeObject,
    type ObjectMeta,
    type ReconcileResult,
    ApiError,
    isDeleting,
    messageOf,
    ownerReference,
    refOf,
    runController,
    timestamp,
} from "../controllers";
import type { Context } from "./context";
import { type Application, type Existing, type Schedule, kinds } from "./kinds";
import { scheduledName } from "./names";
import { nextDue, timetableErrors, timetableRecurrence } from "./recurrence";
import { reportStatus } from "./status";

/** Names the Schedule, by its UID, that made a Snapshot or a Backup. */
const scheduleLabel = "protect.trident.netapp.io/schedule-uid";

/** Times beyond this are waited for in several parts: a timer holds no more than 24 days. */
const longestPauseMs = 60 * 60_000;

/** Makes Snapshots and Backups at the times that Schedules name, and removes those beyond their retentions. */
export function runScheduleController(context: Context): Controller {
    /** When each Schedule last fired, by UID, to the millisecond; its status keeps whole seconds. */
    const lastFired = new Map<string, Date>();
    return runController<Existing<Schedule>>({
        cluster: context.cluster,
        kind: kinds.schedule,
        log: context.log,
        triggers: [kinds.snapshot, kinds.backup].map((kind) => ({
            kind,
            concerns: ({ metadata }) => {
                const name = metadata.annotations?.[scheduleLabel];
                return name === undefined ? [] : [{ namespace: metadata.namespace, name }];
            },
        })),
        reconcile: (schedule) => (isDeleting(schedule) ? Promise.resolve() : follow(context, schedule, lastFired)),
    });
}

async function follow(
    context: Context,
    schedule: Existing<Schedule>,
    lastFired: Map<string, Date>,
): Promise<ReconcileResult> {
    const errors = timetableErrors(schedule.spec);
    if (errors.length > 0) {
        await reportStatus(context, kinds.schedule, schedule, { error: errors.join("; ") });
        return;
    }
    const { snapshotRetention, backupRetention, enabled } = schedule.spec;
    await prune(context, schedule, kinds.snapshot, Number(snapshotRetention));
    await prune(context, schedule, kinds.backup, Number(backupRetention));
    if (enabled === false || (snapshotRetention === "0" && backupRetention === "0")) {
        return;
    }
    await runOnceAtFirst(context, schedule);

    const { uid, creationTimestamp = "" } = schedule.metadata;
    const anchor = new Date(creationTimestamp);
    const known = schedule.status?.lastScheduleTime;
    const last = lastFired.get(uid) ?? (known === undefined ? anchor : new Date(known));
    const clock = { anchor, speed: context.calendarSpeed };
    const recurrence = timetableRecurrence(schedule.spec);
    const now = new Date();
    const due = nextDue(recurrence, last, clock);
    if (due !== undefined && due <= now) {
        // Times that were missed are not made up for: one now stands for them all.
        lastFired.set(uid, now);
        const made = await fire(context, schedule, now);
        await reportStatus(context, kinds.schedule, schedule, {
            lastScheduleTime: timestamp(now),
            ...(made ? { error: "" } : {}),
        });
    }
    const next = nextDue(recurrence, now, clock);
    if (next !== undefined) {
        return { requeueAfterMs: Math.min(longestPauseMs, Math.max(10, next.getTime() - Date.now())) };
    }
}

async function runOnceAtFirst(context: Context, schedule: Existing<Schedule>): Promise<void> {
    const { immediateRunStatus = "" } = schedule.status ?? {};
    if (immediateRunStatus !== "") {
        return;
    }
    if (schedule.spec.runImmediately !== true) {
        await reportStatus(context, kinds.schedule, schedule, { immediateRunStatus: "NotRequested" });
        return;
    }
    const created = new Date(schedule.metadata.creationTimestamp ?? "");
    const made = await fire(context, schedule, created);
    await reportStatus(context, kinds.schedule, schedule, { immediateRunStatus: made ? "Completed" : "Failed" });
}

/**
 * Makes one Snapshot, one Backup or both; a failure is told in the Schedule's status, and the next time comes all the
 * same. The Backup takes a Snapshot of its own.
 */
async function fire(context: Context, schedule: Existing<Schedule>, at: Date): Promise<boolean> {
    const { namespace } = schedule.metadata;
    const { applicationRef, appVaultRef, snapshotRetention, backupRetention, dataMover } = schedule.spec;
    const { snapshotReclaimPolicy, backupReclaimPolicy } = schedule.spec;
    try {
        const ref = { namespace, name: applicationRef };
        const application = await context.cluster.get<Application>(kinds.application, ref);
        if (application === undefined) {
            throw new Error(`Application ${namespace}/${applicationRef} does not exist`);
        }
        if (snapshotRetention !== "0") {
            const spec = { applicationRef, appVaultRef, reclaimPolicy: snapshotReclaimPolicy };
            await makeOne(context, schedule, at, kinds.snapshot, spec, [ownerReference(application)]);
        }
        if (backupRetention !== "0") {
            const spec = { applicationRef, appVaultRef, reclaimPolicy: backupReclaimPolicy, dataMover };
            await makeOne(context, schedule, at, kinds.backup, spec);
        }
        return true;
    } catch (error) {
        await reportStatus(context, kinds.schedule, schedule, { error: messageOf(error) });
        return false;
    }
}

async function makeOne(
    { cluster }: Context,
    { metadata: { namespace, uid, name }, spec: { granularity } }: Existing<Schedule>,
    at: Date,
    kind: Kind,
    spec: object,
    ownerReferences?: ObjectMeta["ownerReferences"],
): Promise<void> {
    try {
        await cluster.create({
            ...kind,
            metadata: {
                name: scheduledName({ granularity, uid }, at),
                namespace,
                labels: { [scheduleLabel]: uid },
                annotations: { [scheduleLabel]: name },
                ...(ownerReferences === undefined ? {} : { ownerReferences }),
            },
            spec,
        });
    } catch (error) {
        if (!(error instanceof ApiError && error.alreadyExists)) {
            throw error;
        }
    }
}

/** Removes the oldest complete ones beyond the retention, and failed ones that are older than those kept. */
async function prune(context: Context, schedule: Existing<Schedule>, kind: Kind, kept: number): Promise<void> {
    const { cluster } = context;
    const { namespace, uid } = schedule.metadata;
    const labelSelector = `${scheduleLabel}=${uid}`;
    const made = (await cluster.list(kind, { namespace, labelSelector })).filter((one) => !isDeleting(one));
    const age = ({ metadata }: KubeObject): number => Date.parse(metadata.creationTimestamp ?? "");
    const newestFirst = made.sort((a, b) => age(b) - age(a) || (a.metadata.name < b.metadata.name ? 1 : -1));
    for (const state of ["Completed", "Failed"]) {
        const surplus = newestFirst.filter(({ status }) => status?.state === state).slice(Math.max(1, kept));
        await Promise.all(surplus.map((one) => cluster.delete(kind, refOf(one))));
    }
}
