import assert from "node:assert/strict";
import { render } from "../../../../../provider/roles/messages/message";
import { describeWorkload, stopWorkload } from "../../../../../provider/roles/messages/workloads";

describe("a workload in a message", () => {
    const named = (apiVersion: string, kind: string, name: string) =>
        describeWorkload({ apiVersion, kind, namespace: "shop", name });

    it("is named by kind, namespace and name, and by the group of a kind that is not Kubernetes' own", () => {
        assert.equal(named("apps/v1", "StatefulSet", "db"), "StatefulSet shop/db");
        assert.equal(named("v1", "Pod", "x"), "Pod shop/x");
        assert.equal(named("postgresql.cnpg.io/v1", "Cluster", "pg"), "Cluster shop/pg (postgresql.cnpg.io)");
    });

    for (const [workload, command] of [
        ["Deployment shop/shop", "kubectl -n shop scale deployment/shop --replicas 0"],
        ["ReplicaSet shop/shop-1", "kubectl -n shop scale replicaset/shop-1 --replicas 0"],
        ["CronJob shop/report", `kubectl -n shop patch cronjob/report --patch '{"spec":{"suspend":true}}'`],
        ["Pod shop/x", "kubectl -n shop delete pod/x"],
        [
            "Cluster shop/pg (postgresql.cnpg.io)",
            "stop Cluster pg by its own operator (kubectl -n shop describe cluster.postgresql.cnpg.io/pg)",
        ],
        ["Node shop/worker", "stop Node shop/worker by whatever made it"],
    ] as const) {
        it(`is stopped: ${workload}`, () => assert.equal(render(stopWorkload(workload)), command));
    }

    it("brings nothing into a command that is no name: nobody checks what an object says of its owner", () => {
        const forged = named("x.io/v1", "Cluster", "pg; rm -rf ~\n\u001b[31m");
        assert.match(forged, /^[A-Za-z0-9./ ()?-]+$/);
        assert.doesNotMatch(render(stopWorkload(forged)), /kubectl/);
    });
});
