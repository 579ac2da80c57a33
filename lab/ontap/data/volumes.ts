import { randomUUID } from "node:crypto";
import { Cluster, freshMsid } from "../cluster";
import { OntapFailure } from "../errors";
import { FileEntry, Snapshot, Svm, Volume } from "../state";
import { Blobs } from "./blobs";

/** Volumes and their snapshots: what may be done to them, and what it does to their bytes. */
export class Volumes {
    private readonly locks = new Map<string, Promise<unknown>>();

    constructor(
        private readonly cluster: Cluster,
        readonly blobs: Blobs,
    ) {}

    /** After a restart the active files are as long as their blobs: appends are durable before they are recorded. */
    async recover(): Promise<void> {
        for (const volume of this.cluster.state.volumes) {
            for (const file of volume.files) {
                if (file.growing) {
                    file.length = await this.blobs.physicalLength(volume, file.blob);
                }
            }
        }
    }

    /** Runs `work` alone among the changes to one volume's bytes. */
    exclusively<T>(volume: Volume, work: () => Promise<T>): Promise<T> {
        const mine = (this.locks.get(volume.uuid) ?? Promise.resolve()).catch(() => undefined).then(work);
        this.locks.set(volume.uuid, mine);
        return mine;
    }

    create(svm: Svm, name: string, aggregate: string, more: Partial<Volume>): Volume {
        const volume: Volume = {
            uuid: randomUUID(),
            name,
            msid: freshMsid(),
            svm: svm.uuid,
            aggregate,
            type: "rw",
            state: "online",
            size: 20 * 2 ** 20,
            createdAt: this.cluster.clock.now(),
            isRoot: false,
            exportPolicy: "default",
            securityStyle: "unix",
            unixPermissions: 755,
            snapshotPolicy: "default",
            snapshotReservePercent: 5,
            guarantee: "none",
            tieringPolicy: "none",
            language: svm.language,
            tags: [],
            files: [],
            snapshots: [],
            ...more,
        };
        this.cluster.state.volumes.push(volume);
        return volume;
    }

    /** Fills a new volume with what a snapshot of another one holds. */
    async fillFrom(parent: Volume, files: FileEntry[], clone: Volume): Promise<void> {
        clone.files = [];
        for (const entry of files) {
            clone.files.push(await this.blobs.copy(parent, entry, clone));
        }
    }

    async remove(volume: Volume): Promise<void> {
        const { volumes } = this.cluster.state;
        volumes.splice(volumes.indexOf(volume), 1);
        await this.cluster.save();
        await this.blobs.removeVolume(volume.uuid);
    }

    /** Appends to a file of a mounted volume; resolves with the new size when the bytes are durable. */
    append(volume: Volume, name: string, bytes: Buffer): Promise<number> {
        return this.exclusively(volume, async () => {
            this.checkWritable(volume, bytes.length);
            const index = volume.files.findIndex((file) => file.name === name);
            const prior = volume.files[index];
            const entry = await this.blobs.append(volume, name, prior, bytes);
            volume.files[index < 0 ? volume.files.length : index] = entry;
            // From the first append in place on, the blob's own length is the truth, and nothing needs to be saved.
            if (!prior?.growing || entry.blob !== prior.blob) {
                await this.cluster.save();
            }
            return entry.length;
        });
    }

    /** Removes a file from the active file system; snapshots keep it. */
    removeFile(volume: Volume, name: string): Promise<void> {
        return this.exclusively(volume, async () => {
            this.checkWritable(volume, 0);
            volume.files = volume.files.filter((file) => file.name !== name);
            await this.cluster.save();
        });
    }

    private checkWritable(volume: Volume, bytes: number): void {
        if (volume.type !== "rw" || volume.state !== "online") {
            throw new OntapFailure(
                423,
                "30",
                `Read-only file system: volume "${volume.name}" is ${volume.type}, ${volume.state}`,
            );
        }
        const full = this.cluster.faults.stands("space", { path: volume.name });
        if (full || this.used(volume) + bytes > volume.size) {
            throw new OntapFailure(507, "28", `No space left on volume "${volume.name}"`);
        }
    }

    /** Bytes that the active file system and the snapshots occupy together. */
    used(volume: Volume): number {
        const longest = new Map<string, number>();
        for (const { blob, length } of [...volume.files, ...volume.snapshots.flatMap(({ files }) => files)]) {
            longest.set(blob, Math.max(length, longest.get(blob) ?? 0));
        }
        return [...longest.values()].reduce((sum, length) => sum + length, 0);
    }

    /** Freezes a volume's files; nothing is copied. */
    snapshot(volume: Volume, name: string, more: Partial<Snapshot> = {}): Promise<Snapshot> {
        return this.exclusively(volume, async () => {
            if (volume.snapshots.some((one) => one.name === name)) {
                throw new OntapFailure(409, "525059", `Snapshot "${name}" already exists.`, "name");
            }
            if (volume.snapshots.length >= 1023) {
                throw new OntapFailure(400, "525062", "Too many snapshots.", "name");
            }
            const snapshot: Snapshot = {
                uuid: randomUUID(),
                name,
                createdAt: this.cluster.clock.now(),
                versionUuid: randomUUID(),
                files: volume.files.map((file) => frozen(file)),
                heldBy: [],
                provenanceVolume: volume.uuid,
                ...more,
            };
            volume.snapshots.push(snapshot);
            await this.cluster.save();
            return snapshot;
        });
    }

    /** Removes snapshots and the bytes that only they saw. Who may do so is the caller's affair. */
    dropSnapshots(volume: Volume, which: (snapshot: Snapshot) => boolean): Promise<void> {
        return this.exclusively(volume, async () => {
            const before = volume.snapshots.length;
            volume.snapshots = volume.snapshots.filter((snapshot) => !which(snapshot));
            if (volume.snapshots.length < before) {
                await this.cluster.save();
                await this.blobs.sweep(volume);
            }
        });
    }

    /** Takes the active files back to what a snapshot holds. */
    revertFiles(volume: Volume, snapshot: Pick<Snapshot, "files">): void {
        volume.files = snapshot.files.map((file) => frozen(file));
    }
}

/** An entry that sees the same bytes and does not append to them in place. */
export function frozen(file: FileEntry): FileEntry {
    return { name: file.name, blob: file.blob, length: file.length };
}
