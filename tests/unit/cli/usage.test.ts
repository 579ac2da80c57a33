import assert from "node:assert/strict";
import os from "node:os";
import { main } from "../../../cli/main";
import manifest from "../../../package.json";

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
            [["takeover", "--site", "west"], /expected either names or --all; found neither/],
            [["takeover", "shop", "--all", "--site", "west"], /expected either names or --all; found both/],
            [
                ["takeover", "shop", "bank", "--site", "west", "--takeover", "shop=2,bank"],
                /expected the number of an epoch, such as 2; found ""/,
            ],
            [
                ["takeover", "shop", "--site", "west", "--takeover", "shop=two"],
                /expected the number of an epoch, such as 2; found "two"/,
            ],
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

    it("prints the version of its package", async () => {
        assert.deepEqual(await run("--version"), { code: 0, output: manifest.version });
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
        assert.match(output, /Usage: trident-dr takeover \[options\] \[applications\.\.\.\]/);
        assert.match(output, /Exit codes: 0 the site serves them all, 1 refused or failed, 2 wrong usage\./);
    });

    it("ends with 3 where what was typed of a status means nothing: 2 would be danger", async () => {
        for (const [args, problem] of [
            [["status", "--json", "--prometheus"], /expected either --json or --prometheus/],
            [["status", "--every", "often"], /expected a time span such as 30s, 10m or 2h; found "often"/],
            [["status", "--context", "east"], /expected <site>=<context>, such as east=prod-east; found "east"/],
            [["status", "--kubeconfig-east"], /expected <site>=<file>, such as east=east\.kubeconfig; found "east="/],
            [["status", "--colour"], /unknown option '--colour'/],
        ] as const) {
            const { code, output } = await run(...args);
            assert.match(output, problem);
            assert.equal(code, 3, args.join(" "));
        }
        const help = await run("status", "--help");
        assert.match(
            help.output,
            /Exit codes: 0 all is well, 1 something needs attention, 2 data or service is in danger, 3/,
        );
        assert.equal(help.code, 0);
    });

    it("ends with 3 where what was typed of a readiness means nothing: 2 would be a takeover that does not work", async () => {
        for (const [args, problem] of [
            [["readiness", "--timeout", "soon"], /expected a time span such as 30s, 10m or 2h; found "soon"/],
            [
                ["readiness", "--kubeconfig-east"],
                /expected <site>=<file>, such as east=east\.kubeconfig; found "east="/,
            ],
            [["readiness", "--html", "page"], /unknown option '--html'/],
        ] as const) {
            const { code, output } = await run(...args);
            assert.match(output, problem);
            assert.equal(code, 3, args.join(" "));
        }
        const help = await run("readiness", "--help");
        assert.match(
            help.output,
            /Exit codes: 0 a takeover works, 1 something needs attention, 2 a takeover would not work/,
        );
        assert.equal(help.code, 0);
    });

    it("ends with 3 where there is no project, and says how a status does without", async () => {
        const { code, output } = await run("status", "--project", os.tmpdir());
        assert.match(
            output,
            /^there is no Pulumi project in .* Without a project or its state: name the clusters of both sites/,
        );
        assert.equal(code, 3);
    });
});
