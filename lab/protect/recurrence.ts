import { rrulestr, type RRule } from "rrule";

/** When something recurs, on the site's virtual clock. */
type Recurrence = RRule;

/** Parts of a Schedule that say when it is due. */
interface Timetable {
    granularity: string;
    minute?: string;
    hour?: string;
    dayOfWeek?: string;
    dayOfMonth?: string;
    recurrenceRule?: string;
}

/** Rule parts that a Schedule may use (Trident Protect's description of recurrenceRule). */
const schedulePart = new Set(["FREQ", "INTERVAL", "BYMINUTE", "BYHOUR", "BYDAY", "BYMONTHDAY"]);
const scheduleFrequencies = ["MINUTELY", "HOURLY", "DAILY", "WEEKLY", "MONTHLY"];
const mirrorPart = new Set(["FREQ", "INTERVAL"]);
const mirrorFrequencies = ["MINUTELY", "HOURLY"];
const leastMinutes = 5;

/** What is wrong with the time of a Schedule; empty when nothing is. */
export function timetableErrors(timetable: Timetable): string[] {
    const { granularity, recurrenceRule } = timetable;
    if (granularity === "Custom") {
        if (recurrenceRule === undefined || recurrenceRule === "") {
            return ["spec.recurrenceRule: expected a rule with granularity Custom, found none"];
        }
        return ruleErrors(recurrenceRule, { parts: schedulePart, frequencies: scheduleFrequencies, leastMinutes });
    }
    const errors = neededNumbers[granularity]?.flatMap((field) => numberErrors(field, timetable[field])) ?? [];
    if (recurrenceRule !== undefined && recurrenceRule !== "") {
        errors.push(
            `spec.recurrenceRule: expected none with granularity ${granularity}, found ${quoted(recurrenceRule)}`,
        );
    }
    return errors;
}

/** What is wrong with the recurrence rule of an AppMirrorRelationship. */
export function mirrorRuleErrors(rule: string): string[] {
    return ruleErrors(rule, { parts: mirrorPart, frequencies: mirrorFrequencies, leastMinutes: 1 });
}

/** The recurrence of a valid Schedule. */
export function timetableRecurrence(timetable: Timetable): Recurrence {
    return parseRule(timetable.granularity === "Custom" ? (timetable.recurrenceRule ?? "") : equivalentRule(timetable));
}

export function parseRule(rule: string): Recurrence {
    return rrulestr(rule.replace(/\\n/g, "\n")) as RRule;
}

/**
 * The first moment after `after` at which the recurrence is due, on a clock that runs `speed` times as fast as the real
 * one and showed the same time at `anchor`. All moments that go in and come out are of the real clock.
 */
export function nextDue(recurrence: Recurrence, after: Date, clock: { anchor: Date; speed: number }): Date | undefined {
    const virtual = toVirtual(after, clock);
    const next = closeTo(recurrence, virtual).after(virtual);
    return next === null ? undefined : toReal(next, clock);
}

function toVirtual(moment: Date, { anchor, speed }: { anchor: Date; speed: number }): Date {
    return new Date(anchor.getTime() + (moment.getTime() - anchor.getTime()) * speed);
}

function toReal(moment: Date, { anchor, speed }: { anchor: Date; speed: number }): Date {
    return new Date(anchor.getTime() + (moment.getTime() - anchor.getTime()) / speed);
}

const stepMs: Record<number, number> = { 4: 3_600_000, 5: 60_000 };

/**
 * The same recurrence, begun shortly before a moment: the library counts up from DTSTART, which for every five minutes
 * since 2022 takes it seconds.
 */
function closeTo(recurrence: Recurrence, moment: Date): Recurrence {
    const { dtstart, freq, interval } = recurrence.options;
    const step = (stepMs[freq] ?? 0) * interval;
    const steps = step === 0 ? 0 : Math.floor((moment.getTime() - dtstart.getTime()) / step) - 1;
    if (steps <= 0) {
        return recurrence;
    }
    const rule = recurrence.constructor as typeof RRule;
    return new rule({ ...recurrence.origOptions, dtstart: new Date(dtstart.getTime() + steps * step) });
}

