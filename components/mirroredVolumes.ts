import * as pulumi from "@pulumi/pulumi";
import { type Fence, fences } from "../provider/drivers/volumes/settings";
import { MirrorRole } from "../provider/resources/mirrorRole";
import type { CopyProgress } from "../provider/roles/copy";
import type { RoleRecord } from "../provider/roles/record";
import type { AppVaults } from "./appVaults";
import { type CronTimes, cronProblems, isCronSchedule, longestGapMinutes } from "./schedules/cron";
import { optionalArrayNameProblems } from "./validation/arrayNames";
import { type Objective, objectiveOf, objectiveProblems } from "./schedules/objective";
import { durationProblems, nameProblems, recordNamespaceProblems, oneOfProblems } from "./validation/names";
import { arrayOf, type OntapBackend } from "./ontapBackend";
import { describe, type Problem, refuse } from "./validation/problems";
import { copyOf, nextOf, type RoleArgs, roleInputs, roleProblems, serviceOf } from "./role";
import type { SitePair } from "./sitePair";
import { roleAccess } from "./storage/access";
import { withoutStacks } from "./withoutStacks";

export type { Fence } from "../provider/drivers/volumes/settings";

/** Arguments of {@link MirroredVolumes}. `loadSettings().volumes` reads them from the stack's configuration. */
export interface MirroredVolumesArgs extends RoleArgs {
    /** The site's storage. */
    backend: OntapBackend;
    /**
     * The buckets in which epochs are claimed, so that of two runs at the same time only one begins an epoch. Give them
     * wherever there are any.
     * @default none: the records alone decide, and the preview says so
     */
    vaults?: AppVaults;
    /**
     * FlexVols of the sites' SVMs, under the same names at both. They change roles together: all of them serve, or none.
     * At the site that serves first they must exist; at the other site they are created.
     * @example
     * ["archive01", "archive02"]
     */
    volumes: string[];
    /**
     * Name of the group. No application of the pair may have the same name.
     * @default the component's name
     */
    name?: string;
    /**
     * An asynchronous SnapMirror policy.
     * @default MirrorAllSnapshots
     */
    policy?: string;
    /**
     * When the standby site fetches changes: the name of a cron schedule of its array, or times, for which a schedule
     * `trident-dr-<name>` is created. ONTAP rejects interval schedules.
     * @default 5min
     * @example
     * { minutes: [0, 30] }
     */
    schedule?: string | CronTimes;
    /**
     * What keeps a volume that is not to serve from being written. All but `none` put it behind an export policy without
     * rules, which is what stops NFS clients that have it mounted; `unmount` unmounts it as well, and `offline` ends the
     * sessions of SMB, too. Volumes that can be written to in another way are refused by name. With `none` someone else
     * stops the writers before the role changes.
     * @default exportPolicy
     */
    fence?: Fence;
    /**
     * Name of the export policy without rules. Without `exportPolicy`, that of the policy which it replaces is added to
     * it: `trident-dr-fenced-default`. It is created where it is missing.
     * @default trident-dr-fenced
     */
    fencePolicy?: string;
    /**
     * The volumes' export policy while they serve. A mirror does not carry it: give it, unless the policy that new volumes
     * have admits their clients.
     * @default the one that they had before they were fenced
     */
    exportPolicy?: string;
    /**
     * Where volumes are mounted while they serve; `""` for one that is not mounted.
     * @default `/<volume>`
     * @example
     * { archive01: "/archive", archive02: "" }
     */
    junctionPaths?: Record<string, string>;
    /**
     * Whether to adopt destination volumes and relationships that exist before the first `pulumi up`. They must be as
     * declared; a writable volume is never adopted.
     * @default false: they are refused by name
     */
    adopt?: boolean;
    /**
     * Namespace of the record, a ConfigMap `trident-dr-record-<name>`.
     * @default trident-protect
     */
    recordNamespace?: string;
}

/** The plain values of {@link MirroredVolumesArgs}. */
export type PlainVolumesArgs = Omit<MirroredVolumesArgs, "pair" | "backend" | "vaults">;

const defaultSchedule = "5min";
const defaultRecordNamespace = "trident-protect";
/** @internal */
export const defaultFence: Fence = "exportPolicy";
const defaultFencePolicy = "trident-dr-fenced";

/**
 * A group of ONTAP volumes that one site serves and the other can take over, without an application around them.
 *
 * @example
 * new MirroredVolumes("archive", { pair, backend, vaults, volumes: ["archive01"], junctionPaths: { archive01: "/archive" } });
 */
