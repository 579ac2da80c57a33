import assert from "node:assert/strict";
import { mirrorManifest } from "../../../../../provider/drivers/applications/manifests";
import { namedObjects, type NamedObject } from "../../../../../provider/drivers/applications/namedObjects";
import type { HookSettings } from "../../../../../provider/drivers/applications/settings";
import { emptyRecord, type RoleRecord } from "../../../../../provider/roles/record";
import { shopAt } from "./settings";

const recordOf = (change: Partial<RoleRecord>): RoleRecord => ({
    ...emptyRecord("shop", "east", "west"),
    epoch: 1,
    ...change,
});

/** Kind and name of each object that stands under a record. */
function standingUnder(change: Partial<RoleRecord>): string[] {
    return namedObjects(shopAt())
        .filter((object) => object.under(recordOf(change), "uid-of-west").state === "present")
        .map(({ kind, name }) => `${kind} ${name}`);
}

describe("what stands at a site, by its role", () => {
    const [application, mirror] = ["Application shop", "AppMirrorRelationship shop"];
    const schedules = ["Schedule shop-replication", "Schedule shop-daily"];

    it("none: nothing", () => assert.deepEqual(standingUnder({ role: "none", epoch: 0 }), []));

    it("active: the Application and its Schedules, and no mirror", () => {
        assert.deepEqual(standingUnder({ role: "active" }), [application, ...schedules]);
    });

    it("active after a takeover, the peer still away: the mirror, promoted, and the Schedules", () => {
        assert.deepEqual(standingUnder({ role: "active", mirrorKept: true }), [application, ...schedules, mirror]);
        assert.equal(specOfMirror({ role: "active", mirrorKept: true }).desiredState, "Promoted");
    });

    it("standby: the mirror of the peer's Application", () => {
        assert.deepEqual(standingUnder({ role: "standby" }), [application, mirror]);
        assert.deepEqual(specOfMirror({ role: "standby" }), mirrorManifest(shopAt(), "uid-of-west").spec);
    });

    for (const role of ["stood-down", "displaced"] as const) {
        it(`${role}: the Application, which its Snapshots need, and nothing that runs`, () => {
            assert.deepEqual(standingUnder({ role }), [application]);
        });
    }

    it("establishing, whatever the role is still: the mirror, and no Schedule", () => {
        for (const role of ["none", "active", "displaced"] as const) {
            const standing = namedObjects(shopAt())
                .filter((object) => object.under(recordOf({ role }), "uid-of-west", true).state === "present")
                .map(({ kind, name }) => `${kind} ${name}`);
            assert.deepEqual(standing, [application, mirror]);
        }
    });

    it("shows what else is scheduled where the site serves, apart from the two that are always there", () => {
        const weekly = { name: "daily", spec: { granularity: "Weekly", snapshotRetention: "4", backupRetention: "0" } };
        const objects = namedObjects(shopAt({ schedules: [weekly] })).filter(({ kind }) => kind === "Schedule");
        assert.deepEqual(
            objects.map(({ name, part }) => `${name} ${part}`),
            ["shop-replication replication", "shop-daily daily", "daily further-daily"],
        );
        const stateUnder = (role: RoleRecord["role"]) => objects[2]!.under(recordOf({ role }), "uid-of-west").state;
        assert.deepEqual([stateUnder("active"), stateUnder("standby")], ["present", "absent"]);
    });

    it("says of what was let go of only that, until it is managed again", () => {
        const history = [
            { epoch: 1, from: "active", to: "none", verb: "unmanage", at: "2026-11-22T03:00:00Z", stages: [] },
        ] satisfies RoleRecord["history"];
        const states = (change: Partial<RoleRecord>, establishing?: boolean) =>
            namedObjects(shopAt()).map((object) => object.under(recordOf(change), "uid", establishing).state);
        const everything = [application, ...schedules, mirror];
        assert.deepEqual(
            states({ role: "none", history }),
            everything.map(() => "unmanaged"),
        );
        assert.deepEqual(states({ role: "standby", history }), ["present", "absent", "absent", "present"]);
        assert.deepEqual(states({ role: "none", history }, true), ["present", "absent", "absent", "present"]);
    });

    it("active: the declared ExecHooks as well, and at no other site", () => {
        const hooks: HookSettings[] = [{ name: "h", action: "Snapshot", stage: "Pre", source: "#!/bin/sh" }];
        const standing = (change: Partial<RoleRecord>) =>
            namedObjects(shopAt({ hooks }))
                .filter(({ kind }) => kind === "ExecHook")
                .map((object) => object.under(recordOf(change), "uid-of-west").state);
        assert.deepEqual(standing({ role: "active" }), ["present"]);
        for (const role of ["none", "standby", "stood-down", "displaced"] as const) {
            assert.deepEqual(standing({ role }), ["absent"]);
        }
    });

    it("says of what is absent no spec", () => {
        const [, schedule] = namedObjects(shopAt());
        assert.deepEqual(schedule!.under(recordOf({ role: "standby" }), ""), { state: "absent", spec: {} });
    });

    function specOfMirror(change: Partial<RoleRecord>): Record<string, unknown> {
        const isMirror = ({ kind }: NamedObject) => kind === "AppMirrorRelationship";
        return namedObjects(shopAt()).find(isMirror)!.under(recordOf(change), "uid-of-west").spec;
    }
});
