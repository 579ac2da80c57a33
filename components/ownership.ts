import type * as pulumi from "@pulumi/pulumi";
import { DeclaredObjects } from "../provider/resources/declaredObjects";
import type { SitePair } from "./sitePair";
import type { UsedObjects } from "./storage/access";

/**
 * Refuses objects that somebody else created, and those of somebody else that are missing or unfit. What declares objects
 * depends on it, so that nothing is written before.
 */
export function ownedBy(
    name: string,
    { site, cluster, stacks, configNamespace }: SitePair,
    { declared, existing }: UsedObjects,
    parent: pulumi.Resource,
    peerVault?: { namespace: string; name: string },
): pulumi.Resource {
    return new DeclaredObjects(
        `${name}-objects`,
        {
            site,
            cluster,
            objects: [...declared],
            ...(existing.length === 0 ? {} : { existing: [...existing] }),
            stacks,
            peerVault,
            ...(cluster.fromConfig === true ? { configNamespace } : {}),
        },
        { parent },
    );
}
