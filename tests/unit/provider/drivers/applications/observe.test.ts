import assert from "node:assert/strict";
import { lagOf } from "../../../../../provider/drivers/applications/lag";
import {
    type ApplicationState,
    beginningOf,
    observedOf,
    readMirror,
    timeOfFolder,
} from "../../../../../provider/drivers/applications/observe";
import { settingsOfShop } from "./view";

describe("the time in the name of an archive's folder", () => {
    it("is when the snapshot was begun, in UTC, to the second", () => {
        assert.equal(timeOfFolder("20261122193005_custom-1a2b3_8f14e45f"), "2026-11-22T19:30:05Z");
        assert.equal(Date.parse(timeOfFolder("20240229235959_x_y")!), Date.UTC(2024, 1, 29, 23, 59, 59));
    });

    for (const folder of [
        "",
        "shop_1a2b",
        "2026112219300_x",
        "202611221930055_x",
        "x20261122193005_y",
        "20261122193005",
    ]) {
        it(`is not read from ${JSON.stringify(folder)}`, () => assert.equal(timeOfFolder(folder), undefined));
    }
});

/** As somebody who can write to the bucket can name a folder: first in order, in the future, on a day that is none. */
const planted = ["00000101000000_custom-1_x", "29990101000000_custom-1_x", "20260230000000_custom-1_x"];
const now = new Date("2026-11-22T19:40:05Z");

describe("archives in a bucket that others can write to", () => {
    it("tell when a snapshot was begun, whatever was put beside its own", () => {
        const folders = [...planted, "20261122193005_custom-1_8f14e45f", "20261122193505_custom-2_8f14e45f"];
        assert.equal(beginningOf(folders, "custom-1", now), "2026-11-22T19:30:05Z");
        assert.equal(beginningOf(planted, "custom-1", now), undefined);
    });

    it("of which two are of one snapshot announce the greater loss", () => {
        const folders = ["20261122193955_custom-1_x", "20261122193005_custom-1_8f14e45f"];
        assert.equal(beginningOf(folders, "custom-1", now), "2026-11-22T19:30:05Z");
    });

    it("tell how far the standby site is behind, and never a number that is none", () => {
        assert.equal(lagOf(["20261122193005_custom-1_8f14e45f", ...planted], now), 600);
        assert.equal(lagOf(planted, now), undefined);
        assert.equal(lagOf([], now), undefined);
        assert.equal(lagOf(["20261122194205_custom-1_x"], now), 0);
    });
});

describe("the last transfer of a mirror", () => {
    const transferredAt = (completionTimestamp: string | null) => {
        const mirror = readMirror({
            apiVersion: "",
            kind: "",
            metadata: { name: "shop" },
            spec: { desiredState: "Established", sourceApplicationUID: "uid" },
            status: { state: "Established", lastTransferredSnapshot: { name: "custom-1", completionTimestamp } },
        });
        const state = { mirror, workloads: [], shutdownSnapshots: [] } as unknown as ApplicationState;
        return observedOf(state, settingsOfShop()).mirror?.transferredAt;
    };

    it("ended when Trident Protect says so, if that can be", () => {
        assert.equal(transferredAt("2026-11-22T19:31:00Z"), "2026-11-22T19:31:00Z");
        for (const none of [null, "yesterday", "2999-01-01T00:00:00Z"]) {
            assert.equal(transferredAt(none), undefined);
        }
    });
});
