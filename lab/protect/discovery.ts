import { ApisApi, CoreV1Api, CustomObjectsApi, KubeConfig } from "@kubernetes/client-node";
import type { Kind } from "../controllers";
import { splitApiVersion } from "./selection";

export interface Discovery {
    /** Every namespaced kind that can be listed and created, in the version that its group prefers. */
    namespacedKinds(): Promise<Kind[]>;
}

/** How long an answer is good for: a new resource definition is seen after that. */
const freshMs = 20_000;

/** Asks the API server what it serves. */
export function discover(kubeconfigFile: string): Discovery {
    const config = new KubeConfig();
    config.loadFromFile(kubeconfigFile);
    const core = config.makeApiClient(CoreV1Api);
    const groups = config.makeApiClient(ApisApi);
    const custom = config.makeApiClient(CustomObjectsApi);
    let known: { at: number; kinds: Promise<Kind[]> } | undefined;

    const ask = async (): Promise<Kind[]> => {
        const preferred = (await groups.getAPIVersions()).groups.map(
            ({ preferredVersion, versions }) => (preferredVersion ?? versions[0])?.groupVersion ?? "",
        );
        const lists = await Promise.all(
            ["v1", ...preferred].map(async (apiVersion) => {
                const [group, version] = splitApiVersion(apiVersion);
                const list = await (group === "" ? core.getAPIResources() : custom.getAPIResources({ group, version }));
                return list.resources
                    .filter(({ name, namespaced, verbs }) => {
                        const usable = verbs.includes("list") && verbs.includes("create");
                        return namespaced && usable && !name.includes("/");
                    })
                    .map(({ kind }) => ({ apiVersion, kind }));
            }),
        );
        return lists.flat();
    };
    return {
        namespacedKinds: () => {
            if (known === undefined || Date.now() - known.at > freshMs) {
                const entry = { at: Date.now(), kinds: ask() };
                known = entry;
                entry.kinds.catch(() => {
                    known = known === entry ? undefined : known;
                });
            }
            return known.kinds;
        },
    };
}