export class MirroredVolumes extends pulumi.ComponentResource {
    /** Name of the group. */
    readonly application: string;
    /** The group's role at this site, and its history. */
    declare readonly record: pulumi.Output<RoleRecord>;
    /** Each volume on this site's array, such as `{ archive01: { volume: "rw", state: "online" } }`. */
    declare readonly array: pulumi.Output<Record<string, Record<string, string>> | undefined>;
    /** How far a copy to this site is, by volume; undefined once it is complete. Totals and times are estimates. */
    declare readonly establishing: pulumi.Output<CopyProgress | undefined>;
    /** What the other site must do next, or "". */
    declare readonly next: pulumi.Output<string>;
    /** How old the standby site's data may become while everything works; undefined where the schedule's times are not known. */
    readonly recoveryPointObjective: string | undefined;

    /** @throws InvalidInput with all that is wrong with the arguments */
    constructor(name: string, args: MirroredVolumesArgs, opts?: pulumi.ComponentResourceOptions) {
        super("trident-dr:index:MirroredVolumes", name, {}, opts);
        refuse(`The volumes ${name}`, mirroredVolumesProblems(name, args));
        this.application = args.name ?? name;
        const objective = objectiveOfVolumes(args.schedule);
        this.recoveryPointObjective = objective && `${objective.minutes}m`;
        args.pair.registry.add({
            name: this.application,
            namespace: args.recordNamespace ?? defaultRecordNamespace,
            after: [],
            ...serviceOf(args),
        });
        const role = withoutStacks(() => makeRole(name, this.application, args, this));
        this.record = role.record;
        this.array = role.array;
        this.establishing = copyOf(role);
        this.next = nextOf(this.application, role, args);
        args.pair.registry.addRole(this.application, role.urn);
        args.pair.publication.addItem(this.application, {
            record: this.record,
            next: this.next,
            establishing: this.establishing,
        });
        // Not what changes with the role: the state would be written once more for each group of volumes.
        this.registerOutputs({ recoveryPointObjective: this.recoveryPointObjective });
    }
}

/** What is wrong with the plain values of a {@link MirroredVolumes}. */
function mirroredVolumesProblems(
    name: string,
    args: PlainVolumesArgs & { pair: Pick<SitePair, "site" | "peer" | "sharesCluster"> },
): Problem[] {
    return [
        ...nameProblems("name", args.name ?? name, "the name of a group of volumes"),
        ...volumesProblems("volumes", args.volumes),
        ...roleProblems(args),
        ...(args.pair.sharesCluster
            ? [
                  {
                      key: "pair",
                      expected:
                          "one whose sites have clusters of their own: groups of volumes cannot be kept apart on one",
                      found: "sharedCluster: true",
                  },
              ]
            : []),
        ...(args.schedule === undefined ? [] : cronProblems("schedule", args.schedule)),
        ...(args.fence === undefined ? [] : oneOfProblems("fence", args.fence, fences)),
        ...fencePolicyProblems("fencePolicy", args.fencePolicy),
        ...optionalArrayNameProblems("policy", args.policy),
        ...optionalArrayNameProblems("exportPolicy", args.exportPolicy),
        ...(args.maxLag === undefined ? [] : durationProblems("maxLag", args.maxLag)),
        ...(args.maxRpo === undefined ? [] : maxRpoProblems(args)),
        ...volumesRelationProblems("", args),
        ...(args.recordNamespace === undefined ? [] : recordNamespaceProblems("recordNamespace", args.recordNamespace)),
    ];
}

/** Only once the schedule is one. */
function maxRpoProblems({ schedule, maxRpo }: Pick<MirroredVolumesArgs, "schedule" | "maxRpo">): Problem[] {
    const invalid = durationProblems("maxRpo", maxRpo);
    const isSchedule = schedule === undefined || isCronSchedule(schedule);
    return invalid.length > 0 || !isSchedule
        ? invalid
        : objectiveProblems("maxRpo", maxRpo, objectiveOfVolumes(schedule));
}

/** A transfer begins as the schedule says, and carries what is there then. */
function objectiveOfVolumes(schedule: MirroredVolumesArgs["schedule"] = defaultSchedule): Objective | undefined {
    const gap = longestGapMinutes(schedule);
    return gap === undefined ? undefined : objectiveOf(gap, 0);
}

/**
 * What is wrong between the values of one group, each of which may be valid on its own.
 * @param prefix comes before each key
 */
export function volumesRelationProblems(
    prefix: string,
    args: Partial<Record<keyof PlainVolumesArgs, unknown>>,
): Problem[] {
    return [
        ...exportPolicyProblems(`${prefix}exportPolicy`, args),
        ...junctionProblems(`${prefix}junctionPaths`, args.junctionPaths, args.volumes),
        ...missingLagProblems(`${prefix}maxLag`, args),
    ];
}

