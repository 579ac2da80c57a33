import * as k8s from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";
import { parseDiscard } from "../provider/roles/acknowledgement";
import { nameProblems, oneOfProblems } from "./names";
import {
    ownStackName,
    siblingStackName,
    type PeerOutputs,
    type PeerRecord,
    readPeerStack,
    recordIn,
} from "./peerStack";
import { describe, type Problem, refuse } from "./problems";

export interface SitePairArgs {
    /** Name of the site that this stack is for, such as `east`. */
    site: string;
    /** Name of the other site. */
    peer: string;
    /** Name of the site that is to serve, for every application that does not say otherwise. */
    active: string;
    /**
     * What an operator gives leave to.
     * @default nothing: an unplanned takeover, and whatever gives up writes, is refused
     */
    acknowledgements?: AcknowledgementArgs;
    /**
     * Full name of the peer's stack, or `"none"` to read none.
     * @default the stack of this project that is named like the peer
     */
    peerStack?: string;
    /**
     * The site's cluster.
     * @default the current context of `KUBECONFIG`
     */
    kubernetes?: ClusterArgs;
}

/** Each names the epoch that it is for, so that one that is left in a file does no harm later. */
export interface AcknowledgementArgs {
    /** Serve without a hand-over token, starting this very epoch. */
    takeover?: number;
    /** Give up the writes that a site made in an epoch: `<site>@<epoch>`. */
    discard?: string;
    /** Why a switch may go on although replication is older than `maxLag`; it is recorded. */
    lag?: string;
    /** Copy everything where the sites have no snapshot in common, to join this very epoch. */
    fullCopy?: number;
}

export interface ClusterArgs {
    /** Context of the kubeconfig. @default its current context */
    context?: string;
    /** Path of a kubeconfig. @default `KUBECONFIG`, else `~/.kube/config` */
    kubeconfig?: string;
}

/** What a mirrored application tells its pair, and so the peer. */
export interface ApplicationReport {
    /** Its role record at this site. */
    record: pulumi.Input<unknown>;
    /** What the other site must do next, or "". */
    next: pulumi.Input<string>;
}

/** What a backend tells its pair. */
export interface PeeringReport {
    /** Whether both halves are done. */
    peered: pulumi.Input<boolean>;
    /** What the other site must do next, or "". */
    next: pulumi.Input<string>;
}

/** What a stack publishes under the name `tridentDr`, for its peer and for whoever asks. */
export interface SitePairOutputs {
    site: string;
    applications: Record<string, { record: unknown; next: string }>;
    peering: Record<string, { peered: boolean; next: string }>;
}

/** Two sites that mirror each other, seen from one of them: names, access to the own cluster, the peer's outputs. */
export class SitePair extends pulumi.ComponentResource {
    readonly site: string;
    readonly peer: string;
    /** Name of the site that is to serve. */
    readonly active: string;
    readonly acknowledgements: AcknowledgementArgs;
    readonly cluster: ClusterArgs;
    /** Through which everything at this site's cluster is declared. */
    readonly kubernetes: k8s.Provider;
    private readonly peerOutputs: pulumi.Output<PeerOutputs>;
    private readonly applications = new Map<string, ApplicationReport>();
    private readonly peerings = new Map<string, PeeringReport>();

    /** @throws InvalidInput with all that is wrong with the arguments */
    constructor(name: string, args: SitePairArgs, opts?: pulumi.ComponentResourceOptions) {
        super("trident-dr:index:SitePair", name, {}, opts);
        refuse(`The pair ${name}`, [
            ...sitePairProblems(args),
            ...peerStackProblems("peerStack", args, ownStackName()),
        ]);
        this.site = args.site;
        this.peer = args.peer;
        this.active = args.active;
        this.acknowledgements = args.acknowledgements ?? {};
        this.cluster = args.kubernetes ?? {};
        this.kubernetes = new k8s.Provider(
            `${name}-kubernetes`,
            // An application is usually there before anybody mirrors it: its namespace is taken over as it stands.
            // A password that is rotated must not take its Secret away for a moment.
            { ...this.cluster, upsertExistingObjects: true, enableSecretMutable: true },
            { parent: this },
        );
        this.peerOutputs = readPeerStack(peerStackName(args));
        this.registerOutputs({ site: this.site, peer: this.peer, active: this.active });
    }

    /**
     * What the peer's last `pulumi up` said of an application. A stack that was never deployed says that the peer is
     * nothing yet; one that cannot be read is unknown.
     */
    peerRecordOf(application: string): pulumi.Output<PeerRecord> {
        return this.peerOutputs.apply((outputs) => recordIn(outputs, this.peer, application));
    }

