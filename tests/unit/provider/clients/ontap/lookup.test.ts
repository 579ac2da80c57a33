import assert from "node:assert/strict";
import { batchesOf } from "../../../../../provider/clients/ontap/lookup";
import { isArrayName } from "../../../../../provider/clients/ontap/names";
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

describe("names of an array's objects", () => {
    it("may have what ONTAP allows in names", () => {
        for (const name of ["svm_east", "trident-dr-fenced", "Mirror.1", "5min", "8hour daily", "a..b".slice(0, 2)]) {
            assert.ok(isArrayName(name), name);
        }
    });

    it("are neither operators of a query nor parts of a path", () => {
        const bad = [
            "*",
            "a*|b",
            "!d",
            "<1",
            ">1",
            "a..b",
            '"a"',
            "{a}",
            "../x",
            ".",
            "a/b",
            "a?b",
            "a#b",
            "a%2fb",
            "s:v",
        ];
        for (const name of [...bad, "", " a", "a\n", "a\u0000", "null", undefined, 5]) {
            assert.ok(!isArrayName(name), String(name));
        }
    });
});
