import { isDeepStrictEqual } from "node:util";
import { type Cron, type OntapClient, type Relationship, whyUnhealthy } from "../../clients/ontap";
import type { MirrorWay } from "../../roles/steps";
import type { Observed } from "../../roles/situation";
import { describeTransfer } from "../../roles/copy";
import { upCommand } from "../../roles/messages/commands";
import { join, type Message, MessageError, text } from "../../roles/messages/message";
import { defined } from "../../support/defined";
import { type Action, ifComplete, inParallel, inPhases, type Progress } from "../action";
import { transferOf } from "../array";
import { relationshipCall, volumeCall } from "./calls";
import { patienceOf, type VolumesContext } from "./context";
import { LastingFailure } from "./lastingFailure";
import type { VolumesState, VolumeState } from "./observe";
import { releaseRecord, removeRelationship } from "./removal";
import { mountedAt, unmount } from "./service";
import { pathOf, type VolumesSettings } from "./settings";
import { until } from "./waiting";

/** Milliseconds within which a transfer that was asked for is queued, on an array with others to serve. */
const longestGrace = 60_000;

/** Establishes this site's mirrors of the other site's volumes, from whatever state they are in. */
export class Mirroring {
    private readonly client: OntapClient;
    private readonly settings: VolumesSettings;

    constructor(private readonly context: VolumesContext) {
        this.client = context.client;
        this.settings = context.settings;
    }

    /** All mirrors are begun; their transfers go on by themselves. */
    actions(way: MirrorWay, state: VolumesState): Action[] {
        return inPhases([
            this.prepareSchedule(state),
            ...inParallel(state.volumes.map((item) => this.begin(item, way, state))),
        ]);
    }

    /** Waits for each mirror that has no complete copy yet. */
    awaitCopy(state: VolumesState): Action[] {
        return inPhases([
            state.volumes.filter((item) => !isMirrored(item.into)).map((item) => this.awaitMirrored(item)),
        ]);
    }

    /**
     * What this site's array remembers of mirrors out of its own volumes. Until a volume has a source again, its snapshots
     * must not lose their lock.
     */
    releaseReplaced(state: VolumesState): Action[] {
        return inPhases([state.volumes.flatMap((item) => this.release(item))]);
    }

    /** A clause for everything that exists before this site ever had a role and cannot be adopted. */
    foreign(state: VolumesState): Message[] {
        return state.volumes.flatMap((item) => {
            const { into, volume, path } = item;
            if (into === undefined && volume === undefined) {
                return [];
            }
            if (into !== undefined) {
                const differs = this.differences(into, state);
                return !this.settings.adopt
                    ? [`a relationship from ${into.source.path} into ${path} exists already`]
                    : into.state === "broken_off"
                      ? [`the mirror into ${path} was broken off, and the volume may have been written to since`]
                      : differs.length === 0
                        ? []
                        : [`the relationship into ${path} is not as it is declared: ${differs.join(", ")}`];
            }
            if (volume!.type !== "dp") {
                return [`volume ${path} exists already and is writable: a mirror would overwrite it`];
            }
            return this.settings.adopt ? [] : [`volume ${path} exists already`];
        });
    }

    /** What a mirror at rest is not. A volume without one is among those where the whole group has none. */
    changed(state: VolumesState): Pick<Observed, "changed"> {
        const clauses = state.volumes.flatMap(({ name, into, volume, path }): Message[] => {
            if (into === undefined) {
                const others = state.volumes.some((item) => item.into !== undefined);
                return others && volume?.type === "rw"
                    ? [`the mirror into ${path} was removed, and it is writable`]
                    : [];
            }
            const source = this.sourceOf(name, state);
            return into.source.path !== source
                ? [`the mirror into ${path} leads from ${into.source.path}, expected ${source}`]
                : into.state === "broken_off"
                  ? [`the mirror into ${path} was broken off`]
                  : [];
        });
        return clauses.length === 0 ? {} : { changed: clauses };
    }

