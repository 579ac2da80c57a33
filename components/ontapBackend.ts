import * as k8s from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";
import type { OntapEndpoint } from "../provider/clients/ontap/endpoint";
import { OntapPeering } from "../provider/resources/peering";
import { addressProblems, certificateProblems, hostProblems, httpsUrlProblems } from "./validation/names";
import { describe, type Problem, refuse } from "./validation/problems";
import type { SitePair } from "./sitePair";

export interface OntapBackendArgs {
    pair: SitePair;
    /** Where the site's ONTAP is managed. */
    endpoint: OntapEndpoint;
    /** The site's SVM. */
    svm: string;
    /** Address, or host name, of the SVM's data interface, from which pods mount. */
    dataLif: string;
    /** The other site's side of the peering. */
    peer: OntapPeerArgs;
    /** Trident's account on the array. It may be another one than the product's. */
    credentials: OntapCredentialsArgs;
    /**
     * Aggregate that volumes are made on.
     * @default Trident chooses among the SVM's
     */
    aggregate?: string;
    /** @default named `trident-dr`, not the cluster's default */
    storageClass?: StorageClassArgs;
    /** @default named `trident-dr` */
    snapshotClass?: SnapshotClassArgs;
    /**
     * Namespace of Trident.
     * @default trident
     */
    tridentNamespace?: string;
    /**
     * Whether a cluster peering that is there already is taken on.
     * @default true
     */
    adopt?: boolean;
    timeouts?: PeeringTimeouts;
}

export interface OntapPeerArgs {
    svm: string;
    /**
     * Name of the other site's ONTAP cluster.
     * @default found by its intercluster addresses
     */
    cluster?: string;
    /** Addresses of the other site's intercluster interfaces; none when both SVMs are in one cluster. */
    interclusterAddresses: string[];
}

export interface OntapCredentialsArgs {
    username: pulumi.Input<string>;
    /** Kept as a secret. */
    password: pulumi.Input<string>;
}

export interface StorageClassArgs {
    /** @default trident-dr */
    name?: string;
    /** Whether the cluster uses it for claims that name none. @default false */
    default?: boolean;
    /** @default Delete */
    reclaimPolicy?: "Delete" | "Retain";
}

export interface SnapshotClassArgs {
    /** @default trident-dr */
    name?: string;
    /** Whether the cluster uses it for snapshots that name none. @default false */
    default?: boolean;
}

export interface PeeringTimeouts {
    /** One call of ONTAP with its repetitions. @default 90s */
    request?: string;
    /** How long to wait for the peer's half after a change. @default 10s */
    peering?: string;
}

const driver = "csi.trident.netapp.io";
const driverName = "ontap-nas";
const backendName = "trident-dr-ontap";
/**
 * Every snapshot must stay at the standby site, because a switch promotes one of them by name. ONTAP's default policy,
 * `Asynchronous`, also transfers on an hourly schedule of its own, after which the named snapshot can be gone
 * (docs/facts/ontap.md#snapmirror-policies).
 */
const replicationPolicy = "MirrorAllSnapshots";

/**
 * What a site's cluster needs to keep volumes that can be mirrored: this site's half of cluster and SVM peering, the
 * Trident backend, a storage class and a snapshot class.
 */
export class OntapBackend extends pulumi.ComponentResource {
    readonly endpoint: OntapEndpoint;
    readonly svm: string;
    /** The other site's SVM. */
    readonly peerSvm: string;
    /** Plain names, so that a plan can be made before the classes are there. */
    readonly storageClassName: string;
    readonly snapshotClassName: string;
    /** The TridentBackendConfig, which a mirrored application waits for. */
    readonly tridentBackend: { name: string; namespace: string };
    /** Whether both halves of the peering are done. */
    declare readonly peered: pulumi.Output<boolean>;
    /** What the other site must do for the peering, or "". */
    declare readonly next: pulumi.Output<string>;

    /** @throws InvalidInput with all that is wrong with the arguments */
    constructor(name: string, args: OntapBackendArgs, opts?: pulumi.ComponentResourceOptions) {
        super("trident-dr:index:OntapBackend", name, {}, opts);
        refuse(`The backend ${name}`, ontapBackendProblems(args));
        this.endpoint = args.endpoint;
        this.svm = args.svm;
        this.peerSvm = args.peer.svm;
        const peering = makePeering(name, args, this);
        this.tridentBackend = makeTridentBackend(name, args, this);
        this.storageClassName = makeStorageClass(name, args, this);
        this.snapshotClassName = makeSnapshotClass(name, args, this);
        this.peered = peering.peered;
        this.next = peering.next;
        args.pair.publication.addPeering(name, { peered: this.peered, next: this.next });
        this.registerOutputs({
            storageClassName: this.storageClassName,
            snapshotClassName: this.snapshotClassName,
            peered: this.peered,
            next: this.next,
        });
    }
}

