import type { ClusterPeer, SvmPeer } from "../clients/ontap";
import { text, type Message } from "../roles/messages/message";
import { canonicalAddress } from "../support/address";
import { adviceOn, adviceOnLink, nextAtPeer, nextWhenPeerAnswers } from "./advice";
import { planExisting } from "./existing";
import { findClusterPeer, findSvmPeer } from "./find";
import type { PeeringInputs } from "./inputs";
import type { ObservedPeering, PeeringStep, PeeringLink, PeeringPlan } from "./peeringPlan";
import {
    differentPassphrases,
    refuseBetweenClusters,
    refuseOtherPeer,
    refuseSvm,
    refuseSvmPeer,
    refuseUnauthenticated,
    refuseWithinOneCluster,
} from "./refusals";

/**
 * Decides what the site has to do for its own half of a peering (docs/facts/ontap.md). Pure.
 *
 * A peer that does not answer stops nothing: whatever needs it is left for a later run.
 */
export function planPeering(observed: ObservedPeering, desired: PeeringInputs): PeeringPlan {
    if (desired.existing === true) {
        return planExisting(observed, desired);
    }
    const refusal = refuseSvm(observed, desired);
    if (refusal !== undefined) {
        return { refusal };
    }
    return isWithinOneCluster(observed, desired) ? planWithin(observed, desired) : planBetween(observed, desired);
}

function planWithin(observed: ObservedPeering, desired: PeeringInputs): PeeringPlan {
    const refusal = refuseWithinOneCluster(observed, desired);
    if (refusal !== undefined) {
        return { refusal };
    }
    const noClusterPeer = { name: "", state: "none needed" };
    const svmPeer = findSvmPeer(observed, undefined, desired);
    if (svmPeer !== undefined) {
        return planSvmPeer(svmPeer, desired, noClusterPeer, []);
    }
    const link = linkOver(noClusterPeer, "absent");
    return { steps: [createSvmPeer(desired, undefined)], later: [], link, next: "", notes: [] };
}

function planBetween(observed: ObservedPeering, desired: PeeringInputs): PeeringPlan {
    const refusal = refuseBetweenClusters(observed, desired);
    if (refusal !== undefined) {
        return { refusal };
    }
    const advice = adviceOn(observed);
    const clusterPeer = findClusterPeer(observed.clusterPeers, desired);
    if (clusterPeer === undefined) {
        return {
            steps: [createClusterPeer(desired)],
            later: [createSvmPeer(desired, desired.peer.cluster)],
            link: linkOver({ name: "", state: "absent" }, "absent"),
            next: nextAtPeer(desired, halfIsMissing),
            notes: advice,
        };
    }
    const otherPeer = refuseOtherPeer(clusterPeer, desired);
    if (otherPeer !== undefined) {
        return { refusal: otherPeer };
    }
    const found = {
        name: clusterPeer.name ?? clusterPeer.remote.name ?? "",
        state: clusterPeer.status?.state ?? "unidentified",
    };
    const notes = [...adviceOnLink(clusterPeer, desired), ...advice];
    const svmPeer = findSvmPeer(observed, clusterPeer, desired);
    return svmPeer === undefined
        ? planWithoutSvmPeer(clusterPeer, desired, found, notes)
        : planSvmPeer(svmPeer, desired, found, notes);
}

const halfIsMissing = "its half of the peering is missing";

/** Name and state of a cluster peer, as far as plans need them. */
interface FoundClusterPeer {
    name: string;
    state: string;
}

/** There is a cluster peer, and no SVM peering over it: it takes both halves before one can be made. */
function planWithoutSvmPeer(
    { authentication }: ClusterPeer,
    desired: PeeringInputs,
    found: FoundClusterPeer,
    notes: Message[],
): PeeringPlan {
    const link = linkOver(found, "absent");
    const creation = createSvmPeer(desired, found.name);
    if (isUsable(found.state)) {
        return { steps: [creation], later: [], link, next: "", notes };
    }
    if (found.state === "unavailable") {
        return { steps: [], later: [creation], link, next: nextWhenPeerAnswers(desired), notes };
    }
    if (authentication?.state === "problem") {
        return { refusal: refuseUnauthenticated(found.name, desired) };
    }
    const doubt = text`if \`pulumi up\` has been run at ${desired.peerSite} since, ${differentPassphrases(desired)}`;
    const next = nextAtPeer(desired, halfIsMissing);
    return { steps: [], later: [creation], link, next, notes: [...notes, doubt] };
}

