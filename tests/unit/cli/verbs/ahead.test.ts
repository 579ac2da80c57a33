import assert from "node:assert/strict";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { settingsSchema } from "../../../../components/settings/schema";
import { ProjectProblem } from "../../../../cli/project/problem";
import { itemsAhead } from "../../../../cli/verbs/ahead";
import type { BothSites, Reading } from "../../../../cli/verbs/sites";
import { configuredPair } from "../configuredPair";
import { AnticipatedSites } from "./anticipatedSites";
import { CutOff, ModelSites } from "./modelSites";
import { typeAt } from "./typing";

const command = "switch shop --to west --yes";
const taken = "west: taken over ahead";

describe("what a command takes over itself, ahead of the run", () => {
    it("is what the run before has handed over; the run after takes it into the stack's state", async () => {
        const both = await ModelSites.established();
        const { code, output } = await typeAt(both, command);
        assert.equal(code, 0, output);
        assert.deepEqual(both.typed.slice(2), ["east: up", taken, "west: up", "east: up", "west: up"]);
        assert.match(output, /shop at west: east has handed over; trident-dr takes over$/m);
        assert.match(output, /pulumi up --stack west {3}# takes what was taken over into its state$/m);
        assert.deepEqual([both.role("east"), both.role("west"), both.world.violations], ["standby@2", "active@2", []]);
    });

    it("is left to the run, in one line with the reason, where this process cannot", async () => {
        const both = await ModelSites.established();
        both.unable = "there is no ConfigMap trident-dr/trident-dr-takeover-shop";
        const { code, output } = await typeAt(both, command);
        assert.equal(code, 0, output);
        assert.deepEqual(both.typed.slice(2), ["east: up", "west: up", "east: up", "west: up"]);
        const why = "the run there takes over, not trident-dr itself: there is no ConfigMap";
        assert.equal(output.split("\n").filter((line) => line.includes(why)).length, 1, output);
        assert.match(output, /pulumi up --stack west {3}# take over with a token$/m);
    });

    for (const [what, outcome] of [
        ["has something else to do", { ok: true, lines: [], changes: true, why: "" }],
        ["cannot be previewed", { ok: false, lines: [], changes: false, why: "no" }],
    ] as const) {
        it(`is nothing where the stack there ${what}: the plan says so, and the run takes over`, async () => {
            const both = await ModelSites.established();
            const { preview } = both;
            both.preview = (site, changes) =>
                site === "west" ? Promise.resolve(outcome) : preview.call(both, site, changes);
            const { code, output } = await typeAt(both, command);
            assert.equal(code, 0, output);
            assert.match(output, /^west: the run there takes over, not trident-dr itself, since /m);
            assert.doesNotMatch(output, /# trident-dr itself takes over/);
            assert.ok(!both.typed.includes(taken));
        });
    }

    it("is previewed as the stack is without the switch, also where that is half configured", async () => {
        const both = await ModelSites.established();
        await both.set("west", [{ key: "active", value: "west" }]);
        const asked: unknown[] = [];
        const { preview } = both;
        both.preview = (site, changes) => {
            asked.push([site, changes]);
            return preview.call(both, site, changes);
        };
        const { code, output } = await typeAt(both, command);
        assert.equal(code, 0, output);
        assert.deepEqual(asked, [
            ["east", [{ key: "active", value: "west" }]],
            ["west", [{ key: "active", value: "east" }]],
        ]);
        assert.ok(both.typed.includes(taken));
    });

    it("is nothing where the configuration there has changed since it was looked at", async () => {
        const both = await ModelSites.established();
        const { read, set } = both;
        both.set = (site, changes) => {
            both.read = async () => withEvery(await read.call(both));
            return set.call(both, site, changes);
        };
        const { code, output } = await typeAt(both, command);
        assert.equal(code, 0, output);
        assert.ok(!both.typed.includes(taken), both.typed.join("; "));
        assert.match(output, /what is declared at west may not be what its last run left there$/m);
    });

    it("is nothing where the run did not say what it handed over", async () => {
        const both = await ModelSites.established();
        const { up } = both;
        both.up = (site, onLine) => up.call(both, site, onLine);
        const { code, output } = await typeAt(both, command);
        assert.equal(code, 0);
        assert.ok(!both.typed.includes(taken));
        assert.match(output, /the run there takes over, .*: the run at east did not tell what it handed over$/m);
    });

    it("ends the command where it fails half-way, and the same command goes on", async () => {
        const both = await ModelSites.established();
        const { takeoverAhead } = both;
        both.takeoverAhead = () => ({ take: () => Promise.resolve({ is: "failed", why: "west: its array says no" }) });
        const { code, output } = await typeAt(both, command);
        assert.equal(code, 1);
        assert.match(output, /^shop: not done: west: its array says no$/m);
        assert.equal(both.typed.at(-1), "east: up");
        both.takeoverAhead = takeoverAhead;
        assert.equal((await typeAt(both, command)).code, 0);
        assert.deepEqual([both.role("east"), both.role("west")], ["standby@2", "active@2"]);
    });

    it("has come to its end before the command has, also where the run breaks off", async () => {
        const both = await ModelSites.established();
        const { up } = both;
        let hasEnded = false;
        both.takeoverAhead = () => ({
            take: async () => {
                await new Promise((resolve) => setImmediate(resolve));
                hasEnded = true;
                return { is: "done" };
            },
        });
        both.up = async (site, onLine, onRecord) => {
            await up.call(both, site, onLine, onRecord);
            throw new ProjectProblem("the state backend is gone");
        };
        const { code, output } = await typeAt(both, command);
        assert.equal(code, 1);
        assert.match(output, /^shop: not done: the state backend is gone/m);
        assert.ok(hasEnded);
    });

    it("is not begun once the command is interrupted", async () => {
        const both = await ModelSites.established();
        const { up } = both;
        both.up = (site, onLine, onRecord) =>
            up.call(both, site, onLine, (record) => {
                process.emit("SIGTERM");
                onRecord?.(record);
            });
        const { code, output } = await typeAt(both, command);
        assert.equal(code, 1, output);
        assert.equal(both.typed.at(-1), "east: up");
        assert.match(output, /^shop: not done: interrupted; the same command goes on from here$/m);
    });

    it("is finished by the same command, by the plan that was agreed on, wherever it was cut off", async () => {
        const folder = mkdtempSync(path.join(tmpdir(), "trident-dr-test-"));
        const file = path.join(folder, "plan.json");
        try {
            const whole = await ModelSites.established();
            assert.equal((await typeAt(whole, `plan switch shop --to west --json --out ${file}`)).code, 0);
            const before = whole.effects;
            assert.equal((await typeAt(whole, `switch --plan ${file} --yes`)).code, 0);
            const effects = whole.effects - before;
            let cutInTakeover = 0;
            for (let cut = 1; cut <= effects; cut++) {
                const both = await ModelSites.established();
                both.cutAfter = both.effects + cut;
                await assertCutOff(both, `switch --plan ${file} --yes`);
                cutInTakeover += both.typed.at(-1) === taken ? 1 : 0;
                both.live();
                const where = `cut off after ${cut} of ${effects}: ${both.typed.join("; ")}`;
                const { code, output } = await typeAt(both, `switch --plan ${file} --yes`);
                assert.equal(code, 0, `${where}\n${output}`);
                assert.deepEqual([both.role("east"), both.role("west")], ["standby@2", "active@2"], where);
                assert.deepEqual(both.world.violations, [], where);
            }
            assert.ok(cutInTakeover > 3, `cut off ${cutInTakeover} times in the takeover`);
        } finally {
            rmSync(folder, { recursive: true });
        }
    });

    it("is each of several that comes after no other", () => {
        const applications = [
            { name: "db", namespaces: ["db"] },
            { name: "shop", namespaces: ["shop"], after: ["db"] },
            { name: "crm", namespaces: ["crm"] },
        ];
        const settings = settingsSchema.parse({ ...configuredPair("west"), applications });
        const effects = { db: "stand down", shop: "stand down", crm: "settle" };
        assert.deepEqual(itemsAhead(effects, settings), ["db"]);
    });

    it("is several at once, and one that is left does not keep the others", async () => {
        const both: BothSites = new AnticipatedSites(["a", "b"]);
        const asked: string[] = [];
        both.preview = () => Promise.resolve({ ok: true, lines: [], changes: false, why: "" });
        both.takeoverAhead = (site, items) => {
            asked.push(`${site}: ready for ${items.join(", ")}`);
            return {
                take: (item) => {
                    asked.push(item);
                    return Promise.resolve(item === "a" ? { is: "left", why: "no bundle" } : { is: "done" });
                },
            };
        };
        const { up } = both;
        both.up = async (site, onLine, onRecord) => {
            const outcome = await up.call(both, site, onLine);
            const { items } = (await both.read())[site]!;
            Object.values(items).forEach(({ record }) => onRecord?.(record!));
            return outcome;
        };
        const { code, output } = await typeAt(both, "switch --all --to west --yes");
        assert.equal(code, 0, output);
        assert.deepEqual(asked, ["west: ready for a, b", "a", "b"]);
        assert.match(output, /# a: take over with a token, b: takes what was taken over into its state$/m);
    });
});

/** Somebody changes the schedule of the application at west. */
function withEvery(reading: Reading): Reading {
    const { settings, items } = reading["west"]!;
    const applications = settings.applications.map((one) => ({ ...one, maxLag: "7m" }));
    return { ...reading, west: { settings: { ...settings, applications }, items } };
}

/** The command line catches what its process would die of. */
async function assertCutOff(both: ModelSites, line: string): Promise<void> {
    const { code } = await typeAt(both, line);
    assert.equal(code, 1, `${line} came to its end: expected ${CutOff.name}`);
}
