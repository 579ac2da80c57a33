/**
 * Where the requests of this program name a bucket: in the path of the URL, or before the server's name. `auto`: before the
 * name at Amazon's public hosts, in the path anywhere else.
 */
export const bucketAddressings = ["auto", "path", "host"] as const;
export type BucketAddressing = (typeof bucketAddressings)[number];

/** Annotation of an AppVault, whose definition has no field for it. */
export const addressingAnnotation = "trident-dr.pulumi.com/bucket-addressing";

export function isBucketAddressing(text: string): text is BucketAddressing {
    return (bucketAddressings as readonly string[]).includes(text);
}
