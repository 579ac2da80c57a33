import { Cluster, describe, type Kind, type KubernetesObject } from "../../clients/kubernetes/cluster";
import {
    appMirror,
    schedule,
    shutdownSnapshot,
    snapshot,
    snapshotInplaceRestore,
    volumeClaim,
} from "../../clients/kubernetes/kinds";
import type { HandOverToken, HeldVolume, RecoveryPoint, Unreplicated } from "../../roles/record";
import type { MirrorWay, SourceRecord } from "../../roles/steps";
import { type Driver, type DriverStep, type Facts, type Progress } from "../driver";
import { replicationLag } from "./lag";
import { matches } from "./matches";
import {
    applicationManifest,
    asideSnapshotName,
    baseSnapshotManifest,
    baseSnapshotName,
    epochOfName,
    finalSnapshotName,
    homeOf,
    isOurs,
    mirrorManifest,
    restoreManifest,
    restoreName,
    scheduleManifests,
    shutdownSnapshotManifest,
} from "./objects";
import {
    completeBase,
    isComplete,
    look,
    readMirror,
    readSnapshot,
    type Seen,
    type SeenMirror,
    type SeenSnapshot,
} from "./observe";
import type { AppMirrorSettings } from "./settings";
import type { Volumes } from "./claimedVolumes";

/** The steps of the role machine by Trident Protect's resources, with ONTAP asked for the truth. */
export class AppMirrorDriver implements Driver<Seen> {
    constructor(
        private readonly cluster: Cluster,
        private readonly settings: AppMirrorSettings,
        private readonly volumes: Volumes,
        private readonly signal: AbortSignal,
    ) {}

    observe(): Promise<Seen> {
        return look(this.cluster, this.settings);
    }

    replicationLag(): Promise<number | undefined> {
        return replicationLag(this.cluster, this.settings, new Date());
    }

    callsOf(step: DriverStep, seen: Seen): readonly string[] {
        switch (step.do) {
            case "declare-application":
                return this.declared([applicationManifest(this.settings)], [seen.application]);
            case "take-base-snapshot":
                return this.callsOfBaseSnapshot(step.epoch, seen);
            case "start-schedules":
                return this.declared(scheduleManifests(this.settings), seen.schedules);
            case "delete-schedules":
                return seen.schedules
                    .filter((item) => isOurs(item, this.settings.application))
                    .map((item) => `delete Schedule ${this.path(item)}`);
            case "tidy-up":
                return [];
            case "verify-unmirrored":
                return [`GET /snapmirror/relationships of ${this.settings.site}: none into its volumes`];
            case "release-sources":
                return step.sources.map(
                    ({ source, destination }) =>
                        `DELETE /snapmirror/relationships/{${source}}: what is remembered of it as the source of ${destination}`,
                );
            case "stop-schedules":
                return seen.schedules.filter(isEnabled).map((item) => `patch Schedule ${this.path(item)}: not enabled`);
            case "take-shutdown-snapshot":
                return this.callsOfShutdown(finalSnapshotName(this.settings.application, step.epoch), seen);
            case "stop-workloads":
                return this.callsOfStop(step.epoch, seen);
            case "restore-application":
                return this.callsOfRestore(step, seen);
            case "remove-mirror":
                return seen.mirrorObject === undefined ? [] : [this.callOfRemoval(seen.mirrorObject)];
            case "establish-mirror":
                return this.callsOfMirror(step.sourceUid, step.way, seen);
            case "forget-snapshots":
                return passedAway(this.settings.application, step.before, seen).map(
                    ({ kind, name }) => `delete ${kind.kind} ${this.home(name)}`,
                );
            case "promote":
                return this.callsOfPromote(step.token?.finalSnapshot, seen);
            case "verify-writable":
                return [
                    `GET /storage/volumes of ${this.settings.site}: every volume is rw`,
                    `GET /snapmirror/relationships of ${this.settings.site}: none into them`,
                ];
        }
    }

