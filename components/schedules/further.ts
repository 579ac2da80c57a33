import type { FurtherSchedule } from "../../provider/drivers/applications/settings";
import { objectNameProblems, oneOfProblems } from "../validation/names";
import { describe, type Problem } from "../validation/problems";
import { snapshotRuleProblems } from "./recurrence";

/** Times at which a Schedule fires. */
export type Granularity = (typeof granularities)[number];

/**
 * A Schedule of the application beside the two that mirroring needs. The site that serves has it; it goes when the site
 * stops serving, and the snapshots and backups that it made stay.
 *
 * @example
 * { name: "shop-weekly", granularity: "Weekly", dayOfWeek: 0, hour: 3, minute: 0, backupRetention: 8 }
 */
export interface ScheduleArgs {
    /** Name of the Schedule. */
    name: string;
    /** Which of the fields below say when it fires: each one has those of the ones before it, and one more. */
    granularity: Granularity;
    /** 0 to 59; not for `Custom`. */
    minute?: number;
    /** 0 to 23, UTC; for `Daily`, `Weekly` and `Monthly`. */
    hour?: number;
    /** 0 to 7, where 0 and 7 are Sunday; for `Weekly`. */
    dayOfWeek?: number;
    /** 1 to 31, or -1 for the last day; for `Monthly`. */
    dayOfMonth?: number;
    /** For `Custom`: a rule of RFC 5545 with DTSTART, as in {@link MirrorSchedule}. */
    recurrenceRule?: string;
    /**
     * How many of its snapshots are kept.
     * @default 0: it keeps none
     */
    snapshotRetention?: number;
    /**
     * How many of its backups are kept. A backup has the volumes' data in the bucket.
     * @default 0: it makes none
     */
    backupRetention?: number;
    /**
     * What becomes of a snapshot's archive in the bucket when the Snapshot is deleted.
     * @default Delete
     */
    snapshotReclaimPolicy?: ReclaimPolicy;
    /**
     * What becomes of a backup in the bucket when the Backup is deleted.
     * @default Retain
     */
    backupReclaimPolicy?: ReclaimPolicy;
    /**
     * What copies a backup's data. It cannot be changed: give the Schedule with the new one another name.
     * @default Trident Protect's own, which is Kopia
     */
    dataMover?: DataMover;
    /**
     * Name of the site in whose vault snapshots and backups are kept. The mirror reads the serving site's own alone: only
     * snapshots in that one are points to recover to at the other site.
     * @default the site that serves
     */
    vault?: string;
    /**
     * Whether it fires.
     * @default true
     */
    enabled?: boolean;
}

export type ReclaimPolicy = (typeof reclaimPolicies)[number];
export type DataMover = (typeof dataMovers)[number];

export const granularities = ["Hourly", "Daily", "Weekly", "Monthly", "Custom"] as const;
export const reclaimPolicies = ["Retain", "Delete"] as const;
/** CBS belongs to NetApp's Backup and Recovery service. */
export const dataMovers = ["Kopia", "Restic"] as const;

/** What a Schedule is as the site's cluster gets it. */
export function furtherSchedule(args: ScheduleArgs): FurtherSchedule {
    const { name, granularity, recurrenceRule, vault, dataMover } = args;
    const times = timesOf[granularity].filter((field) => field !== "recurrenceRule");
    return {
        name,
        ...(vault === undefined ? {} : { vault }),
        spec: {
            granularity,
            ...Object.fromEntries(times.map((field) => [field, String(args[field])])),
            ...(recurrenceRule === undefined ? {} : { recurrenceRule }),
            enabled: args.enabled ?? true,
            snapshotRetention: String(args.snapshotRetention ?? 0),
            backupRetention: String(args.backupRetention ?? 0),
            // As the API server would fill them in: one that is taken out of the configuration goes back to it.
            snapshotReclaimPolicy: args.snapshotReclaimPolicy ?? "Delete",
            backupReclaimPolicy: args.backupReclaimPolicy ?? "Retain",
            ...(dataMover === undefined ? {} : { dataMover }),
        },
    };
}

/** How many snapshots of the volumes there are of a Schedule at most. A backup takes one for as long as it runs. */
export function snapshotsOf({
    snapshotRetention = 0,
    backupRetention = 0,
}: {
    snapshotRetention?: unknown;
    backupRetention?: unknown;
}): number {
    return Number(snapshotRetention) + (Number(backupRetention) > 0 ? 1 : 0);
}

/** What is wrong with a list of {@link ScheduleArgs}, each value and all of them together. */
export function schedulesProblems(
    key: string,
    schedules: readonly ScheduleArgs[],
    sites: readonly string[],
): Problem[] {
    return [
        ...schedules.flatMap((schedule, index) => [
            ...ownProblems(`${key}[${index}]`, schedule),
            ...scheduleRelationProblems(`${key}[${index}]`, schedule, sites),
        ]),
    ];
}

