import { z } from "zod";
import { type Cluster, type Kind, type KubernetesObject } from "../../clients/kubernetes/cluster";
import { kinds } from "../../clients/kubernetes/kinds";
import type { Observed, ObservedMirror } from "../../roles/situation";
import type { RecoveryPoint } from "../../roles/record";
import { isPlausible } from "../../support/time";
import { openVault, vaultState } from "../../vaults/appVault";
import { baseSnapshotName, namespaceOf } from "./manifests";
import type { ApplicationSettings } from "./settings";

/** Everything that the driver reads of one application at its site. */
export interface ApplicationState {
    application: KubernetesObject | undefined;
    schedules: readonly KubernetesObject[];
    snapshots: readonly SnapshotState[];
    shutdownSnapshots: readonly SnapshotState[];
    /** SnapshotInplaceRestores: they name no application, but ours are recognised by their names. */
    restores: readonly SnapshotState[];
    /** Deployments and StatefulSets that want pods, as `Kind namespace/name`. */
    workloads: readonly string[];
    mirror: MirrorState | undefined;
    recoveryPoint: RecoveryPoint | undefined;
    /** Whether Trident Protect finds the peer's vault usable. */
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
}

export interface MirrorState {
    desiredState: string;
    state: string;
    error: string;
    promotedSnapshot: string | undefined;
    sourceApplicationUid: string;
    lastTransferred: { name: string; completedAt: string } | undefined;
    /** Whether its deletion was requested, by this run or by an earlier one. */
    deleting: boolean;
}

/** What can be read on its own, so that after a step only what it touched is read again. */
export type Part = Exclude<keyof ApplicationState, "recoveryPoint">;

const allParts: readonly Part[] = [
    "application",
    "schedules",
    "snapshots",
    "shutdownSnapshots",
    "restores",
    "workloads",
    "mirror",
    "peerAnswers",
];

/** Milliseconds for one read of the own vault. */
const vaultBudget = 3_000;

/** Reads some parts of the state; the others stay as they are in `before`. */
export async function readState(
    cluster: Cluster,
    settings: ApplicationSettings,
    parts: readonly Part[] = allParts,
    before?: ApplicationState,
): Promise<ApplicationState> {
    const readers = readersOf(cluster, settings);
    const fresh = await Promise.all(parts.map(async (part) => [part, await readers[part]()] as const));
    const state = { ...before, ...Object.fromEntries(fresh) } as ApplicationState;
    if (!parts.includes("mirror")) {
        return state;
    }
    const recoveryPoint =
        state.mirror === undefined
            ? undefined
            : await findRecoveryPoint(cluster, settings, state.mirror, state.application?.metadata.uid, new Date());
    return { ...state, recoveryPoint };
}

type Readers = { [P in Part]: () => Promise<ApplicationState[P]> };

function readersOf(cluster: Cluster, settings: ApplicationSettings): Readers {
    const namespace = namespaceOf(settings);
    const key = { name: settings.application, namespace };
    const ofApplication = async (kind: Kind) =>
        (await cluster.list(kind, namespace)).filter((item) => refersTo(item, settings.application));
    return {
        application: () => cluster.get(kinds.application, key),
        schedules: () => ofApplication(kinds.schedule),
        snapshots: async () => (await ofApplication(kinds.snapshot)).map(readSnapshot),
        shutdownSnapshots: async () => (await ofApplication(kinds.shutdownSnapshot)).map(readSnapshot),
        restores: async () => (await cluster.list(kinds.snapshotInplaceRestore, namespace)).map(readSnapshot),
        workloads: async () =>
            (await Promise.all(settings.namespaces.map((name) => workloadsIn(cluster, name)))).flat(),
        mirror: async () => {
            const found = await cluster.get(kinds.appMirror, key);
            return found === undefined ? undefined : readMirror(found);
        },
        peerAnswers: async () =>
            (await vaultState(cluster, settings.protectNamespace, settings.vaults[settings.peer]!)) === "Available",
    };
}

/** What the planner goes by. */
export function observedOf(state: ApplicationState): Observed {
    const { mirror, recoveryPoint } = state;
    return {
        workloads: state.workloads,
        peerAnswers: state.peerAnswers,
        mirror:
            mirror === undefined
                ? undefined
                : {
                      state: finalState(mirror),
                      sourceApplicationUid: mirror.sourceApplicationUid,
                      ...(recoveryPoint === undefined ? {} : { recoveryPoint }),
                      ...(mirror.error === "" ? {} : { error: mirror.error }),
                  },
    };
}

const replicas = z.object({ replicas: z.number().optional() });

async function workloadsIn(cluster: Cluster, namespace: string): Promise<string[]> {
    const found = await Promise.all([kinds.deployment, kinds.statefulSet].map((kind) => cluster.list(kind, namespace)));
    return found
        .flat()
        .filter((object) => (replicas.parse(object.spec).replicas ?? 1) > 0)
        .map((object) => `${object.kind} ${namespace}/${object.metadata.name}`);
}

/** The base snapshot of an epoch, if it is complete and its archive is in the vault. */
export function completeBase(
    state: ApplicationState,
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
    .object({ state: z.string().optional(), appArchivePath: z.string().optional(), error: z.string().optional() })
    .optional();

export function readSnapshot(object: KubernetesObject): SnapshotState {
    const status = snapshotStatus.parse(object.status);
    return {
        name: object.metadata.name,
        state: status?.state ?? "",
        archivePath: status?.appArchivePath ?? "",
        error: status?.error ?? "",
        createdAt: object.metadata.creationTimestamp ?? "",
        deleting: object.metadata.deletionTimestamp !== undefined,
    };
}

const mirrorSpec = z.object({
    desiredState: z.string(),
    promotedSnapshot: z.string().optional(),
    sourceApplicationUID: z.string(),
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

export function readMirror(object: KubernetesObject): MirrorState {
    const spec = mirrorSpec.parse(object.spec);
    const status = mirrorStatus.parse(object.status);
    const last = status?.lastTransferredSnapshot;
    return {
        desiredState: spec.desiredState,
        state: status?.state ?? "",
        error: status?.error ?? "",
        promotedSnapshot: spec.promotedSnapshot,
        sourceApplicationUid: spec.sourceApplicationUID,
        lastTransferred:
            last?.name === undefined || last.name === ""
                ? undefined
                : { name: last.name, completedAt: last.completionTimestamp ?? "" },
        deleting: object.metadata.deletionTimestamp !== undefined,
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
    cluster: Cluster,
    settings: ApplicationSettings,
    mirror: MirrorState,
    ownApplicationUid: string | undefined,
    now: Date,
): Promise<RecoveryPoint | undefined> {
    const last = mirror.lastTransferred;
    if (last === undefined) {
        return undefined;
    }
    const folders =
        ownApplicationUid === undefined
            ? []
            : await foldersOfReplicated(cluster, settings, ownApplicationUid).catch(() => []);
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

async function foldersOfReplicated(
    cluster: Cluster,
    settings: ApplicationSettings,
    ownApplicationUid: string,
): Promise<string[]> {
    const vault = await openVault(cluster, settings.protectNamespace, settings.vaults[settings.site]!, vaultBudget);
    const folder = `${vault.prefix}${settings.application}_${ownApplicationUid}/replicatedSnapshots/`;
    return (await vault.store?.folders(folder)) ?? [];
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

function refersTo(object: KubernetesObject, name: string): boolean {
    return (object.spec as { applicationRef?: unknown } | undefined)?.applicationRef === name;
}
