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
import type { BrokenMirror, Observed, ObservedMirror } from "../../roles/situation";
import type { SourceRecord } from "../../roles/steps";
import { defined } from "../../support/defined";
import { type AccessState, readAccess } from "./access";
import { pathOf, type VolumesSettings } from "./settings";

/** One FlexVol of the group at this site's array. */
export interface VolumeState {
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

export interface VolumesState {
    volumes: readonly VolumeState[];
    svmUuid: string;
    /** The peering through which the other site's SVM is known here. */
    peering: SvmPeer | undefined;
    /** Whether the array reaches the peer's cluster, where the last snapshot of a site that stood down is. */
    peerAnswers: boolean;
    /** Who could write to volumes that are fenced. */
    access: AccessState;
    /** The cron schedule that mirrors into this site follow, as the array has it. */
    schedule: Schedule | undefined;
}

/** Reads this site's array; changes nothing, and asks nothing of the other site. */
export async function readState(client: OntapClient, settings: VolumesSettings): Promise<VolumesState> {
    const [svm, svmPeers, clusterPeers, schedule] = await Promise.all([
        client.svms.byName(settings.svm),
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
    const peerCluster = clusterPeers.find((one) => one.name === peering?.peer.cluster?.name);
    const volumes = await readVolumes(client, settings, peering?.name);
    return {
        volumes,
        access: await readAccess(client, settings, volumes),
        svmUuid: svm.uuid,
        peering,
        peerAnswers: peerCluster === undefined || peerCluster.status?.state !== "unavailable",
        schedule,
    };
}

/**
 * Reads the volumes with their snapshots and relationships.
 *
 * @param peerSvm the name by which the other site's SVM is known here, where it differs from its own
 */
export async function readVolumes(
    client: OntapClient,
    settings: VolumesSettings,
    peerSvm?: string,
): Promise<VolumeState[]> {
    const [found, into, outOf] = await Promise.all([
        client.volumes.ofSvm(settings.svm, settings.volumes),
        client.relationships.ofDestinationSvm(settings.svm),
        client.relationships.knownDestinations(settings.svm),
    ]);
    const peerNames = [settings.peerSvm, peerSvm];
    return Promise.all(
        settings.volumes.map(async (name): Promise<VolumeState> => {
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
}

/** What the planner goes by. */
export function observedOf({ volumes, peerAnswers, access }: VolumesState, settings: VolumesSettings): Observed {
    return { mirror: mirrorOf(volumes, settings), peerAnswers, unfenceable: access.open };
}

async function snapshotsOf(client: OntapClient, volume: Volume | undefined): Promise<readonly Snapshot[]> {
    return volume?.state !== "online" ? [] : client.snapshots.ofVolume(volume.uuid);
}

/** The group's mirror has a state only where all of its volumes' mirrors share it; the recovery point is the oldest one. */
function mirrorOf(volumes: readonly VolumeState[], settings: VolumesSettings): ObservedMirror | undefined {
    const mirrors = volumes.map(({ into }) => into).filter((into) => into !== undefined);
    if (mirrors.length === 0) {
        return undefined;
    }
    const all = (state: string) => mirrors.length === volumes.length && mirrors.every((one) => one.state === state);
    const recoveryPoint = recoveryPointOf(volumes);
    return {
        state: all("broken_off") ? "promoted" : all("snapmirrored") ? "established" : "unsettled",
        // Relationships name volumes, which a role change does not change; the other site publishes their identity.
        sourceApplicationUid: settings.other?.applicationUid ?? mirrors.map(({ source }) => source.path).join(" "),
        ...(recoveryPoint === undefined ? {} : { recoveryPoint }),
        ...defined({ transferredAt: lastTransferOf(mirrors) }),
        broken: volumes.flatMap(brokenMirrorOf),
    };
}

/** Undefined where the array does not tell it of each: one that failed says nothing of when the last one succeeded. */
function lastTransferOf(mirrors: readonly Relationship[]): string | undefined {
    const ends = mirrors.map(({ transfer }) => (transfer?.state === "success" ? transfer.end_time : undefined));
    const times = ends.filter((end) => end !== undefined && !Number.isNaN(Date.parse(end))) as string[];
    return times.length < mirrors.length
        ? undefined
        : times.sort((left, right) => Date.parse(left) - Date.parse(right))[0];
}

/** Of a volume that is offline no snapshots were read. */
function brokenMirrorOf({ name, into, volume, snapshots }: VolumeState): BrokenMirror[] {
    return into?.state !== "broken_off" || volume?.state !== "online"
        ? []
        : [
              {
                  volume: name,
                  versions: snapshots.flatMap(({ version_uuid: version }) => version ?? []),
                  ...defined({ at: oldestOf([snapshots.find((one) => one.name === into.exported_snapshot)]) }),
              },
          ];
}

function recoveryPointOf(volumes: readonly VolumeState[]): RecoveryPoint | undefined {
    return oldestOf(
        volumes.map(({ into, snapshots }) => snapshots.find(({ name }) => name === into?.exported_snapshot)),
    );
}

/** The oldest of the snapshots, one per volume; undefined when a volume has none. */
export function oldestOf(snapshots: readonly (Snapshot | undefined)[]): RecoveryPoint | undefined {
    const points = snapshots.flatMap((one) =>
        // What is no time could not be compared, and not be read back from a record.
        one?.create_time === undefined || Number.isNaN(Date.parse(one.create_time))
            ? []
            : [{ snapshot: one.name, takenAt: one.create_time }],
    );
    return points.length < snapshots.length
        ? undefined
        : points.sort((left, right) => Date.parse(left.takenAt) - Date.parse(right.takenAt))[0];
}

/** Identity of the volumes at this site: it changes when a volume is recreated. */
export function identityOf(volumes: readonly VolumeState[]): string | undefined {
    const uuids = volumes.map(({ volume }) => volume?.uuid);
    return uuids.includes(undefined)
        ? undefined
        : createHash("sha256").update(uuids.sort().join("\n")).digest("hex").slice(0, 32);
}

/** What the array remembers of the volumes as sources of mirrors into the other site. */
export function sourcesOf(volumes: readonly VolumeState[]): SourceRecord[] {
    return volumes.flatMap(({ outOf }) =>
        outOf.map(({ uuid, source, destination }) => ({ uuid, source: source.path, destination: destination.path })),
    );
}

/** Snapshots of a volume that SnapMirror itself took for the mirror into the other site. */
export function mirrorSnapshots({ snapshots }: VolumeState): readonly Snapshot[] {
    return snapshots.filter(({ name, owners }) => name.startsWith("snapmirror.") && owners.includes("snapmirror"));
}
