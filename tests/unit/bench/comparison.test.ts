import assert from "node:assert/strict";
import { Comparison } from "../../../bench/comparison";
import { faster, noGoal } from "../../../bench/goals";

const subject = { measure: "switch", size: 1, latency: "default", unit: "s" } as const;

describe("a comparison, run by run", () => {
    it("has a row for each of the others, with all runs of ours and those of that one", () => {
        const figures = new Comparison();
        figures.add(4, { kubectl: 2 }, 0.5);
        figures.add(6, { Ansible: 9 }, 0.7);
        const rows = figures.rows(subject, (peer) => (peer === "Ansible" ? faster : noGoal));
        assert.deepEqual(
            rows.map(({ ours, peer, met, idle }) => [ours?.median, ours?.runs, peer?.name, peer?.median, met, idle]),
            [
                [5, 2, "kubectl", 2, null, 0.6],
                [5, 2, "Ansible", 9, true, 0.6],
            ],
        );
    });

    it("has one row of ours alone, and no goal, where nothing is beside it", () => {
        const figures = new Comparison();
        figures.add(4, {}, 0.5);
        const rows = figures.rows(subject, () => faster);
        assert.deepEqual(
            rows.map(({ ours, peer, goal, met }) => [ours?.median, peer, goal, met]),
            [[4, null, "", null]],
        );
    });

    it("takes runs of ours alone where the other one's is not repeated", () => {
        const figures = new Comparison();
        figures.add(4, { "netapp-ontap": 100, Ansible: 300 }, 0.5);
        figures.add(6, {}, 0.5);
        assert.deepEqual(
            figures.rows(subject, () => faster).map(({ ours, peer }) => [ours?.runs, peer?.name, peer?.runs]),
            [
                [2, "netapp-ontap", 1],
                [2, "Ansible", 1],
            ],
        );
    });
});
