import assert from "node:assert/strict";
import { describeProgress, progressOf, type VolumeCopy } from "../../../../provider/roles/copy";
import { render } from "../../../../provider/roles/messages/message";
import { nextFor } from "../../../../provider/roles/next";
import { emptyRecord, type RoleRecord } from "../../../../provider/roles/record";

const now = new Date("2026-11-26T12:00:00Z");
const tebibyte = 2 ** 40;
const holds = (volume: string, usedBytes?: number) => ({
    volume,
    snapshots: [],
    ...(usedBytes === undefined ? {} : { usedBytes }),
});
const data: VolumeCopy = { volume: "shop/data", state: "transferring", bytes: tebibyte / 4, seconds: 3600 };
const logs: VolumeCopy = { volume: "shop/logs", state: "complete" };

describe("how far a copy is", () => {
    it("is told by bytes, rate, and the total that the other site published", () => {
        const { readAt, volumes } = progressOf([data, logs], [holds("shop/data", tebibyte)], now);
        assert.equal(readAt, now.toISOString());
        assert.deepEqual(volumes["shop/data"], {
            state: "transferring",
            bytes: tebibyte / 4,
            bytesPerSecond: Math.round(tebibyte / 4 / 3600),
            estimatedBytes: tebibyte,
            estimatedEnd: "2026-11-26T15:00:00.000Z",
        });
        assert.deepEqual(volumes["shop/logs"], { state: "complete" });
    });

    it("says of what is not known that it is not", () => {
        assert.deepEqual(progressOf([data], undefined, now).volumes["shop/data"], {
            state: "transferring",
            bytes: tebibyte / 4,
            bytesPerSecond: Math.round(tebibyte / 4 / 3600),
        });
        const queued: VolumeCopy = { volume: "shop/data", state: "queued", bytes: 0, seconds: 0 };
        assert.deepEqual(progressOf([queued], [holds("shop/data", tebibyte)], now).volumes["shop/data"], {
            state: "queued",
            bytes: 0,
            estimatedBytes: tebibyte,
        });
    });

    it("gives no time where more has come than was estimated", () => {
        const { volumes } = progressOf([data], [holds("shop/data", 1024)], now);
        assert.equal(volumes["shop/data"]!.estimatedEnd, undefined);
    });

    it("is one sentence for all volumes, with the last time of any", () => {
        const more: VolumeCopy = { volume: "shop/more", state: "transferring", bytes: 2 ** 30, seconds: 3600 };
        const both = progressOf(
            [data, more, logs],
            [holds("shop/data", tebibyte), holds("shop/more", 25 * 2 ** 30)],
            now,
        );
        assert.equal(
            describeProgress(both),
            "1 of 3 volumes complete, 257 GiB of an estimated 1.0 TiB copied at 73.1 MiB/s; expected to be complete about 2026-11-27T12:00:00.000Z (read 2026-11-26T12:00:00.000Z)",
        );
        assert.equal(
            describeProgress(progressOf([data, more], [holds("shop/data", tebibyte)], now)),
            "0 of 2 volumes complete, 257 GiB more copied at 73.1 MiB/s; when it will be complete is not known (read 2026-11-26T12:00:00.000Z)",
        );
        const idle: VolumeCopy = { volume: "shop/idle", state: "uninitialized" };
        assert.match(
            describeProgress(progressOf([data, idle], undefined, now)),
            /; no transfer runs into shop\/idle \(uninitialized\) \(read /,
        );
        assert.match(describeProgress(progressOf([], undefined, now)), /^how far the copy is could not be read/);
    });
});

describe("what is next while a copy is being made", () => {
    const own = emptyRecord("shop", "west", "east");
    const serving: RoleRecord = {
        ...emptyRecord("shop", "east", "west"),
        role: "active",
        epoch: 1,
        activeSite: "east",
    };
    const copy = progressOf([data], [holds("shop/data", tebibyte)], now);

    it("is to wait, at the site that it is made at, with how far it is and the command after it", () => {
        const configuration = { item: "shop", site: "west", peer: "east", active: "east" };
        const next = render(nextFor(own, { known: true, record: serving }, configuration, copy));
        assert.match(next, /west is establishing its copy of shop.*cannot take over: 0 of 1 volumes complete, 256 GiB/);
        assert.match(next, /expected to be complete about 2026-11-26T15.*Once it is complete: pulumi up --stack west$/);
    });

    it("is the same at the site that serves", () => {
        const configuration = { item: "shop", site: "east", peer: "west", active: "east" };
        const next = render(nextFor(serving, { known: true, record: undefined, establishing: true }, configuration));
        assert.match(next, /^west is establishing its copy.*cannot take over\. Once it is: pulumi up --stack west$/);
    });
});
