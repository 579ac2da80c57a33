import assert from "node:assert/strict";
import * as fc from "fast-check";
import { mergePatchOf, withMergePatch } from "../../../../provider/support/mergePatch";

describe("a merge patch", () => {
    it("has what is added, changed and gone, and nothing of the rest", () => {
        const before = { a: 1, b: { c: [1, 2], d: "x", e: true }, f: "gone" };
        const after = { a: 1, b: { c: [1], d: "x", e: true, g: { h: 1 } } };
        const patch = mergePatchOf(before, after);
        assert.deepEqual(patch, { b: { c: [1], g: { h: 1 } }, f: null });
        assert.deepEqual(withMergePatch(before, patch), after);
    });

    it("is none where both are the same, and none changes nothing", () => {
        assert.equal(mergePatchOf({ a: { b: [1] }, c: undefined }, { a: { b: [1] } }), undefined);
        const value = { a: 1 };
        assert.equal(withMergePatch(value, undefined), value);
    });

    it("makes the one of the other, whatever they are", () => {
        const leaf = fc.oneof(fc.integer(), fc.string(), fc.boolean(), fc.array(fc.integer(), { maxLength: 2 }));
        const key = fc.constantFrom("a", "b", "c");
        const object = fc.dictionary(key, fc.oneof(leaf, fc.dictionary(key, leaf, { maxKeys: 3 })), { maxKeys: 3 });
        const plain = (value: unknown) => JSON.parse(JSON.stringify(value)) as unknown;
        fc.assert(
            fc.property(object, object, (before, after) =>
                assert.deepEqual(plain(withMergePatch(before, mergePatchOf(before, after))), plain(after)),
            ),
        );
    });
});
