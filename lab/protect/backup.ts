import {
    type Controller,
    type ReconcileResult,
    addFinalizer,
    isDeleting,
    messageOf,
    ownerReference,
    removeFinalizer,
    runController,
    timestamp,
} from "../controllers";
import { writeBackup } from "./archive";
import { type Context, lookAgain, realTime } from "./context";
import { runHooks } from "./hooks";
import {
    type AppSnapshot,
    type Application,
    type Backup,
    type Existing,
    type Reference,
    type VolumeBackup,
    kinds,
    protectNamespace,
} from "./kinds";
import { backupPath, repositoryPath, volumeSnapshotName } from "./names";
import { applicationOf, FinalFailure, usableVault } from "./needs";
import { ageMs, timeout } from "./snapshot";
import { reportStatus } from "./status";
import { withVault } from "./vault";

const finalizer = "protect.trident.netapp.io/backup";

/** Names the Backup for which a Snapshot was taken. */
const backupAnnotation = "protect.trident.netapp.io/backup";

/** What a tiny volume's copy takes: a pod has to be scheduled, and to mount a clone of the snapshot. */
const copyMs = 30_000;

type Status = NonNullable<Backup["status"]>;

/**
 * Makes Backups: a Snapshot, and then what its archive has and the volumes' data in the vault. No data moves in the lab:
 * the vault is told of which snapshot it would be.
 */
export function runBackupController(context: Context): Controller {
    return runController<Existing<Backup>>({
        cluster: context.cluster,
        kind: kinds.backup,
        log: context.log,
        triggers: [
            {
                kind: kinds.snapshot,
                concerns: ({ metadata }) => {
                    const name = metadata.annotations?.[backupAnnotation];
                    return name === undefined ? [] : [{ namespace: metadata.namespace, name }];
                },
            },
        ],
        reconcile: async (backup) => {
            if (isDeleting(backup)) {
                return remove(context, backup);
            }
            if (backup.status?.state === "Completed" || backup.status?.state === "Failed") {
                return finish(context, backup);
            }
            try {
                return await make(context, backup);
            } catch (error) {
                const outOfTime = ageMs(backup) > timeout(context, undefined, "completion");
                const state = error instanceof FinalFailure || outOfTime ? "Failed" : "Running";
                await report(context, backup, { state, error: messageOf(error) });
                return lookAgain(context, 30_000);
            }
        },
    });
}

async function make(context: Context, backup: Existing<Backup>): Promise<ReconcileResult> {
    const { cluster } = context;
    const application = await applicationOf(context, backup);
    const vaultName = await usableVault(context, backup);
    await addFinalizer(cluster, backup, finalizer);
    await report(context, backup, { state: "Running", appVaultRef: vaultName, error: "" });

    const path = pathOf(backup, application);
    const occasion = { action: "Backup", owner: backup, appVaultRef: vaultName, appArchivePath: path } as const;
    const pre = await runHooks(context, application, { ...occasion, stage: "Pre" });
    const snapshot = await snapshotOf(context, backup, application);
    await report(context, backup, { sourceSnapshotName: snapshot.metadata.name });
    if (snapshot.status?.state === "Failed") {
        throw new FinalFailure(`Snapshot ${snapshot.metadata.name} failed: ${snapshot.status.error}`);
    }
    const { appArchivePath, volumeSnapshots = [] } = snapshot.status ?? {};
    if (snapshot.status?.state !== "Completed" || appArchivePath === undefined) {
        return lookAgain(context, 30_000);
    }

    const prefix = volumeSnapshotName(snapshot.metadata.uid ?? "", "");
    const repositoryOf = ({ name }: Reference) => repositoryPath(identityOf(application), name.slice(prefix.length));
    const copies = (isDone: boolean) => volumeSnapshots.map((one) => copyOf(one, repositoryOf(one), isDone));
    await report(context, backup, { progress: { volumeBackups: copies(false) } });
    await realTime(context, copyMs);
    const post = await runHooks(context, application, { ...occasion, stage: "Post" });
    const completed: Status = {
        ...backup.status,
        state: "Completed",
        conditions: backup.status?.conditions ?? [],
        error: "",
        appVaultRef: vaultName,
        sourceSnapshotName: snapshot.metadata.name,
        completionTimestamp: timestamp(),
        latestRepositoryTimestamp: timestamp(),
        progress: { volumeBackups: copies(true) },
        preSnapshotExecHooksRunResults: snapshot.status.preSnapshotExecHooksRunResults ?? [],
        postSnapshotExecHooksRunResults: snapshot.status.postSnapshotExecHooksRunResults ?? [],
        preBackupExecHooksRunResults: pre,
        postBackupExecHooksRunResults: post,
    };
    await withVault(cluster, vaultName, async (vault) => {
        await Promise.all(
            copies(true).map((copy) => vault.put(dataKey(copy, backup), `${JSON.stringify(copy, null, 2)}\n`)),
        );
        await writeBackup(vault, appArchivePath, path, { ...backup, status: { ...completed, appArchivePath: path } });
    });
    await reportStatus(context, kinds.backup, backup, completed);
}

