import assert from "node:assert/strict";
import { perform } from "../../../../cli/verbs/perform";
import type { Verb } from "../../../../cli/verbs/view";
import { application } from "../../provider/roles/model/world";
import { ModelSites } from "./modelSites";
import { silent, typeAt } from "./typing";

async function runTo(verb: Verb, to: string, both: ModelSites) {
    return (await perform({ [application]: { verb, to, accept: {} } }, both, silent))[application]!;
}

/** West took over from east, which is back. */
async function takenOver(): Promise<ModelSites> {
    const both = await ModelSites.established();
    both.world.site("east").alive = false;
    assert.deepEqual(await runTo("failover", "west", both), { is: "done" });
    both.world.site("east").alive = true;
    both.live();
    return both;
}

describe("what was agreed on", () => {
    it("is the plan that was shown: one that has changed while the question waited is not carried out", async () => {
        const both = await ModelSites.established();
        const { code, output } = await typeAt(both, "failover shop --to west", async () => {
            await runTo("failover", "west", both);
            both.live();
            await runTo("resync", "east", both);
            both.live();
            both.typed.length = 0;
            return "shop";
        });
        assert.equal(code, 1, output);
        assert.match(output, /the plan has changed since it was shown \(where the sites stand\)/);
        assert.deepEqual(both.typed, []);
        assert.deepEqual([both.role("east"), both.role("west")], ["active@3", "standby@3"]);
    });

    it("is the epoch that was in the plan: one that begins meanwhile is neither discarded nor taken over", async () => {
        const both = await takenOver();
        const { up } = both;
        both.up = async (site, onLine) => {
            const outcome = await up.call(both, site, onLine);
            if (both.role("east") === "active@3" && both.role("west") === "active@2") {
                both.live();
                await both.set("west", [{ key: "discard", value: "east@3" }]);
                await up.call(both, "west", onLine);
                assert.equal(both.role("west"), "active@4");
                both.live();
            }
            return outcome;
        };
        const ending = await runTo("resync", "east", both);
        assert.equal(ending.is, "failed");
        assert.match(
            "why" in ending ? ending.why : "",
            /the sites have changed since the plan was shown: east is active in epoch 3, west is active in epoch 4\. It would take discard: west@4 at east, which was not in that plan/,
        );
        assert.equal(both.role("west"), "active@4");
        assert.ok(!both.typed.includes("east: config set applications[0].discard west@4"), both.typed.join("; "));
        assert.ok(!both.typed.includes("east: config set discard west@4"), both.typed.join("; "));
    });

    it("never runs at the lost site, also where a run at the other one has changed nothing", async () => {
        const both = await ModelSites.established();
        both.world.site("east").alive = false;
        const ran: string[] = [];
        both.up = (site) => {
            ran.push(site);
            return Promise.resolve({ ok: true, lines: [], changes: false, why: "" });
        };
        const ending = await runTo("failover", "west", both);
        assert.match("why" in ending ? ending.why : "", /pulumi up at west changed nothing more/);
        assert.deepEqual(ran, ["west"]);
    });
});
