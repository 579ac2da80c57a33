import assert from "node:assert/strict";
import type { ObservedBundle } from "../../../../provider/roles/situation";
import { active, notesFor, nothingThere, outOfMirror, planFor, replicated, standby, type Told } from "./situations";

const follows: Told = { own: standby("west", 1), active: "east", peer: active("east", 1) };
const seeing = (bundle: ObservedBundle, told: Told): Told => ({
    ...told,
    observed: { ...(told.observed ?? replicated), bundle },
});
const lastStep = (told: Told) => planFor(told).steps.at(-1);

describe("what a takeover without Pulumi goes by", () => {
    it("is kept by each plan of a site with a role, as the last step and for the role that it has by then", () => {
        for (const found of [true, false]) {
            assert.deepEqual(lastStep(seeing({ found }, follows)), { do: "keep-bundle", role: "standby" });
            const takesOver = { ...follows, active: "west", acknowledgements: { takeover: 2 } };
            assert.deepEqual(lastStep(seeing({ found }, takesOver)), { do: "keep-bundle", role: "active" });
        }
    });

    it("is removed when the item leaves the mirror, and is not asked for again afterwards", () => {
        const leaves = { ...follows, unprotect: true };
        assert.deepEqual(lastStep(seeing({ found: true }, leaves)), { do: "remove-bundle" });
        const out: Told = {
            own: outOfMirror("west", 1, "standby"),
            active: "east",
            unprotect: true,
            observed: nothingThere,
        };
        const steps = planFor(seeing({ found: false }, out)).steps.map((step) => step.do);
        assert.deepEqual(
            steps.filter((name) => name.endsWith("-bundle")),
            [],
        );
    });

    it("that cannot be read is told, and stays as it is", () => {
        const told = seeing({ unknown: "west: forbidden" }, follows);
        assert.equal(
            planFor(told).steps.some((step) => step.do.endsWith("-bundle")),
            false,
        );
        assert.match(notesFor(told).join(), /goes by cannot be read at west \(west: forbidden\), and stays as it is/);
    });
});
