import type { OntapClient, Snapshot } from "../../clients/ontap";
import type { HandOverToken, HeldVolume, RecoveryPoint, Unreplicated } from "../../roles/record";
import type { Foreign } from "../../roles/situation";
import type { SourceRecord } from "../../roles/steps";
import { type Driver, type DriverStep, type Facts, type Progress } from "../driver";
import { abreast, type Action, carryOutPhases, type Phase, relationshipCall, snapshotCall, volumeCall } from "./action";
import { Mirroring, releaseRecord } from "./establish";
import { baseSnapshotName, epochOfSnapshot, finalSnapshotName } from "./names";
import { Promotion } from "./promote";
import { identityOf, look, mirrorSnapshots, oldestOf, type Seen, type SeenVolume, sourcesOf } from "./observe";
import { fence, isFenced, open, whyNotServing } from "./service";
import type { VolumeMirrorSettings } from "./settings";

/** How many snapshots of a volume a record holds. */
const heldSnapshots = 10;

/**
 * The steps of the role machine for a group of FlexVols, by ONTAP's REST API of this site alone.
 *
 * The group acts as one: a snapshot that stands for it is taken of all volumes, after all of them are fenced; none is
 * broken off before all have what is promoted (see {@link Promotion}).
 *
 * A mirror's schedule lives with the relationship at its destination, so that a site that serves has none to start or
 * to stop.
 */
export class VolumeMirrorDriver implements Driver<Seen> {
    private readonly mirroring: Mirroring;
    private readonly promotion: Promotion;

    constructor(
        private readonly client: OntapClient,
        private readonly settings: VolumeMirrorSettings,
        private readonly signal: AbortSignal,
    ) {
        this.mirroring = new Mirroring(client, settings, signal);
        this.promotion = new Promotion(client, settings, signal);
    }

    observe(): Promise<Seen> {
        return look(this.client, this.settings);
    }

    /** Since the newest snapshot that SnapMirror locked at the source, of the volume that lags most. */
    async replicationLag(): Promise<number | undefined> {
        const { volumes } = await this.observe();
        const newest = volumes.map((item) => mirrorSnapshots(item).at(-1)?.create_time);
        return newest.includes(undefined)
            ? undefined
            : Math.max(...newest.map((time) => Math.max(0, (Date.now() - Date.parse(time!)) / 1000)));
    }

    async holdings(): Promise<HeldVolume[] | undefined> {
        const { volumes } = await this.observe();
        return volumes.map(({ name, snapshots }) => ({
            volume: name,
            snapshots: snapshots
                .flatMap(({ name: of, version_uuid: versionUuid, create_time: takenAt }) =>
                    versionUuid === undefined || takenAt === undefined ? [] : [{ name: of, versionUuid, takenAt }],
                )
                .slice(-heldSnapshots),
        }));
    }

    async sources(): Promise<SourceRecord[]> {
        return sourcesOf((await this.observe()).volumes);
    }

