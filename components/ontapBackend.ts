import * as pulumi from "@pulumi/pulumi";
import type { OntapEndpoint } from "../provider/clients/ontap/endpoint";
import type { DeclaredObject, ExistingObject } from "../provider/resources/declaredObjects";
import { OntapPeering, type ServedItems } from "../provider/resources/peering";
import { ownedBy } from "./ownership";
import type { SitePair } from "./sitePair";
import type { UsedObjects } from "./storage/access";
import type { TridentBackendArgs } from "./storage/backendArgs";
import {
    makeSnapshotClass,
    makeStorageClass,
    type SnapshotClassArgs,
    snapshotClassObject,
    type StorageClassArgs,
    storageClassObject,
} from "./storage/classes";
import {
    type ExistingArgs,
    existingProblems,
    existingSecret,
    existingSnapshotClass,
    existingStorageClass,
    isExisting,
} from "./storage/existing";
import { defaultClassProblems } from "./storage/defaultClasses";
import { type NamedStorage, storageAtSite } from "./storage/sharedCluster";
import { classNameOf, moreExisting, moreObjects, type MoreStorage, moreStorageProblems } from "./storage/moreBackends";
import {
    makeTridentBackends,
    type OntapCredentialsArgs,
    tridentBackendExisting,
    tridentEndpoint,
    tridentBackendName,
    tridentBackendObjects,
    tridentBackendProblems,
} from "./storage/tridentBackend";
import type { Declaring, Transform } from "./transform/transform";
import { arrayNameProblems, optionalArrayNameProblems } from "./validation/arrayNames";
import {
    addressProblems,
    certificateProblems,
    hostProblems,
    httpsUrlProblems,
    objectNameProblems,
    oneOfProblems,
} from "./validation/names";
import { describe, type Problem, refuse } from "./validation/problems";
import { tridentCertificateProblems, unverified, verificationProblems } from "./validation/tridentCertificate";

/** Arguments of an {@link OntapBackend}. `loadSettings().ontap` reads them from the stack's configuration. */
export interface OntapBackendArgs extends MoreStorage {
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
    /**
     * Address or host name of the SVM's data interface, from which pods mount.
     * @default Trident asks the SVM for one
     */
    dataLif?: string;
    /**
     * The other site's side of the peering.
     * @example
     * { svm: "svm_west", interclusterAddresses: ["10.0.2.7", "10.0.2.8"] }
     */
    peer: OntapPeerArgs;
    /**
     * Trident's account on the array. It may differ from the one this package uses. Required, unless somebody else keeps
     * the Secret or the whole backend (`tridentBackend`).
     */
    credentials?: OntapCredentialsArgs;
    /**
     * A Secret in Trident's namespace with this package's account on the array, which somebody else keeps: with the keys
     * `username` and `password`, or `tls.crt` and `tls.key`. It is read only where neither the stack's configuration nor
     * the environment says an account.
     * @default the stack's configuration or the environment say one
     * @example
     * "trident-dr-account"
     */
    accountSecret?: string;
    /**
     * Trident's backend: one that exists already, or what the one that is declared has beside its defaults.
     * @default one is declared
     * @example
     * { existing: "ontap-nas-production" }
     */
    tridentBackend?: TridentBackendArgs | ExistingArgs;
    /**
     * The aggregate on which volumes are created.
     * @default Trident chooses one of the SVM's
     */
    aggregate?: string;
    /**
     * The storage class for volumes on this backend: one that is declared, or one that exists already.
     * @default named `trident-dr`, not the cluster's default
     * @example
     * { name: "mirrored", default: true }
     * @example
     * { existing: "nas-production" }
     */
    storageClass?: StorageClassArgs | ExistingArgs;
    /**
     * The snapshot class for those volumes: one that is declared, or one that exists already.
     * @default named `trident-dr`, not the cluster's default
     */
    snapshotClass?: SnapshotClassArgs | ExistingArgs;
    /**
     * Namespace of Trident.
     * @default trident
     */
    tridentNamespace?: string;
    /**
     * `existing` where the storage team manages the peering: it is checked, by an account that may read the SVM's peerings,
     * and never made, changed or removed. Needs no passphrase.
     * @default this site's half is made
     */
    peering?: "existing";
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
    /**
     * Addresses of the other site's intercluster interfaces; an empty list when both SVMs are in one cluster. Required,
     * unless others manage the peering.
     */
    interclusterAddresses?: string[];
}

/** Time spans such as `10s` or `2m`. */
export interface PeeringTimeouts {
    /** One request to ONTAP, including retries. @default 90s */
    request?: string;
    /** How long to wait for the peer's half after a change. @default 10s */
    peering?: string;
}

