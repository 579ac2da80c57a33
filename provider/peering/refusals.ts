import type { ClusterPeer, NetworkInterface, SvmPeer } from "../clients/ontap";
import { upCommand } from "../roles/messages/commands";
import { join, text, type Message } from "../roles/messages/message";
import { sharesAddress } from "./find";
import type { PeeringInputs } from "./inputs";
import type { ObservedPeering } from "./peeringPlan";

/** Why nothing is done, with what is to be done about it; undefined where there is no reason. */
type MaybeRefusal = Message | undefined;

export function refuseSvm({ svms, cluster }: ObservedPeering, { site, svm }: PeeringInputs): MaybeRefusal {
    const own = svms.find(({ name }) => name === svm);
    if (own === undefined) {
        const there = svms.map(({ name }) => name).join(", ") || "none";
        return `${site}: the SVM ${svm} does not exist in the cluster ${cluster.name}: expected one of its SVMs (${there})`;
    }
    if (own.state !== undefined && own.state !== "running") {
        const remedy = text`start it (vserver start ${svm}), then run ${upCommand(site)}`;
        return text`${site}: the SVM ${svm} is ${own.state}: ${remedy}`;
    }
    return undefined;
}

/** What speaks against peering the two SVMs within one cluster. */
export function refuseWithinOneCluster({ svms, cluster }: ObservedPeering, desired: PeeringInputs): MaybeRefusal {
    const { site, svm, peer } = desired;
    if (svm === peer.svm) {
        return `${site}: the SVM ${svm} cannot be peered with itself`;
    }
    return svms.some(({ name }) => name === peer.svm)
        ? undefined
        : `${site}: the peer's SVM ${peer.svm} does not exist in the cluster ${cluster.name}`;
}

/** What speaks against peering with another cluster, whether there is a peering or not. */
export function refuseBetweenClusters(observed: ObservedPeering, desired: PeeringInputs): MaybeRefusal {
    return (
        refuseSameClusterName(observed, desired) ??
        refuseInterfaces(observed, desired) ??
        refuseAlias(observed, desired)
    );
}

function refuseSameClusterName({ cluster }: ObservedPeering, { site, peerSite, peer }: PeeringInputs): MaybeRefusal {
    return peer.cluster === cluster.name
        ? `${site}: ${peerSite}'s cluster has the same name as this one, ${cluster.name}, and two clusters with the same ` +
              "name cannot be peered: rename one of them (cluster identity modify -name)"
        : undefined;
}

function refuseInterfaces(observed: ObservedPeering, { site, peerSite, peer }: PeeringInputs): MaybeRefusal {
    const { interclusterInterfaces, cluster } = observed;
    if (peer.interclusterAddresses.length === 0) {
        return (
            `${site}: no intercluster address of ${peerSite} is declared, and its SVM ${peer.svm} is not in the cluster ` +
            `${cluster.name}: declare ${peerSite}'s intercluster addresses`
        );
    }
    if (interclusterInterfaces.length === 0) {
        return (
            `${site}: the cluster ${cluster.name} has no intercluster interface: create one on each node ` +
            "(network interface create -service-policy default-intercluster)"
        );
    }
    if (interclusterInterfaces.some(isUp)) {
        return undefined;
    }
    const names = interclusterInterfaces.map(({ name }) => name).join(", ");
    return (
        `${site}: no intercluster interface of the cluster ${cluster.name} is up (${names}): bring them up ` +
        "(network interface modify -status-admin up)"
    );
}

function isUp(one: NetworkInterface): boolean {
    return one.enabled !== false && (one.state === undefined || one.state === "up");
}

/** Two SVMs cannot be known by one name at a cluster, and Trident needs the peer's SVM under its own. */
function refuseAlias({ svms, svmPeers }: ObservedPeering, desired: PeeringInputs): MaybeRefusal {
    const { site, peerSite, svm, peer } = desired;
    const remedy = "rename one of the two (vserver rename): Trident addresses the peer's SVM by its own name";
    if (svms.some(({ name }) => name === peer.svm)) {
        return `${site}: ${peerSite}'s SVM has the same name as an SVM of this cluster, ${peer.svm}; ${remedy}`;
    }
    const other = svmPeers.find(
        (one) =>
            one.svm.name === svm &&
            one.name === peer.svm &&
            one.peer.svm.name !== undefined &&
            one.peer.svm.name !== peer.svm,
    );
    return other === undefined
        ? undefined
        : `${site}: the name ${peer.svm} is already used by the peering with the SVM ${other.peer.svm.name} of ` +
              `${other.peer.cluster?.name ?? "this cluster"}; ${remedy}`;
}

/** The cluster that was found by its name or by an address must fit the declaration in the other, too. */
export function refuseOtherPeer(found: ClusterPeer, desired: PeeringInputs): MaybeRefusal {
    const { site, peerSite, peer } = desired;
    const { name, ip_addresses: addresses } = found.remote;
    const declared = peer.interclusterAddresses.join(", ");
    if (addresses.length > 0 && !sharesAddress(found, desired)) {
        return (
            `${site}: the cluster ${name} is peered at ${addresses.join(", ")}, and none of the addresses declared for ` +
            `${peerSite} (${declared}) is among them: correct the declaration, or the peering (cluster peer modify)`
        );
    }
    if (peer.cluster !== undefined && name !== undefined && name !== peer.cluster) {
        return (
            `${site}: the addresses declared for ${peerSite} (${declared}) are those of the cluster ${name}, ` +
            `expected ${peer.cluster}: correct the cluster's name or its addresses`
        );
    }
    return undefined;
}

/** An SVM peering that was found, but that is not to be used as it is. */
export function refuseSvmPeer({ name, state }: SvmPeer, pair: string, desired: PeeringInputs): MaybeRefusal {
    const { site, peerSite, peer } = desired;
    if (name !== undefined && name !== peer.svm) {
        return (
            `${site}: ${peerSite}'s SVM ${peer.svm} is peered under the alias ${name}, but Trident addresses it by its ` +
            `own name: rename the peering (vserver peer modify-local-name -new-name ${peer.svm})`
        );
    }
    if (state === "rejected") {
        const remedy = text`delete it at both sites (vserver peer delete), then run ${upCommand(site)}`;
        return text`${site}: the SVM peering ${pair} was rejected: ${remedy}`;
    }
    if (state === "suspended") {
        const remedy = text`resume it (vserver peer resume), then run ${upCommand(site)}`;
        return text`${site}: the SVM peering ${pair} was suspended: ${remedy}`;
    }
    return undefined;
}

export function refuseUnauthenticated(name: string, desired: PeeringInputs): Message {
    return text`${desired.site}: the cluster peering ${name} is not authenticated; ${differentPassphrases(desired)}`;
}

/** The likely cause where the peer has done its half, and the two halves do not find each other. */
export function differentPassphrases({ site, peerSite }: PeeringInputs): Message {
    const ups = join([upCommand(site), upCommand(peerSite)], "; ");
    return text`${site} and ${peerSite} were peered with different passphrases: set peeringPassphrase to the same value in both stacks, delete both halves (cluster peer delete), then run ${ups}`;
}

/** A cluster peering that was there before this resource, and is not to be taken over by it. */
export function refuseAdoption(clusterPeer: string, { site, adopt, existing }: PeeringInputs): MaybeRefusal {
    return adopt === false && existing !== true && clusterPeer !== ""
        ? `${site}: the cluster peering ${clusterPeer} already exists, and adopt is false: set adopt to true, or remove it`
        : undefined;
}
