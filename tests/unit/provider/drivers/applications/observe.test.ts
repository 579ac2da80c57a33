import assert from "node:assert/strict";
import { timeOfFolder } from "../../../../../provider/drivers/applications/observe";

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