const defaultTridentNamespace = "trident";

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
    /**
     * The Secret with this package's account, where there is one.
     * @internal
     */
    readonly accountSecret: { namespace: string; name: string } | undefined;
    /** The other site's SVM. */
    readonly peerSvm: string;
    /** Name of the storage class. Plain, so that a preview can plan before the class exists. */
    readonly storageClassName: string;
    /** Name of the snapshot class. */
    readonly snapshotClassName: string;
    /** The TridentBackendConfig, for which a mirrored application waits. */
    readonly tridentBackend: { name: string; namespace: string };
    /** @internal */
    readonly used: UsedObjects;
    /**
     * By the name of each class, the backend on which its volumes are made.
     * @internal
     */
    readonly backendsOfClasses: ReadonlyMap<string, string>;
    /** Whether both halves of the peering are done. */
    declare readonly peered: pulumi.Output<boolean>;
    /** What the other site must do for the peering, or "". */
    declare readonly next: pulumi.Output<string>;
    private readonly pair: SitePair;

    /** @throws InvalidInput with all that is wrong with the arguments */
    constructor(name: string, given: OntapBackendArgs, opts?: pulumi.ComponentResourceOptions) {
        super("trident-dr:index:OntapBackend", name, {}, opts);
        refuse(`The backend ${name}`, ontapBackendProblems(given));
        const args = storageAtSite(given);
        unverified(args.pair.site, args.endpoint, tridentEndpoint(args)).forEach(
            (warning) => void pulumi.log.warn(warning, this),
        );
        this.pair = args.pair;
        this.endpoint = args.endpoint;
        this.svm = args.svm;
        this.peerSvm = args.peer.svm;
        this.accountSecret = accountSecretOf(args);
        this.used = { declared: objectsOf(args), existing: existingOf(args) };
        const owned = ownedBy(name, args.pair, this.used, this);
        const peering = makePeering(name, args, this);
        // Volumes outlive the stack, and these lead to them; Trident does not release a backend that has volumes.
        const options = { parent: this, provider: args.pair.kubernetes, retainOnDelete: true, dependsOn: owned };
        const declaring = { options, transform: args.transform };
        this.tridentBackend = { name: tridentBackendName(args), namespace: namespaceOf(args) };
        makeTridentBackends(name, args, args.moreBackends ?? [], namespaceOf(args), declaring);
        this.storageClassName = declareStorageClass(name, args, declaring);
        this.backendsOfClasses = declareMoreClasses(name, args, this.tridentBackend.name, declaring);
        this.snapshotClassName = declareSnapshotClass(name, args, declaring);
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

    /**
     * What the class that an application names is called at the site.
     * @internal
     */
    classNamed(name: string): string {
        const own = this.pair.named(name);
        return this.backendsOfClasses.has(own) ? own : name;
    }
}

/** The site's array, as its roles know it. */
export function arrayOf({ endpoint, svm, accountSecret }: OntapBackend) {
    return { endpoint, svm, ...(accountSecret === undefined ? {} : { accountSecret }) };
}

/** What is wrong with the plain values of an {@link OntapBackend}. */
function ontapBackendProblems(args: Omit<OntapBackendArgs, "pair">): Problem[] {
    const addresses = args.peer.interclusterAddresses;
    return [
        ...httpsUrlProblems("endpoint.url", args.endpoint.url),
        ...(args.endpoint.certificate === undefined
            ? []
            : certificateProblems("endpoint.certificate", args.endpoint.certificate)),
        ...tridentCertificateProblems(certificateKeyOf(args), tridentEndpoint(args) ?? { url: "" }),
        ...verificationProblems("endpoint.verification", args.endpoint),
        ...arrayNameProblems("svm", args.svm),
        ...arrayNameProblems("peer.svm", args.peer.svm),
        ...optionalArrayNameProblems("peer.cluster", args.peer.cluster),
        ...optionalArrayNameProblems("aggregate", args.aggregate),
        ...(args.dataLif === undefined ? [] : hostProblems("dataLif", args.dataLif)),
        ...(args.accountSecret === undefined ? [] : objectNameProblems("accountSecret", args.accountSecret)),
        ...tridentBackendProblems("tridentBackend", args),
        ...moreStorageProblems(args, tridentBackendName(args), args.storageClass ?? {}),
        ...defaultClassProblems([{ prefix: "", ...args }]),
        ...(isExisting(args.tridentBackend) && (args.moreBackends ?? []).length > 0
            ? [
                  {
                      key: "moreBackends",
                      expected: "none beside tridentBackend.existing, whose account is not known",
                      found: describe(args.moreBackends),
                  },
              ]
            : []),
        ...(isExisting(args.storageClass) ? existingProblems("storageClass", args.storageClass) : []),
        ...(isExisting(args.snapshotClass) ? existingProblems("snapshotClass", args.snapshotClass) : []),
        ...(args.peering === undefined ? [] : oneOfProblems("peering", args.peering, ["existing"])),
        ...(addresses === undefined && args.peering === "existing"
            ? []
            : Array.isArray(addresses)
              ? addresses.flatMap((address, index) => addressProblems(`peer.interclusterAddresses[${index}]`, address))
              : [
                    {
                        key: "peer.interclusterAddresses",
                        expected: "a list of IP addresses",
                        found: describe(addresses),
                    },
                ]),
    ];
}

