import type { ClusterNode, ClusterPeer, NetworkInterface, OntapCluster, Svm, SvmPeer } from "../clients/ontap";
import { adviceOn } from "./advice";
import { findClusterPeer, findSvmPeer, sharesAddress } from "./find";
import type { PeeringInputs } from "./inputs";

/** What one site's ONTAP says about its peerings. */
export interface ObservedPeering {
    cluster: Pick<OntapCluster, "name">;
    svms: Pick<Svm, "name" | "state">[];
    interclusterInterfaces: NetworkInterface[];
    clusterPeers: ClusterPeer[];
    svmPeers: SvmPeer[];
    /** None where the account may not read them. */
    nodes: ClusterNode[];
}

/** One change, with the REST call that makes it as a preview shows it. */
export type PeeringStep = { call: string } & (
    | { kind: "createClusterPeer"; about: string; addresses: string[]; allowedSvms: string[] }
    | { kind: "createSvmPeer"; about: string; svm: string; peerSvm: string; peerCluster: string | undefined }
    | { kind: "acceptSvmPeer"; about: string; uuid: string }
    | { kind: "setSvmPeerApplications"; about: string; uuid: string; applications: string[] }
);

/** The peering as it stands. */
export interface PeeringLink {
    /** Local name of the cluster peer; empty when there is none. */
    clusterPeer: string;
    /** ONTAP's word, `absent`, or `none needed` when both SVMs are in one cluster. */
    clusterPeerState: string;
    /** ONTAP's word, or `absent`. */
    svmPeerState: string;
    /** Whether volumes can be mirrored between the two SVMs, as far as this cluster knows. */
    peered: boolean;
}

export type PeeringPlan =
    | { refusal: string }
    | {
          refusal?: undefined;
          /** What can be done now, in its order. */
          steps: PeeringStep[];
          /** What comes after it, once the peer has done its half. */
          later: PeeringStep[];
          link: PeeringLink;
          /** What the other site must do next; empty when nothing. */
          next: string;
          /** What a reader should know, without anything to be done. */
          notes: string[];
      };

/**
 * Decides what the site has to do for its own half of a peering (docs/facts/ontap.md). Pure.
 *
 * A peer that does not answer asks for nothing: whatever needs it is left for a later run.
 */
export function planPeering(observed: ObservedPeering, desired: PeeringInputs): PeeringPlan {
    const refusal = refuseSvm(observed, desired);
    if (refusal !== undefined) {
        return { refusal };
    }
    return isWithinOneCluster(observed, desired) ? planWithin(observed, desired) : planBetween(observed, desired);
}

function planWithin(observed: ObservedPeering, desired: PeeringInputs): PeeringPlan {
    const { site, svm, peer } = desired;
    const none = { name: "", state: "none needed" };
    if (svm === peer.svm) {
        return { refusal: `${site}: the SVM ${svm} cannot be peered with itself` };
    }
    if (!observed.svms.some(({ name }) => name === peer.svm)) {
        return {
            refusal: `${site}: the peer's SVM ${peer.svm} does not exist in the cluster ${observed.cluster.name}`,
        };
    }
    const within = findSvmPeer(observed, undefined, desired);
    if (within !== undefined) {
        return planSvmPeer(within, desired, none, []);
    }
    const link = { clusterPeer: "", clusterPeerState: none.state, svmPeerState: "absent", peered: false };
    return { steps: [createSvmPeer(desired, undefined)], later: [], link, next: "", notes: [] };
}

