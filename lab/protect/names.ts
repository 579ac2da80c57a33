import { createHash } from "node:crypto";

/** `20260415082800`: a moment as it stands in names of archives and scheduled snapshots, in UTC. */
export function compactTime(date: Date): string {
    return date
        .toISOString()
        .replace(/\.\d+Z$/, "")
        .replace(/[-T:]/g, "");
}

/** Folder of an application in a bucket. A new Application object has another UID, and with it another folder. */
export function applicationFolder(application: string, uid: string): string {
    return `${application}_${uid}`;
}

/** Where a snapshot's archive lies, from the vault's prefix on. */
export function archivePath(
    application: { name: string; uid: string },
    snapshot: { name: string; uid: string; taken: Date },
): string {
    return `${applicationFolder(application.name, application.uid)}/snapshots/${archiveFolder(snapshot)}`;
}

/** The same for a backup. */
export function backupPath(
    application: { name: string; uid: string },
    backup: { name: string; uid: string; taken: Date },
): string {
    return `${applicationFolder(application.name, application.uid)}/backups/${archiveFolder(backup)}`;
}

function archiveFolder({ name, uid, taken }: { name: string; uid: string; taken: Date }): string {
    return `${compactTime(taken)}_${name}_${uid}`;
}

/** Where the data mover keeps what it copied of a volume. */
export function repositoryPath(application: { name: string; uid: string }, volume: string): string {
    return `${applicationFolder(application.name, application.uid)}/kopia/${volume}`;
}

/** Where a mirror keeps its own copy of an archive: under the UID of the *receiving* site's Application. */
export function replicatedPath(application: { name: string; uid: string }, folder: string): string {
    return `${applicationFolder(application.name, application.uid)}/replicatedSnapshots/${folder}`;
}

/** Last part of a path: what `promotedSnapshot` holds. */
export function baseName(path: string): string {
    return path.slice(path.lastIndexOf("/") + 1);
}

/** The snapshot that an archive at this path was made for. */
export function snapshotAt(path: string): string | undefined {
    return baseName(path).split("_")[1];
}

export function volumeSnapshotName(snapshotUid: string, volume: string): string {
    return `snapshot-${snapshotUid}-${volume}`;
}

/** `custom-5f47d-20260415082800`: a snapshot or a backup that a Schedule makes. The five digits tell schedules apart. */
export function scheduledName(schedule: { granularity: string; uid: string }, at: Date): string {
    return `${schedule.granularity.toLowerCase()}-${shortHash(schedule.uid, 5)}-${compactTime(at)}`;
}

/** First digits of a hash: a short name for something that has a long one. */
export function shortHash(text: string, digits = 8): string {
    return createHash("sha256").update(text).digest("hex").slice(0, digits);
}

/** A name within Kubernetes' 253 characters, made of parts; the last part is kept whole. */
export function joinedName(first: string, last: string): string {
    return `${first.slice(0, 252 - last.length)}-${last}`;
}
