import { createHash } from "node:crypto";

/**
 * Things that are made once in the life of the process for each description of them, such as agents, whose connections
 * are then used again. The description may hold secrets: only a digest of it is kept.
 */
export class Kept<T> {
    readonly #made = new Map<string, T>();

    /** @param description as JSON can tell it */
    get(description: unknown, make: () => T): T {
        const key = createHash("sha256").update(JSON.stringify(description)).digest("hex");
        if (!this.#made.has(key)) {
            this.#made.set(key, make());
        }
        return this.#made.get(key)!;
    }
}
