import type { Cluster } from "../../clients/kubernetes/cluster";
import { openVault } from "../../vaults/appVault";
import { timeOfFolder } from "./observe";
import type { ApplicationSettings } from "./settings";

/** Milliseconds for each look into the peer's vault: a site that is dark is not waited for. */
const budget = 3_000;

/**
 * Seconds since the newest snapshot that the standby site holds was begun, as the site that serves can see it: by the
 * archives in the standby's vault. Undefined when it holds none, or when the vault does not answer.
 */
export async function replicationLag(
    cluster: Cluster,
    settings: ApplicationSettings,
    now: Date,
): Promise<number | undefined> {
    const times = await replicatedAt(cluster, settings).catch(() => []);
    return times.length === 0 ? undefined : Math.max(0, (now.getTime() - Math.max(...times)) / 1000);
}

/** The UID in the folder's name is that of the standby's own Application, which this site does not know. */
async function replicatedAt(cluster: Cluster, settings: ApplicationSettings): Promise<number[]> {
    const { store, prefix } = await openVault(
        cluster,
        settings.protectNamespace,
        settings.vaults[settings.peer]!,
        budget,
    );
    if (store === undefined) {
        return [];
    }
    const own = (await store.folders(prefix)).filter((folder) => folder.startsWith(`${settings.application}_`));
    const found = await Promise.all(own.map((folder) => store.folders(`${prefix}${folder}/replicatedSnapshots/`)));
    return found
        .flat()
        .map(timeOfFolder)
        .filter((time) => time !== undefined)
        .map((time) => Date.parse(time));
}
