import assert from "node:assert/strict";
import { atMost, noGoal } from "../../../bench/goals";
import { growthRow } from "../../../bench/growth";
import { rowOf } from "../../../bench/rows";

const rowWith = (size: number, ours: number, theirs: number, latency: "none" | "default" = "default") =>
    rowOf({ measure: "preview", size, latency, unit: "ms", goal: noGoal }, [ours], {
        peer: { name: "empty program", values: [theirs] },
    });

describe("what each further application costs", () => {
    const goal = atMost(40, "ms");

    it("is what is over the empty program's, from the next smaller number that was measured", () => {
        const before = [rowWith(1, 3000, 2000), rowWith(10, 5000, 2000), rowWith(250, 1, 1), rowWith(50, 1, 1, "none")];
        const [row] = growthRow(rowWith(110, 10_100, 2100), before, goal);
        assert.equal(row?.measure, "preview: each further application than 10");
        assert.equal(row?.ours?.median, 50);
        assert.equal(row?.met, false);
        assert.equal(row?.size, 110);
    });

    it("is not told of the fewest", () => {
        assert.deepEqual(growthRow(rowWith(1, 3000, 2000), [rowWith(1, 3000, 2000), rowWith(10, 1, 1)], goal), []);
    });
});
