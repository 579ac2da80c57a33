import assert from "node:assert/strict";
import { runActions } from "../../../../../provider/drivers/action";
import { hookManifests } from "../../../../../provider/drivers/applications/manifests";
import { readState } from "../../../../../provider/drivers/applications/observe";
import type { HookSettings } from "../../../../../provider/drivers/applications/settings";
import type { Cluster, Kind, KubernetesObject } from "../../../../../provider/clients/kubernetes/cluster";
import type { DriverStep } from "../../../../../provider/drivers/driver";
import { object } from "./objects";
import { shopAt } from "./settings";
import { settingsOfShop, viewOf } from "./view";

const protect = "protect.trident.netapp.io/v1";
const checkpoint: HookSettings = {
    name: "shop-checkpoint",
    action: "Snapshot",
    stage: "Pre",
    source: "#!/bin/sh\npsql -c CHECKPOINT\n",
    arguments: ["pre"],
    matchingCriteria: [{ type: "containerName", value: "^db$" }],
};
const warmUp: HookSettings = { name: "shop-warm-up", action: "Failover", stage: "Post", source: "#!/bin/sh\n" };
const hooks = [checkpoint, warmUp];
const declared = hookManifests(shopAt({ hooks }));

const callsOf = (step: DriverStep, found: readonly KubernetesObject[], settings: object = {}) =>
    viewOf({ hooks: found }, { hooks, ...settings })
        .actions(step)
        .map(({ call }) => call);
const unlabelled = ({ metadata: { labels: _, ...metadata }, ...rest }: KubernetesObject) => ({ ...rest, metadata });

