import assert from "node:assert/strict";
import { bringUp, type Lab } from "../../../lab/lab";
import { separateProject } from "../../../lab/pulumi";
import { kill, type KillReport } from "../../../lab/scenarios/kill";
import type { Point } from "../../../lab/scenarios/kill/points";

const protect = "kubernetes /apis/protect.trident.netapp.io/v1/namespaces/shop";

/** Two of the places where most would be broken; `npm run scenario -- kill` tries them all. */
const points: Point[] = [
    { stage: 0, call: `POST ${protect}/shutdownsnapshots`, occurrence: 1, moment: "after", what: "all" },
    { stage: 1, call: `PATCH ${protect}/appmirrorrelationships/shop`, occurrence: 1, moment: "after", what: "cli" },
];

describe("a switch whose runs are killed in the middle", function () {
    this.timeout(1_200_000);
    let lab: Lab;
    let report: KillReport;
    let faults: string[];

    before(async () => {
        lab = await bringUp();
        ({ report, faults } = await kill(lab, await separateProject(lab), () => undefined, { verb: "switch", points }));
    });
    after(() => lab?.down());

    it("is finished by the next up, and nothing is wrong with how", () => {
        assert.deepEqual(faults, []);
        assert.deepEqual(report.missed, []);
        assert.deepEqual([report.points, report.converged], [2, 2]);
    });

    it("makes no destructive call twice, and needs nothing by hand but the cancel that the CLI asks for", () => {
        assert.equal(report.duplicateDestructiveCalls, 0);
        assert.equal(report.manualSteps, 0);
        assert.deepEqual(
            report.kills.map(({ cancels }) => cancels),
            [1, 1],
        );
    });

    it("loses no write, and is written to by one site at a time", () => {
        assert.ok(report.acknowledgedWrites > 10);
        assert.equal(report.lostPlannedWrites, 0);
        assert.equal(report.twoWriterSeconds, 0);
    });
});
