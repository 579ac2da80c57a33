import assert from "node:assert/strict";
import { bringUp, type Lab } from "../../../lab/lab";
import { separateProject } from "../../../lab/pulumi";
import { callOff } from "../../../lab/scenarios/changeOfMind";
import { throwAway } from "../../../lab/scenarios/resync";
import { ScenarioRun } from "../../../lab/scenarios/scenarioRun";
import type { Outcome } from "../../../lab/scenarios/scenarioSteps";

describe("an application whose switch is called off, and whose takeover is thrown away", function () {
    this.timeout(900_000);
    let lab: Lab;
    let scenario: ScenarioRun;
    let outcome: Outcome;

    before(async () => {
        lab = await bringUp();
        scenario = await ScenarioRun.begin(lab, await separateProject(lab), () => undefined);
        await scenario.writes("east", 10);
        await callOff(scenario);
        await scenario.writes("east", 10);
        await scenario.failOver("east", "west", 3);
        await scenario.writes("west", 10);
        await throwAway(scenario, 3);
        outcome = await scenario.end("change of mind and resync", "east", ["east", "west"]);
    });
    after(() => lab?.down());

    it("is served by east in the end, and nothing is wrong with how", () => {
        assert.deepEqual(outcome.faults, []);
    });

    it("comes back from the ShutdownSnapshot with all that was written", () => {
        const { executedCalls, lostPlannedWrites } = outcome.report;
        assert.ok(executedCalls.includes("create SnapshotInplaceRestore shop/shop-restore-2"));
        assert.equal(lostPlannedWrites, 0);
    });

    it("gives up what west wrote, counted before it goes", () => {
        const { executedCalls, lostWrites, actualLossSeconds, announcedLossSeconds } = outcome.report;
        const [counted, gone] = ["create ShutdownSnapshot shop/shop-aside-4", "patch AppMirrorRelationship shop/shop"];
        assert.ok(executedCalls.indexOf(counted) < executedCalls.lastIndexOf(gone));
        assert.ok(lostWrites >= 10);
        assert.ok(actualLossSeconds <= announcedLossSeconds);
    });

    it("is recorded at both sites with what allowed it", async () => {
        for (const [site, by] of [
            ["east", "discard: west@3"],
            ["west", "discard: west@3"],
        ] as const) {
            const outputs = (await scenario.stacks[site].outputs()) as {
                tridentDr: { applications: { shop: { record: { history: { by?: string }[] } } } };
            };
            const { history } = outputs.tridentDr.applications.shop.record;
            assert.ok(
                history.some((change) => change.by === by),
                JSON.stringify(history.map((change) => change.by)),
            );
        }
    });
});