/** There is an SVM peering: is it what is declared, and does it wait for us? */
function planSvmPeer(
    svmPeer: SvmPeer,
    desired: PeeringInputs,
    clusterPeer: FoundClusterPeer,
    notes: Message[],
): PeeringPlan {
    const pair = pairOf(desired);
    const refusal = refuseSvmPeer(svmPeer, pair, desired);
    if (refusal !== undefined) {
        return { refusal };
    }
    const state = svmPeer.state ?? "initializing";
    const link = linkOver(clusterPeer, state);
    const steps: PeeringStep[] = [];
    if (state === "pending") {
        steps.push(acceptSvmPeer(svmPeer, pair));
    }
    if (!svmPeer.applications.includes("snapmirror") && state === "peered") {
        steps.push(addSnapMirror(svmPeer, pair));
        link.peered = false;
    }
    const answers = clusterPeer.state === "none needed" || isUsable(clusterPeer.state);
    if (steps.length > 0 && !answers) {
        return { steps: [], later: steps, link, next: nextWhenPeerAnswers(desired), notes };
    }
    const next = state === "initiated" ? nextAtPeer(desired, `it has to accept the SVM peering ${pair}`) : "";
    return { steps, later: [], link, next, notes };
}

function linkOver(clusterPeer: FoundClusterPeer, svmPeerState: string): PeeringLink {
    return {
        clusterPeer: clusterPeer.name,
        clusterPeerState: clusterPeer.state,
        svmPeerState,
        peered: svmPeerState === "peered",
    };
}

function isWithinOneCluster(
    { cluster, svms, interclusterInterfaces }: ObservedPeering,
    { peer }: PeeringInputs,
): boolean {
    const own = interclusterInterfaces.map(({ ip }) => canonicalAddress(ip?.address ?? ""));
    if (peer.interclusterAddresses.length > 0) {
        return peer.interclusterAddresses.every((address) => own.includes(canonicalAddress(address)));
    }
    if (peer.cluster !== undefined) {
        return peer.cluster === cluster.name;
    }
    return svms.some(({ name }) => name === peer.svm);
}

/** Whether a cluster peering of this state can be used for changes that concern both sides. */
export function isUsable(clusterPeerState: string): boolean {
    return clusterPeerState === "available" || clusterPeerState === "partial";
}

function createClusterPeer({ peerSite, svm, peer }: PeeringInputs): PeeringStep {
    const about = [peerSite, ...peer.interclusterAddresses].join(", ");
    return {
        kind: "createClusterPeer",
        call: `POST /cluster/peers (${about})`,
        about,
        addresses: peer.interclusterAddresses,
        allowedSvms: [svm],
    };
}

function createSvmPeer(desired: PeeringInputs, peerCluster: string | undefined): PeeringStep {
    const about = pairOf(desired);
    const { svm, peer } = desired;
    return { kind: "createSvmPeer", call: `POST /svm/peers (${about})`, about, svm, peerSvm: peer.svm, peerCluster };
}

function acceptSvmPeer({ uuid }: SvmPeer, pair: string): PeeringStep {
    const about = `state peered, ${pair}`;
    return { kind: "acceptSvmPeer", call: `PATCH /svm/peers/${uuid} (${about})`, about, uuid };
}

function addSnapMirror({ uuid, applications: present }: SvmPeer, pair: string): PeeringStep {
    const applications = [...present, "snapmirror"];
    const about = `applications ${applications.join(" and ")}, ${pair}`;
    return { kind: "setSvmPeerApplications", call: `PATCH /svm/peers/${uuid} (${about})`, about, uuid, applications };
}

function pairOf({ site, peerSite, svm, peer }: PeeringInputs): string {
    return `${site} ${svm}, ${peerSite} ${peer.svm}`;
}
