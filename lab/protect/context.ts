import { type Cluster, delay, scaled } from "../controllers";
import type { Discovery } from "./discovery";

/** What every controller of the stand-in works with. */
export interface Context {
    cluster: Cluster;
    discovery: Discovery;
    /** Intervals and latencies of the real world are divided by this. */
    speed: number;
    /** Times at which something is due: they pass so many times as fast as the clock. */
    calendarSpeed: number;
    log: (line: string) => void;
}

/** What takes a real controller so long; here it takes that, divided by the lab's speed. */
export function realTime(context: Context, ms: number): Promise<void> {
    return delay(scaled(ms, context.speed));
}

/** When to look again at something that nothing will tell of: soon, but never in a tight loop. */
export function lookAgain(context: Context, realMs: number): { requeueAfterMs: number } {
    return { requeueAfterMs: Math.max(200, scaled(realMs, context.speed)) };
}
