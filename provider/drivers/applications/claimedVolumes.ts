import { z } from "zod";
import type { Cluster } from "../../clients/kubernetes/cluster";
import { kinds } from "../../clients/kubernetes/kinds";
import type { VolumeCopy } from "../../roles/copy";
import type { HeldVolume, RecoveryPoint } from "../../roles/record";
import type { SourceRecord } from "../../roles/steps";
import { upCommand } from "../../roles/messages/commands";
import { MessageError, text } from "../../roles/messages/message";
import { defined } from "../../support/defined";
import type { StorageArray } from "../array";
import { namespaceOf } from "./manifests";
import type { ApplicationSettings } from "./settings";
import { copyOf, type Survey, type SurveyedVolume } from "./arrayReport";
import { type ClaimedVolume, type Claims, readClaims, readMirroredClaims } from "./claims";

/**
 * The mirrored volumes behind the claims in the application's namespaces, as the site's array has them: a status in the
 * cluster is a claim, the array is the truth. Whatever else is claimed there is not asked about.
 */
export class ClaimedVolumes {
    constructor(
        private readonly cluster: Pick<Cluster, "get" | "list">,
        private readonly settings: ApplicationSettings,
        private readonly array: StorageArray,
    ) {}

    /** Throws unless the array answers and knows every volume. */
    async requireReachable(): Promise<void> {
        await this.requireAll();
    }

    /** Throws unless a healthy relationship leads into every volume. */
    async requireMirrored(): Promise<void> {
        const { site, application } = this.settings;
        const { names } = await this.requireAll();
        const relationships = await this.mirrorsInto(names);
        for (const name of names) {
            const into = relationships.find((item) => item.volume === name);
            if (into === undefined || !into.healthy) {
                const problem = into === undefined ? "has no relationship" : `is not healthy: ${into.why}`;
                throw new MessageError(
                    text`${site}: the mirror of ${application} says Established, but on the array volume ${name} ${problem}. It is not protected. Once fixed: ${upCommand(site)}`,
                );
            }
        }
    }

    /** What keeps the volumes from being copied; undefined when a transfer runs into each, or has brought everything. */
    async idle(): Promise<string | undefined> {
        const [{ mirrored }, named] = await Promise.all([
            this.claims(),
            readMirroredClaims(this.cluster, this.settings),
        ]);
        const relationships = await this.mirrorsInto(mirrored.map(({ volume }) => volume));
        const unbound = named.filter((claim) => !mirrored.some((one) => one.claim === claim));
        const problems = mirrored.flatMap(({ claim, volume }) => {
            const into = relationships.find((item) => item.volume === volume);
            const runs = into?.transfer !== undefined || (into?.state === "snapmirrored" && into.healthy);
            const is =
                into === undefined ? "no mirror leads into it" : `${into.state}${into.healthy ? "" : `, ${into.why}`}`;
            return runs ? [] : [`volume ${volume} of ${claim}: ${is}`];
        });
        const all = [...unbound.map((claim) => `${claim} has no volume yet`), ...problems];
        return mirrored.length === 0 && all.length === 0
            ? "no claim has a volume yet"
            : all.length === 0
              ? undefined
              : all.join("; ");
    }

    /** Throws unless every volume is writable and no relationship leads into it. */
    async requireWritable(): Promise<void> {
        const { site, application } = this.settings;
        const { names, found } = await this.requireAll();
        const locked = found.filter((item) => item.type !== "rw" || item.state !== "online");
        const left = (await this.mirrorsInto(names)).filter((item) => item.state !== "broken_off");
        if (locked.length > 0 || left.length > 0) {
            const problems = [
                ...locked.map((item) => `${item.name} is ${item.type}, ${item.state}`),
                ...left.map((item) => `a relationship into ${item.volume} is ${item.state}`),
            ].join("; ");
            throw new MessageError(
                text`${site}: the mirror of ${application} says Promoted, but on the array ${problems}. Do not trust the application there yet. Once fixed: ${upCommand(site)}`,
            );
        }
    }

    /** Throws when a relationship leads into any volume. */
    async requireUnmirrored(): Promise<void> {
        const { site, application } = this.settings;
        const into = await this.mirrorsInto(await this.names());
        if (into.length > 0) {
            const left = into.map((item) => `into ${item.volume}, ${item.state}`).join("; ");
            throw new MessageError(
                text`${site}: the mirror of ${application} is deleted, but its array still has a relationship ${left}. Trident's view, at ${site}: kubectl -n ${namespaceOf(this.settings)} describe tridentmirrorrelationships.trident.netapp.io. Once it is gone: ${upCommand(site)}`,
            );
        }
    }

