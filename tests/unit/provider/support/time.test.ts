import assert from "node:assert/strict";
import { clockSkew, isPlausible } from "../../../../provider/support/time";

const now = new Date("2026-11-22T03:00:00Z");
const at = (milliseconds: number) => new Date(now.getTime() + milliseconds).toISOString();

describe("a time that somebody else wrote", () => {
    for (const time of [at(0), at(-1), at(clockSkew), "2026-11-22T04:59:00+02:00", "2024-10-01T00:00:00Z"]) {
        it(`can be ${time}`, () => assert.equal(isPlausible(time, now), true));
    }

    for (const time of [
        at(clockSkew + 1),
        "2999-01-01T00:00:00Z",
        "2024-09-30T23:59:59Z",
        "0000-01-01T00:00:00Z",
        "2026-02-30T00:00:00Z",
        "2026-13-01T00:00:00Z",
        "2026-11-21T24:00:00Z",
        "2026-11-21T23:60:00Z",
        "2026-11-21",
        "2026-11-21T00:00:00",
        "yesterday",
        "",
    ]) {
        it(`cannot be ${JSON.stringify(time)}`, () => assert.equal(isPlausible(time, now), false));
    }
});
