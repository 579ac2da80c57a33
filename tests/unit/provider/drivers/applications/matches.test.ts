import assert from "node:assert/strict";
import fc from "fast-check";
import { matches } from "../../../../../provider/drivers/applications/matches";

describe("what is declared and what was found", () => {
    it("match when the server added fields of its own, at any depth", () => {
        const declared = { a: 1, list: [{ name: "x" }], nested: { b: "two" } };
        const found = { a: 1, list: [{ name: "x", default: true }], nested: { b: "two", c: 3 }, status: {} };
        assert.equal(matches(declared, found), true);
    });

    for (const [what, declared, found] of [
        ["another value", { a: 1 }, { a: 2 }],
        ["another type", { keep: "2" }, { keep: 2 }],
        ["a field that is missing", { a: 1 }, {}],
        ["a list that is longer", { list: [1] }, { list: [1, 2] }],
        ["a list that is shorter", { list: [1, 2] }, { list: [1] }],
        ["a list in another order", { list: [1, 2] }, { list: [2, 1] }],
        ["an object in place of a list", { list: [] }, { list: {} }],
        ["nothing in place of an object", { nested: {} }, { nested: null }],
        ["no object at all", { a: 1 }, undefined],
    ] as const) {
        it(`do not match with ${what}`, () => assert.equal(matches(declared, found), false));
    }

    it("say nothing of a field that is declared as undefined", () => {
        assert.equal(matches({ a: undefined }, { a: 1 }), true);
        assert.equal(matches({ a: undefined }, {}), true);
    });

    it("match whatever is declared with itself, and with more than itself", () => {
        fc.assert(
            fc.property(fc.dictionary(fc.string(), fc.jsonValue()), fc.jsonValue(), (declared, extra) => {
                const found = { ...(JSON.parse(JSON.stringify(declared)) as object), "not declared": extra };
                assert.equal(matches(JSON.parse(JSON.stringify(declared)), found), true);
            }),
        );
    });
});
