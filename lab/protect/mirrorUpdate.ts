import {
    ApiError,
    type Controller,
    type ReconcileResult,
    isDeleting,
    messageOf,
    runController,
    timestamp,
} from "../controllers";
import { acceptArchive, fetchArchive, listArchives, readArchive, readResources } from "./archive";
import { type Context, lookAgain } from "./context";
import {
    type Application,
    type DestinationVolume,
    type Existing,
    type Mirror,
    type MirrorUpdate,
    type VolumeMirror,
    type VolumeMirrorUpdate,
    kinds,
} from "./kinds";
import {
    belongingTo,
    ensureVolumeMirror,
    isMirroring,
    mirrorLabel,
    missingNamespaces,
    volumeTrouble,
} from "./mirrorVolumes";
import { baseName, compactTime, joinedName, replicatedPath, shortHash } from "./names";
import { reportStatus } from "./status";
import { type Vault, openVault } from "./vault";

/** What cannot be mended by trying this update again; the next one may do better. */
class UpdateFailed extends Error {}

const waitMs = 10_000;
const keptCopies = 4;

/** Moves one snapshot of an application: the archive from bucket to bucket, then each volume by Trident. */
export function runMirrorUpdateController(context: Context): Controller {
    return runController<Existing<MirrorUpdate>>({
        cluster: context.cluster,
        kind: kinds.mirrorUpdate,
        log: context.log,
        triggers: [
            {
                kind: kinds.volumeMirrorUpdate,
                concerns: ({ metadata }) => {
                    const name = metadata.annotations?.[updateAnnotation];
                    const [namespace] = (name ?? "").split("/");
                    return name && namespace ? [{ namespace, name: name.slice(namespace.length + 1) }] : [];
                },
            },
        ],
        reconcile: async (update) => {
            if (isDeleting(update) || isUpdateFinal(update)) {
                return;
            }
            try {
                return await move(context, update);
            } catch (error) {
                const state = error instanceof UpdateFailed ? "Failed" : "Running";
                await reportStatus(context, kinds.mirrorUpdate, update, { state, error: messageOf(error) });
                return lookAgain(context, waitMs);
            }
        },
    });
}

export function isUpdateFinal({ status }: MirrorUpdate): boolean {
    return status?.state === "Completed" || status?.state === "Failed";
}

/** `namespace/name` of the AppMirrorUpdate that a TridentActionMirrorUpdate serves. */
const updateAnnotation = "protect.trident.netapp.io/mirror-update";

async function move(context: Context, update: Existing<MirrorUpdate>): Promise<ReconcileResult> {
    const { cluster } = context;
    const { namespace } = update.metadata;
    const { appMirrorRelationshipRef, sourceAppArchivePath: sourcePath } = update.spec;
    const mirror = await cluster.get<Existing<Mirror>>(kinds.mirror, { namespace, name: appMirrorRelationshipRef });
    if (mirror === undefined || isDeleting(mirror)) {
        throw new UpdateFailed(`AppMirrorRelationship ${appMirrorRelationshipRef} is gone`);
    }
    const { desiredState, promotedSnapshot, sourceApplicationName, sourceAppVaultRef, destinationAppVaultRef } =
        mirror.spec;
    if (desiredState === "Promoted" && promotedSnapshot !== baseName(sourcePath)) {
        throw new UpdateFailed("The relationship is promoted without this snapshot");
    }
    const ref = { namespace, name: sourceApplicationName };
    const application = await cluster.get<Existing<Application>>(kinds.application, ref);
    if (application === undefined) {
        throw new UpdateFailed(`Application ${namespace}/${sourceApplicationName} is gone`);
    }
    await reportStatus(context, kinds.mirrorUpdate, update, { state: "Running" });

    const { name, uid } = application.metadata;
    const path = replicatedPath({ name, uid }, baseName(sourcePath));
    const destination = await openVault(cluster, destinationAppVaultRef);
    // Once the archive is here and all volumes have their mirrors, the update itself says which they are.
    let volumes = update.status?.destinationVolumes;
    if (volumes === undefined) {
        const source = await openVault(cluster, sourceAppVaultRef);
        if (!(await fetchArchive(source, sourcePath, destination, path))) {
            throw new UpdateFailed(`The archive ${sourcePath} is not in AppVault ${sourceAppVaultRef}`);
        }
        volumes = await prepareVolumes(context, mirror, source, sourcePath);
        await reportStatus(context, kinds.mirrorUpdate, update, { destinationVolumes: volumes });
    }
    const mirrors = await Promise.all(
        volumes.map(({ destinationTMR }) => cluster.get<VolumeMirror>(kinds.volumeMirror, destinationTMR)),
    );
    const present = mirrors.filter((found) => found !== undefined);
    if (present.length < volumes.length || !present.every(isMirroring)) {
        await reportStatus(context, kinds.mirrorUpdate, update, { error: volumeTrouble(present) });
        return lookAgain(context, waitMs);
    }
    const moving = await moveVolumes(context, mirror, update, volumes);
    await reportStatus(context, kinds.mirrorUpdate, update, { destinationVolumes: moving.volumes });
    if (!moving.done) {
        return lookAgain(context, waitMs);
    }
    await acceptArchive(destination, path);
    await forgetCopies(destination, { name, uid });
    await reportStatus(context, kinds.mirrorUpdate, update, {
        state: "Completed",
        error: "",
        appArchivePath: path,
        appVaultRef: destinationAppVaultRef,
        completionTimestamp: timestamp(),
    });
}

