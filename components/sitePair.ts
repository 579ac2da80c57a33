import { setImmediate as nextTurn, setTimeout as delay } from "node:timers/promises";
import * as k8s from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";
import type { MirrorOutcome } from "../provider/resources/mirrorOutcome";
import { acknowledgementProblems, type AcknowledgementArgs } from "./acknowledgements";
import { nameAtSite } from "../provider/roles/sharedCluster";
import { PairRegistry } from "./pairRegistry";
import { defaultOutputName, type PeerOutputs, type PeerRecord, readPeerStack, recordIn } from "./peerStack";
import { nextIn, Publication, reportOutcome, type SitePairOutputs } from "./publication";
import { Tenants } from "./tenants";
import { type Transform, transformed } from "./transform/transform";
import { ownStackName, peerStackName, peerStackProblems, stacksNamedDifferently } from "./stackNames";
import { tlsRemedy, tlsVariable, turnsVerificationOff } from "../provider/support/tlsVariable";
import {
    booleanProblems,
    configNamespaceProblems,
    kubeconfigProblems,
    nameProblems,
    oneOfProblems,
    recordNamespaceProblems,
    nonEmptyStringProblems,
} from "./validation/names";
import { describe, type Problem, refuse } from "./validation/problems";

/** Arguments of a {@link SitePair}. `loadSettings().pair` reads them from the stack's configuration. */
export interface SitePairArgs {
    /** Name of the site that this stack is for, such as `east`. */
    site: string;
    /** Name of the other site, such as `west`. */
    peer: string;
    /** Name of the site that is to serve every application and group of volumes that does not name one of its own. */
    active: string;
    /**
     * What the operator explicitly allows.
     * @default nothing: an unplanned takeover is refused, and so is anything that discards writes
     * @example
     * { takeover: 4 }
     */
    acknowledgements?: AcknowledgementArgs;
    /**
     * Full name of the peer's stack, or `"none"` to read none.
     * @default the stack of this project that is named after the peer
     * @example
     * "acme/disaster-recovery/west"
     */
    peerStack?: string;
    /**
     * The site's cluster.
     * @default the current context of `KUBECONFIG`
     * @example
     * { context: "east" }
     */
    kubernetes?: ClusterArgs;
    /**
     * Whether both sites are on that one cluster, with an array and a bucket each. Every name that this package makes there
     * then ends with the site's, and each application's namespaces at one site are none of those at the other
     * (`peerNamespaces`). Both programs say so.
     * @default false
     */
    sharedCluster?: boolean;
    /**
     * Namespace of the applications' role records, out of reach of those who may edit an application's namespace. It is
     * created where it does not exist, and never deleted.
     * @default trident-dr; with `sharedCluster`, the site's name follows
     */
    recordNamespace?: string;
    /**
     * Namespace of the stack's configuration, in which the provider finds the pair's credentials, and to which commands in
     * messages refer. `loadSettings()` sets it. Two pairs of one program have one each.
     * @default trident-dr, else the project's own
     * @example
     * "acme-dr"
     */
    configNamespace?: string;
    /**
     * The output under which both programs export `outputs()` of this pair. Only of two pairs in one program must one have
     * another name; the output for the key of a created bucket is named after it (`tridentDrVault`).
     * @default tridentDr
     * @example
     * "tridentDrArchive"
     */
    outputName?: string;
    /**
     * Changes what is declared for the namespace of the records, where no argument does. What roles depend on is refused
     * by name.
     * @default none
     */
    transform?: Transform;
}

/** How to reach a site's Kubernetes cluster. */
export interface ClusterArgs {
    /** Context of the kubeconfig. @default its current context */
    context?: string;
    /** Path of a kubeconfig; its contents are refused. @default `KUBECONFIG`, else `~/.kube/config` */
    kubeconfig?: string;
    /**
     * Whether the contents of the kubeconfig are the secret `kubeconfig` in the stack's configuration, in the namespace of
     * the pair. They are given to Pulumi's Kubernetes provider as a secret, and are in no other resource.
     * @default false
     */
    fromConfig?: boolean;
}

/** Longer than what looks takes until it is declared. */
const firstLooksMilliseconds = 2_000;

/**
 * Two sites that mirror each other, as seen from one of them: their names, access to the site's own cluster, and the
 * outputs of the peer's stack. Everything else belongs to a pair.
 *
 * @example
 * const pair = new SitePair("pair", { site: "east", peer: "west", active: "east", kubernetes: { context: "east" } });
 * // … backend, vaults, applications, volumes …
 * export const tridentDr = pair.outputs();
 * export const next = pair.next();
 */
