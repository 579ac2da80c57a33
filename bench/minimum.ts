/** A way to change roles, with all of its runs at both sites. */
export type Verb = "failover" | "rejoin" | "switch";

/**
 * The fewest writes that a verb can do with, for each application with one daily Schedule beside that of replication, and
 * for all of them together. docs/performance.md derives them.
 */
const least: Readonly<Record<Verb, { each: number; once: number }>> = {
    failover: { each: 9, once: 0 },
    rejoin: { each: 0, once: 0 },
    switch: { each: 0, once: 0 },
};

export function leastWrites(verb: Verb, applications: number): number {
    const { each, once } = least[verb];
    return each * applications + once;
}
