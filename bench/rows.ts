import type { Goal } from "./goals";
import type { LatencyName } from "./latency";
import { type Measured, measured, rounded } from "./statistics";

/** One line of the report. */
export interface Row {
    measure: string;
    /** How many applications or volumes. */
    size: number;
    /** How the lab's stand-ins were set; `none` also for what needs no lab. */
    latency: LatencyName;
    /** Of both sides' numbers. */
    unit: Unit;
    ours: Measured | null;
    peer: ({ name: string } & Measured) | null;
    /** Ours as a multiple of the peer's. */
    ratio: number | null;
    goal: string;
    /** Null without a goal, or without what it is held against. */
    met: boolean | null;
    /** Share of the machine's time in which it was idle meanwhile, from 0 to 1. */
    idle: number | null;
    /** Why there is nothing to compare, or nothing at all. */
    notRun?: string;
}

export type Unit = "s" | "ms" | "MB" | "kB" | "requests" | "connections" | "runs" | "%";

/** What a row is about, before anything was measured. */
export interface Subject {
    measure: string;
    size: number;
    latency: LatencyName;
    unit: Unit;
    goal: Goal;
}

export interface Values {
    name: string;
    values: readonly number[];
}

/** A row of what several runs gave. Where the peer's side could not be, `notRun` says why. */
export function rowOf(
    subject: Subject,
    values: readonly number[],
    { peer, idle, notRun }: { peer?: Values | undefined; idle?: number | undefined; notRun?: string | undefined } = {},
): Row {
    const theirs = peer === undefined ? undefined : { name: peer.name, ...measured(peer.values) };
    return rowOfMeasured(subject, measured(values), { peer: theirs, idle, notRun });
}

/** The same of medians and spreads. */
export function rowOfMeasured(
    { measure, size, latency, unit, goal }: Subject,
    ours: Measured,
    {
        peer,
        idle,
        notRun,
    }: { peer?: NonNullable<Row["peer"]> | undefined; idle?: number | undefined; notRun?: string | undefined } = {},
): Row {
    return {
        ...{ measure, size, latency, unit, ours },
        peer: peer ?? null,
        ratio: peer === undefined || peer.median === 0 ? null : rounded(ours.median / peer.median),
        goal: goal.text,
        met: goal.met(ours, peer) ?? null,
        idle: idle === undefined ? null : rounded(idle),
        ...(notRun === undefined ? {} : { notRun }),
    };
}

/** A row of which nothing was measured, and why. */
export function notRun({ measure, size, latency, unit, goal }: Subject, why: string): Row {
    return {
        ...{ measure, size, latency, unit },
        ...{ ours: null, peer: null, ratio: null, goal: goal.text, met: null, idle: null, notRun: why },
    };
}

/** The same of what failed, on one line. Only the beginning of the message: what Pulumi prints is long. */
export function failed(subject: Subject, error: unknown): Row {
    const why = (error instanceof Error ? error.message : String(error)).replace(/\s+/g, " ");
    return notRun(subject, why.length > longest ? `${why.slice(0, longest)} …` : why);
}

const longest = 400;
