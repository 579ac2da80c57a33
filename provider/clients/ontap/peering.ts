import { z } from "zod";
import { openString, referenceSchema } from "./answers";
import { unlessGone, type Calls } from "./calls";
import { apiPath } from "./paths";

const clusterPeerSchema = z.object({
    uuid: z.string(),
    /** Local name of the peer; a temporary one until it is accepted. */
    name: z.string().optional(),
    remote: z.object({ name: z.string().optional(), ip_addresses: z.array(z.string()).default([]) }).default({
        ip_addresses: [],
    }),
    status: z
        .object({
            state: openString<"available" | "partial" | "unavailable" | "pending" | "unidentified">().optional(),
        })
        .optional(),
    authentication: z
        .object({
            state: openString<"ok" | "absent" | "pending" | "problem">().optional(),
            in_use: openString<"ok" | "absent" | "revoked">().optional(),
        })
        .optional(),
    encryption: z.object({ state: openString<"none" | "tls_psk">().optional() }).optional(),
});

/** The own half of a cluster peering (`/cluster/peers` of ONTAP's REST API). */
export type ClusterPeer = z.infer<typeof clusterPeerSchema>;

const svmPeerSchema = z.object({
    uuid: z.string(),
    /** Name by which the peer's SVM is known here. */
    name: z.string().optional(),
    svm: referenceSchema,
    peer: z.object({ svm: referenceSchema, cluster: referenceSchema.optional() }),
    state: openString<"peered" | "rejected" | "suspended" | "initiated" | "pending" | "initializing">().optional(),
    applications: z.array(z.string()).default([]),
});

/** An SVM peering (`/svm/peers` of ONTAP's REST API). Its uuid is the same at both clusters. */
export type SvmPeer = z.infer<typeof svmPeerSchema>;

const interfaceSchema = z.object({
    name: z.string(),
    ip: z.object({ address: z.string() }).optional(),
    state: openString<"up" | "down">().optional(),
    enabled: z.boolean().optional(),
    location: z.object({ node: referenceSchema.optional() }).optional(),
});

/** A network interface (`/network/ip/interfaces` of ONTAP's REST API). */
export type NetworkInterface = z.infer<typeof interfaceSchema>;

/** Interfaces through which this cluster talks to its peers. */
export function readInterclusterInterfaces(calls: Calls): Promise<NetworkInterface[]> {
    return calls.all("/network/ip/interfaces", interfaceSchema, {
        services: "intercluster_core",
        fields: "name,ip.address,state,enabled,location.node.name",
    });
}

export interface NewClusterPeer {
    /** Intercluster addresses of the other cluster. */
    addresses: readonly string[];
    /** Shared by both sites; eight characters at least. */
    passphrase: string;
    /** SVMs of this cluster with which the peer may mirror without asking first. */
    allowedSvms: readonly string[];
}

/** Cluster peerings: each call concerns the own half only. */
export class ClusterPeers {
    constructor(private readonly calls: Calls) {}

    all(): Promise<ClusterPeer[]> {
        return this.calls.all("/cluster/peers", clusterPeerSchema, {
            fields: "name,uuid,remote.name,remote.ip_addresses,status.state,authentication.state,authentication.in_use,encryption.state",
        });
    }

    create(peer: NewClusterPeer, about?: string): Promise<void> {
        this.calls.transport.keepSecret(peer.passphrase);
        return this.calls.write("POST", "/cluster/peers", {
            about,
            body: {
                remote: { ip_addresses: peer.addresses },
                authentication: { passphrase: peer.passphrase },
                encryption: { proposed: "tls_psk" },
                initial_allowed_svms: peer.allowedSvms.map((name) => ({ name })),
                peer_applications: ["snapmirror"],
            },
        });
    }

    /** Removes the own half. It is refused (4653079) while SVM peerings use it. */
    remove(uuid: string, about?: string): Promise<void> {
        return unlessGone(this.calls.write("DELETE", apiPath`/cluster/peers/${uuid}`, { about }));
    }
}

export interface NewSvmPeer {
    svm: string;
    peerSvm: string;
    /** Local name of the cluster peer; none when both SVMs are in this cluster. */
    peerCluster?: string | undefined;
}

/** SVM peerings, for SnapMirror. */
export class SvmPeers {
    constructor(private readonly calls: Calls) {}

    all(): Promise<SvmPeer[]> {
        return this.calls.all("/svm/peers", svmPeerSchema, {
            fields: "uuid,name,svm.name,peer.svm.name,peer.cluster.name,state,applications",
        });
    }

    create(peer: NewSvmPeer, about?: string): Promise<void> {
        const cluster = peer.peerCluster === undefined ? {} : { cluster: { name: peer.peerCluster } };
        return this.calls.writeByJob("POST", "/svm/peers", {
            about,
            body: {
                svm: { name: peer.svm },
                peer: { svm: { name: peer.peerSvm }, ...cluster },
                applications: ["snapmirror"],
            },
        });
    }

    /** Accepts what the peer asked for. */
    accept(uuid: string, about?: string): Promise<void> {
        return this.calls.writeByJob("PATCH", apiPath`/svm/peers/${uuid}`, { about, body: { state: "peered" } });
    }

    setApplications(uuid: string, applications: readonly string[], about?: string): Promise<void> {
        return this.calls.writeByJob("PATCH", apiPath`/svm/peers/${uuid}`, { about, body: { applications } });
    }

    /**
     * Removes a peering. ONTAP notifies the peer, which then drops its half; with `ownHalfOnly` it goes ahead even if
     * the peer does not answer, and the peer keeps its half.
     */
    remove(uuid: string, options: { ownHalfOnly: boolean }, about?: string): Promise<void> {
        const body = options.ownHalfOnly ? { force: true } : undefined;
        return unlessGone(this.calls.writeByJob("DELETE", apiPath`/svm/peers/${uuid}`, { about, body }));
    }
}
