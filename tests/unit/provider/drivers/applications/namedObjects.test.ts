import assert from "node:assert/strict";
import { namedObjects } from "../../../../../provider/drivers/applications/namedObjects";
import { shopAt } from "./settings";

type Settings = NonNullable<Parameters<typeof shopAt>[0]>;

/** Kind, name and part of each object that a role keeps. */
function named(settings: Settings = {}): string[] {
    return namedObjects(shopAt(settings)).map(({ kind, name, part }) => [kind, name, part].join(" ").trim());
}

describe("the objects that a role keeps", () => {
    const [application, mirror] = ["Application shop", "AppMirrorRelationship shop"];
    const schedules = ["Schedule shop-replication replication", "Schedule shop-daily daily"];

    it("are the Application, the two Schedules that mirroring needs, and the mirror", () => {
        assert.deepEqual(named(), [application, ...schedules, mirror]);
    });

    it("are in the application's first namespace", () => {
        const [first] = shopAt().namespaces;
        assert.ok(namedObjects(shopAt()).every(({ namespace }) => namespace === first));
    });

    it("are those that are named otherwise, under their names", () => {
        assert.deepEqual(named({ names: { mirror: "shop-mirror", schedule: "often", daily: "nightly" } }), [
            application,
            "Schedule often replication",
            "Schedule nightly daily",
            "AppMirrorRelationship shop-mirror",
        ]);
    });

    it("are further Schedules as well, apart from the two that are always there", () => {
        const weekly = { name: "daily", spec: { granularity: "Weekly", snapshotRetention: "4", backupRetention: "0" } };
        assert.deepEqual(named({ schedules: [weekly] }), [
            application,
            ...schedules,
            "Schedule daily further-daily",
            mirror,
        ]);
    });

    it("are declared ExecHooks as well", () => {
        const hook = { name: "h", action: "Snapshot", stage: "Pre", source: "#!/bin/sh" } as const;
        assert.deepEqual(named({ hooks: [hook] }), [application, ...schedules, "ExecHook h h", mirror]);
    });
});
