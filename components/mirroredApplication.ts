import * as k8s from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";
import { nextFor } from "../provider/roles/next";
import type { RoleRecord } from "../provider/roles/record";
import type { DeclaredSettings } from "../provider/drivers/app-mirror/objects";
import { namedObjects } from "../provider/drivers/app-mirror/standing";
import { MirroredObject } from "../provider/resources/mirroredObject";
import { MirrorRole } from "../provider/resources/mirrorRole";
import type { AppVaults } from "./appVaults";
import { nameProblems, namespaceProblems, oneOfProblems } from "./names";
import type { OntapBackend } from "./ontapBackend";
import { describe, type Problem, refuse } from "./problems";
import { defaultMaxLag, every, type MirrorSchedule, recurrenceOf, scheduleProblems } from "./schedule";
import { acknowledgementProblems, type AcknowledgementArgs, type SitePair } from "./sitePair";

export interface MirroredApplicationArgs {
    pair: SitePair;
    backend: OntapBackend;
    vaults: AppVaults;
    /** Namespaces of the application, the same at both sites. The first holds the objects that mirror it. */
    namespaces: string[];
    /**
     * Name of the application.
     * @default the component's name
     */
    application?: string;
    /**
     * Name of the site that is to serve this application.
     * @default the pair's
     */
    active?: string;
    /**
     * What an operator gives leave to for this application; each that is not said is the pair's. One for the whole pair
     * holds only for applications whose next epoch is the very one that it names.
     */
    acknowledgements?: AcknowledgementArgs;
    /**
     * Take the application out of the mirror: no relationship, no Schedule, nothing that arrays and vaults remember. What
     * serves goes on serving, and the copy stays where it is. To be set at both sites, in any order.
     * @default false
     */
    unprotect?: boolean;
    /**
     * Applications of the pair that must serve at a site before this one takes over there. They stand down after it.
     * @default none
     */
    after?: string[];
    /**
     * Where the stack's configuration keeps what is the application's own, for the commands that messages tell.
     * @default none is told
     */
    path?: string;
    /** @default every five minutes */
    schedule?: MirrorSchedule;
    /**
     * Snapshots that keep a common base between the sites for days.
     * @default at 00:30, seven kept
     */
    daily?: DailyArgs;
    /** Which of the namespaces' objects belong to the application (definition of Application, `resourceFilter`). */
    resourceFilter?: ResourceFilter;
    /** A switch is refused when replication is older than this, such as `15m`. @default three intervals */
    maxLag?: string;
    /** Time spans such as `30m`. */
    timeouts?: RoleTimeouts;
    /**
     * Whether Pulumi itself refuses to take the namespaces out of the stack, too. They stay on the cluster in any case,
     * since the volumes are in them, and a site that serves refuses to be destroyed before anything is removed.
     * @default false
     */
    protect?: boolean;
}

export interface DailyArgs {
    /** 0 to 23, UTC. */
    hour: number;
    /** 0 to 59. */
    minute: number;
    /** How many are kept, one at least. */
    keep: number;
}

export interface ResourceFilter {
    resourceSelectionCriteria: "Include" | "Exclude";
    resourceMatchers: ResourceMatcher[];
}

/** What is said of a resource must all be true of it. */
export interface ResourceMatcher {
    group?: string;
    version?: string;
    kind?: string;
    names?: string[];
    namespaces?: string[];
    labelSelectors?: string[];
}

export interface RoleTimeouts {
    /** First replication until it is established. @default 30m */
    establish?: string;
    /** From the order to promote until the volumes are writable. @default 30m */
    promote?: string;
    /** One application snapshot. @default 60m */
    snapshot?: string;
}

const defaultDaily: DailyArgs = { hour: 0, minute: 30, keep: 7 };

