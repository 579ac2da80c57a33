import { OntapError, type ClusterNode, type OntapClient } from "../clients/ontap";
import { observeExisting } from "./existing";
import type { PeeringInputs } from "./inputs";
import type { ObservedPeering } from "./peeringPlan";

/**
 * Reads all that a plan needs from the site's own cluster. Throws an {@link OntapError} that names the site: the
 * first failure of the probe, or every failure of the reads after it in one.
 */
export async function observePeering(
    client: OntapClient,
    { existing }: Pick<PeeringInputs, "existing">,
): Promise<ObservedPeering> {
    if (existing === true) {
        return observeExisting(client);
    }
    const cluster = await client.cluster();
    const [svms, interclusterInterfaces, clusterPeers, svmPeers, nodes] = await allSettledOrThrow([
        client.svms.all(),
        client.interclusterInterfaces(),
        client.clusterPeers.all(),
        client.svmPeers.all(),
        readNodes(client),
    ]);
    return { cluster, svms, interclusterInterfaces, clusterPeers, svmPeers, nodes };
}

/** The nodes serve for advice only: an account without the right to read them can still peer. */
async function readNodes(client: OntapClient): Promise<ClusterNode[]> {
    try {
        return await client.nodes();
    } catch (error) {
        if (error instanceof OntapError && error.kind === "rights") {
            return [];
        }
        throw error;
    }
}

/** Reads again what a change of the peering can have changed. */
export async function observeAgain(client: OntapClient, before: ObservedPeering): Promise<ObservedPeering> {
    const [clusterPeers, svmPeers] = await allSettledOrThrow([client.clusterPeers.all(), client.svmPeers.all()]);
    return { ...before, clusterPeers, svmPeers };
}

/** Like Promise.all, but waits for all of them, and reports all rights that the account lacks at once. */
async function allSettledOrThrow<T extends readonly unknown[]>(work: { [K in keyof T]: Promise<T[K]> }): Promise<T> {
    const results = await Promise.allSettled(work);
    const failures = results.filter((one) => one.status === "rejected").map((one) => one.reason as unknown);
    const missing = failures.filter((one): one is OntapError => one instanceof OntapError && one.kind === "rights");
    const [first] = missing;
    if (first !== undefined && missing.length > 1) {
        throw new OntapError({
            kind: "rights",
            site: first.site,
            cluster: first.cluster,
            call: first.call,
            status: first.status,
            code: first.code,
            what: `the ONTAP account may not ${missing.map(({ call }) => call).join(", ")} at ${first.cluster} (code 6)`,
            remedy: `give the account's role these rights: ${missing.map(({ remedy }) => /\/api\S*/.exec(remedy)?.[0]).join(", ")}`,
        });
    }
    if (failures.length > 0) {
        throw failures[0];
    }
    return results.map((one) => (one as PromiseFulfilledResult<unknown>).value) as unknown as T;
}
