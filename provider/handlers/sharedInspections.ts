import type { Inspection } from "../engine/inspect";

/** Milliseconds after which an inspection no longer counts as one of the same operation. */
const lifetime = 10_000;

/** Hands the inspection of a `check` to the `diff` that follows it in the same operation, once. */
export class SharedInspections {
    private readonly kept = new Map<string, { inspection: Inspection; at: number }>();

    constructor(private readonly now: () => number = Date.now) {}

    put(news: unknown, inspection: Inspection): void {
        this.forgetOld();
        this.kept.set(JSON.stringify(news), { inspection, at: this.now() });
    }

    /** The inspection for exactly these inputs, if there is a recent one. */
    take(news: unknown): Inspection | undefined {
        this.forgetOld();
        const key = JSON.stringify(news);
        const found = this.kept.get(key)?.inspection;
        this.kept.delete(key);
        return found;
    }

    private forgetOld(): void {
        for (const [key, { at }] of this.kept) {
            if (this.now() - at > lifetime) {
                this.kept.delete(key);
            }
        }
    }
}
