import assert from "node:assert/strict";
import { untilQuiet } from "../../../bench/idle";
import { calendarSpeed, rule } from "../../../bench/latency";
import { nextDue, parseRule, timetableRecurrence } from "../../../lab/protect/recurrence";

/** What is measured of the machine, one after the other; the last one again and again. */
function machine(...shares: number[]) {
    let asked = 0;
    return { share: async () => shares[Math.min(asked++, shares.length - 1)]!, asked: () => asked };
}

describe("a machine before something is measured on it", () => {
    it("is waited for until it is quiet, and says how quiet", async () => {
        const { share, asked } = machine(...Array<number>(10).fill(0.1), 0.69, 0.7, 0.9);
        const lines: string[] = [];
        assert.equal(await untilQuiet((line) => lines.push(line), share), 0.7);
        assert.equal(asked(), 12);
        assert.deepEqual(lines, [
            "idle for 10 % of the time: waiting until it is 70 %",
            "idle for 69 % of the time: waiting until it is 70 %",
        ]);
    });

    it("is taken as it is when it does not become quiet", async () => {
        const { share, asked } = machine(0.2);
        assert.equal(await untilQuiet(() => undefined, share), 0.2);
        assert.equal(asked(), 60);
    });
});

describe("replication while something is measured", () => {
    const established = new Date("2026-11-27T12:10:00Z");
    const clock = { anchor: established, speed: calendarSpeed };
    const hoursUntil = (due: Date | undefined) => (due!.getTime() - established.getTime()) / 3_600_000;

    it("is not due for days by the rule of both sides", () => {
        const due = nextDue(parseRule(`DTSTART:20250101T000000Z\nRRULE:${rule}`), established, clock);
        assert.equal(hoursUntil(due), 4 * 24 + 12 - 1 / 6);
    });

    it("takes the daily snapshots once a day of the clock, whatever the latencies are", () => {
        const daily = timetableRecurrence({ granularity: "Daily", hour: "0", minute: "40" });
        const first = nextDue(daily, established, clock);
        assert.equal(hoursUntil(first), 12.5);
        assert.equal(hoursUntil(nextDue(daily, first!, clock)), 36.5);
    });
});
