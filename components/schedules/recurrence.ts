import { createHash } from "node:crypto";
import { describe, didYouMean, refuse, type Problem } from "../validation/problems";
import { type Objective, objectiveOf } from "./objective";
import { daysLookedAt, gapsOf, plainInterval, type RecurrenceRule } from "./occurrences";

/**
 * When an application is replicated. Both rules are recurrence rules of RFC 5545, as far as Trident Protect supports them.
 *
 * @example
 * { recurrenceRule: "DTSTART:20250101T000000Z\nRRULE:FREQ=MINUTELY;INTERVAL=10" }
 */
export interface MirrorSchedule {
    /** When the site that serves takes a snapshot: the rule of the Schedule. */
    recurrenceRule: string;
    /**
     * When the standby site fetches a new snapshot: the rule of the AppMirrorRelationship.
     * @default every five minutes, so that a snapshot which takes a while is not fetched an interval later
     */
    mirrorRecurrenceRule?: string;
    /**
     * Whether each application begins up to an hour later, by its name, so that not all of them take their snapshots in
     * the same minute.
     * @default false: at the times of the rule
     */
    spread?: boolean;
}

/** Both rules of a {@link MirrorSchedule}. */
interface Recurrence {
    snapshot: string;
    mirror: string;
}

/** A unit of {@link every}. */
export type TimeUnit = "minutes" | "hours" | "days";

/** Trident Protect takes no snapshots more often than this (definition of Schedule, `recurrenceRule`). */
const shortestMinutes = 5;

/**
 * Replicates at a fixed interval, which begins at another minute for each application.
 *
 * @throws InvalidInput unless it is a whole number of units, and at least five minutes
 * @example
 * new MirroredApplication("shop", { pair, backend, vaults, namespaces: ["shop"], schedule: every(1, "hours") });
 */
export function every(amount: number, unit: TimeUnit): MirrorSchedule {
    refuse(`every(${amount}, ${JSON.stringify(unit)})`, everyProblems("every", amount, unit));
    return { recurrenceRule: rule(anchor, `FREQ=${frequencies[unit as TimeUnit]};INTERVAL=${amount}`), spread: true };
}

/** The schedule of one application: where it may be spread, a rule that begins some minutes later. */
export function spreadFor(application: string, schedule: MirrorSchedule): MirrorSchedule {
    const parsed = schedule.spread === true ? parse(schedule.recurrenceRule) : undefined;
    if (parsed === undefined) {
        return schedule;
    }
    const minutes = minutesFor(application, Math.min(longestIntervalMinutes(schedule), 60));
    const [, text] = schedule.recurrenceRule.split("RRULE:");
    return { ...schedule, recurrenceRule: rule(compact(later(parsed.start, minutes)), text!.trim()) };
}

/** A number of minutes below a limit that is the same for a name everywhere and at any time. */
export function minutesFor(name: string, limit: number): number {
    return createHash("sha256").update(name).digest().readUInt32BE() % limit;
}

/** What is wrong with the arguments of {@link every}. */
export function everyProblems(key: string, amount: number, unit: string): Problem[] {
    const units = Object.keys(frequencies);
    if (!units.includes(unit)) {
        return [{ key, expected: `a unit of ${units.join(", ")}`, found: describe(unit) + didYouMean(unit, units) }];
    }
    const least = unit === "minutes" ? shortestMinutes : 1;
    return Number.isInteger(amount) && amount >= least
        ? []
        : [{ key, expected: `a whole number of ${unit}, ${least} at least`, found: describe(amount) }];
}

/** Parses `5 minutes` or `1 hour`, which configuration may have instead of a rule. */
export function parseEvery(text: string): { amount: number; unit: string } | undefined {
    const match = /^\s*(-?\d+(?:\.\d+)?)\s*([a-z]+)\s*$/i.exec(text);
    if (match === null) {
        return undefined;
    }
    const unit = match[2]!.toLowerCase();
    return { amount: Number(match[1]), unit: unit.endsWith("s") ? unit : `${unit}s` };
}

/**
 * Both rules of a schedule, in Trident Protect's form.
 * @throws InvalidInput when Trident Protect would reject a rule
 */
