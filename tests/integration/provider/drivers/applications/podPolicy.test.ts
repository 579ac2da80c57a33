import assert from "node:assert/strict";
import { ApiError, type KubeObject } from "../../../../../lab/controllers";
import { kinds } from "../../../../../provider/clients/kubernetes/kinds";
import { type Action, runActions } from "../../../../../provider/drivers/action";
import type { ClaimedVolumes } from "../../../../../provider/drivers/applications/claimedVolumes";
import type { ApplicationContext } from "../../../../../provider/drivers/applications/context";
import { type ApplicationState, readState } from "../../../../../provider/drivers/applications/observe";
import { allowPods, barrierOf, forbidPods } from "../../../../../provider/drivers/applications/podBarrier";
import type { ApplicationSettings } from "../../../../../provider/drivers/applications/settings";
import { startControlPlane, type TestControlPlane, toolsMs } from "../../../lab/controllers/controlPlane";
import { eventually } from "../../../lab/controllers/until";
import { settingsOfShop } from "../../../../unit/provider/drivers/applications/view";
import { grantedClient } from "../../engine/grantedClient";

const namespaces = ["shop", "shop-data"];
const name = "trident-dr-shop.shop";
const labelSelector: ApplicationSettings["labelSelector"] = {
    matchLabels: { app: "shop" },
    matchExpressions: [
        { key: "tier", operator: "NotIn", values: ["test"] },
        { key: "legacy", operator: "DoesNotExist" },
    ],
};

