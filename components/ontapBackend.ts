import * as k8s from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";
import type { OntapEndpoint } from "../provider/clients/ontap/endpoint";
import { inUrl } from "../provider/support/address";
import { type DeclaredObject, DeclaredObjects } from "../provider/resources/declaredObjects";
import { OntapPeering, type ServedItems } from "../provider/resources/peering";
import { arrayNameProblems, optionalArrayNameProblems } from "./validation/arrayNames";
import { addressProblems, certificateProblems, hostProblems, httpsUrlProblems } from "./validation/names";
import { tridentCertificateProblems, unverified, verificationProblems } from "./validation/tridentCertificate";
import { describe, type Problem, refuse } from "./validation/problems";
import { ownedBy } from "./ownership";
import type { SitePair } from "./sitePair";
import { type Transform, transformed } from "./transform/transform";

/** Arguments of an {@link OntapBackend}. `loadSettings().ontap` reads them from the stack's configuration. */
export interface OntapBackendArgs {
    /** The two sites. */
    pair: SitePair;
    /**
     * The management interface of the site's ONTAP cluster.
     * @example
     * { url: "https://10.0.1.5", certificate: "-----BEGIN CERTIFICATE-----…" }
     */
    endpoint: OntapEndpoint;
    /** The site's SVM. */
    svm: string;
    /** Address or host name of the SVM's data interface, from which pods mount. */
    dataLif: string;
    /**
     * The other site's side of the peering.
     * @example
     * { svm: "svm_west", interclusterAddresses: ["10.0.2.7", "10.0.2.8"] }
     */
    peer: OntapPeerArgs;
    /** Trident's account on the array. It may differ from the one this package uses. */
    credentials: OntapCredentialsArgs;
    /**
     * The aggregate on which volumes are created.
     * @default Trident chooses one of the SVM's
     */
    aggregate?: string;
    /**
     * The storage class for volumes on this backend.
     * @default named `trident-dr`, not the cluster's default
     * @example
     * { name: "mirrored", default: true }
     */
    storageClass?: StorageClassArgs;
    /**
     * The snapshot class for those volumes.
     * @default named `trident-dr`, not the cluster's default
     */
    snapshotClass?: SnapshotClassArgs;
    /**
     * Namespace of Trident.
     * @default trident
     */
    tridentNamespace?: string;
    /**
     * Whether to adopt a cluster peering that exists already.
     * @default true
     */
    adopt?: boolean;
    /**
     * How long to wait for the array and for the peer.
     * @example
     * { peering: "1m" }
     */
    timeouts?: PeeringTimeouts;
    /**
     * Changes what is declared for any object of this, where no argument does. What roles depend on is refused by name.
     * @default none
     */
    transform?: Transform;
}

/** The other site's storage. */
export interface OntapPeerArgs {
    /** The other site's SVM. */
    svm: string;
    /**
     * Name of the other site's ONTAP cluster.
     * @default found by its intercluster addresses
     */
    cluster?: string;
    /** Addresses of the other site's intercluster interfaces; an empty list when both SVMs are in one cluster. */
    interclusterAddresses: string[];
}

/** An account on the array. */
export interface OntapCredentialsArgs {
    /** Name of the account. */
    username: pulumi.Input<string>;
    /** Its password. Kept as a secret. */
    password: pulumi.Input<string>;
}

/** A StorageClass. */
export interface StorageClassArgs {
    /** Its name. @default trident-dr */
    name?: string;
    /** Whether claims without a class use it. @default false */
    default?: boolean;
    /** What happens to a volume whose claim is deleted. @default Delete */
    reclaimPolicy?: "Delete" | "Retain";
}

/** A VolumeSnapshotClass. */
export interface SnapshotClassArgs {
    /** Its name. @default trident-dr */
    name?: string;
    /** Whether snapshots without a class use it. @default false */
    default?: boolean;
}

/** Time spans such as `10s` or `2m`. */
export interface PeeringTimeouts {
    /** One request to ONTAP, including retries. @default 90s */
    request?: string;
    /** How long to wait for the peer's half after a change. @default 10s */
    peering?: string;
}

const driver = "csi.trident.netapp.io";
const driverName = "ontap-nas";
const backendName = "trident-dr-ontap";
const defaultTridentNamespace = "trident";
const defaultClassName = "trident-dr";
/**
 * Every snapshot must stay at the standby site, because a switch promotes one of them by name. ONTAP's default policy,
 * `Asynchronous`, also transfers on an hourly schedule of its own, after which the named snapshot can be gone
 * (docs/facts/ontap.md#snapmirror-policies).
 */
