import assert from "node:assert/strict";
import { until } from "../../../lab/ontap/twoClusters";
import { TwoSites } from "./two-sites";

describe("mirrored volumes: takeover, and the way back", function () {
    this.timeout(180_000);
    let sites: TwoSites;

    beforeEach(async () => {
        sites = await TwoSites.mirrored();
    });
    afterEach(() => sites.close());

    /** East is dark, west takes over in epoch 2; both write. */
    async function takeOver(): Promise<void> {
        const { east, west } = sites;
        await sites.part();
        east.readable = false;
        west.active = "west";
        west.acknowledgements = { takeover: 2 };
        const record = await west.up(east);
        assert.deepEqual([record.role, record.epoch, record.mirrorKept], ["active", 2, true]);
        assert.equal(await west.array.append("/archive01", "log", "west\n"), 200);
        assert.equal(await west.array.append("/archive02", "log", "west\n"), 200);
        assert.equal(await east.array.append("/archive01", "log", "lost\n"), 200);
    }

    it("serves what was replicated, and says what it may lose", async () => {
        const { east, west } = sites;
        await sites.part();
        east.readable = false;
        west.active = "west";
        await assert.rejects(west.up(east), /no-token.*[Ll]oss bound/s);
        await takeOver();
        assert.equal(await west.array.content("archive01", "log"), "before\nwest\n");
        assert.deepEqual((await west.preview(east)).calls, []);
    });

    it("breaks by force where ONTAP cannot ask its peer, and gives up no running transfer's time", async () => {
        const { east, west } = sites;
        await east.array.append("/archive01", "bulk", "x".repeat(4 * 2 ** 20));
        await west.array.faults({ kind: "bandwidth", bytesPerSecond: 100 });
        const { into } = (await west.observe()).volumes[0]!;
        assert.equal((await west.array.post(`/snapmirror/relationships/${into!.uuid}/transfers`)).status, 201);
        await west.array.http.post("/lab/faults", [{ kind: "breakNeedsPeer", milliseconds: 50 }]);
        east.readable = false;
        west.active = "west";
        west.acknowledgements = { takeover: 2 };
        const began = Date.now();
        const record = await west.up(east);
        assert.equal(record.role, "active");
        assert.ok(Date.now() - began < 20_000, "the transfer was waited for");
        assert.ok(await west.takesWrites("archive01"));
        assert.match(west.lines.join("\n"), /PATCH broken_off: Failed to contact peer cluster/);
    });

    it("names every way that was tried when ONTAP breaks nothing, and goes on once it does", async () => {
        const { east, west } = sites;
        east.readable = false;
        west.active = "west";
        west.acknowledgements = { takeover: 2 };
        const dark = { kind: "error", status: 500, code: "262224", message: "Failed to contact peer cluster" };
        await west.array.faults(
            { ...dark, method: "PATCH", path: "/snapmirror/relationships/*" },
            { ...dark, method: "POST", path: "/private/cli/snapmirror/break" },
        );
        await assert.rejects(
            west.up(east),
            /west: ONTAP refused to break .*force=true.*by its command.*snapmirror break -destination-path svm_west:archive01/s,
        );
        assert.equal(await west.takesWrites("archive01"), false);
        await west.array.faults();
        assert.equal((await west.up(east)).role, "active");
    });

    it("comes back with what changed alone, after counting what is given up", async () => {
        const { east, west } = sites;
        await takeOver();
        await sites.meet();
        east.readable = true;
        await assert.rejects(east.up(west), /peer-took-over/);
        sites.flip("west");
        const displaced = await east.up(west);
        assert.equal(displaced.role, "displaced");
        assert.ok((displaced.unreplicated?.bytes ?? 0) > 0, JSON.stringify(displaced.unreplicated));
        assert.equal(await east.takesWrites("archive01"), false);
        await sites.settle();
        assert.equal((await east.record()).role, "standby");
        await east.transferAll();
        assert.equal(await east.array.content("archive01", "log"), "before\nwest\n");
        await sites.settle();
        assert.deepEqual(await sites.orphans(), []);
        assert.deepEqual((await east.preview(west)).calls, []);
        assert.deepEqual((await west.preview(east)).calls, []);
    });

    it("is not continued without a word once somebody resynced the mirror that was kept", async () => {
        const { west, east } = sites;
        await takeOver();
        await sites.meet();
        const { into } = (await west.observe()).volumes[0]!;
        await west.array.set(into!.uuid, "snapmirrored");
        await assert.rejects(
            west.up(east),
            /1 are not broken off \(svm_west:archive01\), and not by this package: what east has replaces.*snapmirror break -destination-path svm_west:archive01; then pulumi up/s,
        );
        assert.equal(await west.takesWrites("archive01"), false);
        await west.array.set(into!.uuid, "broken_off");
        assert.equal((await west.up(east)).role, "active");
        assert.equal(await west.takesWrites("archive01"), true);
    });

    it("gives up the other site's writes where that is acknowledged: the mirror that was kept leads back", async () => {
        const { east, west } = sites;
        await takeOver();
        await sites.meet();
        east.readable = true;
        sites.flip("east");
        east.acknowledgements = { discard: { site: "west", epoch: 2 } };
        const record = await east.up(west);
        assert.deepEqual([record.role, record.epoch], ["active", 3]);
        west.acknowledgements = { discard: { site: "west", epoch: 2 } };
        const back = await west.up(east);
        assert.deepEqual([back.role, back.history.at(-1)?.verb], ["standby", "resync"]);
        await sites.settle();
        assert.equal((await west.record()).role, "standby");
        await west.transferAll();
        assert.equal(await west.array.content("archive01", "log"), "before\nlost\n");
        assert.deepEqual(await sites.orphans(), []);
    });

    it("lets go of its record of a mirror that the other site has removed, before it serves by discard", async () => {
        const { east, west } = sites;
        await takeOver();
        await sites.meet();
        east.readable = true;
        sites.flip("west");
        await east.up(west);
        assert.equal((await west.up(east)).mirrorKept, undefined);
        sites.flip("east");
        const discard = { site: "west", epoch: 2 };
        east.acknowledgements = { discard };
        west.acknowledgements = { discard };
        assert.equal((await east.up(west)).epoch, 3);
        await sites.settle();
        assert.equal((await west.record()).role, "standby");
        assert.deepEqual(await sites.orphans(), []);
    });

    it("copies everything back by leave only where nothing is in common, and keeps what was here", async () => {
        const { east, west } = sites;
        await takeOver();
        await sites.meet();
        east.readable = true;
        sites.flip("west");
        await east.up(west);
        for (const { outOf, volume } of (await east.observe()).volumes) {
            const source = `/snapmirror/relationships/${outOf[0]!.uuid}?source_info_only=true`;
            // A transfer that the takeover cut off may still be ending here.
            await until("the source is released", async () => {
                const { state, code } = await east.array.job("delete", source);
                assert.ok(state === "success" || code === 13303822, String(code));
                return state === "success";
            });
            const { data } = await east.array.get(`/storage/volumes/${volume!.uuid}/snapshots`);
            for (const { uuid } of data["records"] as { uuid: string }[]) {
                await east.array.done("delete", `/storage/volumes/${volume!.uuid}/snapshots/${uuid}`);
            }
        }
        await west.up(east);
        await assert.rejects(east.up(west), /full-copy/);
        east.acknowledgements = { fullCopy: 2 };
        assert.equal((await east.up(west)).role, "standby");
        assert.equal(await east.array.content("archive01", "log"), "before\nwest\n");
        assert.equal(await east.array.content("archive01_before_2", "log"), "before\nlost\n");
        await sites.settle();
        assert.deepEqual((await east.preview(west)).calls, []);
    });

    it("comes back after a change of mind as it was", async () => {
        const { east, west } = sites;
        sites.flip("west");
        assert.equal((await east.up(west)).role, "stood-down");
        assert.equal(await east.takesWrites("archive01"), false);
        sites.flip("east");
        const record = await east.up(west);
        assert.deepEqual([record.role, record.epoch], ["active", 2]);
        assert.ok(await east.takesWrites("archive01"));
        await sites.settle();
        assert.deepEqual(await sites.orphans(), []);
    });
});
