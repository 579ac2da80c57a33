import type * as pulumi from "@pulumi/pulumi";
import { type DeclaredObject, DeclaredObjects } from "../provider/resources/declaredObjects";
import type { SitePair } from "./sitePair";

/** Refuses objects that somebody else created. What declares them depends on it, so that nothing is written before. */
export function ownedBy(
    name: string,
    { site, cluster, stacks }: SitePair,
    objects: DeclaredObject[],
    parent: pulumi.Resource,
    peerVault?: { namespace: string; name: string },
): DeclaredObjects {
    return new DeclaredObjects(`${name}-objects`, { site, cluster, objects, stacks, peerVault }, { parent });
}
