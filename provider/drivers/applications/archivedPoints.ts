import pLimit from "p-limit";
import type { Cluster } from "../../clients/kubernetes/cluster";
import type { ObjectStore } from "../../clients/buckets/objectStore";
import type { ArchivedPoint, HandOverToken } from "../../roles/record";
import { openVault } from "../../vaults/appVault";
import type { ClaimedVolumes } from "./claimedVolumes";
import { pointOfFolder, replicatedArchives, vaultBudget } from "./observe";
import type { ApplicationSettings } from "./settings";

/** How many archives are looked into at once. */
const atOnce = 8;

/**
 * The points that the mirror can be promoted at, the newest first: archives that were replicated to this site's vault,
 * and whose volume snapshots the array still has. An archive outlives its snapshots, and the promotion of one without
 * them would wait forever.
 */
export async function archivedPoints(
    cluster: Cluster,
    settings: ApplicationSettings,
    ownApplicationUid: string,
    volumes: Pick<ClaimedVolumes, "snapshotNames">,
): Promise<ArchivedPoint[]> {
    const { store, folder } = await replicatedArchives(cluster, settings, ownApplicationUid);
    return store === undefined ? [] : pointsIn(store, folder, await volumes.snapshotNames());
}

/**
 * Whether the archive that a token names is in the vault of the site that stood down; undefined where that vault shows no
 * archive of the application at all.
 */
export async function isArchived(
    cluster: Cluster,
    settings: ApplicationSettings,
    { archivePath, finalSnapshot }: Pick<HandOverToken, "archivePath" | "finalSnapshot">,
): Promise<boolean | undefined> {
    const { store, prefix } = await openVault(
        cluster,
        settings.protectNamespace,
        settings.vaults[settings.peer]!,
        vaultBudget,
    );
    return store === undefined || !archivePath.endsWith(`/${finalSnapshot}`)
        ? undefined
        : holdsArchive(store, `${prefix}${archivePath}`);
}

/** @param path of the archive's folder in the bucket, without a slash at its end */
export async function holdsArchive(store: Pick<ObjectStore, "folders">, path: string): Promise<boolean | undefined> {
    const slash = path.lastIndexOf("/");
    const folders = await store.folders(path.slice(0, slash + 1));
    return folders.length === 0 ? undefined : folders.includes(path.slice(slash + 1));
}

/** The points below a folder of archives whose volume snapshots are all among those on the array. */
export async function pointsIn(
    store: Pick<ObjectStore, "folders" | "get">,
    folder: string,
    onArray: ReadonlySet<string>,
): Promise<ArchivedPoint[]> {
    const now = new Date();
    const points = (await store.folders(folder)).flatMap((name) => pointOfFolder(name, now) ?? []);
    const limit = pLimit(atOnce);
    const isHeld = await Promise.all(
        points.map((point) => limit(() => holdsAll(store, `${folder}${point.folder}/`, onArray))),
    );
    return points
        .filter((_, index) => isHeld[index])
        .sort((left, right) => Date.parse(right.takenAt) - Date.parse(left.takenAt));
}

/** Whether the array has every volume snapshot that an archive names; one that names none may still be there. */
async function holdsAll(
    store: Pick<ObjectStore, "get">,
    archive: string,
    onArray: ReadonlySet<string>,
): Promise<boolean> {
    const contents = await store.get(`${archive}volume_snapshot_contents.json`);
    const names = snapshotsIn(contents ?? "");
    return names.every((name) => onArray.has(name));
}

/**
 * The volume snapshots that an archive's VolumeSnapshotContents name. Trident's handles are `<volume>/<snapshot>`; they
 * are looked for in the text, since its form is not documented.
 */
export function snapshotsIn(contents: string): string[] {
    const handles = contents.matchAll(/"pvc-[0-9a-f-]{36}\/(snapshot-[0-9a-f-]{36})"/g);
    return [...new Set([...handles].map(([, name]) => name!))];
}
