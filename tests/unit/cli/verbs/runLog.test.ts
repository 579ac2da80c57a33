import assert from "node:assert/strict";
import { RunLog } from "../../../../cli/verbs/runLog";
import type { Terminal } from "../../../../cli/terminal";

/** A run at west, told what happens in it, and what is seen of that. */
class Seen {
    readonly printed: string[] = [];
    live: (() => readonly string[]) | undefined;
    milliseconds = 0;
    readonly log: RunLog;

    constructor(redraws: boolean) {
        const terminal: Terminal = {
            print: (line) => this.printed.push(line),
            complain: assert.fail,
            ...(redraws ? { live: (lines) => (this.live = lines) } : {}),
        };
        this.log = new RunLog(
            terminal,
            () => this.milliseconds,
            (site) => `prod-${site}`,
            "",
        );
    }

    begin(): this {
        const step = { do: "run", site: "west", effect: "rejoin" } as const;
        this.log.watcher.began({ do: "run", site: "west", steps: { shop: step } });
        return this;
    }

    say(seconds: number, ...lines: readonly string[]): this {
        this.milliseconds = seconds * 1000;
        lines.forEach((line) => this.log.watcher.line("west", line));
        return this;
    }
}

const copying = (seconds: number, gib: number) =>
    `shop at west: waiting for AppMirrorRelationship shop/shop to be Established, ${seconds} s: 0 of 1 volumes complete, ${gib}.0 GiB of an estimated 40.0 GiB copied at 100.0 MiB/s`;

describe("what a run is at", () => {
    it("is shown in place on a terminal: how long it takes, what it waits for, and a bar of what the array has copied", () => {
        const seen = new Seen(true).begin().say(12, "shop at west: create AppMirrorRelationship shop/shop");
        seen.say(17, copying(5, 10)).say(62, copying(50, 20));
        assert.deepEqual(seen.live!(), [
            "  1:02  pulumi up --stack prod-west, for 1:02",
            `          [##########----------] 50 %  ${copying(50, 20)}`,
        ]);
        assert.deepEqual(seen.printed, [
            "  0:00  pulumi up --stack prod-west   # rejoin",
            "  0:12    shop at west: create AppMirrorRelationship shop/shop",
        ]);
    });

    it("has a line for each item that waits, without a bar where no total is known, until it says something else", () => {
        const unknown =
            "crm at west: waiting for vol_crm to be mirrored, 20 s: transferring, 1.5 GiB so far at 30.0 MiB/s";
        const seen = new Seen(true).begin().say(20, copying(5, 10), unknown);
        assert.equal(seen.live!()[2], `          ${unknown}`);
        seen.say(30, "shop at west: record: standby");
        assert.deepEqual(seen.live!().slice(1), [`          ${unknown}`]);
        assert.equal(seen.printed.at(-1), "  0:30    shop at west: record: standby");
    });

    it("has a line for each of several waits of an item, and keeps what is the same wait in one", () => {
        const wait = (volume: string, seconds: number) =>
            `archive at west: waiting for svm:${volume} to be mirrored, ${seconds} s: queued`;
        const pods = (who: string, seconds: number) =>
            `shop at west: waiting until no pod mounts a volume of shop: ${who}, ${seconds} s`;
        const seen = new Seen(true).begin().say(10, wait("one", 10), wait("two", 10), pods("Deployment a, Job b", 10));
        seen.say(20, wait("one", 20), pods("Job b", 20));
        assert.deepEqual(
            seen.live!().slice(1),
            [wait("one", 20), wait("two", 10), pods("Job b", 20)].map((line) => `          ${line}`),
        );
    });

    it("counts those that wait where they are too many for a screen", () => {
        const all = Array.from({ length: 11 }, (_, index) => `app${index} at west: waiting for a pod, 5 s`);
        const lines = new Seen(true).begin().say(5, ...all).live!();
        assert.deepEqual([lines.length, lines.at(-1)], [10, "          and 3 more that wait"]);
    });

    it("is not shown any more once the run has ended, however that was", () => {
        const seen = new Seen(true).begin().say(5, copying(5, 10));
        seen.log.watcher.ended("west", { ok: true, lines: [], changes: true, why: "" });
        assert.equal(seen.live, undefined);
        assert.equal(seen.printed.at(-1), "  0:05  west: done");
    });

    it("is shown on of what the command takes over itself, until that has ended", () => {
        const seen = new Seen(true).begin();
        seen.log.watcher.ended("east", { ok: true, lines: [], changes: true, why: "" });
        seen.log.watcher.taking("west", ["shop", "crm"]);
        seen.say(12, "shop at west: waiting for AppMirrorRelationship shop/shop to be Promoted, 12 s: Promoting");
        assert.deepEqual(seen.live!(), [
            "  0:12  trident-dr takes over shop, crm at west, for 0:12",
            "          shop at west: waiting for AppMirrorRelationship shop/shop to be Promoted, 12 s: Promoting",
        ]);
        seen.log.watcher.taken();
        assert.equal(seen.live, undefined);
    });

    it("is a line for each report, with the bar in it, where output is no terminal", () => {
        const seen = new Seen(false).begin().say(17, copying(5, 10)).say(62, copying(50, 20));
        assert.deepEqual(seen.printed.slice(1), [
            `  0:17    [#####---------------] 25 %  ${copying(5, 10)}`,
            `  1:02    [##########----------] 50 %  ${copying(50, 20)}`,
        ]);
    });
});
