import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { bringUp, type Lab } from "../../lab/lab";
import { separateProject, Stack } from "../../lab/pulumi";
import { ArrayAdmin } from "../../lab/scenarios/arrayAdmin";
import { type Outcome, residual } from "../../lab/scenarios/scenarioSteps";
import { mirroredVolumes } from "../../lab/scenarios/volumes";
import { OntapClient, type Relationship } from "../../provider/clients/ontap";

describe("mirrored volumes, by the real CLI against a real lab", function () {
    this.timeout(1_200_000);
    let lab: Lab;
    let east: Stack;
    let outcome: Outcome;

    before(async () => {
        lab = await bringUp();
        const project = await separateProject(lab);
        outcome = await mirroredVolumes(lab, project, () => undefined, 2);
        east = new Stack(lab, "east", project);
    });
    after(() => lab?.down());

    it("are handed over, taken over, led back and handed over again, and nothing is wrong with how", () => {
        assert.deepEqual(outcome.faults, []);
        assert.ok(outcome.report.acknowledgedWrites > 100);
    });

    it("lose what was not replicated in the takeover, and nothing else", () => {
        const { lostWrites, lostPlannedWrites, actualLossSeconds, announcedLossSeconds } = outcome.report;
        // The site dies while it is written: something is lost, else nothing was tried.
        assert.ok(lostWrites > 0);
        assert.equal(lostPlannedWrites, 0);
        assert.ok(actualLossSeconds <= announcedLossSeconds);
    });

    it("come back by what changed alone, and leave nothing over", () => {
        const { orphans, bytesMovedBack = 0, bytesChanged = 0 } = outcome.report;
        assert.equal(orphans, 0);
        assert.ok(bytesMovedBack > 0);
        assert.ok(bytesMovedBack <= 1.1 * bytesChanged, `${bytesMovedBack} bytes moved, ${bytesChanged} changed`);
    });

    it("show in a refresh what was changed on the array, and are put right by the next up", async () => {
        const { client, into } = await mirrorAtEast();
        await client.relationships.modify(into.uuid, { policy: "MirrorLatest" });
        const refresh = await east.run(["refresh", "--yes", "--diff", "--stack", "east"]);
        assert.ok(refresh.ok, refresh.output);
        assert.match(refresh.output, /"MirrorAllSnapshots" => "MirrorLatest"/);
        const up = await east.up();
        assert.ok(up.ok, up.output);
        assert.match(up.output, /PATCH \/snapmirror\/relationships\/\{\S+:archive01\}: policy MirrorAllSnapshots/);
        assert.equal((await mirrorAtEast()).into.policy?.name, "MirrorAllSnapshots");
    });

    it("are refused, by name, when somebody broke a mirror off: it may have been written", async () => {
        const { client, into } = await mirrorAtEast();
        await client.relationships.setState(into.uuid, "broken_off");
        const refresh = await east.run(["refresh", "--yes", "--diff", "--stack", "east"]);
        assert.match(refresh.output, /"snapmirrored" => "broken_off"/);
        const up = await east.up();
        assert.equal(up.ok, false);
        assert.match(up.output, /the mirror into \S+:archive01 was broken off, and not by this package/);
    });

    it("leave the mirror by a value of the configuration: nothing is left on the arrays, and west serves on", async () => {
        const west = new Stack(lab, "west", east.project);
        for (const stack of [east, west]) {
            await stack.edit((config) => {
                (config["trident-dr:volumes"] as Record<string, unknown>[])[0]!["unprotect"] = true;
            });
        }
        for (const stack of [west, east, west, east]) {
            const up = await stack.up();
            assert.ok(up.ok, up.output);
        }
        for (const site of ["east", "west"] as const) {
            assert.deepEqual(await new ArrayAdmin(lab.sites[site]).mirrors(), { into: [], outOf: [] });
        }
        assert.equal(await residual([east, west]), 0);
        assert.deepEqual((await west.outputs())["next"], []);
    });

    async function mirrorAtEast(): Promise<{ client: OntapClient; into: Relationship }> {
        const { ontap } = lab.sites.east;
        const client = new OntapClient({
            site: "east",
            endpoint: { url: ontap.url, certificate: await readFile(ontap.caFile, "utf8") },
            credentials: ontap.users.admin,
        });
        return { client, into: (await client.relationships.byDestination(`${ontap.svm}:archive01`))! };
    }
});
