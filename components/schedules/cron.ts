import { arrayNameProblems } from "../validation/arrayNames";
import { describe, type Problem } from "../validation/problems";

/**
 * When volumes are replicated: lists as in ONTAP's cron schedules, in UTC or the array's own time zone. A list that is
 * left out means every one.
 *
 * @example
 * // Every half hour from 8:00 to 17:30.
 * { minutes: [0, 30], hours: [8, 9, 10, 11, 12, 13, 14, 15, 16, 17] }
 */
export interface CronTimes {
    /** 0 to 59. */
    minutes: number[];
    /** 0 to 23. */
    hours?: number[];
    /** 1 to 31. */
    days?: number[];
    /** 1 to 12. */
    months?: number[];
    /** 0 (Sunday) to 6. */
    weekdays?: number[];
}

const ranges: Readonly<Record<keyof CronTimes, [least: number, most: number]>> = {
    minutes: [0, 59],
    hours: [0, 23],
    days: [1, 31],
    months: [1, 12],
    weekdays: [0, 6],
};

/** The cron schedules that every array has, with the longest time in minutes between two occurrences. */
const builtIn: Readonly<Record<string, number>> = {
    "5min": 5,
    "10min": 10,
    hourly: 60,
    "6-hourly": 6 * 60,
    "8hour": 8 * 60,
    "12-hourly": 12 * 60,
    daily: 24 * 60,
    weekly: 7 * 24 * 60,
};

/** What is wrong with a cron schedule, given by name or by its times. */
export function cronProblems(key: string, value: unknown): Problem[] {
    if (typeof value === "string") {
        return value === ""
            ? [{ key, expected: "the name of a cron schedule of the array", found: '""' }]
            : arrayNameProblems(key, value);
    }
    if (typeof value !== "object" || value === null || Array.isArray(value)) {
        return [
            {
                key,
                expected: "the name of a cron schedule of the array, or its times, such as { minutes: [0, 30] }",
                found: describe(value),
            },
        ];
    }
    const unknown = Object.keys(value).filter((part) => !(part in ranges));
    const lists = value as Record<string, unknown>;
    return [
        ...unknown.map((part) => ({ key: `${key}.${part}`, expected: "no such key", found: part })),
        ...(lists.minutes === undefined
            ? [{ key: `${key}.minutes`, expected: "the minutes of the hour, 0 to 59", found: "nothing" }]
            : []),
        ...Object.entries(ranges).flatMap(([part, range]) => listProblems(`${key}.${part}`, lists[part], range)),
    ];
}

/** Whether a value is a valid cron schedule, given by name or by its times. */
export function isCronSchedule(value: unknown): value is string | CronTimes {
    return value !== undefined && cronProblems("", value).length === 0;
}

function listProblems(key: string, value: unknown, [least, most]: [number, number]): Problem[] {
    const isValid = (each: unknown) => Number.isInteger(each) && Number(each) >= least && Number(each) <= most;
    return value === undefined || (Array.isArray(value) && value.length > 0 && value.every(isValid))
        ? []
        : [{ key, expected: `a list of whole numbers from ${least} to ${most}`, found: describe(value) }];
}

/**
 * The longest time in minutes between two occurrences of a schedule. Undefined where it is not known here: for a schedule
 * that someone created on the array, and for one that does not fire every day.
 */
export function longestGapMinutes(schedule: string | CronTimes): number | undefined {
    if (typeof schedule === "string") {
        return builtIn[schedule];
    }
    const { minutes, hours, days, months, weekdays } = schedule;
    if (days !== undefined || months !== undefined || weekdays !== undefined) {
        return undefined;
    }
    const everyHour = Array.from({ length: 24 }, (_, hour) => hour);
    const moments = (hours ?? everyHour)
        .flatMap((hour) => minutes.map((minute) => hour * 60 + minute))
        .sort((left, right) => left - right);
    const next = [...moments.slice(1), moments[0]! + 24 * 60];
    return Math.max(...moments.map((moment, index) => next[index]! - moment));
}
