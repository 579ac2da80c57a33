const recordPrefix = "trident-dr-record-";

/** The ConfigMap of an item's role record. */
export function recordName(item: string): string {
    return `${recordPrefix}${item}`;
}

const bundlePrefix = "trident-dr-takeover-";

/** The ConfigMap beside it, of what a takeover without Pulumi goes by. */
export function bundleName(item: string): string {
    return `${bundlePrefix}${item}`;
}

/** Whose bundle a ConfigMap is by its name; undefined for any other. */
export function itemOfBundle(name: string): string | undefined {
    return name.startsWith(bundlePrefix) ? name.slice(bundlePrefix.length) : undefined;
}

/** Whose record or bundle a ConfigMap is by its name; undefined for any other. */
export function itemOf(name: string): string | undefined {
    const prefix = [recordPrefix, bundlePrefix].find((one) => name.startsWith(one));
    return prefix === undefined ? undefined : name.slice(prefix.length);
}