/** An application that one site serves and the other can take over. */
export class MirroredApplication extends pulumi.ComponentResource {
    readonly application: string;
    /** What this site is for the application, and how it came to be so. */
    declare readonly record: pulumi.Output<RoleRecord>;
    /** What this site's array has behind each claim, for example `{ "shop/data": { type: "dp", mirror: "snapmirrored", … } }`. */
    declare readonly array: pulumi.Output<Record<string, Record<string, string>> | undefined>;
    /** What the other site must do next, or "". */
    declare readonly next: pulumi.Output<string>;

    /** @throws InvalidInput with all that is wrong with the arguments */
    constructor(name: string, args: MirroredApplicationArgs, opts?: pulumi.ComponentResourceOptions) {
        super("trident-dr:index:MirroredApplication", name, {}, opts);
        refuse(`The application ${name}`, mirroredApplicationProblems(name, args));
        this.application = args.application ?? name;
        const namespaces = args.namespaces.map((namespace) => makeNamespace(name, namespace, args, this));
        const declared = declaredSettings(this.application, args);
        args.pair.line({
            application: this.application,
            namespace: args.namespaces[0]!,
            after: args.after ?? [],
            serves: (args.active ?? args.pair.active) === args.pair.site,
        });
        const role = makeRole(name, declared, args, namespaces, this);
        this.record = role.record;
        this.array = role.array;
        showObjects(name, declared, role, args.pair, this);
        this.next = nextOf(this.application, this.record, args);
        args.pair.register(this.application, { record: this.record, next: this.next }, role.urn);
        this.registerOutputs({ record: this.record, array: this.array, next: this.next });
    }
}

/** What is wrong with the plain values of a {@link MirroredApplication}. */
export function mirroredApplicationProblems(
    name: string,
    args: Omit<MirroredApplicationArgs, "pair" | "backend" | "vaults"> & { pair: Pick<SitePair, "site" | "peer"> },
): Problem[] {
    return [
        ...nameProblems("application", args.application ?? name, "the name of an application"),
        ...namespacesProblems("namespaces", args.namespaces),
        ...(args.active === undefined ? [] : oneOfProblems("active", args.active, [args.pair.site, args.pair.peer])),
        ...acknowledgementProblems("acknowledgements.", args.acknowledgements ?? {}, [args.pair.site, args.pair.peer]),
        ...(args.schedule === undefined ? [] : scheduleProblems("schedule", args.schedule)),
        ...(args.daily === undefined ? [] : dailyProblems("daily", args.daily)),
    ];
}

/** One namespace at least, each of them one that Kubernetes takes, and none twice. */
export function namespacesProblems(key: string, value: unknown): Problem[] {
    if (!Array.isArray(value) || value.length === 0) {
        return [{ key, expected: "one namespace or more", found: describe(value) }];
    }
    return value.flatMap((namespace, index) =>
        value.indexOf(namespace) < index
            ? [{ key: `${key}[${index}]`, expected: "each namespace once", found: `${describe(namespace)} twice` }]
            : namespaceProblems(`${key}[${index}]`, namespace),
    );
}

export function dailyProblems(key: string, value: { hour: unknown; minute: unknown; keep: unknown }): Problem[] {
    const whole = (part: "hour" | "minute" | "keep", least: number, most: number): Problem[] => {
        const found = value[part];
        return Number.isInteger(found) && Number(found) >= least && Number(found) <= most
            ? []
            : [{ key: `${key}.${part}`, expected: `a whole number from ${least} to ${most}`, found: describe(found) }];
    };
    return [...whole("hour", 0, 23), ...whole("minute", 0, 59), ...whole("keep", 1, 1023)];
}

function makeNamespace(
    name: string,
    namespace: string,
    args: MirroredApplicationArgs,
    parent: pulumi.Resource,
): k8s.core.v1.Namespace {
    return new k8s.core.v1.Namespace(
        `${name}-namespace-${namespace}`,
        { metadata: { name: namespace } },
        { parent, provider: args.pair.kubernetes, protect: args.protect ?? false, retainOnDelete: true },
    );
}

