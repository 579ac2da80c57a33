import * as k8s from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";
import type { CopyProgress } from "../provider/roles/copy";
import type { RoleRecord } from "../provider/roles/record";
import { type DeclaredSettings, keptManifests } from "../provider/drivers/applications/manifests";
import type { HandedOn } from "../provider/drivers/applications/settings";
import { namedObjects } from "../provider/drivers/applications/namedObjects";
import { MirroredObject } from "../provider/resources/mirroredObject";
import { MirrorRole } from "../provider/resources/mirrorRole";
import { nameAtSite } from "../provider/roles/sharedCluster";
import { defined } from "../provider/support/defined";
import {
    type ClusterScopedResource,
    clusterScopedProblems,
    fieldsProblems,
    type LabelSelector,
    labelSelectorProblems,
    type SnapshotTimeouts,
    type Transformation,
    type TransformationsRef,
} from "./applicationFields";
import type { AppVaults } from "./appVaults";
import {
    durationProblems,
    oneOfProblems,
    nameProblems,
    objectNameProblems,
    wholeNumberProblems,
} from "./validation/names";
import { arrayOf, type OntapBackend } from "./ontapBackend";
import { describe, type Problem, refuse } from "./validation/problems";
import { type HookArgs, hooksOf } from "./hooks/hooks";
import { hooksProblems } from "./hooks/problems";
import { copyOf, nextOf, type RoleArgs, roleInputs, roleProblems, serviceOf } from "./role";
import {
    furtherSchedule,
    type ReclaimPolicy,
    reclaimPolicies,
    sameScheduleProblems,
    type ScheduleArgs,
    schedulesProblems,
    snapshotsOf,
} from "./schedules/further";
import { type Objective, objectiveProblems } from "./schedules/objective";
import {
    defaultMaxLag,
    every,
    minutesFor,
    type MirrorSchedule,
    recurrenceObjective,
    recurrenceOf,
    scheduleProblems,
    spreadFor,
} from "./schedules/recurrence";
import { apartProblems, filterAtSite, isSame, mappingProblems, namespacesProblems } from "./namespaces";
import { defaultRecordNamespace, type SitePair } from "./sitePair";
import { mergePatchOf } from "../provider/support/mergePatch";
import { type Transform, transformed, transformedPlain } from "./transform/transform";
import { roleAccess } from "./storage/access";
import { withoutStacks } from "./withoutStacks";

