import { Agent as HttpAgent } from "node:http";
import { Agent as HttpsAgent } from "node:https";
import type { Readable } from "node:stream";
import {
    DeleteObjectCommand,
    GetObjectCommand,
    ListObjectsV2Command,
    PutObjectCommand,
    S3Client,
    S3ServiceException,
} from "@aws-sdk/client-s3";
import { HttpProxyAgent, HttpsProxyAgent } from "hpagent";
import type { BucketAddressing } from "../../support/bucketAddressing";
import { Kept } from "../../support/kept";
import { Secrets } from "../../support/secrets";
import { withTracedConnections } from "../../support/tracedConnections";
import { type Failure, Lookup, networkWord } from "./lookup";
import { allPages, type ObjectStore, type Page, textOf, type Written } from "./objectStore";
import { s3AddressOf } from "./s3Address";

export interface S3Access {
    /** `host` or `host:port`. */
    endpoint: string;
    secure: boolean;
    bucket: string;
    /** Where requests name the bucket. Default `auto`. */
    addressing?: BucketAddressing | undefined;
    rootCA: string | undefined;
    verify: boolean;
    /** The one proxy by which it is reached. Default: none. */
    proxy?: URL | undefined;
    /** Always given: the SDK would look for others on the machine. */
    credentials: { accessKeyId: string; secretAccessKey: string; sessionToken?: string };
}

/**
 * The bucket of one vault, over S3.
 * @param vault name of the vault in errors
 * @param budget milliseconds for all calls together, from now on
 */
export function openS3(vault: string, access: S3Access, budget: number): ObjectStore {
    return new S3Bucket(vault, access, budget);
}

class S3Bucket implements ObjectStore {
    private readonly lookup: Lookup;
    private readonly bucket: string;
    private client: S3Client;
    private region: string;

    constructor(
        vault: string,
        private readonly access: S3Access,
        private readonly budget: number,
    ) {
        const { bucket, credentials, endpoint, proxy } = access;
        this.bucket = bucket;
        this.region = s3AddressOf(endpoint).region;
        this.client = clientFor(access, this.region, budget);
        const secrets = new Secrets([credentials.secretAccessKey, credentials.sessionToken, proxy?.password]);
        const way = proxy === undefined ? "" : `, through proxy ${proxy.host}`;
        this.lookup = new Lookup(vault, budget, secrets, failureOf, way);
    }

    async putIfAbsent(key: string, body: string): Promise<Written> {
        return this.ask(`PUT ${key}`, async (client, abortSignal) => {
            const command = new PutObjectCommand({ Bucket: this.bucket, Key: key, Body: body, IfNoneMatch: "*" });
            try {
                await client.send(command, { abortSignal });
                return "written";
            } catch (error) {
                switch (failureOf(error).status) {
                    case 412:
                        return "exists";
                    case 501:
                        return "unsupported";
                    default:
                        throw error;
                }
            }
        });
    }

    async put(key: string, body: string): Promise<void> {
        await this.ask(`PUT ${key}`, (client, abortSignal) =>
            client.send(new PutObjectCommand({ Bucket: this.bucket, Key: key, Body: body }), { abortSignal }),
        );
    }

    async get(key: string): Promise<string | undefined> {
        const call = `GET ${key}`;
        return this.ask(call, async (client, abortSignal) => {
            const command = new GetObjectCommand({ Bucket: this.bucket, Key: key });
            const answer = await unlessMissing(client.send(command, { abortSignal }));
            return answer?.Body === undefined ? undefined : textOf(answer.Body as Readable, this.lookup.tooLarge(call));
        });
    }

    async remove(key: string): Promise<void> {
        await this.ask(`DELETE ${key}`, (client, abortSignal) =>
            unlessMissing(client.send(new DeleteObjectCommand({ Bucket: this.bucket, Key: key }), { abortSignal })),
        );
    }

    async folders(prefix: string): Promise<string[]> {
        const { folders } = await this.list(prefix);
        return folders.map((folder) => folder.replace(/\/$/, ""));
    }

    async names(prefix: string): Promise<string[]> {
        return [...(await this.list(prefix)).names];
    }

