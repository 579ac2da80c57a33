import assert from "node:assert/strict";
import { main } from "../../../../cli/main";
import { AnticipatedSites } from "./anticipatedSites";

async function type(both: AnticipatedSites, line: string, answer?: string): Promise<{ code: number; output: string }> {
    const said: string[] = [];
    const say = (text: string) => said.push(text);
    const ask = (question: string) => {
        said.push(question);
        return Promise.resolve(answer);
    };
    const terminal = { print: say, complain: say, ...(answer === undefined ? {} : { ask }) };
    const code = await main(line.split(" "), terminal, { open: () => Promise.resolve(both) });
    return { code, output: said.join("\n") };
}

describe("a verb for several applications", () => {
    it("takes one run at each site for all of them, and asks for the project's name", async () => {
        const both = new AnticipatedSites(["a", "b", "c"]);
        const { code, output } = await type(both, "switch --all", "dr");
        assert.equal(code, 0, output);
        assert.match(output, /Type the project's name, for all 3, dr, to go on: /);
        assert.deepEqual(both.typed, [
            "east: config set active west",
            "west: config set active west",
            "east: up",
            "west: up",
            "east: up",
            "west: up",
        ]);
        assert.match(output, /pulumi up --stack prod-east {3}# stand down/);
    });

    it("takes those that are named, and leaves the values of the others alone", async () => {
        const both = new AnticipatedSites(["a", "b", "c"]);
        const { code } = await type(both, "switch b --to west --yes");
        assert.equal(code, 0);
        assert.deepEqual([both.role("a"), both.role("b")], ["active@1 standby@1", "standby@2 active@2"]);
        assert.deepEqual(both.typed.slice(0, 2), [
            "east: config set applications[1].active west",
            "west: config set applications[1].active west",
        ]);
    });

    it("goes wave by wave", async () => {
        const both = new AnticipatedSites(["a", "b", "c"]);
        const { code, output } = await type(both, "switch --all --wave 2 --to west --yes");
        assert.equal(code, 0, output);
        assert.match(output, /wave 1 of 2: a, b\n[^]*wave 2 of 2: c\n/);
        assert.deepEqual(
            ["a", "b", "c"].map((item) => both.role(item)),
            Array(3).fill("standby@2 active@2"),
        );
        assert.ok(both.typed.indexOf("east: config set active west") > both.typed.indexOf("west: up"));
    });

    it("takes the others on where one fails, begins no further wave, and names it", async () => {
        const both = new AnticipatedSites(["a", "b", "c"]);
        both.failing.add("a");
        const failed = await type(both, "switch --all --wave 2 --to west --yes");
        assert.equal(failed.code, 1);
        assert.match(failed.output, /^a: not done: its array says no$/m);
        assert.match(failed.output, /^b: east is standby in epoch 2, west is active in epoch 2/m);
        assert.match(failed.output, /the waves after this one were not begun; the same command goes on with them/);
        assert.deepEqual(
            ["a", "b", "c"].map((item) => both.role(item)),
            ["stood-down@1 standby@1", "standby@2 active@2", "active@1 standby@1"],
        );
        both.failing.clear();
        const again = await type(both, "switch --all --wave 2 --to west --yes");
        assert.equal(again.code, 0, again.output);
        assert.deepEqual(
            ["a", "b", "c"].map((item) => both.role(item)),
            Array(3).fill("standby@2 active@2"),
        );
    });

    it("refuses what is configured at one site alone", async () => {
        const both = new AnticipatedSites(["a"]);
        const { read } = both;
        both.read = async () => {
            const { east, west } = await read.call(both);
            return { east: east!, west: { ...west!, settings: { ...west!.settings, applications: [] } } };
        };
        const { code, output } = await type(both, "switch a --to west --yes");
        assert.equal(code, 1);
        assert.match(
            output,
            /^a is in the configuration of east and not in that of west: add it there, or remove it here$/m,
        );
    });
});
