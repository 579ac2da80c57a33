import assert from "node:assert/strict";
import { emptyRecord, historyLimit, parseRecord, type RoleChange, withChange } from "../../../../provider/roles/record";

const change = (epoch: number): RoleChange => ({
    epoch,
    from: "standby",
    to: "active",
    verb: "take over without a token",
    at: "2026-11-22T03:00:00.000Z",
    by: `takeover ${epoch}`,
    recoveryPoint: { snapshot: "custom-20261122025700", takenAt: "2026-11-22T02:57:00.000Z" },
    lossBoundSeconds: 180,
    stages: ["mark", "claim", "promote", "verify-writable", "record"].map((step) => ({ step, seconds: 1.5 })),
});

describe("a role record after ten thousand changes", () => {
    const changes = Array.from({ length: 10_000 }, (_, index) => change(index + 1));
    const record = changes.reduce(withChange, emptyRecord("shop", "east", "west"));

    it("remembers the last ones, oldest first", () => {
        assert.deepEqual(
            record.history.map(({ epoch }) => epoch),
            changes.slice(-historyLimit).map(({ epoch }) => epoch),
        );
    });

    it("is still read, and far from the 1 MiB that a ConfigMap holds", () => {
        assert.equal(parseRecord(record).ok, true);
        assert.ok(JSON.stringify(record).length < 16_384);
    });
});
