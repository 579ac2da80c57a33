import { z } from "zod";
import type { Cluster } from "../../clients/kubernetes/cluster";
import { snapshot, volume, volumeClaim, volumeSnapshot, volumeSnapshotContent } from "../../clients/kubernetes/kinds";
import type { HeldSnapshot, HeldVolume, RecoveryPoint } from "../../roles/record";
import type { SourceRecord } from "../../roles/steps";
import { homeOf } from "./objects";
import type { AppMirrorSettings } from "./settings";
import type { Survey, SurveyedMirror, SurveyedVolume } from "./arrayReport";

/** What the array says of the volumes behind the application's claims: a status is a claim, the array is the truth. */
export interface Volumes {
    /** The array answers and knows every volume. */
    requireReachable(): Promise<void>;
    /** Every volume is read-only and a healthy relationship leads into it. */
    requireMirrored(): Promise<void>;
    /** Every volume is writable and no relationship leads into it. */
    requireWritable(): Promise<void>;
    /** No relationship leads into any volume. */
    requireUnmirrored(): Promise<void>;
    /** What the array remembers of the volumes as sources of mirrors. */
    sources(): Promise<SourceRecord[]>;
    /** Removes what it remembers of one; the snapshots that both ends have stay. */
    release(source: SourceRecord): Promise<void>;
    /** The newest snapshots of each volume. */
    holdings(): Promise<HeldVolume[]>;
    /**
     * Bytes that changed on all volumes together since an application snapshot; counted from the next older one where it
     * is gone, so that they are never too few. Undefined when there is none.
     */
    changedSince(point: RecoveryPoint): Promise<number | undefined>;
    /** All that the array has behind the claims. */
    survey(): Promise<Survey>;
}

/** How many snapshots of a volume a record holds. */
const heldSnapshots = 10;

/** What is asked of an array. */
export interface StorageArray {
    /** Name and type of volumes by name; a volume that does not exist is left out. */
    volumes(svm: string, names: readonly string[]): Promise<readonly { name: string; type: string; state: string }[]>;
    /** Relationships into volumes of the SVM, whoever made them. */
    mirrorsInto(svm: string): Promise<readonly SurveyedMirror[]>;
    /** What the array remembers of mirrors out of the volumes. */
    mirrorsOutOf(svm: string, names: readonly string[]): Promise<readonly SourceRecord[]>;
    /** Forgets one of them, and keeps the snapshots that both ends have. One that is gone already is as good. */
    release(source: SourceRecord): Promise<void>;
    /** Snapshots of a volume, oldest first. */
    snapshots(svm: string, volume: string): Promise<readonly HeldSnapshot[]>;
    /** Bytes that changed on a volume since one of its snapshots; undefined when the array does not tell. */
    changedSince(svm: string, volume: string, snapshot: string): Promise<number | undefined>;
}

