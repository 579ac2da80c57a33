import { OntapError, type ClusterPeer, type OntapClient, type SvmPeer } from "../clients/ontap";
import { findClusterPeer, findSvmPeer } from "./find";
import type { PeeringInputs } from "./inputs";
import { observePeering } from "./observe";
import { isUsable } from "./plan";

/** What was not there before this resource: only that is removed with it. */
export interface MadePeering {
    clusterPeer: boolean;
    /** The SVM peering is one thing for both sites, whichever of them asked for it. */
    svmPeer: boolean;
}

/**
 * Removes what this resource made of its own half, as far as it is not in use; logs what it leaves, and why. What
 * existed before it is left alone.
 */
export async function removePeering(
    client: OntapClient,
    desired: PeeringInputs,
    made: MadePeering,
    log: (line: string) => void,
): Promise<void> {
    if (desired.existing === true) {
        log(`left: the SVM peering ${desired.svm}, ${desired.peer.svm}: others manage it`);
        return;
    }
    const observed = await observePeering(client, desired);
    const clusterPeer = findClusterPeer(observed.clusterPeers, desired);
    const svmPeer = findSvmPeer(observed, clusterPeer, desired);
    const removal = { client, desired, made, log };
    const removed = svmPeer !== undefined && (await removeSvmPeer(removal, svmPeer, clusterPeer)) ? svmPeer : undefined;
    if (clusterPeer !== undefined) {
        const users = observed.svmPeers.filter(
            (one) => one.uuid !== removed?.uuid && (one.uuid === svmPeer?.uuid || isOver(clusterPeer, one)),
        );
        await removeClusterPeer(removal, clusterPeer, users.length > 0);
    }
}

interface Removal {
    client: OntapClient;
    desired: PeeringInputs;
    made: MadePeering;
    log: (line: string) => void;
}

/** Whether the SVM peering was removed. */
async function removeSvmPeer(
    { client, desired, made, log }: Removal,
    { uuid }: SvmPeer,
    clusterPeer: ClusterPeer | undefined,
): Promise<boolean> {
    const pair = `${desired.svm}, ${desired.peer.svm}`;
    const reason = made.svmPeer ? await whoMirrors(client, desired) : existedBefore;
    if (reason !== "") {
        log(`left: the SVM peering ${pair}: ${reason}`);
        return false;
    }
    const answers = clusterPeer === undefined || isUsable(clusterPeer.status?.state ?? "");
    await client.svmPeers.remove(uuid, { ownHalfOnly: !answers }, pair);
    log(`removed: the SVM peering ${pair}`);
    return true;
}

async function removeClusterPeer(
    { client, desired, made, log }: Removal,
    clusterPeer: ClusterPeer,
    isUsed: boolean,
): Promise<void> {
    const name = `the cluster peering ${clusterPeer.name ?? clusterPeer.uuid}`;
    if (!made.clusterPeer || isUsed) {
        log(`left: ${name}: ${made.clusterPeer ? "SVM peerings use it" : existedBefore}`);
        return;
    }
    try {
        await client.clusterPeers.remove(clusterPeer.uuid, desired.peerSite);
        log(`removed: ${name}`);
    } catch (error) {
        if (!(error instanceof OntapError) || error.code !== inUse) {
            throw error;
        }
        log(`left: ${name}: it is in use (${error.ontapMessage ?? `code ${inUse}`})`);
    }
}

const existedBefore = "it already existed before this resource";

/** ONTAP's code for a cluster peering that has SVM peerings. */
const inUse = "4653079";

function isOver(clusterPeer: ClusterPeer, { peer }: SvmPeer): boolean {
    return peer.cluster?.name === clusterPeer.name;
}

/** Which mirrors between the two SVMs there are, in either direction; empty when none. */
async function whoMirrors(client: OntapClient, { svm, peer }: PeeringInputs): Promise<string> {
    const [into, outOf] = await Promise.all([
        client.relationships.ofDestinationSvm(svm),
        client.relationships.knownDestinations(svm),
    ]);
    const paths = [
        ...into.filter(({ source }) => source.path.startsWith(`${peer.svm}:`)),
        ...outOf.filter(({ destination }) => destination.path.startsWith(`${peer.svm}:`)),
    ].map(({ source, destination }) => `${source.path} to ${destination.path}`);
    return paths.length === 0 ? "" : `SnapMirror relationships use it (${paths.join("; ")})`;
}
