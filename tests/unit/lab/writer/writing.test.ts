import assert from "node:assert/strict";
import { describe, it } from "mocha";
import { AppendRefused } from "../../../../lab/writer/dataPath";
import type { LedgerEntry } from "../../../../lab/writer/ledger";
import { isVolumeRecord, parseRecords } from "../../../../lab/writer/records";
import { parseInterval } from "../../../../lab/writer/writer";
import { writeRecords } from "../../../../lab/writer/writing";

const target = {
    site: "west",
    pod: "shop-1",
    application: "shop/shop-data",
    volume: "volume",
    junctionPath: "/volume",
    intervalMs: 1,
};

/** A file in memory; `before` runs ahead of each append and may refuse it or change the file. */
class FakeFile {
    appends = 0;
    constructor(
        public text: string,
        private readonly before: (file: FakeFile) => void = () => undefined,
    ) {}
    async read(): Promise<string> {
        return this.text;
    }
    async append(_path: string, _file: string, line: string): Promise<{ size: number }> {
        this.appends++;
        this.before(this);
        this.text += line;
        return { size: Buffer.byteLength(this.text) };
    }
    numbers(): number[] {
        return parseRecords(this.text, isVolumeRecord).map((record) => record.n);
    }
}

/** Writes until so many records were acknowledged. */
async function writeUntil(file: FakeFile, acknowledged: number): Promise<LedgerEntry[]> {
    const ledger: LedgerEntry[] = [];
    const stop = new AbortController();
    const acknowledge = (entry: LedgerEntry): void => {
        if (ledger.push(entry) === acknowledged) {
            stop.abort(new Error("enough"));
        }
    };
    await writeRecords(target, file, acknowledge, stop.signal);
    return ledger;
}

function line(n: number): string {
    return `${JSON.stringify({ n, id: `east-${n}`, site: "east", pod: "shop-0", time: "2026-01-01T00:00:00.000Z" })}\n`;
}

describe("writeRecords", () => {
    it("goes on from the last record that another site wrote", async () => {
        const file = new FakeFile(line(6) + line(7));
        const ledger = await writeUntil(file, 3);
        assert.deepEqual(file.numbers(), [6, 7, 8, 9, 10]);
        assert.deepEqual(
            ledger.map(({ n, site, application }) => ({ n, site, application })),
            [8, 9, 10].map((n) => ({ n, site: "west", application: "shop/shop-data" })),
        );
    });

    it("counts only what was acknowledged", async () => {
        const file = new FakeFile("", ({ appends }) => {
            if (appends === 1) {
                throw new AppendRefused(423, "read-only");
            }
        });
        const ledger = await writeUntil(file, 2);
        assert.deepEqual(
            ledger.map((entry) => entry.n),
            [1, 2],
        );
        assert.equal(file.appends, 3);
    });

    it("numbers on from the file when that was set back underneath it", async () => {
        const file = new FakeFile(line(1) + line(2) + line(3), (changing) => {
            if (changing.appends === 2) {
                changing.text = line(1);
            }
        });
        await writeUntil(file, 3);
        assert.deepEqual(file.numbers(), [1, 5, 6]);
    });
});

describe("The writer's interval", () => {
    it("is milliseconds, or seconds where it says so, and 200 ms otherwise", () => {
        assert.deepEqual(
            ["50", "50ms", "1.5s", "often", "0", undefined].map(parseInterval),
            [50, 50, 1500, 200, 200, 200],
        );
    });
});
