/** Bytes of an object that is read: all of ours are far smaller, and whoever can write to the bucket writes others. */
export const longestObject = 1_048_576;

/** Pages of a listing, of a thousand names each. */
export const mostPages = 200;

/** What became of a write that must not replace anything: a server may not know that condition. */
export type Written = "written" | "exists" | "unsupported";

/** The few calls that claims and recovery points need, of whichever kind the bucket is. */
export interface ObjectStore {
    /**
     * Writes the object unless one of that key exists. `unsupported`: the server says that it cannot do so, and nothing was
     * written. A server that ignores the condition answers `written`.
     */
    putIfAbsent(key: string, body: string): Promise<Written>;
    /** Writes the object, whatever is there. */
    put(key: string, body: string): Promise<void>;
    get(key: string): Promise<string | undefined>;
    /** Names of the "folders" right below a prefix that ends in a slash. */
    folders(prefix: string): Promise<string[]>;
    /** Names of the objects right below a prefix that ends in a slash. */
    names(prefix: string): Promise<string[]>;
    /** Removes the object; that it is already gone is no error. */
    remove(key: string): Promise<void>;
}

/** A vault did not answer as it should; no credential is in the message. */
export class VaultError extends Error {
    constructor(
        message: string,
        /** Whether it cannot be asked, does not answer, or says that it cannot answer now. Otherwise it refused. */
        readonly unreachable: boolean,
        /** Whether there was no answer at all. */
        readonly silent = false,
    ) {
        super(message);
        this.name = "VaultError";
    }
}

export function isSilence(error: unknown): boolean {
    return error instanceof VaultError && error.silent;
}

/** A page of a listing, with names relative to the prefix that was asked for. */
export interface Page {
    folders: readonly string[];
    names: readonly string[];
}

/** All pages of a listing, as long as they are not more than any of ours could be. */
export async function allPages(
    read: (next: string | undefined) => Promise<Page & { next: string | undefined }>,
    tooLarge: (found: string) => Error,
): Promise<Page> {
    const folders: string[] = [];
    const names: string[] = [];
    let next: string | undefined;
    let pages = 0;
    do {
        if (++pages > mostPages) {
            throw tooLarge(`more than ${mostPages} pages`);
        }
        const page = await read(next);
        folders.push(...page.folders);
        names.push(...page.names);
        next = page.next;
    } while (next !== undefined && next !== "");
    return { folders, names };
}

/** An object's text, as long as it is not longer than any of ours could be. */
export async function textOf(
    body: AsyncIterable<string | Uint8Array>,
    tooLarge: (found: string) => Error,
): Promise<string> {
    const chunks: Buffer[] = [];
    let size = 0;
    for await (const chunk of body) {
        const bytes = typeof chunk === "string" ? Buffer.from(chunk) : Buffer.from(chunk);
        chunks.push(bytes);
        size += bytes.length;
        if (size > longestObject) {
            throw tooLarge(`more than ${longestObject} bytes`);
        }
    }
    return Buffer.concat(chunks).toString("utf8");
}
