import assert from "node:assert/strict";
import { poll, type Clock, type Look, type PollOptions, type Waited } from "../../../../provider/support/poll";

/** Time that passes only while somebody pauses. */
class VirtualClock implements Clock {
    time = 1_000_000;
    readonly pauses: number[] = [];
    /** Aborts while the pause of this index is under way. */
    abortDuring: { index: number; controller: AbortController } | undefined;

    now(): number {
        return this.time;
    }

    pause(milliseconds: number, signal: AbortSignal | undefined): Promise<void> {
        this.pauses.push(milliseconds);
        if (this.abortDuring?.index === this.pauses.length - 1) {
            this.abortDuring.controller.abort();
        }
        if (signal?.aborted === true) {
            return Promise.reject(new Error("aborted"));
        }
        this.time += milliseconds;
        return Promise.resolve();
    }
}

describe("polling", () => {
    let clock: VirtualClock;
    let looks: number;

    beforeEach(() => {
        clock = new VirtualClock();
        looks = 0;
    });

    const say = (what: string) => (waited: Waited) => {
        throw new Error(`${what} after ${waited.seconds} s: ${waited.instead}`);
    };

    /** Finds the thing at the look of this number, counted from one. */
    const foundAt =
        (number: number, takes = 0) =>
        (): Promise<Look<string>> => {
            looks++;
            clock.time += takes;
            return Promise.resolve(looks >= number ? { found: `look ${looks}` } : { instead: `state ${looks}` });
        };

    const start = (options: Partial<PollOptions<string>>) =>
        poll<string>({
            look: foundAt(Infinity),
            budget: 60_000,
            onTimeout: say("timed out"),
            onAbort: say("interrupted"),
            clock,
            ...options,
        });

    it("gives back at once what is there at the first look, even without any time left", async () => {
        assert.equal(await start({ look: foundAt(1), budget: 0 }), "look 1");
        assert.deepEqual(clock.pauses, []);
    });

    it("pauses longer and longer between looks, up to the longest pause", async () => {
        assert.equal(await start({ look: foundAt(6), firstPause: 100, longestPause: 300 }), "look 6");
        assert.deepEqual(clock.pauses, [100, 150, 225, 300, 300]);
    });

    it("has each pause changed a little where several wait", async () => {
        await start({ look: foundAt(3), jitter: (milliseconds) => milliseconds + 1 });
        assert.deepEqual(clock.pauses, [101, 151]);
    });

    it("begins no look after its budget, and says what it saw last and for how long it waited", async () => {
        await assert.rejects(start({ budget: 3_000 }), /^Error: timed out after 2 s: state 7$/);
        assert.ok(clock.time - 1_000_000 <= 3_000);
        assert.equal(clock.pauses.length, 6);
    });

    it("counts the time that looks take", async () => {
        await assert.rejects(start({ look: foundAt(Infinity, 2_000), budget: 3_000 }), /timed out after 4 s: state 2$/);
    });

    it("gives what its caller puts in the thing's place when the time is up", async () => {
        assert.equal(await start({ budget: 0, onTimeout: ({ instead }) => `only ${instead}` }), "only state 1");
    });

    it("stops in a pause when it is told to", async () => {
        const controller = new AbortController();
        clock.abortDuring = { index: 2, controller };
        await assert.rejects(start({ signal: controller.signal }), /^Error: interrupted after 0 s: state 3$/);
        assert.equal(looks, 3);
    });

    it("looks once when it was told to stop before, and takes what is there", async () => {
        const signal = AbortSignal.abort();
        assert.equal(await start({ look: foundAt(1), signal }), "look 1");
        looks = 0;
        await assert.rejects(start({ signal }), /interrupted after 0 s: state 1$/);
        assert.deepEqual(clock.pauses, []);
    });

    it("reports progress every ten seconds, however often it looks", async () => {
        const reported: Waited[] = [];
        const options = { firstPause: 1_000, longestPause: 1_000, budget: 35_500 };
        await assert.rejects(start({ ...options, onProgress: (waited) => reported.push(waited) }));
        assert.deepEqual(
            reported.map(({ seconds, instead }) => [seconds, instead]),
            [
                [10, "state 11"],
                [20, "state 21"],
                [30, "state 31"],
            ],
        );
    });

    it("ends with whatever a look throws", async () => {
        await assert.rejects(start({ look: () => Promise.reject(new Error("unreadable")) }), /^Error: unreadable$/);
    });

    it("pauses in real time where no clock is given, and wakes up for an interruption", async () => {
        const controller = new AbortController();
        const waiting = start({ clock: undefined, signal: controller.signal, firstPause: 3_600_000, budget: Infinity });
        controller.abort();
        await assert.rejects(waiting, /interrupted after 0 s: state 1$/);
    });
});
