/** What an object is called at a cluster that both sites of a pair share: each site has one of its own. */
export function nameAtSite(name: string, site: string): string {
    return `${name}-${site}`;
}

/** What a cluster that both sites share says of itself. */
export function bothSites(sites: readonly string[]): string {
    return [...sites].sort().join(" and ");
}

/** The ConfigMap that says which site of a pair a cluster is. */
export function siteMarkerName(sites: readonly string[]): string {
    return ["trident-dr-site", ...[...sites].sort()].join(".");
}

/** The one that says whose a namespace is, at a cluster that both sites share. */
export function namespaceMarkerName(sites: readonly string[], namespace: string): string {
    return `${siteMarkerName(sites)}.${namespace}`;
}
