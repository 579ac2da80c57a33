import assert from "node:assert/strict";
import { parseJson, valueAt } from "../../../../provider/support/json";

describe("JSON", () => {
    it("is read where it is JSON, and undefined where it is not", () => {
        assert.deepEqual(['{"a":[1]}', "null", "7", "", "<html>"].map(parseJson), [
            { a: [1] },
            null,
            7,
            undefined,
            undefined,
        ]);
    });

    it("is followed along a path, and undefined where that leads nowhere", () => {
        const value = { a: [{ b: 1 }], text: "x", none: null };
        assert.equal(valueAt(value, ["a", 0, "b"]), 1);
        assert.equal(valueAt(value, []), value);
        for (const path of [["b"], ["a", 1, "b"], ["text", "length"], ["none", "b"]]) {
            assert.equal(valueAt(value, path), undefined, path.join("."));
        }
    });
});