/** What is wrong with the plain values of an {@link OntapBackend}. */
export function ontapBackendProblems(args: Omit<OntapBackendArgs, "pair" | "credentials">): Problem[] {
    const addresses = args.peer.interclusterAddresses;
    return [
        ...httpsUrlProblems("endpoint.url", args.endpoint.url),
        ...(args.endpoint.certificate === undefined
            ? []
            : certificateProblems("endpoint.certificate", args.endpoint.certificate)),
        ...hostProblems("dataLif", args.dataLif),
        ...(Array.isArray(addresses)
            ? addresses.flatMap((address, index) => addressProblems(`peer.interclusterAddresses[${index}]`, address))
            : [{ key: "peer.interclusterAddresses", expected: "a list of IP addresses", found: describe(addresses) }]),
    ];
}

function makePeering(name: string, args: OntapBackendArgs, parent: pulumi.Resource): OntapPeering {
    const { pair, endpoint, svm, peer, adopt, timeouts } = args;
    return new OntapPeering(
        `${name}-peering`,
        { site: pair.site, peerSite: pair.peer, endpoint, svm, peer, adopt, timeouts },
        { parent },
    );
}

function makeTridentBackend(
    name: string,
    args: OntapBackendArgs,
    parent: pulumi.Resource,
): OntapBackend["tridentBackend"] {
    const { pair, endpoint, svm, dataLif, aggregate, credentials } = args;
    // Volumes outlive the stack, and Trident reaches them by these; it lets go of no backend that has one.
    const options = { parent, provider: pair.kubernetes, retainOnDelete: true };
    const namespace = args.tridentNamespace ?? "trident";
    const secret = new k8s.core.v1.Secret(
        `${name}-credentials`,
        {
            metadata: { name: `${backendName}-credentials`, namespace },
            stringData: {
                username: pulumi.secret(credentials.username),
                password: pulumi.secret(credentials.password),
            },
        },
        options,
    );
    new k8s.apiextensions.CustomResource(
        `${name}-trident-backend`,
        {
            apiVersion: "trident.netapp.io/v1",
            kind: "TridentBackendConfig",
            metadata: {
                name: backendName,
                namespace,
                // Who needs it waits for it, and tells of a failure at once and in Trident's words.
                annotations: { "pulumi.com/skipAwait": "true" },
            },
            spec: {
                version: 1,
                backendName,
                storageDriverName: driverName,
                managementLIF: new URL(endpoint.url).host,
                dataLIF: dataLif,
                svm,
                ...(aggregate === undefined ? {} : { aggregate }),
                replicationPolicy,
                ...(endpoint.certificate === undefined
                    ? {}
                    : { trustedCACertificate: Buffer.from(endpoint.certificate).toString("base64") }),
                credentials: { name: secret.metadata.name },
            },
        },
        options,
    );
    return { name: backendName, namespace };
}

function makeStorageClass(name: string, args: OntapBackendArgs, parent: pulumi.Resource): string {
    const className = args.storageClass?.name ?? "trident-dr";
    new k8s.storage.v1.StorageClass(
        `${name}-storage-class`,
        {
            metadata: {
                name: className,
                ...annotated("storageclass.kubernetes.io/is-default-class", args.storageClass?.default),
            },
            provisioner: driver,
            parameters: { backendType: driverName },
            allowVolumeExpansion: true,
            reclaimPolicy: args.storageClass?.reclaimPolicy ?? "Delete",
        },
        { parent, provider: args.pair.kubernetes, retainOnDelete: true },
    );
    return className;
}

function makeSnapshotClass(name: string, args: OntapBackendArgs, parent: pulumi.Resource): string {
    const className = args.snapshotClass?.name ?? "trident-dr";
    new k8s.apiextensions.CustomResource(
        `${name}-snapshot-class`,
        {
            apiVersion: "snapshot.storage.k8s.io/v1",
            kind: "VolumeSnapshotClass",
            metadata: {
                name: className,
                ...annotated("snapshot.storage.kubernetes.io/is-default-class", args.snapshotClass?.default),
            },
            // Of this kind these stand beside metadata; it has no spec.
            driver,
            deletionPolicy: "Delete",
        },
        { parent, provider: args.pair.kubernetes, retainOnDelete: true },
    );
    return className;
}

/** Empty annotations would show as a change for ever. */
function annotated(annotation: string, given: boolean | undefined): { annotations?: Record<string, string> } {
    return given === true ? { annotations: { [annotation]: "true" } } : {};
}