/** The product has the rights that are generated for it, and no others. */
describe("the policy that keeps the pods of a selected application from starting, on a real API server", function () {
    this.timeout(120_000);
    let plane: TestControlPlane;
    let context: ApplicationContext;

    before(async function () {
        this.timeout(toolsMs);
        plane = await startControlPlane();
        const cluster = await grantedClient(plane, "east", [{ namespace: "shop", name: "trident-dr-record-shop" }], {
            namespaces,
            labelSelector,
        });
        context = {
            cluster,
            settings: { ...settingsOfShop(), namespaces, labelSelector },
            volumes: {} as ClaimedVolumes,
            signal: new AbortController().signal,
        };
        for (const namespace of namespaces) {
            await eventually(() =>
                plane.cluster.get({ apiVersion: "v1", kind: "ServiceAccount" }, { namespace, name: "default" }),
            );
        }
        await bound("data-0");
    });
    after(async () => plane?.stop());

    async function bound(claim: string): Promise<void> {
        const common = {
            accessModes: ["ReadWriteMany"],
            storageClassName: "some",
        };
        await plane.cluster.create({
            apiVersion: "v1",
            kind: "PersistentVolume",
            metadata: { name: `pv-${claim}` },
            spec: {
                ...common,
                capacity: { storage: "1Gi" },
                csi: {
                    driver: "csi.trident.netapp.io",
                    volumeHandle: claim,
                    volumeAttributes: { internalName: `trident_${claim.replace("-", "_")}` },
                },
            },
        });
        await plane.cluster.create({
            apiVersion: "v1",
            kind: "PersistentVolumeClaim",
            metadata: { name: claim, namespace: "shop", labels: { app: "shop" } },
            spec: { ...common, resources: { requests: { storage: "1Gi" } }, volumeName: `pv-${claim}` },
        });
    }

    /** Whether the API server would take it; otherwise in what words it refuses. */
    async function tried(labels: object | undefined, claims: string[] = [], namespace = "shop"): Promise<string> {
        const pod: KubeObject = {
            apiVersion: "v1",
            kind: "Pod",
            metadata: {
                generateName: "tried-",
                namespace,
                ...(labels && { labels }),
            } as unknown as KubeObject["metadata"],
            spec: {
                containers: [{ name: "shop", image: "shop" }],
                volumes: [
                    { name: "scratch", emptyDir: {} },
                    ...claims.map((claimName, index) => ({
                        name: `claim-${index}`,
                        persistentVolumeClaim: { claimName },
                    })),
                ],
            },
        };
        try {
            await plane.cluster.create(pod);
            return "created";
        } catch (error) {
            assert.ok(error instanceof ApiError && error.status === 403, String(error));
            return error.message;
        }
    }

    const parts = ["quotas", "podPolicy", "mirror", "workloads"] as const;
    const read = async () => (await readState(context, parts)) as ApplicationState;
    const run = (actions: Action[]) => runActions(actions, () => undefined, "east");
    const forbid = async () => run(forbidPods(context, await read()));
    const allow = async () => run(allowPods(context, await read()));
    const barrier = async () => barrierOf(await read(), context.settings);
    const refused =
        /ValidatingAdmissionPolicy 'trident-dr-shop\.shop' with binding 'trident-dr-shop\.shop' denied request: east does not serve shop: until it does, no pod starts here that !legacy,app=shop,tier!=test chooses/;

    it("refuses the application's pods from the moment at which the step ends, and no others", async () => {
        assert.equal(await tried({ app: "shop" }), "created");
        assert.equal((await barrier()).stands, false);
        await forbid();
        assert.match(await tried({ app: "shop" }), refused);
        assert.match(await tried({ app: "shop", tier: "web" }, [], "shop-data"), refused);
        assert.equal(await tried({ app: "shop", tier: "test" }), "created");
        assert.equal(await tried({ app: "shop", legacy: "" }), "created");
        assert.equal(await tried({ app: "books" }), "created");
        assert.equal(await tried(undefined), "created");
        assert.equal(await tried({ app: "shop" }, [], "default"), "created");
    });

    it("refuses whatever mounts one of its claims, in the claim's namespace alone", async () => {
        assert.match(await tried(undefined, ["other", "data-0"]), refused);
        assert.match(await tried({ app: "books" }, ["data-0"]), refused);
        assert.equal(await tried({ app: "books" }, ["other"]), "created");
        assert.equal(await tried(undefined, ["data-0"], "shop-data"), "created");
    });

    it("stands since it was written, and a second run makes no call", async () => {
        const { stands, since, by } = await barrier();
        assert.equal(stands, true);
        assert.equal(by, `ValidatingAdmissionPolicy ${name}`);
        assert.ok(Math.abs(Date.parse(since!) - Date.now()) < 600_000, since);
        assert.deepEqual(forbidPods(context, await read()), []);
    });

    it("is no policy whose expressions Kubernetes warns of", async () => {
        const policy = await plane.cluster.get(
            { apiVersion: kinds.podPolicy.apiVersion, kind: kinds.podPolicy.kind },
            { name },
        );
        const { typeChecking } = (policy?.status ?? {}) as { typeChecking?: { expressionWarnings?: unknown[] } };
        assert.deepEqual(typeChecking?.expressionWarnings ?? [], []);
    });

    it("leaves no pod behind that was only tried", async () => {
        for (const namespace of namespaces) {
            const probe = await plane.cluster.get(
                { apiVersion: "v1", kind: "Pod" },
                { namespace, name: "trident-dr-probe" },
            );
            assert.equal(probe, undefined);
        }
    });

    it("is changed in place for a claim that it does not name, and has stood since then", async () => {
        const before = await barrier();
        await bound("data-1");
        assert.equal((await barrier()).stands, false);
        // Times in metadata are whole seconds.
        await eventually(() => Promise.resolve(Date.now() >= Date.parse(before.since!) + 1_000 || undefined));
        const actions = forbidPods(context, await read());
        assert.match(actions[0]!.call, /^patch ValidatingAdmissionPolicy trident-dr-shop\.shop: /);
        await run(actions);
        assert.match(await tried(undefined, ["data-1"]), refused);
        assert.match(await tried(undefined, ["data-0"]), refused);
        const after = await barrier();
        assert.equal(after.stands, true);
        assert.ok(after.since! > before.since!);
    });

    it("is put back after somebody made an exception, at either of both", async () => {
        const kind = { apiVersion: kinds.podPolicy.apiVersion, kind: kinds.podPolicy.kind };
        await plane.cluster.mergePatch(
            kind,
            { name },
            {
                spec: { matchConditions: [{ name: "never", expression: "false" }] },
            },
        );
        assert.equal((await barrier()).stands, false);
        await forbid();
        assert.equal((await barrier()).stands, true);
        assert.match(await tried({ app: "shop" }), refused);
        await plane.cluster.mergePatch(
            { ...kind, kind: kinds.podPolicyBinding.kind },
            { name },
            {
                spec: {
                    validationActions: ["Warn"],
                    matchResources: { objectSelector: { matchLabels: { app: "x" } } },
                },
            },
        );
        assert.equal((await barrier()).stands, false);
        await forbid();
        assert.equal((await barrier()).stands, true);
        assert.match(await tried({ app: "shop" }), refused);
    });

    it("names what refuses the pod in its place", async () => {
        await allow();
        await eventually(async () => (await tried({ app: "shop" })) === "created" || undefined);
        const strict = { apiVersion: "v1", kind: "LimitRange", metadata: { name: "large", namespace: "shop" } };
        await plane.cluster.create({ ...strict, spec: { limits: [{ type: "Pod", min: { memory: "1Gi" } }] } });
        await eventually(async () => /minimum memory/.test(await tried({ app: "books" })) || undefined);
        const aborted = new AbortController();
        const stopping = { ...context, signal: aborted.signal };
        aborted.abort();
        await assert.rejects(
            run(forbidPods(stopping, await read())),
            /east: interrupted while waiting for ValidatingAdmissionPolicy trident-dr-shop\.shop to be in force; found: .*minimum memory usage per Pod is 1Gi/,
        );
        assert.equal((await barrier()).stands, false);
        await plane.cluster.delete(strict, { name: "large", namespace: "shop" });
    });

    it("lets pods start again once it is removed, and leaves nothing", async () => {
        await forbid();
        assert.match(await tried({ app: "shop" }), refused);
        await allow();
        await eventually(async () => (await tried({ app: "shop" })) === "created" || undefined);
        const { podPolicy } = await read();
        assert.deepEqual([podPolicy?.policy, podPolicy?.binding], [undefined, undefined]);
        assert.deepEqual(allowPods(context, await read()), []);
    });
});