/** Arguments of a {@link MirroredApplication}. `loadSettings().applications` reads them from the stack's configuration. */
export interface MirroredApplicationArgs extends RoleArgs {
    /** The site's storage. */
    backend: OntapBackend;
    /** Both sites' vaults. */
    vaults: AppVaults;
    /**
     * The application's namespaces at this site. The first one holds the objects that mirror it.
     * @example
     * ["shop", "shop-data"]
     */
    namespaces: string[];
    /**
     * Its namespaces at the other site, each for that in the same place of `namespaces`. The other site's program says
     * both the other way round.
     * @default the same
     * @example
     * ["shop-east", "shop-data-east"]
     */
    peerNamespaces?: string[];
    /**
     * Name of the application.
     * @default the component's name
     */
    application?: string;
    /**
     * Applications of the pair that must serve at a site before this one takes over there. They stand down after it.
     * @default none
     * @example
     * ["database"]
     */
    after?: string[];
    /**
     * When the application is replicated.
     * @default every five minutes, for each application at other minutes
     * @example
     * every(1, "hours")
     */
    schedule?: MirrorSchedule;
    /**
     * How many of the replication's snapshots are kept, besides the daily ones: each is a point to recover to
     * (`recoverTo`). Both together may be 1,010: ONTAP keeps at most 1,019 snapshots of a mirror's destination, and role
     * changes and SnapMirror need some of them.
     * @default 2
     * @example
     * 24
     */
    snapshotRetention?: number;
    /**
     * Snapshots that keep a common base between the sites for days.
     * @default at a minute from 00:30 to 00:59 that depends on the application's name, seven kept
     * @example
     * { hour: 3, minute: 0, keep: 14 }
     */
    daily?: DailyArgs;
    /**
     * Further Schedules of the site that serves, at any granularity, of snapshots and of backups. The two that mirroring
     * needs are there in any case.
     * @default none
     * @example
     * [{ name: "shop-weekly", granularity: "Weekly", dayOfWeek: 0, hour: 3, minute: 0, backupRetention: 8 }]
     */
    schedules?: ScheduleArgs[];
    /**
     * Which objects in the namespaces belong to the application, as in the `resourceFilter` of Trident Protect's
     * `Application`.
     * @default all of them
     * @example
     * { resourceSelectionCriteria: "Exclude", resourceMatchers: [{ kind: "Secret", names: ["local"] }] }
     */
    resourceFilter?: ResourceFilter;
    /**
     * Which objects of its namespaces belong to the application, of those that `resourceFilter` leaves: those with these
     * labels. With one, applications may share a namespace, if no object can be chosen by two of them. The other site's
     * program says the same, and it cannot be changed.
     * @default all of them
     * @example
     * { matchLabels: { app: "shop" } }
     */
    labelSelector?: LabelSelector;
    /**
     * Objects outside its namespaces that belong to the application. Trident Protect does not let it change once there is
     * an Application.
     * @default those that refer to its namespaces, as Trident Protect chooses
     * @example
     * [{ groupVersionKind: { group: "rbac.authorization.k8s.io", version: "v1", kind: "ClusterRole" }, labelSelector: { matchLabels: { app: "shop" } } }]
     */
    includedClusterScopedResources?: ClusterScopedResource[];
    /**
     * What a promotion changes of the objects that it brings back at this site, such as host names. An empty list takes
     * them out of a mirror that has some.
     * @default nothing
     * @example
     * [{ resource: { kind: "Ingress" }, operations: [{ op: "replace", path: "/spec/rules/0/host", value: "shop.west.example" }] }]
     */
    transformations?: Transformation[];
    /**
     * The same by rules that are kept at the site in an object of their own.
     * @default none
     * @example
     * { kind: "ResourceTransformationRule", name: "hosts" }
     */
    transformationsRef?: TransformationsRef;
    /**
     * How long Trident Protect gives the base and the final snapshot of an epoch.
     * @default Trident Protect's own
     */
    snapshotTimeouts?: SnapshotTimeouts;
    /**
     * What becomes of a snapshot's archive in the bucket when the Snapshot is deleted, as with its namespace: of the base
     * and the final snapshots, and of those of the two Schedules that mirroring needs.
     * @default Trident Protect's own, which is Delete
     */
    snapshotReclaimPolicy?: ReclaimPolicy;
    /**
     * Annotations that the AppMirrorRelationship is given when an older point is promoted (`recoverTo`). Trident Protect
     * wants one as consent to delete newer snapshots; its key is not in the public documentation, and a refusal names it.
     * A resync removes them.
     * @default none
     * @example
     * { "protect.example.com/allow-older-snapshot": "true" }
     */
    promoteAnnotations?: Record<string, string>;
    /**
     * The backend's storage class for its volumes at this site, where a mirror makes them.
     * @default the backend's first
     * @example
     * "gold"
     */
    storageClass?: string;
    /**
     * Names of its AppMirrorRelationship and its Schedules; its Application has the application's own name.
     * @default the application's name, with `-replication` and `-daily` for the Schedules
     * @example
     * { mirror: "shop-mirror", schedule: "shop-every-5-minutes" }
     */
    names?: ObjectNames;
    /**
     * Take over what somebody else created under these names, as it is, before the site's first role: nothing is created
     * anew and nothing is copied again. What differs from its declaration is changed, and the preview says so.
     * @default false: it is refused by name
     */
    adopt?: boolean;
    /**
     * Changes what is declared for any of the application's objects, where no argument does: its Namespaces, Application,
     * Schedules and AppMirrorRelationship. What roles depend on is refused by name.
     * @default none
     * @example
     * (kind, name, manifest) => (kind === "Namespace" ? { ...manifest, metadata: { name, labels: { team: "shop" } } } : manifest)
     */
    transform?: Transform;
    /**
     * Its ExecHooks: they are at the site that serves, and again after each role change. An empty list removes those that
     * were declared before.
     * @default none are looked at
     * @example
     * [{ recipe: "postgresql", matchingCriteria: [{ type: "containerName", value: "^postgres$" }] }]
     */
    hooks?: HookArgs[];
    /**
     * Whether Pulumi also refuses to remove the namespaces from the stack. They stay in the cluster in any case, because
     * the volumes are in them, and a site that serves refuses to be destroyed before anything is removed.
     * @default false
     */
    protect?: boolean;
}

