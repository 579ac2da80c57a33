import assert from "node:assert/strict";
import { Outcomes } from "../../../../provider/engine/outcomes";
import { emptyRecord } from "../../../../provider/roles/record";

describe("what becomes of several applications in one operation", () => {
    const record = { ...emptyRecord("shop", "west", "east"), role: "active" as const, epoch: 2 };
    const failed = { kind: "failed" as const, why: "its mirror is not Promoted\nafter 60 s", executed: true };

    it("is not told as long as none failed", () => {
        const outcomes = new Outcomes();
        outcomes.note("shop", { kind: "done", record });
        assert.equal(outcomes.summary(["shop"]), "");
    });

    it("is told for each of them by name when one did", () => {
        const outcomes = new Outcomes();
        outcomes.note("shop", { kind: "done", record });
        outcomes.note("web", { kind: "planned", serves: true, pending: false });
        outcomes.note("database", failed);
        assert.equal(
            outcomes.summary(["database", "shop", "web"]),
            [
                "1 of 3 protected items failed: database",
                "  database: FAILED: its mirror is not Promoted\n    after 60 s",
                "  shop: active in epoch 2",
                "  web: nothing to do",
            ].join("\n"),
        );
    });

    it("tells a preview from a run, and one with something to do from one without", () => {
        const outcomes = new Outcomes();
        outcomes.note("web", { kind: "failed", why: "refused", executed: false });
        assert.deepEqual([outcomes.hasPendingPlan, outcomes.hasExecuted], [false, false]);
        outcomes.note("shop", { kind: "planned", serves: true, pending: true });
        assert.deepEqual([outcomes.hasPendingPlan, outcomes.hasExecuted], [true, false]);
        outcomes.note("shop", { kind: "done", record });
        assert.deepEqual([outcomes.hasPendingPlan, outcomes.hasExecuted], [false, true]);
    });
});