const replicationPolicy = "MirrorAllSnapshots";

/**
 * What a site's cluster needs for volumes that can be mirrored: this site's half of the cluster and SVM peering, the
 * Trident backend, a storage class and a snapshot class.
 *
 * @example
 * const backend = new OntapBackend("ontap", { pair, ...settings.ontap });
 */
export class OntapBackend extends pulumi.ComponentResource {
    /** The management interface of the site's ONTAP cluster. */
    readonly endpoint: OntapEndpoint;
    /** The site's SVM. */
    readonly svm: string;
    /** The other site's SVM. */
    readonly peerSvm: string;
    /** Name of the storage class. Plain, so that a preview can plan before the class exists. */
    readonly storageClassName: string;
    /** Name of the snapshot class. */
    readonly snapshotClassName: string;
    /** The TridentBackendConfig, for which a mirrored application waits. */
    readonly tridentBackend: { name: string; namespace: string };
    /** Whether both halves of the peering are done. */
    declare readonly peered: pulumi.Output<boolean>;
    /** What the other site must do for the peering, or "". */
    declare readonly next: pulumi.Output<string>;

    /** @throws InvalidInput with all that is wrong with the arguments */
    constructor(name: string, args: OntapBackendArgs, opts?: pulumi.ComponentResourceOptions) {
        super("trident-dr:index:OntapBackend", name, {}, opts);
        refuse(`The backend ${name}`, ontapBackendProblems(args));
        unverified(args.pair.site, args.endpoint).forEach((warning) => void pulumi.log.warn(warning, this));
        this.endpoint = args.endpoint;
        this.svm = args.svm;
        this.peerSvm = args.peer.svm;
        const owned = ownedBy(name, args.pair, objectsOf(args), this);
        const peering = makePeering(name, args, this);
        this.tridentBackend = makeTridentBackend(name, args, owned, this);
        this.storageClassName = makeStorageClass(name, args, owned, this);
        this.snapshotClassName = makeSnapshotClass(name, args, owned, this);
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
function ontapBackendProblems(args: Omit<OntapBackendArgs, "pair" | "credentials">): Problem[] {
    const addresses = args.peer.interclusterAddresses;
    return [
        ...httpsUrlProblems("endpoint.url", args.endpoint.url),
        ...(args.endpoint.certificate === undefined
            ? []
            : certificateProblems("endpoint.certificate", args.endpoint.certificate)),
        ...tridentCertificateProblems("endpoint.certificate", args.endpoint),
        ...verificationProblems("endpoint.verification", args.endpoint),
        ...arrayNameProblems("svm", args.svm),
        ...arrayNameProblems("peer.svm", args.peer.svm),
        ...optionalArrayNameProblems("peer.cluster", args.peer.cluster),
        ...optionalArrayNameProblems("aggregate", args.aggregate),
        ...hostProblems("dataLif", args.dataLif),
        ...(Array.isArray(addresses)
            ? addresses.flatMap((address, index) => addressProblems(`peer.interclusterAddresses[${index}]`, address))
            : [{ key: "peer.interclusterAddresses", expected: "a list of IP addresses", found: describe(addresses) }]),
    ];
}

/** What is declared, and must not be somebody else's. */
function objectsOf({
    tridentNamespace: namespace = defaultTridentNamespace,
    ...args
}: OntapBackendArgs): DeclaredObject[] {
    return [
        { apiVersion: "v1", kind: "Secret", plural: "secrets", namespace, name: `${backendName}-credentials` },
        {
            apiVersion: "trident.netapp.io/v1",
            kind: "TridentBackendConfig",
            plural: "tridentbackendconfigs",
            namespace,
            name: backendName,
        },
        {
            apiVersion: "storage.k8s.io/v1",
            kind: "StorageClass",
            plural: "storageclasses",
            name: args.storageClass?.name ?? defaultClassName,
        },
        {
            apiVersion: "snapshot.storage.k8s.io/v1",
            kind: "VolumeSnapshotClass",
            plural: "volumesnapshotclasses",
            name: args.snapshotClass?.name ?? defaultClassName,
        },
    ];
}

function makePeering(name: string, args: OntapBackendArgs, parent: pulumi.Resource): OntapPeering {
    const { pair, endpoint, svm, peer, adopt, timeouts } = args;
    const { site, peer: peerSite, stacks, configNamespace } = pair;
    return new OntapPeering(
        `${name}-peering`,
        { site, peerSite, endpoint, svm, peer, adopt, stacks, configNamespace, timeouts, serves: servedAt(pair) },
        { parent },
    );
}

/** What is to serve at this site does not wait for the peering: the provider then takes its problems for warnings. */
function servedAt(pair: SitePair): pulumi.Output<ServedItems | undefined> {
    const { cluster } = pair;
    return pair.registry.served().apply((items) => (items.length === 0 ? undefined : { cluster, items }));
}

function makeTridentBackend(
    name: string,
    args: OntapBackendArgs,
    owned: DeclaredObjects,
    parent: pulumi.Resource,
): OntapBackend["tridentBackend"] {
    const { pair, endpoint, svm, dataLif, aggregate, credentials } = args;
    // Volumes outlive the stack, and these lead to them; Trident does not release a backend that has volumes.
    const options = { parent, provider: pair.kubernetes, retainOnDelete: true, dependsOn: owned };
    const namespace = args.tridentNamespace ?? defaultTridentNamespace;
    const secret = new k8s.core.v1.Secret(
        `${name}-credentials`,
        transformed(args.transform, "Secret", {
            metadata: { name: `${backendName}-credentials`, namespace },
            stringData: {
                username: pulumi.secret(credentials.username),
                password: pulumi.secret(credentials.password),
            },
        }),
        options,
    );
    new k8s.apiextensions.CustomResource(
        `${name}-trident-backend`,
        transformed(args.transform, "TridentBackendConfig", {
            apiVersion: "trident.netapp.io/v1",
            kind: "TridentBackendConfig",
            metadata: {
                name: backendName,
                namespace,
                // Whatever needs it waits for it, and reports a failure at once, in Trident's words.
                annotations: { "pulumi.com/skipAwait": "true" },
            },
            spec: {
                version: 1,
                backendName,
                storageDriverName: driverName,
                managementLIF: new URL(endpoint.url).host,
                dataLIF: inUrl(dataLif),
                svm,
                ...(aggregate === undefined ? {} : { aggregate }),
                replicationPolicy,
                ...(endpoint.certificate === undefined
                    ? {}
                    : { trustedCACertificate: Buffer.from(endpoint.certificate).toString("base64") }),
                credentials: { name: secret.metadata.name },
            },
        }),
        options,
    );
    return { name: backendName, namespace };
}

function makeStorageClass(
    name: string,
    args: OntapBackendArgs,
    owned: DeclaredObjects,
    parent: pulumi.Resource,
): string {
    const className = args.storageClass?.name ?? defaultClassName;
    new k8s.storage.v1.StorageClass(
        `${name}-storage-class`,
        transformed(args.transform, "StorageClass", {
            metadata: {
                name: className,
                ...annotated("storageclass.kubernetes.io/is-default-class", args.storageClass?.default),
            },
            provisioner: driver,
            parameters: { backendType: driverName },
            allowVolumeExpansion: true,
            reclaimPolicy: args.storageClass?.reclaimPolicy ?? "Delete",
        }),
        { parent, provider: args.pair.kubernetes, retainOnDelete: true, dependsOn: owned },
    );
    return className;
}

function makeSnapshotClass(
    name: string,
    args: OntapBackendArgs,
    owned: DeclaredObjects,
    parent: pulumi.Resource,
): string {
    const className = args.snapshotClass?.name ?? defaultClassName;
    new k8s.apiextensions.CustomResource(
        `${name}-snapshot-class`,
        transformed(args.transform, "VolumeSnapshotClass", {
            apiVersion: "snapshot.storage.k8s.io/v1",
            kind: "VolumeSnapshotClass",
            metadata: {
                name: className,
                ...annotated("snapshot.storage.kubernetes.io/is-default-class", args.snapshotClass?.default),
            },
            // This kind has no spec: these are beside metadata.
            driver,
            deletionPolicy: "Delete",
        }),
        { parent, provider: args.pair.kubernetes, retainOnDelete: true, dependsOn: owned },
    );
    return className;
}

/** Empty annotations would appear as a change in every preview. */
function annotated(annotation: string, given: boolean | undefined): { annotations?: Record<string, string> } {
    return given === true ? { annotations: { [annotation]: "true" } } : {};
}
