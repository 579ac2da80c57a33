import type { HeldVolume, RoleRecord } from "./record";

/** An application's namespaces at a site, and at the other one where they differ: each stands for that in its place. */
export interface Namespaces {
    namespaces: readonly string[];
    /** Default: the same. */
    peerNamespaces?: readonly string[] | undefined;
}

/** As a mirror into the site takes them: each of the other site's, and where it comes to be. */
export function namespaceMapping({ namespaces, peerNamespaces = namespaces }: Namespaces) {
    return namespaces.map((destination, index) => ({ source: peerNamespaces[index]!, destination }));
}

/** A namespace of either site by the name that it has at this one. */
export function ownNamespace(namespace: string, { namespaces, peerNamespaces = [] }: Namespaces): string {
    return namespaces[peerNamespaces.indexOf(namespace)] ?? namespace;
}

/** What the other site's record says of its volumes, by the names that their claims have at this one. */
export function inOwnNamespaces(held: readonly HeldVolume[], namespaces: Namespaces): HeldVolume[] {
    return held.map((one) => {
        const [namespace, ...claim] = one.volume.split("/") as [string, ...string[]];
        return { ...one, volume: [ownNamespace(namespace, namespaces), ...claim].join("/") };
    });
}

/** What a site's record says of where the item is; undefined where it is in the same namespaces at both sites. */
export function recordedNamespaces({ namespaces, peerNamespaces }: Partial<Namespaces>): RoleRecord["namespaces"] {
    return namespaces === undefined || peerNamespaces === undefined
        ? undefined
        : { own: [...namespaces], peer: [...peerNamespaces] };
}

/**
 * Where the other site's record has the item otherwise than this site's configuration; undefined where both agree. A
 * mirror would bring one namespace's volumes into another. One that says nothing any more may be from before.
 */
export function faultOfNamespaces(record: RoleRecord, expected: RoleRecord["namespaces"]): string | undefined {
    const mirrored = expected && { own: expected.peer, peer: expected.own };
    const saysNothing = record.role === "none" && record.underWay === undefined;
    return saysNothing || JSON.stringify(pairsOf(record.namespaces)) === JSON.stringify(pairsOf(mirrored))
        ? undefined
        : `is of ${record.application} with ${told(record.namespaces)}; expected ${told(mirrored)}, by this stack's configuration`;
}

function pairsOf(namespaces: RoleRecord["namespaces"]): string[][] | undefined {
    return namespaces && [[...namespaces.own], [...namespaces.peer]];
}

function told(namespaces: RoleRecord["namespaces"]): string {
    return namespaces === undefined
        ? "the same namespaces at both sites"
        : `${namespaces.own.join(", ")} there for ${namespaces.peer.join(", ")} here`;
}
