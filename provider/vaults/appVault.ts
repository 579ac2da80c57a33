import { z } from "zod";
import type { Cluster } from "../clients/kubernetes/cluster";
import { kinds } from "../clients/kubernetes/kinds";
import { openS3, VaultError, type ObjectStore } from "../clients/s3/objectStore";

const specSchema = z.object({
    providerType: z.string(),
    providerConfig: z.object({
        s3: z
            .object({
                bucketName: z.string(),
                endpoint: z.string(),
                secure: z.string().optional(),
                skipCertValidation: z.string().optional(),
                rootCA: z.string().optional(),
                useIAM: z.boolean().optional(),
            })
            .optional(),
    }),
    providerCredentials: z
        .record(z.string(), z.object({ valueFromSecret: z.object({ name: z.string(), key: z.string() }) }))
        .optional(),
    prefix: z.string().optional(),
});
const statusSchema = z.object({ state: z.string().optional(), error: z.string().optional() }).optional();

/** A vault as its AppVault at this site declares it. */
export interface Vault {
    name: string;
    /** Put before every key; empty, or ending in a slash. */
    prefix: string;
    /** The bucket, or undefined for a kind of vault that is not S3: epochs cannot be claimed in it. */
    store: ObjectStore | undefined;
    /** Name of the bucket, for whoever has to look into it. */
    bucket?: string;
}

/** Trident Protect's verdict on the vault: the state of its AppVault, with the error if there is one. */
export async function vaultState(cluster: Cluster, namespace: string, name: string): Promise<string> {
    const found = await cluster.get(kinds.appVault, { name, namespace });
    if (found === undefined) {
        return "missing";
    }
    const status = statusSchema.parse(found.status);
    return status?.error !== undefined && status.error !== ""
        ? `${status.state}: ${status.error}`
        : (status?.state ?? "");
}

/**
 * Opens the bucket with what the AppVault and its Secret say, so that nothing has to be configured twice.
 * @param budget milliseconds for each call
 */
export async function openVault(cluster: Cluster, namespace: string, name: string, budget: number): Promise<Vault> {
    const found = await cluster.get(kinds.appVault, { name, namespace });
    if (found === undefined) {
        throw new VaultError(`${cluster.site}: AppVault ${namespace}/${name} does not exist`, false);
    }
    const spec = specSchema.parse(found.spec);
    const prefix = spec.prefix === undefined || spec.prefix === "" ? "" : `${spec.prefix.replace(/\/+$/, "")}/`;
    const s3 = spec.providerConfig.s3;
    if (s3 === undefined) {
        return { name, prefix, store: undefined };
    }
    const access = {
        endpoint: spec.providerType === "AWS" ? undefined : s3.endpoint,
        secure: s3.secure !== "false",
        bucket: s3.bucketName,
        rootCA: s3.rootCA,
        verify: s3.skipCertValidation !== "true",
        credentials: await readCredentials(cluster, namespace, spec.providerCredentials),
    };
    return { name, prefix, store: openS3(name, access, budget), bucket: s3.bucketName };
}

type CredentialReferences = z.infer<typeof specSchema>["providerCredentials"];

/** The keys that the AppVault refers to; undefined where it relies on the identity of the machine. */
async function readCredentials(cluster: Cluster, namespace: string, references: CredentialReferences) {
    const read = async (key: string) => {
        const reference = references?.[key]?.valueFromSecret;
        return reference === undefined ? undefined : readSecret(cluster, namespace, reference.name, reference.key);
    };
    const accessKeyId = await read("accessKeyID");
    const secretAccessKey = await read("secretAccessKey");
    const sessionToken = await read("sessionToken");
    return accessKeyId === undefined || secretAccessKey === undefined
        ? undefined
        : { accessKeyId, secretAccessKey, ...(sessionToken === undefined ? {} : { sessionToken }) };
}

async function readSecret(cluster: Cluster, namespace: string, name: string, key: string): Promise<string> {
    const found = await cluster.get(kinds.secret, { name, namespace });
    const value = found?.data?.[key];
    if (value === undefined) {
        throw new VaultError(`${cluster.site}: Secret ${namespace}/${name} has no key ${key}`, false);
    }
    return Buffer.from(value, "base64").toString("utf8");
}
