import assert from "node:assert/strict";
import { LastingFailure } from "../../../../../provider/drivers/volumes/lastingFailure";

describe("a mirror's failure", () => {
    it("counts once it has lasted longer than that of an earlier transfer can, without a break", () => {
        let now = 0;
        const failure = new LastingFailure(60_000, () => now);
        const after = (seconds: number, fails: boolean) => {
            now += seconds * 1000;
            return failure.lasts(fails);
        };
        assert.deepEqual([after(0, true), after(1, true), after(59, true)], [false, false, false]);
        assert.equal(after(1, true), true);
        assert.equal(after(1, false), false);
        assert.deepEqual([after(1, true), after(60, true), after(1, true)], [false, false, true]);
    });
});
