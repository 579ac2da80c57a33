import { Cluster, type ClusterReference } from "../clients/kubernetes/cluster";
import { PlannedReads } from "../clients/kubernetes/plannedReads";
import type { OntapClient } from "../clients/ontap";
import type { OntapEndpoint } from "../clients/ontap/endpoint";
import { ontapArray, type StorageArray } from "../drivers/array";
import { plannedArray } from "../drivers/plannedArray";
import { Kept } from "../support/kept";

/** How the servers of a site are reached. */
export interface Servers {
    /** Whether what only notes are made of is read, too. */
    readonly forNotes: boolean;
    cluster(site: string, reference: ClusterReference): Cluster;
    /**
     * @param open called when the array is first asked: a plan that needs none works without its credentials
     * @param budget milliseconds for each request. Default: the client's own times
     */
    array(place: ArrayPlace, open: () => OntapClient, budget?: number): StorageArray;
}

/** Which array. */
interface ArrayPlace {
    site: string;
    endpoint: OntapEndpoint;
}

/**
 * Whoever executes a plan reads for itself. One client of a cluster serves all items, and its limit of requests at once.
 *
 * @param forNotes for whoever shows the same plan as well. Default: it was shown before
 */
export function actingServers({ forNotes = false }: { forNotes?: boolean } = {}): Servers {
    const clusters = new Kept<Cluster>();
    return {
        forNotes,
        cluster: (site, reference) => clusters.get([site, reference], () => Cluster.connect(site, reference)),
        array: ({ site }, open, budget) => ontapArray(site, open, budget),
    };
}

/** The plans of one run share what they read: a run goes through its items one after another. */
export function planningServers(acting: Servers): Servers {
    const clusters = new Kept<Cluster>();
    const arrays = new Kept<StorageArray>();
    return {
        forNotes: true,
        cluster: (site, reference) =>
            clusters.get([site, reference], () => {
                const cluster = acting.cluster(site, reference);
                return cluster.readBy(new PlannedReads(cluster));
            }),
        array: (place, open, budget) =>
            arrays.get([place, budget], () => plannedArray(acting.array(place, open, budget))),
    };
}