    /** Claims whose volumes are writable; all of them when the array does not answer. */
    async writable(): Promise<string[]> {
        const { mirrored: claimed } = await this.claims();
        const names = claimed.map(({ volume }) => volume);
        const found =
            names.length === 0 ? [] : await this.array.volumes(this.settings.ontap.svm, names).catch(() => undefined);
        const isWritable = (volume: string) =>
            found === undefined || found.some(({ name, type }) => name === volume && type === "rw");
        return claimed.filter(({ volume }) => isWritable(volume)).map(({ claim }) => claim);
    }

    /** What the array remembers of the volumes as sources of mirrors. */
    async sources(): Promise<readonly SourceRecord[]> {
        const names = await this.names();
        return names.length === 0 ? [] : this.array.mirrorsOutOf(this.settings.ontap.svm, names);
    }

    /** Removes what the array remembers of one; the snapshots that both ends have stay. */
    release(source: SourceRecord): Promise<void> {
        return this.array.release(source);
    }

    /** The snapshots of each volume, oldest first. */
    async heldSnapshots(): Promise<HeldVolume[]> {
        const { mirrored } = await this.claims();
        const { svm } = this.settings.ontap;
        const names = mirrored.map(({ volume }) => volume);
        const found = names.length === 0 ? [] : await this.array.volumes(svm, names);
        return Promise.all(
            mirrored.map(async ({ claim, volume }) => {
                const held = found.find(({ name }) => name === volume);
                return {
                    volume: claim,
                    ...defined({ usedBytes: held?.usedBytes }),
                    snapshots: [...(await this.array.snapshots(svm, volume, held?.uuid))],
                };
            }),
        );
    }

    /** Names of all snapshots on all volumes; Trident's are unique. */
    async snapshotNames(): Promise<ReadonlySet<string>> {
        const { mirrored } = await this.claims();
        const held = await Promise.all(
            mirrored.map(({ volume }) => this.array.snapshots(this.settings.ontap.svm, volume)),
        );
        return new Set(held.flat().map(({ name }) => name));
    }

    /**
     * Bytes that changed on all volumes together since an application snapshot; counted from the next older one where it
     * is gone, so that they are never too few. Undefined when there is none.
     */
    async changedSince(point: RecoveryPoint): Promise<number | undefined> {
        const { mirrored } = await this.claims();
        const bytes = await Promise.all(mirrored.map((one) => this.changedOn(one, point)));
        return bytes.reduce<number | undefined>(
            (sum, one) => (sum === undefined || one === undefined ? undefined : sum + one),
            0,
        );
    }

    /** How far the transfer into each volume is. Less than a survey, for whoever asks again and again. */
    async copies(): Promise<VolumeCopy[]> {
        const { mirrored } = await this.claims();
        const into = mirrored.length === 0 ? [] : await this.array.mirrorsInto(this.settings.ontap.svm);
        return copyOf({
            volumes: mirrored.map(({ claim, volume }) => ({
                claim,
                into: into.find(({ destination }) => volumeOf(destination) === volume),
            })),
        });
    }

    /** Everything that the array has behind the claims. */
    async survey(): Promise<Survey> {
        const { svm } = this.settings.ontap;
        const { mirrored: claimed, ignored } = await this.claims();
        const names = claimed.map(({ volume }) => volume);
        if (names.length === 0) {
            return { volumes: [], strays: [], ignored };
        }
        const [found, into, outOf] = await Promise.all([
            this.array.volumes(svm, names),
            this.array.mirrorsInto(svm),
            this.array.mirrorsOutOf(svm, names),
        ]);
        const volumes = claimed.map((one): SurveyedVolume => {
            const held = found.find(({ name }) => name === one.volume);
            return {
                claim: one.claim,
                volume: one.volume,
                type: held?.type,
                state: held?.state ?? "",
                ...defined({
                    isFlexGroup: held?.isFlexGroup,
                    usedBytes: held?.usedBytes,
                    sizeBytes: held?.sizeBytes,
                }),
                into: into.find(({ destination }) => volumeOf(destination) === one.volume),
                outOf: outOf.filter(({ source }) => volumeOf(source) === one.volume),
            };
        });
        const sources = volumes.map((one) => one.into?.source);
        const strays = into.filter(
            ({ source, destination }) => sources.includes(source) && !names.includes(volumeOf(destination)),
        );
        return { volumes, strays, ignored };
    }

    private async names(): Promise<string[]> {
        return (await this.claims()).mirrored.map(({ volume }) => volume);
    }

