import { z } from "zod";
import type { Cluster, KubernetesObject } from "../clients/kubernetes/cluster";
import { kinds } from "../clients/kubernetes/kinds";
import { openAzure } from "../clients/buckets/azure";
import { gcsCredentialsOf, openGcs } from "../clients/buckets/gcs";
import { isSilence, VaultError, type ObjectStore } from "../clients/buckets/objectStore";
import { openS3 } from "../clients/buckets/s3";
import {
    addressingAnnotation,
    type BucketAddressing,
    bucketAddressings,
    isBucketAddressing,
} from "../support/bucketAddressing";
import { parseJson } from "../support/json";
import { printable } from "../support/printable";
import { Silence } from "../support/silence";

/** What of a cluster says how to open its vaults. */
export type VaultCluster = Pick<Cluster, "get" | "site">;

/** Milliseconds for a vault of a site that may be dead. */
export const peerBudget = 2_000;

/** A vault as its AppVault at this site declares it. */
export interface Vault {
    name: string;
    /** Put before every key; empty, or ending in a slash. */
    prefix: string;
    /** The bucket; undefined where only the cluster's own identity opens it: epochs cannot be claimed in it. */
    store: ObjectStore | undefined;
    /** Name of the bucket, for whoever has to look into it. */
    bucket?: string;
}

/**
 * Opens the bucket with what the AppVault and its Secret say, so that nothing has to be configured twice, and nothing of
 * this machine is used: two sites have different credentials, regions and proxies.
 * @param budget milliseconds for all that is asked of the bucket
 */
export async function openVault(
    cluster: VaultCluster,
    namespace: string,
    name: string,
    budget: number,
): Promise<Vault> {
    const found = await cluster.get(kinds.appVault, { name, namespace });
    if (found === undefined) {
        throw new VaultError(`${cluster.site}: AppVault ${namespace}/${name} does not exist`, true);
    }
    const problem = (key: string, expected: string, what: string) =>
        new VaultError(
            `${cluster.site}: AppVault ${namespace}/${name}: ${key}: expected ${expected}, found ${what}`,
            true,
        );
    const spec = specOf(found.spec, problem);
    const secret = async (credential: string): Promise<string | undefined> => {
        const reference = spec.providerCredentials?.[credential]?.valueFromSecret;
        return reference && readSecret(cluster, namespace, reference);
    };
    const { s3, azure, gcp } = spec.providerConfig;
    const place = s3 ?? azure ?? gcp;
    const prefix = (spec.prefix ?? "").replace(/^\/+|\/+$/g, "");
    const opening = { name, spec, addressing: addressingOf(found, problem), secret, problem, budget };
    return {
        name,
        prefix: prefix === "" ? "" : `${prefix}/`,
        store: await openBucket(opening),
        ...(place === undefined ? {} : { bucket: place.bucketName }),
    };
}

/**
 * Whether a vault answers: by asking it, since the status of its AppVault may be from before its site died. A refusal is
 * an answer.
 * @param budget milliseconds for all that is asked of the bucket
 * @param patience milliseconds after which it counts as silent for this run, whoever asked it first. Default: the budget
 */
export async function vaultAnswers(
    cluster: VaultCluster,
    namespace: string,
    name: string,
    budget: number,
    silence = new Silence(),
    patience = budget,
): Promise<boolean> {
    try {
        const ask = async () => {
            const { store, prefix } = await openVault(cluster, namespace, name, budget);
            if (store === undefined) {
                return isAvailable(cluster, namespace, name);
            }
            await store.get(`${prefix}trident-dr/answers`);
            return true;
        };
        const error = () => new VaultError(`${name}: no answer in ${patience} ms`, true, true);
        return await silence.together(name, ask, isSilence, patience < budget ? { ms: patience, error } : undefined);
    } catch (error) {
        if (error instanceof VaultError) {
            return !error.unreachable;
        }
        throw error;
    }
}

/** Trident Protect's own verdict, for a bucket that only the cluster can open. */
async function isAvailable(cluster: VaultCluster, namespace: string, name: string): Promise<boolean> {
    const found = await cluster.get(kinds.appVault, { name, namespace });
    return z.object({ state: z.string().optional() }).optional().parse(found?.status)?.state === "Available";
}

const specSchema = z.object({
    providerConfig: z.object({
        s3: z
            .object({
                bucketName: z.string(),
                endpoint: z.string(),
                secure: z.string().optional(),
                skipCertValidation: z.string().optional(),
                rootCA: z.string().optional(),
                proxyURL: z.string().optional(),
                useIAM: z.boolean().optional(),
            })
            .optional(),
        azure: z
            .object({ accountName: z.string(), bucketName: z.string(), endpoint: z.string().optional() })
            .optional(),
        gcp: z.object({ bucketName: z.string(), projectID: z.string() }).optional(),
    }),
    providerCredentials: z
        .record(z.string(), z.object({ valueFromSecret: z.object({ name: z.string(), key: z.string() }) }))
        .optional(),
    prefix: z.string().optional(),
});

