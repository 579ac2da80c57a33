import assert from "node:assert/strict";
import { explore, type Found } from "./model/explore";

/** Of the histories that are drawn; another seed draws others. */
const seed = 20261122;

/**
 * Enough to see most mistakes in a change of the planner within seconds. The integration tests play 2,000 and take out
 * every guard, `npm run check:model` as many as it is told: that takes minutes, since some guards are good for one history
 * in thousands.
 */
const count = 250;

describe("the planner, played through on a model of two sites", function () {
    // Seconds, and minutes on a machine that does something else.
    this.timeout(0);

    it(`keeps every property in ${count} random histories`, async () => {
        const { runs, states, violations } = await explore({ runs: count, seed, shrink: true });
        assert.deepEqual(violations.map(tell), []);
        assert.equal(runs, count);
        assert.ok(states > 200, `only ${states} states were seen`);
    });
});

function tell({ violations, log }: Found): string {
    return [...violations.map(({ property, what }) => `${property}: ${what}`), ...log].join("\n");
}
