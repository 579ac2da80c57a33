import assert from "node:assert/strict";
import { AppMirrorDriver } from "../../../../../provider/drivers/applications/applicationsDriver";
import type { Seen, SeenSnapshot } from "../../../../../provider/drivers/applications/observe";
import type { Volumes } from "../../../../../provider/drivers/applications/claimedVolumes";
import type { Cluster } from "../../../../../provider/clients/kubernetes/cluster";
import { shopAt } from "./settings";

const nobody = new Proxy(
    {},
    { get: (_, name) => () => Promise.reject(new Error(`${String(name)} is not to be asked`)) },
);

const driver = new AppMirrorDriver(
    nobody as Cluster,
    {
        ...shopAt(),
        cluster: {},
        ontap: { endpoint: { url: "https://east.example" }, svm: "svm_east" },
        timeouts: { establish: 1_000, promote: 1_000, snapshot: 1_000 },
    },
    nobody as unknown as Volumes,
    new AbortController().signal,
);

const nothing: Seen = {
    application: undefined,
    schedules: [],
    snapshots: [],
    shutdownSnapshots: [],
    restores: [],
    workloads: [],
    mirrorObject: undefined,
    mirror: undefined,
};

function taken(name: string, part: Partial<SeenSnapshot> = {}): SeenSnapshot {
    return {
        name,
        state: "Completed",
        archivePath: `shop_uid/snapshots/20261122030000_${name}_uid`,
        error: "",
        createdAt: "2026-11-22T03:00:00Z",
        leaving: false,
        ...part,
    };
}

describe("the calls of the app-mirror driver's steps", () => {
    describe("stop-workloads", () => {
        const calls = (seen: Partial<Seen>) =>
            driver.callsOf({ do: "stop-workloads", epoch: 2 }, { ...nothing, ...seen });

        it("keeps what was there in a ShutdownSnapshot named by the epoch: preview and up name the same one", () => {
            const [call] = calls({ workloads: ["Deployment shop/shop"] });
            assert.match(call!, /^create ShutdownSnapshot shop\/shop-aside-2:/);
        });

        it("makes no call where nothing runs, and another snapshot for what was brought back", () => {
            assert.deepEqual(calls({}), []);
            const [again] = calls({
                workloads: ["Deployment shop/shop"],
                shutdownSnapshots: [taken("shop-aside-2")],
            });
            assert.match(again!, /^create ShutdownSnapshot shop\/shop-aside-2-2:/);
        });

        it("waits for the one that was begun, though nothing runs any more", () => {
            const shutdownSnapshots = [taken("shop-aside-2", { state: "Running" })];
            assert.deepEqual(calls({ shutdownSnapshots }), ["wait for ShutdownSnapshot shop/shop-aside-2"]);
        });
    });

    describe("restore-application", () => {
        const final = taken("shop-final-1");
        const calls = (seen: Partial<Seen>, archivePath?: string) =>
            driver.callsOf(
                { do: "restore-application", epoch: 2, ...(archivePath === undefined ? {} : { archivePath }) },
                { ...nothing, ...seen },
            );

        it("restores the archive that it is given, else the newest ShutdownSnapshot", () => {
            assert.deepEqual(calls({}, "shop_uid/snapshots/x"), [
                "create SnapshotInplaceRestore shop/shop-restore-2: from shop_uid/snapshots/x",
            ]);
            const older = taken("shop-final-0", { createdAt: "2026-11-20T03:00:00Z" });
            assert.deepEqual(calls({ shutdownSnapshots: [final, older] }), [
                `create SnapshotInplaceRestore shop/shop-restore-2: from ${final.archivePath}`,
            ]);
        });

        it("makes no call where the application runs, or was restored for this epoch", () => {
            assert.deepEqual(calls({ workloads: ["Deployment shop/shop"], shutdownSnapshots: [final] }), []);
            assert.deepEqual(calls({ restores: [taken("shop-restore-2")], shutdownSnapshots: [final] }), []);
        });

        it("waits for a restore that was begun, and lets a ShutdownSnapshot that is at work end first", () => {
            assert.deepEqual(calls({ restores: [taken("shop-restore-2", { state: "Running" })] }), [
                "wait for SnapshotInplaceRestore shop/shop-restore-2",
            ]);
            const half = {
                workloads: ["Deployment shop/shop"],
                shutdownSnapshots: [taken("shop-final-1", { state: "Running" })],
            };
            assert.equal(calls(half)[0], "wait for ShutdownSnapshot shop/shop-final-1");
            assert.match(calls(half)[1]!, /^create SnapshotInplaceRestore/);
        });
    });

    describe("forget-snapshots", () => {
        const calls = (seen: Partial<Seen>) =>
            driver.callsOf({ do: "forget-snapshots", before: 3 }, { ...nothing, ...seen });

        it("deletes by name what was taken for earlier epochs, and nothing that somebody else took", () => {
            assert.deepEqual(
                calls({
                    snapshots: [taken("shop-base-1"), taken("shop-base-3"), taken("shop-base-ment"), taken("custom-1")],
                    shutdownSnapshots: [taken("shop-final-2"), taken("shop-aside-2-2"), taken("mine-final-1")],
                    restores: [taken("shop-restore-2"), taken("shop-restore-3")],
                }),
                [
                    "delete Snapshot shop/shop-base-1",
                    "delete ShutdownSnapshot shop/shop-final-2",
                    "delete ShutdownSnapshot shop/shop-aside-2-2",
                    "delete SnapshotInplaceRestore shop/shop-restore-2",
                ],
            );
        });

        it("does not delete again what is on its way out", () => {
            assert.deepEqual(calls({ snapshots: [taken("shop-base-1", { leaving: true })] }), []);
        });
    });

    describe("establish-mirror", () => {
        const mirror = {
            desiredState: "Promoted",
            state: "Promoted",
            error: "",
            promotedSnapshot: undefined,
            sourceApplicationUid: "uid-west",
            lastTransferred: undefined,
            deleting: false,
        };
        const calls = (way: "first" | "reverse" | "resync", sourceUid = "uid-west") =>
            driver.callsOf({ do: "establish-mirror", sourceUid, way }, { ...nothing, mirrorObject: mirror });

        it("leads a promoted mirror back only by a resync, which says what is discarded", () => {
            assert.match(calls("resync").join(), /^patch AppMirrorRelationship shop\/shop: Established, .* discarded$/);
            assert.match(calls("reverse").join(";"), /^delete AppMirrorRelationship shop\/shop;create /);
        });

        it("makes a new one for an Application that was made anew, whichever the way", () => {
            assert.match(calls("resync", "uid-new").join(";"), /^delete AppMirrorRelationship shop\/shop;create /);
        });
    });
});
