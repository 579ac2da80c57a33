import { createHash } from "node:crypto";
import type {
    KnownDestination,
    OntapClient,
    Relationship,
    Schedule,
    Snapshot,
    SvmPeer,
    Volume,
} from "../../clients/ontap";
import type { RecoveryPoint } from "../../roles/record";
import type { Observed, ObservedMirror } from "../../roles/situation";
import type { SourceRecord } from "../../roles/steps";
import { pathOf, type VolumeMirrorSettings } from "./settings";

/** One FlexVol of the group at this site's array. */
export interface SeenVolume {
    name: string;
    /** `svm:volume`. */
    path: string;
    /** Undefined when the array has none of this name. */
    volume: Volume | undefined;
    /** Oldest first, as the array lists them; none of a volume that is offline. */
    snapshots: readonly Snapshot[];
    /** The relationship into it. */
    into: Relationship | undefined;
    /** Relationships out of it, as the source knows them, that lead into the other site's SVM. */
    outOf: readonly KnownDestination[];
}

export interface Seen extends Observed {
    volumes: readonly SeenVolume[];
    svmUuid: string;
    /** The peering through which the other site's SVM is known here. */
    peering: SvmPeer | undefined;
    /** The cron schedule that mirrors into this site follow, as the array has it. */
    schedule: Schedule | undefined;
}

/** Reads this site's array; changes nothing, and asks nothing of the other site. */
export async function look(client: OntapClient, settings: VolumeMirrorSettings): Promise<Seen> {
    const [svm, found, into, outOf, svmPeers, clusterPeers, schedule] = await Promise.all([
        client.svms.byName(settings.svm),
        client.volumes.ofSvm(settings.svm, settings.volumes),
        client.relationships.ofDestinationSvm(settings.svm),
        client.relationships.knownDestinations(settings.svm),
        client.svmPeers.all(),
        client.clusterPeers.all(),
        client.schedules.byName(settings.schedule.name),
    ]);
    if (svm === undefined) {
        throw new Error(
            `${settings.site}: the array has no SVM ${settings.svm}. Correct the SVM's name in the program's settings`,
        );
    }
    const peering = svmPeers.find((peer) => peer.svm.name === settings.svm && peer.peer.svm.name === settings.peerSvm);
    const peerNames = [settings.peerSvm, peering?.name];
    const volumes = await Promise.all(
        settings.volumes.map(async (name): Promise<SeenVolume> => {
            const path = pathOf(settings.svm, name);
            const volume = found.find((one) => one.name === name);
            return {
                name,
                path,
                volume,
                snapshots: await snapshotsOf(client, volume),
                into: into.find((one) => one.destination.path === path),
                outOf: outOf.filter(
                    (one) =>
                        one.source.path === path && peerNames.includes(one.destination.path.split(":")[0] as string),
                ),
            };
        }),
    );
    const peerCluster = clusterPeers.find((one) => one.name === peering?.peer.cluster?.name);
    return {
        volumes,
        svmUuid: svm.uuid,
        peering,
        schedule,
        mirror: mirrorOf(volumes, settings),
        // The last snapshot of a site that stood down is on its array.
        peerAnswers: peerCluster === undefined || peerCluster.status?.state !== "unavailable",
    };
}

async function snapshotsOf(client: OntapClient, volume: Volume | undefined): Promise<readonly Snapshot[]> {
    return volume?.state !== "online" ? [] : client.snapshots.ofVolume(volume.uuid);
}

/** The group's mirror is what all of its volumes' mirrors are; a recovery point is that of the volume that lags most. */
function mirrorOf(volumes: readonly SeenVolume[], settings: VolumeMirrorSettings): ObservedMirror | undefined {
    const mirrors = volumes.map(({ into }) => into).filter((into) => into !== undefined);
    if (mirrors.length === 0) {
        return undefined;
    }
    const all = (state: string) => mirrors.length === volumes.length && mirrors.every((one) => one.state === state);
    const recoveryPoint = recoveryPointOf(volumes);
    return {
        state: all("broken_off") ? "promoted" : all("snapmirrored") ? "established" : "unsettled",
        // Relationships name volumes, which do not change with a role; their identity is the other site's to tell.
        sourceApplicationUid: settings.other?.applicationUid ?? mirrors.map(({ source }) => source.path).join(" "),
        ...(recoveryPoint === undefined ? {} : { recoveryPoint }),
    };
}

function recoveryPointOf(volumes: readonly SeenVolume[]): RecoveryPoint | undefined {
    return oldestOf(
        volumes.map(({ into, snapshots }) => snapshots.find(({ name }) => name === into?.exported_snapshot)),
    );
}

/** The oldest of snapshots one of each volume; undefined when a volume has none. */
export function oldestOf(snapshots: readonly (Snapshot | undefined)[]): RecoveryPoint | undefined {
    const points = snapshots.flatMap((one) =>
        one?.create_time === undefined ? [] : [{ snapshot: one.name, takenAt: one.create_time }],
    );
    return points.length < snapshots.length
        ? undefined
        : points.sort((left, right) => Date.parse(left.takenAt) - Date.parse(right.takenAt))[0];
}

/** Identity of the volumes as they are at this site: another one once a volume was made anew. */
export function identityOf(volumes: readonly SeenVolume[]): string | undefined {
    const uuids = volumes.map(({ volume }) => volume?.uuid);
    return uuids.includes(undefined)
        ? undefined
        : createHash("sha256").update(uuids.sort().join("\n")).digest("hex").slice(0, 32);
}

/** What the array remembers of the volumes as sources of mirrors into the other site. */
export function sourcesOf(volumes: readonly SeenVolume[]): SourceRecord[] {
    return volumes.flatMap(({ outOf }) =>
        outOf.map(({ uuid, source, destination }) => ({ uuid, source: source.path, destination: destination.path })),
    );
}

/** Snapshots of a volume that SnapMirror itself made for the mirror into the other site. */
export function mirrorSnapshots({ snapshots }: SeenVolume): readonly Snapshot[] {
    return snapshots.filter(({ name, owners }) => name.startsWith("snapmirror.") && owners.includes("snapmirror"));
}
