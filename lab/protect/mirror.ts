import {
    type Controller,
    type ReconcileResult,
    addFinalizer,
    isDeleting,
    messageOf,
    refOf,
    removeFinalizer,
    runController,
    timestamp,
} from "../controllers";
import { type ArchiveHead, listArchives, readArchive } from "./archive";
import { withCondition } from "./conditions";
import { type Context, lookAgain, realTime } from "./context";
import { type Application, type Condition, type Existing, type Mirror, type MirrorUpdate, kinds } from "./kinds";
import { createUpdate, isUpdateFinal, updatesOf } from "./mirrorUpdate";
import {
    isMirroring,
    mirrorOf,
    removeVolumeMirrors,
    turnVolumeMirror,
    volumeMirrors,
    volumeTrouble,
} from "./mirrorVolumes";
import { applicationFolder, snapshotAt } from "./names";
import { promote } from "./promote";
import { nextDue, parseRule } from "./recurrence";
import { mappedNamespace, stopApplication } from "./resources";
import { reportStatus } from "./status";
import { withVault } from "./vault";

const finalizer = "protect.trident.netapp.io/appmirrorrelationship";

/** After a change of the desired state the old final state is still shown for so long. */
const noticeMs = 10_000;
const waitMs = 10_000;
/** Times beyond this are waited for in several parts: a timer holds no more than 24 days. */
const longestPauseMs = 60 * 60_000;
/** How often the source is asked for a first snapshot, and for another try after a failed transfer. */
const retryMs = 30_000;
/** Transfers whose objects are kept, for whoever wants to see how they went. */
const keptUpdates = 3;

/** Mirrors an application of another site into this one, and brings it up here when told so. */
export function runMirrorController(context: Context): Controller {
    /** When each relationship last looked for a newer snapshot, by UID, to the millisecond. */
    const lastLook = new Map<string, Date>();
    return runController<Existing<Mirror>>({
        cluster: context.cluster,
        kind: kinds.mirror,
        log: context.log,
        triggers: [
            { kind: kinds.mirrorUpdate, concerns: mirrorOf },
            { kind: kinds.volumeMirror, concerns: mirrorOf },
        ],
        reconcile: async (mirror) => {
            try {
                if (isDeleting(mirror)) {
                    return await dissolve(context, mirror);
                }
                await addFinalizer(context.cluster, mirror, finalizer);
                return mirror.spec.desiredState === "Promoted"
                    ? await promoted(context, mirror)
                    : await established(context, mirror, lastLook);
            } catch (error) {
                // Failures show in `error` alone; the state never says that something failed.
                const { state = "", conditions = [] } = mirror.status ?? {};
                await reportStatus(context, kinds.mirror, mirror, { state, conditions, error: messageOf(error) });
                return lookAgain(context, retryMs);
            }
        },
    });
}

async function promoted(context: Context, mirror: Existing<Mirror>): Promise<ReconcileResult> {
    const { state } = mirror.status ?? {};
    if (state === "Promoted") {
        return;
    }
    if (state !== "Promoting") {
        await realTime(context, noticeMs);
        await enter(context, mirror, "Promoting", "Promote");
        return lookAgain(context, 0);
    }
    if (!(await promote(context, mirror))) {
        return lookAgain(context, waitMs);
    }
    await enter(context, mirror, "Promoted", "Promoted", { error: "" });
}

async function established(
    context: Context,
    mirror: Existing<Mirror>,
    lastLook: Map<string, Date>,
): Promise<ReconcileResult> {
    const { state = "" } = mirror.status ?? {};
    if (state === "Promoted" || state === "Promoting") {
        await realTime(context, noticeMs);
        await enter(context, mirror, "Establishing", "Resync");
        return lookAgain(context, 0);
    }
    if (state === "") {
        await enter(context, mirror, "Establishing", "FirstTransfer");
        return lookAgain(context, 0);
    }
    const begun = readyCondition(mirror);
    if (state === "Establishing" && begun?.reason === "Resync" && !(await giveWay(context, mirror))) {
        return lookAgain(context, waitMs);
    }

    const updates = await updatesOf(context, mirror);
    await reportTransfer(context, mirror, updates);
    const running = updates.find((update) => !isUpdateFinal(update));
    if (running !== undefined) {
        await reportStatus(context, kinds.mirror, mirror, { error: running.status?.error ?? "" });
        return lookAgain(context, waitMs);
    }
    if (state === "Establishing") {
        return finishEstablishing(context, mirror, updates, Date.parse(begun?.lastTransitionTime ?? ""));
    }
    return follow(context, mirror, updates, lastLook);
}

