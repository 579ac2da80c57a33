import assert from "node:assert/strict";
import { application, TwoSites } from "./two-sites";

describe("mirrored volumes: establish, switch, and back", function () {
    this.timeout(120_000);
    let sites: TwoSites;

    beforeEach(async () => {
        sites = await TwoSites.start();
    });
    afterEach(() => sites.close());

    it("makes the destinations, mirrors them and finds nothing to do after that", async () => {
        await sites.east.array.append("/archive01", "log", "one\n");
        await sites.establish();
        assert.equal((await sites.east.record()).role, "active");
        assert.equal((await sites.west.record()).role, "standby");
        assert.equal(await sites.west.array.content("archive01", "log"), "one\n");
        assert.deepEqual((await sites.east.preview(sites.west)).calls, []);
        assert.deepEqual((await sites.west.preview(sites.east)).calls, []);
    });

    it("hands over without losing a write, and comes back", async () => {
        const { east, west } = sites;
        await sites.establish();
        await east.array.append("/archive01", "log", "one\n");
        await east.array.append("/archive02", "log", "eins\n");
        sites.flip("west");
        const down = await east.up(west);
        assert.equal(down.role, "stood-down");
        assert.equal(down.token?.finalSnapshot, `trident-dr-${application}-final-1`);
        assert.notEqual(await east.array.append("/archive01", "log", "late\n"), 200);
        const taken = await west.up(east);
        assert.equal(taken.role, "active");
        assert.equal(taken.epoch, 2);
        assert.equal(await west.array.append("/archive01", "log", "two\n"), 200);
        assert.equal(await west.array.append("/archive02", "log", "zwei\n"), 200);
        await sites.settle();
        assert.equal((await east.record()).role, "standby");
        assert.equal((await east.array.volume("archive01"))["type"], "dp");
        assert.deepEqual(await sites.orphans(), []);

        sites.flip("east");
        await west.up(east);
        const back = await east.up(west);
        assert.equal(back.epoch, 3);
        assert.equal(await east.array.content("archive01", "log"), "one\ntwo\n");
        assert.equal(await east.array.content("archive02", "log"), "eins\nzwei\n");
        await sites.settle();
        assert.deepEqual(await sites.orphans(), []);
        assert.deepEqual((await east.preview(west)).calls, []);
        assert.deepEqual((await west.preview(east)).calls, []);
    });
});
