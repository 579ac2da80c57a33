import { Cluster } from "../controllers";
import type { Lab, SiteName } from "../lab";
import { until } from "./until";

const backup = { apiVersion: "protect.trident.netapp.io/v1", kind: "Backup" };

/**
 * Waits for a Backup of the application that begins at the serving site from now on and completes; what has begun at the
 * other one meanwhile, a sentence each.
 */
export async function backedUpAlone({ sites }: Lab, serving: SiteName, standby: SiteName): Promise<string[]> {
    const since = Date.now();
    const begunAt = async (site: SiteName) => {
        const cluster = await Cluster.connect(sites[site].kubernetes.adminKubeconfig);
        const all = await cluster.list(backup, { namespace: "shop" });
        return all.filter(({ metadata }) => Date.parse(metadata.creationTimestamp ?? "") > since);
    };
    await until(`a Backup that completes at ${serving}`, async () =>
        (await begunAt(serving)).some(({ status }) => status?.state === "Completed") ? true : undefined,
    );
    return (await begunAt(standby)).map(
        ({ metadata }) => `Backup ${metadata.name} began at ${standby} while ${serving} served`,
    );
}
