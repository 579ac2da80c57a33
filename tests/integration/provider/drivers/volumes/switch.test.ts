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

    it("promotes nothing but the very snapshot that the token names", async () => {
        const { east, west } = sites;
        await sites.establish();
        sites.flip("west");
        await east.up(west);
        await west.transferAll();
        const { token } = east.published!;
        const versions = { ...token!.versions, archive02: "00000000-0000-4000-8000-000000000000" };
        east.published = { ...east.published!, token: { ...token!, versions } };
        await assert.rejects(
            west.up(east),
            /west: snapshot trident-dr-archive-final-1 on svm_west:archive02 is not the one of the hand-over token/,
        );
        assert.equal(await west.takesWrites("archive01"), false);
    });

    it("does not pass for a hand-over what somebody broke before the last snapshot had arrived", async () => {
        const { east, west } = sites;
        await sites.establish();
        await east.array.append("/archive01", "log", "last\n");
        sites.flip("west");
        await east.up(west);
        await sites.part();
        await assert.rejects(west.up(east));
        const { into } = (await west.observe()).volumes[0]!;
        await west.array.done("patch", `/snapmirror/relationships/${into!.uuid}`, { state: "broken_off" });
        await sites.meet();
        await assert.rejects(west.up(east), /refused \(promoted-other-point\).*\(volume archive01\).*set takeover 2/s);
        assert.equal(await west.takesWrites("archive01"), false);
        west.acknowledgements = { takeover: 2 };
        assert.deepEqual((await west.up(east)).history.at(-1)?.verb, "take over without a token");
    });

    it("takes the final snapshots anew when a volume was opened between a run that was cut off and the next", async () => {
        const { east, west } = sites;
        await sites.establish();
        sites.flip("west");
        // The export policy is there, both volumes are behind it, and the first is frozen.
        east.writesUntilKilled = 4;
        await assert.rejects(east.up(west), /killed at/);
        east.writesUntilKilled = undefined;
        const { uuid } = await east.array.volume("archive01");
        await east.array.done("patch", `/storage/volumes/${uuid}`, { nas: { export_policy: { name: "default" } } });
        assert.equal(await east.array.append("/archive01", "log", "in between\n"), 200);
        await east.up(west);
        await west.up(east);
        assert.equal(await west.array.content("archive01", "log"), "in between\n");
    });

    it("fences by export policy, which gives way to the declared one where the volumes serve", async () => {
        const { east, west } = sites;
        const options = { fence: "exportPolicy", fencePolicy: "nobody", exportPolicy: "clients" } as const;
        east.options = options;
        west.options = options;
        const rules = [{ clients: [{ match: "0.0.0.0/0" }] }];
        for (const { name, array } of [east, west]) {
            const body = { name: "clients", svm: { name: `svm_${name}` }, rules };
            assert.equal((await array.post("/protocols/nfs/export-policies", body)).status, 201);
        }
        const policyAt = async (site: typeof east) =>
            (await site.array.volume("archive01"))["nas"]["export_policy"]["name"] as string;
        await sites.establish();
        assert.equal(await policyAt(east), "clients");
        sites.flip("west");
        await east.up(west);
        assert.equal(await policyAt(east), "nobody");
        await west.up(east);
        assert.equal(await policyAt(west), "clients");
        assert.ok(await west.takesWrites("archive01"));
        sites.flip("west");
        await sites.settle();
        assert.equal((await east.record()).role, "standby");
    });

    it("leaves volumes as they are without a fence, and unmounts a mirror's destination before it is opened", async () => {
        const { east, west } = sites;
        east.options = { fence: "none" };
        west.options = { fence: "none" };
        await sites.establish();
        sites.flip("west");
        await east.up(west);
        assert.equal((await east.array.volume("archive01"))["nas"]["path"], "/archive01");
        await west.up(east);
        await sites.settle();
        sites.flip("east");
        await west.up(east);
        const { calls } = await east.preview(west);
        const unmounted = calls.indexOf("PATCH /storage/volumes/{archive02}: unmounted from /archive02");
        const broken = calls.indexOf("PATCH /snapmirror/relationships/{svm_east:archive01}: broken_off");
        assert.ok(unmounted >= 0 && unmounted < broken, calls.join("\n"));
        await east.up(west);
        assert.ok(await east.takesWrites("archive02"));
    });
});
