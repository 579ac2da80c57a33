import type { ClusterNode, ClusterPeer, NetworkInterface } from "../clients/ontap";
import { upCommand } from "../roles/messages/commands";
import { text, type Message } from "../roles/messages/message";
import { formatSeconds } from "../support/duration";
import type { PeeringInputs } from "./inputs";

/** Seconds of difference from which on a clock is worth a note. Peering is said to fail at five minutes. */
const notableSeconds = 60;

/** What a reader should know of the own cluster before it is peered, each with its remedy; nothing of it stops a plan. */
export function adviceOn(observed: { nodes: ClusterNode[]; interclusterInterfaces: NetworkInterface[] }): string[] {
    return [...adviceOnClocks(observed.nodes), ...adviceOnNodes(observed)];
}

function adviceOnClocks(nodes: ClusterNode[]): string[] {
    return nodes
        .filter(({ aheadSeconds = 0 }) => Math.abs(aheadSeconds) >= notableSeconds)
        .map(({ name, aheadSeconds = 0 }) => {
            const difference = formatSeconds(Math.abs(aheadSeconds));
            const side = aheadSeconds > 0 ? "ahead of" : "behind";
            return (
                `the clock of ${name} is ${difference} ${side} this machine's: clusters whose clocks differ do not ` +
                "authenticate each other, and reported lags are off by as much; synchronise it (cluster time-service ntp " +
                "server create)"
            );
        });
}

/** A node without an intercluster interface can neither send nor receive what its volumes mirror. */
function adviceOnNodes({ nodes, interclusterInterfaces }: Parameters<typeof adviceOn>[0]): string[] {
    const located = interclusterInterfaces.map(({ location }) => location?.node?.name);
    if (located.includes(undefined)) {
        return [];
    }
    return nodes
        .filter(({ name }) => !located.includes(name))
        .map(
            ({ name }) =>
                `the node ${name} has no intercluster interface, so its volumes cannot be mirrored (network interface ` +
                "create -service-policy default-intercluster)",
        );
}

/** What a reader should know of a cluster peering that can be used. */
export function adviceOnLink(clusterPeer: ClusterPeer, { peerSite }: PeeringInputs): string[] {
    const notes: string[] = [];
    if (clusterPeer.encryption?.state === "none") {
        notes.push(
            `the cluster peering with ${peerSite} is not encrypted (cluster peer modify -encryption-protocol-proposed tls-psk)`,
        );
    }
    if (clusterPeer.status?.state === "partial") {
        notes.push(`some nodes cannot reach ${peerSite}`);
    }
    return notes;
}

/** What is next when the other site has to do something. */
export function nextAtPeer({ peerSite }: PeeringInputs, why: string): Message {
    return text`Run ${upCommand(peerSite)}: ${why}`;
}

/** What is next when the peer's ONTAP does not answer. */
export function nextWhenPeerAnswers({ site, peerSite, peer }: PeeringInputs): Message {
    const addresses = peer.interclusterAddresses.join(", ");
    return text`${peerSite}'s ONTAP does not answer at ${addresses}. Once it does, run ${upCommand(site)} again (TCP ports 11104 and 11105 must be open both ways)`;
}