    private list(prefix: string): Promise<Page> {
        const call = `LIST ${prefix}`;
        const nameOf = (key = "") => key.slice(prefix.length);
        return allPages(
            (next) =>
                this.ask(call, async (client, abortSignal) => {
                    const command = new ListObjectsV2Command({
                        Bucket: this.bucket,
                        Prefix: prefix,
                        Delimiter: "/",
                        ...(next === undefined ? {} : { ContinuationToken: next }),
                    });
                    const page = await client.send(command, { abortSignal });
                    return {
                        folders: (page.CommonPrefixes ?? []).map(({ Prefix }) => nameOf(Prefix)),
                        names: (page.Contents ?? []).map(({ Key }) => nameOf(Key)),
                        next: page.NextContinuationToken,
                    };
                }),
            this.lookup.tooLarge(call),
        );
    }

    /** A server that says that the bucket is in another region is asked once more, as that region wants it. */
    private ask<T>(call: string, request: (client: S3Client, signal: AbortSignal) => Promise<T>): Promise<T> {
        return this.lookup.ask(call, async (signal) => {
            try {
                return await request(this.client, signal);
            } catch (error) {
                const region = regionToldBy(error);
                if (region === undefined || region === this.region) {
                    throw error;
                }
                this.region = region;
                this.client = clientFor(this.access, region, this.budget);
                return request(this.client, signal);
            }
        });
    }
}

function clientFor(access: S3Access, region: string, budget: number) {
    const { endpoint, secure, rootCA, verify, proxy, credentials, addressing = "auto" } = access;
    const { host } = s3AddressOf(endpoint);
    const tls = { ...(rootCA === undefined ? {} : { ca: rootCA }), rejectUnauthorized: verify };
    return new S3Client({
        region,
        ...(host === undefined ? {} : { endpoint: `${secure ? "https" : "http"}://${host}` }),
        forcePathStyle: addressing === "auto" ? host !== undefined : addressing === "path",
        credentials,
        // Repetitions share the lookup's budget.
        maxAttempts: 1,
        // Many servers know no other checksums than those that S3 has always had.
        requestChecksumCalculation: "WHEN_REQUIRED",
        responseChecksumValidation: "WHEN_REQUIRED",
        requestHandler: {
            connectionTimeout: budget,
            requestTimeout: budget,
            ...agents.get([host, region, tls, proxy?.href], () => tracedAgents(endpoint, agentsFor(tls, proxy))),
        },
    });
}

/** For each server, those of all its vaults' lookups. */
const agents = new Kept<ReturnType<typeof agentsFor>>();

/** Milliseconds after which an idle connection is not used again: what stands in between may have forgotten it. */
const idle = 4_000;

function tracedAgents(server: string, { httpAgent, httpsAgent }: ReturnType<typeof agentsFor>) {
    return {
        httpAgent: withTracedConnections(httpAgent, "bucket", server),
        httpsAgent: withTracedConnections(httpsAgent, "bucket", server),
    };
}

function agentsFor(tls: { ca?: string; rejectUnauthorized: boolean }, proxy: URL | undefined) {
    if (proxy !== undefined) {
        const way = { proxy, proxyRequestOptions: tls.ca ? { ca: [tls.ca] } : {} };
        return { httpAgent: new HttpProxyAgent(way), httpsAgent: new HttpsProxyAgent({ ...tls, ...way }) };
    }
    const kept = { keepAlive: true, timeout: idle };
    return { httpAgent: new HttpAgent(kept), httpsAgent: new HttpsAgent({ ...tls, ...kept }) };
}

function failureOf(error: unknown): Failure {
    return error instanceof S3ServiceException
        ? { status: error.$metadata.httpStatusCode, word: error.name }
        : { status: undefined, word: networkWord(error) };
}

/** Undefined for an object that is not there; a bucket that is not there is an error. */
async function unlessMissing<T>(answer: Promise<T>): Promise<T | undefined> {
    try {
        return await answer;
    } catch (error) {
        const { status, word } = failureOf(error);
        if (status === 404 && word !== "NoSuchBucket") {
            return undefined;
        }
        throw error;
    }
}

/** In a header, as Amazon does it, or in the error's body, as a server whose one region is another one. */
function regionToldBy(error: unknown): string | undefined {
    if (!(error instanceof S3ServiceException) || ![301, 307, 400].includes(error.$metadata.httpStatusCode ?? 0)) {
        return undefined;
    }
    const header: unknown = error.$response?.headers["x-amz-bucket-region"];
    const told = header ?? (error as { Region?: unknown }).Region;
    return typeof told === "string" && /^[a-z0-9-]{1,40}$/.test(told) ? told : undefined;
}
