import assert from "node:assert/strict";
import { existsSync, readFileSync } from "node:fs";
import path from "node:path";
import { pageOf, reportsOf } from "../../../bench/page/page";
import { rowOf } from "../../../bench/rows";
import { noGoal } from "../../../bench/goals";

const root = path.join(__dirname, "..", "..", "..");
const machine = {
    processor: "a processor",
    cores: 2,
    memory: "24 GiB",
    system: "Linux",
    node: "20.20.2",
    versions: { ansible: "12.0.0" },
    loadBefore: 0.1,
    date: "2026-11-27T08:00:00.000Z",
};

describe("the page of the reports", () => {
    const subject = { size: 1, latency: "default", unit: "s", goal: noGoal } as const;
    const failover = (way: string, ours: number, peer: string, theirs: number) =>
        rowOf({ ...subject, measure: `failover, ${way}: first write of every application` }, [ours], {
            peer: { name: peer, values: [theirs] },
        });

    it("has a bar for each way, ours and the peers', and every row in its table", async () => {
        const rows = [failover("up", 7.25, "kubectl", 1.5), failover("trident-dr takeover", 2.75, "kubectl", 1.5)];
        const page = await pageOf([{ name: "2026-11-27", results: { machine, rows } }]);
        assert.deepEqual(Object.keys(page), ["performance-results.md", "performance/2026-11-27/failover.svg"]);
        const svg = page["performance/2026-11-27/failover.svg"]!;
        for (const shown of ["trident-dr takeover", "kubectl", "7.25", "2.75", "1.50", "1 application"]) {
            assert.ok(svg.includes(shown), `${shown} is not in the chart`);
        }
        assert.equal(svg.match(/>1\.50</g)?.length, 1, "the same peer is drawn once");
        const text = page["performance-results.md"]!;
        assert.match(
            text,
            /\| failover, up: first write of every application \| 1 \| default \| 7.25 s \(7.25 to 7.25, 1\) \|/,
        );
        assert.match(text, /ansible 12\.0\.0/);
    });

    it("draws nothing of another latency, and nothing of what was not run", async () => {
        const row = { ...failover("up", 7, "kubectl", 1.5), latency: "realistic" as const };
        const rows = [row, { ...row, latency: "default" as const, ours: null, peer: null }];
        const page = await pageOf([{ name: "2026-11-27", results: { machine, rows } }]);
        assert.deepEqual(Object.keys(page), ["performance-results.md"]);
    });

    it("keeps the rows of two machines apart, the newest report first", async () => {
        const reports = ["2026-11-28", "2026-11-27"].map((name, index) => ({
            name,
            results: {
                machine: { ...machine, processor: `processor ${index}` },
                rows: [failover("up", 7 + index, "kubectl", 1.5)],
            },
        }));
        const page = await pageOf(reports);
        const [, first, second] = page["performance-results.md"]!.split(/^## /m);
        assert.match(first!, /^2026-11-28\n\n.*processor 0.*\| 7 s/s);
        assert.doesNotMatch(first!, /processor 1|\| 8 s/);
        assert.match(second!, /^2026-11-27\n\n.*processor 1.*\| 8 s/s);
        for (const { name } of reports) {
            assert.ok(page[`performance/${name}/failover.svg`], `${name} has no chart`);
        }
    });

    it("in docs is that of the reports in the repository", async () => {
        for (const [name, content] of Object.entries(await pageOf(reportsOf(path.join(root, "bench", "results"))))) {
            const file = path.join(root, "docs", name);
            assert.ok(existsSync(file), `${name} is missing: npm run bench:page`);
            // A difference of two pictures would fill the screen, and say nothing.
            assert.ok(readFileSync(file, "utf8") === content, `${name} is another's: npm run bench:page`);
        }
    });
});