function planBetween(observed: ObservedPeering, desired: PeeringInputs): PeeringPlan {
    const { site, peerSite, peer } = desired;
    const refusal =
        refuseSameClusterName(observed, desired) ??
        refuseInterfaces(observed, desired) ??
        refuseAlias(observed, desired);
    if (refusal !== undefined) {
        return { refusal };
    }
    const advice = adviceOn(observed);
    const clusterPeer = findClusterPeer(observed.clusterPeers, desired);
    if (clusterPeer === undefined) {
        return {
            steps: [createClusterPeer(desired)],
            later: [createSvmPeer(desired, peer.cluster)],
            link: { clusterPeer: "", clusterPeerState: "absent", svmPeerState: "absent", peered: false },
            next: upAtPeer(desired, "its half of the peering is missing"),
            notes: advice,
        };
    }
    const otherPeer = refuseOtherPeer(clusterPeer, desired);
    if (otherPeer !== undefined) {
        return { refusal: otherPeer };
    }
    const state = clusterPeer.status?.state ?? "unidentified";
    const name = clusterPeer.name ?? clusterPeer.remote.name ?? "";
    const notes = [...notesOf(clusterPeer, desired), ...advice];
    const svmPeer = findSvmPeer(observed, clusterPeer, desired);
    if (svmPeer !== undefined) {
        return planSvmPeer(svmPeer, desired, { name, state }, notes);
    }
    const link = { clusterPeer: name, clusterPeerState: state, svmPeerState: "absent", peered: false };
    const creation = createSvmPeer(desired, name);
    if (isUsable(state)) {
        return { steps: [creation], later: [], link, next: "", notes };
    }
    if (state !== "unavailable" && clusterPeer.authentication?.state === "problem") {
        return {
            refusal: `${site}: the cluster peering ${name} is not authenticated; ${differentPassphrases(desired)}`,
        };
    }
    if (state === "unavailable") {
        return { steps: [], later: [creation], link, next: whenPeerAnswers(desired), notes };
    }
    const next = upAtPeer(desired, "its half of the peering is missing");
    return {
        steps: [],
        later: [creation],
        link,
        next,
        notes: [...notes, `if up was run at ${peerSite} since, ${differentPassphrases(desired)}`],
    };
}

/** An SVM peering was found: is it what is declared, and does it wait for us? */
function planSvmPeer(
    svmPeer: SvmPeer,
    desired: PeeringInputs,
    clusterPeer: { name: string; state: string },
    notes: string[],
): PeeringPlan {
    const { site, peerSite, peer } = desired;
    const pair = pairOf(desired);
    const state = svmPeer.state ?? "initializing";
    if (svmPeer.name !== undefined && svmPeer.name !== peer.svm) {
        return {
            refusal:
                `${site}: ${peerSite}'s SVM ${peer.svm} is peered under the alias ${svmPeer.name}, and Trident addresses ` +
                `it by its own name: rename the peering (vserver peer modify-local-name -new-name ${peer.svm})`,
        };
    }
    if (state === "rejected") {
        return {
            refusal: `${site}: the SVM peering ${pair} was rejected: delete it at both sites (vserver peer delete), then run pulumi up`,
        };
    }
    if (state === "suspended") {
        return {
            refusal: `${site}: somebody suspended the SVM peering ${pair}: resume it (vserver peer resume), then run pulumi up`,
        };
    }
    const link: PeeringLink = {
        clusterPeer: clusterPeer.name,
        clusterPeerState: clusterPeer.state,
        svmPeerState: state,
        peered: state === "peered",
    };
    const answers = clusterPeer.state === "none needed" || isUsable(clusterPeer.state);
    const steps: PeeringStep[] = [];
    if (state === "pending") {
        const about = `state peered, ${pair}`;
        steps.push({
            kind: "acceptSvmPeer",
            call: `PATCH /svm/peers/${svmPeer.uuid} (${about})`,
            about,
            uuid: svmPeer.uuid,
        });
    }
    if (!svmPeer.applications.includes("snapmirror") && state === "peered") {
        const applications = [...svmPeer.applications, "snapmirror"];
        const about = `applications ${applications.join(" and ")}, ${pair}`;
        steps.push({
            kind: "setSvmPeerApplications",
            call: `PATCH /svm/peers/${svmPeer.uuid} (${about})`,
            about,
            uuid: svmPeer.uuid,
            applications,
        });
        link.peered = false;
    }
    if (steps.length > 0 && !answers) {
        return { steps: [], later: steps, link, next: whenPeerAnswers(desired), notes };
    }
    const next = state === "initiated" ? upAtPeer(desired, `it has to accept the SVM peering ${pair}`) : "";
    return { steps, later: [], link, next, notes };
}

function refuseSvm({ svms, cluster }: ObservedPeering, { site, svm }: PeeringInputs): string | undefined {
    const own = svms.find(({ name }) => name === svm);
    if (own === undefined) {
        const there = svms.map(({ name }) => name).join(", ") || "none";
        return `${site}: the SVM ${svm} does not exist in the cluster ${cluster.name}: expected one of its SVMs (${there})`;
    }
    if (own.state !== undefined && own.state !== "running") {
        return `${site}: the SVM ${svm} is ${own.state}: start it (vserver start ${svm}), then run pulumi up`;
    }
    return undefined;
}

