/** A way to change roles, with all of its runs at both sites. */
export type Verb = "failover" | "rejoin" | "switch";

/**
 * The fewest writes that a verb can do with, for an application with one daily Schedule beside that of replication.
 * docs/performance.md derives them, one by one.
 */
const least: Readonly<Record<Verb, number>> = { failover: 9, rejoin: 18, switch: 26 };

export function leastWrites(verb: Verb, applications: number): number {
    return least[verb] * applications;
}
