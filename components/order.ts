import type { Problem } from "./validation/problems";

/** An application whose order among the others matters, as its pair knows it. */
export interface Wave {
    application: string;
    /** Namespace of its role record. */
    namespace: string;
    /** Applications that must serve at a site before this one does. */
    after: readonly string[];
    /** Whether it is to serve at this site. */
    serves: boolean;
}

/** Those that come right before an application at its site, and those that come right after it. */
export interface Neighbours {
    before: readonly Wave[];
    after: readonly Wave[];
}

export function neighboursOf(application: string, waves: readonly Wave[]): Neighbours {
    const own = waves.find((wave) => wave.application === application);
    return {
        before: waves.filter((wave) => own?.after.includes(wave.application)),
        after: waves.filter((wave) => wave.after.includes(application)),
    };
}

/** What is wrong with an application that comes after itself, by way of others or not. */
export function cycleProblems(key: string, name: string, after: ReadonlyMap<string, readonly string[]>): Problem[] {
    const way = wayRound(name, after);
    return way === undefined
        ? []
        : [{ key, expected: "applications that do not come after this one", found: [name, ...way].join(" after ") }];
}

/** Names from the first one after `name` back to `name` itself. */
function wayRound(name: string, after: ReadonlyMap<string, readonly string[]>): string[] | undefined {
    const ways: string[][] = (after.get(name) ?? []).map((first) => [first]);
    const seen = new Set<string>();
    for (let way = ways.shift(); way !== undefined; way = ways.shift()) {
        const last = way.at(-1)!;
        if (last === name) {
            return way;
        }
        if (!seen.has(last)) {
            seen.add(last);
            ways.push(...(after.get(last) ?? []).map((next) => [...way!, next]));
        }
    }
    return undefined;
}
