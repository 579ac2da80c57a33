/** Timers of a queue; tests bring their own. */
export interface Timers {
    set(run: () => void, ms: number): unknown;
    clear(handle: unknown): void;
    now(): number;
}

const realTimers: Timers = {
    set: (run, ms) => setTimeout(run, ms),
    clear: (handle) => clearTimeout(handle as NodeJS.Timeout),
    now: () => Date.now(),
};

interface QueueOptions {
    /** Handles one key. What it returns says when to handle the key again; what it throws makes it be tried again. */
    handle: (key: string) => Promise<{ requeueAfterMs?: number } | void>;
    /** How many keys may be handled at once. Default 4. */
    concurrency?: number;
    /** First and greatest pause after an error, doubled each time in a row. Default 100 ms to 10 s. */
    backOff?: { firstMs: number; greatestMs: number };
    /** Told of each error, with the number of errors in a row and the pause that follows. */
    onError?: (key: string, error: unknown, failures: number, pauseMs: number) => void;
    timers?: Timers;
}

/**
 * Work queue of keys. A key stands in it at most once; two handlers never work on the same key; a key that is added
 * while it is being handled is handled once more afterwards.
 */
export class KeyedQueue {
    private readonly ready = new Set<string>();
    private readonly active = new Set<string>();
    private readonly again = new Set<string>();
    private readonly later = new Map<string, { at: number; timer: unknown }>();
    private readonly failures = new Map<string, number>();
    private readonly idleWaiters: (() => void)[] = [];
    private stopped = false;
    private readonly timers: Timers;

    constructor(private readonly options: QueueOptions) {
        this.timers = options.timers ?? realTimers;
    }

    /** Handles the key as soon as there is room. */
    add(key: string): void {
        if (this.stopped) {
            return;
        }
        this.cancelLater(key);
        if (this.active.has(key)) {
            this.again.add(key);
            return;
        }
        this.ready.add(key);
        this.pump();
    }

    /** Handles the key after a pause, unless it is added earlier. Of two pauses the shorter one counts. */
    addAfter(key: string, ms: number): void {
        if (this.stopped || this.ready.has(key)) {
            return;
        }
        const at = this.timers.now() + ms;
        const known = this.later.get(key);
        if (known !== undefined && known.at <= at) {
            return;
        }
        this.cancelLater(key);
        const timer = this.timers.set(() => {
            this.later.delete(key);
            this.add(key);
        }, ms);
        this.later.set(key, { at, timer });
    }

    /** Takes no more work and waits for the handlers that are at work. */
    async stop(): Promise<void> {
        this.stopped = true;
        for (const key of [...this.later.keys()]) {
            this.cancelLater(key);
        }
        this.ready.clear();
        this.again.clear();
        if (this.active.size > 0) {
            await new Promise<void>((resolve) => this.idleWaiters.push(resolve));
        }
    }

    private cancelLater(key: string): void {
        const known = this.later.get(key);
        if (known !== undefined) {
            this.timers.clear(known.timer);
            this.later.delete(key);
        }
    }

    private pump(): void {
        const room = this.options.concurrency ?? 4;
        for (const key of this.ready) {
            if (this.active.size >= room) {
                return;
            }
            this.ready.delete(key);
            this.active.add(key);
            void this.handle(key);
        }
    }

    private async handle(key: string): Promise<void> {
        let pauseMs: number | undefined;
        try {
            const result = await this.options.handle(key);
            this.failures.delete(key);
            pauseMs = result?.requeueAfterMs;
        } catch (error) {
            const failures = (this.failures.get(key) ?? 0) + 1;
            this.failures.set(key, failures);
            const { firstMs, greatestMs } = this.options.backOff ?? { firstMs: 100, greatestMs: 10_000 };
            pauseMs = Math.min(firstMs * 2 ** (failures - 1), greatestMs);
            this.options.onError?.(key, error, failures, pauseMs);
        }
        this.active.delete(key);
        if (!this.stopped) {
            if (this.again.delete(key)) {
                this.ready.add(key);
            } else if (pauseMs !== undefined) {
                this.addAfter(key, pauseMs);
            }
            this.pump();
        }
        if (this.active.size === 0) {
            this.idleWaiters.splice(0).forEach((resolve) => resolve());
        }
    }
}