/** When a daily snapshot is taken, and how many are kept. */
export interface DailyArgs {
    /** 0 to 23, UTC. */
    hour: number;
    /** 0 to 59. */
    minute: number;
    /** How many are kept, at least one. */
    keep: number;
}

/** Objects to include in an application, or to exclude from it. */
export interface ResourceFilter {
    /** Whether the objects that match are the only ones that belong to the application, or do not belong to it. */
    resourceSelectionCriteria: "Include" | "Exclude";
    /** An object matches when any of these does. */
    resourceMatchers: ResourceMatcher[];
}

/** An object matches when every field that is given does. */
export interface ResourceMatcher {
    group?: string;
    version?: string;
    kind?: string;
    names?: string[];
    namespaces?: string[];
    labelSelectors?: string[];
}

/** Names of an application's objects, by what they are for. */
export interface ObjectNames {
    /** The AppMirrorRelationship. */
    mirror?: string;
    /** The Schedule whose snapshots are replicated. */
    schedule?: string;
    /** The Schedule of daily snapshots. */
    daily?: string;
}

const defaultDaily: DailyArgs = { hour: 0, minute: 30, keep: 7 };
const defaultRetention = 2;

/**
 * An application that one site serves and the other can take over.
 *
 * @example
 * new MirroredApplication("shop", { pair, backend, vaults, namespaces: ["shop"], after: ["database"] });
 */
export class MirroredApplication extends pulumi.ComponentResource {
    /** Name of the application. */
    readonly application: string;
    /** The application's role at this site, and its history. */
    declare readonly record: pulumi.Output<RoleRecord>;
    /** The volume behind each claim on this site's array, such as `{ "shop/data": { type: "dp", mirror: "snapmirrored" } }`. */
    declare readonly array: pulumi.Output<Record<string, Record<string, string>> | undefined>;
    /** How far a copy to this site is, by volume; undefined once it is complete. Totals and times are estimates. */
    declare readonly establishing: pulumi.Output<CopyProgress | undefined>;
    /** What the other site must do next, or "". */
    declare readonly next: pulumi.Output<string>;
    /** How old the standby site's data may become while everything works, such as `15m`. */
    readonly recoveryPointObjective: string;

    /** @throws InvalidInput with all that is wrong with the arguments */
    constructor(name: string, args: MirroredApplicationArgs, opts?: pulumi.ComponentResourceOptions) {
        super("trident-dr:index:MirroredApplication", name, {}, opts);
        refuse(`The application ${name}`, mirroredApplicationProblems(name, args));
        this.application = args.application ?? name;
        const plain = declaredSettings(this.application, args);
        args.pair.tenants.add({
            application: this.application,
            namespaces: args.namespaces,
            labelSelector: args.labelSelector,
            objects: namedObjects(plain),
        });
        const namespaces = withoutStacks(() =>
            args.namespaces.map((namespace) => makeNamespace(name, namespace, args, this)),
        );
        this.recoveryPointObjective = `${objectiveOfApplication(args).minutes}m`;
        const declared = withTransform(plain, args.transform);
        args.pair.registry.add({
            name: this.application,
            namespace: args.pair.recordNamespace,
            before: args.namespaces[0]!,
            after: args.after ?? [],
            ...serviceOf(args),
        });
        const role = withoutStacks(() => makeRole(name, declared, args, namespaces, this));
        this.record = role.record;
        this.array = role.array;
        this.establishing = copyOf(role);
        withoutStacks(() => showObjects(name, declared, this));
        this.next = nextOf(this.application, role, args);
        args.pair.registry.addRole(this.application, role.urn);
        args.pair.publication.addItem(this.application, {
            record: this.record,
            next: this.next,
            establishing: this.establishing,
        });
        // Not what changes with the role: the state would be written once more for each application.
        this.registerOutputs({ recoveryPointObjective: this.recoveryPointObjective });
    }
}