/** At least one volume, each with a name that ONTAP accepts, and none twice. */
export function volumesProblems(key: string, value: unknown): Problem[] {
    if (!Array.isArray(value) || value.length === 0) {
        return [{ key, expected: "one volume or more", found: describe(value) }];
    }
    return value.flatMap((volume: unknown, index) => {
        const at = `${key}[${index}]`;
        if (typeof volume !== "string" || !/^[A-Za-z_][A-Za-z0-9_]{0,202}$/.test(volume)) {
            return [
                {
                    key: at,
                    expected: 'the name of a FlexVol: letters, digits and "_", not a digit first, at most 203',
                    found: describe(volume),
                },
            ];
        }
        return value.indexOf(volume) < index
            ? [{ key: at, expected: "each volume once", found: `${describe(volume)} twice` }]
            : [];
    });
}

/** The name of the policy that it replaces may follow. */
export function fencePolicyProblems(key: string, value: unknown): Problem[] {
    return value === undefined || (typeof value === "string" && /^\S{1,100}$/.test(value))
        ? optionalArrayNameProblems(key, value)
        : [
              {
                  key,
                  expected: "the name of an export policy: no spaces, at most 100 characters",
                  found: describe(value),
              },
          ];
}

/** Volumes that are fenced by an export policy serve with another one. */
function exportPolicyProblems(
    key: string,
    {
        fence,
        exportPolicy,
        fencePolicy = defaultFencePolicy,
    }: Partial<Record<"fence" | "exportPolicy" | "fencePolicy", unknown>>,
): Problem[] {
    const fences =
        typeof exportPolicy === "string" &&
        typeof fencePolicy === "string" &&
        (exportPolicy === fencePolicy || exportPolicy.startsWith(`${fencePolicy}-`));
    return fence !== "none" && fences
        ? [
              {
                  key,
                  expected: `the export policy of volumes that serve, other than ${describe(fencePolicy)} and what begins with ${describe(`${fencePolicy}-`)}`,
                  found: describe(exportPolicy),
              },
          ]
        : [];
}

function junctionProblems(key: string, value: unknown, volumes: unknown): Problem[] {
    if (value === undefined) {
        return [];
    }
    if (typeof value !== "object" || value === null || Array.isArray(value)) {
        return [{ key, expected: "an object with the path of each volume", found: describe(value) }];
    }
    const names = Array.isArray(volumes) ? (volumes as unknown[]) : [];
    const paths = Object.values(value) as unknown[];
    return Object.entries(value).flatMap(([name, path]: [string, unknown], index): Problem[] => {
        const at = `${key}.${name}`;
        if (!names.includes(name)) {
            return [{ key: at, expected: "one of the volumes", found: name }];
        }
        if (path !== "" && (typeof path !== "string" || !/^(\/[^/\s]+)+$/.test(path))) {
            return [{ key: at, expected: 'a path such as /archive, or ""', found: describe(path) }];
        }
        return path !== "" && paths.indexOf(path) < index
            ? [{ key: at, expected: "a path of its own", found: `${describe(path)} twice` }]
            : [];
    });
}

/** The default, three intervals, requires an interval that is known. */
function missingLagProblems(
    key: string,
    { maxLag, schedule }: Partial<Record<"maxLag" | "schedule", unknown>>,
): Problem[] {
    return maxLag === undefined && isCronSchedule(schedule) && longestGapMinutes(schedule) === undefined
        ? [
              {
                  key,
                  expected: "a time span such as 30m, since how often this schedule fires is not known here",
                  found: "nothing",
              },
          ]
        : [];
}

function makeRole(name: string, application: string, args: MirroredVolumesArgs, parent: pulumi.Resource): MirrorRole {
    const { backend, vaults, volumes } = args;
    const schedule = args.schedule ?? defaultSchedule;
    return new MirrorRole(
        `${name}-role`,
        {
            kind: "volumes",
            ...roleInputs(application, args),
            protectNamespace: vaults?.protectNamespace,
            ontap: arrayOf(backend),
            access: roleAccess(backend.used, vaults?.used),
            peerSvm: backend.peerSvm,
            volumes: [...volumes],
            recordNamespace: args.recordNamespace ?? defaultRecordNamespace,
            vaults: vaults === undefined ? undefined : { ...vaults.names },
            policy: args.policy ?? "MirrorAllSnapshots",
            schedule:
                typeof schedule === "string"
                    ? { name: schedule }
                    : { name: `trident-dr-${application}`, cron: { ...schedule } },
            fence: args.fence ?? defaultFence,
            fencePolicy: args.fencePolicy ?? defaultFencePolicy,
            exportPolicy: args.exportPolicy,
            junctionPaths: Object.fromEntries(
                volumes.map((volume) => [volume, args.junctionPaths?.[volume] ?? `/${volume}`]),
            ),
            adopt: args.adopt ?? false,
            maxLag: args.maxLag ?? `${3 * longestGapMinutes(schedule)!}m`,
        },
        { parent, dependsOn: vaults === undefined ? [backend] : [backend, vaults] },
    );
}
