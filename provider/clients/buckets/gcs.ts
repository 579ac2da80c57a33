import type { Bucket } from "@google-cloud/storage" with { "resolution-mode": "import" };
import { z } from "zod";
import { Secrets } from "../../support/secrets";
import { type Failure, Lookup, networkWord } from "./lookup";
import { allPages, type ObjectStore, type Page, textOf, type Written } from "./objectStore";

export interface GcsAccess {
    projectId: string;
    bucket: string;
    /** Always given: the library would look for others on the machine. */
    credentials: GcsCredentials;
    /** Default: Google's. */
    apiEndpoint?: string;
}

/** What is used of a service account's key. */
export interface GcsCredentials {
    client_email: string;
    private_key: string;
}

/** Undefined for anything that is not the key of a service account. */
export function gcsCredentialsOf(key: unknown): GcsCredentials | undefined {
    const parsed = serviceAccountKey.safeParse(key);
    return parsed.success
        ? { client_email: parsed.data.client_email, private_key: parsed.data.private_key }
        : undefined;
}

const serviceAccountKey = z.object({
    type: z.literal("service_account"),
    client_email: z.string().min(1),
    private_key: z.string().min(1),
});

/**
 * The bucket of one vault in Google Cloud Storage. Its library is loaded only by those who have such a vault.
 * @param vault name of the vault in errors
 * @param budget milliseconds for all calls together, from now on
 */
export async function openGcs(vault: string, access: GcsAccess, budget: number): Promise<ObjectStore> {
    const { Storage } = await import("@google-cloud/storage");
    const storage = new Storage({
        projectId: access.projectId,
        credentials: access.credentials,
        // Repetitions share the lookup's budget.
        retryOptions: { autoRetry: false, maxRetries: 0 },
        timeout: budget,
        ...(access.apiEndpoint === undefined ? {} : { apiEndpoint: access.apiEndpoint }),
    });
    const secrets = new Secrets([access.credentials.private_key]);
    return new GcsBucket(storage.bucket(access.bucket), new Lookup(vault, budget, secrets, failureOf));
}

class GcsBucket implements ObjectStore {
    constructor(
        private readonly bucket: Bucket,
        private readonly lookup: Lookup,
    ) {}

    async putIfAbsent(key: string, body: string): Promise<Written> {
        return this.lookup.ask(`PUT ${key}`, async () => {
            try {
                await this.save(key, body, { ifGenerationMatch: 0 });
                return "written";
            } catch (error) {
                if (failureOf(error).status === 412) {
                    return "exists";
                }
                throw error;
            }
        });
    }

    async put(key: string, body: string): Promise<void> {
        await this.lookup.ask(`PUT ${key}`, () => this.save(key, body));
    }

    async get(key: string): Promise<string | undefined> {
        const call = `GET ${key}`;
        return this.lookup.ask(call, async () => {
            try {
                const body = this.bucket.file(key).createReadStream({ validation: false });
                return await textOf(body, this.lookup.tooLarge(call));
            } catch (error) {
                if (failureOf(error).status === 404) {
                    return undefined;
                }
                throw error;
            }
        });
    }

    async remove(key: string): Promise<void> {
        await this.lookup.ask(`DELETE ${key}`, () => this.bucket.file(key).delete({ ignoreNotFound: true }));
    }

    async folders(prefix: string): Promise<string[]> {
        const { folders } = await this.list(prefix);
        return folders.map((folder) => folder.replace(/\/$/, ""));
    }

    async names(prefix: string): Promise<string[]> {
        return [...(await this.list(prefix)).names];
    }

    private save(key: string, body: string, preconditionOpts = {}) {
        return this.bucket.file(key).save(body, { resumable: false, validation: false, preconditionOpts });
    }

    private list(prefix: string): Promise<Page> {
        const call = `LIST ${prefix}`;
        const nameOf = (name: string) => name.slice(prefix.length);
        return allPages(
            (next) =>
                this.lookup.ask(call, async () => {
                    const [files, , answer] = await this.bucket.getFiles({
                        prefix,
                        delimiter: "/",
                        autoPaginate: false,
                        maxResults: 1_000,
                        ...(next === undefined ? {} : { pageToken: next }),
                    });
                    const { prefixes = [], nextPageToken } = listing.parse(answer);
                    return {
                        folders: prefixes.map(nameOf),
                        names: files.map(({ name }) => nameOf(name)),
                        next: nextPageToken,
                    };
                }),
            this.lookup.tooLarge(call),
        );
    }
}

const listing = z.object({ prefixes: z.array(z.string()).optional(), nextPageToken: z.string().optional() });

function failureOf(error: unknown): Failure {
    const { code } = error as { code?: unknown };
    const status = typeof code === "number" ? code : /^\d{3}$/.test(String(code)) ? Number(code) : undefined;
    return { status, word: status === undefined ? networkWord(error) : "" };
}
