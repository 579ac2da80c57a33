import { z } from "zod";
import { type Cluster, type KubernetesObject } from "../../clients/kubernetes/cluster";
import {
    application,
    appMirror,
    deployment,
    schedule,
    shutdownSnapshot,
    snapshot,
    snapshotInplaceRestore,
    statefulSet,
} from "../../clients/kubernetes/kinds";
import type { Observed, ObservedMirror } from "../../roles/situation";
import type { RecoveryPoint } from "../../roles/record";
import { openVault, vaultState } from "../../vaults/appVault";
import { baseSnapshotName, homeOf } from "./objects";
import type { AppMirrorSettings } from "./settings";

/** What the app-mirror driver saw at its site. */
export interface Seen extends Observed {
    application: KubernetesObject | undefined;
    schedules: readonly KubernetesObject[];
    snapshots: readonly SeenSnapshot[];
    shutdownSnapshots: readonly SeenSnapshot[];
    /** SnapshotInplaceRestores: they name no application, but ours by their names. */
    restores: readonly SeenSnapshot[];
    /** Names of Deployments and StatefulSets that want pods. */
    workloads: readonly string[];
    mirrorObject: SeenMirror | undefined;
}

export interface SeenSnapshot {
    name: string;
    state: string;
    /** Folder of the archive in the vault; the state may say Completed before it is there. */
    archivePath: string;
    error: string;
    /** When it was asked for. ISO 8601. */
    createdAt: string;
    /** Whether it is being deleted. */
    leaving: boolean;
}

export interface SeenMirror {
    desiredState: string;
    state: string;
    error: string;
    promotedSnapshot: string | undefined;
    sourceApplicationUid: string;
    lastTransferred: { name: string; completedAt: string } | undefined;
    /** Whether its deletion was asked for, by this run or by one that was cut off. */
    deleting: boolean;
}

/** Milliseconds for one look into the own vault. */
const vaultBudget = 3_000;

export async function look(cluster: Cluster, settings: AppMirrorSettings): Promise<Seen> {
    const namespace = homeOf(settings);
    const [applicationObject, mirror, schedules, snapshots, shutdowns, restores, workloads, peerVault] =
        await Promise.all([
            cluster.get(application, { name: settings.application, namespace }),
            cluster.get(appMirror, { name: settings.application, namespace }),
            cluster.list(schedule, namespace),
            cluster.list(snapshot, namespace),
            cluster.list(shutdownSnapshot, namespace),
            cluster.list(snapshotInplaceRestore, namespace),
            Promise.all(settings.namespaces.map((name) => workloadsIn(cluster, name))),
            vaultState(cluster, settings.protectNamespace, settings.vaults[settings.peer]!),
        ]);
    const mirrorObject = mirror === undefined ? undefined : readMirror(mirror);
    return {
        application: applicationObject,
        schedules: schedules.filter((item) => refersTo(item, settings.application)),
        snapshots: snapshots.filter((item) => refersTo(item, settings.application)).map(readSnapshot),
        shutdownSnapshots: shutdowns.filter((item) => refersTo(item, settings.application)).map(readSnapshot),
        restores: restores.map(readSnapshot),
        workloads: workloads.flat(),
        peerAnswers: peerVault === "Available",
        mirrorObject,
        mirror:
            mirrorObject === undefined
                ? undefined
                : await summarise(cluster, settings, mirrorObject, applicationObject?.metadata.uid),
    };
}

const replicas = z.object({ replicas: z.number().optional() });

async function workloadsIn(cluster: Cluster, namespace: string): Promise<string[]> {
    const found = await Promise.all([deployment, statefulSet].map((kind) => cluster.list(kind, namespace)));
    return found
        .flat()
        .filter((object) => (replicas.parse(object.spec).replicas ?? 1) > 0)
        .map((object) => `${object.kind} ${namespace}/${object.metadata.name}`);
}

/** The base snapshot of an epoch, if it is complete and its archive is in the vault. */
export function completeBase(seen: Seen, settings: AppMirrorSettings, epoch: number): SeenSnapshot | undefined {
    return seen.snapshots.find(
        (item) => item.name === baseSnapshotName(settings.application, epoch) && isComplete(item),
    );
}

export function isComplete(item: SeenSnapshot): boolean {
    return item.state === "Completed" && item.archivePath !== "";
}

const snapshotStatus = z
    .object({ state: z.string().optional(), appArchivePath: z.string().optional(), error: z.string().optional() })
    .optional();

export function readSnapshot(object: KubernetesObject): SeenSnapshot {
    const status = snapshotStatus.parse(object.status);
    return {
        name: object.metadata.name,
        state: status?.state ?? "",
        archivePath: status?.appArchivePath ?? "",
        error: status?.error ?? "",
        createdAt: object.metadata.creationTimestamp ?? "",
        leaving: object.metadata.deletionTimestamp !== undefined,
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

export function readMirror(object: KubernetesObject): SeenMirror {
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

async function summarise(
    cluster: Cluster,
    settings: AppMirrorSettings,
    mirror: SeenMirror,
    ownApplicationUid: string | undefined,
): Promise<ObservedMirror> {
    const recoveryPoint = await findRecoveryPoint(cluster, settings, mirror, ownApplicationUid);
    return {
        state: finalState(mirror),
        sourceApplicationUid: mirror.sourceApplicationUid,
        ...(recoveryPoint === undefined ? {} : { recoveryPoint }),
        ...(mirror.error === "" ? {} : { error: mirror.error }),
    };
}

/** Right after a change the status still tells the old final state, and states that we do not know are not final. */
function finalState(mirror: SeenMirror): ObservedMirror["state"] {
    if (mirror.state !== mirror.desiredState) {
        return "unsettled";
    }
    return mirror.state === "Established" ? "established" : mirror.state === "Promoted" ? "promoted" : "unsettled";
}

/**
 * The newest replicated snapshot, with the time in its archive's folder name: that is when it was begun, and the
 * completion time in the mirror's status is later, so that it would announce less than can be lost.
 */
async function findRecoveryPoint(
    cluster: Cluster,
    settings: AppMirrorSettings,
    mirror: SeenMirror,
    ownApplicationUid: string | undefined,
): Promise<RecoveryPoint | undefined> {
    const last = mirror.lastTransferred;
    if (last === undefined) {
        return undefined;
    }
    const folder =
        ownApplicationUid === undefined
            ? undefined
            : await findReplicated(cluster, settings, ownApplicationUid, last.name).catch(() => undefined);
    const takenAt = (folder === undefined ? undefined : timeOfFolder(folder)) ?? last.completedAt;
    return takenAt === "" ? undefined : { snapshot: last.name, takenAt };
}

async function findReplicated(
    cluster: Cluster,
    settings: AppMirrorSettings,
    ownApplicationUid: string,
    name: string,
): Promise<string | undefined> {
    const vault = await openVault(cluster, settings.protectNamespace, settings.vaults[settings.site]!, vaultBudget);
    const folders = await vault.store?.folders(
        `${vault.prefix}${settings.application}_${ownApplicationUid}/replicatedSnapshots/`,
    );
    return folders?.find((folder) => folder.includes(`_${name}_`));
}

/** Folder names begin with `yyyyMMddHHmmss`, UTC. */
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