    /** Mirrors that are not broken off: what the other site writes comes by them. */
    bringing(state: VolumesState): Pick<Observed, "bringing"> {
        const paths = state.volumes.flatMap(({ into, path }) => (into?.state === "snapmirrored" ? [path] : []));
        if (paths.length === 0) {
            return {};
        }
        const stop = join(
            paths.map((path) => `snapmirror break -destination-path ${path}`),
            "; ",
        );
        const what = `of ${state.volumes.length} mirrors into it, ${paths.length} are not broken off (${paths.join(", ")})`;
        return { bringing: { what, stop } };
    }

    private differences(into: Relationship, state: VolumesState): string[] {
        const { policy, schedule } = this.settings;
        const differs = (what: string, is: string | undefined, declared: string) =>
            is === declared ? [] : [`its ${what} is ${is ?? "none"}, declared is ${declared}`];
        const source = this.sourceOf(into.destination.path.split(":")[1]!, state);
        return [
            ...differs("source", into.source.path, source),
            ...differs("policy", into.policy?.name, policy),
            ...differs("schedule", into.transfer_schedule?.name, schedule.name),
        ];
    }

    private sourceOf(volume: string, { peering }: VolumesState): string {
        return pathOf(peering?.name ?? this.settings.peerSvm, volume);
    }

    // The schedule --------------------------------------------------------------------------------------------------

    private prepareSchedule({ schedule }: VolumesState): Action[] {
        const { name, cron } = this.settings.schedule;
        if (schedule === undefined) {
            if (cron === undefined) {
                throw new Error(
                    `${this.settings.site}: the array has no schedule ${name}. Name one that it has (cluster schedule cron show), or give the times, and it will be created`,
                );
            }
            return [
                {
                    call: `POST /cluster/schedules: ${name}`,
                    effect: "write",
                    run: () => this.client.schedules.create(name, cron),
                },
            ];
        }
        if (schedule.type === "interval") {
            throw new Error(
                `${this.settings.site}: the schedule ${name} is an interval schedule, which SnapMirror does not accept. Name a cron schedule (cluster schedule cron show), or give the times, and one will be created`,
            );
        }
        if (cron === undefined || sameTimes(cron, schedule.cron)) {
            return [];
        }
        return [
            {
                call: `PATCH /cluster/schedules/{${name}}: the declared times`,
                effect: "write",
                run: () => this.client.schedules.setCron(schedule.uuid, cron, name),
            },
        ];
    }

    // One mirror ----------------------------------------------------------------------------------------------------

    private begin(item: VolumeState, way: MirrorWay, state: VolumesState): Action[] {
        const { into } = item;
        if (way !== "first" && this.sharesNothing(item)) {
            return this.replace(item, way, state);
        }
        if (into === undefined) {
            return this.create(item, way, state);
        }
        const source = this.sourceOf(item.name, state);
        if (into.source.path !== source) {
            throw new MessageError(
                text`${this.settings.site}: a relationship from ${into.source.path} leads into ${item.path}, expected ${source}. Nothing was changed. If nobody needs it, remove it at ${this.settings.site} (snapmirror delete -destination-path ${item.path}), then ${upCommand(this.settings.site)}`,
            );
        }
        return [...this.correct(item, into), ...this.start(item, into, way)];
    }

    /** Whether a volume that served here has no snapshot in common with the other site's, so that no resync can begin. */
    private sharesNothing({ name, volume, snapshots }: VolumeState): boolean {
        const theirs = this.settings.other?.holds?.find((held) => held.volume === name);
        const known = new Set(theirs?.snapshots.map(({ versionUuid }) => versionUuid));
        return (
            theirs !== undefined &&
            volume?.type === "rw" &&
            volume.state === "online" &&
            !snapshots.some(({ version_uuid: version = "" }) => known.has(version))
        );
    }