describe("ExecHooks", () => {
    it("are declared with every field, the script in base64", () => {
        const [{ metadata, spec }] = declared as [KubernetesObject];
        assert.deepEqual(metadata, {
            name: "shop-checkpoint",
            namespace: "shop",
            labels: { "trident-dr.pulumi.com/application": "shop" },
        });
        assert.deepEqual(spec, {
            applicationRef: "shop",
            action: "Snapshot",
            stage: "Pre",
            enabled: true,
            hookSource: "IyEvYmluL3NoCnBzcWwgLWMgQ0hFQ0tQT0lOVAo=",
            timeout: 25,
            arguments: ["pre"],
            matchingCriteria: [{ type: "containerName", value: "^db$" }],
        });
    });

    it("are applied where they are missing, and where they are not as declared", () => {
        assert.deepEqual(callsOf({ do: "declare-hooks" }, []), [
            "apply ExecHook shop/shop-checkpoint",
            "apply ExecHook shop/shop-warm-up",
        ]);
        assert.deepEqual(callsOf({ do: "declare-hooks" }, declared), []);
        const change = (spec: object) => [
            declared[0]!,
            { ...declared[1]!, spec: { ...(declared[1]!.spec as object), ...spec } },
        ];
        for (const spec of [{ enabled: false }, { arguments: ["x"] }, { timeout: 1 }, { hookSource: "" }]) {
            assert.deepEqual(callsOf({ do: "declare-hooks" }, change(spec)), ["apply ExecHook shop/shop-warm-up"]);
        }
        // The API server may leave out lists that are empty.
        const { arguments: _, matchingCriteria: _criteria, ...bare } = declared[1]!.spec as Record<string, unknown>;
        assert.deepEqual(callsOf({ do: "declare-hooks" }, [declared[0]!, { ...declared[1]!, spec: bare }]), []);
    });

    it("are never written over those of another application, and those stay", async () => {
        const theirs = { ...unlabelled(declared[1]!), spec: { applicationRef: "bank" } };
        const lines: string[] = [];
        const view = viewOf({ hooks: [declared[0]!, theirs] }, { hooks, adopt: true });
        const actions = view.actions({ do: "declare-hooks" });
        assert.deepEqual(
            actions.map(({ call }) => call),
            ["check ExecHook shop/shop-warm-up: whose it is"],
        );
        await runActions(actions, (line) => lines.push(line), "east");
        assert.match(
            lines.join(),
            /belongs to the Application bank and stays as it is.*another name in hooks of shop; then/,
        );
        assert.deepEqual(
            view.actions({ do: "delete-hooks", adopted: true }).map(({ call }) => call),
            [`delete ExecHook shop/${declared[0]!.metadata.name}`],
        );
    });

    it("are not written over what somebody else made since, unless that may be taken over", async () => {
        const theirs = { ...unlabelled(declared[1]!), spec: { applicationRef: "shop" } };
        const found = [declared[0]!, theirs];
        assert.deepEqual(callsOf({ do: "declare-hooks" }, found), ["check ExecHook shop/shop-warm-up: whose it is"]);
        assert.deepEqual(callsOf({ do: "declare-hooks" }, found, { adopt: true }), [
            "apply ExecHook shop/shop-warm-up",
        ]);
        const lines: string[] = [];
        const actions = viewOf({ hooks: found }, { hooks }).actions({ do: "declare-hooks" });
        await runActions(actions, (line) => lines.push(line), "east");
        assert.match(
            lines.join(),
            /ExecHook shop\/shop-warm-up is somebody else's and stays as it is; .* another name in hooks of shop, or set adopt: true/,
        );
    });

    it("go when they are declared no more, if they are ours; others stay", () => {
        const theirs = object(protect, "ExecHook", "theirs", { spec: { applicationRef: "shop" } });
        const only = { hooks: [checkpoint] };
        assert.deepEqual(callsOf({ do: "declare-hooks" }, [...declared, theirs], only), [
            "delete ExecHook shop/shop-warm-up",
        ]);
        assert.deepEqual(callsOf({ do: "declare-hooks" }, [...declared, theirs], { hooks: [] }), [
            "delete ExecHook shop/shop-checkpoint",
            "delete ExecHook shop/shop-warm-up",
        ]);
        assert.deepEqual(callsOf({ do: "delete-hooks" }, [...declared, theirs]), [
            "delete ExecHook shop/shop-checkpoint",
            "delete ExecHook shop/shop-warm-up",
        ]);
    });

    it("are somebody else's without our label, and are adopted like everything else", () => {
        const found = [unlabelled(declared[0]!), declared[1]!];
        const view = viewOf({ hooks: found }, { hooks });
        assert.deepEqual(view.observed.foreignObjects, [
            {
                what: "ExecHook shop/shop-checkpoint",
                takeOver:
                    "kubectl -n shop label exechooks.protect.trident.netapp.io shop-checkpoint trident-dr.pulumi.com/application=shop",
            },
        ]);
        assert.deepEqual(callsOf({ do: "adopt-objects" }, found, { adopt: true }), [
            "patch ExecHook shop/shop-checkpoint: label trident-dr.pulumi.com/application, adopted as it is",
        ]);
        // At a standby site the same run removes them, and the preview says so; no later run does.
        assert.equal(callsOf({ do: "delete-hooks", adopted: true }, found, { adopt: true }).length, 2);
        assert.equal(callsOf({ do: "delete-hooks" }, found, { adopt: true }).length, 1);
    });

    it("are not looked at where none are declared, and the planner is not told of any", async () => {
        const asked: string[] = [];
        const cluster = {
            list: (kind: Kind) =>
                Promise.resolve(asked.push(kind.kind)).then(() => [
                    ...declared,
                    object(protect, "ExecHook", "other", { spec: { applicationRef: "bank" } }),
                ]),
        } as unknown as Cluster;
        const read = async (own: HookSettings[] | undefined) =>
            (await readState({ cluster, settings: { ...settingsOfShop(), hooks: own } }, ["hooks"])).hooks.length;
        assert.equal(await read(undefined), 0);
        assert.deepEqual(asked, []);
        assert.equal(await read([]), 2);
        assert.deepEqual(asked, ["ExecHook"]);
        assert.equal(viewOf({}).observed.declaresHooks, undefined);
        assert.equal(viewOf({}, { hooks: [] }).observed.declaresHooks, true);
    });
});

