import type * as pulumi from "@pulumi/pulumi";
import type { OntapEndpoint } from "../clients/ontap/endpoint";
import { ThinResource } from "./thinResource";

export interface OntapPeeringArgs {
    /** Name of this site. It cannot change later. */
    site: pulumi.Input<string>;
    /** Name of the other site. It cannot change later. */
    peerSite: pulumi.Input<string>;
    /** Management endpoint of this site's cluster. */
    endpoint: pulumi.Input<OntapEndpoint>;
    /** This site's SVM. It cannot change later. */
    svm: pulumi.Input<string>;
    /**
     * The other site's SVM (which cannot change later), its cluster's intercluster addresses, and its cluster's name.
     * No addresses mean that both SVMs are in one cluster; without a name the cluster is recognised by its addresses.
     */
    peer: pulumi.Input<{ svm: string; cluster?: string; interclusterAddresses: string[] }>;
    /** Whether a cluster peering that exists before the first `up` is adopted. Default true. */
    adopt?: pulumi.Input<boolean>;
    /** Whether others manage it: it is checked, and never made, changed or removed. Default false. */
    existing?: pulumi.Input<boolean | undefined>;
    /** Names of the stacks, by site, that are not named like their sites: messages name commands for them. */
    stacks?: pulumi.Input<Record<string, string>>;
    /** Namespace of the stack's configuration in which the credentials are. Default `trident-dr`, else the project's. */
    configNamespace?: pulumi.Input<string | undefined>;
    /** A Secret at the site with the account that signs in at the array. Default: it is in that configuration. */
    accountSecret?: pulumi.Input<AccountSecretArgs | undefined>;
    /**
     * Time spans such as `30s` or `2m`. `request`: one call of ONTAP with its repetitions, default `90s`.
     * `peering`: how long to wait for the peer's half after a change, default `10s`.
     */
    timeouts?: pulumi.Input<{ request?: string; peering?: string }>;
    /**
     * What this site is to serve, with the places of its records; nothing where it serves nothing. What is wrong with the
     * peering is then a warning, and nothing waits for it.
     */
    serves?: pulumi.Input<ServedItems | undefined>;
    /** Whether all that is mirrored leaves the mirror: what is wrong with the peering is then a warning, too. */
    leaving?: pulumi.Input<boolean | undefined>;
}

/** A Secret, and the cluster in which it is. */
export interface AccountSecretArgs {
    namespace: string;
    name: string;
    cluster: { context?: string; kubeconfig?: string; fromConfig?: boolean };
}

/** The items that a site is to serve. */
export interface ServedItems {
    /** The site's Kubernetes cluster: a context of a kubeconfig. */
    cluster: { context?: string; kubeconfig?: string; fromConfig?: boolean };
    /** Each with the namespace of its record, that of earlier versions, and the acknowledged takeover. */
    items: { application: string; namespace: string; before?: string; takeover?: number }[];
}

/**
 * This site's half of the peering between two ONTAP clusters and two SVMs. `up` succeeds when the own half is done;
 * {@link peered} says whether the other half is there, and {@link next} what is to be done about it.
 *
 * Credentials come from the stack's secret configuration, in the namespace of the pair: `ontapUsername`, `ontapPassword`
 * and `peeringPassphrase`, which is the same at both sites.
 */
export class OntapPeering extends ThinResource {
    /** Name of this site's cluster. */
    declare readonly clusterName: pulumi.Output<string>;
    /** Name by which this cluster knows the other one; empty when both SVMs are in one cluster. */
    declare readonly clusterPeer: pulumi.Output<string>;
    /** ONTAP's word for the cluster peering, e.g. `available`; `absent`, or `none needed`. */
    declare readonly clusterPeerState: pulumi.Output<string>;
    /** ONTAP's word for the SVM peering, e.g. `peered`; `absent` when there is none yet. */
    declare readonly svmPeerState: pulumi.Output<string>;
    /** Whether volumes can be mirrored between the two SVMs. */
    declare readonly peered: pulumi.Output<boolean>;
    /** What the other site must do next; empty when nothing. */
    declare readonly next: pulumi.Output<string>;

    constructor(name: string, args: OntapPeeringArgs, opts?: pulumi.CustomResourceOptions) {
        const outputs = {
            clusterName: undefined,
            clusterPeer: undefined,
            clusterPeerState: undefined,
            svmPeerState: undefined,
            peered: undefined,
            next: undefined,
        };
        super("peering", "OntapPeering", name, { ...outputs, ...args }, opts);
    }
}
