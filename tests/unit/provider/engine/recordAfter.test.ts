import assert from "node:assert/strict";
import { recordAfter, type RecordStep } from "../../../../provider/engine/recordAfter";
import type { RoleRecord } from "../../../../provider/roles/record";

describe("the record of a site that serves", () => {
    it("has room for the newest of the snapshots that its volumes hold", () => {
        const snapshots = Array.from({ length: 40 }, (_, index) => ({
            name: `s${index}`,
            versionUuid: `v${index}`,
            takenAt: new Date(index * 1000).toISOString(),
        }));
        const step = { do: "record", role: "active", epoch: 1, activeSite: "east" } as unknown as RecordStep;
        const facts = { applicationUid: undefined, baseSnapshot: undefined, token: undefined };
        const { holds } = recordAfter(step, {} as RoleRecord, facts as never, [{ volume: "data", snapshots }]);
        const many = Array.from({ length: 1_000 }, (_, index) => ({ volume: `data${index}`, snapshots }));
        assert.deepEqual(
            recordAfter(step, {} as RoleRecord, facts as never, many).holds?.map((one) => one.snapshots.length),
            many.map(() => 3),
        );
        assert.deepEqual(
            holds?.map(({ volume, snapshots: [first, ...rest] }) => [volume, first?.name, rest.length]),
            [["data", "s30", 9]],
        );
    });
});