/** What is wrong with the plain values of a {@link MirroredApplication}. */
function mirroredApplicationProblems(
    name: string,
    args: Omit<MirroredApplicationArgs, "pair" | "vaults"> & {
        pair: Pick<SitePair, "site" | "peer" | "recordNamespace" | "sharesCluster">;
    },
): Problem[] {
    return [
        ...nameProblems("application", args.application ?? name, "the name of an application"),
        ...namespacesProblems("namespaces", args.namespaces),
        ...(args.peerNamespaces === undefined
            ? []
            : [
                  ...namespacesProblems("peerNamespaces", args.peerNamespaces),
                  ...mappingProblems("peerNamespaces", args.namespaces, args.peerNamespaces),
              ]),
        ...recordsAmong(args.namespaces, args.pair).map((namespace) => ({
            key: "namespaces",
            expected: "namespaces without the one of the records, whose team could make a site serve",
            found: describe(namespace),
        })),
        ...(args.pair.sharesCluster
            ? [
                  ...apartProblems("peerNamespaces", args.namespaces, args.peerNamespaces ?? args.namespaces),
                  ...clusterScopedProblems("includedClusterScopedResources", args.includedClusterScopedResources),
              ]
            : []),
        ...roleProblems(args),
        ...(args.storageClass === undefined
            ? []
            : oneOfProblems("storageClass", args.backend.classNamed(args.storageClass), [
                  ...args.backend.backendsOfClasses.keys(),
              ])),
        ...namesProblems("names", args.names),
        ...(args.schedule === undefined ? [] : scheduleProblems("schedule", args.schedule)),
        ...(args.snapshotRetention === undefined ? [] : retentionProblems("snapshotRetention", args.snapshotRetention)),
        ...(args.daily === undefined ? [] : dailyProblems("daily", args.daily)),
        ...keptProblems("snapshotRetention", args),
        ...schedulesProblems("schedules", args.schedules ?? [], [args.pair.site, args.pair.peer]),
        ...sameScheduleProblems(
            "schedules",
            args.schedules ?? [],
            ownScheduleNames(args.application ?? name, args.names),
        ),
        ...(args.snapshotReclaimPolicy === undefined
            ? []
            : oneOfProblems("snapshotReclaimPolicy", args.snapshotReclaimPolicy, reclaimPolicies)),
        ...fieldsProblems("", args),
        ...labelSelectorProblems("labelSelector", args.labelSelector),
        ...maxRpoProblems(args),
        ...hooksProblems("hooks", args.hooks),
    ];
}

/** Where a site's records are at the cluster, both sites' where they share it. */
function recordsAmong(
    namespaces: unknown,
    { recordNamespace, sharesCluster, peer }: Pick<SitePair, "recordNamespace" | "sharesCluster" | "peer">,
): string[] {
    const all = [recordNamespace, ...(sharesCluster ? [nameAtSite(defaultRecordNamespace, peer)] : [])];
    return Array.isArray(namespaces) ? all.filter((one) => namespaces.includes(one)) : [];
}

function namesProblems(key: string, names: ObjectNames = {}): Problem[] {
    return [
        ...Object.entries(names).flatMap(([part, name]) =>
            name === undefined ? [] : objectNameProblems(`${key}.${part}`, name),
        ),
        ...sameNameProblems(key, names),
    ];
}

/** Two Schedules of one name would be one. */
export function sameNameProblems(key: string, names: unknown): Problem[] {
    const { schedule, daily } = (names ?? {}) as { schedule?: unknown; daily?: unknown };
    return schedule === undefined || schedule !== daily
        ? []
        : [{ key: `${key}.daily`, expected: "another name than that of schedule", found: describe(daily) }];
}

/** The names of the two Schedules that mirroring needs. */
export function ownScheduleNames(application: string, names: unknown): string[] {
    const { schedule, daily } = (names ?? {}) as ObjectNames;
    return [schedule ?? `${application}-replication`, daily ?? `${application}-daily`];
}

/** Only once the schedule is one. */
function maxRpoProblems(args: Pick<MirroredApplicationArgs, "schedule" | "maxRpo">): Problem[] {
    const { schedule, maxRpo } = args;
    const isSchedule = schedule === undefined || scheduleProblems("schedule", schedule).length === 0;
    const invalid = maxRpo === undefined ? [] : durationProblems("maxRpo", maxRpo);
    return invalid.length > 0 || !isSchedule
        ? invalid
        : objectiveProblems("maxRpo", maxRpo, objectiveOfApplication(args));
}

function objectiveOfApplication({ schedule }: Pick<MirroredApplicationArgs, "schedule">): Objective {
    return recurrenceObjective(schedule ?? every(5, "minutes"));
}

