import assert from "node:assert/strict";
import { type Site, TwoSites } from "./two-sites";

describe("mirrored volumes: out of the mirror", function () {
    this.timeout(180_000);
    let sites: TwoSites;

    beforeEach(async () => {
        sites = await TwoSites.mirrored();
        sites.east.unprotect = sites.west.unprotect = true;
    });
    afterEach(() => sites.close());

    async function nothingIsLeft(): Promise<void> {
        const { east, west } = sites;
        for (const site of [east, west]) {
            assert.equal((await site.record()).role, "none");
            assert.deepEqual(await mirrorsOf(site), []);
            const other = site === east ? west : east;
            assert.deepEqual((await site.preview(other)).calls, []);
        }
        assert.deepEqual(await snapshotsOf(east), []);
    }

    it("leaves nothing on the arrays, and what serves as it is; the copy stays, and cannot be written", async () => {
        const { east, west } = sites;
        await east.up(west);
        assert.ok(await east.takesWrites("archive01"));
        await west.up(east);
        await east.up(west);
        await west.up(east);
        await nothingIsLeft();
        assert.ok(await east.takesWrites("archive01"));
        assert.ok(!(await west.takesWrites("archive01")));
        assert.equal(await west.array.content("archive01", "log"), "before\n");
    });

    it("is the same in the other order, and after runs that were cut off", async () => {
        const { east, west } = sites;
        await west.upCutOff(east, 1, () => Promise.resolve());
        await east.upCutOff(west, 1, () => Promise.resolve());
        await west.up(east);
        await east.up(west);
        await nothingIsLeft();
        assert.ok(await east.takesWrites("archive02"));
    });

    it("is mirrored again into the copy by leave to take it over, in a new epoch", async () => {
        const { east, west } = sites;
        await east.up(west);
        await west.up(east);
        await east.up(west);
        east.unprotect = west.unprotect = false;
        await east.up(west);
        await assert.rejects(west.up(east), /set adopt: true/);
        west.options = { adopt: true };
        const { role, epoch } = await west.up(east);
        assert.deepEqual([role, epoch], ["standby", 2]);
        assert.ok(await east.takesWrites("archive01"));
    });
});

/** Relationships into the site's volumes and records of those out of them. */
async function mirrorsOf(site: Site): Promise<string[]> {
    const { volumes } = await site.observe();
    return volumes.flatMap(({ into, outOf }) => [
        ...(into === undefined ? [] : [into.uuid]),
        ...outOf.map((one) => one.uuid),
    ]);
}

async function snapshotsOf(site: Site): Promise<string[]> {
    const { volumes } = await site.observe();
    return volumes.flatMap(({ snapshots }) => snapshots.map(({ name }) => name));
}
