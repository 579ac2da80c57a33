import assert from "node:assert/strict";
import { active, notesFor, nothingThere, planFor, refusalFor, replicated, standby, withoutRole } from "./situations";

const unmirrorable = ["volume svm_east:archive02 is a FlexGroup"];

describe("what cannot be mirrored", () => {
    it("is refused by name at a first role", () => {
        const first = { own: withoutRole("east"), active: "east", observed: { ...nothingThere, unmirrorable } };
        const { code, reason } = refusalFor(first);
        assert.equal(code, "cannot-be-mirrored");
        assert.equal(
            reason,
            "shop cannot begin at east: volume svm_east:archive02 is a FlexGroup; expected FlexVols, since nothing else is mirrored. Nothing was changed",
        );
    });

    it("stops nothing at an item that has roles, and is told", () => {
        const serving = {
            own: active("east", 1),
            peer: standby("west", 1),
            active: "east",
            observed: { ...nothingThere, unmirrorable },
        };
        assert.equal(planFor(serving).verb, "hold");
        assert.ok(notesFor(serving).some((note) => note.startsWith("NOT PROTECTED: volume svm_east:archive02 is")));
        const takeover = {
            own: standby("west", 1),
            active: "west",
            peer: { known: false as const, why: "its stack cannot be read" },
            acknowledgements: { takeover: 2 },
            observed: { ...replicated, unmirrorable },
        };
        assert.equal(planFor(takeover).verb, "take over without a token");
    });
});