    /** A full copy goes into a new volume. The present one is kept under another name. */
    private replace(item: VolumeState, way: MirrorWay, state: VolumesState): Action[] {
        const { name, path, into, volume } = item;
        const kept = `${name}_before_${this.settings.other!.epoch}`;
        return [
            ...(into === undefined ? [] : [removeRelationship(this.client, into.uuid, path, "the volume stays")]),
            ...(mountedAt(volume!) === "" ? [] : [unmount(name, volume!, this.client)]),
            {
                call: volumeCall("PATCH", name, `renamed to ${kept} and kept, with all that is only here`),
                effect: "write",
                run: () => this.client.volumes.rename(volume!.uuid, kept, name),
            },
            ...this.create({ ...item, volume: undefined, into: undefined }, way, state),
        ];
    }

    private create({ name, path, volume }: VolumeState, way: MirrorWay, state: VolumesState): Action[] {
        if (volume?.type === "rw" && way === "first") {
            throw new MessageError(
                text`${this.settings.site}: volume ${path} is writable and no mirror leads into it: a mirror from ${this.settings.peer} would overwrite it. Nothing was changed. If nobody needs its contents, remove the volume, and ${upCommand(this.settings.site)} will recreate it as a mirror`,
            );
        }
        const source = this.sourceOf(name, state);
        const makes = volume === undefined ? ", with the destination volume" : "";
        const what = volume?.type === "rw" ? "resync on the snapshot in common" : "initialize";
        return [
            {
                call: relationshipCall("POST", path, `${source} to ${path}${makes}`),
                effect: "write",
                run: async (progress) => {
                    await this.awaitPeering(progress);
                    await this.client.relationships.create({
                        source,
                        destination: path,
                        sourceCluster: state.peering?.peer.cluster?.name,
                        policy: this.settings.policy,
                        schedule: this.settings.schedule.name,
                        createDestination: volume === undefined,
                    });
                },
            },
            this.mirror(path, what),
        ];
    }

    /** Sets policy and schedule as declared; neither touches the data. */
    private correct({ path }: VolumeState, into: Relationship): Action[] {
        const { policy, schedule } = this.settings;
        const change = {
            ...(into.policy?.name === policy ? {} : { policy }),
            ...(into.transfer_schedule?.name === schedule.name ? {} : { schedule: schedule.name }),
        };
        const words = Object.entries(change).map(([what, value]) => `${what} ${value}`);
        return words.length === 0
            ? []
            : [
                  {
                      call: relationshipCall("PATCH", path, words.join(", ")),
                      effect: "write",
                      run: () => this.client.relationships.modify(into.uuid, change, path),
                  },
              ];
    }

    private start(item: VolumeState, into: Relationship, way: MirrorWay): Action[] {
        switch (into.state) {
            case "uninitialized":
                return isTransferring(into)
                    ? []
                    : [
                          this.mirror(
                              item.path,
                              item.volume?.type === "rw" ? "resync on the snapshot in common" : "initialize",
                          ),
                      ];
            case "paused":
                return [this.mirror(item.path, "resume")];
            case "broken_off":
                if (way === "first") {
                    throw new MessageError(
                        text`${this.settings.site}: the mirror into ${item.path} was broken off by somebody, and the volume may have been written to since. Nothing was changed: a resync discards what was written there. If nobody needs it: snapmirror resync -destination-path ${item.path} at ${this.settings.site}, then ${upCommand(this.settings.site)}`,
                    );
                }
                return [
                    this.mirror(item.path, "resync; what was written here since the snapshot in common is discarded"),
                ];
            default:
                return [];
        }
    }

    private mirror(path: string, what: string): Action {
        return {
            call: relationshipCall("PATCH", path, `snapmirrored: ${what}`),
            effect: "write",
            run: async (progress) => {
                const into = await this.find(path, progress);
                await this.client.relationships.setState(into.uuid, "snapmirrored", {}, path);
            },
        };
    }

