import assert from "node:assert/strict";
import type { StorageArray } from "../../../../provider/drivers/array";
import { plannedArray } from "../../../../provider/drivers/plannedArray";

const names = ["v1", "v2", "v3", "v4", "v5"];

describe("an array as the plans of one run see it", () => {
    let now: number;
    let asked: string[];
    let planned: StorageArray;
    beforeEach(() => {
        now = 0;
        asked = [];
        planned = plannedArray(countedArray(asked), () => now);
    });

    it("is asked for the volumes of the first few plans, then for all of its SVM's at once", async () => {
        for (const name of names) {
            const found = await planned.volumes("svm", [name]);
            assert.deepEqual(
                found.map((one) => one.name),
                [name],
            );
        }
        assert.deepEqual(asked, ["volumes v1", "volumes v2", "volumes v3", "volumes"]);
    });

    it("is asked once for mirrors in either direction, of which each plan gets those of its volumes", async () => {
        for (const name of names) {
            assert.equal((await planned.mirrorsInto("svm")).length, names.length);
            assert.deepEqual(
                (await planned.mirrorsOutOf("svm", [name])).map(({ source }) => source),
                [`svm:${name}`],
            );
        }
        assert.deepEqual(asked, ["into svm", "out of svm"]);
        await planned.mirrorsInto("other");
        assert.deepEqual(asked.slice(2), ["into other"]);
    });

    it("is asked again after ten seconds", async () => {
        await planned.mirrorsInto("svm");
        now = 10_000;
        await planned.mirrorsInto("svm");
        assert.deepEqual(asked, ["into svm", "into svm"]);
    });
});

/** One that has the same volumes in each SVM, each with a mirror into it and one out of it. */
function countedArray(asked: string[]): StorageArray {
    const answer = <T>(what: string, found: T) => {
        asked.push(what);
        return Promise.resolve(found);
    };
    return {
        volumes: (_svm: string, wanted?: readonly string[]) =>
            answer(
                `volumes ${wanted?.join() ?? ""}`.trim(),
                (wanted ?? names).map((name) => ({ name, type: "rw", state: "online" })),
            ),
        mirrorsInto: (svm: string) =>
            answer(
                `into ${svm}`,
                names.map((name) => ({ destination: `${svm}:${name}` })),
            ),
        mirrorsOutOf: (svm: string) =>
            answer(
                `out of ${svm}`,
                names.map((name) => ({ uuid: name, source: `${svm}:${name}`, destination: "" })),
            ),
    } as unknown as StorageArray;
}