    perform(step: DriverStep, seen: Seen, progress: Progress): Promise<void> {
        switch (step.do) {
            case "declare-application":
                return this.declareApplication();
            case "take-base-snapshot":
                return this.takeBaseSnapshot(step.epoch, progress);
            case "start-schedules":
                return this.startSchedules();
            case "delete-schedules":
                return this.deleteSchedules(seen);
            case "tidy-up":
                return Promise.resolve();
            case "verify-unmirrored":
                return this.volumes.requireUnmirrored();
            case "release-sources":
                return this.release(step.sources);
            case "stop-schedules":
                return this.stopSchedules(seen);
            case "take-shutdown-snapshot":
                return this.shutDown(finalSnapshotName(this.settings.application, step.epoch), progress);
            case "stop-workloads":
                return this.shutDown(this.asideName(step.epoch, seen), progress);
            case "restore-application":
                return this.restore(step, seen, progress);
            case "remove-mirror":
                return this.removeMirror(seen.mirrorObject, progress);
            case "establish-mirror":
                return this.establishMirror(step.sourceUid, step.way, seen, progress);
            case "forget-snapshots":
                return this.forget(step.before, seen);
            case "promote":
                return this.promote(step.token?.finalSnapshot, progress);
            case "verify-writable":
                return this.volumes.requireWritable();
        }
    }

    holdings(): Promise<HeldVolume[] | undefined> {
        return this.volumes.holdings().catch(() => undefined);
    }

    sources(): Promise<SourceRecord[]> {
        return this.volumes.sources();
    }

    async unreplicated(since: RecoveryPoint | undefined): Promise<Unreplicated> {
        const bytes = since === undefined ? undefined : await this.volumes.changedSince(since).catch(() => undefined);
        const now = new Date();
        return {
            countedAt: now.toISOString(),
            ...(since === undefined ? {} : { since, seconds: (now.getTime() - Date.parse(since.takenAt)) / 1000 }),
            ...(bytes === undefined ? {} : { bytes }),
        };
    }

    facts(seen: Seen, epoch: number): Facts {
        const base = completeBase(seen, this.settings, epoch);
        const applicationUid = seen.application?.metadata.uid;
        const token = this.tokenOf(seen, epoch);
        return {
            ...(applicationUid === undefined ? {} : { applicationUid }),
            ...(base === undefined ? {} : { baseSnapshot: base.name }),
            ...(token === undefined ? {} : { token }),
        };
    }

    /** Complete only with the archive's folder: its basename is what the other site promotes. */
    private tokenOf(seen: Seen, epoch: number): HandOverToken | undefined {
        const { application, site, peer } = this.settings;
        const final = seen.shutdownSnapshots.find((item) => item.name === finalSnapshotName(application, epoch));
        const uid = seen.application?.metadata.uid;
        if (final === undefined || !isComplete(final) || uid === undefined) {
            return undefined;
        }
        return {
            application,
            epoch,
            from: site,
            to: peer,
            finalSnapshot: final.archivePath.split("/").at(-1)!,
            archivePath: final.archivePath,
            applicationUid: uid,
            time: final.createdAt,
        };
    }

    // What there is to do -------------------------------------------------------------------------------------------

    private declared(
        manifests: readonly KubernetesObject[],
        found: readonly (KubernetesObject | undefined)[],
    ): string[] {
        return manifests
            .filter((manifest) => {
                const object = found.find((item) => item?.metadata.name === manifest.metadata.name);
                return object === undefined || !matches(manifest.spec, object.spec);
            })
            .map((manifest) => `apply ${manifest.kind} ${homeOf(this.settings)}/${manifest.metadata.name}`);
    }

    private callsOfBaseSnapshot(epoch: number, seen: Seen): string[] {
        if (completeBase(seen, this.settings, epoch) !== undefined) {
            return [];
        }
        const name = baseSnapshotName(this.settings.application, epoch);
        const begun = seen.snapshots.some((item) => item.name === name);
        return [`${begun ? "wait for" : "create"} Snapshot ${homeOf(this.settings)}/${name}`];
    }

    private callOfRemoval(mirror: SeenMirror): string {
        return mirror.deleting ? `wait for ${this.mirrorName()} to be gone` : `delete ${this.mirrorName()}`;
    }

    private callsOfMirror(sourceUid: string, way: MirrorWay, seen: Seen): string[] {
        const name = this.mirrorName();
        const mirror = seen.mirrorObject;
        const create = `create ${name}: Established, from ${this.settings.vaults[this.settings.peer]}`;
        if (mirror === undefined) {
            return [create];
        }
        if (mustReplace(mirror, sourceUid, way)) {
            return [this.callOfRemoval(mirror), create];
        }
        if (mirror.desiredState !== "Established") {
            return [`patch ${name}: Established, what was written here since is discarded`];
        }
        const established = mirror.state === "Established" && mirror.lastTransferred !== undefined;
        return established ? [] : [`wait for ${name} to be Established`];
    }

    private callsOfShutdown(name: string, seen: Seen): string[] {
        const found = seen.shutdownSnapshots.find((item) => item.name === name);
        const what = `ShutdownSnapshot ${homeOf(this.settings)}/${name}`;
        if (found === undefined) {
            return [`create ${what}: takes the application down, its volumes stay`];
        }
        return isComplete(found) ? [] : [`wait for ${what}`];
    }

