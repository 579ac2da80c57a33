/** Name of the ResourceQuota that keeps an item's pods from starting at a site that does not serve it. */
export function quotaName(item: string): string {
    return `trident-dr-${item}`;
}