/** The mirror goes on from the newest but one when a transfer of the newest was cut off. */
export function retentionProblems(key: string, value: unknown): Problem[] {
    return wholeNumberProblems(key, value, 2, 1_000);
}

/**
 * More snapshots than ONTAP holds of a volume, all Schedules together (docs/facts/ontap.md#snapshots): the next one could
 * not be taken. Values that are invalid on their own are reported elsewhere.
 */
export function keptProblems(
    key: string,
    {
        snapshotRetention = defaultRetention,
        daily = defaultDaily,
        schedules,
    }: { snapshotRetention?: unknown; daily?: unknown; schedules?: unknown },
): Problem[] {
    const { keep } = (daily ?? {}) as { keep?: unknown };
    const further = (Array.isArray(schedules) ? (schedules as object[]) : []).map((one) => snapshotsOf(one ?? {}));
    const kept = [snapshotRetention, keep, ...further];
    if (!kept.every((one) => Number.isInteger(one))) {
        return [];
    }
    const sum = kept.reduce<number>((all, one) => all + Number(one), 0);
    const ofFurther = further.reduce((all, one) => all + one, 0);
    return sum <= snapshotsOfVolume - otherSnapshots
        ? []
        : [
              {
                  key,
                  expected:
                      `${snapshotsOfVolume - otherSnapshots} snapshots at most with those of daily.keep${further.length === 0 ? "" : " and of schedules"}, since ONTAP holds ` +
                      `${snapshotsOfVolume} of the destination of a mirror, ${otherSnapshots} of which are left to role changes and SnapMirror`,
                  found: `${sum}: ${String(snapshotRetention)} and ${String(keep)} daily ones${further.length === 0 ? "" : `, ${ofFurther} of schedules`}`,
              },
          ];
}

/** ONTAP's limit for the destination of a mirror, and how many of these the Schedules must leave (docs/facts/ontap.md). */
const snapshotsOfVolume = 1_019;
const otherSnapshots = 9;

/** The least and the most of each part. */
export const dailyLimits = { hour: [0, 23], minute: [0, 59], keep: [1, 1023] } as const;

function dailyProblems(key: string, daily: Record<keyof typeof dailyLimits, unknown>): Problem[] {
    return Object.entries(dailyLimits).flatMap(([part, [least, most]]) =>
        wholeNumberProblems(`${key}.${part}`, daily[part as keyof typeof dailyLimits], least, most),
    );
}

function makeNamespace(
    name: string,
    namespace: string,
    args: MirroredApplicationArgs,
    parent: pulumi.Resource,
): k8s.core.v1.Namespace {
    const { tenants, kubernetes } = args.pair;
    const shared = tenants.namespaceOf(namespace);
    const made = new k8s.core.v1.Namespace(
        `${name}-namespace-${namespace}`,
        transformed(args.transform, "Namespace", { metadata: { name: namespace } }),
        {
            parent,
            provider: kubernetes,
            protect: args.protect ?? false,
            retainOnDelete: true,
            // Each application declares it, so that one may leave; made twice at once, it would be refused.
            ...(shared === undefined ? {} : { dependsOn: shared }),
        },
    );
    tenants.made(namespace, made);
    return made;
}

/** Not for all applications in the same minute. */
function dailyFor(application: string): DailyArgs {
    const { minute } = defaultDaily;
    return { ...defaultDaily, minute: minute + minutesFor(`${application}-daily`, 60 - minute) };
}

/** What the application's objects are made of. Plain values, so that a preview can plan before anything exists. */
function declaredSettings(application: string, args: MirroredApplicationArgs): DeclaredSettings {
    const { pair, backend, vaults } = args;
    const daily = args.daily ?? dailyFor(application);
    return {
        application,
        site: pair.site,
        peer: pair.peer,
        namespaces: args.namespaces,
        ...otherNamespaces(args),
        vaults: vaults.names,
        protectNamespace: vaults.protectNamespace,
        storageClass:
            args.storageClass === undefined ? backend.storageClassName : backend.classNamed(args.storageClass),
        recurrence: recurrenceOf(spreadFor(application, args.schedule ?? every(5, "minutes"))),
        snapshotRetention: args.snapshotRetention ?? defaultRetention,
        daily: { hour: String(daily.hour), minute: String(daily.minute), keep: daily.keep },
        // Absent where there are none, as in a state of before there were any.
        ...(args.schedules === undefined || args.schedules.length === 0
            ? {}
            : { schedules: args.schedules.map(furtherSchedule) }),
        resourceFilter: filterAtSite(args) as Record<string, unknown> | undefined,
        // Absent where there is none, as in a state of before there was any.
        ...defined({ labelSelector: args.labelSelector }),
        names: args.names,
        hooks: hooksOf(args.hooks),
        ...handedOn(args),
    };
}

