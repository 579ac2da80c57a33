import { OntapError, type OntapClient } from "../clients/ontap";
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
 * Removes what this resource made of its own half, as far as nobody uses it; says what it leaves, and why. What was
 * found when it began is left as it was found.
 */
export async function removePeering(
    client: OntapClient,
    desired: PeeringInputs,
    made: MadePeering,
    log: (line: string) => void,
): Promise<void> {
    const observed = await observePeering(client);
    const clusterPeer = findClusterPeer(observed.clusterPeers, desired);
    const svmPeer = findSvmPeer(observed, clusterPeer, desired);
    let isSvmPeerLeft = svmPeer !== undefined;
    if (svmPeer !== undefined) {
        const why = made.svmPeer ? await whoMirrors(client, desired) : "it was there before";
        const name = `the SVM peering ${desired.svm}, ${desired.peer.svm}`;
        if (why === "") {
            const answers = clusterPeer === undefined || isUsable(clusterPeer.status?.state ?? "");
            await client.svmPeers.remove(
                svmPeer.uuid,
                { ownHalfOnly: !answers },
                `${desired.svm}, ${desired.peer.svm}`,
            );
            log(`removed: ${name}`);
            isSvmPeerLeft = false;
        } else {
            log(`left: ${name}: ${why}`);
        }
    }
    if (clusterPeer === undefined) {
        return;
    }
    const name = `the cluster peering ${clusterPeer.name ?? clusterPeer.uuid}`;
    const others = observed.svmPeers.filter(
        (one) => one.uuid !== svmPeer?.uuid && one.peer.cluster?.name === clusterPeer.name,
    );
    if (!made.clusterPeer) {
        log(`left: ${name}: it was there before`);
    } else if (isSvmPeerLeft || others.length > 0) {
        log(`left: ${name}: SVM peerings use it`);
    } else {
        await removeClusterPeer(client, clusterPeer.uuid, name, desired.peerSite, log);
    }
}

async function removeClusterPeer(
    client: OntapClient,
    uuid: string,
    name: string,
    peerSite: string,
    log: (line: string) => void,
): Promise<void> {
    try {
        await client.clusterPeers.remove(uuid, peerSite);
        log(`removed: ${name}`);
    } catch (failure) {
        if (!(failure instanceof OntapError) || failure.code !== "4653079") {
            throw failure;
        }
        log(`left: ${name}: it is in use (${failure.ontapMessage ?? "code 4653079"})`);
    }
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
