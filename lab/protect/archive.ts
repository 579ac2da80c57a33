import { createGunzip, createGzip } from "node:zlib";
import { buffer } from "node:stream/consumers";
import { Readable } from "node:stream";
import { extract, pack } from "tar-stream";
import type { KubeObject } from "../controllers";
import type { AppSnapshot, Application, Backup, HookResult, Reference } from "./kinds";
import { applicationFolder } from "./names";
import { splitApiVersion } from "./selection";
import type { Vault } from "./vault";

/** Files of an archive; a folder that lacks the last one is not complete. */
const files = {
    resources: "resource_backup.tar.gz",
    resourceBackup: "resource_backup.json",
    resourceSummary: "resource_backup_summary.json",
    preHooks: "pre_snapshot_execHooksRun.json",
    volumeSnapshots: "volume_snapshots.json",
    volumeSnapshotContents: "volume_snapshot_contents.json",
    volumeSnapshotClasses: "volume_snapshot_classes.json",
    postHooks: "post_snapshot_execHooksRun.json",
    execHooks: "exec_hooks.json",
    application: "application.json",
    snapshot: "snapshot.json",
    backup: "backup.json",
} as const;

/** Where the stand-in keeps `<svm>:<volume>` of a volume in an archived VolumeSnapshotContent. Not the real product's. */
const volumeHandleAnnotation = "protect.trident.netapp.io/volume-handle";

/** One volume as an archive tells of it: enough for another site to mirror it. */
export interface ArchivedVolume {
    claim: Reference;
    /** `<svm>:<volume>` on the array it was taken from. */
    volumeHandle: string;
    /** `pvc-x/snapshot-y`. */
    snapshotHandle: string;
    volumeSnapshot: KubeObject;
}

/** What is known of an application once its archive is complete. */
export interface ArchiveHead {
    application: Application;
    snapshot: AppSnapshot;
    volumes: ArchivedVolume[];
    execHooks: KubeObject[];
}

export interface VolumePart {
    volumeSnapshot: KubeObject;
    content: KubeObject;
    volumeHandle: string;
}

/** Keeps the resources; once this is done the application may be taken apart. */
export async function writeResources(vault: Vault, path: string, resources: KubeObject[]): Promise<void> {
    await vault.put(`${path}/${files.resources}`, await packResources(resources));
    const counts = new Map<string, number>();
    for (const { apiVersion = "", kind = "" } of resources) {
        const name = `${apiVersion}/${kind}`;
        counts.set(name, (counts.get(name) ?? 0) + 1);
    }
    await vault.put(`${path}/${files.resourceBackup}`, json({ state: "Completed", resourceCount: resources.length }));
    await vault.put(`${path}/${files.resourceSummary}`, json(Object.fromEntries([...counts].sort())));
}

/** Whether `writeResources` came to its end for this archive. */
export async function hasResources(vault: Vault, path: string): Promise<boolean> {
    return (await vault.get(`${path}/${files.resourceSummary}`)) !== undefined;
}

/** Completes the archive of a backup with what the archive of its snapshot says. */
export async function writeBackup(vault: Vault, from: string, path: string, backup: Backup): Promise<void> {
    const keys = (await vault.list(`${from}/`)).filter((key) => key !== `${from}/${files.snapshot}`);
    await Promise.all(
        keys.map(async (key) => {
            const body = await vault.get(key);
            if (body !== undefined) {
                await vault.put(path + key.slice(from.length), body);
            }
        }),
    );
    await vault.put(`${path}/${files.backup}`, json(backup));
}

/** Completes an archive whose resources are written already. */
export async function completeArchive(
    vault: Vault,
    path: string,
    parts: {
        application: Application;
        snapshot: AppSnapshot;
        volumes: VolumePart[];
        classes: KubeObject[];
        execHooks: KubeObject[];
        /** What the hooks before and after the snapshot did. Default: there were none. */
        results?: { pre: HookResult[]; post: HookResult[] };
    },
): Promise<void> {
    const contents = parts.volumes.map(({ content, volumeHandle }) => ({
        ...content,
        metadata: {
            ...content.metadata,
            annotations: { ...content.metadata.annotations, [volumeHandleAnnotation]: volumeHandle },
        },
    }));
    const write = (file: string, value: unknown): Promise<void> => vault.put(`${path}/${file}`, json(value));
    await Promise.all([
        write(files.preHooks, { state: "Completed", matchingContainers: parts.results?.pre ?? [] }),
        write(
            files.volumeSnapshots,
            parts.volumes.map(({ volumeSnapshot }) => volumeSnapshot),
        ),
        write(files.volumeSnapshotContents, contents),
        write(files.volumeSnapshotClasses, parts.classes),
        write(files.postHooks, { state: "Completed", matchingContainers: parts.results?.post ?? [] }),
        write(files.execHooks, parts.execHooks),
        write(files.application, parts.application),
    ]);
    await write(files.snapshot, parts.snapshot);
}

