import assert from "node:assert/strict";
import { copyOf } from "../../../../../provider/drivers/volumes/arrayReport";
import { describeProgress, progressOf } from "../../../../../provider/roles/copy";
import { until } from "../../../lab/ontap/twoClusters";
import { TwoSites } from "./two-sites";

/** A copy that takes hours: longer than a run waits for it. */
describe("a copy that takes long", () => {
    let sites: TwoSites;
    const slow = { kind: "bandwidth", bytesPerSecond: 20 };

    beforeEach(async () => {
        sites = await TwoSites.start();
        const { east, west } = sites;
        await east.array.append("/archive01", "log", "x".repeat(2 ** 20));
        await east.up(west);
        await west.array.faults(slow);
        west.options = { timeouts: { establish: 20_000, copy: 300, promote: 20_000, snapshot: 20_000 } };
    });

    afterEach(() => sites.close());

    it("is left to itself once it runs, and the run after it records the role", async () => {
        const { east, west } = sites;
        assert.equal((await west.up(east)).role, "none");
        assert.deepEqual((await west.preview(east)).calls, [
            "wait for svm_west:archive01 to be mirrored",
            "apply ConfigMap trident-protect/trident-dr-record-archive: standby, epoch 1",
        ]);
        assert.equal((await west.up(east)).role, "none", "a run in between leaves it to itself again");
        await west.array.faults();
        await until("the copy is complete", async () => copyOf((await west.observe()).volumes) === undefined);
        assert.equal((await west.up(east)).role, "standby");
        assert.deepEqual((await west.preview(east)).calls, []);
    });

    it("tells of how much the other site published that is, where it is waited for and does not end in time", async () => {
        const { east, west } = sites;
        west.options = { timeouts: { establish: 2_000, promote: 20_000, snapshot: 20_000 } };
        await assert.rejects(
            west.up(east),
            /waiting for svm_west:archive01 to be mirrored \(still transferring, .* of an estimated 1\.\d MiB so far/,
        );
    });

    it("shows what has come, how fast, and when it may be complete", async () => {
        const { east, west } = sites;
        await west.up(east);
        const { holds } = await east.record();
        const read = async () => progressOf(copyOf((await west.observe()).volumes)!, holds, new Date());
        await until("bytes are counted", async () => ((await read()).volumes["archive01"]?.bytes ?? 0) > 0);
        await until(
            "a second has passed",
            async () => (await read()).volumes["archive01"]?.bytesPerSecond !== undefined,
        );
        const progress = await read();
        const { state, bytes, estimatedBytes, estimatedEnd } = progress.volumes["archive01"]!;
        assert.equal(state, "transferring");
        assert.ok(bytes! > 0 && bytes! < 2 ** 20, `${bytes} bytes`);
        assert.ok(estimatedBytes! >= 2 ** 20, `${estimatedBytes} bytes in all`);
        assert.ok(Date.parse(estimatedEnd!) > Date.now());
        assert.equal(progress.volumes["archive02"]!.state, "complete");
        assert.match(
            describeProgress(progress),
            /^1 of 2 volumes complete, .* of an estimated 1\.\d MiB copied at .*\/s; expected to be complete about 20/,
        );
        assert.ok((await read()).volumes["archive01"]!.bytes! >= bytes!);
    });

    it("cannot be taken over from, whether or not the other site can be read", async () => {
        const { east, west } = sites;
        await west.up(east);
        west.active = "west";
        west.acknowledgements = { takeover: 2 };
        await assert.rejects(west.up(east), /peer-serves.*copy of archive at west is not complete.*1 of 2 volumes/s);
        east.readable = false;
        await assert.rejects(west.up(east), /peer-unknown.*copy of archive at west is not complete/s);
    });

    it("is waited for to its end where that is asked for", async () => {
        const { east, west } = sites;
        west.options = {};
        const ends = west.up(east);
        await until("the copy runs", async () => copyOf((await west.observe()).volumes) !== undefined);
        await west.array.faults();
        assert.equal((await ends).role, "standby");
    });

    it("fails as a run in vain where no transfer begins", async () => {
        const { east, west } = sites;
        west.options = { timeouts: { establish: 1_000, copy: 300, promote: 20_000, snapshot: 20_000 } };
        await west.array.faults(slow, { kind: "transferFailure", bytes: 0 });
        await assert.rejects(west.up(east), /the mirror into svm_west:archive01 is not healthy|timed out/);
    });
});