    /**
     * The value of another output of the peer's stack; undefined as long as it has none. Kept as a secret, since it
     * may be one.
     */
    peerOutput(name: string): pulumi.Output<unknown> {
        return pulumi.secret(this.peerOutputs.apply((peer) => (peer.known ? peer.outputs[name] : undefined)));
    }

    /**
     * Takes an application into what is published. For components that mirror something.
     * @throws InvalidInput when the name is taken
     */
    register(application: string, report: ApplicationReport): void {
        refuse(
            `The pair of ${this.site} and ${this.peer}`,
            this.applications.has(application)
                ? [{ key: "application", expected: "each application once", found: `${describe(application)} twice` }]
                : [],
        );
        this.applications.set(application, report);
    }

    /** Takes a peering of storage into what is published. */
    registerPeering(name: string, report: PeeringReport): void {
        this.peerings.set(name, report);
    }

    /** What a program exports as `tridentDr`, after everything has been declared. */
    outputs(): pulumi.Output<SitePairOutputs> {
        return pulumi.output({
            site: this.site,
            applications: Object.fromEntries(this.applications),
            peering: Object.fromEntries(this.peerings),
        }) as pulumi.Output<SitePairOutputs>;
    }

    /** What the other site must do next, a sentence each; empty when it need not do anything. */
    next(): pulumi.Output<string[]> {
        return this.outputs().apply(({ applications, peering }) => [
            ...new Set(
                [...Object.values(peering), ...Object.values(applications)]
                    .map(({ next }) => next)
                    .filter((next) => typeof next === "string" && next !== ""),
            ),
        ]);
    }
}

/** What is wrong with the arguments of a {@link SitePair}. */
export function sitePairProblems(args: {
    site: unknown;
    peer: unknown;
    active: unknown;
    acknowledgements?: { takeover?: unknown; discard?: unknown; lag?: unknown; fullCopy?: unknown };
}): Problem[] {
    const sites = [args.site, args.peer].filter((site) => typeof site === "string");
    return [
        ...nameProblems("site", args.site, "the name of this stack's site"),
        ...nameProblems("peer", args.peer, "the name of the other site"),
        ...(args.site !== undefined && args.site === args.peer
            ? [{ key: "peer", expected: "a site other than this one", found: describe(args.peer) }]
            : []),
        ...oneOfProblems("active", args.active, sites),
        ...takeoverProblems("acknowledgements.takeover", args.acknowledgements?.takeover),
        ...discardProblems("acknowledgements.discard", args.acknowledgements?.discard, sites),
        ...lagProblems("acknowledgements.lag", args.acknowledgements?.lag),
        ...fullCopyProblems("acknowledgements.fullCopy", args.acknowledgements?.fullCopy),
    ];
}

export function takeoverProblems(key: string, value: unknown): Problem[] {
    return epochProblems(key, value, "the number of the epoch that the takeover starts");
}

export function fullCopyProblems(key: string, value: unknown): Problem[] {
    return epochProblems(key, value, "the number of the epoch that may be joined by copying everything");
}

function epochProblems(key: string, value: unknown, expected: string): Problem[] {
    return value === undefined || (Number.isSafeInteger(value) && Number(value) > 0)
        ? []
        : [{ key, expected, found: describe(value) }];
}

export function lagProblems(key: string, value: unknown): Problem[] {
    return value === undefined || (typeof value === "string" && value.trim() !== "")
        ? []
        : [{ key, expected: "the reason why a switch may go on", found: describe(value) }];
}

export function discardProblems(key: string, value: unknown, sites: readonly string[]): Problem[] {
    if (value === undefined) {
        return [];
    }
    const discard = typeof value === "string" ? parseDiscard(value) : undefined;
    return discard !== undefined && (sites.length < 2 || sites.includes(discard.site))
        ? []
        : [
              {
                  key,
                  expected: `<site>@<epoch>${sites.length < 2 ? "" : ` of ${sites.join(" or ")}`}, such as ${sites[0] ?? "east"}@3`,
                  found: describe(value),
              },
          ];
}

/** What is wrong with the stack that is read as the peer's: it cannot be the own one. */
export function peerStackProblems(
    key: string,
    { peer, peerStack }: { peer: string; peerStack?: unknown },
    own: string,
): Problem[] {
    return (peerStack ?? siblingStackName(own, peer)) === own
        ? [{ key, expected: `the stack of ${peer}`, found: `${own}, which is this very stack` }]
        : [];
}

function peerStackName({ peer, peerStack }: SitePairArgs): string | undefined {
    return peerStack === "none" ? undefined : (peerStack ?? siblingStackName(ownStackName(), peer));
}
