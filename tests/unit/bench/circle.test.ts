import assert from "node:assert/strict";
import { noGoal } from "../../../bench/goals";
import { circleRows } from "../../../bench/measures/circle";
import { peerNames } from "../../../bench/peers/failovers";
import { wayNames } from "../../../bench/peers/ways";
import { type Row, rowOf } from "../../../bench/rows";

const row = (measure: string, ours: number, peer: string, theirs: number, size = 10): Row =>
    rowOf({ measure, size, latency: "default", unit: "s", goal: noGoal }, [ours, ours + 2], {
        peer: { name: peer, values: [theirs] },
    });

describe("the whole circle", () => {
    const rows = (failover: number) => [
        row("failover, up: the command ends", 1000, peerNames.ansible, 1000),
        row("failover, up --skip-preview: the command ends", failover, peerNames.ansible, 40),
        row("failover, up --skip-preview: the command ends", failover, peerNames.parallel, 2),
        row("failover, up --skip-preview: the command ends", 1000, peerNames.ansible, 1000, 1),
        row("rejoin: all commands", 30, wayNames.ansible, 50),
        row("rejoin: all commands", 30, wayNames.kubectl, 4),
        row("switch: all commands", 20, wayNames.ansible, 60),
        row("switch: all commands", 20, wayNames.kubectl, 6),
    ];

    it("takes what a failover, a rejoin and the switch back take, and is held against half of Ansible's", () => {
        const [kubectl, ansible, roles, ...more] = circleRows(rows(22), 10, "default");
        assert.deepEqual(more, []);
        assert.deepEqual(kubectl?.peer, { name: wayNames.kubectl, median: 12, min: 12, max: 12, runs: 1 });
        assert.deepEqual(ansible?.ours, { median: 75, min: 72, max: 78, runs: 2 });
        assert.deepEqual([ansible?.peer?.median, ansible?.ratio, ansible?.met], [150, 0.5, true]);
        assert.deepEqual([kubectl?.goal, ansible?.goal], ["", "≤ half"]);
        assert.match(roles?.notRun ?? "", /only dr_failover/);
        assert.equal(circleRows(rows(23), 10, "default")[1]?.met, false);
    });

    it("is not told while a part of it was not measured", () => {
        for (const missing of ["failover, up --skip-preview", "rejoin", "switch"]) {
            const others = rows(22).filter(({ measure }) => !measure.startsWith(missing));
            assert.deepEqual(circleRows(others, 10, "default"), []);
        }
        assert.deepEqual(circleRows(rows(22), 10, "none"), []);
    });
});