    /** Without a record of where the sites parted, from the newest snapshots that SnapMirror locked for the other one. */
    async unreplicated(since: RecoveryPoint | undefined): Promise<Unreplicated> {
        const { volumes } = await this.observe();
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

    /** Counted from the next older snapshot where the very one is gone, so that they are never too few. */
    private async changedSince(point: RecoveryPoint, volumes: readonly SeenVolume[]): Promise<number | undefined> {
        const all = volumes.map(async ({ volume, snapshots }) => {
            const older = snapshots.filter(
                ({ create_time: taken = "" }) => Date.parse(taken) <= Date.parse(point.takenAt),
            );
            const from = snapshots.find(({ name }) => name === point.snapshot) ?? older.at(-1);
            return volume === undefined || from === undefined
                ? undefined
                : this.client.snapshots.changedSince(volume.uuid, from.name);
        });
        return (await Promise.all(all)).reduce(
            (sum, one) => (sum === undefined || one === undefined ? undefined : sum + one),
            0,
        );
    }

    /** What others created where this site would. */
    foreign(seen: Seen): Foreign {
        return { found: this.mirroring.foreign(seen), adopt: this.settings.adopt === true };
    }

    callsOf(step: DriverStep, seen: Seen): readonly string[] {
        return this.phasesOf(step, seen).flatMap(({ actions }) => actions.map(({ call }) => call));
    }

    perform(step: DriverStep, seen: Seen, progress: Progress): Promise<void> {
        return carryOutPhases(this.phasesOf(step, seen), progress);
    }

    facts(seen: Seen, epoch: number): Facts {
        const applicationUid = identityOf(seen.volumes);
        const base = baseSnapshotName(this.settings.application, epoch);
        const hasBase = seen.volumes.every((item) => snapshotNamed(item, base) !== undefined);
        const token = this.tokenOf(seen, epoch, applicationUid);
        return {
            ...(applicationUid === undefined ? {} : { applicationUid }),
            ...(hasBase ? { baseSnapshot: base } : {}),
            ...(token === undefined ? {} : { token }),
        };
    }

    private tokenOf(seen: Seen, epoch: number, applicationUid: string | undefined): HandOverToken | undefined {
        const { application, site, peer, svm } = this.settings;
        const finalSnapshot = finalSnapshotName(application, epoch);
        const finals = seen.volumes.map((item) => ({ item, final: snapshotNamed(item, finalSnapshot) }));
        const complete = finals.every(({ item, final }) => final?.version_uuid && isFenced(item, this.settings));
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

    private phasesOf(step: DriverStep, seen: Seen): Phase[] {
        switch (step.do) {
            case "declare-application":
            case "restore-application":
                return this.serve(seen);
            case "take-base-snapshot":
                return [{ actions: this.takeBase(step.epoch, seen) }];
            case "forget-snapshots":
                return [{ actions: this.removeLeftovers(step.before, seen) }];
            case "start-schedules":
            case "stop-schedules":
            case "delete-schedules":
                return [];
            case "tidy-up":
                return [this.removeOwn(seen)];
            case "verify-unmirrored":
                return [{ actions: this.verifyUnmirrored(seen) }];
            case "release-sources":
                return [{ actions: this.releaseAll(step.sources, seen) }];
            case "establish-mirror":
                return this.mirroring.phases(step.way, seen);
            case "take-shutdown-snapshot":
                return this.shutDown(finalSnapshotName(this.settings.application, step.epoch), seen);
            case "stop-workloads":
                return abreast(seen.volumes.map((item) => fence(item, this.settings, this.client)));
            case "promote":
                return this.promotion.phases(step.token, seen);
            case "verify-writable":
                return [this.verify(seen.volumes)];
            case "remove-mirror":
                return this.removeMirror(seen);
        }
    }

    // Serving -------------------------------------------------------------------------------------------------------

    /** What is missing is added; what speaks against serving is said when the step is done, and shows before as a look. */
    private serve({ volumes }: Seen): Phase[] {
        const opening = volumes.map((item) => open(item, this.settings, this.client));
        const unready = volumes.filter(
            (item, index) => opening[index]!.length > 0 || whyNotServing(item, this.settings) !== undefined,
        );
        return [...abreast(opening), this.verify(unready)];
    }

    private verify(items: readonly SeenVolume[]): Phase {
        let look: Promise<Seen> | undefined;
        const actions = items.map(({ name }) => ({
            call: volumeCall("GET", name, "is rw, online and where it is declared, and no mirror leads into it"),
            run: async () => {
                const { volumes } = await (look ??= this.observe());
                const why = whyNotServing(
                    volumes.find((one) => one.name === name)!,
                    this.settings,
                );
                if (why !== undefined) {
                    throw new Error(
                        `${this.settings.site}: ${why}. ${this.settings.application} is not served as it is declared. Mend that on the array, or the declaration, then pulumi up --stack ${this.settings.site}`,
                    );
                }
            },
        }));
        return { actions };
    }

    private takeBase(epoch: number, seen: Seen): Action[] {
        const name = baseSnapshotName(this.settings.application, epoch);
        return seen.volumes
            .filter((item) => snapshotNamed(item, name) === undefined)
            .map((item) => this.takeSnapshot(item.name, name));
    }

    private takeSnapshot(volume: string, snapshot: string): Action {
        return {
            call: snapshotCall("POST", volume, snapshot),
            run: async () => {
                const found = await this.client.volumes.byName(this.settings.svm, volume);
                if (found === undefined) {
                    throw new Error(
                        `${this.settings.site}: volume ${volume} does not exist in SVM ${this.settings.svm}. Make it first: this program mirrors volumes, and makes none at the site that serves first`,
                    );
                }
                await this.client.snapshots.create(found.uuid, { name: snapshot }, volume);
            },
        };
    }

    /**
     * Snapshots of earlier epochs, and those that SnapMirror made for a mirror into this site, which is none any more.
     * They are the way back for the other site, until it follows in this epoch.
     */
    private removeLeftovers(epoch: number, seen: Seen): Action[] {
        return seen.volumes.flatMap((item) =>
            leftovers(item, seen.svmUuid, this.settings.application, epoch).map((snapshot) => ({
                call: snapshotCall("DELETE", item.name, snapshot.name),
                run: () => this.client.snapshots.remove(item.volume!.uuid, snapshot.uuid, snapshot.name),
            })),
        );
    }

    // Standing down -------------------------------------------------------------------------------------------------

    /**
     * All volumes are fenced first and frozen then: what was acknowledged by a volume before its fence is in its
     * snapshot, and nothing is acknowledged after it. A snapshot of before, on a volume that was opened again, is no
     * last one: it is taken anew.
     */
    private shutDown(name: string, seen: Seen): Phase[] {
        const wasOpened = seen.volumes.some((item) => !isFenced(item, this.settings));
        const stale = seen.volumes.flatMap((item) => {
            const found = wasOpened ? snapshotNamed(item, name) : undefined;
            return found === undefined ? [] : [{ item, found }];
        });
        const missing = seen.volumes.filter((item) => wasOpened || snapshotNamed(item, name) === undefined);
        return [
            ...abreast(seen.volumes.map((item) => fence(item, this.settings, this.client))),
            {
                actions: stale.map(({ item, found }) => ({
                    call: snapshotCall("DELETE", item.name, name),
                    run: () => this.client.snapshots.remove(item.volume!.uuid, found.uuid, name),
                })),
            },
            { actions: missing.map((item) => this.takeSnapshot(item.name, name)) },
        ];
    }

    private verifyUnmirrored(seen: Seen): Action[] {
        const { site } = this.settings;
        return seen.volumes.map(({ name, path }) => ({
            call: volumeCall("GET", name, "no mirror leads into it"),
            run: async () => {
                if ((await this.client.relationships.byDestination(path)) !== undefined) {
                    throw new Error(
                        `${site}: a mirror into volume ${name} is left on its array; pulumi up --stack ${site} removes it`,
                    );
                }
            },
        }));
    }

    /** Those that are there still: a mirror that is made the other way round lets go of its own. */
    private releaseAll(sources: readonly SourceRecord[], seen: Seen): Action[] {
        const there = new Set(seen.volumes.flatMap(({ outOf }) => outOf.map(({ uuid }) => uuid)));
        return sources.filter(({ uuid }) => there.has(uuid)).map((source) => this.release(source, seen));
    }

    /** With the snapshots that SnapMirror made for it, save on a volume that is a copy: there they are the source's. */
    private release({ uuid, source, destination }: SourceRecord, { volumes }: Seen): Action {
        const what = `what is remembered of it as the source of ${destination}`;
        const isCopy = volumes.find(({ path }) => path === source)?.volume?.type !== "rw";
        const kind = isCopy ? "sourceInfoOnly" : "sourceAndSnapshots";
        return {
            call: relationshipCall("DELETE", source, what),
            run: () => this.client.relationships.remove(uuid, kind, `${source} to ${destination}`),
        };
    }

    /** Snapshots that roles were handed over by, where no role will be any more. */
    private removeOwn({ volumes }: Seen): Phase {
        const { application } = this.settings;
        const own = volumes
            .filter(({ volume }) => volume?.type === "rw")
            .flatMap(({ name, volume, snapshots }) =>
                snapshots
                    .filter((snapshot) => epochOfSnapshot(application, snapshot.name) !== undefined)
                    .map((snapshot) => ({
                        call: snapshotCall("DELETE", name, snapshot.name),
                        run: () => this.client.snapshots.remove(volume!.uuid, snapshot.uuid, snapshot.name),
                    })),
            );
        return { actions: own };
    }

    // Removing ------------------------------------------------------------------------------------------------------

    /**
     * The relationships into this site's volumes, whose sources keep the snapshots in common. A mirror out of them
     * that the other site has removed leaves a record here, which goes as well.
     */
    private removeMirror(seen: Seen): Phase[] {
        const { other } = this.settings;
        const hasLetGo = other?.role === "active" && !other.mirrorKept;
        const removals = seen.volumes.flatMap(({ into, path }) =>
            into === undefined
                ? []
                : [
                      {
                          call: relationshipCall(
                              "DELETE",
                              path,
                              `destination_only, the volume stays ${into.state === "broken_off" ? "writable" : "read-only"}`,
                          ),
                          run: () => this.client.relationships.remove(into.uuid, "destinationOnly", path),
                      },
                  ],
        );
        const patience = (progress: Progress) => ({
            deadline: 60_000,
            signal: this.signal,
            progress,
            site: this.settings.site,
        });
        const releases = seen.volumes.flatMap(({ outOf, path }) =>
            (hasLetGo ? outOf : []).map((record) => releaseRecord(this.client, record, path, patience)),
        );
        return [{ actions: [...removals, ...releases] }];
    }
}

/** Snapshots of a volume that serve no purpose once the other site follows in this epoch. */
export function leftovers(
    { snapshots, volume }: SeenVolume,
    svmUuid: string,
    application: string,
    epoch: number,
): Snapshot[] {
    const ownMirror = `snapmirror.${svmUuid}_${volume?.msid}.`;
    return snapshots.filter(({ name, owners }) => {
        const of = epochOfSnapshot(application, name);
        const isOld = of !== undefined && of < epoch;
        return (isOld || name.startsWith(ownMirror)) && !owners.includes("snapmirror");
    });
}

function snapshotNamed({ snapshots }: SeenVolume, name: string): Snapshot | undefined {
    return snapshots.find((one) => one.name === name);
}
