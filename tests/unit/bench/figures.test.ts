import assert from "node:assert/strict";
import { longestGap, timeOfAll } from "../../../bench/ledgerWindow";
import { FailoverFigures } from "../../../bench/measures/failoverFigures";
import { kindOf, peakIn, processorIn } from "../../../bench/ours/usage";
import type { Row } from "../../../bench/rows";

const at = (application: string, second: number) => ({
    application: `${application}/data`,
    time: new Date(second * 1000).toISOString(),
});
const since = new Date(10_000);

describe("the first write of every application", () => {
    it("is that of the last one that begins", () => {
        const entries = [at("one", 11), at("one", 12), at("two", 14), at("two", 15)];
        assert.equal(timeOfAll(entries, ["one", "two"], since), 14_000);
    });

    it("is none while one application has none", () => {
        assert.equal(timeOfAll([at("one", 11)], ["one", "two"], since), undefined);
    });

    it("is not one of before, nor that of an application with a longer name", () => {
        assert.equal(timeOfAll([at("app1", 9), at("app10", 11), at("app1", 13)], ["app1"], since), 13_000);
    });
});

describe("the time without service", () => {
    it("is that of the application that waited longest", () => {
        const from = [at("one", 1), at("one", 5), at("two", 4)];
        const to = [at("one", 7), at("two", 9), at("two", 10)];
        assert.equal(longestGap(from, to, ["one", "two"]), 5000);
    });

    it("is none while one application does not write at the other site", () => {
        assert.equal(longestGap([at("one", 1), at("two", 1)], [at("one", 7)], ["one", "two"]), undefined);
    });
});

describe("the peak of a process's memory", () => {
    it("is what the system wrote down, in MB", () => {
        assert.equal(peakIn("VmPeak:\t  999999 kB\nVmHWM:\t  102400 kB\nVmRSS:\t 5 kB\n"), 100);
        assert.equal(peakIn(""), 0);
    });
});

describe("the processor time of a process", () => {
    it("is that of the user and the system, in seconds, whatever the process is called", () => {
        const after = "S 1 77 77 0 -1 4194560 9000 0 12 0 345 67 8 9 20 0 11 0 999";
        assert.equal(processorIn(`77 (node) ${after}\n`), 4.12);
        assert.equal(processorIn(`77 (a) b (c) ${after}\n`), 4.12);
        assert.equal(processorIn(""), 0);
    });

    it("counts for the CLI, the program and the provider, and for nobody else", () => {
        const commands = {
            cli: ["pulumi", "up", "--yes"],
            program: ["/usr/bin/node", "/p/node_modules/@pulumi/pulumi/cmd/run/index.js", "--pwd=/p"],
            provider: ["node", "/p/node_modules/@pulumi/pulumi/cmd/dynamic-provider/index.js", "127.0.0.1:1"],
        };
        const lineOf = (...words: string[]) => words.map((word) => `${word}\0`).join("");
        for (const [kind, words] of Object.entries(commands)) {
            assert.equal(kindOf(lineOf(...words)), kind);
        }
        assert.equal(kindOf(lineOf("/lab/bin/pulumi", "stack")), "cli");
        assert.equal(kindOf(lineOf("/lab/bin/pulumi-language-nodejs", "127.0.0.1:1")), undefined);
    });
});

describe("the rows of failovers", () => {
    const figuresOf = (size: number) => {
        const figures = new FailoverFigures({ size, latency: "default", withRoles: false });
        const { firstChange, firstWrite, whole, empty, reaction } = figures.ours("up --skip-preview");
        firstChange.push(2.5);
        firstWrite.push(4);
        whole.push(5);
        empty.push(2);
        reaction.push(90, 101, 95);
        for (const [name, seconds] of [
            ["parallel", 2],
            ["ansible", 5],
        ] as const) {
            figures.peer(name).firstWrite.push(seconds);
            figures.peer(name).whole.push(seconds + 1);
        }
        return figures;
    };
    const met = (rows: readonly Row[], measure: RegExp, peer: RegExp) =>
        rows.find((row) => measure.test(row.measure) && peer.test(row.peer?.name ?? ""))?.met;

    it("hold one application against an empty program, kubectl and Ansible", () => {
        const rows = figuresOf(1).rows([]);
        assert.equal(met(rows, /first change/, /empty/), true);
        assert.equal(met(rows, /first write/, /kubectl/), true);
        assert.equal(met(rows, /first write/, /Ansible/), true);
    });

    it("hold the time from a state to the next request against a tenth of a second, in the middle of all laps", () => {
        const row = figuresOf(1)
            .rows([])
            .find(({ measure }) => measure === "failover, up --skip-preview: state reached → next request");
        assert.deepEqual([row?.ours?.median, row?.unit, row?.met], [95, "ms", true]);
    });

    it("ask for a fifth of Ansible's time with ten applications", () => {
        assert.equal(met(figuresOf(10).rows([]), /first write/, /Ansible/), false);
    });

    it("hold many applications against one, where one was measured before", () => {
        const before = figuresOf(1).rows([]);
        assert.equal(met(figuresOf(100).rows(before), /multiple of one/, /one application/), true);
        assert.equal(met(figuresOf(100).rows([]), /multiple of one/, /one application/), undefined);
    });

    it("say that NetApp's roles were not run, and why", () => {
        const missing = figuresOf(1)
            .rows([])
            .filter(({ notRun }) => notRun !== undefined);
        assert.equal(missing.length, 2);
        assert.match(missing[0]!.notRun!, /--roles/);
    });
});
