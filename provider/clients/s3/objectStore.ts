import { Agent } from "node:https";
import {
    DeleteObjectCommand,
    GetObjectCommand,
    ListObjectsV2Command,
    PutObjectCommand,
    S3Client,
    S3ServiceException,
} from "@aws-sdk/client-s3";
import { printable } from "../../support/printable";

/** The few calls that records of the vaults need. */
export interface ObjectStore {
    /** Writes the object unless one of that key exists. False: one exists. */
    putIfAbsent(key: string, body: string): Promise<boolean>;
    get(key: string): Promise<string | undefined>;
    /** Names of the "folders" right below a prefix that ends in a slash. */
    folders(prefix: string): Promise<string[]>;
    /** Names of the objects right below a prefix that ends in a slash. */
    names(prefix: string): Promise<string[]>;
    /** Removes the object; that it is already gone is no error. */
    remove(key: string): Promise<void>;
}

interface S3Access {
    /** `host:port`, or undefined for AWS itself. */
    endpoint: string | undefined;
    secure: boolean;
    bucket: string;
    rootCA: string | undefined;
    verify: boolean;
    credentials: { accessKeyId: string; secretAccessKey: string; sessionToken?: string } | undefined;
}

/** A vault did not answer as it should; no credential is in the message. */
export class VaultError extends Error {
    constructor(
        message: string,
        readonly unreachable: boolean,
    ) {
        super(message);
        this.name = "VaultError";
    }
}

/**
 * The bucket of one vault, over S3.
 * @param vault name of the vault in errors
 * @param budget milliseconds for one call, connecting included
 */
export function openS3(vault: string, access: S3Access, budget: number): ObjectStore {
    return new S3Bucket(vault, access, budget);
}

class S3Bucket implements ObjectStore {
    private readonly client: S3Client;
    private readonly bucket: string;

    constructor(
        private readonly vault: string,
        access: S3Access,
        private readonly budget: number,
    ) {
        this.client = clientFor(access, budget);
        this.bucket = access.bucket;
    }

    async putIfAbsent(key: string, body: string): Promise<boolean> {
        const command = new PutObjectCommand({ Bucket: this.bucket, Key: key, Body: body, IfNoneMatch: "*" });
        try {
            await this.client.send(command, this.withinBudget());
            return true;
        } catch (error) {
            if (statusOf(error) === 412 || statusOf(error) === 409) {
                return false;
            }
            throw this.errorOf(`PUT ${key}`, error);
        }
    }

    async get(key: string): Promise<string | undefined> {
        const command = new GetObjectCommand({ Bucket: this.bucket, Key: key });
        try {
            const answer = await this.client.send(command, this.withinBudget());
            return await answer.Body?.transformToString();
        } catch (error) {
            if (statusOf(error) === 404) {
                return undefined;
            }
            throw this.errorOf(`GET ${key}`, error);
        }
    }

    async remove(key: string): Promise<void> {
        const command = new DeleteObjectCommand({ Bucket: this.bucket, Key: key });
        try {
            await this.client.send(command, this.withinBudget());
        } catch (error) {
            if (statusOf(error) !== 404) {
                throw this.errorOf(`DELETE ${key}`, error);
            }
        }
    }

    async folders(prefix: string): Promise<string[]> {
        const { folders } = await this.list(prefix);
        return folders.map((folder) => folder.replace(/\/$/, ""));
    }

    async names(prefix: string): Promise<string[]> {
        return (await this.list(prefix)).names;
    }

    private async list(prefix: string): Promise<{ folders: string[]; names: string[] }> {
        const found = { folders: [] as string[], names: [] as string[] };
        const nameOf = (key = "") => key.slice(prefix.length);
        let token: string | undefined;
        try {
            do {
                const command = new ListObjectsV2Command({
                    Bucket: this.bucket,
                    Prefix: prefix,
                    Delimiter: "/",
                    ...(token === undefined ? {} : { ContinuationToken: token }),
                });
                const page = await this.client.send(command, this.withinBudget());
                found.folders.push(...(page.CommonPrefixes ?? []).map(({ Prefix }) => nameOf(Prefix)));
                found.names.push(...(page.Contents ?? []).map(({ Key }) => nameOf(Key)));
                token = page.NextContinuationToken;
            } while (token !== undefined);
        } catch (error) {
            throw this.errorOf(`LIST ${prefix}`, error);
        }
        return found;
    }

    private withinBudget(): { abortSignal: AbortSignal } {
        return { abortSignal: AbortSignal.timeout(this.budget) };
    }

    private errorOf(call: string, error: unknown): VaultError {
        const status = statusOf(error);
        if (status === undefined) {
            const isLate = error instanceof Error && /abort|timeout/i.test(error.name);
            return new VaultError(`vault ${this.vault}: ${call}: ${isLate ? "no answer in time" : "no answer"}`, true);
        }
        const name = printable((error as Error).name);
        return new VaultError(`vault ${this.vault}: ${call}: ${meaningOf(status)} (HTTP ${status}, ${name})`, false);
    }
}

function clientFor({ endpoint, secure, rootCA, verify, credentials }: S3Access, budget: number): S3Client {
    return new S3Client({
        region: process.env["AWS_REGION"] ?? "us-east-1",
        ...(endpoint === undefined
            ? {}
            : { endpoint: `${secure ? "https" : "http"}://${endpoint}`, forcePathStyle: true }),
        ...(credentials === undefined ? {} : { credentials }),
        maxAttempts: 1,
        requestHandler: {
            connectionTimeout: budget,
            requestTimeout: budget,
            httpsAgent: new Agent({ ...(rootCA === undefined ? {} : { ca: rootCA }), rejectUnauthorized: verify }),
        },
    });
}

function statusOf(error: unknown): number | undefined {
    return error instanceof S3ServiceException ? error.$metadata.httpStatusCode : undefined;
}

function meaningOf(status: number): string {
    switch (status) {
        case 403:
            return "its credentials are refused, or lack a right";
        case 404:
            return "no such bucket";
        default:
            return "refused";
    }
}
