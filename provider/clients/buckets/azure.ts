import type { ContainerClient, RestError } from "@azure/storage-blob" with { "resolution-mode": "import" };
import { Secrets } from "../../support/secrets";
import { type Failure, Lookup, networkWord } from "./lookup";
import { allPages, type ObjectStore, type Page, textOf, type Written } from "./objectStore";

export interface AzureAccess {
    /** The account's Blob service, `https://<account>.blob.core.windows.net`. */
    url: string;
    account: string;
    accountKey: string;
    container: string;
}

/**
 * The container of one vault in Azure Blob Storage. Its library is loaded only by those who have such a vault.
 * @param vault name of the vault in errors
 * @param budget milliseconds for all calls together, from now on
 */
export async function openAzure(vault: string, access: AzureAccess, budget: number): Promise<ObjectStore> {
    const { ContainerClient, StorageSharedKeyCredential } = await import("@azure/storage-blob");
    const credential = new StorageSharedKeyCredential(access.account, access.accountKey);
    const client = new ContainerClient(`${access.url}/${access.container}`, credential, {
        // Repetitions share the lookup's budget.
        retryOptions: { maxTries: 1 },
    });
    return new AzureContainer(client, new Lookup(vault, budget, new Secrets([access.accountKey]), failureOf));
}

class AzureContainer implements ObjectStore {
    constructor(
        private readonly container: ContainerClient,
        private readonly lookup: Lookup,
    ) {}

    async putIfAbsent(key: string, body: string): Promise<Written> {
        return this.lookup.ask(`PUT ${key}`, async (abortSignal) => {
            try {
                await this.upload(key, body, { abortSignal, conditions: { ifNoneMatch: "*" } });
                return "written";
            } catch (error) {
                const { status, word } = failureOf(error);
                if (status === 412 || word === "BlobAlreadyExists") {
                    return "exists";
                }
                throw error;
            }
        });
    }

    async put(key: string, body: string): Promise<void> {
        await this.lookup.ask(`PUT ${key}`, (abortSignal) => this.upload(key, body, { abortSignal }));
    }

    async get(key: string): Promise<string | undefined> {
        const call = `GET ${key}`;
        return this.lookup.ask(call, async (abortSignal) => {
            const answer = await unlessMissing(
                this.container.getBlobClient(key).download(0, undefined, { abortSignal }),
            );
            const body = answer?.readableStreamBody;
            return body === undefined ? undefined : textOf(chunksOf(body), this.lookup.tooLarge(call));
        });
    }

    async remove(key: string): Promise<void> {
        await this.lookup.ask(`DELETE ${key}`, (abortSignal) =>
            unlessMissing(this.container.getBlobClient(key).delete({ abortSignal })),
        );
    }

    async folders(prefix: string): Promise<string[]> {
        const { folders } = await this.list(prefix);
        return folders.map((folder) => folder.replace(/\/$/, ""));
    }

    async names(prefix: string): Promise<string[]> {
        return [...(await this.list(prefix)).names];
    }

    private upload(key: string, body: string, options: UploadOptions) {
        return this.container.getBlockBlobClient(key).upload(body, Buffer.byteLength(body), options);
    }

    private list(prefix: string): Promise<Page> {
        const call = `LIST ${prefix}`;
        const nameOf = ({ name }: { name: string }) => name.slice(prefix.length);
        return allPages(
            (next) =>
                this.lookup.ask(call, async (abortSignal) => {
                    const pages = this.container
                        .listBlobsByHierarchy("/", { prefix, abortSignal })
                        .byPage({ maxPageSize: 1_000, ...(next === undefined ? {} : { continuationToken: next }) });
                    const { value } = await pages[Symbol.asyncIterator]().next();
                    const { blobPrefixes = [], blobItems = [] } = value?.segment ?? {};
                    return {
                        folders: blobPrefixes.map(nameOf),
                        names: blobItems.map(nameOf),
                        next: value?.continuationToken,
                    };
                }),
            this.lookup.tooLarge(call),
        );
    }
}

type UploadOptions = { abortSignal: AbortSignal; conditions?: { ifNoneMatch: string } };

/** On Node the body is a Readable, whose type says less than it is. */
function chunksOf(body: NodeJS.ReadableStream): AsyncIterable<string | Uint8Array> {
    return body as AsyncIterable<string | Uint8Array>;
}

function failureOf(error: unknown): Failure {
    const { statusCode: status, code } = error as Partial<RestError>;
    return status === undefined
        ? { status, word: networkWord(error) }
        : { status, word: typeof code === "string" ? code : "" };
}

/** Undefined for a blob that is not there; a container that is not there is an error. */
async function unlessMissing<T>(answer: Promise<T>): Promise<T | undefined> {
    try {
        return await answer;
    } catch (error) {
        const { status, word } = failureOf(error);
        if (status === 404 && word !== "ContainerNotFound") {
            return undefined;
        }
        throw error;
    }
}
