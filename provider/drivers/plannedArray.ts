import type { SourceRecord } from "../roles/steps";
import { Recent } from "../support/recent";
import { SharedCollection } from "../support/sharedCollection";
import type { ArrayMirror, ArrayVolume, StorageArray } from "./array";

/**
 * The same array for all plans that one run makes: what was read for one of them serves the others for some seconds, and
 * with several plans all volumes are read at once. What is executed goes by the array itself.
 */
export function plannedArray(array: StorageArray, now: () => number = Date.now): StorageArray {
    const into = new Recent<readonly ArrayMirror[]>(now);
    const outOf = new Recent<readonly SourceRecord[]>(now);
    const volumes = new Map<string, SharedCollection<readonly ArrayVolume[]>>();
    const volumesOf = (svm: string) => {
        const known = volumes.get(svm) ?? new SharedCollection(() => array.volumes(svm), now);
        volumes.set(svm, known);
        return known;
    };
    return {
        ...array,
        volumes: (svm, names) =>
            names === undefined
                ? array.volumes(svm)
                : volumesOf(svm).get(
                      JSON.stringify(names),
                      () => array.volumes(svm, names),
                      (all) => all.filter(({ name }) => names.includes(name)),
                  ),
        mirrorsInto: (svm) => into.get(svm, () => array.mirrorsInto(svm)),
        mirrorsOutOf: async (svm, names) => {
            const all = await outOf.get(svm, () => array.mirrorsOutOf(svm));
            return all.filter(({ source }) => names?.includes(source.split(":")[1] ?? "") ?? true);
        },
    };
}
