import { describeObject, type Kind, type KubernetesObject, pathOfObject } from "../../clients/kubernetes/objects";
import { kinds } from "../../clients/kubernetes/kinds";
import { WaitError } from "../../clients/kubernetes/wait";
import { previewCommand, upCommand } from "../../roles/messages/commands";
import { MessageError, text } from "../../roles/messages/message";
import { printable } from "../../support/printable";
import type { Action, Progress } from "../action";
import type { DriverStep } from "../driver";
import { reasonNotToAwait } from "./claims";
import { type ApplicationContext, deleteCommand, keyOf, waitAction } from "./context";
import { declareApplication } from "./declare";
import { awaitLastWriter, awaitUnmounted } from "./lastWriter";
import {
    baseSnapshotManifest,
    baseSnapshotName,
    displacedSnapshotName,
    epochOfName,
    finalSnapshotName,
    restoreManifest,
    restoreName,
    shutdownSnapshotManifest,
} from "./manifests";
import {
    type ApplicationState,
    completeBase,
    isComplete,
    readSnapshot,
    readState,
    type SnapshotState,
} from "./observe";
import { claimsOfPod } from "./workloads";

/** What runs, and what was taken of it. */
type Running = Pick<ApplicationState, "application" | "shutdownSnapshots" | "workloads">;
/** What was taken in any epoch. */
type Taken = Pick<ApplicationState, "snapshots" | "shutdownSnapshots" | "restores">;

/** The base snapshot of an epoch. A volume that is not bound yet would be left out of it without a word. */
export function takeBaseSnapshot(
    context: ApplicationContext,
    state: Pick<ApplicationState, "snapshots">,
    epoch: number,
): Action[] {
    if (completeBase(state, context.settings, epoch) !== undefined) {
        return [];
    }
    const name = baseSnapshotName(context.settings.application, epoch);
    const exists = state.snapshots.some((item) => item.name === name);
    return [
        ...(exists
            ? []
            : [
                  ...context.settings.namespaces.map((namespace) => awaitBoundClaims(context, namespace)),
                  createAction(context, baseSnapshotManifest(context.settings, epoch)),
              ]),
        awaitSnapshot(context, kinds.snapshot, name),
    ];
}

/**
 * Takes the application down and freezes what it wrote last. A pod that is left after that may have written what the
 * snapshot does not have: the snapshot is marked, and the site does not stand down with it.
 */
export function takeFinalSnapshot(
    context: ApplicationContext,
    state: Running,
    { epoch, acceptsWarnings }: Extract<DriverStep, { do: "take-shutdown-snapshot" }>,
): Action[] {
    const name = finalSnapshotName(context.settings.application, epoch);
    const shutdown = shutDown(context, state, name);
    return shutdown.length === 0 && !isMounted(state)
        ? []
        : [
              ...shutdown,
              // First of all, who still wrote is written down: no later run could tell.
              ...awaitLastWriter(context, name),
              // Of one that was complete before, the plan has decided.
              ...(shutdown.length === 0 || acceptsWarnings ? [] : [refuseWarnings(context, name)]),
          ];
}

/** What is not whole is not handed over; the next plan says how to go on. */
function refuseWarnings(context: ApplicationContext, name: string): Action {
    const { cluster, settings } = context;
    const { site, application } = settings;
    const snapshot = describeObject(kinds.shutdownSnapshot, keyOf(context, name));
    return {
        call: `check ${snapshot}: it completed without warnings`,
        effect: "read",
        run: async () => {
            const found = await cluster.get(kinds.shutdownSnapshot, keyOf(context, name));
            const { warnings = [] } = found === undefined ? {} : readSnapshot(found, settings);
            if (warnings.length > 0) {
                throw new MessageError(
                    text`${site}: ${snapshot} completed with warnings: ${warnings.map((one) => printable(one)).join("; ")}. ${site} does not stand down with it; its volumes have everything that ${application} wrote. Both ways on: ${previewCommand(site)}`,
                );
            }
        },
    };
}

/** Takes the application down and keeps what it was and wrote last. */
function shutDown(
    context: ApplicationContext,
    state: Pick<Running, "application" | "shutdownSnapshots">,
    name: string,
): Action[] {
    const found = state.shutdownSnapshots.find((item) => item.name === name);
    if (found !== undefined && isComplete(found)) {
        return [];
    }
    const manifest = shutdownSnapshotManifest(context.settings, name);
    return [
        // What it keeps and what it deletes is as the Application declares it.
        ...(found === undefined && state.application !== undefined ? declareApplication(context, state) : []),
        ...(found === undefined
            ? [createAction(context, manifest, "takes the application down, its volumes stay")]
            : []),
        awaitSnapshot(context, kinds.shutdownSnapshot, name),
    ];
}

/**
 * Workloads are stopped by a ShutdownSnapshot, which keeps what they were and what they wrote last; what it leaves is
 * waited for, and named. Nothing that is no part of the application is changed.
 */
