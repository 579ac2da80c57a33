import { Cluster, describe, type Kind, type KubernetesObject } from "../../kubernetes/cluster";
import { appMirror, schedule, snapshot, volumeClaim } from "../../kubernetes/kinds";
import type { MirrorWay } from "../../roles/steps";
import { Unsupported, type Driver, type DriverStep, type Facts, type Progress } from "../driver";
import { matches } from "./matches";
import {
    applicationManifest,
    baseSnapshotManifest,
    baseSnapshotName,
    homeOf,
    mirrorManifest,
    scheduleManifests,
} from "./objects";
import { completeBase, isComplete, look, readMirror, readSnapshot, type Seen } from "./seen";
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

    callsOf(step: DriverStep, seen: Seen): readonly string[] {
        switch (step.do) {
            case "declare-application":
                return this.declared([applicationManifest(this.settings)], [seen.application]);
            case "take-base-snapshot":
                return this.callsOfBaseSnapshot(step.epoch, seen);
            case "start-schedules":
                return this.declared(scheduleManifests(this.settings), seen.schedules);
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
        return {
            ...(applicationUid === undefined ? {} : { applicationUid }),
            ...(base === undefined ? {} : { baseSnapshot: base.name }),
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
        if (way !== "first") {
            throw new Unsupported({ do: "establish-mirror", sourceUid, way }, this.settings);
        }
        if (mirror === undefined) {
            return [`create ${name}: Established, from ${this.settings.vaults[this.settings.peer]}`];
        }
        if (mirror.sourceApplicationUid !== sourceUid || mirror.desiredState !== "Established") {
            throw new Unsupported({ do: "remove-mirror" }, this.settings);
        }
        const established = mirror.state === "Established" && mirror.lastTransferred !== undefined;
        return established ? [] : [`wait for ${name} to be Established`];
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
        await this.wait(snapshot, key, "Completed", this.settings.timeouts.snapshot, progress, (object) => {
            const state = object === undefined ? undefined : readSnapshot(object);
            if (state !== undefined && finalFailures.has(state.state)) {
                throw new Error(
                    `${this.settings.site}: ${describe(snapshot, key)} is ${state.state}: ${state.error}. Remove it once its cause is mended, then pulumi up again`,
                );
            }
            return state !== undefined && isComplete(state);
        });
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
        if (seen.mirrorObject === undefined) {
            await this.cluster.create(mirrorManifest(this.settings, sourceUid));
        }
        await this.wait(
            appMirror,
            this.mirrorKey(),
            "Established",
            this.settings.timeouts.establish,
            progress,
            (object) => {
                const mirror = object === undefined ? undefined : readMirror(object);
                return mirror?.state === "Established" && mirror.lastTransferred !== undefined;
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

/** Final states of Trident Protect's snapshots that are not success (reference: trident-protect, section 2.3). */
const finalFailures: ReadonlySet<string> = new Set(["Failed", "Error", "Removed"]);

/** What the object itself says of how far it is. */
function said(object: KubernetesObject | undefined): string {
    const status = object?.status as { state?: unknown; error?: unknown } | undefined;
    const state = typeof status?.state === "string" && status.state !== "" ? `: ${status.state}` : "";
    return typeof status?.error === "string" && status.error !== "" ? `${state} (${status.error})` : state;
}