export function recurrenceOf(schedule: MirrorSchedule): Recurrence {
    refuse("The schedule", scheduleProblems("schedule", schedule));
    const snapshot = parse(schedule.recurrenceRule)!;
    return {
        snapshot: schedule.recurrenceRule,
        mirror: schedule.mirrorRecurrenceRule ?? followingRule(snapshot),
    };
}

/** How many intervals old replication may be when a switch begins. */
const intervalsOfLag = 3;

/**
 * Three intervals of a schedule, such as `15m`; of a rule that comes now and then, three of its longest ones. A mirror that
 * looks for new snapshots less often than there are any is what replication waits for.
 */
export function defaultMaxLag(schedule: MirrorSchedule): string {
    const { mirror } = recurrenceOf(schedule);
    const longest = Math.max(longestIntervalMinutes(schedule), longestIntervalMinutes({ recurrenceRule: mirror }));
    return `${intervalsOfLag * longest}m`;
}

/** How old the standby site's data may become, as the two rules promise it. */
export function recurrenceObjective(schedule: MirrorSchedule): Objective {
    const { mirror } = recurrenceOf(schedule);
    return objectiveOf(longestIntervalMinutes(schedule), longestIntervalMinutes({ recurrenceRule: mirror }));
}

function longestIntervalMinutes({ recurrenceRule }: MirrorSchedule): number {
    const parsed = parse(recurrenceRule);
    const interval = parsed && plainInterval(parsed);
    return interval ?? (parsed && gapsOf(parsed)?.longest) ?? shortestMinutes;
}

/** What is wrong with a schedule, whatever the types of its rules. */
export function scheduleProblems(
    key: string,
    schedule: { recurrenceRule: unknown; mirrorRecurrenceRule?: unknown },
    now = new Date(),
): Problem[] {
    return [
        ...snapshotRuleProblems(`${key}.recurrenceRule`, schedule.recurrenceRule, now),
        ...(schedule.mirrorRecurrenceRule === undefined
            ? []
            : mirrorRuleProblems(`${key}.mirrorRecurrenceRule`, schedule.mirrorRecurrenceRule, now)),
    ];
}

/** What is wrong with the `recurrenceRule` of a Schedule. */
export function snapshotRuleProblems(key: string, value: unknown, now = new Date()): Problem[] {
    return ruleProblems(key, value, now, {
        parts: ["FREQ", "INTERVAL", "BYMINUTE", "BYHOUR", "BYDAY", "BYMONTHDAY"],
        frequencies: ["MINUTELY", "HOURLY", "DAILY", "WEEKLY", "MONTHLY"],
        leastMinutes: shortestMinutes,
    });
}

/** What is wrong with the `recurrenceRule` of an AppMirrorRelationship. It has no documented shortest interval. */
export function mirrorRuleProblems(key: string, value: unknown, now = new Date()): Problem[] {
    return ruleProblems(key, value, now, {
        parts: ["FREQ", "INTERVAL"],
        frequencies: ["MINUTELY", "HOURLY"],
        leastMinutes: 1,
    });
}

const frequencies = { minutes: "MINUTELY", hours: "HOURLY", days: "DAILY" } as const;

/** Any fixed time in the past: it sets the phase of both rules of a schedule, before it is spread. */
const anchor = "20250101T000000Z";
/** A snapshot of a small application takes less, and is fetched at once. */
const mirrorDelayMinutes = 1;

function rule(start: string, text: string): string {
    return `DTSTART:${start}\nRRULE:${text}`;
}

/**
 * Looks for new snapshots every few minutes, however seldom there are any. A rule with the snapshots' own interval would
 * fetch one that takes longer than the delay an interval late.
 */
function followingRule({ start }: RecurrenceRule): string {
    return rule(compact(later(start, mirrorDelayMinutes)), `FREQ=MINUTELY;INTERVAL=${shortestMinutes}`);
}

interface Rules {
    parts: readonly string[];
    frequencies: readonly string[];
    leastMinutes: number;
}