/** The archive's contents without the resources, or undefined while it is not complete. */
export async function readArchive(vault: Vault, path: string): Promise<ArchiveHead | undefined> {
    const snapshot = await readJson<AppSnapshot>(vault, `${path}/${files.snapshot}`);
    if (snapshot === undefined) {
        return undefined;
    }
    const [application, volumeSnapshots, contents, execHooks] = await Promise.all([
        required<Application>(vault, `${path}/${files.application}`),
        required<KubeObject[]>(vault, `${path}/${files.volumeSnapshots}`),
        required<KubeObject[]>(vault, `${path}/${files.volumeSnapshotContents}`),
        required<KubeObject[]>(vault, `${path}/${files.execHooks}`),
    ]);
    return { application, snapshot, execHooks, volumes: archivedVolumes(path, volumeSnapshots, contents) };
}

/** The resources of a complete archive, as they were. */
export async function readResources(vault: Vault, path: string): Promise<KubeObject[]> {
    const packed = await vault.get(`${path}/${files.resources}`);
    if (packed === undefined) {
        throw new Error(`Expected ${files.resources} in the archive ${path}, found none`);
    }
    return unpackResources(packed);
}

/** Names of an application's archives in a vault, oldest first; incomplete ones may be among them. */
export async function listArchives(
    vault: Vault,
    application: { name: string; uid: string },
    kind: "snapshots" | "replicatedSnapshots",
): Promise<string[]> {
    return (await vault.folders(`${applicationFolder(application.name, application.uid)}/${kind}`)).sort();
}

/** What the last file of a copy is called until the volumes have come as well. */
const arriving = `${files.snapshot}.arriving`;

/**
 * Copies an archive into another vault, except that it does not count there yet: see `acceptArchive`. False when it is
 * not complete where it comes from, or goes away meanwhile.
 */
export async function fetchArchive(from: Vault, fromPath: string, to: Vault, toPath: string): Promise<boolean> {
    const keys = await from.list(`${fromPath}/`);
    if (!keys.includes(`${fromPath}/${files.snapshot}`)) {
        return false;
    }
    const copy = async (key: string): Promise<boolean> => {
        const body = await from.get(key);
        const file = key.slice(fromPath.length + 1);
        if (body !== undefined) {
            await to.put(`${toPath}/${file === files.snapshot ? arriving : file}`, body);
        }
        return body !== undefined;
    };
    return (await Promise.all(keys.map(copy))).every((copied) => copied);
}

/** Makes a fetched archive count. */
export async function acceptArchive(vault: Vault, path: string): Promise<void> {
    const last = await vault.get(`${path}/${arriving}`);
    if (last !== undefined) {
        await vault.put(`${path}/${files.snapshot}`, last);
        await vault.remove(`${path}/${arriving}`);
    }
}

function archivedVolumes(path: string, volumeSnapshots: KubeObject[], contents: KubeObject[]): ArchivedVolume[] {
    return volumeSnapshots.map((volumeSnapshot) => {
        const { name, namespace = "" } = volumeSnapshot.metadata;
        const content = contents.find(
            ({ spec }) => spec.volumeSnapshotRef.name === name && spec.volumeSnapshotRef.namespace === namespace,
        );
        const volumeHandle = content?.metadata.annotations?.[volumeHandleAnnotation];
        const snapshotHandle = content?.status?.snapshotHandle as string | undefined;
        if (volumeHandle === undefined || snapshotHandle === undefined) {
            throw new Error(`The archive ${path} does not say which array volume VolumeSnapshot ${name} belongs to`);
        }
        const claim = { namespace, name: volumeSnapshot.spec.source.persistentVolumeClaimName as string };
        return { claim, volumeHandle, snapshotHandle, volumeSnapshot };
    });
}

/** A gzipped tar with one JSON file for each resource. */
export async function packResources(resources: KubeObject[]): Promise<Buffer> {
    const tar = pack();
    for (const object of resources) {
        const [group] = splitApiVersion(object.apiVersion ?? "");
        const { name, namespace } = object.metadata;
        const file = [group || "core", object.kind, namespace ?? "_cluster", `${name}.json`].join("/");
        tar.entry({ name: `resources/${file}` }, json(object));
    }
    tar.finalize();
    return buffer(tar.pipe(createGzip()));
}

export async function unpackResources(packed: Buffer): Promise<KubeObject[]> {
    const resources: KubeObject[] = [];
    const tar = extract();
    Readable.from([packed])
        .pipe(createGunzip())
        .on("error", (error) => tar.destroy(error))
        .pipe(tar);
    for await (const entry of tar) {
        resources.push(JSON.parse((await buffer(entry)).toString("utf8")) as KubeObject);
    }
    return resources;
}

async function readJson<T>(vault: Vault, key: string): Promise<T | undefined> {
    const body = await vault.get(key);
    return body === undefined ? undefined : (JSON.parse(body.toString("utf8")) as T);
}

async function required<T>(vault: Vault, key: string): Promise<T> {
    const value = await readJson<T>(vault, key);
    if (value === undefined) {
        throw new Error(`Expected ${key} in the bucket, found none`);
    }
    return value;
}

function json(value: unknown): string {
    return `${JSON.stringify(value, null, 2)}\n`;
}