/** Says where the archive is, later than that it is complete, as has been observed; its own Snapshot is then of no use. */
async function finish(context: Context, backup: Existing<Backup>): Promise<void> {
    const { namespace } = backup.metadata;
    const { state, appArchivePath } = backup.status ?? {};
    if (state === "Completed" && appArchivePath === undefined) {
        const ref = { namespace, name: backup.spec.applicationRef };
        const application = await context.cluster.get<Existing<Application>>(kinds.application, ref);
        if (application !== undefined) {
            await reportStatus(context, kinds.backup, backup, { appArchivePath: pathOf(backup, application) });
        }
    }
    if (backup.spec.cleanupSnapshot !== false) {
        await removeOwnSnapshot(context, backup);
    }
}

/** Its Snapshot goes with it, the data in the vault only by the reclaim policy. */
async function remove(context: Context, backup: Existing<Backup>): Promise<void> {
    const { cluster } = context;
    await removeOwnSnapshot(context, backup);
    const { appArchivePath, appVaultRef, progress } = backup.status ?? {};
    if (backup.spec.reclaimPolicy === "Delete" && appArchivePath !== undefined && appVaultRef !== undefined) {
        const vault = await cluster.get(kinds.appVault, { namespace: protectNamespace, name: appVaultRef });
        if (vault !== undefined) {
            const data = (progress?.volumeBackups ?? []).map((copy) => dataKey(copy, backup));
            await withVault(cluster, appVaultRef, (bucket) =>
                Promise.all([`${appArchivePath}/`, ...data].map((prefix) => bucket.remove(prefix))),
            );
        }
    }
    await removeFinalizer(cluster, backup, finalizer);
}

/** The Snapshot that is named, or one that is taken for this alone. */
async function snapshotOf(
    { cluster }: Context,
    backup: Existing<Backup>,
    application: Existing<Application>,
): Promise<AppSnapshot> {
    const { namespace, name: backupName } = backup.metadata;
    const { snapshotRef = "", applicationRef, appVaultRef } = backup.spec;
    if (snapshotRef === "") {
        return cluster.ensure<AppSnapshot>({
            ...kinds.snapshot,
            metadata: {
                name: ownSnapshotName(backup),
                namespace,
                annotations: { [backupAnnotation]: backupName },
                ownerReferences: [ownerReference(application)],
            },
            spec: { applicationRef, appVaultRef, reclaimPolicy: "Delete" },
        });
    }
    const found = await cluster.get<AppSnapshot>(kinds.snapshot, { namespace, name: snapshotRef });
    if (found === undefined) {
        throw new FinalFailure(`Snapshot ${namespace}/${snapshotRef} does not exist`);
    }
    return found;
}

async function removeOwnSnapshot({ cluster }: Context, backup: Existing<Backup>): Promise<void> {
    const ref = { namespace: backup.metadata.namespace, name: ownSnapshotName(backup) };
    if ((await cluster.get(kinds.snapshot, ref)) !== undefined) {
        await cluster.delete(kinds.snapshot, ref);
    }
}

function ownSnapshotName({ metadata }: Existing<Backup>): string {
    return `backup-${metadata.uid}`;
}

/** The definition wants conditions and progress wherever there is a status. */
function report(context: Context, backup: Existing<Backup>, status: Partial<Status>): Promise<void> {
    const { conditions = [], progress = {} } = backup.status ?? {};
    return reportStatus(context, kinds.backup, backup, { conditions, progress, ...status });
}

/** The copies of the volume snapshot that the real one makes for its mover are no more than named. */
function copyOf(sourceVolumeSnapshot: Reference, repository: string, isDone: boolean): VolumeBackup {
    const name = `copy-${sourceVolumeSnapshot.name}`;
    return {
        sourceVolumeSnapshot,
        repositoryPath: repository,
        volumeBackupCreated: true,
        volumeBackupCompleted: isDone,
        volumeSnapshotCopied: true,
        volumeSnapshotCopyName: name,
        volumeSnapshotCopyReadyToUse: true,
        volumeSnapshotCopyDeleted: isDone,
        volumeSnapshotContentCopyName: name,
        ...(isDone ? { completionTimestamp: timestamp() } : {}),
    };
}

function dataKey({ repositoryPath: path = "" }: VolumeBackup, backup: Existing<Backup>): string {
    return `${path}/${backup.metadata.uid}.json`;
}

function pathOf({ metadata }: Existing<Backup>, application: Existing<Application>): string {
    const { name, uid, creationTimestamp = "" } = metadata;
    return backupPath(identityOf(application), { name, uid, taken: new Date(creationTimestamp) });
}

function identityOf({ metadata }: Existing<Application>): { name: string; uid: string } {
    return { name: metadata.name, uid: metadata.uid };
}
