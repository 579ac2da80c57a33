import { z } from "zod";
import { type Cluster, type Kind, type KubernetesObject } from "../../clients/kubernetes/cluster";
import { kinds } from "../../clients/kubernetes/kinds";
import { describeObject, fullName } from "../../clients/kubernetes/objects";
import type { BringingMirror, Observed, ObservedMirror } from "../../roles/situation";
import type { ObjectStore } from "../../clients/buckets/objectStore";
import type { ArchivedPoint, RecoveryPoint } from "../../roles/record";
import { defined } from "../../support/defined";
import { describeLabelSelector } from "../../support/labelSelector";
import { printable } from "../../support/printable";
import { isPlausible } from "../../support/time";
import { openVault, peerBudget, vaultAnswers } from "../../vaults/appVault";
import { archives as listedArchives } from "../../vaults/archives";
import {
    baseSnapshotName,
    epochOfName,
    isOurs,
    mirrorNameOf,
    namespaceOf,
    outlivedAnnotation,
    scheduleManifests,
} from "./manifests";
import { type PodPolicyState, readPodPolicy } from "./podPolicy";
import { type QuotaState, readQuotas } from "./quota";
import type { ApplicationContext } from "./context";
import { failedHooks } from "./hookResults";
import type { ApplicationSettings } from "./settings";
import { readWorkloads, type Workload } from "./workloads";

/** Everything that the driver reads of one application at its site. */
export interface ApplicationState {
    application: KubernetesObject | undefined;
    /** Its Schedules, and whatever has the name of a declared one, which may be another Application's. */
    schedules: readonly KubernetesObject[];
    /** Its ExecHooks, and whatever has the name of a declared one; none where the configuration does not declare any. */
    hooks: readonly KubernetesObject[];
    snapshots: readonly SnapshotState[];
    shutdownSnapshots: readonly SnapshotState[];
    /** SnapshotInplaceRestores: they name no application, but ours are recognised by their names. */
    restores: readonly SnapshotState[];
    workloads: readonly Workload[];
    /** Those by which we keep pods from starting; undefined when they may not be read. */
    quotas: readonly QuotaState[] | undefined;
    /** By which we do so where there is a label selector; undefined where there is none, or it may not be read. */
    podPolicy: PodPolicyState | undefined;
    mirror: MirrorState | undefined;
    recoveryPoint: RecoveryPoint | undefined;
    /** Whether the peer's vault answers. */
    peerAnswers: boolean;
}

export interface SnapshotState {
    name: string;
    state: string;
    /** Folder of the archive in the vault; the state may be Completed before it is set. */
    archivePath: string;
    error: string;
    /** When it was requested. ISO 8601. */
    createdAt: string;
    deleting: boolean;
    /** Pods that still wrote when it was complete. Default: none. */
    outlivedBy?: string;
    /** What it warned of, in Trident Protect's words, and declared hooks that failed, in theirs. Default: nothing. */
    warnings?: readonly string[];
}

export interface MirrorState {
    desiredState: string;
    state: string;
    error: string;
    promotedSnapshot: string | undefined;
    sourceApplicationUid: string;
    /** When it looks for snapshots. Absent where nobody reads it. */
    recurrenceRule?: string;
    /** As it was found, for what the user changes of its declaration. Absent where nobody reads it. */
    found?: Pick<KubernetesObject, "metadata" | "spec">;
    lastTransferred: { name: string; completedAt: string } | undefined;
    /** Whether its deletion was requested, by this run or by an earlier one. */
    deleting: boolean;
    /** Whether it lacks our label. Absent: it has it. */
    isForeign?: true;
    /** The Application that it mirrors, where that is another one than ours. */
    mirrors?: string;
    /** The annotations that it was given for a promotion. Default: none. */
    promotedWith?: readonly string[];
}

/** On a mirror that was promoted with annotations: their names, which the configuration may not have any more. */
export const promotedWithAnnotation = "trident-dr.pulumi.com/promoted-with";

/** What can be read on its own, so that after a step only what it touched is read again. */
export type Part = keyof ApplicationState;

const allParts: readonly Part[] = [
    "application",
    "schedules",
    "hooks",
    "snapshots",
    "shutdownSnapshots",
    "restores",
    "workloads",
    "quotas",
    "podPolicy",
    "mirror",
    "recoveryPoint",
    "peerAnswers",
];

/** Milliseconds for one lookup in the own vault, and for one in the peer's: a site that is dark is not waited for. */
export const vaultBudget = 3_000;

