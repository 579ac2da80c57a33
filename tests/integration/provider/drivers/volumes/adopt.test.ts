import assert from "node:assert/strict";
import { TwoSites } from "./two-sites";

describe("mirrored volumes: what others made, and what changes behind our back", function () {
    this.timeout(120_000);
    let sites: TwoSites;

    beforeEach(async () => {
        sites = await TwoSites.start(["archive01"]);
        await sites.east.up(sites.west);
    });
    afterEach(() => sites.close());

    /** A mirror made by hand. */
    async function mirrorByHand(more: object = {}): Promise<string> {
        const { array } = sites.west;
        await array.makeVolume("archive01", { type: "dp" });
        const uuid = await array.mirror("svm_east:archive01", "svm_west:archive01", {
            transfer_schedule: { name: "weekly" },
            ...more,
        });
        await array.set(uuid, "snapmirrored");
        return uuid;
    }

    it("a relationship is refused by name, and nothing is touched", async () => {
        const { east, west } = sites;
        await mirrorByHand();
        await assert.rejects(
            west.up(east),
            /west: a relationship from svm_east:archive01 into svm_west:archive01 exists already.*adopt: true/s,
        );
        assert.deepEqual(
            west.calls.filter((call) => !call.startsWith("GET ")),
            [],
        );
    });

    it("a relationship as it is declared is taken over by leave", async () => {
        const { east, west } = sites;
        const uuid = await mirrorByHand();
        west.options = { adopt: true };
        assert.equal((await west.up(east)).role, "standby");
        assert.equal((await west.observe()).volumes[0]!.into?.uuid, uuid);
        assert.deepEqual(
            west.calls.filter((call) => !call.startsWith("GET ")),
            [],
        );
    });

    it("one that is not as it is declared is refused, with what differs", async () => {
        const { east, west } = sites;
        await mirrorByHand({ policy: { name: "MirrorLatest" }, transfer_schedule: { name: "daily" } });
        west.options = { adopt: true };
        await assert.rejects(
            west.up(east),
            /its policy is MirrorLatest, declared is MirrorAllSnapshots, its schedule is daily, declared is weekly/,
        );
    });

    it("a writable volume is refused whatever leave is given", async () => {
        const { east, west } = sites;
        await west.array.makeVolume("archive01");
        for (const adopt of [false, true]) {
            west.options = { adopt };
            await assert.rejects(west.up(east), /svm_west:archive01 exists already and is writable/);
        }
    });

    it("an empty destination volume is taken over by leave only", async () => {
        const { east, west } = sites;
        await west.array.makeVolume("archive01", { type: "dp" });
        await assert.rejects(west.up(east), /volume svm_west:archive01 exists already/);
        west.options = { adopt: true };
        assert.equal((await west.up(east)).role, "standby");
    });

    it("a schedule that the array does not have is named, and one with times is made and kept", async () => {
        const { east, west } = sites;
        west.options = { schedule: { name: "every-full-moon" } };
        await assert.rejects(west.up(east), /west: the array has no schedule every-full-moon/);
        west.options = { schedule: { name: "trident-dr-archive", cron: { minutes: [0, 30] } } };
        await west.up(east);
        const { data } = await west.array.get("/cluster/schedules?name=trident-dr-archive&fields=cron");
        assert.deepEqual((data["records"] as { cron: object }[])[0]?.cron, { minutes: [0, 30] });
        assert.deepEqual((await west.preview(east)).calls, []);
    });

    it("an interval schedule is refused before ONTAP does", async () => {
        const { east, west } = sites;
        await west.array.post("/cluster/schedules", { name: "often", interval: "PT5M" });
        west.options = { schedule: { name: "often" } };
        await assert.rejects(west.up(east), /often is an interval schedule/);
    });

    it("a changed policy and schedule are put right, and shown before", async () => {
        const { east, west } = sites;
        await west.up(east);
        const { into } = (await west.observe()).volumes[0]!;
        await west.array.done("patch", `/snapmirror/relationships/${into!.uuid}`, {
            policy: { name: "MirrorLatest" },
            transfer_schedule: { name: "daily" },
        });
        assert.deepEqual((await west.preview(east)).calls.slice(0, 1), [
            "PATCH /snapmirror/relationships/{svm_west:archive01}: policy MirrorAllSnapshots, schedule weekly",
        ]);
        await west.up(east);
        assert.deepEqual((await west.preview(east)).calls, []);
    });

    it("a quiesced mirror is resumed; one that was broken off is refused: it may have been written", async () => {
        const { east, west } = sites;
        await west.up(east);
        const { into } = (await west.observe()).volumes[0]!;
        await west.array.set(into!.uuid, "paused");
        await west.up(east);
        assert.equal((await west.observe()).volumes[0]!.into?.state, "snapmirrored");
        await west.array.set(into!.uuid, "broken_off");
        await assert.rejects(
            west.up(east),
            /svm_west:archive01 was broken off, and not by this package.*discard west@1/s,
        );
        west.acknowledgements = { discard: { site: "west", epoch: 1 } };
        const record = await west.up(east);
        assert.equal(record.role, "standby");
        assert.equal(record.history.at(-1)?.verb, "resync");
        assert.equal((await west.observe()).volumes[0]!.into?.state, "snapmirrored");
    });

    it("a volume that serves is mounted again; one that is gone is refused by name", async () => {
        const { east, west } = sites;
        await west.up(east);
        const { uuid } = await east.array.volume("archive01");
        await east.array.done("patch", `/storage/volumes/${uuid}`, { nas: { path: "" } });
        await east.up(west);
        assert.ok(await east.takesWrites("archive01"));
        await east.array.done("patch", `/storage/volumes/${uuid}`, { nas: { path: "/elsewhere" } });
        await assert.rejects(east.up(west), /east: archive01 is mounted at \/elsewhere; declared: \/archive01/);
        await east.array.done("patch", `/storage/volumes/${uuid}`, { name: "gone" });
        await assert.rejects(east.up(west), /east: archive01 does not exist in SVM svm_east/);
    });
});
