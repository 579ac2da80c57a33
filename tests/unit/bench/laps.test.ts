import assert from "node:assert/strict";
import { lapsOf } from "../../../bench/laps";

describe("the laps of failovers", () => {
    const ways = (laps: { own: string; peer: string | undefined }[]) => laps.map(({ own, peer }) => [own, peer]);

    it("give each way of ours and of the peers' its runs", () => {
        const laps = lapsOf(2, ["up", "takeover"], ["loop", "parallel", "ansible"]);
        const count = (way: string) =>
            ways(laps)
                .flat()
                .filter((one) => one === way).length;
        assert.equal(laps.length, 6);
        assert.deepEqual(["up", "takeover"].map(count), [3, 3]);
        assert.deepEqual(["loop", "parallel", "ansible"].map(count), [2, 2, 2]);
    });

    it("are ours alone once the peers have their runs, in pairs, so that all end at one site", () => {
        assert.deepEqual(ways(lapsOf(3, ["a", "b", "c"], ["x", "y"])).slice(5), [
            ["c", "y"],
            ["a", "x"],
            ["b", undefined],
            ["c", undefined],
        ]);
        const withPeers = (runs: number) => lapsOf(runs, ["a", "b", "c"], ["x", "y"]).filter(({ peer }) => peer).length;
        assert.deepEqual([5, 4].map(withPeers), [11, 8]);
    });

    it("begin with ours once and with the peers' once", () => {
        assert.deepEqual(
            lapsOf(2, ["a", "b"], ["x"]).map(({ oursFirst }) => oursFirst),
            [true, true, false, false],
        );
    });
});
