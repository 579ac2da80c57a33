import assert from "node:assert/strict";
import { after, before, describe, it } from "mocha";
import type { KubeObject } from "../../../../../lab/controllers";
import { Cluster } from "../../../../../provider/clients/kubernetes/cluster";
import { runActions } from "../../../../../provider/drivers/action";
import { ApplicationsDriver } from "../../../../../provider/drivers/applications/applicationsDriver";
import { ClaimedVolumes } from "../../../../../provider/drivers/applications/claimedVolumes";
import type { ApplicationSettings } from "../../../../../provider/drivers/applications/settings";
import type { StorageArray } from "../../../../../provider/drivers/array";
import { eventually } from "../../../lab/controllers/until";
import { startControlPlane, type TestControlPlane, toolsMs } from "../../../lab/controllers/controlPlane";

const namespace = "shop";
const csi = (driver: string, volumeAttributes?: object) => ({ driver, volumeHandle: "h", volumeAttributes });

/** The application shop at east, as users have them: an operator's pods, a bare pod, a volume of another driver. */
describe("the writers of an application on a real API server", function () {
    this.timeout(120_000);
    let plane: TestControlPlane;
    let cluster: Cluster;

    before(async function () {
        this.timeout(toolsMs);
        plane = await startControlPlane({ controllers: false });
        cluster = Cluster.connect("east", { kubeconfig: plane.kubeconfig });
        await plane.cluster.ensure({ apiVersion: "v1", kind: "Namespace", metadata: { name: namespace } });
        await plane.cluster.ensure({
            apiVersion: "v1",
            kind: "ServiceAccount",
            metadata: { name: "default", namespace },
        });
        await bound("data", csi("csi.trident.netapp.io", { internalName: "trident_pvc_1", backendUUID: "b" }));
        await bound("cache", csi("ebs.csi.aws.com", { partition: "1" }));
        await plane.cluster.create(claim("waiting", undefined));
        // A definition is served a moment after it is established.
        await eventually(() =>
            driver()
                .driver.observe()
                .catch(() => undefined),
        );
    });
    after(() => plane?.stop());

    const claim = (name: string, volumeName: string | undefined): KubeObject => ({
        apiVersion: "v1",
        kind: "PersistentVolumeClaim",
        metadata: { name, namespace },
        spec: {
            accessModes: ["ReadWriteMany"],
            resources: { requests: { storage: "1Gi" } },
            storageClassName: "some",
            ...(volumeName === undefined ? {} : { volumeName }),
        },
    });

    async function bound(name: string, driver: object): Promise<void> {
        await plane.cluster.create({
            apiVersion: "v1",
            kind: "PersistentVolume",
            metadata: { name: `pv-${name}` },
            spec: {
                accessModes: ["ReadWriteMany"],
                capacity: { storage: "1Gi" },
                storageClassName: "some",
                csi: driver,
            },
        });
        await plane.cluster.create(claim(name, `pv-${name}`));
    }

    function pod(name: string, claimName: string, owner?: { apiVersion: string; kind: string; name: string }) {
        const ownerReferences =
            owner === undefined ? [] : [{ ...owner, uid: `uid-of-${owner.name}`, controller: true }];
        return plane.cluster.create({
            apiVersion: "v1",
            kind: "Pod",
            metadata: { name, namespace, ownerReferences },
            spec: {
                terminationGracePeriodSeconds: 0,
                containers: [{ name: "writer", image: "writer" }],
                volumes: [{ name: "data", persistentVolumeClaim: { claimName } }],
            },
        });
    }

    const remove = (name: string) =>
        plane.cluster.delete({ apiVersion: "v1", kind: "Pod" }, { name, namespace }, { gracePeriodSeconds: 0 });

    /** An array that has the one volume that Trident made, and no other. */
    const array = {
        volumes: (_svm: string, names: readonly string[]) =>
            Promise.resolve(
                names.filter((name) => name === "trident_pvc_1").map((name) => ({ name, type: "rw", state: "online" })),
            ),
        mirrorsInto: () => Promise.resolve([]),
        mirrorsOutOf: () => Promise.resolve([]),
    } as unknown as StorageArray;

    function driver(snapshotTimeout = 60_000) {
        const settings: ApplicationSettings = {
            application: "shop",
            site: "east",
            peer: "west",
            namespaces: [namespace],
            vaults: { east: "vault-east", west: "vault-west" },
            protectNamespace: "trident-protect",
            storageClass: "some",
            recurrence: { snapshot: "", mirror: "" },
            snapshotRetention: 2,
            daily: { hour: "2", minute: "0", keep: 7 },
            resourceFilter: undefined,
            cluster: {},
            ontap: { endpoint: { url: "https://east.example" }, svm: "svm_east" },
            timeouts: { establish: 60_000, promote: 60_000, snapshot: snapshotTimeout },
        };
        const volumes = new ClaimedVolumes(cluster, settings, array);
        const context = { cluster, settings, volumes, signal: new AbortController().signal };
        return { driver: new ApplicationsDriver(context, volumes), volumes };
    }

    /** The wait of a step, without the ShutdownSnapshot before it: there is no Trident Protect here. */
    async function lastWriter(snapshotTimeout?: number) {
        const view = await driver(snapshotTimeout).driver.observe();
        const wait = view.actions({ do: "stop-workloads", epoch: 2 }).at(-1)!;
        assert.equal(wait.call, "wait until no pod mounts a volume of shop");
        return wait;
    }

    it("are found whoever made them, and not among pods that mount something else", async () => {
        await pod("bare", "data");
        await pod("pg-1", "data", { apiVersion: "postgresql.cnpg.io/v1", kind: "Cluster", name: "pg" });
        await pod("cached", "cache");
        const { observed } = await driver().driver.observe();
        assert.deepEqual(observed.workloads, ["Cluster shop/pg (postgresql.cnpg.io)", "Pod shop/bare"]);
        assert.deepEqual(observed.outsiders, []);
    });

    it("that do not end are named with their owner and with how they are stopped", async () => {
        const wait = await lastWriter(1);
        await assert.rejects(
            runActions([wait], () => undefined, "east"),
            (error: Error) => {
                assert.match(
                    error.message,
                    /Pod shop\/pg-1 of Cluster shop\/pg \(postgresql\.cnpg\.io\), Pod shop\/bare still/,
                );
                assert.match(error.message, /kubectl -n shop delete pod\/bare; pulumi up --stack east$/);
                return true;
            },
        );
    });

    it("are waited for by watch, until the last one is gone", async () => {
        const wait = await lastWriter();
        let ended = false;
        const waiting = runActions([wait], () => undefined, "east").then(() => (ended = true));
        await remove("bare");
        assert.equal((await driver().driver.observe()).observed.workloads!.length, 1);
        assert.equal(ended, false);
        await remove("pg-1");
        await waiting;
        assert.deepEqual((await driver().driver.observe()).observed.workloads, []);
    });

    it("do not include a volume of another driver or a claim that waits for a pod: a takeover asks for neither", async () => {
        const { volumes, driver: at } = driver();
        await volumes.requireReachable();
        await volumes.requireWritable();
        const { warnings } = await (await at.observe()).arrayReport();
        const own = { role: "active" } as Parameters<typeof warnings>[0];
        const lines = warnings(own, { known: true, record: undefined }, 900).map(String);
        assert.deepEqual(lines, [
            "not mirrored with shop, and not at west after a takeover: shop/cache (its volume belongs to ebs.csi.aws.com, not to Trident), shop/waiting (it is not bound to a volume)",
        ]);
    });
});
