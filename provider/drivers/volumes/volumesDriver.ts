import type { HandOverToken, HeldVolume, RecoveryPoint, Unreplicated } from "../../roles/record";
import type { Observed } from "../../roles/situation";
import type { SourceRecord, Step } from "../../roles/steps";
import { defined } from "../../support/defined";
import { type Action, inPhases } from "../action";
import {
    type ArrayReport,
    type Driver,
    type DriverStep,
    type Facts,
    isDriverStep,
    type ShownReport,
    type SiteView,
} from "../driver";
import { copyOf, openVolumes, shownOf, spaceOf, unhealthyMirrors, unmirrorable } from "./arrayReport";
import type { VolumesContext } from "./context";
import { Mirroring } from "./establish";
import { isFenced } from "./fence";
import { baseSnapshotName, finalSnapshotName } from "./names";
import {
    identityOf,
    mirrorSnapshots,
    observedOf,
    oldestOf,
    readState,
    readVolumes,
    sourcesOf,
    type VolumesState,
    type VolumeState,
} from "./observe";
import { Promotion } from "./promote";
import { releaseSources, removeMirror } from "./removal";
import { serve, verifyServing, verifyUnmirrored } from "./serving";
import { forgetSnapshots, shutDown, snapshotNamed, stopWorkloads, takeBaseSnapshot, tidyUp } from "./snapshots";

/**
 * The steps of the role machine for a group of FlexVols, by ONTAP's REST API of this site alone.
 *
 * The group acts as one: its final snapshot is taken of all volumes, after all of them are fenced, and no mirror is
 * broken before every volume has what is promoted (see {@link Promotion}).
 *
 * A mirror's schedule lives with the relationship at its destination, so that a site that serves has none to start or
 * to stop.
 */
export class VolumesDriver implements Driver {
    constructor(private readonly context: VolumesContext) {}

    async observe(): Promise<VolumesView> {
        const { client, settings } = this.context;
        return new VolumesView(this.context, await readState(client, settings));
    }
}

type Stale = "nothing" | "volumes" | "everything";

/** A group of volumes at its site, as it was when it was read. */
export class VolumesView implements SiteView {
    private readonly mirroring: Mirroring;
    private readonly promotion: Promotion;

    constructor(
        private readonly context: VolumesContext,
        readonly state: VolumesState,
        /** What steps can have changed since it was read. */
        private readonly stale: Stale = "nothing",
    ) {
        this.mirroring = new Mirroring(context);
        this.promotion = new Promotion(context);
    }

    get observed(): Observed {
        return {
            ...observedOf(this.state, this.context.settings),
            ...this.mirroring.changed(this.state),
            ...this.mirroring.bringing(this.state),
            // Pods are nothing to a volume: its fence is what keeps it from being written.
            barrier: { stands: this.state.volumes.every((item) => isFenced(item, this.context.settings)) },
            unmirrorable: unmirrorable(this.state.volumes),
            foreign: { found: this.mirroring.foreign(this.state), adopt: this.context.settings.adopt },
        };
    }

    actions(step: DriverStep): Action[] {
        const { context, state } = this;
        switch (step.do) {
            case "adopt-objects":
            case "disown-objects":
                // Nothing on an array says whose it is: the declaration says whether it is taken over.
                return [];
            case "declare-application":
            case "restore-application":
                return serve(context, state);
            case "take-base-snapshot":
                return takeBaseSnapshot(context, state, step.epoch);
            case "forget-snapshots":
                return forgetSnapshots(context, state, step);
            case "start-schedules":
            case "stop-schedules":
            case "delete-schedules":
            case "declare-hooks":
            case "delete-hooks":
            case "forbid-pods":
            case "allow-pods":
                return [];
            case "tidy-up":
                return tidyUp(context, state);
            case "verify-unmirrored":
                return verifyUnmirrored(context, state);
            case "release-sources":
                return releaseSources(context, state, step.sources);
            case "establish-mirror":
                return this.mirroring.actions(step.way, state);
            case "await-copy":
                return this.mirroring.awaitCopy(state);
            case "release-replaced":
                return this.mirroring.releaseReplaced(state);
            case "take-shutdown-snapshot":
                return shutDown(context, state, finalSnapshotName(context.settings.application, step.epoch));
            case "stop-workloads":
                return stopWorkloads(context, state);
            case "promote":
                return this.promotion.actions(step.token, state);
            case "verify-writable":
                return inPhases([verifyServing(context, state.volumes)]);
            case "remove-mirror":
                return removeMirror(context, state);
        }
    }

    facts(epoch: number): Facts {
        const { volumes } = this.state;
        const applicationUid = identityOf(volumes);
        const base = baseSnapshotName(this.context.settings.application, epoch);
        const hasBase = volumes.every((item) => snapshotNamed(item, base) !== undefined);
        const token = this.tokenOf(epoch, applicationUid);
        return {
            ...(applicationUid === undefined ? {} : { applicationUid }),
            ...(hasBase ? { baseSnapshot: base } : {}),
            ...(token === undefined ? {} : { token }),
        };
    }

    after(step: DriverStep): VolumesView {
        if (step.do.startsWith("verify-")) {
            return this;
        }
        const isAll = step.do === "establish-mirror" || this.stale === "everything";
        return new VolumesView(this.context, this.state, isAll ? "everything" : "volumes");
    }

    freshFor(step: Step): Promise<VolumesView> {
        const goesByVolumes = isDriverStep(step) || step.do === "record" || step.do === "count-unreplicated";
        return goesByVolumes ? this.fresh() : Promise.resolve(this);
    }

