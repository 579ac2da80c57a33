import assert from "node:assert/strict";
import { measured, sumOf } from "../../../bench/statistics";

describe("what several runs gave", () => {
    it("is the middle one of an odd number, whatever their order", () => {
        assert.deepEqual(measured([5, 1, 3]), { median: 3, min: 1, max: 5, runs: 3 });
    });

    it("is half-way between the two in the middle of an even number", () => {
        assert.deepEqual(measured([10, 1, 2, 4]), { median: 3, min: 1, max: 10, runs: 4 });
    });

    it("is told to three decimals", () => {
        assert.equal(measured([1.23456]).median, 1.235);
    });

    it("adds up, of things that are done one after another, to as many runs as all of them had", () => {
        const [first, second] = [measured([1, 2, 3]), measured([10, 20])];
        assert.deepEqual(sumOf([first, second]), { median: 17, min: 11, max: 23, runs: 2 });
    });

    it("is an error where there was none", () => {
        assert.throws(() => measured([]), /at least one run/);
    });
});
