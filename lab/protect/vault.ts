import { Agent } from "node:https";
import {
    DeleteObjectsCommand,
    GetObjectCommand,
    ListObjectsV2Command,
    NoSuchKey,
    PutObjectCommand,
    S3Client,
    S3ServiceException,
} from "@aws-sdk/client-s3";
import type { Cluster } from "../controllers";
import { type AppVault, kinds, protectNamespace } from "./kinds";

/**
 * How long one request to a bucket may take. A site that is gone swallows packets, so nothing else would end the call;
 * the clock here is the real one, like the network's.
 */
const requestTimeoutMs = 3_000;

/** The S3 providers of Trident Protect; Azure and GCP vaults cannot be had in the lab. */
const s3Providers = new Set(["OntapS3", "StorageGridS3", "GenericS3", "AWS"]);

/** One bucket, below the prefix of its AppVault. Keys are given without the prefix. */
export interface Vault {
    get(key: string): Promise<Buffer | undefined>;
    put(key: string, body: Buffer | string): Promise<void>;
    /** Writes only if nothing is there; false when something is. */
    putNew(key: string, body: string): Promise<boolean>;
    /** All keys that begin so. */
    list(prefix: string): Promise<string[]>;
    /** Names of the folders right below a folder. */
    folders(folder: string): Promise<string[]>;
    /** Removes everything whose key begins so. */
    remove(prefix: string): Promise<void>;
    close(): void;
}

/** Opens the bucket of an AppVault with what the AppVault and its Secrets say; nothing is asked of the bucket yet. */
export async function openVault(cluster: Cluster, name: string): Promise<Vault> {
    const appVault = await cluster.get<AppVault>(kinds.appVault, { namespace: protectNamespace, name });
    if (appVault === undefined) {
        throw new Error(`AppVault ${name} does not exist in namespace ${protectNamespace}`);
    }
    return openAppVault(cluster, appVault);
}

/** Opens a vault for one piece of work and closes it again. */
export async function withVault<T>(cluster: Cluster, name: string, work: (vault: Vault) => Promise<T>): Promise<T> {
    const vault = await openVault(cluster, name);
    try {
        return await work(vault);
    } finally {
        vault.close();
    }
}

export async function openAppVault(cluster: Cluster, appVault: AppVault): Promise<Vault> {
    const { providerType, providerConfig, prefix } = appVault.spec;
    const { s3 } = providerConfig;
    if (!s3Providers.has(providerType)) {
        const known = [...s3Providers, "Azure", "GCP"].join(", ");
        throw new Error(`Expected providerType to be one of ${known}, found ${providerType}`);
    }
    if (s3 === undefined) {
        throw new Error(`Expected providerConfig.s3 for providerType ${providerType}, found none`);
    }
    const secure = s3.secure !== "false";
    const agent = new Agent({ keepAlive: true, ca: s3.rootCA, rejectUnauthorized: s3.skipCertValidation !== "true" });
    const client = new S3Client({
        endpoint: `${secure ? "https" : "http"}://${s3.endpoint}`,
        region: "us-east-1",
        forcePathStyle: true,
        maxAttempts: 1,
        credentials: {
            accessKeyId: await credential(cluster, appVault, "accessKeyID"),
            secretAccessKey: await credential(cluster, appVault, "secretAccessKey"),
        },
        requestHandler: secure ? { httpsAgent: agent } : undefined,
    });
    return new S3Vault(client, s3.bucketName, prefix === undefined || prefix === "" ? "" : `${trimmed(prefix)}/`);
}

function trimmed(prefix: string): string {
    return prefix.replace(/^\/+|\/+$/g, "");
}

async function credential(cluster: Cluster, appVault: AppVault, credentialName: string): Promise<string> {
    const source = appVault.spec.providerCredentials?.[credentialName]?.valueFromSecret;
    if (source === undefined) {
        throw new Error(`Expected providerCredentials.${credentialName}, found none`);
    }
    const secret = await cluster.get(kinds.secret, { namespace: protectNamespace, name: source.name });
    const value = (secret?.data as Record<string, string> | undefined)?.[source.key];
    if (value === undefined) {
        throw new Error(`Expected key ${source.key} in Secret ${protectNamespace}/${source.name}, found none`);
    }
    return Buffer.from(value, "base64").toString("utf8");
}