export class SitePair extends pulumi.ComponentResource {
    /** Name of the site that this stack is for. */
    readonly site: string;
    /** Name of the other site. */
    readonly peer: string;
    /** Name of the site that is to serve. */
    readonly active: string;
    /** What the operator explicitly allows, for whatever does not have acknowledgements of its own. */
    readonly acknowledgements: AcknowledgementArgs;
    /** How to reach the site's cluster. */
    readonly cluster: ClusterArgs;
    /** Whether both sites are on that cluster. */
    readonly sharesCluster: boolean;
    /** Namespace of the applications' role records. */
    readonly recordNamespace: string;
    /** Namespace of the stack's configuration; undefined where it is the default. */
    readonly configNamespace: string | undefined;
    /** The output under which both programs export what the other one reads. */
    readonly outputName: string;
    /** The provider for objects in the site's cluster. */
    readonly kubernetes: k8s.Provider;
    /**
     * The stack of each site whose stack is not named after it: for commands in messages.
     * @internal
     */
    readonly stacks: Readonly<Record<string, string>> | undefined;
    /** @internal */
    readonly registry: PairRegistry;
    /** @internal */
    readonly tenants: Tenants;
    /** @internal */
    readonly publication: Publication;
    private readonly transform: Transform | undefined;
    private readonly peerOutputs: pulumi.Output<PeerOutputs>;
    private outcome: MirrorOutcome | undefined;
    private records: k8s.core.v1.Namespace | undefined;
    private readonly firstLooks: pulumi.Resource[] = [];

    /** @throws InvalidInput with all that is wrong with the arguments */
    constructor(
        private readonly name: string,
        args: SitePairArgs,
        opts?: pulumi.ComponentResourceOptions,
    ) {
        super("trident-dr:index:SitePair", name, {}, opts);
        refuse(`The pair ${name}`, [
            ...sitePairProblems(args),
            ...environmentProblems(process.env),
            ...peerStackProblems("peerStack", args, ownStackName()),
        ]);
        this.site = args.site;
        this.peer = args.peer;
        this.active = args.active;
        this.acknowledgements = args.acknowledgements ?? {};
        this.cluster = args.kubernetes ?? {};
        this.sharesCluster = args.sharedCluster === true;
        this.recordNamespace = args.recordNamespace ?? this.named(defaultRecordNamespace);
        this.configNamespace = args.configNamespace;
        this.outputName = args.outputName ?? defaultOutputName;
        this.stacks = stacksNamedDifferently(args);
        this.transform = args.transform;
        this.kubernetes = new k8s.Provider(
            `${name}-kubernetes`,
            // An application usually exists before it is mirrored, and so does its namespace: adopt it as it is.
            // A rotated password must not remove its Secret even for a moment.
            { ...accessOf(args), upsertExistingObjects: true, enableSecretMutable: true },
            { parent: this, dependsOn: this.afterFirstLooks() },
        );
        this.registry = new PairRegistry(name, args);
        this.tenants = new Tenants();
        this.publication = new Publication(this.site);
        this.peerOutputs = readPeerStack(peerStackName(args));
        this.registerOutputs({ site: this.site, peer: this.peer, active: this.active });
    }

    /**
     * Has something go before the start of the Kubernetes provider, for which the engine keeps everything else waiting.
     * @internal
     */
    looksFirst(resource: pulumi.Resource): void {
        this.firstLooks.push(resource);
    }

    /**
     * Those that are declared in the same turn of the event loop: a program may wait for the provider after that. Nor does
     * it wait for good, since what looks may itself come after something of the provider's.
     */
    private async afterFirstLooks(): Promise<[]> {
        await nextTurn();
        const looks = this.firstLooks.map(({ urn }) => new Promise((resolve) => urn.apply(resolve)));
        const ended = new AbortController();
        const deadline = delay(firstLooksMilliseconds, undefined, { signal: ended.signal });
        await Promise.race([Promise.all(looks), deadline]);
        ended.abort();
        return [];
    }

    /**
     * What a program exports as `tridentDr`: the peer reads it. Call it when everything has been declared; an
     * application or group of volumes that is declared later is refused.
     *
     * @throws InvalidInput when an application comes after one that is not declared
     * @example
     * export const tridentDr = pair.outputs();
     */
    outputs(): pulumi.Output<SitePairOutputs> {
        const closed = this.registry.close();
        if (closed.items.length > 1) {
            this.outcome ??= reportOutcome(this.name, closed, this);
        }
        return this.publication.outputs();
    }

    /**
     * What the other site must do next, a sentence each; empty when there is nothing to do. Call it, like
     * {@link outputs}, when everything has been declared.
     *
     * @example
     * export const next = pair.next();
     */
    next(): pulumi.Output<string[]> {
        return this.outputs().apply(nextIn);
    }

    /**
     * Another output of the peer's stack; undefined while it has none of that name, or cannot be read. It is kept as a
     * secret, because it may be one.
     *
     * @example
     * const address = pair.peerOutput("ingressAddress");
     */
    peerOutput(name: string): pulumi.Output<unknown> {
        return pulumi.secret(this.peerOutputs.apply((peer) => (peer.known ? peer.outputs[name] : undefined)));
    }

