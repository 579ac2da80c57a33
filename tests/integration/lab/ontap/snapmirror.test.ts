import assert from "node:assert/strict";
import { Body, Client, peer, TwoClusters, until } from "./twoClusters";

describe("ONTAP simulator: SnapMirror", () => {
    let both: TwoClusters;
    let east: Client;
    let west: Client;

    /** Volumes of each test's own: the first at the east, the other at the west. */
    let shop: string;
    let dr: string;
    let count = 0;

    before(async () => {
        both = await TwoClusters.start();
        ({ east, west } = both);
        await peer(east, west);
    });
    after(() => both.close());
    beforeEach(async () => {
        shop = `shop${++count}`;
        dr = `${shop}_dr`;
        await east.makeVolume(shop, { nas: { path: `/${shop}` } });
        await west.makeVolume(dr, { type: "dp" });
        await east.append(`/${shop}`, "log", "one\n");
    });
    afterEach(() => {
        both.simulators.east.faults.clear();
        both.simulators.west.faults.clear();
    });

    const failure = ({ status, data }: { status: number; data: Body }) => [status, data["error"]?.code];
    const established = async (more: Body = {}) => {
        const uuid = await west.mirror(`svm_east:${shop}`, `svm_west:${dr}`, more);
        await west.set(uuid, "snapmirrored");
        return uuid;
    };
    const destinations = async (client: Client) =>
        (await client.get(`/snapmirror/relationships?list_destinations_only=true&fields=*&source.path=*:${shop}*`))
            .data["records"] as Body[];

    it("copies everything at first, and then what changed", async () => {
        await east.append(`/${shop}`, "big", "x".repeat(100_000));
        const uuid = await west.mirror(`svm_east:${shop}`, `svm_west:${dr}`);
        assert.deepEqual(await destinations(east), []);
        const baseline = await west.set(uuid, "snapmirrored");
        assert.deepEqual(
            [baseline["healthy"], baseline["last_transfer_type"], baseline["transfer"].bytes_transferred],
            [true, "initialize", 26 * 4096],
        );
        assert.equal(await west.content(dr, "log"), "one\n");
        await east.append(`/${shop}`, "log", "two\n");
        assert.equal(await west.content(dr, "log"), "one\n");
        const updated = await west.update(uuid);
        assert.deepEqual([updated["last_transfer_type"], updated["transfer"].bytes_transferred], ["update", 4096]);
        assert.notEqual(updated["exported_snapshot"], baseline["exported_snapshot"]);
        assert.equal(await west.content(dr, "log"), "one\ntwo\n");
    });

    it("keeps one snapshot of its own at the source and two at the destination", async () => {
        const uuid = await established();
        await west.update(uuid);
        await west.update(uuid);
        await until("the source is tidied", async () => (await east.snapshotNames(shop)).length === 1);
        assert.equal((await west.snapshotNames(dr)).length, 2);
    });

    it("brings the users' snapshots along with MirrorAllSnapshots, and drops those that the source dropped", async () => {
        await east.takeSnapshot(shop, "early");
        const uuid = await established();
        await east.append(`/${shop}`, "log", "two\n");
        await east.takeSnapshot(shop, "middle", { snapmirror_label: "daily" });
        await west.update(uuid);
        const names = await west.snapshotNames(dr);
        assert.ok(names.includes("early") && names.includes("middle"), names.join());
        assert.equal(await west.content(dr, ".snapshot/early/log"), "one\n");
        const { uuid: volume } = await east.volume(shop);
        const found = (await east.get(`/storage/volumes/${volume}/snapshots?name=early`)).data["records"] as Body[];
        await east.done("delete", `/storage/volumes/${volume}/snapshots/${found[0]?.["uuid"]}`);
        await west.update(uuid);
        assert.ok(!(await west.snapshotNames(dr)).includes("early"));
    });

    it("updates to a named snapshot and no further", async () => {
        const uuid = await established();
        await east.append(`/${shop}`, "log", "two\n");
        await east.takeSnapshot(shop, "named");
        await east.append(`/${shop}`, "log", "three\n");
        const updated = await west.update(uuid, { source_snapshot: "named" });
        assert.equal(updated["exported_snapshot"], "named");
        assert.equal(await west.content(dr, "log"), "one\ntwo\n");
        const { uuid: volume } = await east.volume(shop);
        const { data } = await east.get(`/storage/volumes/${volume}/snapshots?name=named&fields=owners`);
        const [named] = data["records"] as Body[];
        assert.deepEqual(named?.["owners"], ["snapmirror"]);
        const removal = await east.delete(`/storage/volumes/${volume}/snapshots/${named?.["uuid"]}`);
        assert.deepEqual(failure(removal), [409, "1638543"]);
    });

    it("fails a transfer to a snapshot that is not there, says why, and is healthy again after the next", async () => {
        const uuid = await established();
        const failed = await west.update(uuid, { source_snapshot: "nowhere" });
        assert.deepEqual([failed["healthy"], failed["transfer"].state], [false, "failed"]);
        assert.match(JSON.stringify(failed["unhealthy_reason"]), /nowhere/);
        assert.equal((await west.update(uuid))["healthy"], true);
    });

    it("accepts a change first and makes it afterwards", async () => {
        const uuid = await established();
        await west.faults({ kind: "slowJob", milliseconds: 150 });
        assert.equal((await west.patch(`/snapmirror/relationships/${uuid}`, { state: "paused" })).status, 202);
        assert.equal((await west.relationship(uuid))["state"], "snapmirrored");
        await west.settled(uuid, "paused");
    });

    it("lets nobody write to a destination until the break, and everybody after it", async () => {
        const uuid = await established();
        const { uuid: volume } = await west.volume(dr);
        await west.done("patch", `/storage/volumes/${volume}`, { nas: { path: `/${shop}` } });
        assert.equal(await west.append(`/${shop}`, "log", "west\n"), 423);
        assert.deepEqual(failure(await west.post(`/storage/volumes/${volume}/snapshots`, { name: "mine" })), [
            400,
            "1638461",
        ]);
        await west.set(uuid, "paused");
        assert.deepEqual(failure(await west.post(`/snapmirror/relationships/${uuid}/transfers`)), [409, "13303844"]);
        await west.set(uuid, "broken_off");
        assert.equal((await west.volume(dr))["type"], "rw");
        assert.equal((await west.relationship(uuid))["lag_time"], undefined);
        assert.equal(await west.append(`/${shop}`, "log", "west\n"), 200);
        assert.equal(await west.content(dr, "log"), "one\nwest\n");
    });

    it("breaks back to a snapshot when told to", async () => {
        const uuid = await established();
        await east.takeSnapshot(shop, "wanted");
        await west.update(uuid, { source_snapshot: "wanted" });
        await east.append(`/${shop}`, "log", "two\n");
        await west.update(uuid);
        assert.equal(await west.content(dr, "log"), "one\ntwo\n");
        await west.set(uuid, "broken_off", { restore_to_snapshot: "wanted" });
        assert.equal(await west.content(dr, "log"), "one\n");
    });

    it("resyncs in reverse: the former source goes back to the common snapshot and follows", async () => {
        const first = await established();
        await west.set(first, "broken_off");
        const { uuid: volume } = await west.volume(dr);
        await west.done("patch", `/storage/volumes/${volume}`, { nas: { path: `/${shop}` } });
        await west.append(`/${shop}`, "log", "west\n");
        await east.append(`/${shop}`, "log", "lost\n");
        const second = await east.mirror(`svm_west:${dr}`, `svm_east:${shop}`);
        const resynced = await east.set(second, "snapmirrored");
        assert.deepEqual([resynced["last_transfer_type"], resynced["healthy"]], ["resync", true]);
        assert.equal((await east.volume(shop))["type"], "dp");
        assert.equal(await east.content(shop, "log"), "one\nwest\n");
        assert.equal(await east.append(`/${shop}`, "log", "no\n"), 423);
        await west.append(`/${shop}`, "log", "more\n");
        assert.equal((await east.update(second))["transfer"].bytes_transferred, 4096);
        assert.equal(await east.content(shop, "log"), "one\nwest\nmore\n");
        // And back: the first relationship, still broken off, is resynchronized.
        await east.set(second, "broken_off");
        await east.append(`/${shop}`, "log", "east again\n");
        const back = await west.set(first, "snapmirrored");
        assert.equal(back["last_transfer_type"], "resync");
        assert.equal(await west.content(dr, "log"), "one\nwest\nmore\neast again\n");
        await east.done("delete", `/snapmirror/relationships/${second}?destination_only=true`);
        await west.done("delete", `/snapmirror/relationships/${second}?source_info_only=true`);
        assert.deepEqual(await destinations(west), []);
        assert.equal((await west.update(first))["healthy"], true);
    });

    it("keeps newer snapshots of the destination when a resync preserves them, and drops them otherwise", async () => {
        const uuid = await established();
        await west.set(uuid, "broken_off");
        await west.takeSnapshot(dr, "mine");
        await west.set(uuid, "snapmirrored", { preserve: true });
        assert.ok((await west.snapshotNames(dr)).includes("mine"));
        await west.set(uuid, "broken_off");
        await west.set(uuid, "snapmirrored");
        assert.ok(!(await west.snapshotNames(dr)).includes("mine"));
    });

    it("finds no way back when the common snapshots are gone", async () => {
        const uuid = await established();
        await west.set(uuid, "broken_off");
        await west.done("delete", `/snapmirror/relationships/${uuid}`);
        assert.deepEqual(await destinations(east), []);
        assert.deepEqual(await east.snapshotNames(shop), []);
        const second = await east.mirror(`svm_west:${dr}`, `svm_east:${shop}`);
        const job = await east.job("patch", `/snapmirror/relationships/${second}`, { state: "snapmirrored" });
        assert.deepEqual([job["state"], job["error"].code], ["failure", "13303810"]);
        assert.equal((await east.volume(shop))["type"], "rw");
    });

    it("removes at each end what the flag of DELETE names", async () => {
        const uuid = await established();
        await west.set(uuid, "broken_off");
        const url = `/snapmirror/relationships/${uuid}`;
        assert.deepEqual(failure(await west.delete(`${url}?destination_only=true&source_only=true`)), [
            400,
            "13304082",
        ]);
        await west.done("delete", `${url}?destination_only=true`);
        assert.equal((await west.get(url)).status, 404);
        assert.equal((await destinations(east)).length, 1);
        const { uuid: volume } = await east.volume(shop);
        const job = await east.job("delete", `/storage/volumes/${volume}`);
        assert.deepEqual([job["state"], job["code"]], ["failure", 917858]);
        await east.done("delete", `${url}?source_info_only=true`);
        assert.equal((await east.snapshotNames(shop)).length, 1);
        assert.deepEqual(await destinations(east), []);
        assert.deepEqual(failure(await east.delete(`${url}?source_info_only=true`)), [404, "4"]);
    });

    it("removes its snapshots at the source with source_only", async () => {
        const uuid = await established();
        await west.set(uuid, "broken_off");
        await west.done("delete", `/snapmirror/relationships/${uuid}?destination_only=true`);
        await east.done("delete", `/snapmirror/relationships/${uuid}?source_only=true`);
        assert.deepEqual(await east.snapshotNames(shop), []);
    });

    it("shows a relationship at its source only when asked for destinations, without its state", async () => {
        const uuid = await established();
        assert.deepEqual((await east.get(`/snapmirror/relationships?uuid=${uuid}`)).data["records"], []);
        const [seen] = await destinations(east);
        assert.deepEqual(
            [seen?.["uuid"], seen?.["source"].path, seen?.["destination"].path, seen?.["state"], seen?.["healthy"]],
            [uuid, `svm_east:${shop}`, `svm_west:${dr}`, undefined, undefined],
        );
    });

    it("refuses what the state machine does not have", async () => {
        const uuid = await west.mirror(`svm_east:${shop}`, `svm_west:${dr}`);
        const set = async (body: Body) => failure(await west.patch(`/snapmirror/relationships/${uuid}`, body));
        assert.deepEqual(await set({ state: "broken_off" }), [400, "13303818"]);
        assert.deepEqual(await set({ state: "in_sync" }), [400, "13303831"]);
        assert.deepEqual(await set({ state: "uninitialized" }), [400, "13303830"]);
        assert.deepEqual(await set({ state: "broken_off", preserve: true }), [400, "13303836"]);
        assert.deepEqual(await set({ restore_to_snapshot: "x" }), [400, "13303837"]);
        await west.set(uuid, "snapmirrored");
        assert.deepEqual(await set({ state: "snapmirrored" }), [400, "13303832"]);
        const again = { source: { path: `svm_east:${shop}` }, destination: { path: `svm_west:${dr}` } };
        assert.deepEqual(failure(await west.post("/snapmirror/relationships", again)), [409, "6619637"]);
        const stranger = { source: { path: "svm_x:shop" }, destination: { path: "svm_west:other" } };
        assert.equal((await west.post("/snapmirror/relationships", stranger)).status, 404);
    });

    it("refuses to break during a transfer, and breaks after an abort", async () => {
        const uuid = await established();
        await east.append(`/${shop}`, "big", "x".repeat(3_000_000));
        await west.faults({ kind: "bandwidth", bytesPerSecond: 20 });
        const posted = await west.post(`/snapmirror/relationships/${uuid}/transfers`);
        const transfer = String(posted.headers["location"]).split("/").pop();
        await until("bytes flow", async () => (await west.relationship(uuid))["transfer"].state === "transferring");
        const refused = await west.job("patch", `/snapmirror/relationships/${uuid}`, { state: "broken_off" });
        assert.equal(refused["error"].code, "13303808");
        const aborted = await west.patch(`/snapmirror/relationships/${uuid}/transfers/${transfer}`, {
            state: "aborted",
        });
        assert.equal(aborted.status, 200);
        assert.equal((await west.relationship(uuid))["transfer"].state, "aborted");
        await west.set(uuid, "broken_off");
        assert.equal(await west.content(dr, "big"), undefined);
        assert.equal(await west.content(dr, "log"), "one\n");
    });

    it("updates by its schedule, whose time is scaled", async () => {
        const uuid = await established({ transfer_schedule: { name: "5min" } });
        await east.append(`/${shop}`, "log", "two\n");
        await until("a scheduled update", async () => (await west.content(dr, "log")) === "one\ntwo\n");
        const { lag_time: lag } = await west.relationship(uuid);
        assert.match(String(lag), /^PT\d+S$/);
    });

    it("pauses, breaks and forgets without its peer, but neither updates nor deletes both ends", async () => {
        const uuid = await established();
        await west.faults({ kind: "peerLinkDown" });
        const failed = await west.job("delete", `/snapmirror/relationships/${uuid}`);
        assert.equal(failed["error"].code, "13303822");
        assert.deepEqual(failure(await west.post(`/snapmirror/relationships/${uuid}/transfers`)), [409, "13303844"]);
        assert.equal((await west.relationship(uuid))["healthy"], false);
        await west.set(uuid, "paused");
        await west.set(uuid, "broken_off");
        await west.done("delete", `/snapmirror/relationships/${uuid}?destination_only=true`);
        await west.faults();
        await until("the peer is available again", async () => {
            const { data } = await west.get("/cluster/peers?fields=status");
            return (data["records"] as Body[])[0]?.["status"].state === "available";
        });
    });

    it("can be made to break only with force", async () => {
        const uuid = await established();
        await west.faults({ kind: "breakNeedsPeer", milliseconds: 10 });
        const url = `/snapmirror/relationships/${uuid}`;
        assert.equal((await west.job("patch", url, { state: "broken_off" }))["error"].code, "262224");
        await west.done("patch", `${url}?force=true`, { state: "broken_off" });
        await west.settled(uuid, "broken_off");
    });

    it("makes the destination volume itself when asked to", async () => {
        const uuid = await west.mirror(`svm_east:${shop}`, "svm_west:made", {
            create_destination: { enabled: true },
            state: "snapmirrored",
        });
        await west.settled(uuid, "snapmirrored");
        assert.deepEqual([(await west.volume("made"))["type"], await west.content("made", "log")], ["dp", "one\n"]);
    });

    it("clones a destination for a test without disturbing the mirror", async () => {
        const uuid = await established();
        const { exported_snapshot: snapshot } = await west.relationship(uuid);
        await west.done("post", "/storage/volumes", {
            name: "trial",
            svm: { name: "svm_west" },
            nas: { path: "/trial" },
            clone: { is_flexclone: true, parent_volume: { name: dr }, parent_snapshot: { name: snapshot } },
        });
        assert.equal(await west.append("/trial", "log", "trial\n"), 200);
        assert.equal(await west.content("trial", "log"), "one\ntrial\n");
        assert.equal(await west.content(dr, "log"), "one\n");
    });

    it("measures the lag by its own clock", async () => {
        const uuid = await established();
        await west.faults({ kind: "clockSkew", milliseconds: 3_600_000 });
        assert.match(String((await west.relationship(uuid))["lag_time"]), /^PT1H/);
    });

    it("restores a volume from a snapshot in place", async () => {
        await east.takeSnapshot(shop, "before");
        await east.append(`/${shop}`, "log", "mistake\n");
        const { uuid } = await east.volume(shop);
        await east.done("patch", `/storage/volumes/${uuid}?restore_to.snapshot.name=before`);
        assert.equal(await east.content(shop, "log"), "one\n");
        assert.equal(await east.append(`/${shop}`, "log", "after\n"), 200);
        assert.equal(await east.content(shop, ".snapshot/before/log"), "one\n");
    });
});
