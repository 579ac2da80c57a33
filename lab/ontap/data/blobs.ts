import { randomUUID } from "node:crypto";
import { mkdirSync } from "node:fs";
import { constants, copyFile, mkdir, open, readdir, rm, stat, truncate } from "node:fs/promises";
import { join } from "node:path";
import { FileEntry, Volume } from "../state";

const comparedBytes = 2 ** 20;

/**
 * The bytes of volumes. A file is the first `length` bytes of a blob, so freezing one costs nothing: the snapshot keeps
 * the blob and the length, and the active file goes on appending behind it. Only who owns a blob's end appends in place;
 * everyone else copies the part he sees first.
 */
export class Blobs {
    constructor(private readonly folder: string) {
        mkdirSync(folder, { recursive: true });
    }

    /** Appends to a file and resolves with its new entry when the bytes are durable. `prior` undefined: a new file. */
    async append(volume: Volume, name: string, prior: FileEntry | undefined, bytes: Buffer): Promise<FileEntry> {
        const entry = await this.own(volume, name, prior);
        const handle = await open(this.path(volume, entry.blob), "r+");
        try {
            await handle.write(bytes, 0, bytes.length, entry.length);
            await handle.sync();
        } finally {
            await handle.close();
        }
        return { ...entry, length: entry.length + bytes.length };
    }

    /** An entry of the same bytes, whose blob ends where the entry ends. */
    async own(volume: Volume, name: string, prior: FileEntry | undefined): Promise<FileEntry> {
        if (!prior) {
            await mkdir(join(this.folder, volume.uuid), { recursive: true });
            const blob = randomUUID();
            await (await open(this.path(volume, blob), "wx")).close();
            return { name, blob, length: 0, growing: true };
        }
        if ((await this.physicalLength(volume, prior.blob)) === prior.length) {
            return { name, blob: prior.blob, length: prior.length, growing: true };
        }
        return this.copy(volume, prior, volume, name);
    }

    /** Copies what an entry sees into a blob of another (or the same) volume. */
    async copy(from: Volume, entry: FileEntry, to: Volume, name = entry.name): Promise<FileEntry> {
        await mkdir(join(this.folder, to.uuid), { recursive: true });
        const blob = randomUUID();
        const target = this.path(to, blob);
        await copyFile(this.path(from, entry.blob), target, constants.COPYFILE_FICLONE);
        await truncate(target, entry.length);
        return { name, blob, length: entry.length, growing: true };
    }

    /** Reads at most `length` bytes of what an entry sees, from `offset`. */
    async read(volume: Volume, entry: FileEntry, offset: number, length: number): Promise<Buffer> {
        const wanted = Math.max(0, Math.min(length, entry.length - offset));
        const buffer = Buffer.alloc(wanted);
        const handle = await open(this.path(volume, entry.blob), "r");
        try {
            const { bytesRead } = await handle.read(buffer, 0, wanted, offset);
            return buffer.subarray(0, bytesRead);
        } finally {
            await handle.close();
        }
    }

    /** Bytes that two entries of a volume have in common at their beginning. */
    async commonPrefix(volume: Volume, one: FileEntry, other: FileEntry): Promise<number> {
        const shorter = Math.min(one.length, other.length);
        if (one.blob === other.blob) {
            return shorter;
        }
        for (let offset = 0; offset < shorter; offset += comparedBytes) {
            const length = Math.min(comparedBytes, shorter - offset);
            const left = await this.read(volume, one, offset, length);
            const right = await this.read(volume, other, offset, length);
            if (!left.equals(right)) {
                return offset + left.findIndex((byte, index) => byte !== right[index]);
            }
        }
        return shorter;
    }

    async physicalLength(volume: Volume, blob: string): Promise<number> {
        return (await stat(this.path(volume, blob))).size;
    }

    /** Removes a volume's bytes altogether. */
    async removeVolume(uuid: string): Promise<void> {
        await rm(join(this.folder, uuid), { recursive: true, force: true });
    }

    /** Removes the blobs of a volume that neither its active files nor a snapshot see. */
    async sweep(volume: Volume, alsoKept: ReadonlySet<string> = new Set()): Promise<void> {
        const kept = new Set(
            [...volume.files, ...volume.snapshots.flatMap(({ files }) => files)].map(({ blob }) => blob),
        );
        const present = await readdir(join(this.folder, volume.uuid)).catch(() => []);
        for (const blob of present) {
            if (!kept.has(blob) && !alsoKept.has(blob)) {
                await rm(this.path(volume, blob), { force: true });
            }
        }
    }

    private path(volume: Volume, blob: string): string {
        return join(this.folder, volume.uuid, blob);
    }
}
