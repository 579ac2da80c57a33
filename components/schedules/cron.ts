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
 * that someone created on the array, for one that never fires, and for one with days of the month and of the week, since
 * nothing public says whether such a day has to be both.
 */
export function longestGapMinutes(schedule: string | CronTimes): number | undefined {
    if (typeof schedule === "string") {
        return builtIn[schedule];
    }
    const { days, weekdays } = schedule;
    const firing = days !== undefined && weekdays !== undefined ? [] : firingDays(schedule);
    const moments = momentsOfDay(schedule);
    const within = gapsBetween(moments);
    const acrossDays = gapsBetween(firing).map((gap) => gap * minutesOfDay - moments.at(-1)! + moments[0]!);
    return acrossDays.length === 0 ? undefined : longestOf([...within, ...acrossDays]);
}

const minutesOfDay = 24 * 60;

/** Two leap years, and whatever is left of the year after them. */
const daysLookedAt = 9 * 366;

/** The days on which a schedule fires, counted from the first of a leap year. */
function firingDays({ days, months, weekdays }: CronTimes): number[] {
    return Array.from({ length: daysLookedAt }, (_, day) => day).filter((day) => {
        const date = new Date(Date.UTC(2024, 0, 1 + day));
        return (
            (days?.includes(date.getUTCDate()) ?? true) &&
            (months?.includes(date.getUTCMonth() + 1) ?? true) &&
            (weekdays?.includes(date.getUTCDay()) ?? true)
        );
    });
}

/** Minutes of the day, in order. */
function momentsOfDay({ minutes, hours }: CronTimes): number[] {
    const everyHour = Array.from({ length: 24 }, (_, hour) => hour);
    return (hours ?? everyHour)
        .flatMap((hour) => minutes.map((minute) => hour * 60 + minute))
        .sort((left, right) => left - right);
}

function gapsBetween(numbers: readonly number[]): number[] {
    return numbers.slice(1).map((number, index) => number - numbers[index]!);
}

function longestOf(gaps: readonly number[]): number {
    return gaps.reduce((longest, gap) => Math.max(longest, gap), 0);
}
