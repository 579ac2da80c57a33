/** The ConfigMap of an item's role record. */
export function recordName(item: string): string {
    return `trident-dr-record-${item}`;
}

/** The ConfigMap beside it, of what a takeover without Pulumi goes by. */
export function bundleName(item: string): string {
    return `trident-dr-takeover-${item}`;
}