export function stopWorkloads(context: ApplicationContext, state: Running, epoch: number): Action[] {
    const { application } = context.settings;
    const unfinished = unfinishedDisplaced(application, state);
    const isDue = unfinished !== undefined || state.workloads.some(({ belongs }) => belongs);
    const name = unfinished?.name ?? nextDisplacedName(application, epoch, state);
    const shutdown = isDue ? shutDown(context, state, name) : [];
    return shutdown.length === 0 && !isMounted(state) ? [] : [...shutdown, awaitUnmounted(context)];
}

/**
 * Brings back what a ShutdownSnapshot took away, unless it is back: something of the application mounts its volumes.
 * What else runs in its namespaces says nothing of that. A ShutdownSnapshot that is still running is waited for first: what it has not taken
 * away yet would be taken away after the restore.
 */
export function restoreApplication(
    context: ApplicationContext,
    state: Pick<ApplicationState, "restores" | "workloads" | "shutdownSnapshots">,
    step: Extract<DriverStep, { do: "restore-application" }>,
): Action[] {
    const name = restoreName(context.settings.application, step.epoch);
    const found = state.restores.find((item) => item.name === name);
    if (found !== undefined) {
        return found.state === "Completed" ? [] : [awaitRestore(context, name)];
    }
    const unfinished = unfinishedShutdowns(state);
    if (isBack(state) && unfinished.length === 0) {
        return [];
    }
    return [
        ...unfinished.map((item) => awaitSnapshot(context, kinds.shutdownSnapshot, item.name)),
        createRestore(context, state, step),
        awaitRestore(context, name),
    ];
}

/** Deletes by name what was taken for earlier epochs. Their controllers delete the array's snapshots in their own time. */
export function forgetSnapshots(context: ApplicationContext, state: Taken, before: number): Action[] {
    return obsoleteObjects(context.settings.application, before, state).map(({ kind, name }) => {
        const key = keyOf(context, name);
        return {
            call: `delete ${describeObject(kind, key)}`,
            effect: "write",
            run: () => context.cluster.delete(kind, key),
        };
    });
}

function isMounted({ workloads }: Pick<ApplicationState, "workloads">): boolean {
    return workloads.some(({ pods }) => pods.length > 0);
}

function isBack({ workloads }: Pick<ApplicationState, "workloads">): boolean {
    return workloads.some(({ isCore }) => isCore);
}

function createAction({ cluster }: ApplicationContext, manifest: KubernetesObject, what?: string): Action {
    const { namespace, name } = manifest.metadata;
    return {
        call: `create ${manifest.kind} ${namespace}/${name}${what === undefined ? "" : `: ${what}`}`,
        effect: "write",
        run: async () => {
            await cluster.create(manifest);
        },
    };
}

function awaitSnapshot(context: ApplicationContext, kind: Kind, name: string): Action {
    return waitAction(context, {
        kind,
        name,
        wanted: "Completed",
        deadline: context.settings.timeouts.snapshot,
        reached: (object) => {
            const state = object === undefined ? undefined : readSnapshot(object, context.settings);
            failIfFinal(context, kind, name, state, "The volumes are as they were. ");
            return state !== undefined && isComplete(state);
        },
    });
}

function awaitRestore(context: ApplicationContext, name: string): Action {
    return waitAction(context, {
        kind: kinds.snapshotInplaceRestore,
        name,
        wanted: "Completed",
        deadline: context.settings.timeouts.snapshot,
        reached: (object) => {
            const state = object === undefined ? undefined : readSnapshot(object, context.settings);
            failIfFinal(context, kinds.snapshotInplaceRestore, name, state, "");
            return state?.state === "Completed";
        },
    });
}

function failIfFinal(
    context: ApplicationContext,
    kind: Kind,
    name: string,
    state: SnapshotState | undefined,
    meaning: string,
): void {
    if (state !== undefined && finalFailures.has(state.state)) {
        const { site } = context.settings;
        const why = [state.error, ...(state.warnings ?? []).map((one) => printable(one, 600))].filter(
            (one) => one !== "",
        );
        throw new MessageError(
            text`${site}: ${describeObject(kind, keyOf(context, name))} is ${state.state}: ${why.join("; ")}. ${meaning}Once the cause is fixed: ${deleteCommand(context, kind, name)}; ${upCommand(site)}`,
        );
    }
}

function createRestore(
    context: ApplicationContext,
    state: Pick<ApplicationState, "shutdownSnapshots">,
    step: Extract<DriverStep, { do: "restore-application" }>,
): Action {
    const { cluster, settings } = context;
    const { site, application } = settings;
    const name = restoreName(application, step.epoch);
    return {
        call: `create ${describeObject(kinds.snapshotInplaceRestore, keyOf(context, name))}: from ${archiveFor(step, state.shutdownSnapshots) ?? "the ShutdownSnapshot"}`,
        effect: "write",
        run: async () => {
            // A ShutdownSnapshot that was waited for has its archive only now.
            const { shutdownSnapshots } = await readState(context, ["shutdownSnapshots"]);
            const from = archiveFor(step, shutdownSnapshots);
            if (from === undefined) {
                throw new MessageError(
                    text`${site}: ${application} does not run here, and there is no ShutdownSnapshot to restore it from. Its volumes are as they were. Bring its workloads back by hand, then ${upCommand(site)}`,
                );
            }
            await cluster.create(restoreManifest(settings, step.epoch, from));
        },
    };
}

