import assert from "node:assert/strict";
import { Cluster } from "../../../../provider/clients/kubernetes/cluster";
import { Versions } from "../../../../provider/engine/versions";
import { startControlPlane, type TestControlPlane, toolsMs } from "../../lab/controllers/controlPlane";

describe("what a site runs on, asked of a real API server", function () {
    this.timeout(180_000);
    let plane: TestControlPlane;

    before(async function () {
        this.timeout(toolsMs);
        plane = await startControlPlane({ controllers: false });
    });
    after(() => plane.stop());

    it("needs no right for Kubernetes and Trident Protect, and one for Trident", async () => {
        await plane.cluster.create({
            apiVersion: "trident.netapp.io/v1",
            kind: "TridentVersion",
            metadata: { name: "trident", namespace: "trident" },
            ...{ trident_version: "26.06.2" },
        });
        const array = () => Promise.reject(new Error("no array"));
        const read = (kubeconfig: string) =>
            new Versions({ cluster: Cluster.connect("east", { kubeconfig }), trident: "trident", array }).read();
        const [, trident] = await read(plane.kubeconfig);
        assert.deepEqual(trident, { product: "Trident", told: "26.06.2", atMost: [26, 6, 2] });
        const [kubernetes, forbidden, protect] = await read(plane.productKubeconfig);
        assert.ok(kubernetes !== undefined && "atMost" in kubernetes, JSON.stringify(kubernetes));
        assert.ok(forbidden !== undefined && "unknown" in forbidden);
        assert.match(forbidden.unknown, /lacks a right; have an administrator apply what trident-dr-rbac prints/);
        assert.deepEqual(protect, { product: "Trident Protect", told: "older than 26.06", atMost: [26, 5, 99] });
    });
});
