import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import path from "node:path";

const main = path.join(__dirname, "..", "..", "..", "cli", "main.ts");

/** Loads what `trident-dr takeover` does in a process of its own, as far as a kubeconfig that does not exist lets it. */
const script = `
    const { main } = require(${JSON.stringify(main)});
    const said = [];
    const say = (line) => said.push(line);
    const args = ["takeover", "shop", "--site", "west", "--kubeconfig", "/does-not-exist"];
    main(args, { print: say, complain: say }).then(() => {
        const loaded = Object.keys(require.cache);
        process.stdout.write(JSON.stringify({ said, loaded }));
    });`;

describe("a takeover without Pulumi", () => {
    it("loads its own engine and nothing of Pulumi's: a second of an outage would be for what it does not use", () => {
        const output = execFileSync(process.execPath, ["--import", "tsx", "-e", script], { encoding: "utf8" });
        const { said, loaded } = JSON.parse(output) as { said: string[]; loaded: string[] };
        assert.match(said.join("\n"), /its kubeconfig \(\/does-not-exist\) does not exist/);
        assert.ok(loaded.some((file) => file.endsWith(path.join("provider", "engine", "execute.ts"))));
        assert.deepEqual(
            loaded.filter((file) => file.includes(`${path.sep}@pulumi${path.sep}`)),
            [],
        );
    });
});
