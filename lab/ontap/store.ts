import { existsSync, mkdirSync, readFileSync } from "node:fs";
import { open, rename } from "node:fs/promises";
import { dirname, join } from "node:path";

/**
 * One JSON document on disk. A save writes a new file, syncs it and renames it over the old one, so that whatever
 * instant the process is killed at, the old or the new document is there whole.
 */
export class Store<T> {
    private running: Promise<void> = Promise.resolve();
    private waiting: Promise<void> | undefined;

    private constructor(
        private readonly file: string,
        readonly state: T,
        /** The document was there already: this is a restart. */
        readonly existed: boolean,
    ) {}

    /** Opens the document, or makes it from `initial` when there is none. */
    static open<T>(file: string, initial: () => T): Store<T> {
        mkdirSync(dirname(file), { recursive: true });
        const existed = existsSync(file);
        return new Store(file, existed ? (JSON.parse(readFileSync(file, "utf8")) as T) : initial(), existed);
    }

    /** Resolves when all that was changed before this call is durable. Calls that come meanwhile share one write. */
    save(): Promise<void> {
        this.waiting ??= this.running
            .catch(() => undefined)
            .then(() => {
                this.waiting = undefined;
                this.running = this.write();
                return this.running;
            });
        return this.waiting;
    }

    private async write(): Promise<void> {
        const fresh = `${this.file}.new`;
        const handle = await open(fresh, "w");
        try {
            await handle.writeFile(JSON.stringify(this.state));
            await handle.sync();
        } finally {
            await handle.close();
        }
        await rename(fresh, this.file);
        const folder = await open(join(dirname(this.file)), "r");
        try {
            await folder.sync();
        } finally {
            await folder.close();
        }
    }
}