/** Asks the site's array about the volumes behind the claims in the application's namespaces. */
export function volumesOf(cluster: Cluster, settings: AppMirrorSettings, array: StorageArray): Volumes {
    const { site } = settings;
    const { svm } = settings.ontap;
    const requireAll = async () => {
        const names = (await claimedVolumes(cluster, settings)).map(({ volume }) => volume);
        const found = await array.volumes(svm, names);
        const missing = names.filter((name) => !found.some((item) => item.name === name));
        if (missing.length > 0) {
            throw new Error(`${site}: its array has no volume ${missing.join(", ")} in SVM ${svm}`);
        }
        return { names, found };
    };
    const mirrorsInto = async (names: readonly string[]) =>
        (await array.mirrorsInto(svm))
            .map((mirror) => ({ ...mirror, volume: volumeOf(mirror.destination) }))
            .filter(({ volume }) => names.includes(volume));
    const changedOn = async ({ claim, volume }: ClaimedVolume, point: RecoveryPoint) => {
        const [held, ofPoint] = await Promise.all([
            array.snapshots(svm, volume),
            arraySnapshot(cluster, settings, point.snapshot, claim),
        ]);
        const before = held.filter(({ takenAt }) => Date.parse(takenAt) <= Date.parse(point.takenAt)).at(-1);
        const from = held.find(({ name }) => name === ofPoint) ?? before;
        return from === undefined ? undefined : array.changedSince(svm, volume, from.name);
    };
    return {
        async holdings() {
            return Promise.all(
                (await claimedVolumes(cluster, settings)).map(async ({ claim, volume }) => ({
                    volume: claim,
                    snapshots: (await array.snapshots(svm, volume)).slice(-heldSnapshots),
                })),
            );
        },
        async changedSince(point) {
            const claimed = await claimedVolumes(cluster, settings);
            const bytes = await Promise.all(claimed.map((one) => changedOn(one, point)));
            return bytes.reduce<number | undefined>(
                (sum, one) => (sum === undefined || one === undefined ? undefined : sum + one),
                0,
            );
        },
        async survey() {
            const claimed = await claimedVolumes(cluster, settings);
            const names = claimed.map(({ volume }) => volume);
            const [found, into, outOf] =
                names.length === 0
                    ? [[], [], []]
                    : await Promise.all([
                          array.volumes(svm, names),
                          array.mirrorsInto(svm),
                          array.mirrorsOutOf(svm, names),
                      ]);
            const volumes = claimed.map((one): SurveyedVolume => {
                const held = found.find(({ name }) => name === one.volume);
                return {
                    ...one,
                    type: held?.type,
                    state: held?.state ?? "",
                    into: into.find(({ destination }) => volumeOf(destination) === one.volume),
                    outOf: outOf.filter(({ source }) => volumeOf(source) === one.volume),
                };
            });
            const sources = volumes.map((one) => one.into?.source);
            const strays = into.filter(
                ({ source, destination }) => sources.includes(source) && !names.includes(volumeOf(destination)),
            );
            return { volumes, strays };
        },
        async requireUnmirrored() {
            const names = (await claimedVolumes(cluster, settings)).map(({ volume }) => volume);
            const into = await mirrorsInto(names);
            if (into.length > 0) {
                const left = into.map((item) => `into ${item.volume}, ${item.state}`).join("; ");
                throw new Error(
                    `${site}: the mirror of ${settings.application} is deleted, but its array still has a relationship ${left}. What Trident says of it, at ${site}: kubectl -n ${homeOf(settings)} describe tridentmirrorrelationships.trident.netapp.io; once it is gone: pulumi up --stack ${site}`,
                );
            }
        },
        async sources() {
            const names = (await claimedVolumes(cluster, settings)).map(({ volume }) => volume);
            return names.length === 0 ? [] : [...(await array.mirrorsOutOf(svm, names))];
        },
        release: (source) => array.release(source),
        async requireReachable() {
            await requireAll();
        },
        async requireMirrored() {
            const { names } = await requireAll();
            const relationships = await mirrorsInto(names);
            for (const name of names) {
                const into = relationships.find((item) => item.volume === name);
                if (into === undefined || !into.healthy) {
                    throw new Error(
                        `${site}: the mirror of ${settings.application} says Established, but on the array volume ${name} ${into === undefined ? "has no relationship" : `is not healthy: ${into.why}`}. It is not protected. Once that is mended: pulumi up --stack ${site}`,
                    );
                }
            }
        },
        async requireWritable() {
            const { names, found } = await requireAll();
            const locked = found.filter((item) => item.type !== "rw" || item.state !== "online");
            const into = await mirrorsInto(names);
            const left = into.filter((item) => item.state !== "broken_off");
            if (locked.length > 0 || left.length > 0) {
                const what = [
                    ...locked.map((item) => `${item.name} is ${item.type}, ${item.state}`),
                    ...left.map((item) => `a relationship into ${item.volume} is ${item.state}`),
                ];
                throw new Error(
                    `${site}: the mirror of ${settings.application} says Promoted, but on the array ${what.join("; ")}. The application must not be trusted there yet. Once that is mended: pulumi up --stack ${site}`,
                );
            }
        },
    };
}

/** Of a path `svm:volume`. */
function volumeOf(path: string): string {
    return path.split(":")[1] ?? "";
}

const claimSpec = z.object({ volumeName: z.string().optional() });
const volumeSpec = z.object({
    csi: z.object({ volumeAttributes: z.object({ internalName: z.string() }) }).optional(),
});

interface ClaimedVolume {
    /** `<namespace>/<claim>`: the same at both sites. */
    claim: string;
    volume: string;
}

/** Trident names its FlexVol in the PersistentVolume's `internalName`. */
async function claimedVolumes(cluster: Cluster, settings: AppMirrorSettings): Promise<ClaimedVolume[]> {
    const claims = (
        await Promise.all(settings.namespaces.map((namespace) => cluster.list(volumeClaim, namespace)))
    ).flat();
    const names = await Promise.all(
        claims.map(async (claim) => {
            const { volumeName } = claimSpec.parse(claim.spec);
            const found = volumeName === undefined ? undefined : await cluster.get(volume, { name: volumeName });
            const internal = found && volumeSpec.parse(found.spec).csi?.volumeAttributes.internalName;
            const claimed = `${claim.metadata.namespace}/${claim.metadata.name}`;
            return internal === undefined ? undefined : { claim: claimed, volume: internal };
        }),
    );
    return names.filter((name) => name !== undefined);
}

const snapshotParts = z
    .object({ volumeSnapshots: z.array(z.object({ name: z.string(), namespace: z.string() })).nullish() })
    .optional();
const claimOfSnapshot = z.object({ source: z.object({ persistentVolumeClaimName: z.string().optional() }) });
const boundContent = z.object({ boundVolumeSnapshotContentName: z.string().optional() }).optional();
const contentHandle = z.object({ snapshotHandle: z.string().optional() }).optional();

/** Name on the array of one volume's part of an application snapshot; Trident's handle is `<volume>/<snapshot>`. */
async function arraySnapshot(
    cluster: Cluster,
    settings: AppMirrorSettings,
    name: string,
    claim: string,
): Promise<string | undefined> {
    const taken = await cluster.get(snapshot, { name, namespace: homeOf(settings) });
    for (const key of snapshotParts.parse(taken?.status)?.volumeSnapshots ?? []) {
        const part = await cluster.get(volumeSnapshot, key);
        const source = part && claimOfSnapshot.parse(part.spec).source.persistentVolumeClaimName;
        const content = boundContent.parse(part?.status)?.boundVolumeSnapshotContentName;
        if (`${key.namespace}/${source}` === claim && content !== undefined) {
            const bound = await cluster.get(volumeSnapshotContent, { name: content });
            return contentHandle.parse(bound?.status)?.snapshotHandle?.split("/").at(-1);
        }
    }
    return undefined;
}
