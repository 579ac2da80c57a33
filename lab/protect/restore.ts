import {
    type Controller,
    type Kind,
    type KubeObject,
    type ReconcileResult,
    isDeleting,
    messageOf,
    ownerReference,
    refOf,
    runController,
    timestamp,
} from "../controllers";
import { type ArchiveHead, type ArchivedVolume, readArchive, readResources } from "./archive";
import { type Context, lookAgain } from "./context";
import { type Application, type Existing, type Restore, type Schedule, kinds } from "./kinds";
import { joinedName, shortHash } from "./names";
import { mappedNamespace, restoreResources, stopApplication } from "./resources";
import { filterPasses } from "./selection";
import { reportStatus } from "./status";
import { withVault } from "./vault";

/** What cannot be mended by trying again. */
class RestoreFailed extends Error {}

const waitMs = 5_000;

/** Trident's action that puts a claim's volume back to one of its snapshots, where it stands. */
const volumeRestore: Kind = { apiVersion: "trident.netapp.io/v1", kind: "TridentActionSnapshotRestore" };

/** Restores applications from their snapshots, in place or as new ones. */
export function runRestoreControllers(context: Context): Controller[] {
    return [
        runFor(context, kinds.snapshotInplaceRestore, restoreInPlace),
        runFor(context, kinds.snapshotRestore, restoreElsewhere),
    ];
}

type Step = (
    context: Context,
    kind: Kind,
    restore: Existing<Restore>,
    archive: ArchiveHead & { path: string },
) => Promise<boolean>;

function runFor(context: Context, kind: Kind, step: Step): Controller {
    return runController<Existing<Restore>>({
        cluster: context.cluster,
        kind,
        log: context.log,
        reconcile: async (restore): Promise<ReconcileResult> => {
            const { state } = restore.status ?? {};
            if (isDeleting(restore) || state === "Completed" || state === "Failed") {
                return;
            }
            const report = (status: object): Promise<void> =>
                reportStatus(context, kind, restore, { conditions: [], ...status });
            try {
                await report({ state: "Running" });
                if (!(await step(context, kind, restore, await archiveOf(context, restore)))) {
                    return lookAgain(context, waitMs);
                }
                await report({ state: "Completed", error: "", completionTimestamp: timestamp() });
            } catch (error) {
                const failed = error instanceof RestoreFailed;
                await report({ state: failed ? "Failed" : "Running", error: messageOf(error) });
                return lookAgain(context, 6 * waitMs);
            }
        },
    });
}

async function archiveOf(context: Context, { spec }: Restore): Promise<ArchiveHead & { path: string }> {
    const path = spec.appArchivePath ?? "";
    if (path === "") {
        throw new RestoreFailed("Expected spec.appArchivePath, found none");
    }
    const archive = await withVault(context.cluster, spec.appVaultRef, (vault) => readArchive(vault, path));
    if (archive === undefined) {
        throw new RestoreFailed(`The archive ${path} is not in AppVault ${spec.appVaultRef}`);
    }
    return { ...archive, path };
}

/** Stops what runs, puts the volumes back, then the resources. Schedules rest meanwhile. */
const restoreInPlace: Step = async (context, kind, restore, archive) => {
    const { cluster, discovery } = context;
    const { namespace } = restore.metadata;
    const { name } = archive.application.metadata;
    const application = await cluster.get<Application>(kinds.application, { namespace, name });
    if (application === undefined) {
        throw new RestoreFailed(`Application ${namespace}/${name} does not exist`);
    }
    const resting = await restSchedules(context, kind, restore, name);
    if (!(await stopApplication(cluster, discovery, application))) {
        return false;
    }
    const { resourceFilter } = restore.spec;
    const volumes = archive.volumes.filter(({ claim }) =>
        filterPasses(resourceFilter, { ...kinds.volumeClaim, metadata: claim }),
    );
    if (!(await restoreVolumes(context, restore, volumes))) {
        return false;
    }
    const all = await withVault(cluster, restore.spec.appVaultRef, (vault) => readResources(vault, archive.path));
    const resources = all.filter((object) => filterPasses(resourceFilter, object));
    await restoreResources(cluster, resources, restore.spec.namespaceMapping ?? []);
    for (const schedule of resting) {
        await cluster.modify<Schedule>(kinds.schedule, { namespace, name: schedule }, ({ spec }) => {
            spec.enabled = true;
        });
    }
    return true;
};

/** Makes a new application in other namespaces. Volumes cannot come along here: their snapshots stay in their namespace. */
const restoreElsewhere: Step = async (context, kind, restore, archive) => {
    if (archive.volumes.length > 0) {
        throw new RestoreFailed("This stand-in of Trident Protect restores volumes only in place");
    }
    const { cluster } = context;
    const { namespace } = restore.metadata;
    const { namespaceMapping: mapping = [], appVaultRef, destinationApplicationName } = restore.spec;
    const resources = await withVault(cluster, appVaultRef, (vault) => readResources(vault, archive.path));
    await restoreResources(cluster, resources, mapping);
    const name = destinationApplicationName ?? archive.application.metadata.name;
    const includedNamespaces = archive.application.spec.includedNamespaces?.map((included) => ({
        ...included,
        namespace: mappedNamespace(included.namespace, mapping),
    }));
    await cluster.ensure({
        ...kinds.application,
        metadata: { name, namespace },
        spec: { ...archive.application.spec, includedNamespaces },
    });
    await reportStatus(context, kind, restore, { applicationRef: name });
    return true;
};

/** Switches the application's Schedules off and remembers which ones were on. */
async function restSchedules(
    context: Context,
    kind: Kind,
    restore: Existing<Restore>,
    application: string,
): Promise<string[]> {
    const { namespace } = restore.metadata;
    const known = restore.status?.disabledScheduleNames;
    const schedules = await context.cluster.list<Schedule>(kinds.schedule, { namespace });
    const running = schedules
        .filter(({ spec }) => spec.applicationRef === application && spec.enabled !== false)
        .map(({ metadata }) => metadata.name);
    const names = known ?? running;
    if (known === undefined) {
        await reportStatus(context, kind, restore, { disabledScheduleNames: names });
    }
    for (const name of names.filter((name) => running.includes(name))) {
        await context.cluster.modify<Schedule>(kinds.schedule, { namespace, name }, ({ spec }) => {
            spec.enabled = false;
        });
    }
    return names;
}

async function restoreVolumes(
    context: Context,
    restore: Existing<Restore>,
    volumes: ArchivedVolume[],
): Promise<boolean> {
    const { cluster } = context;
    if (volumes.length > 0 && !(await cluster.serves(volumeRestore))) {
        throw new RestoreFailed(`This cluster's Trident does not serve ${volumeRestore.kind}`);
    }
    const actions = await Promise.all(
        volumes.map(({ claim, volumeSnapshot }) =>
            cluster.ensure<KubeObject>({
                ...volumeRestore,
                metadata: {
                    name: joinedName(claim.name, shortHash(restore.metadata.uid)),
                    namespace: claim.namespace,
                    ownerReferences: [ownerReference(restore)],
                },
                spec: { pvcName: claim.name, volumeSnapshotName: volumeSnapshot.metadata.name },
            }),
        ),
    );
    const failed = actions.filter(({ status }) => status?.state === "Failed");
    if (failed.length > 0) {
        throw new RestoreFailed(failed.map((one) => `${refOf(one).name}: ${one.status?.message}`).join("; "));
    }
    return actions.every(({ status }) => status?.state === "Succeeded");
}
