import type { ParsedSettings } from "../../components/settings/schema";
import type { Change } from "./sites";
import type { Values } from "./step";
import { acknowledgements, type Configured, type ConfiguredKey } from "./view";

/** One thing that a stack protects, with where its configuration has it. */
export interface ConfiguredItem {
    readonly name: string;
    /** Such as `applications[0]`. */
    readonly path: string;
    /** Its own values, which go before the pair's. */
    readonly own: Configurable;
    /** Items that come before it when the roles change. */
    readonly after: readonly string[];
}

type Configurable = { readonly [Key in ConfiguredKey]?: Configured[Key] | undefined };

/** Applications first, then groups of volumes. */
export function itemsIn({ applications, volumes }: ParsedSettings): ConfiguredItem[] {
    return [
        ...applications.map((own, index) => ({
            name: own.name,
            path: `applications[${index}]`,
            own,
            after: own.after ?? [],
        })),
        ...volumes.map((own, index) => ({ name: own.name, path: `volumes[${index}]`, own, after: [] })),
    ];
}

/** The values that are in effect for an item: its own, else the pair's. */
export function configuredOf(settings: ParsedSettings, { own }: ConfiguredItem): Configured {
    const { active, takeover, recoverTo, discard, lag, fullCopy, warnings } = settings;
    const pair: Configurable = { active, takeover, recoverTo, discard, lag, fullCopy, warnings };
    const keys: ConfiguredKey[] = [
        "active",
        "takeover",
        "recoverTo",
        "discard",
        "lag",
        "fullCopy",
        "warnings",
        "unprotect",
        "unmanage",
    ];
    const values = keys.map((key) => [key, own[key] ?? pair[key]] as const);
    return Object.fromEntries(values.filter(([, value]) => value !== undefined)) as unknown as Configured;
}

/**
 * Where a stack's configuration is changed so that each item has its values, and no other one gets them: an acknowledgement
 * is the item's own; where it is served is the pair's value if all items without one of their own are to have the same.
 */
export function placeValues(settings: ParsedSettings, wanted: Readonly<Record<string, Values>>): Change[] {
    const items = itemsIn(settings);
    const keys = [...new Set(Object.values(wanted).flatMap((values) => Object.keys(values) as ConfiguredKey[]))];
    return keys.flatMap((key) => placeKey(key, items, wanted));
}

function placeKey(
    key: ConfiguredKey,
    items: readonly ConfiguredItem[],
    wanted: Readonly<Record<string, Values>>,
): Change[] {
    const concerned = items.filter(({ name }) => wanted[name]?.[key] !== undefined);
    const valueOf = ({ name }: ConfiguredItem) => wanted[name]![key]!;
    const own = (item: ConfiguredItem): Change => ({ key: `${item.path}.${key}`, value: valueOf(item) });
    const byPair = items.filter((item) => item.own[key] === undefined);
    const [one] = byPair;
    const isForAll =
        !onlyOwn.has(key) &&
        one !== undefined &&
        byPair.every((item) => concerned.includes(item) && valueOf(item) === valueOf(one));
    return [
        ...(isForAll ? [{ key, value: valueOf(one) }] : []),
        ...concerned.filter((item) => !isForAll || !byPair.includes(item)).map(own),
    ];
}

/** Where a stack's configuration has the value that is in effect for an item: the item's own, else the pair's. */
export function whereSet(settings: ParsedSettings, item: string, key: ConfiguredKey): string {
    const found = itemsIn(settings).find(({ name }) => name === item);
    return found?.own[key] === undefined ? key : `${found.path}.${key}`;
}

/** Settings without what verbs decide: where items are served, and what is acknowledged. */
export function withoutDecided({ applications, volumes, ...pair }: ParsedSettings): object {
    return {
        ...withoutKeys(pair),
        applications: applications.map(withoutKeys),
        volumes: volumes.map(withoutKeys),
    };
}

function withoutKeys(values: object): object {
    const decided: readonly string[] = ["active", ...acknowledgements];
    return Object.fromEntries(Object.entries(values).filter(([key]) => !decided.includes(key)));
}

/** The pair has no value that they override, or it would acknowledge something for an item that is added later. */
const onlyOwn: ReadonlySet<ConfiguredKey> = new Set<ConfiguredKey>(["unprotect", "unmanage", ...acknowledgements]);