    /** Workloads are stopped by a ShutdownSnapshot, which keeps what they were and what they wrote last. */
    private callsOfStop(epoch: number, seen: Seen): string[] {
        const unfinished = this.unfinishedAside(seen);
        return seen.workloads.length === 0 && unfinished === undefined
            ? []
            : this.callsOfShutdown(this.asideName(epoch, seen), seen);
    }

    /** Workloads that somebody brought back are stopped anew, by another ShutdownSnapshot. */
    private asideName(epoch: number, seen: Seen): string {
        const { application } = this.settings;
        const taken = new Set(seen.shutdownSnapshots.map(({ name }) => name));
        let attempt = 1;
        while (taken.has(asideSnapshotName(application, epoch, attempt))) {
            attempt++;
        }
        return this.unfinishedAside(seen)?.name ?? asideSnapshotName(application, epoch, attempt);
    }

    private unfinishedAside(seen: Seen): SeenSnapshot | undefined {
        return unfinishedShutdowns(seen).find(({ name }) => name.startsWith(`${this.settings.application}-aside-`));
    }

    private callsOfRestore(step: RestoreStep, seen: Seen): string[] {
        const name = restoreName(this.settings.application, step.epoch);
        const what = `SnapshotInplaceRestore ${homeOf(this.settings)}/${name}`;
        const begun = seen.restores.find((item) => item.name === name);
        if (begun !== undefined) {
            return begun.state === "Completed" ? [] : [`wait for ${what}`];
        }
        const unfinished = unfinishedShutdowns(seen).map((item) => `wait for ShutdownSnapshot ${this.home(item.name)}`);
        if (seen.workloads.length > 0 && unfinished.length === 0) {
            return [];
        }
        return [...unfinished, `create ${what}: from ${archiveFor(step, seen) ?? "the ShutdownSnapshot"}`];
    }

    private callsOfPromote(finalSnapshot: string | undefined, seen: Seen): string[] {
        const mirror = seen.mirrorObject;
        if (mirror === undefined) {
            return [];
        }
        if (mirror.desiredState !== "Promoted") {
            const at = finalSnapshot === undefined ? "at the recovery point" : `at ${finalSnapshot}`;
            return [`patch ${this.mirrorName()}: Promoted ${at}`];
        }
        return mirror.state === "Promoted" ? [] : [`wait for ${this.mirrorName()} to be Promoted`];
    }

    private path(object: KubernetesObject): string {
        return this.home(object.metadata.name);
    }

    private home(name: string): string {
        return `${homeOf(this.settings)}/${name}`;
    }

    private mirrorName(): string {
        return describe(appMirror, this.mirrorKey());
    }

    private mirrorKey() {
        return { name: this.settings.application, namespace: homeOf(this.settings) };
    }

    // How it is done ------------------------------------------------------------------------------------------------

    private async declareApplication(): Promise<void> {
        await this.cluster.apply(applicationManifest(this.settings));
    }

    private async takeBaseSnapshot(epoch: number, progress: Progress): Promise<void> {
        await this.awaitBoundVolumes(progress);
        const manifest = baseSnapshotManifest(this.settings, epoch);
        const key = { name: manifest.metadata.name, namespace: homeOf(this.settings) };
        if ((await this.cluster.get(snapshot, key)) === undefined) {
            await this.cluster.create(manifest);
        }
        await this.awaitCompleted(snapshot, key, progress);
    }

    private async awaitCompleted(
        kind: Kind,
        key: { name: string; namespace: string },
        progress: Progress,
    ): Promise<void> {
        await this.wait(kind, key, "Completed", this.settings.timeouts.snapshot, progress, (object) => {
            const state = object === undefined ? undefined : readSnapshot(object);
            if (state !== undefined && finalFailures.has(state.state)) {
                throw new Error(
                    `${this.settings.site}: ${describe(kind, key)} is ${state.state}: ${state.error}. The volumes are as they were. Once its cause is mended: ${removal(kind, key)}; pulumi up --stack ${this.settings.site}`,
                );
            }
            return state !== undefined && isComplete(state);
        });
    }

    private async shutDown(name: string, progress: Progress): Promise<void> {
        const key = { name, namespace: homeOf(this.settings) };
        if ((await this.cluster.get(shutdownSnapshot, key)) === undefined) {
            await this.cluster.create(shutdownSnapshotManifest(this.settings, name));
        }
        await this.awaitCompleted(shutdownSnapshot, key, progress);
    }