/** Reads some parts of the state; the others stay as they are in `before`. */
export async function readState(
    context: Pick<ApplicationContext, "cluster" | "settings" | "silence" | "archives">,
    parts: readonly Part[] = allParts,
    before?: ApplicationState,
): Promise<ApplicationState> {
    const readers = readersOf(context);
    const apart = parts.filter((part) => part !== "recoveryPoint");
    const fresh: Partial<Reading> = Object.fromEntries(apart.map((part) => [part, readers[part]()]));
    const [read, recoveryPoint] = await Promise.all([
        Promise.all(apart.map(async (part) => [part, await fresh[part]] as const)),
        parts.includes("recoveryPoint")
            ? recoveryPointOf(context, fresh.mirror ?? before?.mirror, fresh.application ?? before?.application)
            : before?.recoveryPoint,
    ]);
    return { ...before, ...Object.fromEntries(read), recoveryPoint } as ApplicationState;
}

/** What is being read. */
type Reading = { [P in Part]: Promise<ApplicationState[P]> };

/** Looked for as soon as it is known where: the other site's vault may still be waited for. */
async function recoveryPointOf(
    context: Parameters<typeof readState>[0],
    mirror: Reading["mirror"] | ApplicationState["mirror"],
    application: Reading["application"] | ApplicationState["application"],
): Promise<RecoveryPoint | undefined> {
    const [found, own] = await Promise.all([mirror, application]);
    return found === undefined ? undefined : findRecoveryPoint(context, found, own?.metadata.uid, new Date());
}

type Readers = { [P in Exclude<Part, "recoveryPoint">]: () => Promise<ApplicationState[P]> };

function readersOf({ cluster, settings, silence }: Parameters<typeof readState>[0]): Readers {
    const namespace = namespaceOf(settings);
    const key = { name: settings.application, namespace };
    const ofApplication = async (kind: Kind) =>
        (await cluster.list(kind, namespace)).filter((item) => refersTo(item, settings.application));
    const read = (object: KubernetesObject) => readSnapshot(object, settings);
    return {
        application: () => cluster.get(kinds.application, key),
        schedules: async () => {
            const names = new Set(scheduleManifests(settings).map(({ metadata }) => metadata.name));
            const found = await cluster.list(kinds.schedule, namespace);
            return found.filter((item) => refersTo(item, settings.application) || names.has(item.metadata.name));
        },
        hooks: () => readHooks(cluster, settings),
        snapshots: async () => (await ofApplication(kinds.snapshot)).map(read),
        shutdownSnapshots: async () => (await ofApplication(kinds.shutdownSnapshot)).map(read),
        restores: async () => (await cluster.list(kinds.snapshotInplaceRestore, namespace)).map(read),
        workloads: () => readWorkloads(cluster, settings),
        quotas: () => readQuotas(cluster, settings),
        podPolicy: () =>
            settings.labelSelector === undefined ? Promise.resolve(undefined) : readPodPolicy(cluster, settings),
        mirror: async () => {
            const found = await cluster.get(kinds.appMirror, { name: mirrorNameOf(settings), namespace });
            return found === undefined ? undefined : readMirror(found, settings.application);
        },
        peerAnswers: () =>
            vaultAnswers(
                cluster,
                settings.protectNamespace,
                settings.vaults[settings.peer]!,
                peerBudget,
                silence,
                settings.peerPatience,
            ),
    };
}

/** What the planner goes by. */
export function observedOf(state: ApplicationState, settings: ApplicationSettings): Observed {
    const { mirror } = state;
    const isPromoted = mirror?.desiredState === "Promoted";
    const at = mirror?.promotedSnapshot === undefined ? "" : ` at ${mirror.promotedSnapshot}`;
    const name = describeObject(kinds.appMirror, { name: mirrorNameOf(settings), namespace: namespaceOf(settings) });
    return {
        workloads: state.workloads.map((workload) => workload.name),
        ...defined({ labelSelector: settings.labelSelector && describeLabelSelector(settings.labelSelector) }),
        outsiders: state.workloads.filter(({ mounts, belongs }) => mounts && !belongs).map((workload) => workload.name),
        outlived: state.shutdownSnapshots.flatMap(({ name: snapshot, outlivedBy: by }) => {
            const epoch = epochOfName(settings.application, snapshot);
            return by === undefined || epoch === undefined ? [] : [{ epoch, by }];
        }),
        peerAnswers: state.peerAnswers,
        mirror: mirror === undefined ? undefined : observedMirror(mirror, state.recoveryPoint),
        ...(isPromoted ? { changed: [`${name} was promoted${at}`] } : {}),
        ...(mirror?.desiredState === "Established" ? { bringing: bringing(name, settings) } : {}),
    };
}

function bringing(name: string, settings: ApplicationSettings): BringingMirror {
    const key = `-n ${namespaceOf(settings)} patch ${fullName(kinds.appMirror)} ${mirrorNameOf(settings)}`;
    return {
        what: `${name} has desiredState Established`,
        stop: `kubectl ${key} --type merge -p '{"spec":{"desiredState":"Promoted"}}'`,
    };
}