/** What the objects of the application are declared from; plain values, so that a plan can be made before they exist. */
function declaredSettings(application: string, args: MirroredApplicationArgs): DeclaredSettings {
    const { pair, backend, vaults } = args;
    const daily = args.daily ?? defaultDaily;
    return {
        application,
        site: pair.site,
        peer: pair.peer,
        namespaces: args.namespaces,
        vaults: vaults.names,
        protectNamespace: vaults.protectNamespace,
        storageClass: backend.storageClassName,
        recurrence: recurrenceOf(args.schedule ?? every(5, "minutes")),
        daily: { hour: String(daily.hour), minute: String(daily.minute), keep: daily.keep },
        resourceFilter: args.resourceFilter as Record<string, unknown> | undefined,
    };
}

function makeRole(
    name: string,
    declared: DeclaredSettings,
    args: MirroredApplicationArgs,
    namespaces: k8s.core.v1.Namespace[],
    parent: pulumi.Resource,
): MirrorRole {
    const { pair, backend, vaults } = args;
    const { peer, namespaces: names, vaults: vaultNames, ...same } = declared;
    return new MirrorRole(
        `${name}-role`,
        {
            ...same,
            peerSite: peer,
            namespaces: [...names],
            vaults: { ...vaultNames },
            active: args.active ?? pair.active,
            acknowledgements: acknowledgementsOf(args),
            unprotect: args.unprotect,
            path: args.path,
            order: pair.orderOf(declared.application),
            cluster: pair.cluster,
            peerRecord: pair.peerRecordOf(declared.application),
            ontap: { endpoint: backend.endpoint, svm: backend.svm },
            tridentBackend: backend.tridentBackend,
            maxLag: args.maxLag ?? defaultMaxLag(args.schedule ?? every(5, "minutes")),
            timeouts: args.timeouts,
        },
        { parent, dependsOn: [backend, vaults, ...namespaces] },
    );
}

/** Each object that the role orders, in the tree of `pulumi up` with its spec. */
function showObjects(
    name: string,
    declared: DeclaredSettings,
    role: MirrorRole,
    pair: SitePair,
    parent: pulumi.Resource,
): void {
    const seen = pulumi.all([role.record, pair.peerRecordOf(declared.application)]);
    for (const object of namedObjects(declared)) {
        const standing = seen.apply(([record, peer]) =>
            object.under(record, (peer.known ? peer.record?.applicationUid : undefined) ?? ""),
        );
        new MirroredObject(
            [name, treeNames[object.kind], ...partsAfter(declared.application, object.name)].join("-"),
            object.kind,
            {
                namespace: object.namespace,
                name: object.name,
                state: standing.state,
                spec: standing.spec,
            },
            { parent },
        );
    }
}

const treeNames = { Application: "application", Schedule: "schedule", AppMirrorRelationship: "mirror" } as const;

/** `replication` of `shop-replication`, and nothing of `shop` itself. */
function partsAfter(application: string, name: string): string[] {
    return name === application ? [] : [name.slice(application.length + 1)];
}

/** What is to be done at the other site, once this one has become what its record says. */
export function nextOf(
    application: string,
    record: pulumi.Output<RoleRecord>,
    { pair, active, unprotect }: Pick<MirroredApplicationArgs, "pair" | "active" | "unprotect">,
): pulumi.Output<string> {
    const { site, peer } = pair;
    return pulumi.all([record, pair.peerRecordOf(application)]).apply(([own, view]) =>
        nextFor(own, view.known ? { known: true, record: view.record ?? undefined } : view, {
            application,
            site,
            peer,
            active: active ?? pair.active,
            unprotect,
        }),
    );
}

/** Each is the application's own, or else the pair's. */
export function acknowledgementsOf({
    pair,
    acknowledgements = {},
}: Pick<MirroredApplicationArgs, "pair" | "acknowledgements">): AcknowledgementArgs {
    const own = Object.entries(acknowledgements).filter(([, value]) => value !== undefined);
    return { ...pair.acknowledgements, ...Object.fromEntries(own) };
}