    /** A relationship that was just created may not be readable yet. */
    private find(path: string, progress: Progress): Promise<Relationship> {
        return until<Relationship>(
            `the relationship into ${path}`,
            async () => {
                const found = await this.client.relationships.byDestination(path);
                return found === undefined ? { instead: "not readable yet" } : { found };
            },
            this.patience(30_000, progress),
        );
    }

    /** To the end; or, where a run may leave a long copy to itself, until its transfer is certain to run. */
    private awaitMirrored({ path, name }: VolumeState): Action {
        const total = this.settings.other?.holds?.find(({ volume }) => volume === name)?.usedBytes;
        const { copy: patience, establish } = this.settings.timeouts;
        // At least one look comes after the patience has ended.
        const deadline = patience === undefined ? establish : Math.max(establish, patience + 10_000);
        const failure = new LastingFailure(Math.min(longestGrace, establish / 4));
        return {
            call: `wait for ${path} to be mirrored`,
            effect: "read",
            ...(patience === undefined ? {} : { unlessLong: ifComplete }),
            run: async (progress) => {
                const began = Date.now();
                await until(
                    `${path} to be mirrored`,
                    async () => {
                        const into = await this.client.relationships.byDestination(path);
                        if (into === undefined) {
                            return { instead: "without a relationship" };
                        }
                        if (isMirrored(into) && into.healthy !== false) {
                            return { found: into };
                        }
                        if (patience !== undefined && Date.now() - began >= patience && isTransferring(into)) {
                            return { found: into };
                        }
                        if (failure.lasts(into.healthy === false && !isTransferring(into))) {
                            throw new MessageError(
                                text`${this.settings.site}: the mirror into ${path} is not healthy: ${whyUnhealthy(into)}. What has been replicated so far is kept. Once that is fixed: ${upCommand(this.settings.site)}`,
                            );
                        }
                        return { instead: describeTransfer(transferOf(into) ?? atRest(into), total) };
                    },
                    this.patience(deadline, progress),
                );
            },
        };
    }

    /** The other site may have created its half just now. */
    private async awaitPeering(progress: Progress): Promise<void> {
        const { svm, peerSvm, peer } = this.settings;
        await until(
            `the peering of SVM ${svm} with ${peerSvm} of ${peer}`,
            async () => {
                const all = await this.client.svmPeers.all();
                const found = all.find((one) => one.svm.name === svm && one.peer.svm.name === peerSvm);
                return found?.state === "peered"
                    ? { found }
                    : { instead: `${found?.state ?? "absent"} (\`pulumi up\` at ${peer} creates its half)` };
            },
            this.patience(60_000, progress),
        );
    }

    /** What the array remembers of mirrors out of a volume that is a mirror itself now. Snapshots stay. */
    private release({ outOf, path }: VolumeState): Action[] {
        return outOf.map((record) => releaseRecord(this.context, record, path));
    }

    private patience(deadline: number, progress: Progress) {
        return patienceOf(this.context, deadline, progress);
    }
}

export function isTransferring({ transfer }: Relationship): boolean {
    return transfer?.state === "queued" || transfer?.state === "transferring";
}

/** A transfer that has ended may have moved something. */
function atRest({ state = "in no known state", transfer }: Relationship) {
    return { state, ...defined({ bytes: transfer?.bytes_transferred }) };
}

export function isMirrored(into: Relationship | undefined): boolean {
    return into?.state === "snapmirrored" && into.exported_snapshot !== undefined;
}

function sameTimes(declared: Cron, found: Cron | undefined): boolean {
    const bare = (cron: Cron) =>
        Object.fromEntries(
            Object.entries(cron)
                .filter(([, list]) => list !== undefined && list.length > 0)
                .map(([part, list]) => [part, [...list].sort((left, right) => left - right)]),
        );
    return found !== undefined && isDeepStrictEqual(bare(declared), bare(found));
}
