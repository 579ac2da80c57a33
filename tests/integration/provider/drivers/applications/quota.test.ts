import assert from "node:assert/strict";
import { Cluster } from "../../../../../provider/clients/kubernetes/cluster";
import { type Action, runActions } from "../../../../../provider/drivers/action";
import type { ApplicationContext } from "../../../../../provider/drivers/applications/context";
import { allowPods, barrierOf, forbidPods, readQuotas } from "../../../../../provider/drivers/applications/quota";
import type { ClaimedVolumes } from "../../../../../provider/drivers/applications/claimedVolumes";
import { startControlPlane, type TestControlPlane, toolsMs } from "../../../lab/controllers/controlPlane";
import { eventually } from "../../../lab/controllers/until";
import { settingsOfShop } from "../../../../unit/provider/drivers/applications/view";

const namespaces = ["shop", "shop-data"];

describe("the quotas that keep pods from starting, on a real API server", function () {
    this.timeout(120_000);
    let plane: TestControlPlane;
    let context: ApplicationContext;

    before(async function () {
        this.timeout(toolsMs);
        plane = await startControlPlane();
        context = {
            cluster: Cluster.connect("east", { kubeconfig: plane.kubeconfig }),
            settings: { ...settingsOfShop(), namespaces },
            volumes: {} as ClaimedVolumes,
            signal: new AbortController().signal,
        };
        for (const name of namespaces) {
            await plane.cluster.create({ apiVersion: "v1", kind: "Namespace", metadata: { name } });
        }
        await eventually(() =>
            plane.cluster.get({ apiVersion: "v1", kind: "ServiceAccount" }, { namespace: "shop", name: "default" }),
        );
    });
    after(async () => plane?.stop());

    const pod = (name: string) => ({
        apiVersion: "v1",
        kind: "Pod",
        metadata: { name, namespace: "shop" },
        spec: { containers: [{ name: "shop", image: "shop" }] },
    });
    const quotas = () => readQuotas(context.cluster, context.settings);
    const run = (actions: Action[]) => runActions(actions, () => undefined, "east");
    const barrier = async () => barrierOf(await quotas(), namespaces);

    it("refuse every new pod from the moment at which the step ends, and stop none that runs", async () => {
        await plane.cluster.create(pod("before"));
        assert.deepEqual(await barrier(), { stands: false });
        await run(forbidPods(context, await quotas()));
        await assert.rejects(plane.cluster.create(pod("after")), /exceeded quota: trident-dr-shop/);
        assert.equal((await barrier()).stands, true);
        assert.deepEqual(forbidPods(context, await quotas()), [], "a second run makes no call");
        const kept = await plane.cluster.get({ apiVersion: "v1", kind: "Pod" }, { namespace: "shop", name: "before" });
        assert.equal(kept?.metadata.deletionTimestamp, undefined);
    });

    it("are made anew after somebody raised one, so that the gap shows", async () => {
        const before = (await barrier()).since!;
        const key = { namespace: "shop", name: "trident-dr-shop" };
        await plane.cluster.mergePatch({ apiVersion: "v1", kind: "ResourceQuota" }, key, {
            spec: { hard: { pods: "5" } },
        });
        assert.deepEqual(await barrier(), { stands: false });
        // Times in metadata are whole seconds.
        await eventually(() => Promise.resolve(Date.now() >= Date.parse(before) + 1_000 || undefined));
        await run(forbidPods(context, await quotas()));
        await assert.rejects(plane.cluster.create(pod("after")), /exceeded quota: trident-dr-shop/);
        const { stands, since } = await barrier();
        assert.equal(stands, true);
        assert.ok(since! > before);
    });

    it("let pods start again once they are removed", async () => {
        await run(allowPods(context, await quotas()));
        await eventually(async () => {
            try {
                await plane.cluster.create(pod("again"));
                return true;
            } catch (error) {
                assert.match(String(error), /exceeded quota/);
                return undefined;
            }
        });
        assert.deepEqual(await quotas(), []);
        assert.deepEqual(allowPods(context, await quotas()), []);
    });
});
