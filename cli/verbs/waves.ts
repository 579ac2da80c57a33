import type { ConfiguredItem } from "./place";

/**
 * The items in waves of about so many. Those that come after one another are in one wave: at the site that hands over they
 * go in one order, at the other one in the opposite order.
 *
 * @param size Default: one wave.
 */
export function wavesOf(items: readonly ConfiguredItem[], names: readonly string[], size?: number): string[][] {
    const groups = groupsOf(items.filter(({ name }) => names.includes(name)));
    if (size === undefined) {
        return groups.length === 0 ? [] : [groups.flat()];
    }
    return groups.reduce<string[][]>((waves, group) => {
        const last = waves.at(-1);
        return last !== undefined && last.length + group.length <= size
            ? [...waves.slice(0, -1), [...last, ...group]]
            : [...waves, group];
    }, []);
}

/** Items that are ordered with each other, directly or by others, in the order in which the configuration has them. */
function groupsOf(items: readonly ConfiguredItem[]): string[][] {
    const groups = items.reduce<string[][]>((found, { name, after }) => {
        const isTied = (group: string[]) =>
            group.some(
                (other) => after.includes(other) || items.find((item) => item.name === other)?.after.includes(name),
            );
        const tied = found.filter(isTied);
        return [...found.filter((group) => !tied.includes(group)), [...tied.flat(), name]];
    }, []);
    const position = (name: string) => items.findIndex((item) => item.name === name);
    return groups
        .map((group) => [...group].sort((left, right) => position(left) - position(right)))
        .sort(([left], [right]) => position(left!) - position(right!));
}
