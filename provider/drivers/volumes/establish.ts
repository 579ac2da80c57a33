import { isDeepStrictEqual } from "node:util";
import { type Cron, type OntapClient, OntapError, type Relationship, whyUnhealthy } from "../../clients/ontap";
import type { MirrorWay } from "../../roles/steps";
import type { Progress } from "../driver";
import { abreast, type Action, type Phase, relationshipCall, volumeCall } from "./action";
import type { Seen, SeenVolume } from "./observe";
import { mountedAt, unmount } from "./service";
import { pathOf, type VolumeMirrorSettings } from "./settings";
import { until } from "./waiting";

/** ONTAP's word that a transfer is still running at the source: a release is to be tried again. */
const releaseRefused = "13303822";

/** Brings this site's mirrors of the other site's volumes into being, whatever is there of them. */
export class Mirroring {
    constructor(
        private readonly client: OntapClient,
        private readonly settings: VolumeMirrorSettings,
        private readonly signal: AbortSignal,
    ) {}

    /**
     * What there is to do. First all mirrors are begun, then each is waited for; what this site knew of mirrors out of
     * its own volumes goes last, when they have a source again: until then their snapshots must not lose their lock.
     */
    phases(way: MirrorWay, seen: Seen): Phase[] {
        return [
            { actions: this.prepareSchedule(seen) },
            ...abreast(seen.volumes.map((item) => this.begin(item, way, seen))),
            { actions: seen.volumes.filter((item) => !isMirrored(item.into)).map((item) => this.await(item)) },
            { actions: seen.volumes.flatMap((item) => this.release(item)) },
        ];
    }

    /** Each thing that is there before this site ever had a role, and why it cannot be taken over. */
    foreign(seen: Seen): string[] {
        return seen.volumes.flatMap((item) => {
            const { into, volume, path } = item;
            if (into === undefined && volume === undefined) {
                return [];
            }
            if (into !== undefined) {
                const differs = this.differences(into, seen);
                return !this.settings.adopt
                    ? [`a relationship from ${into.source.path} into ${path} exists already`]
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

    private differences(into: Relationship, seen: Seen): string[] {
        const { policy, schedule } = this.settings;
        const differs = (what: string, is: string | undefined, declared: string) =>
            is === declared ? [] : [`its ${what} is ${is ?? "none"}, declared is ${declared}`];
        const source = this.sourceOf(into.destination.path.split(":")[1]!, seen);
        return [
            ...differs("source", into.source.path, source),
            ...differs("policy", into.policy?.name, policy),
            ...differs("schedule", into.transfer_schedule?.name, schedule.name),
        ];
    }

    private sourceOf(volume: string, { peering }: Seen): string {
        return pathOf(peering?.name ?? this.settings.peerSvm, volume);
    }

    // The schedule --------------------------------------------------------------------------------------------------

    private prepareSchedule({ schedule }: Seen): Action[] {
        const { name, cron } = this.settings.schedule;
        if (schedule === undefined) {
            if (cron === undefined) {
                throw new Error(
                    `${this.settings.site}: the array has no schedule ${name}. Name one that it has (cluster schedule cron show), or give the times, and it is made`,
                );
            }
            return [
                {
                    call: `POST /cluster/schedules: ${name}`,
                    run: () => this.client.schedules.create(name, cron),
                },
            ];
        }
        if (schedule.type === "interval") {
            throw new Error(
                `${this.settings.site}: the schedule ${name} is an interval schedule, which SnapMirror does not take. Name a cron schedule (cluster schedule cron show), or give the times, and one is made`,
            );
        }
        if (cron === undefined || sameTimes(cron, schedule.cron)) {
            return [];
        }
        return [
            {
                call: `PATCH /cluster/schedules/{${name}}: the declared times`,
                run: () => this.client.schedules.setCron(schedule.uuid, cron, name),
            },
        ];
    }

    // One mirror ----------------------------------------------------------------------------------------------------

    private begin(item: SeenVolume, way: MirrorWay, seen: Seen): Action[] {
        const { into } = item;
        if (way !== "first" && this.sharesNothing(item)) {
            return this.replace(item, way, seen);
        }
        if (into === undefined) {
            return this.create(item, way, seen);
        }
        const source = this.sourceOf(item.name, seen);
        if (into.source.path !== source) {
            throw new Error(
                `${this.settings.site}: a relationship from ${into.source.path} leads into ${item.path}, expected ${source}. Nothing was changed. Remove it at ${this.settings.site} if nobody needs it (snapmirror delete -destination-path ${item.path}), then pulumi up --stack ${this.settings.site}`,
            );
        }
        return [...this.correct(item, into), ...this.start(item, into, way)];
    }

    /** Whether a volume that served here has no snapshot in common with the other site's, so that no resync can begin. */
    private sharesNothing({ name, volume, snapshots }: SeenVolume): boolean {
        const theirs = this.settings.other?.holds?.find((held) => held.volume === name);
        const known = new Set(theirs?.snapshots.map(({ versionUuid }) => versionUuid));
        return (
            theirs !== undefined &&
            volume?.type === "rw" &&
            volume.state === "online" &&
            !snapshots.some(({ version_uuid: version = "" }) => known.has(version))
        );
    }

    /** A full copy goes into a volume that is made for it. The one that is here is kept under another name. */
    private replace(item: SeenVolume, way: MirrorWay, seen: Seen): Action[] {
        const { name, path, into, volume } = item;
        const kept = `${name}_before_${this.settings.other!.epoch}`;
        return [
            ...(into === undefined
                ? []
                : [
                      {
                          call: relationshipCall("DELETE", path, "destination_only, the volume stays"),
                          run: () => this.client.relationships.remove(into.uuid, "destinationOnly", path),
                      },
                  ]),
            ...(mountedAt(volume!) === "" ? [] : [unmount(name, volume!, this.client)]),
            {
                call: volumeCall("PATCH", name, `renamed to ${kept} and kept, with all that is only here`),
                run: () => this.client.volumes.rename(volume!.uuid, kept, name),
            },
            ...this.create({ ...item, volume: undefined, into: undefined }, way, seen),
        ];
    }

    private create({ name, path, volume }: SeenVolume, way: MirrorWay, seen: Seen): Action[] {
        if (volume?.type === "rw" && way === "first") {
            throw new Error(
                `${this.settings.site}: volume ${path} is writable and no mirror leads into it: a mirror from ${this.settings.peer} would overwrite it. Nothing was changed. If nobody needs what is in it, remove the volume, and pulumi up makes it anew as a mirror`,
            );
        }
        const source = this.sourceOf(name, seen);
        const makes = volume === undefined ? ", with the destination volume" : "";
        const what = volume?.type === "rw" ? "resync on the snapshot in common" : "initialize";
        return [
            {
                call: relationshipCall("POST", path, `${source} to ${path}${makes}`),
                run: async (progress) => {
                    await this.awaitPeering(progress);
                    await this.client.relationships.create({
                        source,
                        destination: path,
                        sourceCluster: seen.peering?.peer.cluster?.name,
                        policy: this.settings.policy,
                        schedule: this.settings.schedule.name,
                        createDestination: volume === undefined,
                    });
                },
            },
            this.mirror(path, what),
        ];
    }

    /** Policy and schedule as they are declared: neither touches the data. */
    private correct({ path }: SeenVolume, into: Relationship): Action[] {
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
                      run: () => this.client.relationships.modify(into.uuid, change, path),
                  },
              ];
    }

    private start(item: SeenVolume, into: Relationship, way: MirrorWay): Action[] {
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
                    throw new Error(
                        `${this.settings.site}: the mirror into ${item.path} was broken off by somebody, and the volume may have been written since. Nothing was changed: a resync discards what was written there. If nobody needs it: snapmirror resync -destination-path ${item.path} at ${this.settings.site}, then pulumi up --stack ${this.settings.site}`,
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
            run: async (progress) => {
                const into = await this.find(path, progress);
                await this.client.relationships.setState(into.uuid, "snapmirrored", {}, path);
            },
        };
    }

    /** A relationship that was made a moment ago may not be readable yet. */
    private find(path: string, progress: Progress): Promise<Relationship> {
        return until<Relationship>(
            `the relationship into ${path}`,
            async () => {
                const found = await this.client.relationships.byDestination(path);
                return found === undefined ? { instead: "not to be read yet" } : { found };
            },
            this.patience(30_000, progress),
        );
    }

    private await({ path }: SeenVolume): Action {
        let failures = 0;
        return {
            call: `wait for ${path} to be mirrored`,
            run: async (progress) => {
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
                        // Of an earlier failure the relationship tells until the next transfer has ended.
                        failures = into.healthy === false && !isTransferring(into) ? failures + 1 : 0;
                        if (failures > 3) {
                            throw new Error(
                                `${this.settings.site}: the mirror into ${path} is not healthy: ${whyUnhealthy(into)}. What is replicated so far is kept. Once that is mended: pulumi up --stack ${this.settings.site}`,
                            );
                        }
                        const bytes = into.transfer?.bytes_transferred;
                        const state = isTransferring(into) ? "transferring" : (into.state ?? "in no known state");
                        return { instead: bytes === undefined ? state : `${state}, ${bytes} bytes so far` };
                    },
                    this.patience(this.settings.timeouts.establish, progress),
                );
            },
        };
    }

