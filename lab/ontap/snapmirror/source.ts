import { Cluster, refer } from "../cluster";
import { OntapFailure } from "../errors";
import { Volumes } from "../data/volumes";
import { Link } from "../peering/link";
import { ClusterPeer, NamedReference, Snapshot, SourceRecord, TransferType, Volume } from "../state";

/** What a policy says of the snapshots to send. */
interface Selection {
    copyAll: boolean;
    copyLatest: boolean;
    createOnSource: boolean;
    labels: string[];
    policyType: string;
}

/** A destination asks its source to get a transfer ready. */
interface OpenRequest {
    relationship: string;
    type: TransferType;
    sourceSvm: string;
    sourceVolume: string;
    destination: { svm: NamedReference; volume: string; msid: number };
    selection: Selection;
    /** Name of the snapshot to send, instead of a new one. */
    sourceSnapshot?: string;
    /** versionUuids of the destination's snapshots. */
    held: string[];
    /** versionUuid of the snapshot that the destination exports; an update starts from it. */
    exported?: string;
}

export interface PlannedFile {
    name: string;
    length: number;
    /** Bytes at the beginning that the snapshot before it in the plan has in common. */
    keep: number;
}

export type PlannedSnapshot = Pick<Snapshot, "name" | "createdAt" | "versionUuid" | "label" | "comment" | "madeBy"> & {
    uuid: string;
    files: PlannedFile[];
};

/** What the destination fetches, oldest snapshot first; the last one becomes the exported snapshot. */
export interface TransferPlan {
    volume: NamedReference;
    size: number;
    base?: string;
    snapshots: PlannedSnapshot[];
    /** versionUuid of the snapshot to export at the end. */
    target: string;
    /** versionUuids of all snapshots of the source. */
    present: string[];
}

interface ReadRequest {
    relationship: string;
    volume: string;
    snapshot: string;
    file: string;
    offset: number;
    length: number;
}

interface CloseRequest {
    relationship: string;
    succeeded: boolean;
    target?: string;
}

interface ReleaseRequest {
    relationship: string;
    infoOnly: boolean;
}

/** The calls that a destination makes of its source; in the same cluster they are made directly. */
export interface SourceCalls {
    volumeInfo(body: { svm: string; volume: string }): Promise<{ volume: NamedReference; size: number; style: string }>;
    transferOpen(body: OpenRequest): Promise<TransferPlan>;
    transferRead(body: ReadRequest): Promise<Buffer>;
    transferClose(body: CloseRequest): Promise<object>;
    release(body: ReleaseRequest): Promise<object>;
}

/** The source's half of SnapMirror: makes, plans, hands out, holds and releases snapshots. */
export class Source implements SourceCalls {
    private readonly lastActivity = new Map<string, number>();

    constructor(
        private readonly cluster: Cluster,
        private readonly volumes: Volumes,
        link: Link,
    ) {
        link.handle("volumeInfo", (body) => this.volumeInfo(body));
        link.handle("transferOpen", (body, from) => this.transferOpen(body, from));
        link.handle("transferRead", (body) => this.transferRead(body));
        link.handle("transferClose", (body) => this.transferClose(body));
        link.handle("release", (body) => this.release(body));
    }

    /** Notes that a relationship's transfer is alive; one whose destination fell silent is over after a while. */
    private touch(relationship: string): void {
        this.lastActivity.set(relationship, Date.now());
    }

    private isTransferring(relationship: string): boolean {
        const last = this.lastActivity.get(relationship);
        return last !== undefined && Date.now() - last < this.cluster.clock.scaled(60, 6000);
    }

    private find(svm: string, name: string): Volume {
        const owner = this.cluster.state.svms.find((one) => one.uuid === svm);
        const volume = owner && this.cluster.volumeNamed(owner.uuid, name);
        if (!volume) {
            throw new OntapFailure(404, "6619337", `Volume "${name}" does not exist.`, "source.path");
        }
        return volume;
    }

    volumeInfo(body: {
        svm: string;
        volume: string;
    }): Promise<{ volume: NamedReference; size: number; style: string }> {
        const volume = this.find(body.svm, body.volume);
        return Promise.resolve({ volume: refer(volume), size: volume.size, style: volume.style ?? "flexvol" });
    }