/** Where the certificate is said by which Trident verifies the array. */
function certificateKeyOf({ tridentBackend }: Omit<OntapBackendArgs, "pair">): string {
    return tridentBackend !== undefined && !isExisting(tridentBackend) && tridentBackend.certificate !== undefined
        ? "tridentBackend.certificate"
        : "endpoint.certificate";
}

/** What is declared, and must not be somebody else's. */
function objectsOf(args: NamedStorage): DeclaredObject[] {
    const { storageClass = {}, snapshotClass = {} } = args;
    return [
        ...tridentBackendObjects(args, namespaceOf(args)),
        ...(isExisting(storageClass) ? [] : [storageClassObject(storageClass)]),
        ...(isExisting(snapshotClass) ? [] : [snapshotClassObject(snapshotClass)]),
        ...moreObjects(args, namespaceOf(args)),
    ];
}

/** What somebody else made, and has to be there. */
function existingOf(args: OntapBackendArgs): ExistingObject[] {
    const { storageClass, snapshotClass } = args;
    return [
        ...tridentBackendExisting(args, namespaceOf(args)),
        ...existingAccount(args),
        ...(isExisting(storageClass) ? [existingStorageClass(storageClass.existing, "storageClass.existing")] : []),
        ...(isExisting(snapshotClass) ? [existingSnapshotClass(snapshotClass.existing, "snapshotClass.existing")] : []),
        ...moreExisting(args),
    ];
}

/** One Secret may serve both accounts, and is then named once. */
function existingAccount(args: OntapBackendArgs): ExistingObject[] {
    const { accountSecret: name, tridentBackend } = args;
    const isTridents = !isExisting(tridentBackend) && tridentBackend?.credentialsSecret === name;
    return name === undefined || isTridents
        ? []
        : [existingSecret(name, { key: "accountSecret", namespace: namespaceOf(args), keys: [], why: "" })];
}

function accountSecretOf(args: OntapBackendArgs): { namespace: string; name: string } | undefined {
    return args.accountSecret === undefined ? undefined : { namespace: namespaceOf(args), name: args.accountSecret };
}

function namespaceOf({ tridentNamespace = defaultTridentNamespace }: OntapBackendArgs): string {
    return tridentNamespace;
}

function makePeering(name: string, args: OntapBackendArgs, parent: pulumi.Resource): OntapPeering {
    const { pair, endpoint, svm, adopt, timeouts } = args;
    const peer = { ...args.peer, interclusterAddresses: args.peer.interclusterAddresses ?? [] };
    const existing = args.peering === "existing" ? { existing: true } : {};
    const { site, peer: peerSite, stacks, configNamespace, cluster } = pair;
    const secret = accountSecretOf(args);
    return new OntapPeering(
        `${name}-peering`,
        {
            ...{ site, peerSite, endpoint, svm, peer, adopt, ...existing },
            ...{ stacks, configNamespace, timeouts, serves: servedAt(pair) },
            leaving: pair.registry.leaving().apply((leaves) => (leaves ? true : undefined)),
            ...(secret === undefined ? {} : { accountSecret: { ...secret, cluster } }),
        },
        { parent },
    );
}

/** What is to serve at this site does not wait for the peering: the provider then takes its problems for warnings. */
function servedAt(pair: SitePair): pulumi.Output<ServedItems | undefined> {
    const { cluster } = pair;
    return pair.registry.served().apply((items) => (items.length === 0 ? undefined : { cluster, items }));
}

/** The class's name, whoever made it. */
function declareStorageClass(name: string, { storageClass = {} }: OntapBackendArgs, declaring: Declaring): string {
    if (isExisting(storageClass)) {
        return storageClass.existing;
    }
    makeStorageClass(`${name}-storage-class`, storageClass, declaring);
    return storageClassObject(storageClass).name;
}

function firstClassName({ storageClass = {} }: Pick<OntapBackendArgs, "storageClass">): string {
    return isExisting(storageClass) ? storageClass.existing : storageClassObject(storageClass).name;
}

/** Declares the further classes; a class that names no backend counts as the first one's. */
function declareMoreClasses(
    name: string,
    { storageClass = {}, moreStorageClasses = [] }: OntapBackendArgs,
    firstBackend: string,
    declaring: Declaring,
): ReadonlyMap<string, string> {
    for (const one of moreStorageClasses) {
        if (!isExisting(one)) {
            makeStorageClass(`${name}-storage-class-${one.name}`, one, declaring);
        }
    }
    const backendOf = (one: StorageClassArgs | ExistingArgs) =>
        isExisting(one) ? firstBackend : (one.backend ?? firstBackend);
    return new Map([
        [firstClassName({ storageClass }), backendOf(storageClass)],
        ...moreStorageClasses.map((one) => [classNameOf(one), backendOf(one)] as const),
    ]);
}

function declareSnapshotClass(name: string, { snapshotClass = {} }: OntapBackendArgs, declaring: Declaring): string {
    if (isExisting(snapshotClass)) {
        return snapshotClass.existing;
    }
    makeSnapshotClass(`${name}-snapshot-class`, snapshotClass, declaring);
    return snapshotClassObject(snapshotClass).name;
}
