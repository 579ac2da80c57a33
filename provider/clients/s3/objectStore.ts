import { Agent } from "node:https";
import {
    DeleteObjectCommand,
    GetObjectCommand,
    ListObjectsV2Command,
    PutObjectCommand,
    S3Client,
    S3ServiceException,
} from "@aws-sdk/client-s3";

// A notice of the library about Node.js 20 would be printed in the middle of a takeover.
process.env["AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED"] ??= "true";

/** The few calls that records of the vaults need. */
export interface ObjectStore {
    /** Writes the object unless one of that key exists. False: one exists. */
    putIfAbsent(key: string, body: string): Promise<boolean>;
    get(key: string): Promise<string | undefined>;
    /** Names of the "folders" right below a prefix that ends in a slash. */
    folders(prefix: string): Promise<string[]>;
    /** Names of the objects right below a prefix that ends in a slash. */
    names(prefix: string): Promise<string[]>;
    /** Removes the object; one that is gone already is as good. */
    remove(key: string): Promise<void>;
}

export interface S3Access {
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
 * @param vault how the vault is called in errors
 * @param budget milliseconds for one call, connecting included
 */
export function openS3(vault: string, access: S3Access, budget: number): ObjectStore {
    const client = new S3Client({
        region: process.env["AWS_REGION"] ?? "us-east-1",
        ...(access.endpoint === undefined
            ? {}
            : {
                  endpoint: `${access.secure ? "https" : "http"}://${access.endpoint}`,
                  forcePathStyle: true,
              }),
        ...(access.credentials === undefined ? {} : { credentials: access.credentials }),
        maxAttempts: 1,
        requestHandler: {
            connectionTimeout: budget,
            requestTimeout: budget,
            httpsAgent: new Agent({
                ...(access.rootCA === undefined ? {} : { ca: access.rootCA }),
                rejectUnauthorized: access.verify,
            }),
        },
    });
    const within = () => ({ abortSignal: AbortSignal.timeout(budget) });
    const { bucket } = access;
    const list = async (prefix: string) => {
        const found = { folders: [] as string[], names: [] as string[] };
        let token: string | undefined;
        try {
            do {
                const page = await client.send(
                    new ListObjectsV2Command({
                        Bucket: bucket,
                        Prefix: prefix,
                        Delimiter: "/",
                        ...(token === undefined ? {} : { ContinuationToken: token }),
                    }),
                    within(),
                );
                found.folders.push(
                    ...(page.CommonPrefixes ?? []).map((one) => (one.Prefix ?? "").slice(prefix.length)),
                );
                found.names.push(...(page.Contents ?? []).map((one) => (one.Key ?? "").slice(prefix.length)));
                token = page.NextContinuationToken;
            } while (token !== undefined);
        } catch (thrown) {
            throw toVaultError(vault, `LIST ${prefix}`, thrown);
        }
        return found;
    };
    return {
        async putIfAbsent(key, body) {
            const command = new PutObjectCommand({ Bucket: bucket, Key: key, Body: body, IfNoneMatch: "*" });
            try {
                await client.send(command, within());
                return true;
            } catch (thrown) {
                if (statusOf(thrown) === 412 || statusOf(thrown) === 409) {
                    return false;
                }
                throw toVaultError(vault, `PUT ${key}`, thrown);
            }
        },
        async get(key) {
            try {
                const answer = await client.send(new GetObjectCommand({ Bucket: bucket, Key: key }), within());
                return await answer.Body?.transformToString();
            } catch (thrown) {
                if (statusOf(thrown) === 404) {
                    return undefined;
                }
                throw toVaultError(vault, `GET ${key}`, thrown);
            }
        },
        async remove(key) {
            try {
                await client.send(new DeleteObjectCommand({ Bucket: bucket, Key: key }), within());
            } catch (thrown) {
                if (statusOf(thrown) !== 404) {
                    throw toVaultError(vault, `DELETE ${key}`, thrown);
                }
            }
        },
        async folders(prefix) {
            const { folders } = await list(prefix);
            return folders.map((folder) => folder.replace(/\/$/, ""));
        },
        async names(prefix) {
            return (await list(prefix)).names;
        },
    };
}

function statusOf(thrown: unknown): number | undefined {
    return thrown instanceof S3ServiceException ? thrown.$metadata.httpStatusCode : undefined;
}

function toVaultError(vault: string, call: string, thrown: unknown): VaultError {
    const status = statusOf(thrown);
    if (status === undefined) {
        const why = thrown instanceof Error && /abort|timeout/i.test(thrown.name) ? "no answer in time" : "no answer";
        return new VaultError(`vault ${vault}: ${call}: ${why}`, true);
    }
    const meaning =
        status === 403 ? "its credentials are refused, or lack a right" : status === 404 ? "no such bucket" : "refused";
    return new VaultError(`vault ${vault}: ${call}: ${meaning} (HTTP ${status}, ${(thrown as Error).name})`, false);
}
