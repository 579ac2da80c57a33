import type { Problem } from "./validation/problems";

/** A protected item whose place in the order matters, as its pair knows it. */
export interface OrderedItem {
    name: string;
    /** The namespace of its role record. */
    namespace: string;
    /** Where earlier versions kept it. Default: the same. */
    before?: string;
    /** Items that must serve at a site before this one does. */
    after: readonly string[];
    /** Whether it is to serve at this site. */
    serves: boolean;
    /** The epoch that may begin at this site without the other one. Default: none. */
    takeover?: number;
    /** Whether it is to leave the mirror, or to be let go of. Default: no. */
    leaves?: true;
}

/** The items directly before and directly after an item. */
interface Neighbours {
    before: readonly OrderedItem[];
    after: readonly OrderedItem[];
}

export function neighboursOf(item: OrderedItem, all: readonly OrderedItem[]): Neighbours {
    return {
        before: all.filter(({ name }) => item.after.includes(name)),
        after: all.filter(({ after }) => after.includes(item.name)),
    };
}

/** An item must not come after itself, directly or through others. */
export function cycleProblems(key: string, name: string, after: ReadonlyMap<string, readonly string[]>): Problem[] {
    const cycle = cycleFrom(name, after);
    return cycle === undefined
        ? []
        : [{ key, expected: "applications that do not come after this one", found: [name, ...cycle].join(" after ") }];
}

/** The names on the shortest way from `name` back to itself, which comes last. Breadth first. */
function cycleFrom(name: string, after: ReadonlyMap<string, readonly string[]>): string[] | undefined {
    const paths: string[][] = (after.get(name) ?? []).map((first) => [first]);
    const seen = new Set<string>();
    for (let path = paths.shift(); path !== undefined; path = paths.shift()) {
        const last = path.at(-1)!;
        if (last === name) {
            return path;
        }
        if (!seen.has(last)) {
            seen.add(last);
            paths.push(...(after.get(last) ?? []).map((next) => [...path!, next]));
        }
    }
    return undefined;
}
