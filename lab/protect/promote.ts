import { type KubeObject, scaled } from "../controllers";
import { type ArchivedVolume, listArchives, readArchive, readResources } from "./archive";
import type { Context } from "./context";
import { runHooks } from "./hooks";
import { type Application, type Existing, type Mirror, type VolumeMirror, kinds } from "./kinds";
import { createUpdate, isUpdateFinal, updatesOf } from "./mirrorUpdate";
import { turnVolumeMirror, volumeMirrorState, volumeMirrors, volumeTrouble } from "./mirrorVolumes";
import { applicationFolder, replicatedPath, shortHash } from "./names";
import { mappedNamespace, podsOf, restorable, restoreResources } from "./resources";
import { reportStatus } from "./status";
import { withVault } from "./vault";

/**
 * Takes a promotion as far as it goes: the snapshot, then the volumes, then the resources; true once the application is
 * there. Without a named snapshot nothing of the other site is asked for.
 */
export async function promote(context: Context, mirror: Existing<Mirror>): Promise<boolean> {
    const { cluster } = context;
    const { namespace } = mirror.metadata;
    const { sourceApplicationName: name, promotedSnapshot = "", destinationAppVaultRef } = mirror.spec;
    const application = await cluster.get<Existing<Application>>(kinds.application, { namespace, name });
    if (application === undefined) {
        throw new Error(`Application ${namespace}/${name} is not here: nothing was replicated yet`);
    }
    const own = { name, uid: application.metadata.uid };
    const folder =
        promotedSnapshot === ""
            ? await newestCopy(context, mirror, own)
            : await namedCopy(context, mirror, own, promotedSnapshot);
    if (folder === undefined) {
        return false;
    }
    const path = replicatedPath(own, folder);
    const archive = await withVault(cluster, destinationAppVaultRef, (vault) => readArchive(vault, path));
    if (archive === undefined) {
        throw new Error(`The archive ${path} is not in AppVault ${destinationAppVaultRef}`);
    }

    const mapping = mirror.spec.namespaceMapping ?? [];
    // A volume that the archive does not know has never come through, so there is nothing of it to promote.
    const archived = (volumeMirror: VolumeMirror): ArchivedVolume | undefined =>
        archive.volumes.find(
            ({ claim }) =>
                claim.name === volumeMirror.spec.volumeMappings[0]?.localPVCName &&
                mappedNamespace(claim.namespace, mapping) === volumeMirror.metadata.namespace,
        );
    for (const volumeMirror of await volumeMirrors(context, mirror)) {
        const volume = archived(volumeMirror);
        if (volume !== undefined) {
            const awaited = promotedSnapshot === "" ? undefined : volume.snapshotHandle;
            await turnVolumeMirror(context, volumeMirror, "promoted", awaited);
        }
    }
    const turned = (await volumeMirrors(context, mirror)).filter((one) => archived(one) !== undefined);
    await reportStatus(context, kinds.mirror, mirror, { error: volumeTrouble(turned) });
    if (!turned.every((one) => one.spec.state === "promoted" && volumeMirrorState(one).state === "promoted")) {
        return false;
    }

    const resources = await withVault(cluster, destinationAppVaultRef, (vault) => readResources(vault, path));
    const skipped = await restoreResources(cluster, resources, mapping);
    if (skipped.length > 0) {
        context.log(`not restored, since this cluster does not serve their kinds: ${skipped.join(", ")}`);
    }
    await restoreResources(cluster, archive.execHooks.map(asHook), mapping);
    if (!(await podsRun(context, mirror, application, archive.execHooks))) {
        return false;
    }
    await runHooks(context, application, {
        action: "Failover",
        stage: "Post",
        owner: mirror,
        suffix: shortHash(folder),
        appVaultRef: destinationAppVaultRef,
        appArchivePath: path,
    });
    context.log(`AppMirrorRelationship ${namespace}/${mirror.metadata.name}: restored from ${path}`);
    return true;
}

/** Hooks run in pods that the promotion starts. What starts none is not waited for without end. */
async function podsRun(
    { cluster, speed }: Context,
    { metadata }: Existing<Mirror>,
    application: Existing<Application>,
    hooks: readonly KubeObject[],
): Promise<boolean> {
    const { uid } = metadata;
    if (!hooks.some((hook) => hook.spec?.action === "Failover")) {
        return true;
    }
    const since = waitingSince.get(uid) ?? Date.now();
    waitingSince.set(uid, since);
    const phases = (await podsOf(cluster, application)).map(({ status }) => status?.phase as string | undefined);
    const run = phases.includes("Running") && !phases.includes("Pending");
    if (!run && Date.now() - since < Math.max(15_000, scaled(podsMs, speed))) {
        return false;
    }
    waitingSince.delete(uid);
    return true;
}

const podsMs = 5 * 60_000;
/** Mirrors whose pods are waited for, by UID. */
const waitingSince = new Map<string, number>();

function asHook(hook: KubeObject): KubeObject {
    return restorable({ ...kinds.execHook, ...hook }, []);
}

/** The copy that the last transfer brought. */
async function newestCopy(
    context: Context,
    mirror: Existing<Mirror>,
    application: { name: string; uid: string },
): Promise<string | undefined> {
    const snapshot = mirror.status?.lastTransferredSnapshot?.name;
    if (snapshot === undefined) {
        throw new Error("No snapshot was replicated yet, so there is nothing to promote");
    }
    return withVault(context.cluster, mirror.spec.destinationAppVaultRef, async (vault) => {
        const folders = await listArchives(vault, application, "replicatedSnapshots");
        const found = folders.reverse().find((folder) => folder.includes(`_${snapshot}_`));
        if (found === undefined) {
            throw new Error(
                `The copy of snapshot ${snapshot} is not in AppVault ${mirror.spec.destinationAppVaultRef}`,
            );
        }
        return found;
    });
}

/** The copy of one named archive, which is fetched if it is not here; one that never appears is waited for without end. */
async function namedCopy(
    context: Context,
    mirror: Existing<Mirror>,
    application: { name: string; uid: string },
    folder: string,
): Promise<string | undefined> {
    const { sourceApplicationName, sourceApplicationUID, sourceAppVaultRef, destinationAppVaultRef } = mirror.spec;
    const path = replicatedPath(application, folder);
    const copy = await withVault(context.cluster, destinationAppVaultRef, (vault) => readArchive(vault, path));
    if (copy !== undefined) {
        return folder;
    }
    const source = `${applicationFolder(sourceApplicationName, sourceApplicationUID)}/snapshots/${folder}`;
    const updates = await updatesOf(context, mirror);
    const running = updates.find((update) => !isUpdateFinal(update));
    if (running !== undefined) {
        await reportStatus(context, kinds.mirror, mirror, { error: running.status?.error ?? "" });
        return undefined;
    }
    const there = await withVault(context.cluster, sourceAppVaultRef, (vault) => readArchive(vault, source));
    await reportStatus(context, kinds.mirror, mirror, { error: there === undefined ? `Waiting for ${folder}` : "" });
    if (there !== undefined) {
        await createUpdate(context, mirror, source);
    }
    return undefined;
}
