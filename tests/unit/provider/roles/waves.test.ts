import assert from "node:assert/strict";
import type { Decision } from "../../../../provider/roles/planner/decision";
import { emptyRecord, type RoleRecord } from "../../../../provider/roles/record";
import type { Situation } from "../../../../provider/roles/situation";
import { inOrder } from "../../../../provider/roles/waves";

const own: RoleRecord = { ...emptyRecord("shop", "west", "east"), role: "standby", epoch: 1, activeSite: "east" };
const situation = (record = own): Situation => ({
    own: record,
    peer: { known: true, record: undefined },
    configuration: {
        application: "shop",
        site: "west",
        peer: "east",
        active: "west",
        acknowledgements: {},
        maxLagSeconds: 900,
    },
    observed: { mirror: undefined },
    now: new Date("2026-11-22T03:00:00Z"),
});
const takeOver: Decision = {
    kind: "plan",
    verb: "take over with a token",
    steps: [{ do: "claim", epoch: 2, began: "token", vaults: [] }],
    notes: [],
};
const standDown: Decision = { kind: "plan", verb: "stand down", steps: [{ do: "stop-schedules" }], notes: [] };
const nobody = { notServing: [], stillServing: [] };

describe("the order among applications", () => {
    it("lets an application take over when those that it comes after serve", () => {
        assert.equal(inOrder(takeOver, situation(), nobody), takeOver);
    });

    it("holds it back otherwise, and says by name for whom and why", () => {
        const held = inOrder(takeOver, situation(), {
            ...nobody,
            notServing: [{ application: "database", why: "its mirror is not Promoted" }],
        });
        assert.ok(held.kind === "refusal");
        assert.equal(held.code, "others-not-serving");
        assert.match(held.reason, /shop comes after database, which does not serve at west/);
        assert.match(held.reason, /database: its mirror is not Promoted/);
        assert.ok(held.remedies.length > 0);
    });

    it("lets an application stand down only after those that come after it", () => {
        assert.equal(inOrder(standDown, situation(), nobody), standDown);
        const held = inOrder(standDown, situation(), { ...nobody, stillServing: ["web"] });
        assert.ok(held.kind === "refusal");
        assert.equal(held.code, "others-still-serve");
        assert.match(held.reason, /web comes after shop and still serves at west/);
    });

    it("holds nothing back that was begun, nor what changes no role", () => {
        const underWay = { verb: "take over with a token", epoch: 2, began: "token" } as const;
        const order = { notServing: [{ application: "database", why: "" }], stillServing: ["web"] };
        assert.equal(inOrder(takeOver, situation({ ...own, underWay }), order), takeOver);
        const hold: Decision = { kind: "plan", verb: "hold", steps: [], notes: [] };
        assert.equal(inOrder(hold, situation(), order), hold);
    });
});
