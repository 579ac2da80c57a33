import { Cluster, type ClusterReference } from "../clients/kubernetes/cluster";
import { PlannedReads } from "../clients/kubernetes/plannedReads";
import type { RoleRecord } from "../roles/record";
import { recordStoreOf } from "./recordStore";

/** What a site is to serve, and where its records are. */
interface Served {
    site: string;
    peerSite: string;
    cluster: ClusterReference;
    items: readonly { application: string; namespace: string; before?: string | undefined }[];
}

type RecordCluster = Pick<Cluster, "get" | "apply" | "delete">;

/**
 * The records of items as they are at their site, in the same order. They are not authenticated: nothing is allowed
 * because of them, and a forged one could only have a peering left for later.
 */
export function servedRecords(
    { site, peerSite, cluster: reference, items }: Served,
    connect: (site: string, reference: ClusterReference) => RecordCluster = sharing,
): Promise<(RoleRecord | undefined)[]> {
    const cluster = connect(site, reference);
    return Promise.all(
        items.map(({ application, namespace, before }) =>
            recordStoreOf(cluster, { application, site, peerSite }, namespace, undefined, before).read(),
        ),
    );
}

/** Many records are read by one list of their namespace. */
function sharing(site: string, reference: ClusterReference): RecordCluster {
    const cluster = Cluster.connect(site, reference);
    return cluster.readBy(new PlannedReads(cluster));
}
