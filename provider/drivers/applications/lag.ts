import { isPlausible } from "../../support/time";
import { archives as listedArchives } from "../../vaults/archives";
import type { ApplicationContext } from "./context";
import { timeOfFolder } from "./observe";

/** Milliseconds for each look into the peer's vault: a site that is dark is not waited for. */
const budget = 3_000;

/**
 * Seconds since the newest snapshot that the standby site holds was begun, as the site that serves can see it: by the
 * archives in the standby's vault. Undefined when it holds none, or when the vault does not answer.
 */
export async function replicationLag(
    context: Pick<ApplicationContext, "cluster" | "settings" | "archives">,
    now: Date,
): Promise<number | undefined> {
    return lagOf(await foldersOfReplicated(context).catch(() => []), now);
}

/** Names that begin with no time, or with one that cannot be, are somebody else's and prove nothing. */
export function lagOf(folders: readonly string[], now: Date): number | undefined {
    const times = folders
        .flatMap((folder) => timeOfFolder(folder) ?? [])
        .filter((time) => isPlausible(time, now))
        .map((time) => Date.parse(time));
    const newest = times.sort((left, right) => left - right).at(-1);
    return newest === undefined ? undefined : Math.max(0, (now.getTime() - newest) / 1000);
}

/** The UID in the folder's name is that of the standby's own Application, which this site does not know. */
function foldersOfReplicated({
    cluster,
    settings,
    archives = listedArchives,
}: Parameters<typeof replicationLag>[0]): Promise<string[]> {
    const { protectNamespace: namespace, vaults, peer, application } = settings;
    return archives.replicatedOf({ cluster, namespace, name: vaults[peer]!, budget }, application);
}
