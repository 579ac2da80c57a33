import type { ClusterPeer, OntapCluster, SvmPeer } from "../clients/ontap";
import { canonicalAddress } from "../support/address";
import type { PeeringInputs } from "./inputs";

/** Whether a cluster peer is known at one of the declared addresses. */
export function sharesAddress({ remote }: ClusterPeer, { peer }: PeeringInputs): boolean {
    const declared = peer.interclusterAddresses.map(canonicalAddress);
    return remote.ip_addresses.some((address) => declared.includes(canonicalAddress(address)));
}

/**
 * The cluster peer of a declaration, whatever state it is in: by the other cluster's name, else by its addresses.
 * Never by its uuid or its local name, which change when an offer is accepted.
 */
export function findClusterPeer(clusterPeers: ClusterPeer[], desired: PeeringInputs): ClusterPeer | undefined {
    const { cluster } = desired.peer;
    const byName = cluster === undefined ? undefined : clusterPeers.find(({ remote }) => remote.name === cluster);
    return byName ?? clusterPeers.find((one) => sharesAddress(one, desired));
}

/** The peering of the two declared SVMs over a cluster peer, or within one cluster when there is none. */
export function findSvmPeer(
    { cluster, svmPeers }: { cluster: Pick<OntapCluster, "name">; svmPeers: SvmPeer[] },
    clusterPeer: ClusterPeer | undefined,
    { svm, peer }: PeeringInputs,
): SvmPeer | undefined {
    const names = clusterPeer === undefined ? [cluster.name] : [clusterPeer.name, clusterPeer.remote.name];
    const fits = (one: SvmPeer) => one.peer.cluster?.name === undefined || names.includes(one.peer.cluster.name);
    const found = svmPeers.find((one) => one.svm.name === svm && one.peer.svm.name === peer.svm && fits(one));
    if (found !== undefined || clusterPeer !== undefined) {
        return found;
    }
    // Within one cluster the record may be that of the other direction, in which a name means the own SVM.
    const reverse = svmPeers.find((one) => one.svm.name === peer.svm && one.peer.svm.name === svm && fits(one));
    return (
        reverse && { ...reverse, name: undefined, svm: reverse.peer.svm, peer: { ...reverse.peer, svm: reverse.svm } }
    );
}
