/** Milliseconds for which an answer counts as one of the same operation. */
const lifetime = 10_000;

/** Answers that are given again for some seconds, also to whoever asks while they are under way. Failures are not. */
export class Recent<T> {
    readonly #answers = new Map<string, { answer: Promise<T>; at: number }>();

    constructor(private readonly now: () => number = Date.now) {}

    get<One extends T>(what: string, ask: () => Promise<One>): Promise<One> {
        const before = this.#answers.get(what);
        if (before !== undefined && this.isRecent(before)) {
            return before.answer as Promise<One>;
        }
        const kept = { answer: ask(), at: this.now() };
        this.#answers.set(what, kept);
        kept.answer.catch(() => this.#answers.get(what) === kept && this.#answers.delete(what));
        return kept.answer;
    }

    /** Asks again the next time. */
    forget(what: string): void {
        this.#answers.delete(what);
    }

    has(what: string): boolean {
        const kept = this.#answers.get(what);
        return kept !== undefined && this.isRecent(kept);
    }

    /** When it was asked, in milliseconds of the clock; undefined where there is no recent answer. */
    askedAt(what: string): number | undefined {
        return this.has(what) ? this.#answers.get(what)!.at : undefined;
    }

    /** How many answers are recent. */
    get size(): number {
        for (const [what, kept] of this.#answers) {
            if (!this.isRecent(kept)) {
                this.#answers.delete(what);
            }
        }
        return this.#answers.size;
    }

    private isRecent({ at }: { at: number }): boolean {
        return this.now() - at < lifetime;
    }
}
