import assert from "node:assert/strict";
import { SharedCollection } from "../../../../provider/support/sharedCollection";

describe("reads of several askers in one collection", () => {
    let now: number;
    let asked: string[];
    /** What reading all of it gives; undefined: it cannot be had. */
    let all: ReadonlyMap<string, string> | undefined;
    let collection: SharedCollection<ReadonlyMap<string, string>>;
    beforeEach(() => {
        now = 0;
        asked = [];
        all = new Map(names(10).map((name) => [name, `${name} of all`]));
        const readAll = () => {
            asked.push("all");
            return Promise.resolve(all);
        };
        collection = new SharedCollection(readAll, () => now);
    });

    const read = (name: string) =>
        collection.get(
            name,
            () => {
                asked.push(name);
                return Promise.resolve(`${name} alone`);
            },
            (whole) => whole.get(name) ?? "missing",
        );
    const readInTurn = async (wanted: readonly string[]) => {
        const found: string[] = [];
        for (const name of wanted) {
            found.push(await read(name));
        }
        return found;
    };

    it("are one by one for the first few, and one for all the others", async () => {
        const found = await readInTurn(names(10));
        assert.deepEqual(asked, [...names(3), "all"]);
        assert.deepEqual(found.slice(2, 5), ["n2 alone", "n3 of all", "n4 of all"]);
    });

    it("are not repeated within seconds, and are after them", async () => {
        assert.deepEqual(await readInTurn(["n0", "n0", ...names(4)]), [
            "n0 alone",
            "n0 alone",
            ...names(3).map((name) => `${name} alone`),
            "n3 of all",
        ]);
        now = 9_999;
        assert.deepEqual(await readInTurn(["n0", "n3"]), ["n0 alone", "n3 of all"]);
        assert.deepEqual(asked, [...names(3), "all"]);
        now = 10_000;
        assert.deepEqual(await readInTurn(["n0", "n3"]), ["n0 alone", "n3 alone"]);
    });

    it("are one by one where not all of it can be had, which is asked once", async () => {
        all = undefined;
        await readInTurn(names(6));
        assert.deepEqual(asked, [...names(3), "all", "n3", "n4", "n5"]);
    });

    it("are made anew after a failure", async () => {
        const fail = () => Promise.reject<string>(new Error("HTTP 503"));
        await assert.rejects(
            collection.get("n0", fail, () => "found"),
            /503/,
        );
        assert.equal(await read("n0"), "n0 alone");
    });
});

function names(count: number): string[] {
    return Array.from({ length: count }, (_, index) => `n${index}`);
}
