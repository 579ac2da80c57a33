import assert from "node:assert/strict";
import { after, before, describe, it } from "mocha";
import { startControlPlane, type TestControlPlane, toolsMs } from "../controllers/controlPlane";
import { eventually } from "../controllers/until";

const namespace = "default";
const labels = { app: "writer" };
const template = {
    metadata: { labels },
    spec: { restartPolicy: "Always", containers: [{ name: "writer", image: "writer" }] },
};

describe("the lab's controller manager", function () {
    this.timeout(120_000);
    let plane: TestControlPlane;

    before(async function () {
        this.timeout(toolsMs);
        plane = await startControlPlane();
    });
    after(() => plane?.stop());

    const once = { ...template, spec: { ...template.spec, restartPolicy: "Never" } };
    for (const [apiVersion, kind, spec] of [
        ["apps/v1", "ReplicaSet", { replicas: 1, selector: { matchLabels: labels }, template }],
        ["apps/v1", "DaemonSet", { selector: { matchLabels: labels }, template }],
        ["batch/v1", "Job", { template: once }],
    ] as const) {
        it(`makes the pods of a ${kind}`, async () => {
            const name = `writer-${kind.toLowerCase()}`;
            await plane.cluster.create({ apiVersion, kind, metadata: { name, namespace }, spec });
            const pod = await eventually(async () => {
                const pods = await plane.cluster.list({ apiVersion: "v1", kind: "Pod" }, { namespace });
                return pods.find(({ metadata }) => metadata.ownerReferences?.[0]?.name === name);
            });
            assert.equal(pod.metadata.ownerReferences![0]!.kind, kind);
        });
    }
});