type Spec = z.infer<typeof specSchema>;

/** What an AppVault should say and does not. */
type Problem = (key: string, expected: string, found: string) => VaultError;

function specOf(value: unknown, problem: Problem): Spec {
    const parsed = specSchema.safeParse(value);
    if (!parsed.success) {
        const [issue] = parsed.error.issues;
        throw problem(`spec.${issue!.path.join(".")}`, "what Trident Protect defines", printable(issue!.message));
    }
    return parsed.data;
}

/** What the site's program, or whoever keeps the AppVault, says beside what Trident Protect defines. */
function addressingOf({ metadata }: KubernetesObject, problem: Problem): BucketAddressing | undefined {
    const said = metadata.annotations?.[addressingAnnotation];
    if (said === undefined || isBucketAddressing(said)) {
        return said;
    }
    throw problem(`annotation ${addressingAnnotation}`, `one of ${bucketAddressings.join(", ")}`, printable(said));
}

interface Opening {
    name: string;
    spec: Spec;
    addressing: BucketAddressing | undefined;
    /** The value of a credential; undefined when the AppVault refers to none. */
    secret(credential: string): Promise<string | undefined>;
    problem: Problem;
    budget: number;
}

function openBucket(opening: Opening): Promise<ObjectStore | undefined> {
    const { s3, azure, gcp } = opening.spec.providerConfig;
    if (s3 !== undefined) {
        return openS3Bucket(s3, opening);
    }
    if (azure !== undefined) {
        return openAzureContainer(azure, opening);
    }
    if (gcp !== undefined) {
        return openGcsBucket(gcp, opening);
    }
    throw opening.problem("spec.providerConfig", "one of s3, azure and gcp", "none");
}

type Config = Spec["providerConfig"];

async function openS3Bucket(config: NonNullable<Config["s3"]>, opening: Opening): Promise<ObjectStore | undefined> {
    const { name, addressing, secret, problem, budget } = opening;
    if (config.useIAM === true) {
        return undefined;
    }
    const sessionToken = await secret("sessionToken");
    const credentials = {
        accessKeyId: await credentialOf(opening, "accessKeyID"),
        secretAccessKey: await credentialOf(opening, "secretAccessKey"),
        ...(sessionToken === undefined ? {} : { sessionToken }),
    };
    const access = {
        endpoint: config.endpoint,
        secure: config.secure !== "false",
        bucket: config.bucketName,
        addressing,
        rootCA: config.rootCA,
        verify: config.skipCertValidation !== "true",
        proxy: proxyOf(config.proxyURL, problem),
        credentials,
    };
    return openS3(name, access, budget);
}

function proxyOf(text: string | undefined, problem: Problem): URL | undefined {
    if (text === undefined || text === "") {
        return undefined;
    }
    const url = URL.canParse(text) ? new URL(text) : undefined;
    if (url === undefined || !["http:", "https:"].includes(url.protocol)) {
        // It may hold a password.
        throw problem("spec.providerConfig.s3.proxyURL", "http://<host>:<port>", "something else (not shown)");
    }
    return url;
}

async function openAzureContainer(config: NonNullable<Config["azure"]>, opening: Opening): Promise<ObjectStore> {
    const { accountName: account, bucketName: container, endpoint } = config;
    const host = endpoint === undefined || endpoint === "" ? `${account}.blob.core.windows.net` : endpoint;
    const accountKey = await credentialOf(opening, "accountKey");
    return openAzure(opening.name, { url: `https://${host}`, account, accountKey, container }, opening.budget);
}

async function openGcsBucket(config: NonNullable<Config["gcp"]>, opening: Opening): Promise<ObjectStore> {
    const { projectID: projectId, bucketName: bucket } = config;
    const credentials = gcsCredentialsOf(parseJson(await credentialOf(opening, "credentials")));
    if (credentials === undefined) {
        const key = "spec.providerCredentials.credentials";
        throw opening.problem(key, "the key of a service account, as JSON", "something else (secret, not shown)");
    }
    return openGcs(opening.name, { projectId, bucket, credentials }, opening.budget);
}

/** One that must be there: a library that is given none would look for others on this machine. */
async function credentialOf({ secret, problem }: Opening, credential: string): Promise<string> {
    const value = await secret(credential);
    if (value === undefined || value === "") {
        const expected = "a reference to a key of a Secret that is not empty";
        throw problem(
            `spec.providerCredentials.${credential}`,
            expected,
            value === undefined ? "none" : "an empty one",
        );
    }
    return value;
}

async function readSecret(
    cluster: VaultCluster,
    namespace: string,
    { name, key }: { name: string; key: string },
): Promise<string> {
    const found = await cluster.get(kinds.secret, { name, namespace });
    const value = found?.data?.[key];
    if (value === undefined) {
        throw new VaultError(`${cluster.site}: Secret ${namespace}/${name} has no key ${key}`, true);
    }
    return Buffer.from(value, "base64").toString("utf8");
}
