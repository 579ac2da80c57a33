import assert from "node:assert/strict";
import path from "node:path";
import { bringUp, type Lab } from "../../lab/lab";
import { separateProject } from "../../lab/pulumi";
import { circle, type CircleOutcome } from "../../lab/scenarios/circle";
import { establish, writes } from "../../lab/scenarios/scenarioSteps";
import { writesSince } from "../../lab/scenarios/writes";
import { readLedger, twoWriterSeconds } from "../../lab/writer/ledger";

describe("an application whose site dies, comes back, rejoins and serves again", function () {
    this.timeout(900_000);
    let lab: Lab;
    let outcome: CircleOutcome;

    before(async () => {
        lab = await bringUp();
        outcome = await circle(lab, await separateProject(lab), () => undefined);
    });
    after(() => lab?.down());

    it("goes all the way round, and nothing is wrong with how", () => {
        assert.deepEqual(outcome.faults, []);
        assert.equal(outcome.report.ok, true);
        assert.ok(outcome.report.acknowledgedWrites > 50);
    });

    it("is not taken over without an acknowledgement: the refusal says what would be lost, and the two ways on", () => {
        assert.match(outcome.refusal, /shop at west is standby in epoch 1; refused: east has not handed shop over/);
        assert.match(outcome.refusal, /recovery point \S+, taken \S+Z, \d+ s ago/);
        assert.match(outcome.refusal, /Loss bound: at most the writes of the last \d+ s/);
        assert.match(outcome.refusal, /if east is up: pulumi config set active west --stack east/);
        assert.match(outcome.refusal, /if east is lost: pulumi config set takeover 2 --stack west/);
    });

    it("loses what was not replicated, and no more than was announced", () => {
        const { lostWrites, actualLossSeconds, announcedLossSeconds } = outcome.report;
        assert.equal(outcome.report.lostPlannedWrites, 0);
        // The site dies between two snapshots while it writes: something is lost, else nothing was tried.
        assert.ok(lostWrites > 0);
        assert.ok(actualLossSeconds <= announcedLossSeconds);
    });

    it("is promoted by the very calls that preview announced, each as often as it announced it", () => {
        const { executedCalls, unannounced, notMade, secondsToFirstChange } = outcome.report;
        for (const call of [
            "patch AppMirrorRelationship shop/shop",
            "create ShutdownSnapshot shop/shop-aside-2",
            "delete AppMirrorRelationship shop/shop",
            "create AppMirrorRelationship shop/shop",
            "create ShutdownSnapshot shop/shop-final-2",
        ]) {
            assert.ok(executedCalls.includes(call), `${call} was not made`);
        }
        assert.deepEqual({ unannounced, notMade }, { unannounced: [], notMade: [] });
        console.log(`      the first change came ${secondsToFirstChange} s after pulumi up was started`);
    });

    it("needs nothing more: a second up writes nothing, and a preview finds nothing to change", () => {
        assert.equal(outcome.report.writesOfSecondUp, 0);
        assert.equal(outcome.report.residualChanges, 0);
    });

    it("is written to by one site at a time, but for the time of the override", () => {
        assert.equal(outcome.report.twoWriterSeconds, 0);
        // The dead site's application goes on where it was until its site stands aside.
        assert.ok(outcome.report.twoWriterSecondsUnderOverride! > 0);
    });
});

describe("a takeover whose run is killed in the middle", function () {
    this.timeout(600_000);
    let lab: Lab;

    before(async () => {
        lab = await bringUp();
    });
    after(() => lab?.down());

    it("is finished by the next up, which promotes nothing twice and claims nothing anew", async () => {
        const began = new Date();
        const { west } = await establish(lab, await separateProject(lab));
        await writes(lab, "east", 10);
        await lab.kill("east", { hard: true });
        await west.configure("active", "west");
        await west.configure("takeover", "2");

        const killed = await west.up({
            killAt: (line) => line.includes("patch AppMirrorRelationship shop/shop") && !/\d\. promote/.test(line),
        });
        assert.equal(killed.ok, false);
        // A CLI that was killed leaves the stack locked, and says itself what to type.
        const locked = await west.up();
        assert.match(locked.output, /pulumi cancel/);
        await west.must(["cancel", "--yes", "--stack", "west"]);
        const again = await west.up();
        assert.equal(again.ok, true, again.output);

        await writes(lab, "west", 5);
        const calls = writesSince(lab.sites.west, began).map(({ call }) => call);
        const count = (call: string) => calls.filter((one) => one === call).length;
        assert.equal(count("patch AppMirrorRelationship shop/shop"), 1);
        assert.equal(count("PUT vault-west trident-dr/shop/epoch-2.json"), 1);
        const outputs = (await west.outputs()) as {
            tridentDr: { applications: { shop: { record: { role: string; epoch: number } } } };
        };
        const { role, epoch } = outputs.tridentDr.applications.shop.record;
        assert.deepEqual({ role, epoch }, { role: "active", epoch: 2 });
        assert.equal(twoWriterSeconds(readLedger(path.join(lab.folder, "ledger"))), 0);
    });
});
