import pLimit from "p-limit";
import type { ItemFacts } from "./facts";
import { isUnknown, type Known, unknownBy } from "./known";
import type { Place, Places } from "./places";
import { ItemReader, type ReadItem, type Readers } from "./readItem";
import { SiteReader, type Surroundings } from "./siteReader";

/** What both sites are for each item, each read by itself. */
export interface PairFacts {
    sites: readonly [ReachedSite, ReachedSite];
    items: readonly ItemFacts[];
}

export interface ReachedSite {
    site: string;
    reached: Known<true>;
}

export interface ReadOptions {
    /** Items that a person named. Default: all. */
    names?: readonly string[];
    /** Milliseconds for all of it: what has not answered by then is unknown. */
    budget: number;
}

/** Items of one site that are read at a time. */
const itemsAtOnce = 8;

/**
 * Reads both sites at the same time. One that does not answer keeps nothing from being known of the other.
 *
 * @throws Error where a name means nothing
 */
export async function readPair(places: Places, options: ReadOptions, surroundings: Surroundings): Promise<PairFacts> {
    return readEach(places, options, surroundings, (item) => item.read());
}

/** The same, with something else read of each item. */
export async function readEach<T extends ReadItem>(
    places: Places,
    options: ReadOptions,
    surroundings: Surroundings,
    read: (item: ItemReader) => Promise<T>,
): Promise<{ sites: PairFacts["sites"]; items: readonly T["facts"][] }> {
    const deadline = surroundings.deadline(options.budget);
    // One that does not answer must leave the other one time to be read.
    const opening = surroundings.deadline(options.budget / 2);
    const open = (place: Place): Promise<Known<SiteReader>> =>
        SiteReader.open(place, surroundings, opening, deadline).catch(unknownBy);
    const [first, second] = await Promise.all([open(places[0]), open(places[1])]);
    const readers = [first, second] as const;
    const names = await namesOf(places, readers, options.names);
    const limits = readers.map(() => pLimit(itemsAtOnce));
    const items = await Promise.all(names.map((name) => read(new ItemReader(name, places, readers, limits))));
    refuseUnknownNames(items, places, options.names);
    return { sites: [reached(places[0], first), reached(places[1], second)], items: items.map(({ facts }) => facts) };
}

function reached({ site }: Place, reader: Known<SiteReader>): ReachedSite {
    return { site, reached: isUnknown(reader) ? reader : true };
}

/** Those that a person named, else those that the stacks configure, else those that have left something at a site. */
async function namesOf(places: Places, readers: Readers, named: readonly string[] | undefined): Promise<string[]> {
    const configured = new Set(places.flatMap(({ stack }) => [...(stack?.items.keys() ?? [])]));
    if (named !== undefined) {
        const stranger = named.find((name) => configured.size > 0 && !configured.has(name));
        if (stranger !== undefined) {
            throw new Error(
                `there is no ${stranger}: the stacks configure ${[...configured].join(", ")}. Name one of them, or none to see all`,
            );
        }
        return [...new Set(named)];
    }
    if (configured.size > 0) {
        return [...configured];
    }
    const reachable = readers.flatMap((reader) => (isUnknown(reader) ? [] : [reader]));
    if (reachable.length === 0) {
        throw new Error(
            `no site answers, and no item was named: ${readers.map((reader) => (reader as { unknown: string }).unknown).join("; ")}. Name the items to see what is known of them, as in trident-dr status shop`,
        );
    }
    const found = await Promise.all(reachable.map((reader) => reader.names()));
    const all = [...new Set(found.flat())].sort();
    if (all.length === 0) {
        throw new Error(
            `there are no items at ${places.map(({ site }) => site).join(" and ")}: name the namespace of their records with --record-namespace, or name the items, as in trident-dr status shop`,
        );
    }
    return all;
}

/** Without a project there is nothing but the sites that could know a name. */
function refuseUnknownNames(items: readonly ReadItem[], places: Places, named: readonly string[] | undefined): void {
    const isConfigured = places.some(({ stack }) => stack !== undefined);
    const stranger = isConfigured ? undefined : items.find(({ isFound }) => !isFound)?.facts.item;
    if (named !== undefined && stranger !== undefined) {
        throw new Error(
            `there is no ${stranger} at ${places.map(({ site }) => site).join(" and ")}: correct the name, or name the namespace of its record with --record-namespace`,
        );
    }
}
