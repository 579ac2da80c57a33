import type { OntapBackendArgs } from "../ontapBackend";
import type { NamedStorageClassArgs, StorageClassArgs } from "./classes";
import { defaultClassName } from "./classes";
import { defined } from "../../provider/support/defined";
import { type ExistingArgs, isExisting } from "./existing";
import { firstBackendName } from "./tridentBackend";

/** The same with the name of the backend that a site has in any case. */
export interface NamedStorage extends OntapBackendArgs {
    firstBackend?: string;
}

/**
 * What is declared at a cluster that is the other site's as well: each object by a name of the site's own, and each class
 * on one of its backends. Otherwise volumes of one site could be made on the other's array, with their copies. Elsewhere
 * as it is given.
 */
export function storageAtSite(args: OntapBackendArgs): NamedStorage {
    const { pair } = args;
    if (!pair.sharesCluster) {
        return args;
    }
    const firstBackend = pair.named(firstBackendName);
    // Somebody else's backend has the name that it has.
    const existing = isExisting(args.tridentBackend) ? args.tridentBackend.existing : undefined;
    const backendAtSite = (backend: string | undefined) =>
        existing !== undefined && (backend === undefined || backend === existing)
            ? backend
            : pair.named(backend ?? firstBackendName);
    const classAtSite = (one: StorageClassArgs): NamedStorageClassArgs => ({
        ...one,
        name: pair.named(one.name ?? defaultClassName),
        ...defined({ backend: backendAtSite(one.backend) }),
    });
    const unlessExisting = <T extends object, U>(one: T | ExistingArgs, change: (one: T) => U): U | ExistingArgs =>
        isExisting(one) ? one : change(one as T);
    return {
        ...args,
        firstBackend,
        storageClass: unlessExisting(args.storageClass ?? {}, classAtSite),
        snapshotClass: unlessExisting(args.snapshotClass ?? {}, (one) => ({
            ...one,
            name: pair.named(one.name ?? defaultClassName),
        })),
        ...(args.moreBackends === undefined
            ? {}
            : { moreBackends: args.moreBackends.map((one) => ({ ...one, name: pair.named(one.name) })) }),
        ...(args.moreStorageClasses === undefined
            ? {}
            : { moreStorageClasses: args.moreStorageClasses.map((one) => unlessExisting(one, classAtSite)) }),
    };
}
