import assert from "node:assert/strict";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { faster } from "../../../bench/goals";
import { thisMachine } from "../../../bench/machine";
import { type Kept, Report } from "../../../bench/report";
import { notRun, type Row, rowOf, type Subject } from "../../../bench/rows";
import { tableOf } from "../../../bench/table";

const subject: Subject = { measure: "failover", size: 1, latency: "default", unit: "s", goal: faster };
const compared = rowOf(subject, [1.2, 2], { peer: { name: "kubectl", values: [3] }, idle: 0.25 });

describe("the report of the benchmark", () => {
    let folder: string;
    beforeEach(() => {
        folder = mkdtempSync(path.join(tmpdir(), "bench-"));
    });
    afterEach(() => rmSync(folder, { recursive: true }));

    it("is there with each row, whatever comes after it", () => {
        const file = path.join(folder, "report.json");
        const read = () => (JSON.parse(readFileSync(file, "utf8")) as { rows: Row[] }).rows;
        const report = new Report(file, thisMachine());
        assert.deepEqual(read(), []);
        report.add(compared);
        assert.deepEqual(read(), [compared]);
        report.add(notRun(subject, "no checkout given"));
        assert.equal(read().length, 2);
    });
});

describe("a report that is added to", () => {
    it("keeps what it has, and replaces what is measured again", () => {
        const folder = mkdtempSync(path.join(tmpdir(), "bench-"));
        try {
            const file = path.join(folder, "report.json");
            const trace = { what: "failover", size: 1, latency: "default" as const, lines: ["1.00 s in all"] };
            const first = new Report(file, thisMachine());
            const other = rowOf(subject, [5], { peer: { name: "Ansible", values: [7] } });
            first.add(compared, other);
            first.keep(trace);
            const before = JSON.parse(readFileSync(file, "utf8")) as Kept;
            const again = new Report(file, thisMachine(), undefined, before);
            const newer = rowOf(subject, [1], { peer: { name: "kubectl", values: [3] } });
            again.add(newer);
            again.keep({ ...trace, lines: ["0.50 s in all"] });
            const kept = JSON.parse(readFileSync(file, "utf8")) as Kept;
            assert.deepEqual(kept.rows, [newer, other]);
            assert.deepEqual(kept.traces, [{ ...trace, lines: ["0.50 s in all"] }]);
        } finally {
            rmSync(folder, { recursive: true });
        }
    });

    it("does not say any more that a peer was not run, once it was", () => {
        const folder = mkdtempSync(path.join(tmpdir(), "bench-"));
        try {
            const missed = (size: number) =>
                notRun({ ...subject, measure: "failover, NetApp's role", size }, "no checkout");
            const report = new Report(path.join(folder, "report.json"), thisMachine());
            report.add(missed(1), missed(10), compared);
            assert.equal(report.rows.length, 3);
            const now = rowOf(subject, [2], { peer: { name: "NetApp's role", values: [4] } });
            report.put(now);
            assert.deepEqual(report.rows, [missed(10), compared, now]);
        } finally {
            rmSync(folder, { recursive: true });
        }
    });
});

describe("rows that are not complete yet", () => {
    it("take the place of those of before, and no other's", () => {
        const folder = mkdtempSync(path.join(tmpdir(), "bench-"));
        try {
            const report = new Report(path.join(folder, "report.json"), thisMachine());
            const other = rowOf(subject, [5], { peer: { name: "Ansible", values: [7] } });
            const newer = rowOf(subject, [1, 2, 3], { peer: { name: "kubectl", values: [3] } });
            report.put(compared, other);
            report.put(newer);
            assert.deepEqual(report.rows, [newer, other]);
        } finally {
            rmSync(folder, { recursive: true });
        }
    });
});

describe("the table of the benchmark", () => {
    it("has a line for each row, with the columns below each other", () => {
        const [heading, first, second, ...more] = tableOf([compared, notRun(subject, "no checkout given")]).split("\n");
        assert.deepEqual(more, []);
        assert.match(first!, /1\.6 s \(1\.2 to 2, 2\) .*3 s \(3 to 3, 1\) +kubectl +0\.53 +faster +yes +25 %$/);
        assert.match(second!, /not run: no checkout given/);
        assert.equal(heading!.indexOf("goal"), first!.indexOf("faster"));
        assert.equal(heading!.indexOf("goal"), second!.indexOf("faster"));
    });
});
