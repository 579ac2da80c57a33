import assert from "node:assert/strict";
import { decide } from "../../../../provider/roles/planner";
import {
    emptyRecord,
    historyLimit,
    parseRecord,
    publishedLimit,
    type RoleChange,
    withChange,
    withNewestChanges,
} from "../../../../provider/roles/record";
import written from "./record-0.1.0.json";
import { given } from "./situations";

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
        assert.ok(JSON.stringify(record).length < 8_192);
    });

    it("has the stages of the newest one alone: each run reads and writes every value of a record", () => {
        assert.deepEqual(
            record.history.map(({ stages }) => stages.length),
            [...Array.from({ length: historyLimit - 1 }, () => 0), 5],
        );
    });
});

describe("a record with its newest changes", () => {
    const other = (epoch: number): RoleChange => ({ ...change(epoch), verb: "become standby" });
    const recordWith = (history: RoleChange[]) => ({ ...emptyRecord("shop", "east", "west"), history });
    const epochsIn = (history: RoleChange[]) =>
        withNewestChanges(recordWith(history)).history.map(({ epoch }) => epoch);

    it("is the same one where it has no others", () => {
        const record = recordWith([1, 2, 3, 4].map(other));
        assert.equal(record.history.length, publishedLimit);
        assert.equal(withNewestChanges(record), record);
    });

    it("has the last ones, oldest first", () => {
        assert.deepEqual(epochsIn([1, 2, 3, 4, 5, 6].map(other)), [3, 4, 5, 6]);
    });

    it("has the newest takeover of either kind, however long ago", () => {
        const withToken = (epoch: number): RoleChange => ({ ...change(epoch), verb: "take over with a token" });
        const history = [change(1), withToken(2), change(3), withToken(4), ...[5, 6, 7, 8].map(other)];
        assert.deepEqual(epochsIn(history), [3, 4, 5, 6, 7, 8]);
    });
});

/** Users have these in their states and clusters: the file never changes, later versions get files of their own. */
describe("a role record as 0.1.0 wrote it", () => {
    for (const [name, record] of Object.entries(written)) {
        it(`is read unchanged: ${name}`, () => {
            const parsed = parseRecord(record);
            assert.ok(parsed.ok, parsed.ok ? "" : parsed.why);
            assert.deepEqual(parsed.record, record);
        });
    }

    it("is what the planner continues from", () => {
        const [own, peer] = [written["east was displaced"], written["west serves after a takeover"]].map((record) => {
            const parsed = parseRecord(record);
            assert.ok(parsed.ok);
            return parsed.record;
        });
        const decision = decide(given({ own: own!, active: "west", peer: { ...peer!, baseSnapshot: "shop-base-2" } }));
        assert.equal(decision.kind === "plan" && decision.verb, "rejoin");
    });

    it("is refused where it does not say what it must", () => {
        const { epoch: _, ...broken } = written["east stood down"];
        assert.deepEqual(parseRecord({ ...broken, epoch: "1" }), {
            ok: false,
            why: "epoch: Invalid input: expected number, received string",
        });
    });
});
