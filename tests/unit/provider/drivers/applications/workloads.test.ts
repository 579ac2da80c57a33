import assert from "node:assert/strict";
import type { KubernetesObject } from "../../../../../provider/clients/kubernetes/cluster";
import { type Found, workloadsOf } from "../../../../../provider/drivers/applications/workloads";
import { madeBy, mounting, object, pod } from "./objects";

const excluding = (kind: string, name: string) => ({
    resourceSelectionCriteria: "Exclude",
    resourceMatchers: [{ kind, names: [name] }],
});

function workloads(found: Partial<Found>, resourceFilter?: Record<string, unknown>) {
    const all = { pods: [], controllers: [], mirrored: new Set(["shop/data"]), ...found };
    return workloadsOf(all, { resourceFilter });
}

const names = (found: Partial<Found>, filter?: Record<string, unknown>) =>
    workloads(found, filter).map(({ name }) => name);

describe("the workloads of an application", () => {
    it("are what owns the pods that mount its volumes, as far up as is known", () => {
        const deployment = object("apps/v1", "Deployment", "web", { spec: { replicas: 1 } });
        const replicas = object("apps/v1", "ReplicaSet", "web-1", {
            metadata: madeBy(deployment),
            spec: { replicas: 1 },
        });
        const found = {
            pods: [pod("web-1-a", "data", { metadata: madeBy(replicas) })],
            controllers: [deployment, replicas],
        };
        assert.deepEqual(names(found), ["Deployment shop/web"]);
        assert.deepEqual(
            workloads(found)[0]!.pods.map(({ name }) => name),
            ["web-1-a"],
        );
    });

    it("are an operator's own objects by what their pods say, with the group of their kind", () => {
        const cluster = object("postgresql.cnpg.io/v1", "Cluster", "pg");
        const replicas = object("apps/v1", "ReplicaSet", "pg-1", { metadata: madeBy(cluster), spec: { replicas: 1 } });
        assert.deepEqual(names({ pods: [pod("pg-1-a", "data", { metadata: madeBy(cluster) })] }), [
            "Cluster shop/pg (postgresql.cnpg.io)",
        ]);
        const twoSteps = { pods: [pod("pg-1-a", "data", { metadata: madeBy(replicas) })], controllers: [replicas] };
        assert.deepEqual(names(twoSteps), ["Cluster shop/pg (postgresql.cnpg.io)"]);
    });

    it("are owned by one that does not call itself a controller, too", () => {
        const owner = madeBy(object("kubevirt.io/v1", "VirtualMachineInstance", "vm")).ownerReferences[0]!;
        const { controller: _, ...plain } = owner;
        const launcher = pod("virt-launcher-vm", "data", { metadata: { ownerReferences: [plain] } });
        assert.deepEqual(names({ pods: [launcher] }), ["VirtualMachineInstance shop/vm (kubevirt.io)"]);
    });

    it("are pods that nothing owns, and no pod that mounts nothing, something else, or has ended", () => {
        const pods = [
            pod("bare", "data"),
            pod("other", "cache"),
            object("v1", "Pod", "none", { spec: {} }),
            pod("ended", "data", { status: { phase: "Succeeded" } }),
            pod("failed", "data", { status: { phase: "Failed" } }),
            pod("ending", "data", { status: { phase: "Running" }, metadata: { deletionTimestamp: "2026-11-22" } }),
        ];
        assert.deepEqual(names({ pods }), ["Pod shop/bare", "Pod shop/ending"]);
    });

    it("mount the claim of a generic ephemeral volume, which is named after pod and volume", () => {
        const scratch = object("v1", "Pod", "bare", { spec: { volumes: [{ name: "scratch", ephemeral: {} }] } });
        assert.deepEqual(names({ pods: [scratch], mirrored: new Set(["shop/bare-scratch"]) }), ["Pod shop/bare"]);
    });

    it("do not go round in a circle of owners", () => {
        const one = object("apps/v1", "ReplicaSet", "one");
        const other = object("apps/v1", "ReplicaSet", "other", { metadata: madeBy(one), spec: { replicas: 0 } });
        const circle = { ...one, metadata: { ...one.metadata, ...madeBy(other) }, spec: { replicas: 0 } };
        const found = { pods: [pod("x", "data", { metadata: madeBy(circle) })], controllers: [circle, other] };
        assert.equal(names(found).length, 1);
    });

    it("are also those that want pods and have none yet: they write next", () => {
        const spec = { template: { spec: mounting("data") } };
        const of = (apiVersion: string, kind: string, more: object, part: Partial<KubernetesObject> = {}) =>
            object(apiVersion, kind, kind.toLowerCase(), { ...part, spec: { ...spec, ...more } } as never);
        const wanting = [
            of("apps/v1", "Deployment", { replicas: 2 }),
            of("apps/v1", "StatefulSet", {}),
            of("apps/v1", "DaemonSet", {}),
            of("batch/v1", "Job", {}),
            of("batch/v1", "CronJob", { template: undefined, jobTemplate: { spec } }),
        ];
        assert.deepEqual(
            names({ controllers: wanting }),
            wanting.map(({ kind }) => `${kind} shop/${kind.toLowerCase()}`).sort(),
        );
        const stopped = [
            of("apps/v1", "Deployment", { replicas: 0 }),
            of("apps/v1", "DaemonSet", {}, { status: { desiredNumberScheduled: 0 } }),
            of("batch/v1", "Job", {}, { status: { conditions: [{ type: "Complete", status: "True" }] } }),
            of("batch/v1", "CronJob", { suspend: true }),
        ];
        assert.deepEqual(names({ controllers: stopped }), []);
    });

    it("are not only a CronJob but its Job, which goes on when the CronJob is suspended", () => {
        const report = object("batch/v1", "CronJob", "report", { spec: { suspend: true } });
        const job = object("batch/v1", "Job", "report-1", { metadata: madeBy(report) });
        const found = { pods: [pod("report-1-a", "data", { metadata: madeBy(job) })], controllers: [report, job] };
        assert.deepEqual(names(found), ["CronJob shop/report", "Job shop/report-1"]);
    });

    it("belong to the application by its filter, and are its core where they mount a volume", () => {
        const mount = (name: string, claim: string) =>
            object("apps/v1", "Deployment", name, { spec: { template: { spec: mounting(claim) } } });
        const controllers = [mount("shop", "data"), mount("frontend", "none"), mount("agent", "data")];
        const found = workloads({ controllers }, excluding("Deployment", "agent"));
        const told = found.map(({ name, mounts, belongs, isCore }) => [name.split("/")[1], mounts, belongs, isCore]);
        assert.deepEqual(told, [
            ["agent", true, false, false],
            ["frontend", false, true, false],
            ["shop", true, true, true],
        ]);
    });

    it("leave out what neither belongs to the application nor mounts a volume of its", () => {
        const agent = object("apps/v1", "Deployment", "agent", { spec: {} });
        assert.deepEqual(names({ controllers: [agent] }, excluding("Deployment", "agent")), []);
    });

    it("are the core of an application without volumes, whatever they are", () => {
        const frontend = object("apps/v1", "Deployment", "frontend", { spec: {} });
        assert.equal(workloads({ controllers: [frontend], mirrored: new Set() })[0]!.isCore, true);
    });

    it("count for the claims that a StatefulSet makes of its templates", () => {
        const database = object("apps/v1", "StatefulSet", "db", {
            spec: { volumeClaimTemplates: [{ metadata: { name: "data" } }] },
        });
        const mountsFor = (claim: string) =>
            workloads({ controllers: [database], mirrored: new Set([claim]) })[0]!.mounts;
        assert.equal(mountsFor("shop/data-db-0"), true);
        assert.equal(mountsFor("shop/data-db-copy"), false);
        assert.equal(mountsFor("other/data-db-0"), false);
    });
});

