import assert from "node:assert/strict";
import fc from "fast-check";
import { canonicalJson, Seal } from "../../../../provider/support/seal";

const [first, second] = ["the first key of the pair, 32 long", "the second key of the pair, 32 long"];
const seal = new Seal({ current: first });
const rotated = new Seal({ current: second, previous: first });

describe("a message authentication code", () => {
    it("is of the key, the kind and the content", () => {
        const sealed = seal.on("record", { epoch: 1, site: "east" });
        assert.equal(seal.verdict("record", sealed), "current");
        assert.equal(seal.verdict("claim", sealed), "wrong");
        assert.equal(seal.verdict("record", { ...sealed, epoch: 2 }), "wrong");
        assert.equal(seal.verdict("record", { ...sealed, more: 1 }), "wrong");
        assert.equal(new Seal({ current: second }).verdict("record", sealed), "wrong");
    });

    it("of the key before is known as such until it is written again", () => {
        const old = seal.on("record", { epoch: 1 });
        assert.equal(rotated.verdict("record", old), "previous");
        const renewed = rotated.on("record", old);
        assert.equal(rotated.verdict("record", renewed), "current");
        assert.equal(seal.verdict("record", renewed), "wrong");
    });

    it("is missing, or wrong whatever stands in its place", () => {
        assert.equal(seal.verdict("record", { epoch: 1 }), "missing");
        for (const mac of ["", "00", 1 as never, null as never, {} as never]) {
            assert.equal(seal.verdict("record", { epoch: 1, mac }), "wrong");
        }
    });

    it("is not written without a key, and one that was there is taken away", () => {
        assert.deepEqual(new Seal().on("record", seal.on("record", { epoch: 1 })), { epoch: 1 });
    });

    it("survives whatever a state or a ConfigMap does to the order of keys, and no change of a value", () => {
        const objects = fc.dictionary(fc.string(), fc.jsonValue(), { maxKeys: 6, noNullPrototype: true });
        fc.assert(
            fc.property(objects, objects, (one, other) => {
                const kept = JSON.parse(JSON.stringify(one)) as object;
                const reversed = Object.fromEntries(Object.entries(kept).reverse());
                assert.equal(canonicalJson(reversed), canonicalJson(one));
                assert.deepEqual(JSON.parse(canonicalJson(one)), kept);
                const isSame = canonicalJson(one) === canonicalJson(other);
                assert.equal(isSame, canonicalJson(JSON.parse(JSON.stringify(other))) === canonicalJson(kept));
            }),
        );
    });

    it("shows no key", () => {
        assert.ok(!JSON.stringify(rotated).includes("key of the pair"));
    });
});