function awaitBoundClaims(context: ApplicationContext, namespace: string): Action {
    const { cluster, settings } = context;
    return {
        call: `wait for every PersistentVolumeClaim in ${namespace} to be Bound`,
        effect: "read",
        run: async (progress: Progress) => {
            const [claims, pods] = await Promise.all(
                [kinds.volumeClaim, kinds.pod].map((kind) => cluster.list(kind, namespace)),
            );
            const used = new Set(pods!.flatMap(claimsOfPod));
            for (const claim of claims!.filter((one) => !isBound(one))) {
                const storageClass = await storageClassOf(cluster, claim);
                const reason = reasonNotToAwait(claim, storageClass, used.has(pathOfObject(claim)), settings);
                if (reason === undefined) {
                    await awaitBound(context, { name: claim.metadata.name, namespace }, progress);
                } else {
                    progress(`not waiting for ${describeObject(kinds.volumeClaim, claim.metadata)}: ${reason}`);
                }
            }
        },
    };
}

/** Milliseconds that Trident Protect itself gives a claim. */
const bindTimeout = 20 * 60_000;

async function awaitBound(
    { cluster, settings, signal }: ApplicationContext,
    key: { name: string; namespace: string },
    progress: Progress,
): Promise<void> {
    const reached = (claim: KubernetesObject | undefined) => claim === undefined || isBound(claim);
    try {
        await cluster.waitFor(kinds.volumeClaim, key, "Bound", reached, {
            deadline: Math.min(settings.timeouts.snapshot, bindTimeout),
            signal,
            onProgress: (_, seconds) =>
                progress(`waiting for ${describeObject(kinds.volumeClaim, key)} to be Bound, ${seconds} s`),
        });
    } catch (error) {
        if (signal.aborted || !(error instanceof WaitError)) {
            throw error;
        }
        throw new MessageError(
            text`${error.message}. A snapshot without it would lack its volume, so none was taken. Why it is not bound, at ${settings.site}: kubectl -n ${key.namespace} describe persistentvolumeclaims ${key.name}. Once it is bound, or deleted: ${upCommand(settings.site)}`,
        );
    }
}

function isBound({ status }: KubernetesObject): boolean {
    return (status as { phase?: unknown } | undefined)?.phase === "Bound";
}

/** A claim without the name of a class is given one when it is created, where there is a default. */
async function storageClassOf(
    cluster: ApplicationContext["cluster"],
    claim: KubernetesObject,
): Promise<KubernetesObject | undefined> {
    const name = (claim.spec as { storageClassName?: unknown } | undefined)?.storageClassName;
    return typeof name === "string" && name !== "" ? cluster.get(kinds.storageClass, { name }) : undefined;
}

/** Workloads that somebody started again are stopped by another ShutdownSnapshot. */
function nextDisplacedName(
    application: string,
    epoch: number,
    { shutdownSnapshots }: Pick<ApplicationState, "shutdownSnapshots">,
): string {
    const taken = new Set(shutdownSnapshots.map(({ name }) => name));
    let attempt = 1;
    while (taken.has(displacedSnapshotName(application, epoch, attempt))) {
        attempt++;
    }
    return displacedSnapshotName(application, epoch, attempt);
}

function unfinishedDisplaced(
    application: string,
    state: Pick<ApplicationState, "shutdownSnapshots">,
): SnapshotState | undefined {
    return unfinishedShutdowns(state).find(({ name }) => name.startsWith(`${application}-aside-`));
}

function unfinishedShutdowns({ shutdownSnapshots }: Pick<ApplicationState, "shutdownSnapshots">): SnapshotState[] {
    return shutdownSnapshots.filter((item) => !isComplete(item) && !finalFailures.has(item.state));
}

/** The archive that is asked for, else that of the newest ShutdownSnapshot. */
function archiveFor(
    step: Extract<DriverStep, { do: "restore-application" }>,
    shutdowns: readonly SnapshotState[],
): string | undefined {
    const newest = shutdowns
        .filter(isComplete)
        .sort((left, right) => Date.parse(left.createdAt) - Date.parse(right.createdAt))
        .at(-1);
    return step.archivePath ?? newest?.archivePath;
}

function obsoleteObjects(application: string, before: number, state: Taken): { kind: Kind; name: string }[] {
    const obsolete = (kind: Kind, items: readonly SnapshotState[]) =>
        items
            .filter(({ name, deleting }) => !deleting && (epochOfName(application, name) ?? before) < before)
            .map(({ name }) => ({ kind, name }));
    return [
        ...obsolete(kinds.snapshot, state.snapshots),
        ...obsolete(kinds.shutdownSnapshot, state.shutdownSnapshots),
        ...obsolete(kinds.snapshotInplaceRestore, state.restores),
    ];
}

/** Final states of Trident Protect's snapshots that are not success (docs/facts/trident-protect.md). */
const finalFailures: ReadonlySet<string> = new Set(["Failed", "Error", "Removed"]);
