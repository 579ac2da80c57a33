import assert from "node:assert/strict";
import { withoutAnyOf } from "../../../../../provider/drivers/applications/handedOver";
import { readMirror } from "../../../../../provider/drivers/applications/observe";
import type { HandOverToken } from "../../../../../provider/roles/record";
import { viewOf } from "./view";

const final = "20261122030000_shop-final-1_8f14e45f-0000-4000-8000-000000000000";
const token = { from: "west", finalSnapshot: final } as HandOverToken;
const snapshot = (digit: string) => `snapshot-${digit.repeat(8)}-43c1-4dca-9abd-786ae1554d06`;
const contents = JSON.stringify(
    ["1", "2"].map((digit) => ({ handle: `pvc-4994f34d-2ad3-46fb-a1dc-a5f0f45f061${digit}/${snapshot(digit)}` })),
);
const held = (volume: string, ...names: string[]) => ({
    volume,
    snapshots: names.map((name) => ({ name, versionUuid: name, takenAt: "2026-11-22T03:00:00Z" })),
});

function mirrorOf(desiredState: string, state: string) {
    const spec = { sourceApplicationUID: "uid-west", desiredState, promotedSnapshot: final };
    return readMirror({ apiVersion: "", kind: "", metadata: { name: "shop" }, spec, status: { state } });
}

describe("what was handed over", () => {
    it("is on volumes that have a snapshot of its archive, and on no others", () => {
        const both = [held("shop/data", "older", snapshot("1")), held("shop/logs", snapshot("2"))];
        assert.deepEqual(withoutAnyOf(contents, both), []);
        assert.deepEqual(withoutAnyOf(contents, [both[0]!, held("shop/logs", "older")]), ["shop/logs"]);
        assert.deepEqual(withoutAnyOf(contents, [held("shop/data")]), ["shop/data"]);
    });

    it("is not known of an archive in which no volume snapshot is found", () => {
        assert.equal(withoutAnyOf("[]", [held("shop/data")]), undefined);
    });

    it("is looked for after a promotion with a token, and after no other", () => {
        const calls = (state: ReturnType<typeof mirrorOf>, step: { token?: HandOverToken }) =>
            viewOf({ mirror: state })
                .actions({ do: "promote", ...step })
                .map(({ call }) => call)
                .filter((call) => call.startsWith("GET /storage/volumes/snapshots"));
        const established = mirrorOf("Established", "Established");
        assert.deepEqual(calls(established, { token }), [
            `GET /storage/volumes/snapshots of east: each volume has that of ${final}`,
        ]);
        assert.deepEqual(calls(established, {}), []);
        assert.deepEqual(calls(mirrorOf("Promoted", "Promoted"), { token }), []);
    });

    it("is told of a mirror that was promoted before only, and not known where nothing can be read", async () => {
        assert.equal(await viewOf({ mirror: mirrorOf("Established", "Established") }).lacking(token), undefined);
        assert.equal(await viewOf({ mirror: mirrorOf("Promoted", "Promoted") }).lacking(token), undefined);
    });
});
