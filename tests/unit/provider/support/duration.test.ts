import assert from "node:assert/strict";
import { formatSeconds, isDuration, millisecondsOf, secondsOfIsoDuration } from "../../../../provider/support/duration";

describe("time spans", () => {
    it("are whole seconds, minutes or hours", () => {
        assert.deepEqual(["30s", "2m", "1h", "100s"].map(millisecondsOf), [30_000, 120_000, 3_600_000, 100_000]);
    });

    for (const value of ["0s", "05m", "1.5h", "-1h", "1d", "30", "s", " 30s", "30s\n", "", 30, undefined]) {
        it(`are not ${JSON.stringify(value)}`, () => {
            assert.equal(isDuration(value), false);
            assert.throws(() => millisecondsOf(value as string), /expected a time span such as 30s, 10m or 2h, found/);
        });
    }

    it("are shown in seconds, and from two minutes on in minutes", () => {
        assert.deepEqual([0, 90.4, 119, 120, 420].map(formatSeconds), ["0 s", "90 s", "119 s", "2 min", "7 min"]);
    });

    it("are read as ONTAP writes them", () => {
        const read = ["PT8H35M42S", "P1DT1S", "P1W", "PT0S", "PT1.5S", "-PT3S"].map(secondsOfIsoDuration);
        assert.deepEqual(read, [30942, 86401, 604800, 0, 1.5, -3]);
        assert.deepEqual(["P", "PT", "P1DT", "8h", ""].map(secondsOfIsoDuration), Array(5).fill(undefined));
    });
});
