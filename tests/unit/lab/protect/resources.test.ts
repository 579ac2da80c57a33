import assert from "node:assert/strict";
import { mappedNamespace, restorable } from "../../../../lab/protect/resources";

const mapping = [{ source: "shop", destination: "shop-dr" }];

describe("a resource that is brought back", () => {
    it("loses what the old cluster wrote into it", () => {
        const restored = restorable(
            {
                apiVersion: "apps/v1",
                kind: "Deployment",
                metadata: {
                    name: "shop",
                    namespace: "shop",
                    uid: "u",
                    resourceVersion: "7",
                    generation: 3,
                    creationTimestamp: "2026-01-01T00:00:00Z",
                    labels: { app: "shop" },
                    annotations: { "deployment.kubernetes.io/revision": "4", note: "kept" },
                    ownerReferences: [{ apiVersion: "v1", kind: "ConfigMap", name: "x", uid: "y" }],
                    finalizers: ["someone/else"],
                },
                spec: { replicas: 2 },
                status: { replicas: 2 },
            },
            mapping,
        );
        assert.deepEqual(restored, {
            apiVersion: "apps/v1",
            kind: "Deployment",
            metadata: { name: "shop", namespace: "shop-dr", labels: { app: "shop" }, annotations: { note: "kept" } },
            spec: { replicas: 2 },
        });
    });

    it("gives up its addresses when it is a Service, unless it is headless", () => {
        const service = (spec: object) =>
            restorable({ apiVersion: "v1", kind: "Service", metadata: { name: "s", namespace: "shop" }, spec }, [])
                .spec as object;
        assert.deepEqual(
            service({ clusterIP: "10.96.0.9", clusterIPs: ["10.96.0.9"], ports: [{ port: 80, nodePort: 30001 }] }),
            { ports: [{ port: 80 }] },
        );
        assert.deepEqual(service({ clusterIP: "None", clusterIPs: ["None"] }), {
            clusterIP: "None",
            clusterIPs: ["None"],
        });
    });

    it("leaves the archived object as it is", () => {
        const service = {
            apiVersion: "v1",
            kind: "Service",
            metadata: { name: "s" },
            spec: { clusterIP: "10.96.0.9" },
        };
        restorable(service, mapping);
        assert.equal(service.spec.clusterIP, "10.96.0.9");
    });

    it("stays in its namespace when that is not mapped", () => {
        assert.equal(mappedNamespace("shop", mapping), "shop-dr");
        assert.equal(mappedNamespace("other", mapping), "other");
    });
});