describe("a hook that fails", () => {
    const result = (failures: object[], execHookRef = "shop-checkpoint") => ({
        execHookRef,
        execHookUID: "uid",
        namespace: "shop",
        podName: "db-0",
        podUID: "uid",
        containerName: "db",
        containerImage: "postgres",
        failures,
    });
    const failed = result([
        { isExecError: false, isTimeout: false, exitCode: 2, stderr: 'FATAL:  role "shop" does not exist\n' },
    ]);
    const words =
        'pre-snapshot hook shop-checkpoint failed in Pod shop/db-0 (container db): exit code 2: FATAL:  role "shop" does not exist';
    const statusOf = (results: object[], status: object = {}) => ({
        state: "Completed",
        appArchivePath: "a/b",
        preSnapshotExecHooksRunResults: results,
        ...status,
    });

    const finalWith = (status: object) => {
        const final = object(protect, "ShutdownSnapshot", "shop-final-1", { status });
        return {
            create: () => Promise.resolve(),
            list: () => Promise.resolve([]),
            get: () => Promise.resolve(final),
            waitFor: (_kind: Kind, { name }: { name: string }, _what: string, reached: (found: object) => boolean) =>
                Promise.resolve().then(() => name !== "shop-final-1" || reached(final)),
        };
    };
    const standDown = (status: object, own: HookSettings[] | undefined) =>
        runActions(
            viewOf({}, { cluster: finalWith(status), hooks: own }).actions({ do: "take-shutdown-snapshot", epoch: 1 }),
            () => undefined,
            "east",
        );

    it("ends a stand-down in its own words, since Trident Protect completes the snapshot all the same", async () => {
        await assert.rejects(standDown(statusOf([failed]), hooks), {
            message: `east: ShutdownSnapshot shop/shop-final-1 completed with warnings: ${words}. east does not stand down with it; its volumes have everything that shop wrote. Both ways on: pulumi preview --stack east`,
        });
        await standDown(statusOf([result([])]), hooks);
    });

    it("is nobody's concern where no hooks are declared", async () => {
        await standDown(statusOf([failed]), undefined);
    });

    it("is told with a snapshot that failed", async () => {
        await assert.rejects(standDown(statusOf([failed], { state: "Failed", error: "a hook failed" }), hooks), {
            message: new RegExp(
                `is Failed: a hook failed; ${words.replace(/[()]/g, ".")}\\. The volumes are as they were`,
            ),
        });
    });

    it("says whether it ended, and whether it ran at all; what is of no known form says nothing", async () => {
        const told = async (failures: object[]) => {
            const status = statusOf([result(failures)]);
            return viewOf({}, { hooks }).observed.warned!.length === 0
                ? standDown(status, hooks).then(
                      () => "",
                      (error: Error) => error.message,
                  )
                : "";
        };
        assert.match(
            await told([{ isExecError: false, isTimeout: true, timeoutMinutes: 25 }]),
            /: it did not end within 25 minutes\. /,
        );
        assert.match(
            await told([{ isExecError: true, isTimeout: false, error: "no such file" }]),
            /: it could not be run: no such file\. /,
        );
        assert.match(await told([{ isExecError: false, isTimeout: false }]), /: it gives no exit code\. /);
        assert.match(
            await told([{ exitCode: 1 }, { exitCode: 2, stderr: "again\u001b[2J" }]),
            /: exit code 2: again\ufffd\[2J\. /,
        );
        await standDown(statusOf([{ nonsense: true }]), hooks);
        await standDown({ ...statusOf([]), preSnapshotExecHooksRunResults: "nonsense" }, hooks);
    });

    describe("after a promotion", () => {
        const run = (name: string, action: string, status: object, createdAt = "2026-11-22T03:00:00Z") =>
            object(protect, "ExecHooksRun", name, {
                metadata: { creationTimestamp: createdAt },
                spec: { applicationRef: "shop", action, stage: "Post" },
                status,
            });
        const cold = result(
            [{ isExecError: false, isTimeout: false, exitCode: 1, stderr: "no route" }],
            "shop-warm-up",
        );
        const promoting = {
            desiredState: "Promoted",
            state: "Promoting",
            error: "",
            promotedSnapshot: undefined,
            sourceApplicationUid: "uid",
            lastTransferred: undefined,
            deleting: false,
        };
        const told = async (runs: () => Promise<KubernetesObject[]>, own: { hooks?: HookSettings[] } = { hooks }) => {
            const lines: string[] = [];
            const cluster = {
                list: (kind: Kind) => (kind.kind === "ExecHooksRun" ? runs() : Promise.resolve([])),
                waitFor: () => Promise.resolve(),
            };
            const actions = viewOf({ mirror: promoting }, { cluster, ...own }).actions({ do: "promote" });
            await runActions(actions, (line) => lines.push(line), "east");
            const calls = new Set(actions.map(({ call }) => call));
            return lines.filter((line) => !calls.has(line));
        };

        it("are declared only where that did not bring them", () => {
            const declaring = (mirror?: object) =>
                viewOf({ mirror: mirror as never, hooks: [] }, { hooks })
                    .actions({ do: "declare-hooks" })
                    .map(({ when }) => when);
            const condition = "if the promotion does not bring it";
            assert.deepEqual(declaring(promoting), [condition, condition]);
            assert.deepEqual(declaring(), [undefined, undefined]);
        });

        it("go where that brings some that are not declared, which is announced before", () => {
            const callsWith = (desiredState: string) =>
                viewOf({ mirror: { ...promoting, desiredState } as never, hooks: declared }, { hooks })
                    .actions({ do: "declare-hooks" })
                    .map(({ call, when }) => `${call} (${when})`);
            assert.deepEqual(callsWith("Established"), [
                "delete ExecHooks of shop in shop that are not declared (if the promotion brings any)",
            ]);
            assert.deepEqual(callsWith("Promoted"), []);
        });

        it("is told and fails nothing: the application is there, and serves", async () => {
            const failure =
                "post-failover hook shop-warm-up failed in Pod shop/db-0 (container db): exit code 1: no route";
            assert.deepEqual(
                await told(() =>
                    Promise.resolve([
                        run(
                            "late",
                            "Failover",
                            { state: "Completed", matchingContainers: [cold] },
                            "2026-11-22T04:00:00Z",
                        ),
                        run("early", "Failover", { state: "Completed", matchingContainers: [] }),
                        run("other", "Snapshot", { state: "Failed", error: "x" }, "2026-11-22T05:00:00Z"),
                    ]),
                ),
                [
                    `${failure}. What it should have done is left to be done by hand. Once that is done: kubectl -n shop delete exechooksruns.protect.trident.netapp.io late`,
                ],
            );
        });

        it("is not told of a run that a later one has made up for", async () => {
            const runs = [
                run("early", "Failover", { state: "Failed", error: "x" }),
                run("late", "Failover", { state: "Completed" }, "2026-11-22T04:00:00Z"),
            ];
            assert.deepEqual(await told(() => Promise.resolve(runs)), []);
        });

        it("tells of a run that failed as a whole, and of one that cannot be read", async () => {
            const [whole] = await told(() =>
                Promise.resolve([run("late", "Failover", { state: "Failed", error: "no pod" })]),
            );
            assert.match(whole!, /^ExecHooksRun shop\/late is Failed: no pod\. /);
            assert.deepEqual(await told(() => Promise.reject(new Error("forbidden"))), [
                "what its post-failover hooks did cannot be read: forbidden",
            ]);
        });

        it("is asked for only where a hook is declared that runs then", async () => {
            assert.deepEqual(await told(() => assert.fail("not to be asked"), { hooks: [checkpoint] }), []);
            assert.deepEqual(await told(() => assert.fail("not to be asked"), {}), []);
        });
    });
});