/** Without a `promotedSnapshot` the newest that had arrived was promoted. */
function observedMirror(mirror: MirrorState, newest: RecoveryPoint | undefined): ObservedMirror {
    const { promotedSnapshot: named } = mirror;
    const promoted = mirror.desiredState === "Promoted" ? (named ?? mirror.lastTransferred?.name) : undefined;
    const awaits = awaitedPoint(mirror, newest);
    const isNamed = named !== undefined && promoted !== undefined && awaits === undefined;
    const point = isNamed ? pointOfFolder(named, new Date()) : undefined;
    const recoveryPoint = point === undefined ? newest : { snapshot: point.snapshot, takenAt: point.takenAt };
    const ended = mirror.lastTransferred?.completedAt;
    const transferredAt = ended !== undefined && isPlausible(ended, new Date()) ? ended : undefined;
    return {
        state: finalState(mirror),
        sourceApplicationUid: mirror.sourceApplicationUid,
        namedSource: mirror.sourceApplicationUid,
        ...defined({ recoveryPoint, newest, promotedPoint: promoted, awaits, transferredAt }),
        ...(mirror.error === "" ? {} : { error: mirror.error }),
    };
}

/**
 * The snapshot that a mirror was told to promote and that has not arrived: Trident waits for it without a time limit
 * (docs/facts/trident-protect.md). Whatever is not newer than the newest one has arrived.
 */
export function awaitedPoint(mirror: MirrorState, newest: RecoveryPoint | undefined): string | undefined {
    const { desiredState, state, promotedSnapshot: named, lastTransferred: last } = mirror;
    if (desiredState !== "Promoted" || state === "Promoted" || named === undefined) {
        return undefined;
    }
    const takenAt = Date.parse(timeOfFolder(named) ?? "");
    const hasArrived =
        (last !== undefined && named.includes(`_${last.name}_`)) ||
        (newest !== undefined && takenAt <= Date.parse(newest.takenAt));
    return hasArrived ? undefined : named;
}

/** The base snapshot of an epoch, if it is complete and its archive is in the vault. */
export function completeBase(
    state: Pick<ApplicationState, "snapshots">,
    settings: ApplicationSettings,
    epoch: number,
): SnapshotState | undefined {
    return state.snapshots.find(
        (item) => item.name === baseSnapshotName(settings.application, epoch) && isComplete(item),
    );
}

export function isComplete(item: SnapshotState): boolean {
    return item.state === "Completed" && item.archivePath !== "";
}

const snapshotStatus = z
    .object({
        state: z.string().optional(),
        appArchivePath: z.string().optional(),
        error: z.string().optional(),
        warnings: z.array(z.string()).nullish(),
    })
    .optional();

/** A failed hook is a warning where hooks are declared; where they are not, they are somebody else's concern. */
export function readSnapshot(
    object: KubernetesObject,
    { hooks }: Pick<ApplicationSettings, "hooks"> = {},
): SnapshotState {
    const status = snapshotStatus.parse(object.status);
    const failed = hooks === undefined ? [] : failedHooks(object.status);
    const warnings = [...(status?.warnings ?? []), ...failed];
    const outlivedBy = object.metadata.annotations?.[outlivedAnnotation];
    return {
        name: object.metadata.name,
        state: status?.state ?? "",
        archivePath: status?.appArchivePath ?? "",
        error: status?.error ?? "",
        createdAt: object.metadata.creationTimestamp ?? "",
        deleting: object.metadata.deletionTimestamp !== undefined,
        ...(outlivedBy === undefined ? {} : { outlivedBy }),
        ...(warnings.length === 0 ? {} : { warnings }),
    };
}

const mirrorSpec = z.object({
    desiredState: z.string(),
    promotedSnapshot: z.string().optional(),
    sourceApplicationUID: z.string(),
    sourceApplicationName: z.string().optional(),
    recurrenceRule: z.string().optional(),
});
const mirrorStatus = z
    .object({
        state: z.string().optional(),
        error: z.string().optional(),
        lastTransferredSnapshot: z
            .object({ name: z.string().optional(), completionTimestamp: z.string().nullish() })
            .optional(),
    })
    .optional();

/** @param application whose it is to be. Default: that of its name */
export function readMirror(object: KubernetesObject, application = object.metadata.name): MirrorState {
    const spec = mirrorSpec.parse(object.spec);
    const status = mirrorStatus.parse(object.status);
    const last = status?.lastTransferredSnapshot;
    const promotedWith = object.metadata.annotations?.[promotedWithAnnotation];
    return {
        desiredState: spec.desiredState,
        state: status?.state ?? "",
        error: status?.error ?? "",
        promotedSnapshot: spec.promotedSnapshot,
        sourceApplicationUid: spec.sourceApplicationUID,
        ...defined({ recurrenceRule: spec.recurrenceRule }),
        found: object,
        lastTransferred:
            last?.name === undefined || last.name === ""
                ? undefined
                : { name: last.name, completedAt: last.completionTimestamp ?? "" },
        deleting: object.metadata.deletionTimestamp !== undefined,
        ...(isOurs(object, application) ? {} : { isForeign: true }),
        ...((spec.sourceApplicationName ?? application) === application
            ? {}
            : { mirrors: printable(spec.sourceApplicationName!) }),
        ...(promotedWith === undefined ? {} : { promotedWith: promotedWith.split(",") }),
    };
}