    /** What a ShutdownSnapshot that is still at work has not taken away yet would be taken away after the restore. */
    private async restore(step: RestoreStep, seen: Seen, progress: Progress): Promise<void> {
        const { site, application, timeouts } = this.settings;
        const namespace = homeOf(this.settings);
        for (const { name } of unfinishedShutdowns(seen)) {
            await this.awaitCompleted(shutdownSnapshot, { name, namespace }, progress);
        }
        const key = { name: restoreName(application, step.epoch), namespace };
        if (!seen.restores.some(({ name }) => name === key.name)) {
            const from = archiveFor(step, await this.observe());
            if (from === undefined) {
                throw new Error(
                    `${site}: ${application} does not run here, and there is no ShutdownSnapshot to bring it back from. Its volumes are as they were; bring its workloads back by hand, then pulumi up --stack ${site}`,
                );
            }
            await this.cluster.create(restoreManifest(this.settings, step.epoch, from));
        }
        await this.wait(snapshotInplaceRestore, key, "Completed", timeouts.snapshot, progress, (object) => {
            const { state, error } = object === undefined ? { state: "", error: "" } : readSnapshot(object);
            if (finalFailures.has(state)) {
                throw new Error(
                    `${site}: ${describe(snapshotInplaceRestore, key)} is ${state}: ${error}. Once its cause is mended: ${removal(snapshotInplaceRestore, key)}; pulumi up --stack ${site}`,
                );
            }
            return state === "Completed";
        });
    }

    private async deleteSchedules(seen: Seen): Promise<void> {
        for (const item of seen.schedules.filter((one) => isOurs(one, this.settings.application))) {
            await this.cluster.delete(schedule, { name: item.metadata.name, namespace: homeOf(this.settings) });
        }
    }

    private async release(sources: readonly SourceRecord[]): Promise<void> {
        for (const source of sources) {
            await this.volumes.release(source);
        }
    }

    private async stopSchedules(seen: Seen): Promise<void> {
        for (const item of seen.schedules.filter(isEnabled)) {
            const key = { name: item.metadata.name, namespace: homeOf(this.settings) };
            await this.cluster.patch(schedule, key, { spec: { enabled: false } });
        }
    }

    /** Deleted while it is promoted, a mirror leaves the application, its volumes and its Application as they are. */
    private async removeMirror(mirror: SeenMirror | undefined, progress: Progress): Promise<void> {
        if (mirror?.deleting !== true) {
            await this.cluster.delete(appMirror, this.mirrorKey());
        }
        await this.wait(
            appMirror,
            this.mirrorKey(),
            "gone",
            this.settings.timeouts.promote,
            progress,
            (object) => object === undefined,
        );
    }

    /** Their controllers take them away with their snapshots on the array; nothing here depends on when. */
    private async forget(before: number, seen: Seen): Promise<void> {
        for (const { kind, name } of passedAway(this.settings.application, before, seen)) {
            await this.cluster.delete(kind, { name, namespace: homeOf(this.settings) });
        }
    }

    /** A volume that is not bound yet would be left out of the snapshot without a word. */
    private async awaitBoundVolumes(progress: Progress): Promise<void> {
        for (const namespace of this.settings.namespaces) {
            for (const claim of await this.cluster.list(volumeClaim, namespace)) {
                const key = { name: claim.metadata.name, namespace };
                await this.wait(volumeClaim, key, "Bound", this.settings.timeouts.snapshot, progress, (object) => {
                    const phase = (object?.status as { phase?: unknown } | undefined)?.phase;
                    return object === undefined || phase === "Bound";
                });
            }
        }
    }

    private async startSchedules(): Promise<void> {
        for (const manifest of scheduleManifests(this.settings)) {
            const found = await this.cluster.get(schedule, {
                name: manifest.metadata.name,
                namespace: homeOf(this.settings),
            });
            if (found === undefined || !matches(manifest.spec, found.spec)) {
                await this.cluster.apply(manifest);
            }
        }
    }

    private async establishMirror(sourceUid: string, way: MirrorWay, seen: Seen, progress: Progress): Promise<void> {
        const mirror = seen.mirrorObject;
        const replaces = mirror !== undefined && mustReplace(mirror, sourceUid, way);
        if (replaces) {
            await this.removeMirror(mirror, progress);
        }
        if (mirror === undefined || replaces) {
            await this.cluster.create(mirrorManifest(this.settings, sourceUid));
        } else if (mirror.desiredState !== "Established") {
            // A snapshot that an earlier promotion named would be waited for again by the next one.
            await this.cluster.patch(appMirror, this.mirrorKey(), {
                spec: { desiredState: "Established", promotedSnapshot: null },
            });
        }
        await this.wait(
            appMirror,
            this.mirrorKey(),
            "Established",
            this.settings.timeouts.establish,
            progress,
            (object) => {
                const mirror = object === undefined ? undefined : readMirror(object);
                return (
                    mirror?.desiredState === "Established" &&
                    mirror.state === "Established" &&
                    mirror.lastTransferred !== undefined
                );
            },
        );
        await this.volumes.requireMirrored();
    }

