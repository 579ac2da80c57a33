import assert from "node:assert/strict";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { main } from "../../../../cli/main";
import type { VerbPlan } from "../../../../cli/verbs/plan";
import { ModelSites } from "./modelSites";

/** Types a command about two stacks of the model, with a person at the terminal who answers, or with nobody there. */
async function type(both: ModelSites, line: string, answer?: string): Promise<{ code: number; output: string }> {
    const said: string[] = [];
    const say = (text: string) => said.push(text);
    const terminal = {
        print: say,
        complain: say,
        ...(answer === undefined
            ? {}
            : {
                  ask: (question: string) => {
                      said.push(question);
                      return Promise.resolve(answer);
                  },
              }),
    };
    const code = await main(line.split(" "), terminal, { open: () => Promise.resolve(both) });
    both.live();
    return { code, output: said.join("\n") };
}

describe("a verb as it is typed", () => {
    let folder: string;
    let file: string;

    beforeEach(() => {
        folder = mkdtempSync(path.join(tmpdir(), "trident-dr-test-"));
        file = path.join(folder, "plan.json");
    });
    afterEach(() => rmSync(folder, { recursive: true }));

    it("shows the plan and what is lost, asks for the name, does it, and ends with 0", async () => {
        const both = await ModelSites.established();
        const { code, output } = await type(both, "switch shop", "shop");
        assert.equal(code, 0, output);
        assert.match(output, /^switch shop: served at west in the end$/m);
        assert.match(output, /^ {2}shop: east is active in epoch 1, west is standby in epoch 1$/m);
        assert.match(output, /nothing of shop is lost; it is down from when east stops it until west has started it/);
        assert.match(
            output,
            /pulumi config set active west --stack east\npulumi config set active west --stack west\npulumi up --stack east {3}# stand down\n# trident-dr itself takes over shop at west as soon as east has handed over; what it cannot, the next run does\npulumi up --stack west {3}# take over with a token\npulumi up --stack east {3}# rejoin\npulumi up --stack west {3}# sees what the other site has done/,
        );
        assert.match(output, /^Type its name, shop, to go on: $/m);
        assert.match(output, /^shop: nothing was lost$/m);
        assert.match(output, /^shop: east is standby in epoch 2, west is active in epoch 2; nothing is left to do/m);
        assert.deepEqual([both.role("east"), both.role("west")], ["standby@2", "active@2"]);
    });

    it("ends with 0 and runs nothing where it is done already", async () => {
        const both = await ModelSites.established();
        await type(both, "switch shop --to west --yes");
        both.typed.length = 0;
        const { code, output } = await type(both, "switch shop --to west --yes");
        assert.equal(code, 0, output);
        assert.match(output, /it is so already, and nothing is left to do at either site/);
        assert.deepEqual(both.typed, []);
    });

    it("does nothing and ends with 1 where nobody confirms it, or confirms something else", async () => {
        const both = await ModelSites.established();
        for (const [answer, why] of [
            [undefined, /nobody is there to confirm it: --yes confirms it from a pipeline\. Nothing was changed/],
            ["west", /shop was not typed\. Nothing was changed at either site/],
            ["", /shop was not typed/],
        ] as const) {
            const { code, output } = await type(both, "switch shop", answer);
            assert.equal(code, 1);
            assert.match(output, why);
            assert.deepEqual(both.typed, []);
        }
    });

    it("says what a failover loses, does nothing at the lost site, and what comes next", async () => {
        const both = await ModelSites.established();
        both.world.site("east").alive = false;
        const { code, output } = await type(both, "failover shop", "shop");
        assert.equal(code, 0, output);
        assert.match(output, /shop loses what was written at east and has not arrived at west/);
        assert.match(output, /^shop: lost by the takeover at west: at most the writes of \d+ s, those since 2026-/m);
        assert.match(
            output,
            /Once east is back: trident-dr rejoin shop keeps what west has written, trident-dr resync shop what east has/,
        );
        assert.ok(both.typed.every((line) => line.startsWith("west: ")));
    });

    it("names the state and the verb that makes sense where another one was typed", async () => {
        const settled = await ModelSites.established();
        const parted = await ModelSites.established();
        parted.world.site("east").alive = false;
        await type(parted, "failover shop --to west --yes");
        parted.world.site("east").alive = true;
        for (const [both, line, sentence] of [
            [
                settled,
                "resync shop",
                /the sites agree, and there is nothing to discard; trident-dr switch shop has it served at west/,
            ],
            [
                settled,
                "failback shop",
                /neither site ever took over from the other one, so there is nothing to go back from; trident-dr switch shop/,
            ],
            [
                settled,
                "failover shop --to east",
                /east serves, and is no standby site; if east is the one that is lost: trident-dr failover shop --to west/,
            ],
            [
                parted,
                "switch shop",
                /there was a takeover, and the sites have parted; trident-dr rejoin shop keeps what the site wrote that took over, trident-dr resync shop what the other one has/,
            ],
            [
                parted,
                "failover shop --to east",
                /west took over from east; trident-dr rejoin shop keeps what west wrote, trident-dr resync shop what east has/,
            ],
        ] as const) {
            both.typed.length = 0;
            const { code, output } = await type(both, line, "shop");
            assert.equal(code, 1, line);
            assert.match(output, sentence);
            assert.deepEqual(both.typed, [], line);
        }
    });

    it("refuses names, sites and options that mean nothing, in one sentence", async () => {
        const both = await ModelSites.established();
        for (const [line, code, sentence] of [
            ["switch", 1, /^switch of what\? Name one or more of shop, or all of them with --all$/m],
            ["switch shpo", 1, /^project dr protects no shpo \(did you mean "shop"\?\): it protects shop$/m],
            [
                "switch shop --to wset",
                1,
                /^--to: there is no site wset \(did you mean "west"\?\): the sites are east and west$/m,
            ],
            ["switch shop --yes", 2, /--yes: expected --to <site> with it: run again, switch must not lead back/],
            ["switch shop --wave none", 2, /expected a whole number from 1, found "none"/],
            ["switch shop --force", 2, /unknown option '--force'/],
            ["switch --plan /nowhere/plan.json", 1, /^--plan: \/nowhere\/plan.json cannot be read as JSON/m],
            ["plan swich shop", 2, /unknown command 'swich'/],
            ["plan switch shop --json --markdown", 2, /cannot be used with option/],
        ] as const) {
            const result = await type(both, line, "shop");
            assert.match(result.output, sentence);
            assert.equal(result.code, code, line);
            assert.deepEqual(both.typed, []);
        }
    });

    it("plans without changing anything, as text, JSON and Markdown, with a digest that time does not change", async () => {
        const both = await ModelSites.established();
        const first = JSON.parse((await type(both, "plan switch shop --json")).output) as VerbPlan;
        both.live();
        const second = JSON.parse((await type(both, "plan switch shop --json")).output) as VerbPlan;
        assert.match(first.digest, /^sha256:[0-9a-f]{64}$/);
        assert.deepEqual(second, first);
        const { output: markdown } = await type(both, "plan switch shop --markdown");
        assert.match(markdown, /\| shop \| active in epoch 1 \| standby in epoch 1 \| west \|/);
        assert.ok(markdown.includes(`Digest: \`${first.digest}\``));
        assert.equal((await type(both, `plan switch shop --json --out ${file}`)).output, "");
        assert.deepEqual(JSON.parse(readFileSync(file, "utf8")), first);
        const comment = path.join(folder, "plan.md");
        await type(both, `plan switch shop --json --out ${file} --comment ${comment}`);
        assert.deepEqual(JSON.parse(readFileSync(file, "utf8")), first);
        assert.equal(readFileSync(comment, "utf8").trim(), markdown.trim());
        assert.deepEqual(both.typed, []);
        const back = JSON.parse((await type(both, "plan failover shop --json")).output) as VerbPlan;
        assert.notEqual(back.digest, first.digest);
    });

    it("carries out the plan that was agreed on, also the rest of it, and refuses another one", async () => {
        const both = await ModelSites.established();
        await type(both, `plan switch shop --json --out ${file}`);
        both.cutAfter = both.effects + 20;
        const cut = await type(both, `switch --plan ${file} --yes`);
        assert.equal(cut.code, 1);
        const rest = await type(both, `switch --plan ${file} --yes`);
        assert.equal(rest.code, 0, rest.output);
        assert.deepEqual([both.role("east"), both.role("west")], ["standby@2", "active@2"]);
        assert.equal((await type(both, `switch --plan ${file} --yes`)).code, 0, "what is done stays done");

        await type(both, "switch shop --to east --yes");
        both.typed.length = 0;
        const outdated = await type(both, `switch --plan ${file} --yes`);
        assert.equal(outdated.code, 1);
        assert.match(outdated.output, /the plan has changed since it was agreed on \(where the sites stand\)/);
        const other = await type(both, `failover --plan ${file} --yes`);
        assert.match(other.output, /is a plan of switch: trident-dr switch --plan/);
        writeFileSync(file, "{}");
        assert.match(
            (await type(both, `switch --plan ${file} --yes`)).output,
            /is no plan of trident-dr: make one with/,
        );
        assert.deepEqual(both.typed, []);
    });

    it("shows how far a copy is that a run waits for", async () => {
        const both = await ModelSites.established();
        const up = both.up.bind(both);
        both.up = (site, onLine) => {
            onLine("shop at west: waiting: 1 of 4 volumes complete, 1.5 GiB more copied");
            return up(site, onLine);
        };
        const { output } = await type(both, "switch shop --to west --yes");
        assert.match(output, /^ +0:00 {4}\[#####-{15}\] 25 % {2}shop at west: waiting: 1 of 4 volumes complete/m);
    });

    it("ends with 1 where a run fails, says why, and that the same command goes on", async () => {
        const both = await ModelSites.established();
        const { up } = both;
        both.up = (site) =>
            Promise.resolve({ ok: false, lines: [], changes: false, why: `stack ${site} is locked by another run` });
        const { code, output } = await type(both, "switch shop --to west --yes");
        assert.equal(code, 1);
        assert.match(output, /^shop: not done: stack east is locked by another run$/m);
        assert.match(output, /^not done yet; what was done is not undone, and the same command goes on from here$/m);
        both.up = up.bind(both);
        assert.equal((await type(both, "switch shop --to west --yes")).code, 0);
    });
});
