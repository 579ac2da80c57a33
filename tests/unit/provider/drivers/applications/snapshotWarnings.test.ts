import assert from "node:assert/strict";
import type { Kind, ObjectName } from "../../../../../provider/clients/kubernetes/cluster";
import { runActions } from "../../../../../provider/drivers/action";
import type { DriverStep } from "../../../../../provider/drivers/driver";
import { newestWarned } from "../../../../../provider/drivers/applications/snapshotWarnings";
import { object } from "./objects";
import { settingsOfShop, taken, viewOf } from "./view";

const warnings = ["a hook of db failed"];
const final = object("protect.trident.netapp.io/v1", "ShutdownSnapshot", "shop-final-1", {
    status: { state: "Completed", appArchivePath: "a/b", warnings },
});

describe("a snapshot that completed with warnings", () => {
    /** A cluster in which the final snapshot is taken, with warnings, and no pod is left. */
    const cluster = {
        create: () => Promise.resolve(),
        list: () => Promise.resolve([]),
        get: (kind: Kind, { name }: ObjectName) =>
            Promise.resolve(kind.kind === "ShutdownSnapshot" && name === "shop-final-1" ? final : undefined),
        waitFor: () => Promise.resolve(final),
    };
    const standDown = (step: Partial<DriverStep> = {}) =>
        runActions(
            viewOf({}, { cluster }).actions({ do: "take-shutdown-snapshot", epoch: 1, ...step } as DriverStep),
            () => undefined,
            "east",
        );

    it("does not end a stand-down that did not accept them: no token is published", async () => {
        await assert.rejects(standDown(), {
            message:
                "east: ShutdownSnapshot shop/shop-final-1 completed with warnings: a hook of db failed. east does not stand down with it; its volumes have everything that shop wrote. Both ways on: pulumi preview --stack east",
        });
        await standDown({ acceptsWarnings: true } as Partial<DriverStep>);
    });

    it("is told to the planner, if it is final and complete", () => {
        const seen = (name: string, part: object = {}) =>
            viewOf({ shutdownSnapshots: [taken(name, { warnings, ...part })] }).observed.warned;
        assert.deepEqual(seen("shop-final-1"), [{ epoch: 1, warnings }]);
        assert.deepEqual(seen("shop-aside-1"), []);
        assert.deepEqual(seen("shop-final-1", { state: "Running" }), []);
    });

    it("is reported while the site serves, if nothing newer is whole", () => {
        const older = taken("hourly-1", { createdAt: "2026-11-22T03:00:00Z" });
        const newer = taken("hourly-2", { createdAt: "2026-11-22T04:00:00Z" });
        const told = (...snapshots: ReturnType<typeof taken>[]) => newestWarned({ snapshots }, settingsOfShop());
        assert.deepEqual(told({ ...older, warnings }, newer), []);
        assert.deepEqual(told(older, { ...newer, warnings }), [
            "Snapshot shop/hourly-2 completed with warnings: a hook of db failed; what they name may be missing from what west gets with it. All that is known of it, at east: kubectl -n shop describe snapshots.protect.trident.netapp.io hourly-2",
        ]);
    });
});
