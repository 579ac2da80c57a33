import {
    type Controller,
    type Kind,
    type KubeObject,
    type ReconcileResult,
    type Ref,
    addFinalizer,
    isDeleting,
    messageOf,
    ownerReference,
    refOf,
    removeFinalizer,
    runController,
    scaled,
    timestamp,
} from "../controllers";
import { completeArchive, hasResources, readResources, writeResources } from "./archive";
import { type Context, lookAgain, realTime } from "./context";
import { durationMs } from "./duration";
import { runHooks } from "./hooks";
import { type AppSnapshot, type Application, type Existing, kinds, protectNamespace } from "./kinds";
import { archivePath } from "./names";
import { applicationOf, FinalFailure, usableVault } from "./needs";
import { collectResources, stopApplication } from "./resources";
import { reportStatus } from "./status";
import { withVault } from "./vault";
import {
    type BoundClaim,
    boundClaims,
    filterLacks,
    isCut,
    isReady,
    removeVolumeSnapshots,
    requestVolumeSnapshots,
    snapshotLabel,
    volumeParts,
} from "./volumes";

const finalizer = "protect.trident.netapp.io/snapshot";

/** What a tiny application's snapshot takes besides the work itself: before and after the volumes. */
const preparationMs = 5_000;
const completionMs = 5_000;
/** How often an application that is stopping is looked at. */
const stoppingMs = 5_000;

/** Documented defaults of the three timeouts. */
const defaultTimeouts = { created: 5 * 60_000, ready: 30 * 60_000, completion: 60 * 60_000 };
/** A site whose array is slow in being restarted must not fail its snapshots within the blink that an hour is here. */
const leastTimeoutMs = 15_000;

/** Takes Snapshots: an archive of the application's resources in the vault, and a snapshot of each volume. */
export function runSnapshotController(context: Context): Controller {
    return runFor(context, kinds.snapshot, false);
}

/** Takes ShutdownSnapshots: the resources first, then the application is stopped, then the volumes. */
export function runShutdownSnapshotController(context: Context): Controller {
    return runFor(context, kinds.shutdownSnapshot, true);
}

function isFinal({ status }: AppSnapshot): boolean {
    return status?.state === "Completed" || status?.state === "Failed";
}

function runFor(context: Context, kind: Kind, stopsApplication: boolean): Controller {
    /** Snapshots under way, by UID, so that a volume snapshot can wake the one it belongs to. */
    const underWay = new Map<string, Ref>();
    /** Their claims, by UID: known anew from the archive after a restart. */
    const claimsOf = new Map<string, BoundClaim[]>();
    return runController<Existing<AppSnapshot>>({
        cluster: context.cluster,
        kind,
        log: context.log,
        triggers: [
            {
                kind: kinds.volumeSnapshot,
                concerns: ({ metadata }) => {
                    const ref = underWay.get(metadata.labels?.[snapshotLabel] ?? "");
                    return ref === undefined ? [] : [ref];
                },
            },
        ],
        reconcile: async (snapshot) => {
            if (isDeleting(snapshot)) {
                underWay.set(snapshot.metadata.uid, refOf(snapshot));
                return remove(context, snapshot);
            }
            if (isFinal(snapshot)) {
                underWay.delete(snapshot.metadata.uid);
                claimsOf.delete(snapshot.metadata.uid);
                return cleanUp(context, kind, snapshot);
            }
            underWay.set(snapshot.metadata.uid, refOf(snapshot));
            try {
                return await take(context, kind, snapshot, stopsApplication, claimsOf);
            } catch (error) {
                const outOfTime = ageMs(snapshot) > timeout(context, snapshot.spec.completionTimeout, "completion");
                const state = error instanceof FinalFailure || outOfTime ? "Failed" : "Running";
                await reportStatus(context, kind, snapshot, { state, error: messageOf(error) });
                return lookAgain(context, 30_000);
            }
        },
    });
}

