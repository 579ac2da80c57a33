import { Cluster, type ClusterReference } from "../clients/kubernetes/cluster";
import { ConcurrentReads } from "../clients/kubernetes/concurrentReads";
import { PlannedReads } from "../clients/kubernetes/plannedReads";
import { SteadyReads } from "../clients/kubernetes/steadyReads";
import type { OntapClient, OntapCluster } from "../clients/ontap";
import type { OntapEndpoint } from "../clients/ontap/endpoint";
import { ontapArray, type StorageArray } from "../drivers/array";
import { plannedArray } from "../drivers/plannedArray";
import { Kept } from "../support/kept";
import { Recent } from "../support/recent";
import { type Archives, archives, plannedArchives } from "../vaults/archives";

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
    /** The same for what is only shown: what was read for one item serves the others for some seconds. */
    shownArray(place: ArrayPlace, open: () => OntapClient, budget: number): StorageArray;
    /** What an array is, asked once in some seconds. */
    clusterOf(place: ArrayPlace, ask: () => Promise<OntapCluster>): Promise<OntapCluster>;
    /** How replicated archives are found. */
    readonly archives: Archives;
}

/** Which array. */
interface ArrayPlace {
    site: string;
    endpoint: OntapEndpoint;
}

/**
 * Whoever executes a plan reads for itself, but for what no role change alters. One client of a cluster serves all items,
 * and its limit of requests at once.
 *
 * @param forNotes for whoever shows the same plan as well. Default: it was shown before
 */
export function actingServers({ forNotes = false, connect = connecting() }: Partial<Acting> = {}): Servers {
    const clusters = new Kept<Cluster>();
    return {
        forNotes,
        cluster: (site, reference) =>
            clusters.get([site, reference], () => {
                const cluster = connect(site, reference);
                return cluster.readBy(new SteadyReads(new ConcurrentReads(cluster)));
            }),
        array: ({ site }, open, budget) => ontapArray(site, open, budget),
        shownArray: sharedArrays(),
        clusterOf: askedOnce(),
        archives,
    };
}

/** The plans of one run share what they read: a run goes through its items one after another. */
export function planningServers(connect: Connect = connecting()): Servers {
    const clusters = new Kept<Cluster>();
    const array = sharedArrays();
    return {
        forNotes: true,
        cluster: (site, reference) =>
            clusters.get([site, reference], () => {
                const cluster = connect(site, reference);
                return cluster.readBy(new PlannedReads(cluster));
            }),
        array,
        shownArray: array,
        clusterOf: askedOnce(),
        archives: plannedArchives(),
    };
}

interface Acting {
    forNotes: boolean;
    connect: Connect;
}

type Connect = (site: string, reference: ClusterReference) => Cluster;

/** One client for each cluster, whoever reads by it. */
export function connecting(): Connect {
    const clusters = new Kept<Cluster>();
    return (site, reference) => clusters.get([site, reference], () => Cluster.connect(site, reference));
}

function sharedArrays(): Servers["array"] {
    const arrays = new Kept<StorageArray>();
    return (place, open, budget) =>
        arrays.get([place, budget], () => plannedArray(ontapArray(place.site, open, budget)));
}

function askedOnce(): Servers["clusterOf"] {
    const answers = new Recent<OntapCluster>();
    return (place, ask) => answers.get(JSON.stringify(place), ask);
}
