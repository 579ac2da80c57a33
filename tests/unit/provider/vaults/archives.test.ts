import assert from "node:assert/strict";
import { type Archives, type ArchiveVault, plannedArchives } from "../../../../provider/vaults/archives";

const uids = { a: "1", b: "2", c: "3", d: "4", e: "5" };

describe("replicated archives, as the plans of one run look for them", () => {
    let now: number;
    let asked: string[];
    let fails: boolean;
    let planned: Archives;
    const vault = { cluster: {}, namespace: "trident-protect", name: "vault-west", budget: 1 } as ArchiveVault;
    beforeEach(() => {
        [now, asked, fails] = [0, [], false];
        const answer = <T>(what: string, found: T): Promise<T> => {
            asked.push(what);
            return Promise.resolve(found);
        };
        const listed: Archives = {
            sources: () =>
                fails
                    ? Promise.reject(new Error("no answer"))
                    : answer(
                          "sources",
                          Object.entries(uids).map(([name, uid]) => `${name}_${uid}`),
                      ),
            replicatedFrom: (_vault, source) => answer(source, [`folder of ${source}`]),
            replicatedOf: (_vault, application) => answer(`all of ${application}`, [`folder of ${application}`]),
        };
        planned = plannedArchives(listed, () => now);
    });

    const lookForAll = async () => {
        for (const [name, uid] of Object.entries(uids)) {
            assert.deepEqual(await planned.replicatedFrom(vault, `${name}_${uid}`), [`folder of ${name}_${uid}`]);
        }
    };

    it("are listed one by one for the first few, then all at once for the others", async () => {
        await lookForAll();
        assert.deepEqual(asked, ["a_1", "b_2", "c_3", "sources", "a_1", "b_2", "c_3", "d_4", "e_5"]);
        assert.deepEqual(await planned.replicatedFrom(vault, "new_6"), []);
        assert.equal(asked.length, 9);
        now = 10_000;
        await planned.replicatedFrom(vault, "a_1");
        assert.deepEqual(asked.slice(9), ["a_1"]);
    });

    it("are found by the name of an application alone, among all", async () => {
        for (const name of Object.keys(uids)) {
            await planned.replicatedOf(vault, name);
        }
        assert.deepEqual(asked.slice(0, 4), ["all of a", "all of b", "all of c", "sources"]);
        assert.deepEqual(await planned.replicatedOf(vault, "e"), ["folder of e_5"]);
    });

    it("are listed one by one where they cannot be listed at once", async () => {
        fails = true;
        await lookForAll();
        assert.deepEqual(asked, ["a_1", "b_2", "c_3", "d_4", "e_5"]);
    });
});