    /** The other site's half may have been made a moment ago. */
    private async awaitPeering(progress: Progress): Promise<void> {
        const { svm, peerSvm, peer } = this.settings;
        await until(
            `the peering of SVM ${svm} with ${peerSvm} of ${peer}`,
            async () => {
                const all = await this.client.svmPeers.all();
                const found = all.find((one) => one.svm.name === svm && one.peer.svm.name === peerSvm);
                return found?.state === "peered"
                    ? { found }
                    : { instead: `${found?.state ?? "absent"} (pulumi up at ${peer} makes its half)` };
            },
            this.patience(60_000, progress),
        );
    }

    /** What the array remembers of mirrors out of a volume that is a mirror itself now. Snapshots stay. */
    private release({ outOf, path }: SeenVolume): Action[] {
        return outOf.map((record) =>
            releaseRecord(this.client, record, path, (progress) => this.patience(60_000, progress)),
        );
    }

    private patience(deadline: number, progress: Progress) {
        return { deadline, signal: this.signal, progress, site: this.settings.site };
    }
}

/** Takes a record of a mirror out of one of this site's volumes away, and leaves every snapshot. */
export function releaseRecord(
    client: OntapClient,
    record: { uuid: string; destination: { path: string } },
    source: string,
    patience: (progress: Progress) => Parameters<typeof until>[2],
): Action {
    const name = `${source} to ${record.destination.path}`;
    return {
        call: relationshipCall("DELETE", name, "source_info_only, the snapshots stay"),
        run: async (progress) => {
            await until(
                `the release of ${name}`,
                async () => {
                    try {
                        await client.relationships.remove(record.uuid, "sourceInfoOnly", name);
                        return { found: true };
                    } catch (failure) {
                        if (failure instanceof OntapError && failure.code === releaseRefused) {
                            return { instead: "still being transferred from" };
                        }
                        throw failure;
                    }
                },
                patience(progress),
            );
        },
    };
}

export function isTransferring({ transfer }: Relationship): boolean {
    return transfer?.state === "queued" || transfer?.state === "transferring";
}

function isMirrored(into: Relationship | undefined): boolean {
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
