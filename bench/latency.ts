/**
 * How long the lab's stand-ins take for what takes a real controller or array long: nothing, so that only our own time
 * shows; a sixtieth, as in every other lab; or what it takes there.
 */
export const latencies = ["none", "default", "realistic"] as const;
export type LatencyName = (typeof latencies)[number];

/** The lab's speed: what takes a minute in the real world takes a minute divided by this. */
export const speeds: Readonly<Record<LatencyName, number>> = { none: 3600, default: 60, realistic: 1 };

/**
 * When snapshots are taken and fetched, at both sides of every comparison: once a week, and the daily ones once a day, of
 * the clock, whatever the latencies are. Replication is the arrays' work, and not what is to be measured; by the lab's
 * speed a hundred applications take four snapshots a second, which the machine then does beside all that is timed.
 */
export const rule = "FREQ=HOURLY;INTERVAL=168";
export const calendarSpeed = 1;

/** With latencies of the real world only one application is measured: more would tell nothing else, for hours. */
export function sizesAt(latency: LatencyName, sizes: readonly number[]): number[] {
    return latency === "realistic" ? sizes.filter((size) => size === 1) : [...sizes];
}

/** The pause between two writes of each application: many of them write no more in all than two, so that they measure, and no more. */
export function writesEvery(size: number): string {
    return `${Math.max(200, 100 * size)}ms`;
}