/** Stops the application on this side and turns its volumes back into mirrors; true once that has begun for each. */
async function giveWay(context: Context, mirror: Existing<Mirror>): Promise<boolean> {
    const { cluster, discovery } = context;
    const { namespace } = mirror.metadata;
    const name = mirror.spec.sourceApplicationName;
    const application = await cluster.get<Application>(kinds.application, { namespace, name });
    if (application !== undefined && !(await stopApplication(cluster, discovery, application))) {
        return false;
    }
    for (const volumeMirror of await volumeMirrors(context, mirror)) {
        if (volumeMirror.spec.state === "promoted") {
            await turnVolumeMirror(context, volumeMirror, "reestablished");
        }
    }
    return true;
}

/** Established once every volume is mirrored and one snapshot has come through since establishing began. */
async function finishEstablishing(
    context: Context,
    mirror: Existing<Mirror>,
    updates: Existing<MirrorUpdate>[],
    since: number,
): Promise<ReconcileResult> {
    const recent = updates.filter(({ metadata }) => Date.parse(metadata.creationTimestamp ?? "") >= since);
    const mirrors = await volumeMirrors(context, mirror);
    if (recent.some(({ status }) => status?.state === "Completed") && mirrors.every(isMirroring)) {
        await enter(context, mirror, "Established", "Established", { error: "" });
        return lookAgain(context, 0);
    }
    const trouble = volumeTrouble(mirrors);
    const failed = recent[0]?.status?.state === "Failed" ? (recent[0].status.error ?? "") : "";
    if (!recent.some(({ status }) => status?.state === "Completed")) {
        if (failed !== "") {
            await reportStatus(context, kinds.mirror, mirror, { error: failed });
            await realTime(context, retryMs);
        }
        await startUpdate(context, mirror, await newestArchive(context, mirror));
    }
    await reportStatus(context, kinds.mirror, mirror, { error: trouble || failed });
    return lookAgain(context, retryMs);
}

/** Looks for a newer snapshot whenever the recurrence rule says so. */
async function follow(
    context: Context,
    mirror: Existing<Mirror>,
    updates: Existing<MirrorUpdate>[],
    lastLook: Map<string, Date>,
): Promise<ReconcileResult> {
    const { uid, creationTimestamp = "" } = mirror.metadata;
    const clock = { anchor: new Date(creationTimestamp), speed: context.calendarSpeed };
    const recurrence = parseRule(mirror.spec.recurrenceRule);
    const now = new Date();
    const due = nextDue(recurrence, lastLook.get(uid) ?? now, clock);
    lastLook.set(uid, lastLook.get(uid) ?? now);
    if (due !== undefined && due <= now) {
        lastLook.set(uid, now);
        const newest = await newestArchive(context, mirror);
        const last = updates.find(({ status }) => status?.state === "Completed");
        if (newest !== undefined && newest.path !== last?.spec.sourceAppArchivePath) {
            await startUpdate(context, mirror, newest);
        } else {
            // Nothing new at the source; a transfer it is all the same, of a snapshot that grows older.
            const at = timestamp(now);
            const lastTransfer = { startTimestamp: at, completionTimestamp: timestamp() };
            await reportStatus(context, kinds.mirror, mirror, { lastTransfer, error: "" });
        }
    }
    const next = nextDue(recurrence, now, clock);
    const pauseMs = (next?.getTime() ?? Date.now() + 60_000) - Date.now();
    return { requeueAfterMs: Math.min(longestPauseMs, Math.max(10, pauseMs)) };
}

interface FoundArchive {
    path: string;
    head: ArchiveHead;
}

/** The newest complete archive of the source application, if its folder is there at all: a wrong UID never finds one. */
async function newestArchive(context: Context, { spec }: Mirror): Promise<FoundArchive | undefined> {
    const application = { name: spec.sourceApplicationName, uid: spec.sourceApplicationUID };
    return withVault(context.cluster, spec.sourceAppVaultRef, async (vault) => {
        for (const folder of (await listArchives(vault, application, "snapshots")).reverse()) {
            const path = `${applicationFolder(application.name, application.uid)}/snapshots/${folder}`;
            const head = await readArchive(vault, path);
            if (head !== undefined) {
                return { path, head };
            }
        }
        return undefined;
    });
}

async function startUpdate(
    context: Context,
    mirror: Existing<Mirror>,
    archive: FoundArchive | undefined,
): Promise<void> {
    if (archive === undefined) {
        return;
    }
    await receiveApplication(context, mirror, archive.head.application);
    await createUpdate(context, mirror, archive.path);
}