function ruleProblems(key: string, value: unknown, now: Date, allowed: Rules): Problem[] {
    const form = '"DTSTART:<UTC time>Z", a line break, and "RRULE:FREQ=…;INTERVAL=…" (RFC 5545)';
    const parsed = typeof value === "string" ? parse(value) : undefined;
    if (parsed === undefined) {
        return [{ key, expected: form, found: describe(value) }];
    }
    const { start, parts } = parsed;
    const problem = (expected: string, found: string): Problem[] => [{ key, expected, found }];
    if (Number.isNaN(start.getTime())) {
        return problem("a DTSTART that is a time, such as 20250101T000000Z", describe(value));
    }
    if (start > now) {
        return problem("a DTSTART in the past", `DTSTART:${compact(start)}`);
    }
    for (const [part, text] of parts) {
        if (!allowed.parts.includes(part)) {
            return problem(`only ${allowed.parts.join(", ")}`, part + didYouMean(part, allowed.parts));
        }
        if (part === "FREQ" ? !allowed.frequencies.includes(text) : !valueForms[part]!(text)) {
            return problem(
                part === "FREQ" ? `FREQ of ${allowed.frequencies.join(", ")}` : `a valid ${part}`,
                `${part}=${text}`,
            );
        }
    }
    if (!parts.has("FREQ")) {
        return problem("a FREQ", describe(value));
    }
    if (parts.get("FREQ") === "MINUTELY" && !parts.has("INTERVAL")) {
        return problem("an INTERVAL, which MINUTELY needs", "none");
    }
    const gaps = gapsOf(parsed);
    if (gaps === undefined) {
        return problem(
            `a rule with at least one occurrence within ${daysLookedAt} days of its DTSTART`,
            describe(value),
        );
    }
    const { shortest } = gaps;
    return shortest < allowed.leastMinutes
        ? problem(
              `at least ${allowed.leastMinutes} minutes between two occurrences`,
              `${shortest} ${shortest === 1 ? "minute" : "minutes"}`,
          )
        : [];
}

/** Undefined for a string that does not have the form at all; a DTSTART that is not a time becomes an invalid date. */
function parse(text: string): RecurrenceRule | undefined {
    const match = /^DTSTART:(\d{4})(\d{2})(\d{2})T(\d{2})(\d{2})(\d{2})Z\r?\nRRULE:([^\r\n]+)$/.exec(text.trim());
    if (match === null) {
        return undefined;
    }
    const [year, month, day, hour, minute, second] = match.slice(1, 7);
    const start = new Date(`${year}-${month}-${day}T${hour}:${minute}:${second}Z`);
    const parts = match[7]!.split(";").map((part) => part.split("="));
    const wellFormed = parts.every(([name, value]) => /^[A-Z]+$/.test(name ?? "") && (value ?? "") !== "");
    const names = new Set(parts.map(([name]) => name));
    if (!wellFormed || parts.some((part) => part.length !== 2) || names.size !== parts.length) {
        return undefined;
    }
    return { start: sameDay(start, Number(day)), parts: new Map(parts.map(([name, value]) => [name!, value!])) };
}

/** JavaScript reads 31 February as 3 March, which is not what was written. */
function sameDay(date: Date, day: number): Date {
    return date.getUTCDate() === day ? date : new Date(NaN);
}

const numbers = (least: number, most: number, signed = false) => {
    const number = signed ? /^[+-]?\d+$/ : /^\d+$/;
    return (text: string) =>
        text
            .split(",")
            .every((each) => number.test(each) && Math.abs(Number(each)) >= least && Math.abs(Number(each)) <= most);
};

const valueForms: Record<string, (text: string) => boolean> = {
    INTERVAL: (text) => /^[1-9]\d{0,5}$/.test(text),
    BYMINUTE: numbers(0, 59),
    BYHOUR: numbers(0, 23),
    BYDAY: (text) => text.split(",").every((each) => /^([+-]?[1-5])?(MO|TU|WE|TH|FR|SA|SU)$/.test(each)),
    BYMONTHDAY: numbers(1, 31, true),
};

function later(date: Date, minutes: number): Date {
    return new Date(date.getTime() + minutes * 60_000);
}

function compact(date: Date): string {
    return date.toISOString().replace(/[-:]|\.\d{3}/g, "");
}
