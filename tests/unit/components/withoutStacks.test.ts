import assert from "node:assert/strict";
import { withoutStacks } from "../../../components/withoutStacks";

describe("declaring without stack traces", () => {
    it("takes none, and leaves those of others as they were", () => {
        const limit = Error.stackTraceLimit;
        assert.equal(
            withoutStacks(() => new Error("one").stack),
            "Error: one",
        );
        assert.throws(() =>
            withoutStacks(() => {
                throw new Error("refused");
            }),
        );
        assert.equal(Error.stackTraceLimit, limit);
        assert.match(new Error("two").stack ?? "", /withoutStacks\.test/);
    });
});
