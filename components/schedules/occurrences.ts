/** A recurrence rule of RFC 5545 with its start, as far as Trident Protect supports it; everything is in UTC. */
export interface RecurrenceRule {
    start: Date;
    /** FREQ, INTERVAL, BYMINUTE, BYHOUR, BYDAY and BYMONTHDAY, each of a valid form. */
    parts: ReadonlyMap<string, string>;
}

/** Times between two occurrences, in minutes. */
export interface Gaps {
    /** Infinite where there is one occurrence alone. */
    shortest: number;
    /** Where the rule fires less often than the days that it is followed for: that many days. */
    longest: number;
}

/**
 * How far ahead of its start a rule has to come true: a year, and whatever is left of the month after it. Each rule is
 * followed in a fraction of a second, whatever it says.
 */
export const daysLookedAt = 400;
/** One by days of the month is followed through a leap year and the years between: none has a 29 February. */
const daysOfCalendar = 4 * 366 + 31;

const minutesOfDay = 24 * 60;
const weekdays = ["MO", "TU", "WE", "TH", "FR", "SA", "SU"];

/** How far a rule's occurrences are apart; undefined for one that has none. */
export function gapsOf(rule: RecurrenceRule): Gaps | undefined {
    const interval = plainInterval(rule);
    return interval !== undefined && interval <= daysLookedAt * minutesOfDay
        ? { shortest: interval, longest: interval }
        : followed(rule);
}

/** The minutes between two occurrences of a rule that has no other parts: exact, however seldom it fires. */
export function plainInterval({ parts }: RecurrenceRule): number | undefined {
    const isPlain = [...parts.keys()].every((part) => part === "FREQ" || part === "INTERVAL");
    const unit = { MINUTELY: 1, HOURLY: 60, DAILY: minutesOfDay, WEEKLY: 7 * minutesOfDay }[parts.get("FREQ") ?? ""];
    return isPlain && unit !== undefined ? unit * intervalOf(parts) : undefined;
}

function followed(rule: RecurrenceRule): Gaps | undefined {
    const found: Gaps = { shortest: Infinity, longest: 0 };
    const days = goesByMonth(rule) ? daysOfCalendar : daysLookedAt;
    let last: number | undefined;
    for (const moment of occurrencesOf(rule, days)) {
        if (last === undefined && moment >= daysLookedAt * minutesOfDay) {
            return undefined;
        }
        if (last !== undefined) {
            found.shortest = Math.min(found.shortest, moment - last);
            found.longest = Math.max(found.longest, moment - last);
        }
        last = moment;
    }
    if (last === undefined) {
        return undefined;
    }
    return { ...found, longest: Math.max(found.longest, days * minutesOfDay - last) };
}

function goesByMonth({ parts }: RecurrenceRule): boolean {
    return parts.get("FREQ") === "MONTHLY" || parts.has("BYMONTHDAY");
}

/** Minutes since the beginning of the first day, in order. */
export function* occurrencesOf({ start, parts }: RecurrenceRule, days = daysLookedAt): Generator<number> {
    const firstDay = Date.UTC(start.getUTCFullYear(), start.getUTCMonth(), start.getUTCDate());
    const first = start.getUTCHours() * 60 + start.getUTCMinutes();
    const isDay = daysOf(start, parts);
    const timesOn = timesOfDay(first, parts);
    for (let day = 0; day < days; day++) {
        if (!isDay(new Date(firstDay + day * minutesOfDay * 60_000), day)) {
            continue;
        }
        for (const minute of timesOn(day)) {
            const moment = day * minutesOfDay + minute;
            if (moment >= first) {
                yield moment;
            }
        }
    }
}

/** Whether the rule has occurrences on a day, which is so many days after the first one. */
function daysOf(start: Date, parts: RecurrenceRule["parts"]): (date: Date, day: number) => boolean {
    const frequency = parts.get("FREQ");
    const interval = intervalOf(parts);
    const isListed = listedDays(start, parts);
    switch (frequency) {
        case "DAILY":
            return (date, day) => day % interval === 0 && isListed(date);
        case "WEEKLY": {
            // A week begins on Monday unless a rule says otherwise.
            const intoWeek = weekdayOf(start);
            return (date, day) => Math.floor((day + intoWeek) / 7) % interval === 0 && isListed(date);
        }
        case "MONTHLY":
            return (date) => (monthOf(date) - monthOf(start)) % interval === 0 && isListed(date);
        default:
            return isListed;
    }
}