/** The Application on this side: its UID names the folder of the copies, so it has to be there before the first one. */
async function receiveApplication(context: Context, mirror: Existing<Mirror>, source: Application): Promise<void> {
    const { cluster } = context;
    const { namespace } = mirror.metadata;
    const mapping = mirror.spec.namespaceMapping ?? [];
    const includedNamespaces = (source.spec.includedNamespaces ?? []).map((included) => ({
        ...included,
        namespace: mappedNamespace(included.namespace, mapping),
    }));
    const name = mirror.spec.sourceApplicationName;
    await cluster.ensure({
        ...kinds.application,
        metadata: { name, namespace, labels: source.metadata.labels },
        spec: { ...source.spec, includedNamespaces },
    });
    await reportStatus(context, kinds.mirror, mirror, {
        destinationApplicationRef: name,
        destinationNamespaces: includedNamespaces.map((included) => included.namespace),
    });
    // An application that receives keeps no hooks; those of the source come with the promotion.
    const hooks = await cluster.list(kinds.execHook, { namespace });
    const own = hooks.filter(({ spec }) => spec.applicationRef === name);
    await Promise.all(own.map((hook) => cluster.delete(kinds.execHook, refOf(hook))));
}

/** Tells of the newest transfer that came through, and forgets old ones. */
async function reportTransfer(
    context: Context,
    mirror: Existing<Mirror>,
    updates: Existing<MirrorUpdate>[],
): Promise<void> {
    const { cluster } = context;
    const completed = updates.filter(({ status }) => status?.state === "Completed");
    const last = completed[0];
    const path = last?.status?.appArchivePath;
    const startTimestamp = last?.metadata.creationTimestamp;
    if (path !== undefined && startTimestamp !== undefined && !tellsOf(mirror, { path, startTimestamp })) {
        const vaultName = mirror.spec.destinationAppVaultRef;
        const head = await withVault(cluster, vaultName, (vault) => readArchive(vault, path));
        await reportStatus(context, kinds.mirror, mirror, {
            lastTransfer: { startTimestamp, completionTimestamp: last?.status?.completionTimestamp },
            lastTransferredSnapshot: {
                // Not the archive's word: a copy that somebody deleted would be told anew each time.
                name: snapshotAt(path),
                completionTimestamp: head?.snapshot.status?.completionTimestamp,
            },
        });
    }
    for (const update of updates.filter((one) => isUpdateFinal(one) && one !== last).slice(keptUpdates)) {
        const annotation = `${update.metadata.namespace}/${update.metadata.name}`;
        const actions = (update.status?.destinationVolumes ?? []).flatMap(
            ({ destinationTAMU }) => destinationTAMU ?? [],
        );
        await Promise.all(actions.map((action) => cluster.delete(kinds.volumeMirrorUpdate, action)));
        context.log(`forgets the transfer ${annotation}`);
        await cluster.delete(kinds.mirrorUpdate, refOf(update));
    }
}

/**
 * Whether the status tells of a transfer already. Its start alone does not say so: a look that found nothing new is
 * told as a transfer too, and may have been in the very second in which this one began.
 */
export function tellsOf({ status }: Mirror, transfer: { path: string; startTimestamp: string }): boolean {
    const { lastTransfer, lastTransferredSnapshot } = status ?? {};
    return (
        snapshotAt(transfer.path) === lastTransferredSnapshot?.name &&
        transfer.startTimestamp <= (lastTransfer?.startTimestamp ?? "")
    );
}

/** Shows another state. The condition keeps what has to be remembered: since when, and why. */
async function enter(
    context: Context,
    mirror: Existing<Mirror>,
    state: string,
    reason: string,
    more: { error?: string } = {},
): Promise<void> {
    const final = state === "Established" || state === "Promoted";
    const conditions = withCondition(mirror.status?.conditions, {
        type: conditionType,
        status: final ? "True" : "False",
        reason,
        message: `The relationship is ${state}`,
        observedGeneration: mirror.metadata.generation,
    });
    context.log(`AppMirrorRelationship ${mirror.metadata.namespace}/${mirror.metadata.name}: ${state} (${reason})`);
    await reportStatus(context, kinds.mirror, mirror, {
        state,
        conditions,
        error: mirror.status?.error ?? "",
        ...more,
    });
}

/** The stand-in's own; what conditions the real controller sets is not public. */
const conditionType = "Ready";

function readyCondition(mirror: Mirror): Condition | undefined {
    return mirror.status?.conditions?.find(({ type }) => type === conditionType);
}

/** Two applications that know nothing of each other are left. */
async function dissolve(context: Context, mirror: Existing<Mirror>): Promise<ReconcileResult> {
    if (!(await removeVolumeMirrors(context, mirror))) {
        return lookAgain(context, waitMs);
    }
    await removeFinalizer(context.cluster, mirror, finalizer);
}
