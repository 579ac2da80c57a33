import assert from "node:assert/strict";
import { nestingOf } from "../../../../provider/support/nesting";

describe("nesting of a JSON text", () => {
    it("counts objects and lists, and nothing that stands within a string", () => {
        const cases: [string, number][] = [
            ["1", 0],
            ["{}", 1],
            ['{"a":[1,{"b":[]}],"c":[]}', 4],
            ['{"a":"[[[[{{{{"}', 1],
            ['["\\"[[", "\\\\", [[]]]', 3],
            ["[".repeat(200_000), 200_000],
            ['"no end', 0],
        ];
        for (const [json, depth] of cases) {
            assert.equal(nestingOf(json), depth, json.slice(0, 40));
        }
    });
});