    /** Since the newest snapshot that SnapMirror locked at the source, of the volume that lags most. */
    replicationLag(): Promise<number | undefined> {
        const newest = this.state.volumes.map((item) => mirrorSnapshots(item).at(-1)?.create_time);
        return Promise.resolve(
            newest.includes(undefined)
                ? undefined
                : Math.max(...newest.map((time) => Math.max(0, (Date.now() - Date.parse(time!)) / 1000))),
        );
    }

    heldSnapshots(): Promise<HeldVolume[] | undefined> {
        return Promise.resolve(
            this.state.volumes.map(({ name, volume, snapshots }) => ({
                volume: name,
                ...defined({ usedBytes: volume?.space?.used }),
                snapshots: snapshots.flatMap(({ name: of, version_uuid: versionUuid, create_time: takenAt }) =>
                    versionUuid === undefined || takenAt === undefined ? [] : [{ name: of, versionUuid, takenAt }],
                ),
            })),
        );
    }

    copies(): Promise<readonly string[]> {
        const unmirrored = this.state.volumes.filter(({ into, volume }) => into === undefined && volume?.type === "rw");
        return Promise.resolve(unmirrored.map(({ path }) => path));
    }

    /** A group is promoted at its newest snapshots alone. */
    points(): Promise<undefined> {
        return Promise.resolve(undefined);
    }

    /** Its identity is compared on the array, before any mirror is broken. */
    /** The mirrors themselves tell (`broken`). */
    lacking(): Promise<undefined> {
        return Promise.resolve(undefined);
    }

    handedOver(): Promise<undefined> {
        return Promise.resolve(undefined);
    }

    sources(): Promise<readonly SourceRecord[]> {
        return Promise.resolve(sourcesOf(this.state.volumes));
    }

    /** Where no record says when the sites parted: since the newest snapshots that SnapMirror locked for the other site. */
    async unreplicated(since: RecoveryPoint | undefined): Promise<Unreplicated> {
        const { volumes } = this.state;
        const from = since ?? oldestOf(volumes.map((item) => mirrorSnapshots(item).at(-1)));
        const now = new Date();
        const bytes = from === undefined ? undefined : await this.changedSince(from, volumes);
        return {
            countedAt: now.toISOString(),
            ...(from === undefined
                ? {}
                : { since: from, seconds: Math.max(0, (now.getTime() - Date.parse(from.takenAt)) / 1000) }),
            ...(bytes === undefined ? {} : { bytes }),
        };
    }

    changedBytes(since: RecoveryPoint): Promise<number | undefined> {
        return this.changedSince(since, this.state.volumes).catch(() => undefined);
    }

    async shown(): Promise<ShownReport> {
        try {
            const { state } = await this.fresh();
            return shownOfAll(state.volumes);
        } catch {
            return { shown: {} };
        }
    }

    arrayReport(): Promise<ArrayReport> {
        const { volumes } = this.state;
        return Promise.resolve({
            ...shownOfAll(volumes),
            sources: sourcesOf(volumes),
            space: spaceOf(volumes),
            // This driver plans from the array itself: what else is wrong there is in the plan, or refused.
            warnings: (own) => openVolumes(own, volumes, this.context.settings),
            faults: (own) => [
                ...openVolumes(own, volumes, this.context.settings).map((what) => ({ what, endangers: true })),
                ...unhealthyMirrors(own, volumes, this.context.settings),
            ],
        });
    }

    /** Peering and schedule change only where a mirror is established. */
    private async fresh(): Promise<VolumesView> {
        const { context, state, stale } = this;
        const { client, settings } = context;
        switch (stale) {
            case "nothing":
                return this;
            case "everything":
                return new VolumesView(context, await readState(client, settings));
            case "volumes": {
                const volumes = await readVolumes(client, settings, state.peering?.name);
                return new VolumesView(context, { ...state, volumes });
            }
        }
    }

    /** Counted from the next older snapshot where the very one is gone, so that they are never too few. */
    private async changedSince(point: RecoveryPoint, volumes: readonly VolumeState[]): Promise<number | undefined> {
        const all = volumes.map(async ({ volume, snapshots }) => {
            const older = snapshots.filter(
                ({ create_time: taken = "" }) => Date.parse(taken) <= Date.parse(point.takenAt),
            );
            const from = snapshots.find(({ name }) => name === point.snapshot) ?? older.at(-1);
            return volume === undefined || from === undefined
                ? undefined
                : this.context.client.snapshots.changedSince(volume.uuid, from.name);
        });
        return (await Promise.all(all)).reduce(
            (sum, one) => (sum === undefined || one === undefined ? undefined : sum + one),
            0,
        );
    }

    private tokenOf(epoch: number, applicationUid: string | undefined): HandOverToken | undefined {
        const { settings } = this.context;
        const { application, site, peer, svm } = settings;
        const finalSnapshot = finalSnapshotName(application, epoch);
        const finals = this.state.volumes.map((item) => ({ item, final: snapshotNamed(item, finalSnapshot) }));
        const complete = finals.every(({ item, final }) => final?.version_uuid && isFenced(item, settings));
        if (!complete || applicationUid === undefined) {
            return undefined;
        }
        return {
            application,
            epoch,
            from: site,
            to: peer,
            finalSnapshot,
            archivePath: `${svm}/${finalSnapshot}`,
            applicationUid,
            versions: Object.fromEntries(finals.map(({ item, final }) => [item.name, final!.version_uuid!])),
            time: finals
                .map(({ final }) => final!.create_time ?? new Date().toISOString())
                .sort()
                .at(-1)!,
        };
    }
}

function shownOfAll(volumes: readonly VolumeState[]): ShownReport {
    return { shown: { array: shownOf(volumes) }, ...defined({ copy: copyOf(volumes) }) };
}
