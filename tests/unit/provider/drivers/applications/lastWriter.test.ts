import assert from "node:assert/strict";
import type { Kind, KubernetesObject, ObjectName } from "../../../../../provider/clients/kubernetes/cluster";
import { KubernetesError } from "../../../../../provider/clients/kubernetes/errors";
import { runActions } from "../../../../../provider/drivers/action";
import type { DriverStep } from "../../../../../provider/drivers/driver";
import { boundClaim, madeBy, object, pod } from "./objects";
import { running, taken, viewOf } from "./view";

const data = boundClaim("data", { driver: "csi.trident.netapp.io", volumeAttributes: { internalName: "pvc_1" } });

/** A cluster with pods. Each that is waited for is gone then; or, if `stay`, the wait ends in vain. */
function clusterWith(pods: KubernetesObject[], stay = false) {
    const left = [...pods];
    const patches: unknown[] = [];
    return {
        patches,
        list: (kind: Kind, namespace: string) => {
            const here = { PersistentVolumeClaim: [data.claim], Pod: left }[kind.kind] ?? [];
            return Promise.resolve(namespace === "shop" ? [...here] : []);
        },
        get: () => Promise.resolve(data.volume),
        patch: (_kind: Kind, { name }: ObjectName, change: unknown) => {
            patches.push([name, change]);
            return Promise.resolve();
        },
        waitFor: (_kind: Kind, name: ObjectName) => {
            if (stay) {
                return Promise.reject(new KubernetesError("not gone", "timeout", "east", "wait"));
            }
            left.splice(
                left.findIndex(({ metadata }) => metadata.name === name.name),
                1,
            );
            return Promise.resolve(undefined);
        },
    };
}

const workloads = [running("Pod shop/x")];
const shutdownSnapshots = [taken("shop-final-1")];

function run(step: DriverStep, cluster: ReturnType<typeof clusterWith>): Promise<void> {
    const state = { workloads: [{ ...workloads[0]!, belongs: false }], shutdownSnapshots };
    return runActions(viewOf(state, { cluster }).actions(step), () => undefined, "east");
}

describe("the last writer of an application", () => {
    const standAside = { do: "stop-workloads", epoch: 2 } as const;
    const standDown = { do: "take-shutdown-snapshot", epoch: 1 } as const;

    it("is waited for, one pod after the other", async () => {
        const cluster = clusterWith([pod("x", "data"), pod("y", "data")]);
        await run(standAside, cluster);
        assert.deepEqual(await cluster.list({ apiVersion: "v1", kind: "Pod", plural: "pods" }, "shop"), []);
    });

    it("is named with its owner and the command that stops it, where it does not end", async () => {
        const owner = object("apps/v1", "ReplicaSet", "agent-1");
        const cluster = clusterWith([pod("x", "data"), pod("agent-1-a", "data", { metadata: madeBy(owner) })], true);
        await assert.rejects(run(standAside, cluster), {
            message:
                "east: shop is not stopped: Pod shop/x, Pod shop/agent-1-a of ReplicaSet shop/agent-1 still mount its volumes. What is written there is on the volumes of east only. To stop it at east: kubectl -n shop delete pod/x; kubectl -n shop scale replicaset/agent-1 --replicas 0; pulumi up --stack east",
        });
    });

    it("that outlived a final snapshot is written down, and nothing is handed over although it ended", async () => {
        const cluster = clusterWith([pod("x", "data")]);
        await assert.rejects(run(standDown, cluster), /^MessageError: east: Pod shop\/x outlived the final snapshot/);
        assert.deepEqual(cluster.patches, [
            ["shop-final-1", { metadata: { annotations: { "trident-dr.pulumi.com/outlived-by": "Pod shop/x" } } }],
        ]);
    });

    it("leaves no mark where it ended before the snapshot was complete", async () => {
        const cluster = clusterWith([]);
        await run(standDown, cluster);
        assert.deepEqual(cluster.patches, []);
    });

    it("voids the token of the snapshot that it outlived, and the planner sees that", () => {
        const application = object("protect.trident.netapp.io/v1", "Application", "shop");
        const token = (outlivedBy?: string) => {
            const final = taken("shop-final-1", outlivedBy === undefined ? {} : { outlivedBy });
            return viewOf({ application, shutdownSnapshots: [final] });
        };
        assert.ok(token().facts(1).token);
        assert.deepEqual(token().observed.outlived, []);
        assert.equal(token("Pod shop/x").facts(1).token, undefined);
        assert.deepEqual(token("Pod shop/x").observed.outlived, [{ epoch: 1, by: "Pod shop/x" }]);
    });
});
