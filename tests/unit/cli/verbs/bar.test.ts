import assert from "node:assert/strict";
import { withBar } from "../../../../cli/verbs/bar";
import { describeProgress, describeTransfer, progressOf, type VolumeCopy } from "../../../../provider/roles/copy";

const now = new Date("2026-11-27T15:00:00Z");
const gib = 1024 ** 3;

/** What a site says, word for word. */
function said(copy: readonly VolumeCopy[], usedBytes?: number): string {
    const holds =
        usedBytes === undefined ? undefined : copy.map(({ volume }) => ({ volume, snapshots: [], usedBytes }));
    return `shop at west: ${describeProgress(progressOf(copy, holds, now))}`;
}

const transferring = (volume: string, bytes: number) => ({ volume, state: "transferring", bytes, seconds: 60 });
const complete = (volume: string) => ({ volume, state: "complete" });

describe("the bar of a copy", () => {
    it("is by what the array has transferred, of what the volumes held at the other site", () => {
        const line = said([transferring("shop/data", 10 * gib)], 40 * gib);
        assert.equal(withBar(line), `[#####---------------] 25 %  ${line}`);
        assert.match(withBar(said([transferring("shop/data", 0)], 40 * gib)), /^\[-{20}\] 0 % /);
    });

    it("counts volumes that are complete, and those that are not by their bytes", () => {
        const line = said([complete("shop/a"), transferring("shop/b", 512 * 1024 ** 2)], gib);
        assert.match(withBar(line), /^\[#{15}-{5}\] 75 % {2}shop at west: 1 of 2 volumes complete, /);
        assert.match(withBar(said([complete("shop/a"), transferring("shop/b", gib)])), /^\[#{10}-{10}\] 50 % /);
        assert.match(withBar(said([complete("shop/a"), complete("shop/b")])), /^\[#{20}\] 100 % /);
    });

    it("never passes its end, where more has come than was estimated", () => {
        assert.match(withBar(said([transferring("shop/data", 50 * gib)], 40 * gib)), /^\[#{20}\] 100 % /);
    });

    it("is by the bytes of a volume whose transfer is waited for", () => {
        const wait = "archive at west: waiting for svm_west:archive01 to be mirrored, 20 s";
        const transfer = { state: "transferring", bytes: 30 * gib, seconds: 60 };
        assert.match(
            withBar(`${wait}: ${describeTransfer(transfer, 40 * gib)}`),
            /^\[#{15}-{5}\] 75 % {2}archive at west/,
        );
        const unknown = `${wait}: ${describeTransfer(transfer)}`;
        assert.equal(withBar(unknown), unknown);
    });

    it("is none where nothing tells how much is to come, or of anything else", () => {
        const unknown = said([transferring("shop/data", gib)]);
        assert.equal(withBar(unknown), unknown);
        const none = said([]);
        assert.equal(withBar(none), none);
        const other = "shop at east: waiting for ShutdownSnapshot shop-final: 3 of 4 pods are gone";
        assert.equal(withBar(other), other);
    });
});
