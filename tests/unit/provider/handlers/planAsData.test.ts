import assert from "node:assert/strict";
import type { PlanDocument } from "../../../../provider/engine/planDocument";
import { Outcomes } from "../../../../provider/engine/outcomes";
import { MirrorRoleHandler } from "../../../../provider/handlers/mirrorRole";
import { ProviderProcess } from "../../../../provider/process/providerProcess";
import { noSeal } from "../../../../provider/support/seal";
import { FakeSite, roleInputs } from "../../cli/fakeSite";
import { active } from "../roles/situations";

const eastServes = { known: true, record: active("east", 1) };
const takeover = { ...roleInputs({ peerRecord: eastServes, active: "west", acknowledgements: { takeover: 2 } }) };
const switchTooEarly = { ...roleInputs({ peerRecord: eastServes, active: "west" }) };
const asItIs = { ...roleInputs({ peerRecord: eastServes, active: "east" }) };
const json = { TRIDENT_DR_PLAN: "json" };

/** What a preview prints of west, a standby site with a complete copy. */
async function printed(
    inputs: Record<string, unknown>,
    { environment, isNew }: { environment: NodeJS.ProcessEnv; isNew?: boolean },
): Promise<string[]> {
    const site = new FakeSite(noSeal);
    await site.setUp();
    const lines: string[] = [];
    const process = new ProviderProcess({ environment, log: (line) => lines.push(line) });
    const handler = new MirrorRoleHandler(process, new Outcomes(), (run, given) => site.open(run, given));
    const olds = { ...asItIs, record: site.record, establishing: {} };
    const { failures = [] } = await handler.check(isNew === true ? {} : olds, inputs);
    if (isNew !== true && failures.length === 0) {
        await handler.diff("shop@west", olds, inputs);
    }
    assert.deepEqual(site.writes, []);
    return lines;
}

function documentsIn(lines: readonly string[]): PlanDocument[] {
    return lines.filter((line) => line.startsWith("{")).map((line) => JSON.parse(line) as PlanDocument);
}

describe("a plan as data", () => {
    it("has the calls of the preview's text, in one line beside it", async () => {
        const lines = await printed(takeover, { environment: json });
        const [document, ...more] = documentsIn(lines);
        assert.deepEqual(more, []);
        assert.deepEqual(
            { ...document, due: undefined, notes: undefined },
            {
                tridentDr: "plan",
                schema: 1,
                item: "shop",
                site: "west",
                role: "standby",
                epoch: 1,
                due: undefined,
                notes: undefined,
            },
        );
        assert.ok(document!.due.is === "plan" && document!.due.calls.length > 2);
        const text = lines.filter((line) => !line.startsWith("{")).join("\n");
        document!.due.calls.forEach((call, index) => assert.ok(text.includes(`shop at west: ${index + 1}. ${call}`)));
        document!.notes.forEach((note) => assert.ok(text.includes(`shop at west: ${note}`), note));
        assert.match(text, new RegExp(`plan: ${document!.due.verb}\n`));
    });

    it("is there for a resource that is to be created, whose diff nobody asks for", async () => {
        const [document, ...more] = documentsIn(await printed(takeover, { environment: json, isNew: true }));
        assert.deepEqual(more, []);
        assert.equal(document!.due.is, "plan");
    });

    it("is a refusal with its code and remedies, once, whether the item is alone or one of several", async () => {
        for (const together of [false, true]) {
            for (const isNew of [false, true]) {
                const inputs = { ...switchTooEarly, order: { together, before: [], after: [], waitsFor: [] } };
                const [document, ...more] = documentsIn(await printed(inputs, { environment: json, isNew }));
                assert.deepEqual(more, []);
                assert.ok(document!.due.is === "refusal", JSON.stringify(document));
                assert.ok(document!.due.remedies.length > 0);
                assert.deepEqual(document!.notes, []);
            }
        }
    });

    it("says that nothing is to be done once it is done", async () => {
        const site = new FakeSite(noSeal);
        await site.setUp();
        const lines: string[] = [];
        const process = new ProviderProcess({ environment: json, log: (line) => lines.push(line) });
        const handler = new MirrorRoleHandler(process, new Outcomes(), (run, given) => site.open(run, given));
        const { outs } = await handler.update("shop@west", { ...asItIs, record: site.record }, takeover);
        lines.length = 0;
        await handler.check(outs, takeover);
        assert.deepEqual(await handler.diff("shop@west", outs, takeover), { changes: false });
        const [document, ...more] = documentsIn(lines);
        assert.deepEqual(more, []);
        assert.deepEqual([document!.role, document!.epoch, document!.due], ["active", 2, { is: "nothing" }]);
    });

    it("is not printed where nobody asks for it, and changes nothing of what is", async () => {
        for (const inputs of [takeover, asItIs]) {
            const withData = await printed(inputs, { environment: json });
            const without = await printed(inputs, { environment: {} });
            const ageless = (lines: string[]) =>
                lines.map((line) => line.replace(/\d{4}-\d\d-\d\dT[\d:.]+Z|\d+ s/g, "…"));
            assert.deepEqual(ageless(without), ageless(withData.filter((line) => !line.startsWith("{"))));
        }
    });

    it("has nothing in it that acts on a terminal", () => {
        const lines: string[] = [];
        const process = new ProviderProcess({ environment: json, log: (line) => lines.push(line) });
        process.logData({ call: "apply \u001b[2J\u202e" });
        assert.deepEqual(JSON.parse(lines[0]!), { call: "apply \u{fffd}[2J\u{fffd}" });
    });
});
