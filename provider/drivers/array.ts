import pLimit from "p-limit";
import { lagSeconds, type OntapClient, type Relationship, whyUnhealthy } from "../clients/ontap";
import type { VolumeCopy } from "../roles/copy";
import type { HeldSnapshot } from "../roles/record";
import type { SourceRecord } from "../roles/steps";
import { defined } from "../support/defined";
import { secondsOfIsoDuration } from "../support/duration";

/** As many as the client itself makes at one cluster. */
const requestsAtOnce = 6;

/** What is asked of an array about volumes that Trident made. */
export interface StorageArray {
    /** Volumes by name, by default all; one that does not exist is left out. */
    volumes(svm: string, names?: readonly string[]): Promise<readonly ArrayVolume[]>;
    /** Relationships into volumes of the SVM, whoever made them. */
    mirrorsInto(svm: string): Promise<readonly ArrayMirror[]>;
    /** What the array remembers of mirrors out of the volumes, by default of all. */
    mirrorsOutOf(svm: string, names?: readonly string[]): Promise<readonly SourceRecord[]>;
    /** Removes one of these records and keeps the snapshots that both ends have. No error if it is gone already. */
    release(source: SourceRecord): Promise<void>;
    /**
     * Snapshots of a volume, oldest first.
     *
     * @param uuid of the volume, for whoever knows it. Default: it is looked up
     */
    snapshots(svm: string, volume: string, uuid?: string): Promise<readonly HeldSnapshot[]>;
    /** Bytes that changed on a volume since one of its snapshots; undefined when the array does not report them. */
    changedSince(svm: string, volume: string, snapshot: string): Promise<number | undefined>;
}

export interface ArrayVolume {
    name: string;
    uuid: string;
    type: string;
    state: string;
    /** Default: a FlexVol. */
    isFlexGroup?: true;
    /** What it holds; undefined when the array does not report it. */
    usedBytes?: number;
    /** What it can hold; undefined when the array does not report it. */
    sizeBytes?: number;
}

/** A SnapMirror relationship as its destination's array shows it. */
export interface ArrayMirror {
    /** `svm:volume`. */
    source: string;
    destination: string;
    state: string;
    healthy: boolean;
    /** Why it is not healthy, in ONTAP's words. */
    why: string;
    policy: string;
    /** Age of what the destination shows, in seconds; undefined before the first transfer. */
    lagSeconds: number | undefined;
    /** The transfer that is going on, queued or under way. Default: none. */
    transfer?: Omit<VolumeCopy, "volume">;
}

/** The transfer of a relationship that is going on. */
export function transferOf({ transfer }: Relationship): Omit<VolumeCopy, "volume"> | undefined {
    const { state, bytes_transferred: bytes, total_duration: duration } = transfer ?? {};
    const seconds = duration === undefined ? undefined : secondsOfIsoDuration(duration);
    return state === "queued" || state === "transferring" ? { state, ...defined({ bytes, seconds }) } : undefined;
}

/**
 * The site's own array, opened when it is first asked: a plan that needs no array works without one.
 *
 * @param budget milliseconds for each request. Default: the client's own times.
 */
export function ontapArray(site: string, open: () => OntapClient, budget?: number): StorageArray {
    let opened: OntapClient | undefined;
    // The time of a request for each of hundreds of volumes begins when it can be made.
    const inTurn = pLimit(requestsAtOnce);
    const client = () => {
        opened ??= open();
        return budget === undefined ? opened : opened.within(budget);
    };
    const uuidOf = async (svm: string, volume: string) => {
        const found = await client().volumes.byName(svm, volume);
        if (found === undefined) {
            throw new Error(`${site}: its array has no volume ${volume} in SVM ${svm}`);
        }
        return found.uuid;
    };
    return {
        async volumes(svm, names) {
            const found = await client().volumes.ofSvm(svm, names);
            return found.map((item) => ({
                name: item.name,
                uuid: item.uuid,
                type: item.type ?? "",
                state: item.state ?? "",
                ...(item.style === "flexgroup" ? { isFlexGroup: true } : {}),
                ...defined({ usedBytes: item.space?.used, sizeBytes: item.space?.size }),
            }));
        },
        async snapshots(svm, volume, uuid) {
            const found = await inTurn(async () => client().snapshots.ofVolume(uuid ?? (await uuidOf(svm, volume))));
            return found
                .flatMap(({ name, version_uuid: versionUuid, create_time: takenAt }) =>
                    versionUuid === undefined || takenAt === undefined ? [] : [{ name, versionUuid, takenAt }],
                )
                .sort((left, right) => Date.parse(left.takenAt) - Date.parse(right.takenAt));
        },
        changedSince(svm, volume, snapshot) {
            return inTurn(async () => client().snapshots.changedSince(await uuidOf(svm, volume), snapshot));
        },
        async mirrorsOutOf(svm, names) {
            const found = await client().relationships.knownDestinations(svm);
            return found
                .map(({ uuid, source, destination }) => ({ uuid, source: source.path, destination: destination.path }))
                .filter(({ source }) => names?.includes(source.split(":")[1] ?? "") ?? true);
        },
        async release({ uuid, source, destination }) {
            await client().relationships.remove(uuid, "sourceInfoOnly", `${source} to ${destination}`);
        },
        async mirrorsInto(svm) {
            const found = await client().relationships.ofDestinationSvm(svm);
            return found.map((item) => ({
                source: item.source.path,
                destination: item.destination.path,
                state: item.state ?? "",
                healthy: item.healthy === true,
                why: whyUnhealthy(item) || "ONTAP does not say that it is",
                policy: item.policy?.name ?? "",
                lagSeconds: lagSeconds(item),
                ...defined({ transfer: transferOf(item) }),
            }));
        },
    };
}
