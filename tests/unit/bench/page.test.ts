import assert from "node:assert/strict";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import path from "node:path";
import { pageOf, type Results } from "../../../bench/page/page";
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

describe("the page of a report", () => {
    const subject = { size: 1, latency: "default", unit: "s", goal: noGoal } as const;
    const failover = (way: string, ours: number, peer: string, theirs: number) =>
        rowOf({ ...subject, measure: `failover, ${way}: first write of every application` }, [ours], {
            peer: { name: peer, values: [theirs] },
        });

    it("has a bar for each way, ours and the peers', and every row in its table", async () => {
        const rows = [failover("up", 7.25, "kubectl", 1.5), failover("trident-dr takeover", 2.75, "kubectl", 1.5)];
        const page = await pageOf({ machine, rows }, "bench/results/a.json");
        assert.deepEqual(Object.keys(page), ["performance-results.md", "performance/failover.svg"]);
        const svg = page["performance/failover.svg"]!;
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
        const page = await pageOf(
            { machine, rows: [row, { ...row, latency: "default", ours: null, peer: null }] },
            "a.json",
        );
        assert.deepEqual(Object.keys(page), ["performance-results.md"]);
    });

    it("in docs is that of the newest results in the repository", async () => {
        const newest = readdirSync(path.join(root, "bench", "results"))
            .sort()
            .at(-1)!;
        const source = `bench/results/${newest}`;
        const results = JSON.parse(readFileSync(path.join(root, source), "utf8")) as Results;
        for (const [name, content] of Object.entries(await pageOf(results, source))) {
            const file = path.join(root, "docs", name);
            assert.ok(existsSync(file), `${name} is missing: npm run bench:page -- ${source}`);
            // A difference of two pictures would fill the screen, and say nothing.
            assert.ok(readFileSync(file, "utf8") === content, `${name} is another's: npm run bench:page -- ${source}`);
        }
    });
});
