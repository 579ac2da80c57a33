import type { ClusterNode, ClusterPeer, NetworkInterface, OntapCluster, Svm, SvmPeer } from "../clients/ontap";
import type { Message } from "../roles/messages/message";

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

/** One change, with the REST call that makes it, as a preview shows it. */
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
    | { refusal: Message }
    | {
          refusal?: undefined;
          /** What can be done now, in this order. */
          steps: PeeringStep[];
          /** What comes after it, once the peer has done its half. */
          later: PeeringStep[];
          link: PeeringLink;
          /** What the other site must do next; empty when nothing. */
          next: Message;
          /** What a reader should know; none of it stops the plan. */
          notes: Message[];
      };
