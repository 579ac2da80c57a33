/** Milliseconds for several requests together, of which only the time counts in which at least one is under way. */
export class Budget {
    private spent = 0;
    private underWay = 0;
    private since = 0;

    constructor(
        private readonly milliseconds: number,
        private readonly now: () => number = () => performance.now(),
    ) {}

    get left(): number {
        const running = this.underWay === 0 ? 0 : this.now() - this.since;
        return Math.max(0, this.milliseconds - this.spent - running);
    }

    /**
     * Gives something what is left. Not every library gives up when its signal says so: it is left to itself then.
     *
     * @throws TimeUp when nothing is left, by then or from the beginning
     */
    async spend<T>(run: (signal: AbortSignal) => Promise<T>): Promise<T> {
        if (this.left === 0) {
            throw new TimeUp();
        }
        this.begin();
        const over = new AbortController();
        const ended = new Promise<never>((_, reject) =>
            over.signal.addEventListener("abort", () => reject(new TimeUp()), { once: true }),
        );
        const timer = setTimeout(() => over.abort(), this.left);
        try {
            return await Promise.race([run(over.signal), ended]);
        } finally {
            clearTimeout(timer);
            this.end();
        }
    }

    private begin(): void {
        if (this.underWay++ === 0) {
            this.since = this.now();
        }
    }

    private end(): void {
        if (--this.underWay === 0) {
            this.spent += this.now() - this.since;
        }
    }
}

/** A budget is spent. */
export class TimeUp extends Error {}
