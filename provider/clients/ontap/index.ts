/** Client of ONTAP's REST API: one for each cluster, typed, with errors that say what to do. */
import { Access } from "./access";
import { Calls } from "./calls";
import { readCluster, type OntapCluster } from "./cluster";
import { readNodes, type ClusterNode } from "./nodes";
import type { TransportOptions } from "./options";
import { ClusterPeers, readInterclusterInterfaces, SvmPeers, type NetworkInterface } from "./peering";
import { Relationships } from "./relationships";
import { Schedules } from "./schedules";
import { Snapshots } from "./snapshots";
import { Svms } from "./svms";
import { Transport } from "./transport";
import { Volumes } from "./volumes";

export type { BlockMap, ExportPolicy, Qtree, Share } from "./access";
export type { OntapCluster } from "./cluster";
export type { OntapClientCertificate } from "./endpoint";
export { OntapError } from "./errors";
export type { ClusterNode } from "./nodes";
export type { ClusterPeer, NetworkInterface, SvmPeer } from "./peering";
export { lagSeconds, whyUnhealthy, type KnownDestination, type Relationship } from "./relationships";
export type { Cron, Schedule } from "./schedules";
export type { Snapshot } from "./snapshots";
export type { Svm } from "./svms";
export type { Volume } from "./volumes";

export type OntapClientOptions = TransportOptions;

/** Milliseconds for which {@link OntapClient.cluster} tries an endpoint that does not answer. */
const probePatience = 10_000;

/**
 * One ONTAP cluster. Clients of the same endpoint share their connections and their limit of requests at once, so
 * that making one is cheap.
 */
export class OntapClient {
    readonly #options: OntapClientOptions;
    readonly svms: Svms;
    readonly clusterPeers: ClusterPeers;
    readonly svmPeers: SvmPeers;
    readonly volumes: Volumes;
    readonly snapshots: Snapshots;
    readonly relationships: Relationships;
    readonly schedules: Schedules;
    readonly access: Access;
    private readonly calls: Calls;

    constructor(options: OntapClientOptions) {
        this.#options = options;
        this.calls = new Calls(new Transport(options));
        this.svms = new Svms(this.calls);
        this.clusterPeers = new ClusterPeers(this.calls);
        this.svmPeers = new SvmPeers(this.calls);
        this.volumes = new Volumes(this.calls);
        this.snapshots = new Snapshots(this.calls);
        this.relationships = new Relationships(this.calls);
        this.schedules = new Schedules(this.calls);
        this.access = new Access(this.calls);
    }

    /**
     * The same cluster, for one step with a budget of so many milliseconds: when it is used up, nothing is begun,
     * repeated or waited for any more. A budget within a budget ends with the earlier of the two.
     */
    within(milliseconds: number): OntapClient {
        const deadline = Math.min(this.#options.deadline ?? Infinity, Date.now() + milliseconds);
        return new OntapClient({ ...this.#options, deadline });
    }

    /** Name of the site. */
    get site(): string {
        return this.calls.transport.site;
    }

    /** URL of the management endpoint. */
    get url(): string {
        return this.calls.transport.url;
    }

    /** Reads the cluster: the probe of address, certificate and credentials. It gives up after ten seconds. */
    cluster(): Promise<OntapCluster> {
        return readCluster(this.calls, Math.min(probePatience, this.calls.transport.timeouts.patience));
    }

    /** The nodes of this cluster, with their clocks. */
    nodes(): Promise<ClusterNode[]> {
        return readNodes(this.calls);
    }

    /** Interfaces through which this cluster talks to its peers. */
    interclusterInterfaces(): Promise<NetworkInterface[]> {
        return readInterclusterInterfaces(this.calls);
    }
}