    private async promote(finalSnapshot: string | undefined, progress: Progress): Promise<void> {
        const before = await this.cluster.get(appMirror, this.mirrorKey());
        if (before !== undefined && readMirror(before).desiredState !== "Promoted") {
            await this.volumes.requireReachable();
            await this.cluster.patch(appMirror, this.mirrorKey(), {
                spec: {
                    desiredState: "Promoted",
                    ...(finalSnapshot === undefined ? {} : { promotedSnapshot: finalSnapshot }),
                },
            });
        }
        await this.wait(appMirror, this.mirrorKey(), "Promoted", this.settings.timeouts.promote, progress, (object) => {
            const mirror = object === undefined ? undefined : readMirror(object);
            return mirror?.desiredState === "Promoted" && mirror.state === "Promoted";
        });
    }

    private wait(
        kind: Kind,
        key: { name: string; namespace: string },
        what: string,
        deadline: number,
        progress: Progress,
        reached: (object: KubernetesObject | undefined) => boolean,
    ): Promise<KubernetesObject | undefined> {
        return this.cluster.waitFor(kind, key, what, reached, {
            deadline,
            signal: this.signal,
            onProgress: (last, seconds) =>
                progress(`waiting for ${describe(kind, key)} to be ${what}, ${seconds} s${said(last)}`),
        });
    }
}

/** A mirror that is promoted goes back only by a resync; any other way begins with a new one. */
function mustReplace(mirror: SeenMirror, sourceUid: string, way: MirrorWay): boolean {
    return (
        mirror.deleting ||
        mirror.sourceApplicationUid !== sourceUid ||
        (mirror.desiredState === "Promoted" && way !== "resync")
    );
}

/** How a person takes an object away that will not come to an end. */
function removal(kind: Kind, { name, namespace }: { name: string; namespace: string }): string {
    return `kubectl -n ${namespace} delete ${kind.plural}.${kind.apiVersion.split("/")[0]} ${name}`;
}

/** What was made for changes of earlier epochs, and is not on its way out yet. */
function passedAway(application: string, before: number, seen: Seen): { kind: Kind; name: string }[] {
    const passed = (kind: Kind, items: readonly SeenSnapshot[]) =>
        items
            .filter(({ name, leaving }) => !leaving && (epochOfName(application, name) ?? before) < before)
            .map(({ name }) => ({ kind, name }));
    return [
        ...passed(snapshot, seen.snapshots),
        ...passed(shutdownSnapshot, seen.shutdownSnapshots),
        ...passed(snapshotInplaceRestore, seen.restores),
    ];
}

type RestoreStep = Extract<DriverStep, { do: "restore-application" }>;

function unfinishedShutdowns(seen: Seen): SeenSnapshot[] {
    return seen.shutdownSnapshots.filter((item) => !isComplete(item) && !finalFailures.has(item.state));
}

/** The archive that is asked for, else that of the newest ShutdownSnapshot. */
function archiveFor(step: RestoreStep, seen: Seen): string | undefined {
    const newest = seen.shutdownSnapshots
        .filter(isComplete)
        .sort((left, right) => Date.parse(left.createdAt) - Date.parse(right.createdAt))
        .at(-1);
    return step.archivePath ?? newest?.archivePath;
}

/** A Schedule is enabled unless it says otherwise (docs/facts/trident-protect.md#schedules). */
function isEnabled(object: KubernetesObject): boolean {
    return (object.spec as { enabled?: unknown } | undefined)?.enabled !== false;
}

/** Final states of Trident Protect's snapshots that are not success (docs/facts/trident-protect.md#snapshots). */
const finalFailures: ReadonlySet<string> = new Set(["Failed", "Error", "Removed"]);

/** What the object itself says of how far it is. */
function said(object: KubernetesObject | undefined): string {
    const status = object?.status as { state?: unknown; error?: unknown } | undefined;
    const state = typeof status?.state === "string" && status.state !== "" ? `: ${status.state}` : "";
    return typeof status?.error === "string" && status.error !== "" ? `${state} (${status.error})` : state;
}