/** Right after a change the status still tells the old final state, and states that we do not know are not final. */
function finalState(mirror: MirrorState): ObservedMirror["state"] {
    if (mirror.state !== mirror.desiredState) {
        return "unsettled";
    }
    return mirror.state === "Established" ? "established" : mirror.state === "Promoted" ? "promoted" : "unsettled";
}

/**
 * The newest replicated snapshot, with the time in its archive's folder name: that is when it was begun, and the
 * completion time in the mirror's status is later, so that it would announce less than can be lost. What is in a bucket
 * may have been put there by somebody else: a time that cannot be is no recovery point's.
 */
async function findRecoveryPoint(
    context: Parameters<typeof readState>[0],
    mirror: MirrorState,
    ownApplicationUid: string | undefined,
    now: Date,
): Promise<RecoveryPoint | undefined> {
    const last = mirror.lastTransferred;
    if (last === undefined) {
        return undefined;
    }
    const folders =
        ownApplicationUid === undefined ? [] : await foldersOfReplicated(context, ownApplicationUid).catch(() => []);
    const takenAt = beginningOf(folders, last.name, now) ?? last.completedAt;
    return isPlausible(takenAt, now) ? { snapshot: last.name, takenAt } : undefined;
}

/**
 * When the snapshot was begun by the names of its archives' folders. It has one; of several, which somebody else must
 * have added, the oldest counts, so that no more can be lost than is announced.
 */
export function beginningOf(folders: readonly string[], snapshot: string, now: Date): string | undefined {
    return folders
        .filter((folder) => folder.includes(`_${snapshot}_`))
        .flatMap((folder) => timeOfFolder(folder) ?? [])
        .filter((time) => isPlausible(time, now))
        .sort()[0];
}

function foldersOfReplicated(
    { cluster, settings, archives = listedArchives }: Parameters<typeof readState>[0],
    ownApplicationUid: string,
): Promise<string[]> {
    const { protectNamespace: namespace, site, vaults, application } = settings;
    const vault = { cluster, namespace, name: vaults[site]!, budget: vaultBudget };
    return archives.replicatedFrom(vault, `${application}_${ownApplicationUid}`);
}

/** Where this site's vault has the archives that were replicated to it; no store where it cannot be listed. */
export async function replicatedArchives(
    cluster: Cluster,
    settings: ApplicationSettings,
    ownApplicationUid: string,
): Promise<{ store: ObjectStore | undefined; folder: string }> {
    const { store, prefix } = await openVault(
        cluster,
        settings.protectNamespace,
        settings.vaults[settings.site]!,
        vaultBudget,
    );
    return { store, folder: `${prefix}${settings.application}_${ownApplicationUid}/replicatedSnapshots/` };
}

/** Folders are named `<time>_<snapshot>_<uid>`. One with another name is none of them. */
export function pointOfFolder(folder: string, now: Date): ArchivedPoint | undefined {
    const takenAt = timeOfFolder(folder);
    const snapshot = /^\d{14}_([a-z0-9][a-z0-9.-]*)_[0-9a-f-]{36}$/.exec(folder)?.[1];
    return takenAt === undefined || snapshot === undefined || !isPlausible(takenAt, now)
        ? undefined
        : { folder, snapshot, takenAt };
}

/** Folder names begin with `yyyyMMddHHmmss`, UTC; whether it can be true is up to the caller. */
export function timeOfFolder(folder: string): string | undefined {
    const match = /^(\d{4})(\d{2})(\d{2})(\d{2})(\d{2})(\d{2})_/.exec(folder);
    if (match === null) {
        return undefined;
    }
    const [, year, month, day, hour, minute, second] = match;
    return `${year}-${month}-${day}T${hour}:${minute}:${second}Z`;
}

async function readHooks(cluster: Cluster, settings: ApplicationSettings): Promise<KubernetesObject[]> {
    const { hooks, application } = settings;
    if (hooks === undefined) {
        return [];
    }
    const names = new Set(hooks.map(({ name }) => name));
    const found = await cluster.list(kinds.execHook, namespaceOf(settings));
    return found.filter((item) => refersTo(item, application) || names.has(item.metadata.name));
}

export function refersTo(object: KubernetesObject, name: string): boolean {
    return (object.spec as { applicationRef?: unknown } | undefined)?.applicationRef === name;
}
