import assert from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, it } from "mocha";
import {
    actualLossSeconds,
    type LedgerEntry,
    longestPauseSeconds,
    lostWrites,
    readLedger,
    twoWriterSeconds,
} from "../../../../lab/writer/ledger";
import type { VolumeRecord } from "../../../../lab/writer/records";

const start = Date.parse("2026-01-01T00:00:00.000Z");

/** Entries of a site at the given seconds. */
function entries(site: string, seconds: number[], application = "shop/shop-data"): LedgerEntry[] {
    return seconds.map((second, index) => ({
        n: index + 1,
        id: `${site}-${second}`,
        site,
        application,
        volume: `volume-${site}`,
        file: "records.jsonl",
        time: new Date(start + second * 1000).toISOString(),
    }));
}

function onVolume(ledger: LedgerEntry[]): VolumeRecord[] {
    return ledger.map(({ n, id, site, time }) => ({ n, id, site, time, pod: "shop-1" }));
}

describe("lostWrites", () => {
    it("are the acknowledged records that the serving volume lacks, whoever wrote them", () => {
        const east = entries("east", [0, 1, 2, 3, 4]);
        const west = entries("west", [10, 11]);
        const lost = lostWrites([...east, ...west], onVolume([...east.slice(0, 3), ...west]));
        assert.deepEqual(
            lost.map((entry) => entry.id),
            ["east-3", "east-4"],
        );
    });

    it("do not count what is on the volume without an acknowledgement", () => {
        const east = entries("east", [0, 1]);
        assert.deepEqual(lostWrites(east.slice(0, 1), onVolume(east)), []);
    });
});

describe("longestPauseSeconds", () => {
    const span = (from: number, to: number) => ({
        from: new Date(start + from * 1000),
        to: new Date(start + to * 1000),
    });

    it("is the longest time between two records of a span", () => {
        assert.equal(longestPauseSeconds(entries("east", [0, 1, 5, 6, 20]), span(0, 6)), 4);
    });

    it("counts from where the span begins and until where it ends", () => {
        assert.equal(longestPauseSeconds(entries("east", [3, 4]), span(0, 5)), 3);
        assert.equal(longestPauseSeconds(entries("east", [3, 4]), span(2, 9)), 5);
    });

    it("is the whole span where nothing was written in it", () => {
        assert.equal(longestPauseSeconds(entries("east", [20]), span(0, 7)), 7);
    });
});

describe("actualLossSeconds", () => {
    it("runs from the last survivor before the loss to the last record lost", () => {
        const east = entries("east", [0, 1, 2, 3, 6]);
        const west = entries("west", [20]);
        assert.equal(actualLossSeconds([...east, ...west], onVolume([...east.slice(0, 3), ...west])), 4);
    });

    it("is nothing without a loss, and the whole time without a survivor", () => {
        const east = entries("east", [5, 6, 8]);
        assert.equal(actualLossSeconds(east, onVolume(east)), 0);
        assert.equal(actualLossSeconds(east, []), 3);
    });
});

describe("twoWriterSeconds", () => {
    it("is the time in which both sites' activities overlap", () => {
        const ledger = [...entries("east", [0, 1, 2, 3]), ...entries("west", [2, 3, 4])];
        assert.equal(twoWriterSeconds(ledger), 1);
    });

    it("is nothing when one site went on after the other had ended", () => {
        assert.equal(twoWriterSeconds([...entries("east", [0, 1, 2]), ...entries("west", [2, 3])]), 0);
        assert.equal(twoWriterSeconds(entries("east", [0, 1, 2])), 0);
        assert.equal(twoWriterSeconds([]), 0);
    });

    it("takes a long silence for an end, so that a site that was frozen meanwhile wrote no second copy", () => {
        const east = entries("east", [0, 1, 60, 61]);
        assert.equal(twoWriterSeconds([...east, ...entries("west", [20, 21, 22])]), 0);
        assert.equal(twoWriterSeconds([...east, ...entries("west", [20, 21, 22])], { longestPauseMs: 100_000 }), 2);
    });

    it("counts each application for itself", () => {
        const ledger = [...entries("east", [0, 1, 2], "shop/a"), ...entries("west", [0, 1, 2], "shop/b")];
        assert.equal(twoWriterSeconds(ledger), 0);
    });
});

describe("readLedger", () => {
    const folders: string[] = [];
    afterEach(() => folders.splice(0).forEach((folder) => rmSync(folder, { recursive: true })));

    it("joins the sites by time and leaves a line out that was cut off", () => {
        const folder = mkdtempSync(join(tmpdir(), "ledger-"));
        folders.push(folder);
        const lines = (list: LedgerEntry[]): string => list.map((entry) => `${JSON.stringify(entry)}\n`).join("");
        writeFileSync(join(folder, "east.jsonl"), `${lines(entries("east", [0, 2]))}{"n":3,"id":"ea`);
        writeFileSync(join(folder, "west.jsonl"), lines(entries("west", [1])));
        assert.deepEqual(
            readLedger(folder).map((entry) => entry.id),
            ["east-0", "west-1", "east-2"],
        );
    });

    it("is empty where nothing was written yet", () => {
        assert.deepEqual(readLedger(join(tmpdir(), "no-such-ledger")), []);
    });
});
