import assert from "node:assert/strict";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import type { VerbPlan } from "../../../../cli/verbs/plan";
import type { BothSites } from "../../../../cli/verbs/sites";
import { AnticipatedSites } from "./anticipatedSites";
import { ModelSites } from "./modelSites";
import { typeAt } from "./typing";

describe("a plan that was agreed on", () => {
    let folder: string;
    let file: string;
    let both: ModelSites;

    beforeEach(async () => {
        folder = mkdtempSync(path.join(tmpdir(), "trident-dr-test-"));
        file = path.join(folder, "plan.json");
        both = await ModelSites.established();
        assert.equal((await typeAt(both, `plan switch shop --to west --json --out ${file}`)).code, 0);
    });
    afterEach(() => rmSync(folder, { recursive: true }));

    const digest = () => (JSON.parse(readFileSync(file, "utf8")) as VerbPlan).digest;

    function elsewhere(): BothSites[] {
        const sites = both.sites.map(({ name, stack }) => ({ name, stack: `test-${stack}` }));
        return [{ sites }, { keyPrefix: "archive:" }].map(
            (other) => Object.assign(Object.create(both), other) as BothSites,
        );
    }

    it("is for its own stacks and namespace, also what is left of it, and also where all of it is done", async () => {
        const refused = async () => {
            both.typed.length = 0;
            for (const other of elsewhere()) {
                const { code, output } = await typeAt(other, `switch --plan ${file} --yes`);
                assert.equal(code, 1, output);
                assert.match(output, /\(the project, its stacks or the namespace\)/);
            }
            assert.deepEqual(both.typed, []);
        };
        await refused();
        both.cutAfter = both.effects + 20;
        assert.equal((await typeAt(both, `switch --plan ${file} --yes`)).code, 1);
        await refused();
        assert.equal((await typeAt(both, `switch --plan ${file} --yes`)).code, 0);
        assert.equal((await typeAt(both, `switch --plan ${file} --yes`)).code, 0);
        await refused();
    });

    it("is the same in whatever order the lines of several applications come, each in its own order", async () => {
        const several = new AnticipatedSites(["shop", "crm"]);
        const calls = (names: readonly string[]) =>
            [1, 2].flatMap((number) => names.map((name) => `${name} at east: ${number}. step${number}: apply ${name}`));
        const previewed = (lines: readonly string[]) => {
            several.preview = () => Promise.resolve({ ok: true, lines, changes: true, why: "" });
        };
        previewed(calls(["shop", "crm"]));
        assert.equal((await typeAt(several, `plan switch --all --to west --json --out ${file}`)).code, 0);
        previewed(calls(["crm", "shop"]));
        const { code, output } = await typeAt(several, `switch --plan ${file} --yes`);
        assert.equal(code, 0, output);
        const again = new AnticipatedSites(["shop", "crm"]);
        const lines = calls(["shop", "crm"]);
        again.preview = () => Promise.resolve({ ok: true, lines: [...lines].reverse(), changes: true, why: "" });
        const other = await typeAt(again, `switch --plan ${file} --yes`);
        assert.match(other.output, /what the first run would do/, "the calls of one in another order are another plan");
    });

    it("is refused once somebody has edited it, whatever digest stands in it", async () => {
        const plan = JSON.parse(readFileSync(file, "utf8")) as VerbPlan;
        writeFileSync(file, JSON.stringify({ ...plan, losses: ["nothing is lost at all"] }));
        const { code, output } = await typeAt(both, `switch --plan ${file} --yes`);
        assert.equal(code, 1);
        assert.match(output, /^--plan: .*plan\.json is not what its digest says/m);
        assert.deepEqual(both.typed, []);
    });

    it("is the one whose digest was approved", async () => {
        const approved = digest();
        await typeAt(both, `plan failover shop --to west --json --out ${file}`);
        const { code, output } = await typeAt(both, `failover --plan ${file} --digest ${approved} --yes`);
        assert.equal(code, 1);
        assert.match(output, /^--digest: sha256:[0-9a-f]{64} was approved, and .*plan\.json has sha256:[0-9a-f]{64}$/m);
        assert.deepEqual(both.typed, []);
        const alone = await typeAt(both, `failover shop --to west --digest ${approved} --yes`);
        assert.equal(alone.code, 2);
        assert.match(alone.output, /--digest: expected --plan <file> with it/);
        assert.equal((await typeAt(both, `failover --plan ${file} --digest ${digest()} --yes`)).code, 0);
    });
});
