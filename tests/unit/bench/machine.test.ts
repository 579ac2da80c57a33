import assert from "node:assert/strict";
import { type Machine, machineOf, thisMachine } from "../../../bench/machine";

describe("the machine of a report", () => {
    const before: Machine = {
        processor: "a processor, 2.6 GHz",
        cores: 2,
        memory: "24 GiB",
        system: "Linux",
        node: "20.20.2",
        versions: { ansible: "12.3.0" },
        loadBefore: 0.02,
        date: "2026-11-28T08:00:00.000Z",
    };

    it("stays as it was before the first row when the report is added to", () => {
        const now = { ...before, versions: {}, loadBefore: 9.54, date: "2026-11-29T08:00:00.000Z" };
        assert.deepEqual(machineOf(before, now), before);
    });

    it("is the same in all of its rows", () => {
        assert.throws(
            () => machineOf(before, { ...before, processor: "a processor, 2.1 GHz" }),
            /another machine: processor: expected a processor, 2\.6 GHz, found a processor, 2\.1 GHz\. .*another file, without --append/,
        );
        assert.throws(() => machineOf(before, { ...before, cores: 4 }), /cores: expected 2, found 4/);
    });

    it("has its processor's name, and no speed that nobody knows", () => {
        const { processor } = thisMachine();
        assert.notEqual(processor, "");
        assert.doesNotMatch(processor, /\b0\.0 GHz|NaN/);
    });
});
