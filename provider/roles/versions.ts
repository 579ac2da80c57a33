/** What a site runs on. */
export type Product = "Kubernetes" | "Trident" | "Trident Protect" | "ONTAP";

/** A product at a site, as far as it says which version it is. */
export type InstalledVersion =
    | {
          product: Product;
          /** As a person reads it. */
          told: string;
          /** The newest that it can be, number by number; absent where it can be any newer one. */
          atMost?: readonly number[];
          /** What this item needs of it. Default: what every item does. */
          needed?: Needed;
      }
    | { product: Product; unknown: string };

/** A version that is newer than what is supported otherwise. */
export interface Needed {
    oldest: string;
    /** `for an application with hooks`. */
    why: string;
}

interface Support {
    oldest: string;
    knownBad: readonly KnownBad[];
}

interface KnownBad {
    /** Default: the oldest. */
    from?: string;
    /** The first without the fault. */
    fixed: string;
    what: string;
}

/** What the README says; the sources are in docs/facts/versions.md. */
export const supported: Readonly<Record<Product, Support>> = {
    Kubernetes: {
        oldest: "1.25",
        knownBad: [{ fixed: "1.27", what: "Trident supports it as a part of OpenShift only" }],
    },
    Trident: {
        oldest: "24.02",
        knownBad: [
            {
                fixed: "26.06.2",
                what: "a change of its backend writes credentials to its debug log and, with enableConcurrency, can delete export policy rules of mounted volumes",
            },
            {
                from: "26.10",
                fixed: "26.10.1",
                what: "after an upgrade from 25.10 or earlier its node pods detach volumes that are in use",
            },
        ],
    },
    "Trident Protect": {
        oldest: "25.06",
        knownBad: [
            {
                fixed: "26.02",
                what: "claims of the same name in several namespaces of one application are restored wrongly, which can lose data",
            },
            {
                fixed: "26.06",
                what: "claims of virtual machines of KubeVirt are made anew when a mirror is turned round, which copies everything",
            },
        ],
    },
    ONTAP: { oldest: "9.12.1", knownBad: [] },
};

/** The numbers of a version, such as `v26.06.2` or `26.10.0-custom+1`; undefined where there are none. */
export function numbersOf(version: string): readonly number[] | undefined {
    const found = /^v?(\d+)\.(\d+)(?:\.(\d+))?/.exec(version);
    return found === null ? undefined : found.slice(1).flatMap((part) => (part === undefined ? [] : [Number(part)]));
}

/** The oldest version that is supported, where this one is certainly older. */
export function tooOld(installed: InstalledVersion): string | undefined {
    const { oldest } = neededOf(installed) ?? supported[installed.product];
    const newest = newestOf(installed);
    return newest !== undefined && isOlder(newest, oldest) ? oldest : undefined;
}

/** What an item needs of a product beyond what every item does. */
export function neededOf(installed: InstalledVersion): Needed | undefined {
    return "told" in installed ? installed.needed : undefined;
}

/** The faults that a version is known to have. */
export function knownFaults(installed: InstalledVersion): readonly KnownBad[] {
    const newest = newestOf(installed);
    if (newest === undefined || tooOld(installed) !== undefined) {
        return [];
    }
    return supported[installed.product].knownBad.filter(
        ({ from, fixed }) => isOlder(newest, fixed) && (from === undefined || !isOlder(newest, from)),
    );
}

function newestOf(installed: InstalledVersion): readonly number[] | undefined {
    return "atMost" in installed ? installed.atMost : undefined;
}

function isOlder(numbers: readonly number[], than: string): boolean {
    const other = numbersOf(than)!;
    const difference = other.findIndex((number, index) => (numbers[index] ?? 0) !== number);
    return difference !== -1 && (numbers[difference] ?? 0) < other[difference]!;
}
