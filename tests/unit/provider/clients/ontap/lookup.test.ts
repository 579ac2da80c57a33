import assert from "node:assert/strict";
import { batchesOf } from "../../../../../provider/clients/ontap/lookup";
import { apiPath } from "../../../../../provider/clients/ontap/paths";

describe("names in queries of the array", () => {
    it("asks for each name once, in lists short enough for a request line", () => {
        const names = Array.from({ length: 1_000 }, (_, index) => `trident_pvc_${"x".repeat(40)}_${index}`);
        const batches = batchesOf([...names, ...names]);
        assert.deepEqual(batches.flat(), names);
        for (const batch of batches) {
            assert.ok(encodeURIComponent(batch.join("|")).length <= 3_000, String(batch.length));
        }
        assert.ok(batches.length < 30, String(batches.length));
    });

    it("asks for nothing where there are no names, and alone for one that is longer than a list", () => {
        assert.deepEqual(batchesOf([]), []);
        const long = "ü".repeat(1_000);
        assert.deepEqual(batchesOf(["a", long, "b"]), [["a"], [long], ["b"]]);
    });
});

describe("paths of the array's API", () => {
    it("keeps a value within its segment", () => {
        assert.equal(apiPath`/svm/peers/${"4a7d-1"}`, "/svm/peers/4a7d-1");
        assert.equal(apiPath`/svm/peers/${"../a?b=1&c#d"}/x`, "/svm/peers/..%2Fa%3Fb%3D1%26c%23d/x");
    });

    it("refuses a value that is no segment", () => {
        for (const value of ["", ".", ".."]) {
            assert.throws(() => apiPath`/svm/peers/${value}`, /expected an identifier within a path/);
        }
    });
});
