import assert from "node:assert/strict";
import {
    atMost,
    atMostOver,
    atMostOverForEach,
    atMostShare,
    faster,
    type Goal,
    noGoal,
    timesLess,
} from "../../../bench/goals";
import { failed, notRun, rowOf, type Subject } from "../../../bench/rows";

const subject = (goal: Goal): Subject => ({ measure: "failover", size: 10, latency: "default", unit: "s", goal });

describe("a row of the benchmark", () => {
    it("has both sides, the ratio, and whether the goal is met", () => {
        const row = rowOf(subject(faster), [1, 3, 2], { peer: { name: "kubectl", values: [4, 4] }, idle: 0.51234 });
        assert.deepEqual(row, {
            measure: "failover",
            size: 10,
            latency: "default",
            unit: "s",
            ours: { median: 2, min: 1, max: 3, runs: 3 },
            peer: { name: "kubectl", median: 4, min: 4, max: 4, runs: 2 },
            ratio: 0.5,
            goal: "faster",
            met: true,
            idle: 0.512,
        });
    });

    it("says why the peer's side was not measured, and meets nothing then", () => {
        const { ours, peer, ratio, met, notRun: why } = rowOf(subject(faster), [1], { notRun: "no checkout given" });
        assert.equal(ours?.median, 1);
        assert.deepEqual([peer, ratio, met, why], [null, null, null, "no checkout given"]);
    });

    it("says why nothing was measured", () => {
        const { ours, met, notRun: why } = notRun(subject(atMost(1, "s")), "it was interrupted");
        assert.deepEqual([ours, met, why], [null, null, "it was interrupted"]);
    });

    it("says what failed, and of a long message only how it begins", () => {
        assert.equal(failed(subject(faster), new Error("no lab")).notRun, "no lab");
        assert.equal(failed(subject(faster), new Error("a client failed:\n\nTASK")).notRun, "a client failed: TASK");
        assert.equal(failed(subject(faster), new Error("x".repeat(5000))).notRun?.length, 402);
    });

    const cases: [string, Goal, number, number | undefined, boolean | null][] = [
        ["a limit kept", atMost(150, "ms"), 150, undefined, true],
        ["a limit passed", atMost(150, "ms"), 151, undefined, false],
        ["a little more than the peer", atMostOver(1, "s"), 3, 2, true],
        ["too much more than the peer", atMostOver(1, "s"), 3.1, 2, false],
        ["a little more for each", atMostOverForEach(40, "ms", 10), 2400, 2000, true],
        ["too much more for each", atMostOverForEach(40, "ms", 10), 2401, 2000, false],
        ["as fast as the peer", faster, 2, 2, false],
        ["half of the peer's", atMostShare(0.5, "≤ half"), 2, 4, true],
        ["more than half of the peer's", atMostShare(0.5, "≤ half"), 2.1, 4, false],
        ["a fifth of the peer's", timesLess(5), 2, 10, true],
        ["more than a fifth of the peer's", timesLess(5), 2, 9, false],
        ["no goal", noGoal, 2, 9, null],
        ["nothing to compare with", atMostOver(1, "s"), 2, undefined, null],
    ];
    for (const [what, goal, ours, theirs, met] of cases) {
        it(`judges ${what}`, () => {
            const peer = theirs === undefined ? undefined : { name: "peer", values: [theirs] };
            assert.equal(rowOf(subject(goal), [ours], { peer }).met, met);
        });
    }
});
