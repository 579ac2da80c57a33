import { Agent } from "node:https";
import {
    DeleteObjectsCommand,
    GetObjectCommand,
    ListObjectsV2Command,
    NoSuchKey,
    PutObjectCommand,
    S3Client,
} from "@aws-sdk/client-s3";
import { HttpsProxyAgent } from "hpagent";
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
    /** All keys that begin so. */
    list(prefix: string): Promise<string[]>;
    /** Names of the folders right below a folder. */
    folders(folder: string): Promise<string[]>;
    /** Removes everything whose key begins so. */
    remove(prefix: string): Promise<void>;
}

/** Opens the bucket of an AppVault with what the AppVault and its Secrets say; nothing is asked of the bucket yet. */
export async function openVault(cluster: Cluster, name: string): Promise<Vault> {
    const appVault = await cluster.get<AppVault>(kinds.appVault, { namespace: protectNamespace, name });
    if (appVault === undefined) {
        throw new Error(`AppVault ${name} does not exist in namespace ${protectNamespace}`);
    }
    return openAppVault(cluster, appVault);
}

/** Does one piece of work in a vault, opened anew: its AppVault and Secrets may have changed since the last one. */
export async function withVault<T>(cluster: Cluster, name: string, work: (vault: Vault) => Promise<T>): Promise<T> {
    return work(await openVault(cluster, name));
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
    const client = clientOf({
        secure: s3.secure !== "false",
        verify: s3.skipCertValidation !== "true",
        endpoint: s3.endpoint,
        rootCA: s3.rootCA,
        proxyURL: s3.proxyURL,
        accessKeyId: await credential(cluster, appVault, "accessKeyID"),
        secretAccessKey: await credential(cluster, appVault, "secretAccessKey"),
    });
    return new S3Vault(client, s3.bucketName, prefix === undefined || prefix === "" ? "" : `${trimmed(prefix)}/`);
}

interface Access {
    secure: boolean;
    verify: boolean;
    endpoint: string;
    rootCA?: string;
    proxyURL?: string;
    accessKeyId: string;
    secretAccessKey: string;
}

/** Connections are worth keeping: a handshake costs more than a small object. There are as many as vaults. */
const clients = new Map<string, S3Client>();

function clientOf(access: Access): S3Client {
    const key = JSON.stringify(access);
    const { secure, endpoint, accessKeyId, secretAccessKey } = access;
    const client =
        clients.get(key) ??
        new S3Client({
            endpoint: `${secure ? "https" : "http"}://${endpoint}`,
            region: "us-east-1",
            forcePathStyle: true,
            // As its own library does it, for a server that is busy or has closed a kept connection.
            maxAttempts: 3,
            followRegionRedirects: true,
            credentials: { accessKeyId, secretAccessKey },
            requestHandler: secure ? { httpsAgent: agentOf(access) } : undefined,
        });
    clients.set(key, client);
    return client;
}

function agentOf({ verify, rootCA, proxyURL }: Access): Agent {
    const options = { keepAlive: true, ca: rootCA, rejectUnauthorized: verify };
    return proxyURL === undefined ? new Agent(options) : new HttpsProxyAgent({ ...options, proxy: proxyURL });
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
