import assert from "node:assert/strict";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import { pageOf } from "../../../../cli/trace/page";
import { countRequests, requestsOf } from "../../../../cli/trace/requests";
import { spansIn } from "../../../../cli/trace/spans";
import { type Run, runsOf, titleOf } from "../../../../cli/trace/stages";
import { tableOf } from "../../../../cli/trace/table";
import { span } from "./spans";

/** `pulumi up --skip-preview` of a program with two items, as the CLI wrote it; of its attributes, those that are read. */
const recorded = path.join(__dirname, "run.jsonl");

describe("a recorded run", () => {
    const spans = spansIn(recorded);
    const [run] = runsOf(spans) as [Run];

    it("has each stage, from the command to the last call of a handler", () => {
        const names = run.stages.map(titleOf);
        for (const name of [
            "command, until the plan begins",
            "update: start of the program",
            "update: program: load, until its first registration",
            "update: start of plugin pulumi-nodejs (resource)",
            "update: provider: import of the provider",
            "update: MirrorRole shop at east: check",
            "update: MirrorRole crm at east: create",
            "update: engine calls pulumi-nodejs (resource): Create",
        ]) {
            assert.ok(names.includes(name), `${name} is not among ${names.join(", ")}`);
        }
    });

    it("is accounted for to the last millisecond: what is on the critical path adds up to it", () => {
        const critical = run.stages.reduce((sum, stage) => sum + stage.critical, 0);
        assert.ok(Math.abs(critical - (run.end - run.start)) < 0.001, `${critical} of ${run.end - run.start} ms`);
        const load = run.stages.find(({ name }) => name.startsWith("program: load"))!;
        assert.ok(load.critical > 0 && load.critical <= load.duration + 0.001);
    });

    it("counts its requests by server and verb", () => {
        const counts = countRequests(recorded).map(({ target, verb, count }) => [target, verb, count]);
        assert.deepEqual(counts, [
            ["array", "GET", 10],
            ["bucket", "LIST", 4],
            ["kubernetes", "discover", 14],
            ["kubernetes", "get", 8],
            ["kubernetes", "list", 4],
            ["kubernetes", "patch", 2],
        ]);
    });

    it("is a table that marks the critical path", () => {
        const table = tableOf(run, requestsOf(spans));
        assert.match(table, /^\d+\.\d\d s in all\n/);
        assert.match(table, /update: MirrorRole shop at east: check +\d.*█/);
        assert.match(table, /\nkubernetes of east 127\.0\.0\.1:6001 +get +8 /);
        assert.match(table, /\nlongest on the critical path/);
    });

    it("is a page that needs nothing else, and shows nothing of what Pulumi says of resources", () => {
        assert.ok(readFileSync(recorded, "utf8").includes("canary"));
        const page = pageOf([run]);
        assert.ok(!`${page}${JSON.stringify(spans)}`.includes("canary"));
        assert.ok(page.includes("MirrorRole.create crm at east"));
        assert.doesNotMatch(page, /(?:src|href)=|@import|url\(/);
    });

    it("is shown as text, whatever somebody named an item", () => {
        const spans = [span("check", 0, 10, { attributes: { kind: "handler", item: "<script>alert(1)</script>" } })];
        assert.ok(!pageOf(runsOf(spans)).includes("<script>alert"));
    });
});

describe("the connections of a recorded run", () => {
    const connection = (server: string, start: number, end: number) =>
        span(`connection to ${server}`, start, end, {
            id: `${server} ${start}`,
            attributes: { kind: "connection", target: "array", server },
        });
    const asked = [
        span("check", 0, 100, { attributes: { kind: "handler", resource: "MirrorRole", method: "check" } }),
        span("GET /cluster", 10, 90, { parent: "check", attributes: { kind: "request", target: "array" } }),
    ];
    const connected = [connection("one:443", 11, 30), connection("one:443", 12, 22), connection("two:443", 92, 95)];

    it("are told for each server", () => {
        const [run] = runsOf([...asked, ...connected]) as [Run];
        assert.deepEqual(run.connections, [
            { target: "array", server: "one:443", count: 2, total: 29, longest: 19 },
            { target: "array", server: "two:443", count: 1, total: 3, longest: 3 },
        ]);
        assert.match(tableOf(run, []), /\nconnections to +count +in all +longest\narray one:443 +2 +29 ms +19 ms\n/);
        assert.match(pageOf([run]), /<td>array one:443<\/td><td>2<\/td>/);
    });

    it("change nothing of its stages, its critical path and its requests", () => {
        const [plain] = runsOf(asked) as [Run];
        const [{ connections, ...run }] = runsOf([...asked, ...connected]) as [Run];
        assert.equal(connections.length, 2);
        assert.deepEqual({ ...run, connections: [] }, plain);
    });
});

describe("several recorded runs in one file", () => {
    it("are told apart, and the preview of an update from the update", () => {
        const engine = { process: "pulumi" };
        const plan = (id: string, start: number, end: number, parent: string) =>
            span("pulumi-plan", start, end, { ...engine, id, parent, attributes: { operation: "update" } });
        const handler = { attributes: { kind: "handler", resource: "MirrorRole", method: "check" } };
        const runs = runsOf([
            span("pulumi", 0, 100, { ...engine, id: "first" }),
            span("pulumi", 500, 700, { ...engine, id: "second" }),
            plan("preview", 510, 590, "second"),
            plan("update", 600, 690, "second"),
            span("a", 520, 530, handler),
            span("b", 620, 640, handler),
        ]);
        assert.deepEqual(
            runs.map(({ start, end }) => [start, end]),
            [
                [0, 100],
                [500, 700],
            ],
        );
        const checks = runs[1]!.stages.filter(({ name }) => name === "MirrorRole: check");
        assert.deepEqual(
            checks.map(({ phase, duration }) => [phase, duration]),
            [
                ["preview", 10],
                ["update", 20],
            ],
        );
    });
});

describe("a file that is no trace", () => {
    it("is refused with how to record one", () => {
        const folder = mkdtempSync(path.join(os.tmpdir(), "trace-"));
        const file = path.join(folder, "trace.json");
        writeFileSync(file, '{"events":[]}\n');
        assert.throws(() => spansIn(file), /is no trace: .*Record one with "pulumi up --otel-traces file:/s);
        rmSync(folder, { recursive: true });
    });
});
