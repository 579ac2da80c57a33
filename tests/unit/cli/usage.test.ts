import assert from "node:assert/strict";
import { main } from "../../../cli/main";

async function run(...args: string[]): Promise<{ code: number; output: string }> {
    const lines: string[] = [];
    const say = (line: string) => lines.push(line);
    return { code: await main(args, { print: say, complain: say }), output: lines.join("\n") };
}

/** The library prints what it offers by itself. */
async function completed(...args: string[]): Promise<{ code: number; output: string[] }> {
    const { log } = console;
    const output: string[] = [];
    console.log = (line: string) => output.push(line);
    try {
        return { ...(await run(...args)), output };
    } finally {
        console.log = log;
    }
}

describe("the command trident-dr", () => {
    it("says how it is used, and ends with 2 where what was typed means nothing", async () => {
        for (const [args, problem] of [
            [["takeover", "--site", "west"], /missing required argument 'application'/],
            [["takeover", "shop"], /required option '--site <site>' not specified/],
            [
                ["takeover", "shop", "--site", "west", "--takeover", "two"],
                /expected the number of an epoch, such as 2; found "two"/,
            ],
            [["takeover", "shop", "--site", "west", "--yes"], /--yes: expected --takeover <epoch> with it/],
            [["takeover", "shop", "--site", "west", "--force"], /unknown option '--force'/],
            [["swich", "shop"], /unknown command 'swich'/],
            [[], /Usage: trident-dr/],
        ] as const) {
            const { code, output } = await run(...args);
            assert.match(output, problem);
            assert.match(output, /Usage: trident-dr/);
            assert.equal(code, 2, args.join(" "));
        }
    });

    it("completes verbs and options in a shell, and prints the script that makes a shell ask", async () => {
        for (const [args, expected] of [
            [
                ["complete", "--", "fail"],
                ["failover", "failback"],
            ],
            [["complete", "--", "plan", "sw"], ["switch"]],
            [
                ["complete", "--", "switch", "--w"],
                ["--wave", "--warnings"],
            ],
        ] as const) {
            const { code, output } = await completed(...args);
            const offered = output.filter((line) => !line.startsWith(":")).map((line) => line.split("\t")[0]);
            assert.deepEqual(offered, expected);
            assert.equal(code, 0);
        }
        const { code, output } = await completed("complete", "bash");
        assert.match(output.join("\n"), /trident-dr complete -- /);
        assert.equal(code, 0);
        assert.equal((await run("complete", "csh")).code, 2);
    });

    it("prints its help, and ends with 0", async () => {
        const { code, output } = await run("takeover", "--help");
        assert.equal(code, 0);
        assert.match(output, /Usage: trident-dr takeover \[options\] <application>/);
        assert.match(output, /Exit codes: 0 the site serves, 1 refused or failed, 2 wrong usage\./);
    });
});