    async transferOpen(body: OpenRequest, from?: ClusterPeer): Promise<TransferPlan> {
        const volume = this.find(body.sourceSvm, body.sourceVolume);
        if (volume.state !== "online") {
            throw new OntapFailure(
                409,
                "6619340",
                `Failed to create Snapshot copy (volume "${volume.name}" is offline).`,
            );
        }
        const base = this.findBase(volume, body);
        const record = this.record(volume, body, from);
        this.touch(record.uuid);
        const target = await this.findTarget(volume, body, base, record);
        target.heldBy = [...new Set([...target.heldBy, record.uuid])];
        await this.cluster.save();
        return this.plan(volume, body, base, target);
    }

    private findBase(volume: Volume, body: OpenRequest): Snapshot | undefined {
        if (body.type === "initialize") {
            return undefined;
        }
        const common = volume.snapshots.filter(({ versionUuid }) =>
            body.type === "update" ? versionUuid === body.exported : body.held.includes(versionUuid),
        );
        const base = common[common.length - 1];
        if (!base) {
            throw new OntapFailure(409, "13303810", "No common Snapshot copy found between source and destination.");
        }
        return base;
    }

    private async findTarget(
        volume: Volume,
        body: OpenRequest,
        base: Snapshot | undefined,
        record: SourceRecord,
    ): Promise<Snapshot> {
        const { snapshots } = volume;
        if (body.sourceSnapshot !== undefined) {
            const named = snapshots.find(({ name }) => name === body.sourceSnapshot);
            if (!named) {
                throw new OntapFailure(
                    404,
                    "6619338",
                    `Snapshot "${body.sourceSnapshot}" does not exist on the source.`,
                );
            }
            if (base && snapshots.indexOf(named) < snapshots.indexOf(base)) {
                throw new OntapFailure(409, "6619339", `Snapshot "${named.name}" is older than the exported one.`);
            }
            return named;
        }
        const labelled = snapshots.filter(({ label }) => label !== undefined && body.selection.labels.includes(label));
        const newest = body.selection.createOnSource ? snapshots[snapshots.length - 1] : labelled[labelled.length - 1];
        const mayCreate = volume.type === "rw" && (body.selection.createOnSource || body.type !== "update");
        if (!mayCreate) {
            const chosen = newest ?? base;
            if (!chosen) {
                throw new OntapFailure(409, "6619338", "The source has no Snapshot copy to transfer.");
            }
            return base && snapshots.indexOf(chosen) < snapshots.indexOf(base) ? base : chosen;
        }
        const stamp = new Date(this.cluster.clock.now()).toISOString();
        const [day = "", clock = ""] = stamp.split("T");
        const stem = `snapmirror.${body.destination.svm.uuid}_${body.destination.msid}.${day}_${clock.slice(0, 8).replace(/:/g, "")}`;
        let name = stem;
        for (let again = 1; snapshots.some((one) => one.name === name); again++) {
            name = `${stem}_${again}`;
        }
        return this.volumes.snapshot(volume, name, { label: "sm_created", madeBy: record.uuid, heldBy: [record.uuid] });
    }

    /** The source's own note of the relationship, made at the first transfer. */
    private record(volume: Volume, body: OpenRequest, from: ClusterPeer | undefined): SourceRecord {
        const { sourceRecords, svmPeers } = this.cluster.state;
        const known = svmPeers.find(({ peerSvm }) => peerSvm.uuid === body.destination.svm.uuid);
        const path = `${known?.name ?? body.destination.svm.name}:${body.destination.volume}`;
        let record = sourceRecords.find(({ uuid }) => uuid === body.relationship);
        if (!record) {
            record = {
                uuid: body.relationship,
                volume: volume.uuid,
                destinationPath: path,
                destinationSvm: body.destination.svm,
                destinationCluster: from?.remote,
                policyType: body.selection.policyType,
            };
            sourceRecords.push(record);
        }
        return record;
    }

