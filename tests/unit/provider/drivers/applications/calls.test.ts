import assert from "node:assert/strict";
import type { KubernetesObject } from "../../../../../provider/clients/kubernetes/cluster";
import { runActions } from "../../../../../provider/drivers/action";
import type { DriverStep } from "../../../../../provider/drivers/driver";
import type { HandOverToken } from "../../../../../provider/roles/record";
import { readMirror, type ApplicationState } from "../../../../../provider/drivers/applications/observe";
import { shopAt } from "./settings";
import { running, taken, viewOf } from "./view";

const callsOf = (step: DriverStep, state: Partial<ApplicationState>) =>
    viewOf(state)
        .actions(step)
        .map(({ call }) => call);

describe("the calls of the applications driver's steps", () => {
    describe("stop-workloads", () => {
        const calls = (state: Partial<ApplicationState>) => callsOf({ do: "stop-workloads", epoch: 2 }, state);

        it("keeps what was there in a ShutdownSnapshot named by the epoch: preview and up name the same one", () => {
            const [call] = calls({ workloads: [running("Deployment shop/shop")] });
            assert.match(call!, /^create ShutdownSnapshot shop\/shop-aside-2:/);
        });

        it("waits until no pod mounts a volume, whoever made it, and changes nothing that is no part of it", () => {
            assert.deepEqual(calls({ workloads: [running("Deployment shop/shop")] }).slice(1), [
                "wait for ShutdownSnapshot shop/shop-aside-2 to be Completed",
                "wait until no pod mounts a volume of shop",
            ]);
            const agent = running("Deployment shop/agent", { belongs: false, isCore: false });
            assert.deepEqual(calls({ workloads: [agent] }), ["wait until no pod mounts a volume of shop"]);
        });

        it("stops what would write next, such as a CronJob between two runs", () => {
            const [call] = calls({ workloads: [running("CronJob shop/report", { pods: [] })] });
            assert.match(call!, /^create ShutdownSnapshot shop\/shop-aside-2:/);
        });

        it("makes no call where nothing runs, and another snapshot for what was brought back", () => {
            assert.deepEqual(calls({}), []);
            const [again] = calls({
                workloads: [running("Deployment shop/shop")],
                shutdownSnapshots: [taken("shop-aside-2")],
            });
            assert.match(again!, /^create ShutdownSnapshot shop\/shop-aside-2-2:/);
        });

        it("waits for the one that was begun, though nothing runs any more", () => {
            const shutdownSnapshots = [taken("shop-aside-2", { state: "Running" })];
            assert.deepEqual(calls({ shutdownSnapshots }), [
                "wait for ShutdownSnapshot shop/shop-aside-2 to be Completed",
                "wait until no pod mounts a volume of shop",
            ]);
        });
    });

    describe("take-shutdown-snapshot", () => {
        const calls = (state: Partial<ApplicationState>) => callsOf({ do: "take-shutdown-snapshot", epoch: 1 }, state);
        const afterwards = [
            "patch ShutdownSnapshot shop/shop-final-1: not final, what was written after it is not in it",
            "wait until no pod mounts a volume of shop",
        ];

        it("ends only when no pod mounts a volume, and announces that one which is left is written down", () => {
            const last = "check ShutdownSnapshot shop/shop-final-1: it completed without warnings";
            assert.deepEqual(calls({}).slice(2), [...afterwards, last]);
            const [, , patch] = viewOf({}).actions({ do: "take-shutdown-snapshot", epoch: 1 });
            assert.equal(patch!.when, "if a pod still mounts a volume");
        });

        it("has nothing to do once the snapshot is complete and nothing mounts a volume", () => {
            const shutdownSnapshots = [taken("shop-final-1")];
            assert.deepEqual(calls({ shutdownSnapshots }), []);
            const frontend = running("Deployment shop/frontend", { mounts: false, isCore: false, pods: [] });
            assert.deepEqual(calls({ shutdownSnapshots, workloads: [frontend] }), []);
            assert.deepEqual(calls({ shutdownSnapshots, workloads: [running("Pod shop/x")] }), afterwards);
        });
    });

    describe("restore-application", () => {
        const final = taken("shop-final-1");
        const calls = (state: Partial<ApplicationState>, archivePath?: string) =>
            callsOf(
                { do: "restore-application", epoch: 2, ...(archivePath === undefined ? {} : { archivePath }) },
                state,
            );

        it("restores the archive that it is given, else the newest ShutdownSnapshot", () => {
            assert.deepEqual(calls({}, "shop_uid/snapshots/x"), [
                "create SnapshotInplaceRestore shop/shop-restore-2: from shop_uid/snapshots/x",
                "wait for SnapshotInplaceRestore shop/shop-restore-2 to be Completed",
            ]);
            const older = taken("shop-final-0", { createdAt: "2026-11-20T03:00:00Z" });
            assert.deepEqual(calls({ shutdownSnapshots: [final, older] }), [
                `create SnapshotInplaceRestore shop/shop-restore-2: from ${final.archivePath}`,
                "wait for SnapshotInplaceRestore shop/shop-restore-2 to be Completed",
            ]);
        });

        it("makes no call where the application runs, or was restored for this epoch", () => {
            assert.deepEqual(calls({ workloads: [running("Deployment shop/shop")], shutdownSnapshots: [final] }), []);
            assert.deepEqual(calls({ restores: [taken("shop-restore-2")], shutdownSnapshots: [final] }), []);
        });

        it("restores although something else runs in the application's namespaces", () => {
            const agent = running("Deployment shop/agent", { belongs: false, isCore: false, mounts: false, pods: [] });
            assert.match(
                calls({ workloads: [agent], shutdownSnapshots: [final] })[0]!,
                /^create SnapshotInplaceRestore shop\/shop-restore-2/,
            );
        });

        it("waits for a restore that was begun, and lets a ShutdownSnapshot that is at work end first", () => {
            assert.deepEqual(calls({ restores: [taken("shop-restore-2", { state: "Running" })] }), [
                "wait for SnapshotInplaceRestore shop/shop-restore-2 to be Completed",
            ]);
            const half = {
                workloads: [running("Deployment shop/shop")],
                shutdownSnapshots: [taken("shop-final-1", { state: "Running" })],
            };
            assert.equal(calls(half)[0], "wait for ShutdownSnapshot shop/shop-final-1 to be Completed");
            assert.match(calls(half)[1]!, /^create SnapshotInplaceRestore/);
        });
    });

    describe("forget-snapshots", () => {
        const calls = (state: Partial<ApplicationState>) =>
            callsOf({ do: "forget-snapshots", before: 3, mirrored: true }, state);

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
            assert.deepEqual(calls({ snapshots: [taken("shop-base-1", { deleting: true })] }), []);
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
            callsOf({ do: "establish-mirror", sourceUid, way }, { mirror });

        it("leads a promoted mirror back only by a resync, which says what is discarded", () => {
            assert.match(calls("resync")[0]!, /^patch AppMirrorRelationship shop\/shop: Established, .* discarded$/);
            assert.match(
                calls("reverse").join(";"),
                /^delete AppMirrorRelationship shop\/shop;wait for .* to be gone;create /,
            );
        });

        it("gives one that is there the rule that is declared, whoever changed it", () => {
            const established = { ...mirror, desiredState: "Established", state: "Established" };
            const withRule = (recurrenceRule: string) =>
                callsOf(
                    { do: "establish-mirror", sourceUid: "uid-west", way: "first" },
                    {
                        mirror: { ...established, recurrenceRule },
                    },
                );
            const declared = shopAt().recurrence.mirror;
            assert.deepEqual(withRule(declared), []);
            const [call, ...more] = withRule("DTSTART:20250101T000000Z\nRRULE:FREQ=HOURLY");
            assert.deepEqual(more, []);
            assert.match(
                call!,
                /^patch AppMirrorRelationship shop\/shop: recurrenceRule .*, in place of .*FREQ=HOURLY/,
            );
        });

        it("makes a new one for an Application that was made anew, whichever the way", () => {
            assert.match(
                calls("resync", "uid-new").join(";"),
                /^delete AppMirrorRelationship shop\/shop;wait for .* to be gone;create /,
            );
        });
    });

    describe("promote", () => {
        const mirror = {
            desiredState: "Established",
            state: "Established",
            error: "",
            promotedSnapshot: undefined,
            sourceApplicationUid: "uid-west",
            lastTransferred: undefined,
            deleting: false,
        };

        it("announces what is checked before the patch, which cannot be taken back, and what is waited for", () => {
            assert.deepEqual(callsOf({ do: "promote" }, { mirror }), [
                "GET /storage/volumes of east: the array answers and knows every volume",
                "patch AppMirrorRelationship shop/shop: Promoted at the recovery point",
                "wait for AppMirrorRelationship shop/shop to be Promoted",
            ]);
        });
    });

    describe("promote where a snapshot that was named before has not arrived", () => {
        const final = "20261122030000_shop-final-1_8f14e45f-0000-4000-8000-000000000000";
        const mirror = {
            desiredState: "Promoted",
            state: "Promoting",
            error: "",
            promotedSnapshot: final,
            sourceApplicationUid: "uid-west",
            lastTransferred: { name: "custom-259", completedAt: "2026-11-22T02:59:40Z" },
            deleting: false,
        };
        const recoveryPoint = { snapshot: "custom-259", takenAt: "2026-11-22T02:59:00Z" };
        const token = { finalSnapshot: final } as HandOverToken;

        it("clears its name, so that the newest that is there is promoted", async () => {
            const patches: unknown[] = [];
            const patch = (_kind: unknown, _key: unknown, change: unknown) => Promise.resolve(patches.push(change));
            const actions = viewOf({ mirror, recoveryPoint }, { cluster: { patch } }).actions({ do: "promote" });
            const write = actions.find(({ effect }) => effect === "write")!;
            await write.run(() => undefined);
            assert.match(
                write.call,
                /: Promoted at the recovery point, instead of 2026.*_shop-final-1_.* not arrived$/,
            );
            assert.deepEqual(patches, [{ spec: { desiredState: "Promoted", promotedSnapshot: null } }]);
        });

        it("waits for it as long as it is the one to promote, or once it has arrived", () => {
            const waits = ["wait for AppMirrorRelationship shop/shop to be Promoted"];
            assert.deepEqual(callsOf({ do: "promote", token }, { mirror, recoveryPoint }).slice(0, -1), waits);
            const lastTransferred = { name: "shop-final-1", completedAt: "2026-11-22T03:00:10Z" };
            assert.deepEqual(
                callsOf({ do: "promote" }, { mirror: { ...mirror, lastTransferred }, recoveryPoint }),
                waits,
            );
        });

        it("is told apart, and is no recovery point", () => {
            const seen = (changes: Partial<typeof mirror>) =>
                viewOf({ mirror: { ...mirror, ...changes }, recoveryPoint }).observed.mirror;
            assert.equal(seen({})?.awaits, final);
            assert.deepEqual(seen({})?.recoveryPoint, recoveryPoint);
            assert.equal(seen({ state: "Promoted" })?.awaits, undefined);
            const older = final.replace("20261122030000", "20261122025800");
            assert.equal(seen({ promotedSnapshot: older })?.awaits, undefined);
        });
    });

    it("tells a mirror that brings what the other site writes, and how a person stops it", () => {
        const seen = (desiredState: string) =>
            viewOf({
                mirror: readMirror({
                    apiVersion: "",
                    kind: "",
                    metadata: { name: "shop" },
                    spec: { sourceApplicationUID: "uid-west", desiredState },
                    status: { state: desiredState },
                }),
            }).observed.bringing;
        assert.equal(seen("Promoted"), undefined);
        assert.deepEqual(seen("Established"), {
            what: "AppMirrorRelationship shop/shop has desiredState Established",
            stop: `kubectl -n shop patch appmirrorrelationships.protect.trident.netapp.io shop --type merge -p '{"spec":{"desiredState":"Promoted"}}'`,
        });
    });

    describe("promote at an older point", () => {
        const folder = "20261122025200_custom-252_8f14e45f-0000-4000-8000-000000000000";
        const step: DriverStep = {
            do: "promote",
            point: { folder, snapshot: "custom-252", takenAt: "2026-11-22T02:52:00Z" },
        };
        const spec = { sourceApplicationUID: "uid-west" };
        const mirrorOf = (changes: object, status: object) =>
            ({ apiVersion: "", kind: "", metadata: { name: "shop" }, spec: { ...spec, ...changes }, status }) as const;
        const established = readMirror(mirrorOf({ desiredState: "Established" }, { state: "Established" }));
        const patches: unknown[] = [];

        /** What the API server shows of the mirror once it is patched. */
        const promoting = async (shown: KubernetesObject, refuses = false, mirror = established) => {
            patches.length = 0;
            const cluster = {
                patch: (_kind: unknown, _name: unknown, change: unknown, options?: unknown) => {
                    patches.push([change, options]);
                    return refuses ? Promise.reject(new Error("denied: annotate it")) : Promise.resolve(shown);
                },
                waitFor: (
                    _kind: unknown,
                    _name: unknown,
                    _wanted: unknown,
                    reached: (object: KubernetesObject) => boolean,
                ) => Promise.resolve(assert.ok(reached(shown))),
            };
            const volumes = { requireReachable: () => Promise.resolve() };
            const promoteAnnotations = { "example.com/older": "true" };
            await runActions(
                viewOf({ mirror }, { cluster, volumes, promoteAnnotations }).actions(step),
                () => undefined,
                "east",
            );
        };

        it("has the server validate the very patch first, with the annotations", async () => {
            await promoting(mirrorOf({ desiredState: "Promoted", promotedSnapshot: folder }, { state: "Promoted" }));
            const change = {
                metadata: {
                    name: "shop",
                    namespace: "shop",
                    annotations: {
                        "example.com/older": "true",
                        "trident-dr.pulumi.com/promoted-with": "example.com/older",
                    },
                },
                spec: { desiredState: "Promoted", promotedSnapshot: folder },
            };
            assert.deepEqual(patches, [
                [change, { dryRun: true }],
                [change, undefined],
            ]);
        });

        it("passes on what the server says, and promotes nothing then", async () => {
            await assert.rejects(
                promoting(mirrorOf({ desiredState: "Established" }, {}), true),
                /refuses to promote shop at an older point: denied: annotate it\. Nothing was promoted.*promoteAnnotations/,
            );
            assert.equal(patches.length, 1);
        });

        it("ends the wait with the controller's error, and with another point that was promoted", async () => {
            const patched = { desiredState: "Promoted", promotedSnapshot: folder };
            await assert.rejects(
                promoting(mirrorOf(patched, { state: "Established", error: "consent is missing" })),
                /does not promote shop at 20261122025200_.*: consent is missing/,
            );
            await assert.rejects(
                promoting(mirrorOf({ ...patched, promotedSnapshot: "other" }, { state: "Promoted" })),
                /is promoted at other, and by somebody else; expected 20261122025200_/,
            );
        });

        it("does not take for an answer what the mirror complained of before", async () => {
            const error = "LIST in bucket east: no answer";
            const before = readMirror(mirrorOf({ desiredState: "Established" }, { state: "Established", error }));
            const shown = mirrorOf(
                { desiredState: "Promoted", promotedSnapshot: folder },
                { state: "Promoting", error },
            );
            // Neither ended by the error, nor by the promotion.
            await assert.rejects(promoting(shown, false, before), { code: "ERR_ASSERTION" });
        });

        it("is patched again in the next run, which may have got the annotations", async () => {
            const shown = { desiredState: "Promoted", promotedSnapshot: folder };
            const before = readMirror(mirrorOf(shown, { state: "Established", error: "consent is missing" }));
            await promoting(mirrorOf(shown, { state: "Promoted" }), false, before);
            assert.equal(patches.length, 2);
        });

        it("leaves neither annotation nor snapshot behind when the mirror is led back", async () => {
            const promoted = mirrorOf({ desiredState: "Promoted", promotedSnapshot: folder }, { state: "Promoted" });
            const ledBack = async (mirror: KubernetesObject, promoteAnnotations: Record<string, string>) => {
                const patch = (_kind: unknown, _name: unknown, change: unknown) =>
                    Promise.resolve(patches.push(change));
                patches.length = 0;
                await viewOf({ mirror: readMirror(mirror) }, { cluster: { patch }, promoteAnnotations })
                    .actions({ do: "establish-mirror", sourceUid: "uid-west", way: "resync" })
                    .find(({ effect }) => effect === "write")!
                    .run(() => undefined);
                return patches;
            };
            const spec = { desiredState: "Established", promotedSnapshot: null };
            const of = (annotations: object) => [{ metadata: { name: "shop", namespace: "shop", annotations }, spec }];
            assert.deepEqual(
                await ledBack(promoted, { "example.com/older": "true" }),
                of({ "example.com/older": null }),
            );
            const annotations = {
                "example.com/older": "true",
                "example.com/kept": "by somebody else",
                "trident-dr.pulumi.com/promoted-with": "example.com/older",
            };
            const annotated = { ...promoted, metadata: { ...promoted.metadata, annotations } };
            assert.deepEqual(
                await ledBack(annotated, {}),
                of({ "example.com/older": null, "trident-dr.pulumi.com/promoted-with": null }),
            );
        });
    });

    describe("take-base-snapshot", () => {
        it("announces the waits for bound claims and for the snapshot", () => {
            assert.deepEqual(callsOf({ do: "take-base-snapshot", epoch: 1 }, {}), [
                "wait for every PersistentVolumeClaim in shop to be Bound",
                "wait for every PersistentVolumeClaim in shop-data to be Bound",
                "create Snapshot shop/shop-base-1",
                "wait for Snapshot shop/shop-base-1 to be Completed",
            ]);
        });
    });
});
