import assert from "node:assert/strict";
import type { ServedItem } from "../../../../provider/peering/inputs";
import { dependsOnRecords, stanceOf } from "../../../../provider/peering/stance";
import { emptyRecord, type Role, type RoleRecord } from "../../../../provider/roles/record";

const shop: ServedItem = { application: "shop", namespace: "trident-dr" };
const lost: ServedItem = { ...shop, takeover: 2 };

const record = (role: Role, epoch: number): RoleRecord => ({ ...emptyRecord("shop", "west", "east"), role, epoch });

describe("how far a peering may stand in the way of its site", () => {
    it("all the way where the site serves nothing", () => {
        assert.equal(stanceOf([], [], false), "required");
        assert.equal(stanceOf([], undefined, true), "required");
        assert.equal(dependsOnRecords([], true), false);
    });

    it("all the way where nothing is mirrored yet: no record has a role, and the peering was never made", () => {
        assert.equal(stanceOf([shop], [undefined], true), "required");
        assert.equal(stanceOf([lost], [record("none", 1)], true), "required");
        assert.equal(dependsOnRecords([shop], true), true);
    });

    it("not at all once it was made, or where the state was lost", () => {
        assert.equal(dependsOnRecords([shop], false), false);
        assert.equal(stanceOf([shop], [], false), "optional");
        assert.equal(stanceOf([lost], [undefined], false), "optional");
        for (const role of ["active", "standby", "stood-down", "displaced"] as const) {
            assert.equal(stanceOf([shop], [record(role, 1)], true), "optional");
        }
    });

    it("and is left alone while a takeover without the other site is due", () => {
        assert.equal(dependsOnRecords([lost], false), true);
        for (const isNew of [false, true]) {
            assert.equal(stanceOf([lost], [record("standby", 1)], isNew), "deferred");
        }
        assert.equal(stanceOf([shop, lost], [record("active", 4), record("standby", 1)], false), "deferred");
    });

    it("and is repaired again once the epoch has begun that was acknowledged", () => {
        assert.equal(stanceOf([lost], [record("active", 2)], false), "optional");
        assert.equal(stanceOf([lost], [record("standby", 3)], false), "optional");
        // Acknowledged for the next one while it serves: there is nothing to take over.
        assert.equal(stanceOf([lost], [record("active", 1)], false), "optional");
    });

    it("not at all where the records cannot be read, which the roles report", () => {
        assert.equal(stanceOf([shop], undefined, true), "optional");
        assert.equal(stanceOf([lost], undefined, false), "deferred");
    });
});