    /** A volume that Trident made on another backend counts only if the declared SVM has it. */
    private async claims(): Promise<Claims> {
        const { mirrored, ignored } = await readClaims(this.cluster, this.settings);
        const declared = await this.declaredBackend();
        const elsewhere = mirrored.filter(
            ({ backendUuid }) => declared !== undefined && backendUuid !== undefined && backendUuid !== declared,
        );
        if (elsewhere.length === 0) {
            return { mirrored, ignored };
        }
        const { svm } = this.settings.ontap;
        const found = await this.array.volumes(
            svm,
            elsewhere.map(({ volume }) => volume),
        );
        const foreign = elsewhere.filter(({ volume }) => !found.some(({ name }) => name === volume));
        return {
            mirrored: mirrored.filter((one) => !foreign.includes(one)),
            ignored: [
                ...ignored,
                ...foreign.map(({ claim }) => ({ claim, why: `its volume is on another backend than SVM ${svm}` })),
            ],
        };
    }

    /** UUID of Trident's backend that is declared for the site; undefined where it cannot be read, or is not made yet. */
    private async declaredBackend(): Promise<string | undefined> {
        const { tridentBackend } = this.settings;
        const found =
            tridentBackend === undefined
                ? undefined
                : await this.cluster.get(kinds.tridentBackend, tridentBackend).catch(() => undefined);
        return backendStatus.parse(found?.status)?.backendInfo?.backendUUID;
    }

    private async requireAll() {
        const { site, ontap } = this.settings;
        const names = await this.names();
        const found = await this.array.volumes(ontap.svm, names);
        const missing = names.filter((name) => !found.some((item) => item.name === name));
        if (missing.length > 0) {
            throw new Error(`${site}: its array has no volume ${missing.join(", ")} in SVM ${ontap.svm}`);
        }
        return { names, found };
    }

    private async mirrorsInto(names: readonly string[]) {
        return (await this.array.mirrorsInto(this.settings.ontap.svm))
            .map((mirror) => ({ ...mirror, volume: volumeOf(mirror.destination) }))
            .filter(({ volume }) => names.includes(volume));
    }

    private async changedOn({ claim, volume }: ClaimedVolume, point: RecoveryPoint): Promise<number | undefined> {
        const { svm } = this.settings.ontap;
        const [held, ofPoint] = await Promise.all([
            this.array.snapshots(svm, volume),
            arraySnapshot(this.cluster, this.settings, point.snapshot, claim),
        ]);
        const before = held.filter(({ takenAt }) => Date.parse(takenAt) <= Date.parse(point.takenAt)).at(-1);
        const from = held.find(({ name }) => name === ofPoint) ?? before;
        return from === undefined ? undefined : this.array.changedSince(svm, volume, from.name);
    }
}

/** Of a path `svm:volume`. */
function volumeOf(path: string): string {
    return path.split(":")[1] ?? "";
}

const backendStatus = z.object({ backendInfo: z.object({ backendUUID: z.string().optional() }).optional() }).optional();

const snapshotParts = z
    .object({ volumeSnapshots: z.array(z.object({ name: z.string(), namespace: z.string() })).nullish() })
    .optional();
const claimOfSnapshot = z.object({ source: z.object({ persistentVolumeClaimName: z.string().optional() }) });
const boundContent = z.object({ boundVolumeSnapshotContentName: z.string().optional() }).optional();
const contentHandle = z.object({ snapshotHandle: z.string().optional() }).optional();

/**
 * Name on the array of one volume's part of an application snapshot, or of a ShutdownSnapshot by the folder of its
 * archive; Trident's handle is `<volume>/<snapshot>`.
 */
async function arraySnapshot(
    cluster: Pick<Cluster, "get" | "list">,
    settings: ApplicationSettings,
    name: string,
    claim: string,
): Promise<string | undefined> {
    const namespace = namespaceOf(settings);
    const ofFolder = /^\d{14}_(.+)_[^_]+$/.exec(name)?.[1];
    const taken =
        ofFolder === undefined
            ? await cluster.get(kinds.snapshot, { name, namespace })
            : await cluster.get(kinds.shutdownSnapshot, { name: ofFolder, namespace });
    for (const key of snapshotParts.parse(taken?.status)?.volumeSnapshots ?? []) {
        const part = await cluster.get(kinds.volumeSnapshot, key);
        const source = part && claimOfSnapshot.parse(part.spec).source.persistentVolumeClaimName;
        const content = boundContent.parse(part?.status)?.boundVolumeSnapshotContentName;
        if (`${key.namespace}/${source}` === claim && content !== undefined) {
            const bound = await cluster.get(kinds.volumeSnapshotContent, { name: content });
            return contentHandle.parse(bound?.status)?.snapshotHandle?.split("/").at(-1);
        }
    }
    return undefined;
}
