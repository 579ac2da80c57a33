import assert from "node:assert/strict";
import { PassThrough } from "node:stream";
import { stripVTControlCharacters } from "node:util";
import { terminalOn, type TerminalStreams } from "../../../cli/terminal";

/** A terminal of 80 columns, or a file, with all that was written to it. */
function streams(isTTY: boolean, environment: NodeJS.ProcessEnv = {}) {
    const written: string[] = [];
    const stream = () => {
        const output = new PassThrough();
        output.on("data", (chunk: Buffer) => written.push(chunk.toString()));
        return Object.assign(output, { isTTY, columns: 80, rows: 24 });
    };
    const given = { stdin: stream(), stdout: stream(), stderr: stream(), environment };
    return { streams: given as unknown as TerminalStreams, written };
}

/** What a person sees in the end: the terminal obeys what moves its cursor up, and what erases a line. */
function screenOf(written: readonly string[]): string[] {
    const lines = [""];
    let row = 0;
    for (const [token] of written.join("").matchAll(/\u001b\[[?\d;]*[A-Za-z]|\n|[^\u001b\n]+/g)) {
        const up = /^\u001b\[(\d+)A$/.exec(token)?.[1];
        if (up !== undefined) {
            row -= Number(up);
        } else if (token === "\u001b[2K") {
            lines[row] = "";
        } else if (token === "\n") {
            row++;
            lines[row] ??= "";
        } else {
            lines[row] += stripVTControlCharacters(token);
        }
    }
    const last = lines.findLastIndex((line) => line !== "");
    return lines.slice(0, last + 1);
}

describe("a terminal", () => {
    it("shows lines at its bottom, redrawn in place, and prints above them", () => {
        const { streams: given, written } = streams(true);
        const terminal = terminalOn(given);
        let share = 25;
        terminal.live!(() => ["  0:05  pulumi up", `          [#####-----] ${share} %`]);
        assert.deepEqual(screenOf(written), ["  0:05  pulumi up", "          [#####-----] 25 %"]);
        terminal.print("a step");
        share = 50;
        terminal.complain("a warning");
        assert.deepEqual(screenOf(written), [
            "a step",
            "a warning",
            "  0:05  pulumi up",
            "          [#####-----] 50 %",
        ]);
        terminal.live!(undefined);
        terminal.print("done");
        assert.deepEqual(screenOf(written), ["a step", "a warning", "done"]);
    });

    it("obeys nothing that somebody else wrote into such a line", () => {
        const { streams: given, written } = streams(true);
        const terminal = terminalOn(given);
        terminal.live!(() => ["shop: no\u001b[5mroute"]);
        terminal.live!(undefined);
        assert.match(written.join(""), /shop: no\u{fffd}\[5mroute/u);
    });

    it("is none that redraws where output is a file, is kept by CI, or knows no cursor", () => {
        for (const [isTTY, environment] of [
            [false, {}],
            [true, { CI: "true" }],
            [true, { TERM: "dumb" }],
        ] as const) {
            const { streams: given, written } = streams(isTTY, environment);
            const terminal = terminalOn(given);
            assert.equal(terminal.live, undefined);
            terminal.print("a step");
            assert.deepEqual(written, ["a step\n"]);
        }
        assert.notEqual(terminalOn(streams(true, { CI: "false" }).streams).live, undefined);
    });
});
