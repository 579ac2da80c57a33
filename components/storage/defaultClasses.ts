import { describe, type Problem } from "../validation/problems";
import type { SnapshotClassArgs, StorageClassArgs } from "./classes";
import { type ExistingArgs, isExisting } from "./existing";

/** The classes that a site declares. */
interface Classes {
    storageClass?: StorageClassArgs | ExistingArgs;
    snapshotClass?: SnapshotClassArgs | ExistingArgs;
    moreStorageClasses?: readonly (StorageClassArgs | ExistingArgs)[];
}

/** What one site declares at a cluster. */
interface ClassesOfSite extends Classes {
    /** What its keys begin with, such as `sites.east.`. */
    prefix: string;
}

/**
 * One class of a kind is a cluster's default. Of two, Kubernetes takes the newer one for claims without a class, and
 * refuses snapshots without one.
 *
 * @param sites all that are on the cluster
 */
export function defaultClassProblems(sites: readonly ClassesOfSite[]): Problem[] {
    return [
        ...furtherDefaults("StorageClass", sites, ({ storageClass, moreStorageClasses = [] }) => [
            ["storageClass", storageClass],
            ...moreStorageClasses.map((one, index) => [`moreStorageClasses[${index}]`, one] as const),
        ]),
        ...furtherDefaults("VolumeSnapshotClass", sites, ({ snapshotClass }) => [["snapshotClass", snapshotClass]]),
    ];
}

type Class = StorageClassArgs | SnapshotClassArgs | ExistingArgs | undefined;

function furtherDefaults(
    kind: string,
    sites: readonly ClassesOfSite[],
    classesOf: (site: ClassesOfSite) => (readonly [key: string, one: Class])[],
): Problem[] {
    const [first, ...further] = sites.flatMap((site) =>
        classesOf(site)
            .filter(([, one]) => one !== undefined && !isExisting(one) && one.default === true)
            .map(([key]) => ({ site, key: `${site.prefix}${key}` })),
    );
    return further.map(({ site, key }) => ({
        key: `${key}.default`,
        expected:
            `false or nothing, since ${first!.key} is the cluster's default ${kind}` +
            (site === first!.site ? "" : ", and both sites are on one cluster (sharedCluster)"),
        found: describe(true),
    }));
}
