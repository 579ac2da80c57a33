/** The ConfigMap of an item's role record. */
export function recordName(item: string): string {
    return `trident-dr-record-${item}`;
}