/** What is wrong between the values of one Schedule, each of which may be valid on its own. */
export function scheduleRelationProblems(
    key: string,
    schedule: { [field in keyof ScheduleArgs]?: unknown },
    sites: readonly string[],
): Problem[] {
    const { granularity, snapshotRetention = 0, backupRetention = 0, vault } = schedule;
    return [
        ...(isGranularity(granularity) ? timeProblems(key, granularity, schedule) : []),
        ...(snapshotRetention === 0 && backupRetention === 0
            ? [
                  {
                      key: `${key}.snapshotRetention`,
                      expected: "a snapshot or a backup that is kept (backupRetention)",
                      found: "none of either",
                  },
              ]
            : []),
        ...(typeof vault === "string" && sites.length > 0 ? oneOfProblems(`${key}.vault`, vault, sites) : []),
    ];
}

/** Names of Schedules that another one of the application has. */
export function sameScheduleProblems(
    key: string,
    schedules: readonly { name?: unknown }[],
    taken: readonly string[],
): Problem[] {
    const seen = new Set<unknown>(taken);
    return schedules.flatMap(({ name }, index) => {
        const isTaken = seen.has(name);
        seen.add(name);
        return isTaken && typeof name === "string"
            ? [
                  {
                      key: `${key}[${index}].name`,
                      expected: "a name that no other Schedule of the application has",
                      found: describe(name),
                  },
              ]
            : [];
    });
}

type TimeField = (typeof timeFields)[number];

const timeFields = ["minute", "hour", "dayOfWeek", "dayOfMonth", "recurrenceRule"] as const;

/** Which fields Trident Protect wants with a granularity (docs/facts/trident-protect.md#schedules). */
const timesOf: Readonly<Record<Granularity, readonly TimeField[]>> = {
    Hourly: ["minute"],
    Daily: ["minute", "hour"],
    Weekly: ["minute", "hour", "dayOfWeek"],
    Monthly: ["minute", "hour", "dayOfMonth"],
    Custom: ["recurrenceRule"],
};

/** The least and the most of each number, for the schema as well. */
export const scheduleRanges = {
    minute: [0, 59],
    hour: [0, 23],
    dayOfWeek: [0, 7],
    dayOfMonth: [-1, 31],
    snapshotRetention: [0, 1000],
    backupRetention: [0, 1000],
} as const;

function timeProblems(key: string, granularity: Granularity, schedule: { [field in TimeField]?: unknown }): Problem[] {
    const wanted = timesOf[granularity];
    return timeFields.flatMap((field) => {
        const value = schedule[field];
        if (wanted.includes(field) === (value !== undefined)) {
            return [];
        }
        const expected = wanted.includes(field) ? `one, since granularity is ${granularity}` : "none";
        const why = wanted.includes(field) ? "" : `, which ${granularity} does not have`;
        return [{ key: `${key}.${field}`, expected, found: describe(value) + why }];
    });
}

function ownProblems(key: string, schedule: ScheduleArgs): Problem[] {
    const numbers = (Object.keys(scheduleRanges) as (keyof typeof scheduleRanges)[]).flatMap((field) =>
        schedule[field] === undefined ? [] : scheduleNumberProblems(`${key}.${field}`, field, schedule[field]),
    );
    const choices = [
        ["granularity", granularities],
        ["snapshotReclaimPolicy", reclaimPolicies],
        ["backupReclaimPolicy", reclaimPolicies],
        ["dataMover", dataMovers],
    ] as const;
    return [
        ...objectNameProblems(`${key}.name`, schedule.name),
        ...choices.flatMap(([field, values]) =>
            schedule[field] === undefined && field !== "granularity"
                ? []
                : oneOfProblems(`${key}.${field}`, schedule[field], values),
        ),
        ...numbers,
        ...(schedule.recurrenceRule === undefined
            ? []
            : snapshotRuleProblems(`${key}.recurrenceRule`, schedule.recurrenceRule)),
    ];
}

/** What is wrong with one of a Schedule's numbers. */
export function scheduleNumberProblems(key: string, field: keyof typeof scheduleRanges, value: unknown): Problem[] {
    const [least, most] = scheduleRanges[field];
    if (!Number.isInteger(value) || Number(value) < least || Number(value) > most) {
        return [{ key, expected: `a whole number from ${least} to ${most}`, found: describe(value) }];
    }
    return field === "dayOfMonth" && value === 0
        ? [{ key, expected: "a day from 1 to 31, or -1 for the last one", found: "0" }]
        : [];
}

function isGranularity(value: unknown): value is Granularity {
    return granularities.some((one) => one === value);
}