    /**
     * The name of an object that is declared at the site's cluster: where that is the other site's as well, each has its own.
     * @internal
     */
    named(name: string): string {
        return this.sharesCluster ? nameAtSite(name, this.site) : name;
    }

    /**
     * Declares the namespace of the records, once.
     * @internal
     */
    recordsIn(): k8s.core.v1.Namespace {
        this.records ??= new k8s.core.v1.Namespace(
            `${this.name}-records`,
            transformed(this.transform, "Namespace", { metadata: { name: this.recordNamespace } }),
            { parent: this, provider: this.kubernetes, retainOnDelete: true },
        );
        return this.records;
    }

    /**
     * A protected item's role record as of the peer's last `pulumi up`. It is null where the peer has never had the item,
     * and unknown when the peer's stack cannot be read.
     * @internal
     */
    peerRecordOf(item: string): pulumi.Output<PeerRecord> {
        return this.peerOutputs.apply((outputs) => recordIn(outputs, this.peer, item, this.outputName));
    }
}

/** @internal */
export const defaultRecordNamespace = "trident-dr";

/** For Pulumi's own provider, which keeps a kubeconfig's contents as a secret. */
function accessOf(args: SitePairArgs): { context?: string; kubeconfig?: pulumi.Input<string> } {
    const { fromConfig, ...access } = args.kubernetes ?? {};
    const contents = fromConfig === true ? configuredKubeconfig(args) : undefined;
    return contents === undefined ? access : { ...access, kubeconfig: contents };
}

/** Where the provider of the roles looks for it. */
function configuredKubeconfig({ configNamespace }: SitePairArgs): pulumi.Output<string> | undefined {
    const own = new pulumi.Config(configNamespace ?? "trident-dr").getSecret("kubeconfig");
    return own ?? (configNamespace === undefined ? new pulumi.Config().getSecret("kubeconfig") : undefined);
}

function sitePairProblems(args: SitePairArgs): Problem[] {
    const sites = [args.site, args.peer].filter((site) => typeof site === "string");
    return [
        ...nameProblems("site", args.site, "the name of this stack's site"),
        ...nameProblems("peer", args.peer, "the name of the other site"),
        ...(args.site !== undefined && args.site === args.peer
            ? [{ key: "peer", expected: "a site other than this one", found: describe(args.peer) }]
            : []),
        ...oneOfProblems("active", args.active, sites),
        ...(args.sharedCluster === undefined ? [] : booleanProblems("sharedCluster", args.sharedCluster)),
        ...recordsProblems(args),
        ...(args.outputName === undefined ? [] : nonEmptyStringProblems("outputName", args.outputName)),
        ...(args.configNamespace === undefined ? [] : configNamespaceProblems("configNamespace", args.configNamespace)),
        ...acknowledgementProblems("acknowledgements.", args.acknowledgements ?? {}, sites),
        ...(args.kubernetes?.kubeconfig === undefined
            ? []
            : kubeconfigProblems("kubernetes.kubeconfig", args.kubernetes.kubeconfig)),
        ...(args.kubernetes?.fromConfig === undefined ? [] : fromConfigProblems(args)),
    ];
}

function fromConfigProblems(args: SitePairArgs): Problem[] {
    const { fromConfig, kubeconfig } = args.kubernetes ?? {};
    const key = "kubernetes.fromConfig";
    return [
        ...booleanProblems(key, fromConfig),
        ...(fromConfig === true && kubeconfig !== undefined
            ? [{ key, expected: "none beside kubernetes.kubeconfig", found: "both" }]
            : []),
        ...(fromConfig === true && configuredKubeconfig(args) === undefined
            ? [
                  {
                      key,
                      expected: `the secret ${args.configNamespace ?? "trident-dr"}:kubeconfig in the stack's configuration`,
                      found: "nothing",
                  },
              ]
            : []),
    ];
}

/** The name of a site may be as long as that of a namespace. */
function recordsProblems({ site, sharedCluster, recordNamespace }: SitePairArgs): Problem[] {
    const made = sharedCluster === true ? nameAtSite(defaultRecordNamespace, site) : defaultRecordNamespace;
    const isShared = sharedCluster === true && recordNamespace?.endsWith(nameAtSite("", site)) === false;
    return [
        ...recordNamespaceProblems("recordNamespace", recordNamespace ?? made),
        ...(isShared
            ? [
                  {
                      key: "recordNamespace",
                      expected: `one that ends in ${nameAtSite("", site)}, since both sites are on one cluster (sharedCluster)`,
                      found: describe(recordNamespace),
                  },
              ]
            : []),
    ];
}

/** What the environment says that would have passwords sent to any server. */
function environmentProblems(environment: NodeJS.ProcessEnv): Problem[] {
    return turnsVerificationOff(environment)
        ? [{ key: tlsVariable, expected: `certificates to be verified: ${tlsRemedy}`, found: "0 in the environment" }]
        : [];
}
