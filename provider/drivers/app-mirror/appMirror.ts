import { Cluster, describe, type Kind, type KubernetesObject } from "../../kubernetes/cluster";
import { appMirror, schedule, shutdownSnapshot, snapshot, volumeClaim } from "../../kubernetes/kinds";
import type { HandOverToken } from "../../roles/record";
import type { MirrorWay } from "../../roles/steps";
import { Unsupported, type Driver, type DriverStep, type Facts, type Progress } from "../driver";
import { replicationLag } from "./lag";
import { matches } from "./matches";
import {
    applicationManifest,
    asideSnapshotName,
    baseSnapshotManifest,
    baseSnapshotName,
    finalSnapshotName,
    homeOf,
    mirrorManifest,
    scheduleManifests,
    shutdownSnapshotManifest,
} from "./objects";
import { completeBase, isComplete, look, readMirror, readSnapshot, type Seen, type SeenSnapshot } from "./seen";
import type { AppMirrorSettings } from "./settings";
import type { Volumes } from "./volumes";

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
            case "stop-schedules":
                return seen.schedules.filter(isEnabled).map((item) => `patch Schedule ${this.path(item)}: not enabled`);
            case "take-shutdown-snapshot":
                return this.callsOfShutdown(finalSnapshotName(this.settings.application, step.epoch), seen);
            case "stop-workloads":
                return this.callsOfStop(seen);
            case "remove-mirror":
                return seen.mirrorObject === undefined ? [] : [`delete ${this.mirrorName()}`];
            case "establish-mirror":
                return this.callsOfMirror(step.sourceUid, step.way, seen);
            case "promote":
                return this.callsOfPromote(step.token?.finalSnapshot, seen);
            case "verify-writable":
                return [
                    `GET /storage/volumes of ${this.settings.site}: every volume is rw`,
                    `GET /snapmirror/relationships of ${this.settings.site}: none into them`,
                ];
            default:
                throw new Unsupported(step, this.settings);
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
            case "stop-schedules":
                return this.stopSchedules(seen);
            case "take-shutdown-snapshot":
                return this.shutDown(finalSnapshotName(this.settings.application, step.epoch), progress);
            case "stop-workloads":
                return this.shutDown(this.asideName(seen), progress);
            case "remove-mirror":
                return this.removeMirror(progress);
            case "establish-mirror":
                return this.establishMirror(step.sourceUid, seen, progress);
            case "promote":
                return this.promote(step.token?.finalSnapshot, progress);
            case "verify-writable":
                return this.volumes.requireWritable();
            default:
                throw new Unsupported(step, this.settings);
        }
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

    private callsOfMirror(sourceUid: string, way: MirrorWay, seen: Seen): string[] {
        const name = this.mirrorName();
        const mirror = seen.mirrorObject;
        const create = `create ${name}: Established, from ${this.settings.vaults[this.settings.peer]}`;
        if (mirror === undefined) {
            return [create];
        }
        if (mirror.sourceApplicationUid !== sourceUid) {
            return [`delete ${name}`, create];
        }
        if (mirror.desiredState !== "Established") {
            if (way !== "resync") {
                throw new Error(
                    `${this.settings.site}: ${name} is promoted; only a resync, which discards what was written here, leads it back`,
                );
            }
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
    private callsOfStop(seen: Seen): string[] {
        const unfinished = this.unfinishedAside(seen);
        return seen.workloads.length === 0 && unfinished === undefined
            ? []
            : this.callsOfShutdown(this.asideName(seen), seen);
    }

    private asideName(seen: Seen): string {
        return this.unfinishedAside(seen)?.name ?? asideSnapshotName(this.settings.application, new Date());
    }

    private unfinishedAside(seen: Seen): SeenSnapshot | undefined {
        return seen.shutdownSnapshots.find(
            (item) =>
                item.name.startsWith(`${this.settings.application}-aside-`) &&
                !isComplete(item) &&
                !finalFailures.has(item.state),
        );
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
        return `${homeOf(this.settings)}/${object.metadata.name}`;
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
                    `${this.settings.site}: ${describe(kind, key)} is ${state.state}: ${state.error}. Remove it once its cause is mended, then pulumi up again`,
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

    private async stopSchedules(seen: Seen): Promise<void> {
        for (const item of seen.schedules.filter(isEnabled)) {
            const key = { name: item.metadata.name, namespace: homeOf(this.settings) };
            await this.cluster.patch(schedule, key, { spec: { enabled: false } });
        }
    }

    /** Deleted while it is promoted, a mirror leaves the application, its volumes and its Application as they are. */
    private async removeMirror(progress: Progress): Promise<void> {
        await this.cluster.delete(appMirror, this.mirrorKey());
        await this.wait(
            appMirror,
            this.mirrorKey(),
            "gone",
            this.settings.timeouts.promote,
            progress,
            (object) => object === undefined,
        );
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

    private async establishMirror(sourceUid: string, seen: Seen, progress: Progress): Promise<void> {
        const mirror = seen.mirrorObject;
        if (mirror !== undefined && mirror.sourceApplicationUid !== sourceUid) {
            await this.removeMirror(progress);
        }
        if (mirror?.sourceApplicationUid !== sourceUid) {
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

/** A Schedule is enabled unless it says otherwise (definition of Schedule). */
function isEnabled(object: KubernetesObject): boolean {
    return (object.spec as { enabled?: unknown } | undefined)?.enabled !== false;
}

/** Final states of Trident Protect's snapshots that are not success (reference: trident-protect, section 2.3). */
const finalFailures: ReadonlySet<string> = new Set(["Failed", "Error", "Removed"]);

/** What the object itself says of how far it is. */
function said(object: KubernetesObject | undefined): string {
    const status = object?.status as { state?: unknown; error?: unknown } | undefined;
    const state = typeof status?.state === "string" && status.state !== "" ? `: ${status.state}` : "";
    return typeof status?.error === "string" && status.error !== "" ? `${state} (${status.error})` : state;
}
