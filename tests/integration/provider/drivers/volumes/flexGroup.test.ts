import assert from "node:assert/strict";
import { TwoSites } from "./two-sites";

describe("mirrored volumes: a FlexGroup among them", function () {
    this.timeout(120_000);
    let sites: TwoSites;

    beforeEach(async () => {
        sites = await TwoSites.start(["archive01"]);
    });
    afterEach(() => sites.close());

    it("is refused by name before anything is touched, as the array would refuse its mirror", async () => {
        const { east, west } = sites;
        await east.array.makeVolume("pool", { style: "flexgroup" });
        east.options = { volumes: ["archive01", "pool"] };
        await assert.rejects(
            east.up(west),
            /refused \(cannot-be-mirrored\): .*volume svm_east:pool is a FlexGroup; expected FlexVols/,
        );
        assert.deepEqual(
            east.calls.filter((call) => !call.startsWith("GET ")),
            [],
        );
        await west.array.makeVolume("pool", { type: "dp" });
        await assert.rejects(west.array.mirror("svm_east:pool", "svm_west:pool"), /13303841/);
    });
});