class S3Vault implements Vault {
    constructor(
        private readonly client: S3Client,
        private readonly bucket: string,
        private readonly prefix: string,
    ) {}

    async get(key: string): Promise<Buffer | undefined> {
        return this.call("GET", key, async (abortSignal) => {
            try {
                const command = new GetObjectCommand({ Bucket: this.bucket, Key: this.prefix + key });
                const answer = await this.client.send(command, { abortSignal });
                return Buffer.from((await answer.Body?.transformToByteArray()) ?? []);
            } catch (error) {
                if (error instanceof NoSuchKey) {
                    return undefined;
                }
                throw error;
            }
        });
    }

    async put(key: string, body: Buffer | string): Promise<void> {
        await this.call("PUT", key, (abortSignal) => {
            const command = new PutObjectCommand({ Bucket: this.bucket, Key: this.prefix + key, Body: body });
            return this.client.send(command, { abortSignal });
        });
    }

    async putNew(key: string, body: string): Promise<boolean> {
        return this.call("PUT", key, async (abortSignal) => {
            const input = { Bucket: this.bucket, Key: this.prefix + key, Body: body, IfNoneMatch: "*" };
            try {
                await this.client.send(new PutObjectCommand(input), { abortSignal });
                return true;
            } catch (error) {
                if (error instanceof S3ServiceException && error.$metadata.httpStatusCode === 412) {
                    return false;
                }
                throw error;
            }
        });
    }

    async list(prefix: string): Promise<string[]> {
        const { keys } = await this.listing(prefix, undefined);
        return keys;
    }

    async folders(folder: string): Promise<string[]> {
        const base = `${folder}/`;
        const { folders } = await this.listing(base, "/");
        return folders.map((path) => path.slice(base.length, -1));
    }

    async remove(prefix: string): Promise<void> {
        const keys = await this.list(prefix);
        for (let start = 0; start < keys.length; start += 1000) {
            const objects = keys.slice(start, start + 1000).map((key) => ({ Key: this.prefix + key }));
            await this.call("DELETE", prefix, (abortSignal) => {
                const command = new DeleteObjectsCommand({ Bucket: this.bucket, Delete: { Objects: objects } });
                return this.client.send(command, { abortSignal });
            });
        }
    }

    close(): void {
        this.client.destroy();
    }

    private async listing(
        prefix: string,
        delimiter: string | undefined,
    ): Promise<{ keys: string[]; folders: string[] }> {
        const keys: string[] = [];
        const folders: string[] = [];
        let continuation: string | undefined;
        do {
            const page = await this.call("LIST", prefix, (abortSignal) => {
                const command = new ListObjectsV2Command({
                    Bucket: this.bucket,
                    Prefix: this.prefix + prefix,
                    Delimiter: delimiter,
                    ContinuationToken: continuation,
                });
                return this.client.send(command, { abortSignal });
            });
            keys.push(...(page.Contents ?? []).flatMap(({ Key }) => (Key ? [Key.slice(this.prefix.length)] : [])));
            folders.push(
                ...(page.CommonPrefixes ?? []).flatMap(({ Prefix }) =>
                    Prefix ? [Prefix.slice(this.prefix.length)] : [],
                ),
            );
            continuation = page.IsTruncated ? page.NextContinuationToken : undefined;
        } while (continuation !== undefined);
        return { keys, folders };
    }

    /** Gives the call its deadline, and names bucket and key when it fails. */
    private async call<T>(verb: string, key: string, send: (signal: AbortSignal) => Promise<T>): Promise<T> {
        const signal = AbortSignal.timeout(requestTimeoutMs);
        try {
            return await send(signal);
        } catch (error) {
            const why = signal.aborted
                ? `no answer within ${requestTimeoutMs / 1000} s`
                : error instanceof Error
                  ? `${error.name}: ${error.message}`
                  : String(error);
            throw new Error(`${verb} ${this.prefix}${key} in bucket ${this.bucket}: ${why}`, { cause: error });
        }
    }
}
