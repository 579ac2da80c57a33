import assert from "node:assert/strict";
import { describe, it } from "mocha";
import { flexvolName, parseSnapshotHandle, pvName, quantityBytes } from "../../../../lab/trident/names";
import { quantityOf } from "../../../../lab/trident/snapshots";

describe("Trident's names", () => {
    it("make a FlexVol's name of a PVC's uid without a dash", () => {
        assert.equal(flexvolName(pvName("0a1b-2c3d")), "trident_pvc_0a1b_2c3d");
    });

    it("take a snapshot handle apart, and refuse half of one", () => {
        const parsed = { volumeHandle: "pvc-x", arraySnapshot: "snapshot-y" };
        assert.deepEqual(parseSnapshotHandle("pvc-x/snapshot-y"), parsed);
        for (const wrong of ["", "pvc-x", "/snapshot-y", "pvc-x/"]) {
            assert.throws(() => parseSnapshotHandle(wrong), /Expected a snapshot handle/);
        }
    });
});

describe("Quantities", () => {
    it("are read as Kubernetes writes them", () => {
        const wanted: [string, number][] = [
            ["1Gi", 2 ** 30],
            ["1.5Mi", 1.5 * 2 ** 20],
            ["2G", 2e9],
            ["1500m", 2],
            ["1e3", 1000],
            ["20", 20],
        ];
        assert.deepEqual(
            wanted.map(([quantity]) => quantityBytes(quantity)),
            wanted.map(([, bytes]) => bytes),
        );
        assert.throws(() => quantityBytes("1Qi"), /Expected a quantity/);
    });

    it("are written in the largest unit that fits", () => {
        assert.deepEqual([2 ** 30, 1536 * 2 ** 20, 1000].map(quantityOf), ["1Gi", "1536Mi", "1000"]);
    });
});
