import pLimit from "p-limit";
import { SharedCollection } from "../support/sharedCollection";
import { openVault, type VaultCluster } from "./appVault";

/** A vault whose archives are looked for. */
export interface ArchiveVault {
    cluster: VaultCluster;
    /** Namespace and name of its AppVault. */
    namespace: string;
    name: string;
    /** Milliseconds for each listing. */
    budget: number;
}

/** Names of the folders of archives that were replicated to a vault; none where only the cluster opens it. */
export interface Archives {
    /** Folders of archives, one for each Application whose archives are in the vault. */
    sources(vault: ArchiveVault): Promise<string[]>;
    /** @param source folder of one Application's archives: `<name>_<UID>` */
    replicatedFrom(vault: ArchiveVault, source: string): Promise<string[]>;
    /** Of all Applications of a name, since the UID is another one at each site, and after each copy. */
    replicatedOf(vault: ArchiveVault, application: string): Promise<string[]>;
}

/** Lists what is asked for, each time. */
export const archives: Archives = {
    sources: sourcesIn,
    replicatedFrom: replicatedIn,
    async replicatedOf(vault, application) {
        const own = (await sourcesIn(vault)).filter((source) => isOf(application, source));
        const found = await Promise.all(own.map((source) => replicatedIn(vault, source)));
        return found.flat();
    },
};

/** More are not all looked into for the sake of some. */
const mostSources = 1_000;
const listingsAtOnce = 4;

/**
 * The same for all plans that one run makes. The engine asks for them one after another, and a bucket takes its time to
 * answer: from the fourth application on all folders are listed, several at a time.
 */
export function plannedArchives(listed: Archives = archives, now: () => number = Date.now): Archives {
    const clusters = new Map<VaultCluster, Map<string, SharedCollection<Whole>>>();
    const of = (vault: ArchiveVault) => {
        const vaults = clusters.get(vault.cluster) ?? new Map<string, SharedCollection<Whole>>();
        clusters.set(vault.cluster, vaults);
        const key = `${vault.namespace}/${vault.name}`;
        const known = vaults.get(key) ?? new SharedCollection(() => wholeOf(vault, listed), now);
        vaults.set(key, known);
        return known;
    };
    return {
        ...listed,
        replicatedFrom: (vault, source) =>
            of(vault).get(
                source,
                () => listed.replicatedFrom(vault, source),
                (all) => all.get(source) ?? [],
            ),
        replicatedOf: (vault, application) =>
            of(vault).get(
                `all of ${application}`,
                () => listed.replicatedOf(vault, application),
                (all) => [...all].flatMap(([source, folders]) => (isOf(application, source) ? folders : [])),
            ),
    };
}

/** Folders of archives by whose they are. */
type Whole = ReadonlyMap<string, string[]>;

async function wholeOf(vault: ArchiveVault, listed: Archives): Promise<Whole | undefined> {
    try {
        const sources = await listed.sources(vault);
        if (sources.length > mostSources) {
            return undefined;
        }
        const limit = pLimit(listingsAtOnce);
        const found = await Promise.all(
            sources.map((source) => limit(async () => [source, await listed.replicatedFrom(vault, source)] as const)),
        );
        return new Map(found);
    } catch {
        // Whoever needs one of them asks for it alone, and learns what is wrong.
        return undefined;
    }
}

async function sourcesIn({ cluster, namespace, name, budget }: ArchiveVault): Promise<string[]> {
    const { store, prefix } = await openVault(cluster, namespace, name, budget);
    return (await store?.folders(prefix)) ?? [];
}

async function replicatedIn({ cluster, namespace, name, budget }: ArchiveVault, source: string): Promise<string[]> {
    const { store, prefix } = await openVault(cluster, namespace, name, budget);
    return (await store?.folders(`${prefix}${source}/replicatedSnapshots/`)) ?? [];
}

function isOf(application: string, source: string): boolean {
    return source.startsWith(`${application}_`);
}