/** Absent where they are the same, as in a state of before they could differ. */
function otherNamespaces({ namespaces, peerNamespaces = namespaces }: MirroredApplicationArgs) {
    return isSame(namespaces, peerNamespaces) ? {} : { peerNamespaces };
}

/** What Trident Protect gets as it is. Absent where it is not given, as in a state of before there was any. */
function handedOn({
    includedClusterScopedResources,
    transformations,
    transformationsRef,
    snapshotTimeouts,
    snapshotReclaimPolicy,
}: MirroredApplicationArgs): HandedOn {
    return defined({
        includedClusterScopedResources: includedClusterScopedResources as Record<string, unknown>[] | undefined,
        transformations: transformations as Record<string, unknown>[] | undefined,
        transformationsRef,
        snapshotTimeouts,
        snapshotReclaimPolicy,
    });
}

/** What the user's `transform` makes of the objects that the role keeps: no program runs when it needs them. */
function withTransform(settings: DeclaredSettings, transform: Transform | undefined): DeclaredSettings {
    if (transform === undefined) {
        return settings;
    }
    const changes = keptManifests(settings).flatMap((manifest) => {
        const change = mergePatchOf(manifest, transformedPlain(transform, manifest.kind, manifest));
        return change === undefined ? [] : [[`${manifest.kind} ${manifest.metadata.name}`, change] as const];
    });
    return changes.length === 0 ? settings : { ...settings, transformed: Object.fromEntries(changes) };
}

/** As texts: what is null in a patch removes a field, and has to arrive. */
function patchTexts(changes: NonNullable<DeclaredSettings["transformed"]>): Record<string, string> {
    return Object.fromEntries(Object.entries(changes).map(([object, change]) => [object, JSON.stringify(change)]));
}

function makeRole(
    name: string,
    declared: DeclaredSettings,
    args: MirroredApplicationArgs,
    namespaces: k8s.core.v1.Namespace[],
    parent: pulumi.Resource,
): MirrorRole {
    const { backend, vaults } = args;
    const { peer: _, namespaces: names, peerNamespaces, vaults: vaultNames, schedules, ...rest } = declared;
    const { transformed: changes, ...same } = rest;
    return new MirrorRole(
        `${name}-role`,
        {
            ...same,
            ...roleInputs(declared.application, args),
            namespaces: [...names],
            ...(peerNamespaces === undefined ? {} : { peerNamespaces: [...peerNamespaces] }),
            recordNamespace: args.pair.recordNamespace,
            vaults: { ...vaultNames },
            ...(schedules === undefined ? {} : { schedules: [...schedules] }),
            ...(changes === undefined ? {} : { transformed: patchTexts(changes) }),
            ontap: arrayOf(backend),
            access: roleAccess(backend.used, vaults.used),
            tridentBackend: {
                ...backend.tridentBackend,
                name: backend.backendsOfClasses.get(declared.storageClass) ?? backend.tridentBackend.name,
            },
            promoteAnnotations: args.promoteAnnotations,
            adopt: args.adopt,
            maxLag: args.maxLag ?? defaultMaxLag(args.schedule ?? every(5, "minutes")),
        },
        { parent, dependsOn: [backend, vaults, args.pair.recordsIn(), ...namespaces] },
    );
}

/** Shows each object that the role keeps in the tree of `pulumi up`. */
function showObjects(name: string, declared: DeclaredSettings, parent: pulumi.Resource): void {
    for (const { kind, part, namespace, name: objectName } of namedObjects(declared)) {
        const inTree = [name, treeNames[kind], ...(part === "" ? [] : [part])].join("-");
        new MirroredObject(inTree, kind, { namespace, name: objectName }, { parent });
    }
}

const treeNames = {
    Application: "application",
    Schedule: "schedule",
    AppMirrorRelationship: "mirror",
    ExecHook: "hook",
} as const;