async function take(
    context: Context,
    kind: Kind,
    snapshot: Existing<AppSnapshot>,
    stopsApplication: boolean,
    claimsOf: Map<string, BoundClaim[]>,
): Promise<ReconcileResult> {
    const { cluster, discovery } = context;
    const { uid, name, namespace, creationTimestamp = "" } = snapshot.metadata;
    const application = await applicationOf(context, snapshot);
    const vaultName = await usableVault(context, snapshot);
    await addFinalizer(cluster, snapshot, finalizer);
    await own(context, kind, snapshot, application);

    const path =
        snapshot.status?.appArchivePath ??
        archivePath(
            { name: application.metadata.name, uid: application.metadata.uid },
            { name, uid, taken: new Date(creationTimestamp) },
        );
    if (snapshot.status?.state !== "Running") {
        await reportStatus(context, kind, snapshot, { state: "Running", appVaultRef: vaultName, error: "" });
        await realTime(context, preparationMs);
    }

    const occasion = { action: "Snapshot", owner: snapshot, appVaultRef: vaultName, appArchivePath: path } as const;
    const pre = await runHooks(context, application, { ...occasion, stage: "Pre" });
    const claims = claimsOf.get(uid) ?? (await keepResources(context, application, vaultName, path));
    claimsOf.set(uid, claims);
    await reportStatus(context, kind, snapshot, { state: "Running", appArchivePath: path });

    if (stopsApplication && !(await stopApplication(cluster, discovery, application))) {
        return lookAgain(context, stoppingMs);
    }

    const lacking = filterLacks(application.spec.resourceFilter, claims);
    if (lacking.length > 0) {
        throw new FinalFailure(
            `The resource filter leaves out ${lacking.join(" and ")}, without which no volume can be snapshotted`,
        );
    }
    const volumeSnapshots = await requestVolumeSnapshots(cluster, uid, claims);
    if (!volumeSnapshots.every(isReady)) {
        checkTimeouts(context, snapshot, volumeSnapshots);
        return lookAgain(context, 30_000);
    }

    await realTime(context, completionMs);
    const post = await runHooks(context, application, { ...occasion, stage: "Post" });
    const completed: AppSnapshot["status"] = {
        ...snapshot.status,
        state: "Completed",
        error: "",
        appArchivePath: path,
        appVaultRef: vaultName,
        completionTimestamp: timestamp(),
        preSnapshotExecHooksRunResults: pre,
        postSnapshotExecHooksRunResults: post,
        volumeSnapshots: volumeSnapshots.map(({ metadata }) => ({
            name: metadata.name,
            namespace: metadata.namespace ?? namespace,
        })),
    };
    const [volumes, classes, hooks] = await Promise.all([
        volumeParts(cluster, volumeSnapshots),
        cluster.list(kinds.volumeSnapshotClass),
        cluster.list(kinds.execHook, { namespace }),
    ]);
    const execHooks = hooks.filter(({ spec }) => spec.applicationRef === application.metadata.name);
    await withVault(cluster, vaultName, (vault) =>
        completeArchive(vault, path, {
            application,
            snapshot: { ...snapshot, status: completed },
            volumes,
            classes,
            execHooks,
            results: { pre, post },
        }),
    );
    await reportStatus(context, kind, snapshot, completed);
}

/** Keeps the resources in the vault unless that was done before; the claims among them. */
async function keepResources(
    context: Context,
    application: Existing<Application>,
    vaultName: string,
    path: string,
): Promise<BoundClaim[]> {
    return withVault(context.cluster, vaultName, async (vault) => {
        if (await hasResources(vault, path)) {
            return boundClaims(await readResources(vault, path));
        }
        const resources = await collectResources(context.cluster, context.discovery, application);
        await writeResources(vault, path, resources);
        return boundClaims(resources);
    });
}

/** An application takes its snapshots with it when it goes. */
async function own(
    context: Context,
    kind: Kind,
    snapshot: Existing<AppSnapshot>,
    application: Existing<Application>,
): Promise<void> {
    const { uid } = application.metadata;
    if (!snapshot.metadata.ownerReferences?.some((owner) => owner.uid === uid)) {
        await context.cluster.modify(kind, refOf(snapshot), ({ metadata }) => {
            const others = metadata.ownerReferences?.filter((owner) => owner.uid !== uid) ?? [];
            metadata.ownerReferences = [...others, ownerReference(application)];
        });
    }
}

function checkTimeouts(context: Context, snapshot: Existing<AppSnapshot>, volumeSnapshots: KubeObject[]): void {
    const { volumeSnapshotsCreatedTimeout, volumeSnapshotsReadyToUseTimeout } = snapshot.spec;
    const oldest = Math.max(...volumeSnapshots.map(ageMs));
    const why = volumeSnapshots
        .flatMap(({ metadata, status }) =>
            status?.error?.message ? [`${metadata.name}: ${status.error.message}`] : [],
        )
        .join("; ");
    const because = why === "" ? "" : ` (${why})`;
    if (!volumeSnapshots.every(isCut) && oldest > timeout(context, volumeSnapshotsCreatedTimeout, "created")) {
        throw new FinalFailure(`The volume snapshots were not created in time${because}`);
    }
    if (oldest > timeout(context, volumeSnapshotsReadyToUseTimeout, "ready")) {
        throw new FinalFailure(`The volume snapshots were not ready to use in time${because}`);
    }
    if (why !== "") {
        throw new Error(why);
    }
}

export function timeout(context: Context, text: string | undefined, which: keyof typeof defaultTimeouts): number {
    const given = durationMs(text);
    return given === undefined
        ? Math.max(leastTimeoutMs, scaled(defaultTimeouts[which], context.speed))
        : scaled(given, context.speed);
}

export function ageMs({ metadata }: KubeObject): number {
    return Date.now() - Date.parse(metadata.creationTimestamp ?? "");
}

async function cleanUp(context: Context, kind: Kind, snapshot: AppSnapshot): Promise<void> {
    if (snapshot.spec.cleanupSnapshot === true) {
        await context.cluster.delete(kind, refOf(snapshot));
    }
}

/** The volume snapshots always go, the archive only by the reclaim policy. */
async function remove(context: Context, snapshot: Existing<AppSnapshot>): Promise<ReconcileResult> {
    const { cluster } = context;
    if (!(await removeVolumeSnapshots(cluster, snapshot.metadata.uid))) {
        return lookAgain(context, 30_000);
    }
    const { appArchivePath, appVaultRef } = snapshot.status ?? {};
    if (appArchivePath !== undefined && appVaultRef !== undefined && snapshot.spec.reclaimPolicy !== "Retain") {
        const vault = await cluster.get(kinds.appVault, { namespace: protectNamespace, name: appVaultRef });
        if (vault !== undefined) {
            await withVault(cluster, appVaultRef, (bucket) => bucket.remove(`${appArchivePath}/`));
        }
    }
    await removeFinalizer(cluster, snapshot, finalizer);
}
