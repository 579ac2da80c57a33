import assert from "node:assert/strict";
import {
    archivePath,
    baseName,
    joinedName,
    replicatedPath,
    scheduledName,
    volumeSnapshotName,
} from "../../../../lab/protect/names";
import { durationMs } from "../../../../lab/protect/duration";

const application = { name: "shop", uid: "7843511e-0000" };
const taken = new Date("2026-04-15T08:28:00.123Z");

describe("names of Trident Protect", () => {
    it("an archive lies under name and UID of its application", () => {
        const path = archivePath(application, { name: "base", uid: "u1", taken });
        assert.equal(path, "shop_7843511e-0000/snapshots/20260415082800_base_u1");
        assert.equal(baseName(path), "20260415082800_base_u1");
        assert.equal(
            replicatedPath(application, baseName(path)),
            "shop_7843511e-0000/replicatedSnapshots/20260415082800_base_u1",
        );
    });

    it("a scheduled snapshot tells granularity, schedule and time", () => {
        const name = scheduledName({ granularity: "Custom", uid: "abc" }, taken);
        assert.match(name, /^custom-[0-9a-f]{5}-20260415082800$/);
        assert.notEqual(name, scheduledName({ granularity: "Custom", uid: "abd" }, taken));
    });

    it("a volume snapshot names Snapshot and volume", () => {
        assert.equal(volumeSnapshotName("u1", "pvc-2"), "snapshot-u1-pvc-2");
    });

    it("a joined name keeps its end and stays within 253 characters", () => {
        const name = joinedName("x".repeat(253), "12345678");
        assert.equal(name.length, 253);
        assert.ok(name.endsWith("-12345678"));
    });

    it("durations are Go's, and zero means the default", () => {
        assert.equal(durationMs("1h15m"), 4_500_000);
        assert.equal(durationMs("0s"), undefined);
        assert.equal(durationMs(undefined), undefined);
        assert.throws(() => durationMs("5 minutes"), /Expected a duration/);
    });
});