type NumberField = "minute" | "hour" | "dayOfWeek" | "dayOfMonth";

const neededNumbers: Record<string, NumberField[]> = {
    Hourly: ["minute"],
    Daily: ["hour", "minute"],
    Weekly: ["dayOfWeek", "hour", "minute"],
    Monthly: ["dayOfMonth", "hour", "minute"],
};

const ranges: Record<NumberField, { least: number; greatest: number; also?: string }> = {
    minute: { least: 0, greatest: 59 },
    hour: { least: 0, greatest: 23 },
    dayOfWeek: { least: 0, greatest: 7 },
    dayOfMonth: { least: 1, greatest: 31, also: "-1" },
};

function numberErrors(field: NumberField, text: string | undefined): string[] {
    const { least, greatest, also } = ranges[field];
    const good = text !== undefined && /^\d{1,2}$/.test(text) && Number(text) >= least && Number(text) <= greatest;
    if (good || (also !== undefined && text === also)) {
        return [];
    }
    const expected = `a number from ${least} to ${greatest}${also === undefined ? "" : ` or ${also}`}`;
    return [`spec.${field}: expected ${expected}, found ${text === undefined ? "none" : quoted(text)}`];
}

const weekdays = ["SU", "MO", "TU", "WE", "TH", "FR", "SA", "SU"];

function equivalentRule({ granularity, minute, hour, dayOfWeek, dayOfMonth }: Timetable): string {
    const day = {
        Hourly: "FREQ=HOURLY",
        Daily: `FREQ=DAILY;BYHOUR=${hour}`,
        Weekly: `FREQ=WEEKLY;BYDAY=${weekdays[Number(dayOfWeek)]};BYHOUR=${hour}`,
        Monthly: `FREQ=MONTHLY;BYMONTHDAY=${dayOfMonth};BYHOUR=${hour}`,
    }[granularity];
    if (day === undefined) {
        throw new Error(`Expected granularity Hourly, Daily, Weekly, Monthly or Custom, found ${granularity}`);
    }
    return `DTSTART:20200101T000000Z\nRRULE:${day};BYMINUTE=${minute};BYSECOND=0`;
}

function ruleErrors(
    rule: string,
    allowed: { parts: Set<string>; frequencies: string[]; leastMinutes: number },
): string[] {
    const form = /^DTSTART:(\d{8}T\d{6}Z)(?:\n|\\n)RRULE:([A-Z=;,\-+0-9]+)$/.exec(rule.trim());
    if (form === null) {
        return [`spec.recurrenceRule: expected "DTSTART:<UTC>Z", a new line and "RRULE:...", found ${quoted(rule)}`];
    }
    const pairs = (form[2] ?? "").split(";").map((pair): [string, string] => {
        const [name = "", value = ""] = pair.split("=");
        return [name, value];
    });
    const parts = new Map(pairs);
    const errors = pairs
        .filter(([name]) => !allowed.parts.has(name))
        .map(([name]) => `expected only ${[...allowed.parts].join(", ")}, found ${name}`);
    const frequency = parts.get("FREQ") ?? "";
    if (!allowed.frequencies.includes(frequency)) {
        errors.push(`expected FREQ to be one of ${allowed.frequencies.join(", ")}, found ${quoted(frequency)}`);
    }
    const interval = Number(parts.get("INTERVAL") ?? "0");
    if (frequency === "MINUTELY" && interval < allowed.leastMinutes) {
        errors.push(
            `expected INTERVAL of at least ${allowed.leastMinutes} with MINUTELY, found ${parts.get("INTERVAL") ?? "none"}`,
        );
    }
    if (errors.length === 0) {
        errors.push(...startErrors(rule));
    }
    return errors.map((error) => `spec.recurrenceRule: ${error}`);
}

function startErrors(rule: string): string[] {
    try {
        const { dtstart } = parseRule(rule.trim()).options;
        return dtstart.getTime() <= Date.now() ? [] : [`expected DTSTART in the past, found ${dtstart.toISOString()}`];
    } catch (error) {
        return [error instanceof Error ? error.message : String(error)];
    }
}

function quoted(text: string): string {
    return JSON.stringify(text);
}
