import assert from "node:assert/strict";
import { after, before, describe, it } from "mocha";
import {
    addFinalizer,
    type ApiError,
    type Cluster,
    type Controller,
    type KubeObject,
    removeFinalizer,
    runController,
} from "../../../../lab/controllers";
import { startControlPlane, type TestControlPlane, toolsMs } from "./controlPlane";
import { eventually, until } from "./until";

const configMap = { apiVersion: "v1", kind: "ConfigMap" };
const mirror = { apiVersion: "trident.netapp.io/v1", kind: "TridentMirrorRelationship" };
const namespace = "default";

describe("The controller runtime on a real API server", function () {
    this.timeout(60_000);
    let plane: TestControlPlane;
    let cluster: Cluster;
    const controllers: Controller[] = [];

    before(async function () {
        this.timeout(toolsMs);
        plane = await startControlPlane({ controllers: false });
        cluster = plane.cluster;
    });
    afterEach(async () => {
        await Promise.all(controllers.splice(0).map((controller) => controller.stop()));
    });
    after(async () => plane?.stop());

    const settings = (name: string, data: Record<string, string> = {}): KubeObject => {
        return { ...configMap, metadata: { namespace, name }, data };
    };

    it("creates, reads, applies, patches, lists and deletes any kind", async () => {
        const ref = { namespace, name: "plain" };
        await cluster.create(settings("plain", { a: "1", b: "2" }));
        await assert.rejects(cluster.create(settings("plain")), (error: ApiError) => error.alreadyExists);
        await cluster.mergePatch(configMap, ref, { data: { a: "3", b: null } });
        await cluster.serverSideApply(settings("plain", { c: "4" }), { fieldManager: "test" });
        assert.deepEqual((await cluster.get(configMap, ref))?.data, { a: "3", c: "4" });
        const listed = await cluster.list(configMap, { namespace, fieldSelector: "metadata.name=plain" });
        assert.deepEqual(
            listed.map(({ kind, metadata }) => `${kind}/${metadata.name}`),
            ["ConfigMap/plain"],
        );
        await cluster.delete(configMap, ref);
        await cluster.delete(configMap, ref);
        assert.equal(await cluster.get(configMap, ref), undefined);
    });

    it("says which kind a cluster does not serve", async () => {
        await assert.rejects(cluster.list({ apiVersion: "example.com/v1", kind: "Nothing" }), /does not serve Nothing/);
    });

    it("keeps spec and status apart, and refuses what the definition forbids", async () => {
        const ref = { namespace, name: "kept" };
        const volumeMappings = [{ localPVCName: "data" }];
        await cluster.create({ ...mirror, metadata: ref, spec: { state: "established", volumeMappings } });
        await cluster.patchStatus(mirror, ref, { conditions: [{ state: "establishing" }] });
        await cluster.mergePatch(mirror, ref, { status: { conditions: [{ state: "promoted" }] } });
        assert.equal((await cluster.get(mirror, ref))?.status.conditions[0].state, "establishing");
        const wrong = { ...mirror, metadata: { namespace, name: "wrong" } };
        await assert.rejects(
            cluster.create({ ...wrong, spec: { state: "Established", volumeMappings } }),
            /Unsupported value/,
        );
        await assert.rejects(cluster.create({ ...wrong, spec: { volumeMappings: [] } }), /volumeMappings/);
        await cluster.delete(mirror, ref);
    });

    it("loses no change of many that modify one object at once", async () => {
        await cluster.create(settings("contended"));
        const ref = { namespace, name: "contended" };
        const add = (key: string): Promise<unknown> =>
            cluster.modify(configMap, ref, (object) => {
                object.data = { ...object.data, [key]: "x" };
            });
        await Promise.all(["a", "b", "c", "d", "e"].map(add));
        assert.deepEqual(Object.keys((await cluster.get(configMap, ref))?.data).sort(), ["a", "b", "c", "d", "e"]);
    });

    it("holds an object under deletion by its finalizer until that is removed", async () => {
        const ref = { namespace, name: "held" };
        const held = await cluster.create(settings("held"));
        await addFinalizer(cluster, held, "example.com/test");
        await cluster.delete(configMap, ref);
        const deleting = await cluster.get(configMap, ref);
        assert.notEqual(deleting?.metadata.deletionTimestamp, undefined);
        await removeFinalizer(cluster, held, "example.com/test");
        assert.equal(await cluster.get(configMap, ref), undefined);
    });

    /** A controller that notes what it was given. */
    function noting(prefix: string): { seen: string[]; gone: string[] } {
        const notes = { seen: [] as string[], gone: [] as string[] };
        const controller = runController({
            cluster,
            kind: configMap,
            select: { namespace },
            reconcile: async ({ metadata, data }) => {
                if (metadata.name.startsWith(prefix)) {
                    notes.seen.push(`${metadata.name}=${data?.value ?? ""}`);
                }
            },
            gone: async ({ name }) => void notes.gone.push(name),
            log: () => undefined,
        });
        controllers.push(controller);
        return notes;
    }

    const seenBy = (notes: { seen: string[] }, what: string): Promise<boolean> =>
        eventually(async () => (notes.seen.includes(what) ? true : undefined));

    it("reconciles what is there, what comes, what changes and what goes", async () => {
        await cluster.create(settings("life-old", { value: "1" }));
        const notes = noting("life-");
        await seenBy(notes, "life-old=1");
        await cluster.create(settings("life-new", { value: "2" }));
        await seenBy(notes, "life-new=2");
        await cluster.mergePatch(configMap, { namespace, name: "life-new" }, { data: { value: "3" } });
        await seenBy(notes, "life-new=3");
        await cluster.delete(configMap, { namespace, name: "life-new" });
        await eventually(async () => (notes.gone.includes("life-new") ? true : undefined));
    });

    it("goes on after the API server was frozen, and after it was killed and came back", async () => {
        const notes = noting("back-");
        await cluster.create(settings("back-first", { value: "1" }));
        await seenBy(notes, "back-first=1");
        await plane.supervisor.freeze({ name: "kube-apiserver" });
        await plane.supervisor.revive({ name: "kube-apiserver" });
        await cluster.create(settings("back-thawed", { value: "2" }));
        await seenBy(notes, "back-thawed=2");
        await plane.supervisor.kill({ name: "kube-apiserver" });
        await plane.supervisor.revive({ name: "kube-apiserver" });
        await eventually(async () => cluster.create(settings("back-again", { value: "3" })).catch(() => undefined));
        await seenBy(notes, "back-again=3");
    });

    it("finds a kind that is served only later", async () => {
        const late = { apiVersion: "example.com/v1", kind: "Late" };
        const seen: string[] = [];
        controllers.push(
            runController({
                cluster,
                kind: late,
                reconcile: async ({ metadata }) => void seen.push(metadata.name),
                log: () => undefined,
            }),
        );
        const names = { kind: "Late", plural: "lates", singular: "late" };
        const schema = { openAPIV3Schema: { type: "object", "x-kubernetes-preserve-unknown-fields": true } };
        const definition = { apiVersion: "apiextensions.k8s.io/v1", kind: "CustomResourceDefinition" };
        const versions = [{ name: "v1", served: true, storage: true, schema }];
        const metadata = { name: "lates.example.com" };
        await cluster.create({
            ...definition,
            metadata,
            spec: { group: "example.com", scope: "Cluster", names, versions },
        });
        await until<KubeObject>(cluster, definition, metadata, (object) =>
            (object?.status?.conditions ?? []).some(
                (condition: { type: string; status: string }) =>
                    condition.type === "Established" && condition.status === "True",
            ),
        );
        await eventually(async () => cluster.create({ ...late, metadata: { name: "one" } }).catch(() => undefined));
        await eventually(async () => (seen.includes("one") ? true : undefined));
    });
});
