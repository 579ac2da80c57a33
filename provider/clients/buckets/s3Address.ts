/** Where a bucket's server is: for the SDK, which knows Amazon's hosts by their regions. */
export interface S3Address {
    /** `host:port`; undefined for one of Amazon's public hosts, which follows from the region. */
    host: string | undefined;
    /** What requests are signed for. */
    region: string;
}

/**
 * An AppVault names no region: its endpoint's name has it, or Amazon's first one is meant, which is also what servers of
 * others expect unless they were told another. A bucket elsewhere is found by what its server answers.
 */
export function s3AddressOf(endpoint: string): S3Address {
    const publicHost = /^s3(?:[.-]([a-z]{2}(?:-[a-z]+)+-\d+))?\.amazonaws\.com(?:\.cn)?(?::443)?$/i.exec(endpoint);
    if (publicHost !== null) {
        return { host: undefined, region: publicHost[1]?.toLowerCase() ?? defaultRegion };
    }
    const named = /(?:^|\.)s3(?:-fips)?(?:\.dualstack)?[.-]([a-z]{2}(?:-[a-z]+)+-\d+)\./i.exec(endpoint);
    return { host: endpoint, region: named?.[1]?.toLowerCase() ?? defaultRegion };
}

const defaultRegion = "us-east-1";
