import assert from "node:assert/strict";
import type { Fence } from "../../../../../provider/drivers/volumes/settings";
import { TwoSites } from "./two-sites";

describe("mirrored volumes: runs that are cut off", function () {
    this.timeout(300_000);
    let sites: TwoSites;

    beforeEach(async () => {
        sites = await TwoSites.start();
    });
    afterEach(() => sites.close());

    /** Of a planned change never more than one site takes writes, and a site takes them on all volumes or on none. */
    async function oneWriter(): Promise<void> {
        const { east, west } = sites;
        const writable = await Promise.all(
            [east, west].map(async (site) =>
                Promise.all(["archive01", "archive02"].map((volume) => site.takesWrites(volume))),
            ),
        );
        const sitesThatWrite = writable.filter((volumes) => volumes.includes(true)).length;
        assert.ok(sitesThatWrite <= 1, JSON.stringify(writable));
    }

    for (const fence of ["exportPolicy", "unmount", "offline"] satisfies Fence[]) {
        it(`establish, switch and come back, a run for each write (fence: ${fence})`, async () => {
            const { east, west } = sites;
            east.options = { fence };
            west.options = { fence };
            await east.array.append("/archive01", "log", "one\n");
            await east.upCutOff(west, 1, oneWriter);
            await west.upCutOff(east, 1, oneWriter);
            assert.equal((await west.record()).role, "standby");
            await east.array.append("/archive01", "log", "two\n");
            sites.flip("west");
            await east.upCutOff(west, 1, oneWriter);
            await west.upCutOff(east, 1, oneWriter);
            assert.ok(await west.takesWrites("archive01"));
            assert.ok(await west.takesWrites("archive02"));
            assert.equal(await west.array.content("archive01", "log"), "one\ntwo\n");
            await east.upCutOff(west, 1, oneWriter);
            await west.upCutOff(east, 1, oneWriter);
            assert.equal((await east.record()).role, "standby");
            await sites.settle();
            assert.deepEqual(await sites.orphans(), []);
        });
    }

    it("a volume that cannot be broken off leaves none writable, and the next run goes on", async () => {
        const { east, west } = sites;
        await sites.establish();
        sites.flip("west");
        await east.up(west);
        await west.array.faults({ kind: "breakNeedsPeer", path: "svm_west:archive02", milliseconds: 10 });
        await assert.rejects(
            west.up(east),
            /262224.*No volume is writable yet: the mirror into svm_west:archive01 was resumed/s,
        );
        await oneWriter();
        assert.equal((await west.record()).role, "standby");
        const [first] = (await west.observe()).volumes;
        await west.array.settled(first!.into!.uuid, "snapmirrored");
        assert.equal((await west.array.volume("archive01"))["type"], "dp");
        await west.array.faults();
        assert.equal((await west.up(east)).role, "active");
        assert.ok(await west.takesWrites("archive02"));
    });

    it("a takeover, a run for each write", async () => {
        const { east, west } = sites;
        await sites.establish();
        await sites.part();
        east.readable = false;
        west.active = "west";
        west.acknowledgements = { takeover: 2 };
        await west.upCutOff(east, 1, () => Promise.resolve());
        assert.ok(await west.takesWrites("archive01"));
        assert.ok(await west.takesWrites("archive02"));
        await sites.meet();
        east.readable = true;
        sites.flip("west");
        await east.upCutOff(west, 1, () => Promise.resolve());
        await west.upCutOff(east, 1, () => Promise.resolve());
        await east.upCutOff(west, 1, () => Promise.resolve());
        assert.equal((await east.record()).role, "standby");
        await sites.settle();
        assert.deepEqual(await sites.orphans(), []);
    });
});