/** Whether BYDAY and BYMONTHDAY have a day, or what a rule without them means. */
function listedDays(start: Date, parts: RecurrenceRule["parts"]): (date: Date) => boolean {
    const frequency = parts.get("FREQ");
    const byDay = parts.get("BYDAY")?.split(",");
    const byMonthDay = listOf(parts, "BYMONTHDAY");
    if (byDay === undefined && byMonthDay === undefined) {
        return frequency === "WEEKLY"
            ? (date) => weekdayOf(date) === weekdayOf(start)
            : frequency === "MONTHLY"
              ? (date) => date.getUTCDate() === start.getUTCDate()
              : () => true;
    }
    // "The second Tuesday" has a meaning within a month alone; elsewhere the number is ignored.
    const numbered = frequency === "MONTHLY" ? byDay?.filter((one) => one.length > 2) : undefined;
    const plain = byDay?.filter((one) => !numbered?.includes(one)).map((one) => weekdays.indexOf(one.slice(-2)));
    // A rule with both kinds never fires in the libraries that evaluate rules: each of the two lists has to have the day.
    return (date) =>
        (plain === undefined || plain.length === 0 || plain.includes(weekdayOf(date))) &&
        (numbered === undefined || numbered.length === 0 || numbered.some((one) => isNumbered(date, one))) &&
        (byMonthDay === undefined || byMonthDay.some((one) => isMonthDay(date, one)));
}

/** Minutes of a day at which the rule fires, in order, if it does on that day. */
function timesOfDay(first: number, parts: RecurrenceRule["parts"]): (day: number) => Iterable<number> {
    const frequency = parts.get("FREQ");
    const interval = intervalOf(parts);
    const byHour = listOf(parts, "BYHOUR");
    const byMinute = listOf(parts, "BYMINUTE");
    const isAllowed = (minute: number) =>
        (byHour?.includes(Math.floor(minute / 60)) ?? true) && (byMinute?.includes(minute % 60) ?? true);
    if (frequency === "MINUTELY") {
        return (day) => steps(first - day * minutesOfDay, interval, minutesOfDay).filter(isAllowed);
    }
    const minutes = sorted(byMinute ?? [first % 60]);
    const hoursOn =
        frequency === "HOURLY"
            ? (day: number) => steps(Math.floor(first / 60) - day * 24, interval, 24)
            : () => sorted(byHour ?? [Math.floor(first / 60)]);
    return (day) =>
        hoursOn(day)
            .filter((hour) => byHour?.includes(hour) ?? true)
            .flatMap((hour) => minutes.map((minute) => hour * 60 + minute));
}

/** The numbers from 0 to below `end` that are some steps away from `origin`. */
function steps(origin: number, step: number, end: number): number[] {
    const found: number[] = [];
    for (let at = ((origin % step) + step) % step; at < end; at += step) {
        found.push(at);
    }
    return found;
}

/** Whether a day is, say, `2TU` or `-1FR` of its month. */
function isNumbered(date: Date, text: string): boolean {
    const number = Number(text.slice(0, -2));
    const day = date.getUTCDate();
    const count = number > 0 ? Math.ceil(day / 7) : -Math.ceil((lastDayOf(date) - day + 1) / 7);
    return weekdays.indexOf(text.slice(-2)) === weekdayOf(date) && count === number;
}

function isMonthDay(date: Date, number: number): boolean {
    return date.getUTCDate() === (number > 0 ? number : lastDayOf(date) + 1 + number);
}

function lastDayOf(date: Date): number {
    return new Date(Date.UTC(date.getUTCFullYear(), date.getUTCMonth() + 1, 0)).getUTCDate();
}

/** 0 is Monday. */
function weekdayOf(date: Date): number {
    return (date.getUTCDay() + 6) % 7;
}

function monthOf(date: Date): number {
    return date.getUTCFullYear() * 12 + date.getUTCMonth();
}

function intervalOf(parts: RecurrenceRule["parts"]): number {
    return Number(parts.get("INTERVAL") ?? 1);
}

function listOf(parts: RecurrenceRule["parts"], name: string): number[] | undefined {
    return parts.get(name)?.split(",").map(Number);
}

function sorted(numbers: readonly number[]): number[] {
    return [...new Set(numbers)].sort((left, right) => left - right);
}