/** Keeps the newest copies: the one just made, and a few before it for whoever is reading them. */
async function forgetCopies(vault: Vault, application: { name: string; uid: string }): Promise<void> {
    const copies = await listArchives(vault, application, "replicatedSnapshots");
    for (const folder of copies.slice(0, -keptCopies)) {
        await vault.remove(`${replicatedPath(application, folder)}/`);
    }
}

async function prepareVolumes(
    context: Context,
    mirror: Existing<Mirror>,
    source: Vault,
    path: string,
): Promise<DestinationVolume[]> {
    const archive = await readArchive(source, path);
    if (archive === undefined) {
        throw new UpdateFailed(`The archive ${path} is not in AppVault ${mirror.spec.sourceAppVaultRef}`);
    }
    const missing = await missingNamespaces(context, mirror.status?.destinationNamespaces ?? []);
    if (missing.length > 0) {
        throw new Error(`Namespace ${missing.join(", ")} does not exist`);
    }
    const resources = await readResources(source, path);
    return Promise.all(
        archive.volumes.map((volume) => {
            const claim = resources.find(
                ({ kind, metadata }) =>
                    kind === kinds.volumeClaim.kind &&
                    metadata.name === volume.claim.name &&
                    metadata.namespace === volume.claim.namespace,
            );
            if (claim === undefined) {
                throw new UpdateFailed(`The archive ${path} lacks the claim ${volume.claim.name}`);
            }
            return ensureVolumeMirror(context, mirror, volume, claim);
        }),
    );
}

/** One action of Trident for each volume; done once every one has succeeded. */
async function moveVolumes(
    context: Context,
    mirror: Existing<Mirror>,
    update: Existing<MirrorUpdate>,
    volumes: DestinationVolume[],
): Promise<{ done: boolean; volumes: DestinationVolume[] }> {
    const { cluster } = context;
    const actions = await Promise.all(
        volumes.map(({ destinationTMR, sourceSnapshotHandle }) => {
            const { namespace } = destinationTMR;
            const name = joinedName(destinationTMR.name, shortHash(update.metadata.uid));
            const belonging = belongingTo(mirror, namespace);
            const annotations = {
                ...belonging.annotations,
                [updateAnnotation]: `${update.metadata.namespace}/${update.metadata.name}`,
            };
            return cluster.ensure<VolumeMirrorUpdate>({
                ...kinds.volumeMirrorUpdate,
                metadata: { name, namespace, ...belonging, annotations },
                spec: {
                    tridentMirrorRelationshipName: destinationTMR.name,
                    snapshotHandle: sourceSnapshotHandle,
                },
            });
        }),
    );
    const failed = actions.filter(({ status }) => status?.state === "Failed");
    if (failed.length > 0) {
        const why = failed.map(({ metadata, status }) => `${metadata.name}: ${status?.message ?? "no message"}`);
        throw new UpdateFailed(why.join("; "));
    }
    return {
        done: actions.every(({ status }) => status?.state === "Succeeded"),
        volumes: volumes.map((volume, index) => {
            const { name = "", namespace = "" } = actions[index]?.metadata ?? {};
            return { ...volume, destinationTAMU: { name, namespace } };
        }),
    };
}

/** Asks for one archive to be brought here. */
export async function createUpdate(context: Context, mirror: Existing<Mirror>, path: string): Promise<void> {
    const { namespace, name } = mirror.metadata;
    try {
        await context.cluster.create({
            ...kinds.mirrorUpdate,
            metadata: {
                name: joinedName(name, compactTime(new Date())),
                namespace,
                ...belongingTo(mirror, namespace),
            },
            spec: { appMirrorRelationshipRef: name, sourceAppArchivePath: path },
        });
    } catch (error) {
        // Two within a second have one name: the second one's turn comes with the next look.
        if (!(error instanceof ApiError && error.alreadyExists)) {
            throw error;
        }
    }
}

/** The transfers of a relationship, newest first. */
export async function updatesOf(context: Context, mirror: Existing<Mirror>): Promise<Existing<MirrorUpdate>[]> {
    const { namespace, uid } = mirror.metadata;
    const labelSelector = `${mirrorLabel}=${uid}`;
    const updates = await context.cluster.list<Existing<MirrorUpdate>>(kinds.mirrorUpdate, {
        namespace,
        labelSelector,
    });
    return updates.sort((a, b) => (a.metadata.name < b.metadata.name ? 1 : -1));
}