function refuseSameClusterName({ cluster }: ObservedPeering, desired: PeeringInputs): string | undefined {
    const { site, peerSite, peer } = desired;
    return peer.cluster === cluster.name
        ? `${site}: ${peerSite}'s cluster has the name of this one, ${cluster.name}, and two clusters of one name cannot ` +
              "be peered: rename one of them (cluster identity modify -name)"
        : undefined;
}

function refuseInterfaces(observed: ObservedPeering, { site, peerSite, peer }: PeeringInputs): string | undefined {
    const { interclusterInterfaces, cluster } = observed;
    if (peer.interclusterAddresses.length === 0) {
        return `${site}: no intercluster address of ${peerSite} is declared, and its SVM ${peer.svm} is not in the cluster ${cluster.name}`;
    }
    if (interclusterInterfaces.length === 0) {
        return (
            `${site}: the cluster ${cluster.name} has no intercluster interface: give each node one ` +
            "(network interface create -service-policy default-intercluster)"
        );
    }
    if (interclusterInterfaces.some(isUp)) {
        return undefined;
    }
    const names = interclusterInterfaces.map(({ name }) => name).join(", ");
    return `${site}: no intercluster interface of the cluster ${cluster.name} is up (${names}): bring them up (network interface modify -status-admin up)`;
}

/** Two SVMs cannot be known by one name at a cluster, and Trident needs the peer's SVM under its own. */
function refuseAlias({ svms, svmPeers }: ObservedPeering, desired: PeeringInputs): string | undefined {
    const { site, peerSite, svm, peer } = desired;
    const remedy = `rename one of the two (vserver rename): Trident addresses the peer's SVM by its own name`;
    if (svms.some(({ name }) => name === peer.svm)) {
        return `${site}: ${peerSite}'s SVM has the name of an SVM of this cluster, ${peer.svm}; ${remedy}`;
    }
    const other = svmPeers.find(
        (one) =>
            one.svm.name === svm &&
            one.name === peer.svm &&
            one.peer.svm.name !== undefined &&
            one.peer.svm.name !== peer.svm,
    );
    if (other === undefined) {
        return undefined;
    }
    return (
        `${site}: the name ${peer.svm} is taken by the peering with the SVM ${other.peer.svm.name} of ` +
        `${other.peer.cluster?.name ?? "this cluster"}; ${remedy}`
    );
}

/** The cluster that was found by its name or by an address must fit the declaration in the other, too. */
function refuseOtherPeer(found: ClusterPeer, desired: PeeringInputs): string | undefined {
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

function notesOf(clusterPeer: ClusterPeer, { peerSite }: PeeringInputs): string[] {
    const notes: string[] = [];
    if (clusterPeer.encryption?.state === "none") {
        notes.push(
            `the cluster peering with ${peerSite} is not encrypted (cluster peer modify -encryption-protocol-proposed tls-psk)`,
        );
    }
    if (clusterPeer.status?.state === "partial") {
        notes.push(`some nodes do not reach ${peerSite}`);
    }
    return notes;
}

function isWithinOneCluster(
    { cluster, svms, interclusterInterfaces }: ObservedPeering,
    { peer }: PeeringInputs,
): boolean {
    const own = interclusterInterfaces.map(({ ip }) => ip?.address);
    if (peer.interclusterAddresses.length > 0) {
        return peer.interclusterAddresses.every((address) => own.includes(address));
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

function isUp(one: NetworkInterface): boolean {
    return one.enabled !== false && (one.state === undefined || one.state === "up");
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

function pairOf({ site, peerSite, svm, peer }: PeeringInputs): string {
    return `${site} ${svm}, ${peerSite} ${peer.svm}`;
}

function upAtPeer({ peerSite }: PeeringInputs, why: string): string {
    return `run pulumi up at ${peerSite}: ${why}`;
}

/** What is next when the peer's ONTAP does not answer. */
export function whenPeerAnswers({ site, peerSite, peer }: PeeringInputs): string {
    return (
        `${peerSite}'s ONTAP does not answer at ${peer.interclusterAddresses.join(", ")}; run pulumi up at ${site} again ` +
        "when it does (TCP ports 11104 and 11105 must be open both ways)"
    );
}

function differentPassphrases({ site, peerSite }: PeeringInputs): string {
    return (
        `${site} and ${peerSite} were peered with different passphrases: set trident-dr:peeringPassphrase alike in both ` +
        "stacks, delete both halves (cluster peer delete), and run pulumi up at both"
    );
}
