import {
    type Controller,
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
import { type AppSnapshot, type Application, type Existing, type Schedule, kinds } from "./kinds";
import { scheduledSnapshotName } from "./names";
import { nextDue, timetableErrors, timetableRecurrence } from "./recurrence";
import { reportStatus } from "./status";

/** Names the Schedule, by its UID, that made a Snapshot. */
const scheduleLabel = "protect.trident.netapp.io/schedule-uid";

/** Times beyond this are waited for in several parts: a timer holds no more than 24 days. */
const longestPauseMs = 60 * 60_000;

/** Makes Snapshots at the times that Schedules name, and removes those beyond their retention. */
export function runScheduleController(context: Context): Controller {
    /** When each Schedule last fired, by UID, to the millisecond; its status keeps whole seconds. */
    const lastFired = new Map<string, Date>();
    return runController<Existing<Schedule>>({
        cluster: context.cluster,
        kind: kinds.schedule,
        log: context.log,
        triggers: [
            {
                kind: kinds.snapshot,
                concerns: ({ metadata }) => {
                    const name = metadata.annotations?.[scheduleLabel];
                    return name === undefined ? [] : [{ namespace: metadata.namespace, name }];
                },
            },
        ],
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
    await prune(context, schedule);
    if (schedule.spec.enabled === false || schedule.spec.snapshotRetention === "0") {
        return;
    }
    await runOnceAtFirst(context, schedule);

    const { uid, creationTimestamp = "" } = schedule.metadata;
    const anchor = new Date(creationTimestamp);
    const known = schedule.status?.lastScheduleTime;
    const last = lastFired.get(uid) ?? (known === undefined ? anchor : new Date(known));
    const clock = { anchor, speed: context.speed };
    const recurrence = timetableRecurrence(schedule.spec);
    const now = new Date();
    const due = nextDue(recurrence, last, clock);
    if (due !== undefined && due <= now) {
        // Times that were missed are not made up for: one snapshot now stands for them all.
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

/** Makes one Snapshot; a failure is told in the Schedule's status, and the next time comes all the same. */
async function fire(context: Context, schedule: Existing<Schedule>, at: Date): Promise<boolean> {
    const { cluster } = context;
    const { namespace, uid, name } = schedule.metadata;
    const { applicationRef, appVaultRef, granularity, snapshotReclaimPolicy } = schedule.spec;
    try {
        const ref = { namespace, name: applicationRef };
        const application = await cluster.get<Application>(kinds.application, ref);
        if (application === undefined) {
            throw new Error(`Application ${namespace}/${applicationRef} does not exist`);
        }
        await cluster.create({
            ...kinds.snapshot,
            metadata: {
                name: scheduledSnapshotName({ granularity, uid }, at),
                namespace,
                labels: { [scheduleLabel]: uid },
                annotations: { [scheduleLabel]: name },
                ownerReferences: [ownerReference(application)],
            },
            spec: { applicationRef, appVaultRef, reclaimPolicy: snapshotReclaimPolicy },
        });
        return true;
    } catch (error) {
        if (error instanceof ApiError && error.alreadyExists) {
            return true;
        }
        await reportStatus(context, kinds.schedule, schedule, { error: messageOf(error) });
        return false;
    }
}

/** Removes the oldest complete snapshots beyond the retention, and failed ones that are older than those kept. */
async function prune(context: Context, schedule: Existing<Schedule>): Promise<void> {
    const { cluster } = context;
    const { namespace, uid } = schedule.metadata;
    const labelSelector = `${scheduleLabel}=${uid}`;
    const snapshots = (await cluster.list<AppSnapshot>(kinds.snapshot, { namespace, labelSelector })).filter(
        (snapshot) => !isDeleting(snapshot),
    );
    const age = ({ metadata }: AppSnapshot): number => Date.parse(metadata.creationTimestamp ?? "");
    const newestFirst = snapshots.sort((a, b) => age(b) - age(a) || (a.metadata.name < b.metadata.name ? 1 : -1));
    const kept = Number(schedule.spec.snapshotRetention);
    for (const state of ["Completed", "Failed"]) {
        const surplus = newestFirst.filter(({ status }) => status?.state === state).slice(Math.max(1, kept));
        await Promise.all(surplus.map((snapshot) => cluster.delete(kinds.snapshot, refOf(snapshot))));
    }
}
