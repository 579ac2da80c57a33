/**
 * Needs nothing but time, which is why it is not among the unit tests: there, the same histories are played, a few of them.
 */
import assert from "node:assert/strict";
import { explore, removeGuard, type Found } from "../../../unit/provider/roles/model/explore";
import { guards } from "../../../unit/provider/roles/model/guards";

/** Of the histories that are drawn; another seed draws others. With this one the rarest guard shows in 1,208. */
const seed = 5;
const enoughForAGuard = 12_000;

describe("the planner, played through on a model of two sites", function () {
    this.timeout(0);

    it("keeps every property in 2,000 random histories", async () => {
        const { runs, states, violations } = await explore({ runs: 2_000, seed, shrink: true });
        assert.deepEqual(violations.map(tell), []);
        assert.equal(runs, 2_000);
        assert.ok(states > 500, `only ${states} states were seen`);
    });

    for (const guard of guards()) {
        it(`would break a property without ${guard.name}`, async () => {
            const { by, withIt } = await removeGuard(guard, { runs: enoughForAGuard, seed });
            assert.deepEqual(withIt && tell(withIt), undefined, "the whole planner breaks a property as well");
            assert.notEqual(by, undefined, "no history was found that shows what this guard is good for");
        });
    }
});

function tell({ violations, log }: Found): string {
    return [...violations.map(({ property, what }) => `${property}: ${what}`), ...log].join("\n");
}
