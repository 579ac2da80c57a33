import * as k8s from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";
import { MirrorOutcome } from "../provider/resources/mirrorOutcome";
import { parseDiscard } from "../provider/roles/acknowledgement";
import { nameProblems, oneOfProblems } from "./validation/names";
import {
    ownStackName,
    siblingStackName,
    withinProject,
    type PeerOutputs,
    type PeerRecord,
    readPeerStack,
    recordIn,
} from "./peerStack";
import { describe, type Problem, refuse } from "./validation/problems";
import { cycleProblems, neighboursOf, type Wave } from "./order";

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

/** Where an application stands among those of its pair. */
export interface RoleOrder {
    /** Whether it is one of several: its failure is then told at the end, when the others have been served. */
    together: boolean;
    before: { application: string; namespace: string }[];
    after: { application: string; namespace: string }[];
    /** Roles that go first. */
    waitsFor: string[];
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
    /** Name of the stack of each site whose stack is not named like it: for the commands that messages tell. */
    readonly stacks: Readonly<Record<string, string>> | undefined;
    /** Through which everything at this site's cluster is declared. */
    readonly kubernetes: k8s.Provider;
    private readonly peerOutputs: pulumi.Output<PeerOutputs>;
    private readonly waves: Wave[] = [];
    private readonly roles = new Map<string, pulumi.Output<string>>();
    /** Whether the outputs were asked for: whoever does so is told which applications failed. */
    private asked = false;
    private outcome: MirrorOutcome | undefined;
    /** When the program has run to its end. */
    private readonly declared = new Promise<void>((resolve) => setImmediate(resolve));
    private readonly applications = new Map<string, ApplicationReport>();
    private readonly peerings = new Map<string, PeeringReport>();

    /** @throws InvalidInput with all that is wrong with the arguments */
    constructor(
        private readonly name: string,
        args: SitePairArgs,
        opts?: pulumi.ComponentResourceOptions,
    ) {
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
        this.stacks = stacksOf(args);
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
    register(application: string, report: ApplicationReport, role?: pulumi.Output<string>): void {
        refuse(
            `The pair of ${this.site} and ${this.peer}`,
            this.applications.has(application)
                ? [{ key: "application", expected: "each application once", found: `${describe(application)} twice` }]
                : [],
        );
        this.applications.set(application, report);
        if (role !== undefined) {
            this.roles.set(application, role);
        }
    }

    /**
     * Puts an application in its place among the others, before its role is declared.
     * @throws InvalidInput when it would come after itself
     */
    line(wave: Wave): void {
        this.waves.push(wave);
        const after = new Map(this.waves.map(({ application, after }) => [application, after]));
        refuse(`The application ${wave.application}`, cycleProblems("after", wave.application, after));
    }

    /**
     * Who comes before and after an application, once the program has declared them all. Its role is thereby ordered
     * after those that go first: those that it comes after where it serves, those that come after it where it stands down.
     */
    orderOf(application: string): pulumi.Output<RoleOrder> {
        return pulumi.output(
            this.declared.then(() => {
                const known = this.waves.map((wave) => wave.application);
                const own = this.waves.find((wave) => wave.application === application)!;
                refuse(
                    `The application ${application}`,
                    own.after
                        .filter((name) => !known.includes(name))
                        .map((name) => ({ key: "after", expected: "names of applications", found: describe(name) })),
                );
                const { before, after } = neighboursOf(application, this.waves);
                const first = (own.serves ? before : after).filter((wave) => wave.serves === own.serves);
                return {
                    together: this.waves.length > 1 && this.asked,
                    before: before.map(placeOf),
                    after: after.map(placeOf),
                    waitsFor: first.map((wave) => this.roles.get(wave.application) ?? ""),
                };
            }),
        ) as pulumi.Output<RoleOrder>;
    }

    /** Takes a peering of storage into what is published. */
    registerPeering(name: string, report: PeeringReport): void {
        this.peerings.set(name, report);
    }

    /** What a program exports as `tridentDr`, after everything has been declared. */
    outputs(): pulumi.Output<SitePairOutputs> {
        this.asked = true;
        if (this.waves.length > 1) {
            this.outcome ??= this.tellOutcome();
        }
        return pulumi.output({
            site: this.site,
            applications: Object.fromEntries(this.applications),
            peering: Object.fromEntries(this.peerings),
        }) as pulumi.Output<SitePairOutputs>;
    }

    /** Fails the run once every application has had its turn, and what they came to has been published. */
    private tellOutcome(): MirrorOutcome {
        const applications = this.waves.map(({ application }) => application);
        const outcome = new MirrorOutcome(
            `${this.name}-outcome`,
            { applications, roles: [...this.roles.values()] },
            { parent: this },
        );
        outcome.summary.apply((summary) => {
            if (summary !== "" && !pulumi.runtime.isDryRun()) {
                throw withoutStack(new pulumi.RunError(summary));
            }
        });
        return outcome;
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

/** Thrown in an output's callback, an error is printed with its stack, whatever its class. */
function withoutStack(error: pulumi.RunError): pulumi.RunError {
    return Object.assign(error, { stack: error.message });
}

function placeOf({ application, namespace }: Wave) {
    return { application, namespace };
}

/** What is wrong with the arguments of a {@link SitePair}. */
export function sitePairProblems(args: {
    site: unknown;
    peer: unknown;
    active: unknown;
    acknowledgements?: { [Key in keyof AcknowledgementArgs]?: unknown };
}): Problem[] {
    const sites = [args.site, args.peer].filter((site) => typeof site === "string");
    return [
        ...nameProblems("site", args.site, "the name of this stack's site"),
        ...nameProblems("peer", args.peer, "the name of the other site"),
        ...(args.site !== undefined && args.site === args.peer
            ? [{ key: "peer", expected: "a site other than this one", found: describe(args.peer) }]
            : []),
        ...oneOfProblems("active", args.active, sites),
        ...acknowledgementProblems("acknowledgements.", args.acknowledgements ?? {}, sites),
    ];
}

/** What is wrong with acknowledgements, each under its key after `prefix`. */
export function acknowledgementProblems(
    prefix: string,
    { takeover, discard, lag, fullCopy }: { [Key in keyof AcknowledgementArgs]?: unknown },
    sites: readonly string[],
): Problem[] {
    return [
        ...takeoverProblems(`${prefix}takeover`, takeover),
        ...discardProblems(`${prefix}discard`, discard, sites),
        ...lagProblems(`${prefix}lag`, lag),
        ...fullCopyProblems(`${prefix}fullCopy`, fullCopy),
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

function stacksOf(args: SitePairArgs): Record<string, string> | undefined {
    const own = ownStackName();
    const named = { [args.site]: own, [args.peer]: peerStackName(args) ?? siblingStackName(own, args.peer) };
    const differing = Object.entries(named)
        .map(([site, stack]) => [site, withinProject(stack, own)] as const)
        .filter(([site, stack]) => site !== stack);
    return differing.length === 0 ? undefined : Object.fromEntries(differing);
}
