import { RRule } from "rrule";
import { describe, didYouMean, refuse, type Problem } from "../validation/problems";

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
     * @default one minute after each snapshot; every five minutes where the snapshots' rule has BY… parts, which an
     * AppMirrorRelationship does not support
     */
    mirrorRecurrenceRule?: string;
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
 * Replicates at a fixed interval.
 *
 * @throws InvalidInput unless it is a whole number of units, and at least five minutes
 * @example
 * new MirroredApplication("shop", { pair, backend, vaults, namespaces: ["shop"], schedule: every(1, "hours") });
 */
export function every(amount: number, unit: TimeUnit): MirrorSchedule {
    refuse(`every(${amount}, ${JSON.stringify(unit)})`, everyProblems("every", amount, unit));
    return { recurrenceRule: rule(anchor, `FREQ=${frequencies[unit as TimeUnit]};INTERVAL=${amount}`) };
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

/** Three intervals of a schedule, such as `15m`; 15 minutes where its rule is more than an interval. */
export function defaultMaxLag(schedule: MirrorSchedule): string {
    const { parts } = parse(schedule.recurrenceRule) ?? { parts: new Map<string, string>() };
    const plain = [...parts.keys()].every((part) => part === "FREQ" || part === "INTERVAL");
    const minutes = { MINUTELY: 1, HOURLY: 60, DAILY: 24 * 60 }[parts.get("FREQ") ?? ""];
    return `${plain && minutes !== undefined ? intervalsOfLag * minutes * Number(parts.get("INTERVAL") ?? 1) : 15}m`;
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

/** Any fixed time in the past: it sets the phase of both rules of a schedule. */
const anchor = "20250101T000000Z";
/** A snapshot of an ordinary application takes much less. */
const mirrorDelayMinutes = 1;

function rule(start: string, text: string): string {
    return `DTSTART:${start}\nRRULE:${text}`;
}

/** The same interval a little later, as far as an AppMirrorRelationship can express it. */
function followingRule({ start, parts }: ParsedRule): string {
    const later = compact(new Date(start.getTime() + mirrorDelayMinutes * 60_000));
    const interval = Number(parts.get("INTERVAL") ?? 1);
    const plain = [...parts.keys()].every((part) => part === "FREQ" || part === "INTERVAL");
    switch (plain ? parts.get("FREQ") : undefined) {
        case "MINUTELY":
            return rule(later, `FREQ=MINUTELY;INTERVAL=${interval}`);
        case "HOURLY":
            return rule(later, `FREQ=HOURLY;INTERVAL=${interval}`);
        case "DAILY":
            return rule(later, `FREQ=HOURLY;INTERVAL=${24 * interval}`);
        case "WEEKLY":
            return rule(later, `FREQ=HOURLY;INTERVAL=${7 * 24 * interval}`);
        default:
            return rule(later, `FREQ=MINUTELY;INTERVAL=${shortestMinutes}`);
    }
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
    const gap = neverFits(parsed) ? Infinity : shortestGapMinutes(parsed);
    if (gap === Infinity) {
        return problem("a rule with at least one occurrence", describe(value));
    }
    return gap < allowed.leastMinutes
        ? problem(
              `at least ${allowed.leastMinutes} minutes between two occurrences`,
              `${gap} ${gap === 1 ? "minute" : "minutes"}`,
          )
        : [];
}

interface ParsedRule {
    start: Date;
    parts: Map<string, string>;
}

/** Undefined for a string that does not have the form at all; a DTSTART that is not a time becomes an invalid date. */
function parse(text: string): ParsedRule | undefined {
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

/**
 * Whether a rule that counts minutes or hours never reaches the minutes and hours it is limited to, such as "every 60
 * minutes from 00:00, at minute 30". The rrule package would search forever.
 */
function neverFits({ start, parts }: ParsedRule): boolean {
    const frequency = parts.get("FREQ");
    const interval = Number(parts.get("INTERVAL") ?? 1);
    const allowed = (part: string) => parts.get(part)?.split(",").map(Number);
    const fits = (value: number, part: string) => allowed(part)?.includes(value) ?? true;
    if (frequency === "MINUTELY") {
        const first = start.getUTCHours() * 60 + start.getUTCMinutes();
        return !residues(first, interval, 24 * 60).some(
            (at) => fits(Math.floor(at / 60), "BYHOUR") && fits(at % 60, "BYMINUTE"),
        );
    }
    return frequency === "HOURLY" && !residues(start.getUTCHours(), interval, 24).some((hour) => fits(hour, "BYHOUR"));
}

/** Residues of first + k*step modulo size. */
function residues(first: number, step: number, size: number): number[] {
    const seen = new Set<number>();
    for (let at = first % size; !seen.has(at); at = (at + step) % size) {
        seen.add(at);
    }
    return [...seen];
}

/** The shortest time between two occurrences, in minutes; infinite for a rule with fewer than two. */
function shortestGapMinutes({ start, parts }: ParsedRule): number {
    const text = [...parts].map(([name, value]) => `${name}=${value}`).join(";");
    const rrule = new RRule({ ...RRule.parseString(text), dtstart: start });
    // A day with every BYMINUTE and BYHOUR, and the first occurrence of the next one.
    const enough = parts.has("BYMINUTE") ? 24 * 60 + 1 : 3;
    const dates = rrule.all((_, count) => count < enough);
    return dates
        .slice(1)
        .reduce((least, date, index) => Math.min(least, (date.getTime() - dates[index]!.getTime()) / 60_000), Infinity);
}

function compact(date: Date): string {
    return date.toISOString().replace(/[-:]|\.\d{3}/g, "");
}