    private async plan(
        volume: Volume,
        body: OpenRequest,
        base: Snapshot | undefined,
        target: Snapshot,
    ): Promise<TransferPlan> {
        const { snapshots } = volume;
        const first = base ? snapshots.indexOf(base) + 1 : 0;
        const last = snapshots.indexOf(target);
        const wanted = snapshots.slice(first, last + 1).filter((snapshot) => {
            const byLabel = snapshot.label !== undefined && body.selection.labels.includes(snapshot.label);
            return snapshot === target || body.selection.copyAll || (byLabel && snapshot.label !== "sm_created");
        });
        let before = base;
        const planned: PlannedSnapshot[] = [];
        for (const snapshot of wanted) {
            const files: PlannedFile[] = [];
            for (const file of snapshot.files) {
                const earlier = before?.files.find(({ name }) => name === file.name);
                const keep = earlier ? await this.volumes.blobs.commonPrefix(volume, earlier, file) : 0;
                files.push({ name: file.name, length: file.length, keep });
            }
            before = snapshot;
            const { uuid, name, createdAt, versionUuid, label, comment, madeBy } = snapshot;
            planned.push({ uuid, name, createdAt, versionUuid, label, comment, madeBy, files });
        }
        return {
            volume: refer(volume),
            size: volume.size,
            base: base?.versionUuid,
            snapshots: planned,
            target: target.versionUuid,
            present: snapshots.map(({ versionUuid }) => versionUuid),
        };
    }

    async transferRead(body: ReadRequest): Promise<Buffer> {
        this.touch(body.relationship);
        const volume = this.cluster.volume(body.volume);
        const snapshot = volume.snapshots.find(({ uuid }) => uuid === body.snapshot);
        const file = snapshot?.files.find(({ name }) => name === body.file);
        if (!file) {
            throw new OntapFailure(404, "6619338", "The Snapshot copy vanished during the transfer.");
        }
        return this.volumes.blobs.read(volume, file, body.offset, body.length);
    }

    /** A transfer ended: the exported snapshot is the new base, older ones of the relationship go. */
    async transferClose(body: CloseRequest): Promise<object> {
        const record = this.cluster.state.sourceRecords.find(({ uuid }) => uuid === body.relationship);
        const volume = record && this.cluster.state.volumes.find(({ uuid }) => uuid === record.volume);
        if (!record || !volume) {
            return {};
        }
        this.lastActivity.delete(record.uuid);
        const position = volume.snapshots.findIndex(({ versionUuid }) => versionUuid === body.target);
        if (body.succeeded && position >= 0) {
            record.base = body.target;
        }
        const over = new Set(
            volume.snapshots.filter((snapshot, index) =>
                body.succeeded
                    ? index < position
                    : snapshot.versionUuid === body.target && snapshot.versionUuid !== record.base,
            ),
        );
        over.forEach((snapshot) => {
            snapshot.heldBy = snapshot.heldBy.filter((uuid) => uuid !== record.uuid);
        });
        await this.volumes.dropSnapshots(
            volume,
            (one) => over.has(one) && one.madeBy === record.uuid && one.heldBy.length === 0,
        );
        await this.cluster.save();
        return {};
    }

    /** Forgets a relationship; unless `infoOnly`, the snapshots that SnapMirror made for it go as well. */
    async release(body: ReleaseRequest): Promise<object> {
        const { sourceRecords, volumes } = this.cluster.state;
        const record = sourceRecords.find(({ uuid }) => uuid === body.relationship);
        if (!record) {
            return {};
        }
        if (this.isTransferring(record.uuid)) {
            throw new OntapFailure(409, "13303822", "Release failed. Reason: a transfer is in progress.");
        }
        sourceRecords.splice(sourceRecords.indexOf(record), 1);
        const volume = volumes.find(({ uuid }) => uuid === record.volume);
        if (volume) {
            for (const snapshot of volume.snapshots) {
                snapshot.heldBy = snapshot.heldBy.filter((uuid) => uuid !== record.uuid);
            }
            if (!body.infoOnly) {
                await this.volumes.dropSnapshots(
                    volume,
                    (one) => one.madeBy === record.uuid && one.heldBy.length === 0,
                );
            }
        }
        await this.cluster.save();
        return {};
    }
}
