import { Recent } from "./recent";

/** Milliseconds for which whoever gave no answer is not asked again. */
const lifetime = 30_000;

/**
 * Remembers who gave no answer. Whatever may be at a dead site is asked by several parts of a run, and each would wait
 * for it again: a takeover waits once.
 */
export class Silence {
    readonly #since = new Map<string, { error: unknown; at: number }>();
    readonly #answers: Recent<unknown>;

    constructor(private readonly now: () => number = Date.now) {
        this.#answers = new Recent(now);
    }

    /**
     * Asks, unless there was no answer a moment ago: then that failure is thrown again.
     *
     * @param isSilence whether a failure is that there was no answer
     */
    async unless<T>(who: string, ask: () => Promise<T>, isSilence: (error: unknown) => boolean): Promise<T> {
        const before = this.#since.get(who);
        if (before !== undefined && this.now() - before.at < lifetime) {
            throw before.error;
        }
        try {
            return await ask();
        } catch (error) {
            if (isSilence(error)) {
                this.#since.set(who, { error, at: this.now() });
            }
            throw error;
        }
    }

    /**
     * The same for a question that is asked in one way only: whoever asks while it is under way gets its answer, too, and
     * so does whoever asks within the next seconds.
     *
     * @param patience how long this one waits, from when it was asked. Default: until `ask` has an answer or gives up
     */
    together<T>(
        who: string,
        ask: () => Promise<T>,
        isSilence: (error: unknown) => boolean,
        patience?: Patience,
    ): Promise<T> {
        const answer = this.#answers.get(who, () => this.unless(who, ask, isSilence));
        return patience === undefined ? answer : this.within(who, answer, patience);
    }

    private within<T>(who: string, answer: Promise<T>, { ms, error: failure }: Patience): Promise<T> {
        const left = Math.max(0, (this.#answers.askedAt(who) ?? this.now()) + ms - this.now());
        return new Promise((resolve, reject) => {
            const timer = setTimeout(() => {
                const error = failure();
                this.#since.set(who, { error, at: this.now() });
                reject(error as Error);
            }, left);
            answer.then(resolve, reject).finally(() => clearTimeout(timer));
        });
    }
}

/** How long somebody waits for an answer, in milliseconds, and the failure when none came. */
export interface Patience {
    ms: number;
    error: () => unknown;
}
