/** What a stack is configured with that is one site of a pair of east and west, without any item. */
export function configuredPair(site: string) {
    return { site, active: "east", sites: { east: configuredSite("east"), west: configuredSite("west") } };
}

export function configuredSite(name: string) {
    return {
        kubernetes: { context: name },
        ontap: { url: `https://ontap-${name}.example`, svm: `svm_${name}`, interclusterAddresses: ["192.0.2.1"] },
        vault: { type: "GenericS3", endpoint: `s3-${name}.example`, bucket: `dr-${name}` },
    };
}
