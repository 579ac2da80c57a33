import assert from "node:assert/strict";
import { describe, it } from "mocha";
import { KeyedQueue, type Timers } from "../../../../lab/controllers";

/** Timers that run when the test says so. */
class ManualTimers implements Timers {
    private time = 0;
    private readonly waiting = new Map<number, { at: number; run: () => void }>();
    private last = 0;

    set(run: () => void, ms: number): unknown {
        this.waiting.set(++this.last, { at: this.time + ms, run });
        return this.last;
    }
    clear(handle: unknown): void {
        this.waiting.delete(handle as number);
    }
    now(): number {
        return this.time;
    }
    pauses(): number[] {
        return [...this.waiting.values()].map(({ at }) => at - this.time);
    }
    async pass(ms: number): Promise<void> {
        this.time += ms;
        for (const [handle, { at, run }] of this.waiting) {
            if (at <= this.time) {
                this.waiting.delete(handle);
                run();
            }
        }
        await settle();
    }
}

/** Lets every promise that can go on go on. */
const settle = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

/** A handler that ends when the test says so. */
function gatedHandler(): {
    handle: (key: string) => Promise<void>;
    running: string[];
    runs: string[];
    release: (key: string) => Promise<void>;
} {
    const gates = new Map<string, () => void>();
    const running: string[] = [];
    const runs: string[] = [];
    return {
        running,
        runs,
        handle: async (key) => {
            runs.push(key);
            running.push(key);
            await new Promise<void>((resolve) => gates.set(key, resolve));
            running.splice(running.indexOf(key), 1);
        },
        release: async (key) => {
            gates.get(key)?.();
            await settle();
        },
    };
}

describe("KeyedQueue", () => {
    it("handles a key once, however often it was added before its turn", async () => {
        const handler = gatedHandler();
        const queue = new KeyedQueue({ handle: handler.handle, concurrency: 1 });
        ["first", "second", "second", "second"].forEach((key) => queue.add(key));
        await handler.release("first");
        await handler.release("second");
        assert.deepEqual(handler.runs, ["first", "second"]);
    });

    it("never handles one key twice at a time, and handles it again when it was added meanwhile", async () => {
        const handler = gatedHandler();
        const queue = new KeyedQueue({ handle: handler.handle, concurrency: 4 });
        queue.add("a");
        queue.add("a");
        queue.add("a");
        assert.deepEqual(handler.running, ["a"]);
        await handler.release("a");
        assert.deepEqual(handler.running, ["a"]);
        await handler.release("a");
        assert.deepEqual(handler.runs, ["a", "a"]);
    });

    it("keeps to its concurrency", async () => {
        const handler = gatedHandler();
        const queue = new KeyedQueue({ handle: handler.handle, concurrency: 2 });
        ["a", "b", "c"].forEach((key) => queue.add(key));
        assert.deepEqual(handler.running, ["a", "b"]);
        await handler.release("a");
        assert.deepEqual(handler.running, ["b", "c"]);
        await handler.release("b");
        await handler.release("c");
    });

    it("pauses twice as long after each error in a row, up to a limit, and starts afresh after success", async () => {
        const timers = new ManualTimers();
        let failing = true;
        const pauses: number[] = [];
        const queue = new KeyedQueue({
            timers,
            backOff: { firstMs: 100, greatestMs: 300 },
            handle: async () => {
                if (failing) {
                    throw new Error("refused");
                }
            },
            onError: (_key, _error, _failures, pauseMs) => pauses.push(pauseMs),
        });
        queue.add("a");
        await settle();
        await timers.pass(100);
        await timers.pass(200);
        assert.deepEqual(pauses, [100, 200, 300]);
        failing = false;
        await timers.pass(300);
        failing = true;
        queue.add("a");
        await settle();
        assert.deepEqual(pauses, [100, 200, 300, 100]);
        await queue.stop();
    });

    it("handles a key again after the pause its handler asked for, or at once when it is added earlier", async () => {
        const timers = new ManualTimers();
        let runs = 0;
        const queue = new KeyedQueue({
            timers,
            handle: async () => {
                runs++;
                return { requeueAfterMs: 1_000 };
            },
        });
        queue.add("a");
        await settle();
        await timers.pass(999);
        assert.equal(runs, 1);
        await timers.pass(1);
        assert.equal(runs, 2);
        queue.add("a");
        await settle();
        assert.equal(runs, 3);
        assert.deepEqual(timers.pauses(), [1_000]);
        await queue.stop();
        assert.deepEqual(timers.pauses(), []);
    });

    it("stops only after the handlers at work have ended, and takes nothing more", async () => {
        const handler = gatedHandler();
        const queue = new KeyedQueue({ handle: handler.handle, concurrency: 1 });
        queue.add("a");
        queue.add("b");
        let stopped = false;
        const stopping = queue.stop().then(() => (stopped = true));
        await settle();
        assert.equal(stopped, false);
        await handler.release("a");
        await stopping;
        queue.add("c");
        assert.deepEqual(handler.runs, ["a"]);
    });
});