describe("the workloads of an application that has a label selector", () => {
    const selection = { resourceFilter: undefined, labelSelector: { matchLabels: { app: "shop" } } };
    const ofApp = (app: string) => ({ metadata: { labels: { app } } });
    const spec = (claim: string) => ({ replicas: 1, template: { spec: mounting(claim) } });
    const found = (part: Partial<Found>) =>
        workloadsOf(
            {
                pods: [],
                controllers: [],
                mirrored: new Set(["shop/data"]),
                unchosen: new Set(["shop/logs"]),
                ...part,
            },
            selection,
        );

    it("are those that it chooses, and what else mounts a volume of its: that is no part of it", () => {
        const controllers = [
            object("apps/v1", "Deployment", "web", { ...ofApp("shop"), spec: spec("data") }),
            object("apps/v1", "Deployment", "agent", { ...ofApp("bank"), spec: spec("data") }),
            object("apps/v1", "Deployment", "ledger", { ...ofApp("bank"), spec: spec("ledger") }),
        ];
        assert.deepEqual(
            found({ controllers }).map(({ name, belongs }) => [name, belongs]),
            [
                ["Deployment shop/agent", false],
                ["Deployment shop/web", true],
            ],
        );
    });

    it("go by the labels of what owns their pods, as Trident Protect removes it", () => {
        const deployment = object("apps/v1", "Deployment", "web", { spec: spec("data") });
        const replicas = object("apps/v1", "ReplicaSet", "web-1", { metadata: madeBy(deployment) });
        const labelled = { metadata: { ...madeBy(replicas), labels: { app: "shop" } } };
        const [web] = found({ pods: [pod("web-1-a", "data", labelled)], controllers: [deployment, replicas] });
        assert.deepEqual([web!.name, web!.belongs], ["Deployment shop/web", false]);
    });

    it("include the Job of a CronJob that it chooses, which goes with it", () => {
        const cron = object("batch/v1", "CronJob", "report", { ...ofApp("shop"), spec: { suspend: true } });
        const job = object("batch/v1", "Job", "report-1", { metadata: madeBy(cron), spec: spec("data") });
        assert.deepEqual(
            found({ controllers: [cron, job] }).map(({ name, belongs }) => [name, belongs]),
            [["Job shop/report-1", true]],
        );
    });

    it("say which claims they mount that it does not choose, whatever runs yet", () => {
        const web = object("apps/v1", "Deployment", "web", { ...ofApp("shop"), spec: spec("logs") });
        const theirs = object("apps/v1", "Deployment", "agent", { ...ofApp("bank"), spec: spec("logs") });
        const pods = [
            pod("web-1", "logs", { metadata: { ...madeBy(web), labels: { app: "shop" } } }),
            pod("bare", "logs", ofApp("shop")),
            pod("other", "logs", ofApp("bank")),
        ];
        assert.deepEqual(
            found({ controllers: [web, theirs], pods }).map(({ name, unchosen }) => [name, unchosen]),
            [
                ["Deployment shop/web", ["shop/logs"]],
                ["Pod shop/bare", ["shop/logs"]],
            ],
        );
    });
});
