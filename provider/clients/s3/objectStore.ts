import { Agent } from "node:https";
import type { Readable } from "node:stream";
import {
    DeleteObjectCommand,
    GetObjectCommand,
    ListObjectsV2Command,
    PutObjectCommand,
    S3Client,
    S3ServiceException,
} from "@aws-sdk/client-s3";
import { Secrets } from "../../support/secrets";

/** Bytes of an object that is read: all of ours are far smaller, and whoever can write to the bucket writes others. */
const longestObject = 1_048_576;

/** Pages of a listing; S3 puts a thousand names on one. */
const mostPages = 200;

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
 * @param budget milliseconds for one call, connecting and all pages of a listing included
 */
export function openS3(vault: string, access: S3Access, budget: number): ObjectStore {
    return new S3Bucket(vault, access, budget);
}

class S3Bucket implements ObjectStore {
    private readonly client: S3Client;
    private readonly bucket: string;
    private readonly secrets: Secrets;

    constructor(
        private readonly vault: string,
        access: S3Access,
        private readonly budget: number,
    ) {
        this.client = clientFor(access, budget);
        this.bucket = access.bucket;
        this.secrets = new Secrets([access.credentials?.secretAccessKey, access.credentials?.sessionToken]);
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
            return answer.Body === undefined ? undefined : await this.read(key, answer.Body as Readable);
        } catch (error) {
            if (error instanceof VaultError) {
                throw error;
            }
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
        const budget = this.withinBudget();
        let token: string | undefined;
        let pages = 0;
        try {
            do {
                if (++pages > mostPages) {
                    throw this.tooLarge(`LIST ${prefix}`, `more than ${mostPages} pages`);
                }
                const command = new ListObjectsV2Command({
                    Bucket: this.bucket,
                    Prefix: prefix,
                    Delimiter: "/",
                    ...(token === undefined ? {} : { ContinuationToken: token }),
                });
                const page = await this.client.send(command, budget);
                found.folders.push(...(page.CommonPrefixes ?? []).map(({ Prefix }) => nameOf(Prefix)));
                found.names.push(...(page.Contents ?? []).map(({ Key }) => nameOf(Key)));
                token = page.NextContinuationToken;
            } while (token !== undefined);
        } catch (error) {
            throw error instanceof VaultError ? error : this.errorOf(`LIST ${prefix}`, error);
        }
        return found;
    }

    private withinBudget(): { abortSignal: AbortSignal } {
        return { abortSignal: AbortSignal.timeout(this.budget) };
    }

    private async read(key: string, body: Readable): Promise<string> {
        const chunks: Buffer[] = [];
        let size = 0;
        for await (const chunk of body) {
            chunks.push(chunk as Buffer);
            size += (chunk as Buffer).length;
            if (size > longestObject) {
                throw this.tooLarge(`GET ${key}`, `more than ${longestObject} bytes`);
            }
        }
        return Buffer.concat(chunks).toString("utf8");
    }

    private tooLarge(call: string, found: string): VaultError {
        return new VaultError(
            `vault ${this.vault}: ${call}: found ${found}, which nothing of ours is; inspect it, and delete what does not belong there`,
            false,
        );
    }

    private errorOf(call: string, error: unknown): VaultError {
        const status = statusOf(error);
        if (status === undefined) {
            const isLate = error instanceof Error && /abort|timeout/i.test(error.name);
            return new VaultError(`vault ${this.vault}: ${call}: ${isLate ? "no answer in time" : "no answer"}`, true);
        }
        // The server's word for what went wrong, if it is one: of its sentences none is quoted.
        const name = this.secrets.redact((error as Error).name);
        const word = /^[A-Za-z]\w{0,63}$/.test(name) ? `, ${name}` : "";
        return new VaultError(`vault ${this.vault}: ${call}: ${meaningOf(status)} (HTTP ${status}${word})`, false);
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
