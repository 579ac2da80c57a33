import assert from "node:assert/strict";
import type { KubeObject, Ref } from "../../../../lab/controllers";
import type { Context } from "../../../../lab/protect/context";
import { failingHooksAnnotation, runHooks } from "../../../../lab/protect/hooks";
import { type Application, type Existing, kinds } from "../../../../lab/protect/kinds";

const application = {
    ...kinds.application,
    metadata: { name: "shop", namespace: "shop", uid: "uid-of-shop" },
    spec: { includedNamespaces: [{ namespace: "shop" }] },
} as Existing<Application>;
const snapshot = {
    ...kinds.snapshot,
    metadata: { name: "hourly-1", namespace: "shop", uid: "uid-of-snapshot" },
} as Existing<KubeObject>;
const occasion = {
    action: "Snapshot",
    stage: "Pre",
    owner: snapshot,
    appVaultRef: "vault",
    appArchivePath: "a/b",
} as const;

const hook = (name: string, spec: object = {}): KubeObject => ({
    ...kinds.execHook,
    metadata: { name, namespace: "shop", uid: `uid-of-${name}` },
    spec: { applicationRef: "shop", action: "Snapshot", stage: "Pre", hookSource: "", ...spec },
});
const pod = (
    name: string,
    part: object = {},
    annotations: Record<string, string> = {},
    labels: Record<string, string> = { app: "db" },
): KubeObject => ({
    ...kinds.pod,
    metadata: { name, namespace: "shop", uid: `uid-of-${name}`, labels, annotations },
    spec: {
        containers: [
            { name: "db", image: "postgres:17" },
            { name: "log", image: "busybox" },
        ],
    },
    status: { phase: "Running" },
    ...part,
});

/** A cluster with these objects, and the runs that come to be in it. */
function clusterOf(objects: KubeObject[]) {
    const runs: KubeObject[] = [];
    const cluster = {
        list: ({ kind }: { kind: string }) => Promise.resolve(objects.filter((one) => one.kind === kind)),
        ensure: (run: KubeObject) => {
            const found = runs.find(({ metadata }) => metadata.name === run.metadata.name);
            return Promise.resolve(found ?? (runs.push(run), run));
        },
        modifyStatus: (_: unknown, { name }: Ref, change: (found: KubeObject) => void) =>
            Promise.resolve(change(runs.find(({ metadata }) => metadata.name === name)!)),
    };
    return { context: { cluster } as unknown as Context, runs };
}

describe("hooks of the stand-in", () => {
    const ran = async (objects: KubeObject[]) => {
        const { context } = clusterOf(objects);
        const results = await runHooks(context, application, occasion);
        return results.map(({ execHookRef, podName, containerName }) => `${execHookRef} ${podName}/${containerName}`);
    };

    it("run once for an occasion, in an ExecHooksRun that goes with what it is for", async () => {
        const { context, runs } = clusterOf([hook("checkpoint"), pod("db-0")]);
        const first = await runHooks(context, application, occasion);
        assert.deepEqual(await runHooks(context, application, occasion), first);
        assert.deepEqual(
            runs.map(({ metadata, status }) => [metadata.name, metadata.ownerReferences?.[0]?.uid, status.state]),
            [["pre-snapshot-uid-of-snapshot", "uid-of-snapshot", "Completed"]],
        );
    });

    it("run in every container, or in those that meet all criteria, however their types are written", async () => {
        assert.deepEqual(await ran([hook("h"), pod("db-0")]), ["h db-0/db", "h db-0/log"]);
        const matching = (...matchingCriteria: object[]) => [hook("h", { matchingCriteria }), pod("db-0")];
        assert.deepEqual(await ran(matching({ type: "containerName", value: "^db$" })), ["h db-0/db"]);
        assert.deepEqual(await ran(matching({ type: "ContainerImage", value: "busy" })), ["h db-0/log"]);
        assert.deepEqual(
            await ran(matching({ type: "podLabel", value: "app=db" }, { type: "podName", value: "x" })),
            [],
        );
        assert.deepEqual(await ran(matching({ type: "nosuchtype", value: "" })), []);
    });

    it("do not run for another action, stage or application, disabled, or in a pod that does not run", async () => {
        const others = [{ action: "Backup" }, { stage: "Post" }, { applicationRef: "bank" }, { enabled: false }];
        for (const spec of others) {
            assert.deepEqual(await ran([hook("h", spec), pod("db-0")]), []);
        }
        assert.deepEqual(await ran([hook("h"), pod("db-0", { status: { phase: "Pending" } })]), []);
    });

    it("run in no pod that the application's selector leaves out", async () => {
        const { context } = clusterOf([hook("h"), pod("db-0"), pod("web-0", {}, {}, { app: "web" })]);
        const matchLabels = { app: "web" };
        const chosen = {
            ...application,
            spec: { includedNamespaces: [{ namespace: "shop", labelSelector: { matchLabels } }] },
        };
        const results = await runHooks(context, chosen, occasion);
        assert.deepEqual([...new Set(results.map(({ podName }) => podName))], ["web-0"]);
    });

    it("fail where the pod says so, and fail nothing else", async () => {
        const words = 'h: role "shop" does not exist\nother: x';
        const { context, runs } = clusterOf([hook("h"), pod("db-0", {}, { [failingHooksAnnotation]: words })]);
        const [inDb] = await runHooks(context, application, occasion);
        assert.deepEqual(inDb!.failures, [
            { isExecError: false, isTimeout: false, exitCode: 1, stderr: 'role "shop" does not exist' },
        ]);
        assert.equal(runs[0]!.status.state, "Completed");
    });
});
