import assert from "node:assert/strict";
import { after, before, describe, it } from "mocha";
import { delay, type KubeObject, type Ref } from "../../../../lab/controllers";
import {
    kinds,
    type Mirror,
    type MirrorCondition,
    type MirrorUpdate,
    type PersistentVolume,
    type Pvc,
    type SnapshotRestore,
    type VolumeSnapshot,
} from "../../../../lab/trident/kinds";
import { toolsMs } from "../controllers/controlPlane";
import { eventually, until } from "../controllers/until";
import { startTestSite, type TestArray, type TestSite } from "./twoArrays";

const namespace = "shop";

describe("Trident on a real API server and two arrays", function () {
    this.timeout(60_000);
    let site: TestSite;

    before(async function () {
        this.timeout(toolsMs);
        site = await startTestSite();
    });
    after(async () => site?.stop());

    const create = (object: KubeObject): Promise<KubeObject> => site.plane.cluster.create(object);

    async function claim(
        name: string,
        storageClassName: string,
        more: Partial<Pvc["metadata"]> = {},
        dataSource?: object,
    ) {
        await create({
            ...kinds.pvc,
            metadata: { namespace, name, ...more },
            spec: {
                storageClassName,
                accessModes: ["ReadWriteMany"],
                resources: { requests: { storage: "1Gi" } },
                dataSource,
            },
        });
    }

    /** The FlexVol of a PVC, once it is bound. */
    async function volumeOf(name: string): Promise<{ flexvol: string; handle: string; pv: PersistentVolume }> {
        const bound = await until<Pvc>(
            site.plane.cluster,
            kinds.pvc,
            { namespace, name },
            (pvc) => pvc?.status?.phase === "Bound",
        );
        const pv = await site.plane.cluster.get<PersistentVolume>(kinds.pv, { name: bound?.spec.volumeName ?? "" });
        assert.ok(pv?.spec.csi);
        return { flexvol: pv.spec.csi.volumeAttributes?.internalName ?? "", handle: pv.spec.csi.volumeHandle, pv };
    }

    async function mirror(name: string, pvc: string, state: string, remote: string): Promise<void> {
        const volumeMappings = [{ localPVCName: pvc, remoteVolumeHandle: remote }];
        await create({ ...kinds.mirror, metadata: { namespace, name }, spec: { state, volumeMappings } });
    }

    async function want(name: string, state: string, mapping: object = {}): Promise<void> {
        const found = await site.plane.cluster.get<Mirror>(kinds.mirror, { namespace, name });
        const volumeMappings = [{ ...found?.spec.volumeMappings[0], ...mapping }];
        await site.plane.cluster.mergePatch(kinds.mirror, { namespace, name }, { spec: { state, volumeMappings } });
    }

    async function conditionIs(
        name: string,
        wanted: (condition: MirrorCondition) => boolean,
    ): Promise<MirrorCondition> {
        const found = await until<Mirror>(site.plane.cluster, kinds.mirror, { namespace, name }, (object) =>
            wanted(object?.status?.conditions?.[0] ?? {}),
        );
        return found?.status?.conditions?.[0] ?? {};
    }

    const reaches = (name: string, state: string): Promise<MirrorCondition> =>
        conditionIs(name, (condition) => condition.state === state);

    async function snapshot(name: string, pvc: string): Promise<string> {
        const source = { persistentVolumeClaimName: pvc };
        await create({
            ...kinds.snapshot,
            metadata: { namespace, name },
            spec: { volumeSnapshotClassName: "trident", source },
        });
        const ready = await until<VolumeSnapshot>(
            site.plane.cluster,
            kinds.snapshot,
            { namespace, name },
            (object) => object?.status?.readyToUse === true,
        );
        const contentName = ready?.status?.boundVolumeSnapshotContentName ?? "";
        const content = await site.plane.cluster.get(kinds.snapshotContent, { name: contentName });
        return String(content?.status?.snapshotHandle);
    }

    async function update(
        name: string,
        tridentMirrorRelationshipName: string,
        snapshotHandle: string,
    ): Promise<string> {
        await create({
            ...kinds.mirrorUpdate,
            metadata: { namespace, name },
            spec: { tridentMirrorRelationshipName, snapshotHandle },
        });
        const final = await until<MirrorUpdate>(site.plane.cluster, kinds.mirrorUpdate, { namespace, name }, (object) =>
            ["Succeeded", "Failed"].includes(object?.status?.state ?? ""),
        );
        return `${final?.status?.state} ${final?.status?.message}`.trim();
    }

    async function remove(kind: { apiVersion: string; kind: string }, ref: Ref): Promise<void> {
        await site.plane.cluster.delete(kind, ref);
        await until(site.plane.cluster, kind, ref, (object) => object === undefined);
    }

    const volume = (array: TestArray, flexvol: string) => array.client.volume(array.svm, flexvol);

    describe("TridentBackendConfig", () => {
        it("is bound with its backend's name and uuid, which a TridentBackend carries too", async () => {
            const config = await site.plane.cluster.get(kinds.backendConfig, { namespace: "trident", name: "east" });
            assert.equal(config?.status.lastOperationStatus, "Success");
            assert.match(config?.status.message, /Backend 'east'/);
            const { backendName, backendUUID } = config?.status.backendInfo ?? {};
            const backends = await site.plane.cluster.list(kinds.backend, { namespace: "trident" });
            const backend = backends.find((candidate) => candidate.backendUUID === backendUUID);
            assert.equal(backendName, "east");
            assert.equal(backend?.config.ontap_config.svm, site.east.svm);
        });

        it("says what is wrong, and recovers when its Secret is put right", async () => {
            const ref = { namespace: "trident", name: "doubtful" };
            const credentials = (password: string) => ({ username: "trident", password });
            await create({ apiVersion: "v1", kind: "Secret", metadata: ref, stringData: credentials("wrong") });
            const spec = {
                version: 1,
                storageDriverName: "ontap-nas",
                managementLIF: site.east.simulator.url,
                svm: site.east.svm,
                credentials: { name: ref.name },
            };
            await create({ ...kinds.backendConfig, metadata: ref, spec });
            const failed = await until<KubeObject>(
                site.plane.cluster,
                kinds.backendConfig,
                ref,
                (object) => object?.status?.lastOperationStatus === "Failed",
            );
            assert.match(failed?.status.message, /not authorized/);
            await site.plane.cluster.mergePatch(kinds.secret, ref, { stringData: credentials("trident") });
            await until<KubeObject>(
                site.plane.cluster,
                kinds.backendConfig,
                ref,
                (object) => object?.status?.phase === "Bound",
            );
            await remove(kinds.backendConfig, ref);
        });
    });

    describe("PersistentVolumeClaims", () => {
        it("get a mounted FlexVol, which goes with the claim", async () => {
            await claim("plain", "east");
            const { flexvol, pv } = await volumeOf("plain");
            assert.equal(flexvol, `trident_${pv.metadata.name.replaceAll("-", "_")}`);
            assert.equal(await site.east.append(flexvol, "hello\n"), 200);
            const made = await volume(site.east, flexvol);
            assert.deepEqual([made?.type, made?.nas?.path, made?.size], ["rw", `/${flexvol}`, 2 ** 30]);
            await remove(kinds.pvc, { namespace, name: "plain" });
            const gone = (object: KubeObject | undefined): boolean => object === undefined;
            await until(site.plane.cluster, kinds.pv, { name: pv.metadata.name }, gone);
            assert.equal(await volume(site.east, flexvol), undefined);
        });

        it("of another provisioner's class are left alone", async () => {
            const provisioner = "example.com/other";
            await create({
                apiVersion: "storage.k8s.io/v1",
                kind: "StorageClass",
                metadata: { name: "other" },
                provisioner,
            });
            await claim("foreign", "other");
            await claim("ours", "east");
            await volumeOf("ours");
            const foreign = await site.plane.cluster.get<Pvc>(kinds.pvc, { namespace, name: "foreign" });
            assert.equal(foreign?.status?.phase, "Pending");
        });
    });

    describe("VolumeSnapshots", () => {
        before(async () => {
            const [name, driver] = ["trident", "csi.trident.netapp.io"];
            await create({ ...kinds.snapshotClass, metadata: { name }, driver, deletionPolicy: "Delete" });
            await claim("snapped", "east");
        });

        it("freeze the volume, can be cloned, and are deleted from the array with the object", async () => {
            const { flexvol, handle } = await volumeOf("snapped");
            await site.east.append(flexvol, "before\n");
            const snapshotHandle = await snapshot("first", "snapped");
            await site.east.append(flexvol, "after\n");
            const object = await site.plane.cluster.get<VolumeSnapshot>(kinds.snapshot, { namespace, name: "first" });
            assert.equal(snapshotHandle, `${handle}/snapshot-${object?.metadata.uid}`);
            assert.equal(object?.status?.restoreSize, "1Gi");
            await claim(
                "clone",
                "east",
                {},
                { apiGroup: "snapshot.storage.k8s.io", kind: "VolumeSnapshot", name: "first" },
            );
            assert.equal(await site.east.read((await volumeOf("clone")).flexvol), "before\n");
            await remove(kinds.pvc, { namespace, name: "clone" });
            const onArray = await volume(site.east, flexvol);
            await eventually(async () => {
                await site.plane.cluster.delete(kinds.snapshot, { namespace, name: "first" });
                return (await site.east.client.snapshot(onArray?.uuid ?? "", `snapshot-${object?.metadata.uid}`)) ===
                    undefined
                    ? true
                    : undefined;
            });
            await until(
                site.plane.cluster,
                kinds.snapshot,
                { namespace, name: "first" },
                (found) => found === undefined,
            );
        });

        it("of a claim that is not there say so", async () => {
            const source = { persistentVolumeClaimName: "missing" };
            const metadata = { namespace, name: "of-nothing" };
            await create({ ...kinds.snapshot, metadata, spec: { volumeSnapshotClassName: "trident", source } });
            const failed = await until<VolumeSnapshot>(
                site.plane.cluster,
                kinds.snapshot,
                metadata,
                (object) => object?.status?.error !== undefined,
            );
            assert.match(failed?.status?.error?.message ?? "", /shop\/missing is not bound/);
            await remove(kinds.snapshot, metadata);
        });
    });

    describe("TridentActionSnapshotRestores", () => {
        let flexvol: string;

        before(async () => {
            await claim("restored", "east");
            flexvol = (await volumeOf("restored")).flexvol;
            await site.east.append(flexvol, "good\n");
            await snapshot("good", "restored");
            await site.east.append(flexvol, "bad\n");
        });

        async function restore(name: string, spec: object, status?: object): Promise<string> {
            await create({ ...kinds.snapshotRestore, metadata: { namespace, name }, spec, status });
            const final = await until<SnapshotRestore>(
                site.plane.cluster,
                kinds.snapshotRestore,
                { namespace, name },
                (object) => object?.status?.completionTime !== undefined,
            );
            assert.deepEqual(final?.metadata.finalizers ?? [], []);
            return `${final?.status?.state} ${final?.status?.message}`.trim();
        }

        const toGood = { pvcName: "restored", volumeSnapshotName: "good" };

        it("refuse what they do not find", async () => {
            assert.match(await restore("no-claim", { ...toGood, pvcName: "none" }), /^Failed PVC shop\/none not found/);
            assert.match(
                await restore("no-snapshot", { ...toGood, volumeSnapshotName: "none" }),
                /^Failed volume snapshot shop\/none not found/,
            );
        });

        it("refuse a volume that a pod has mounted", async () => {
            const volumes = [{ name: "data", persistentVolumeClaim: { claimName: "restored" } }];
            const containers = [{ name: "reader", image: "reader" }];
            const metadata = { namespace, name: "reader" };
            const pod = { apiVersion: "v1", kind: "Pod" };
            await create({ ...pod, metadata, spec: { nodeName: "node", volumes, containers } });
            assert.match(await restore("attached", toGood), /^Failed cannot restore attached volume/);
            await site.plane.cluster.delete(pod, metadata, { gracePeriodSeconds: 0 });
            await until(site.plane.cluster, pod, metadata, (found) => found === undefined);
        });

        it("are failed when Trident was started again meanwhile", async () => {
            assert.match(await restore("interrupted", toGood, { state: "In progress" }), /^Failed .*started again/);
        });

        it("put the volume back where it stands", async () => {
            assert.equal(await restore("back", toGood), "Succeeded");
            assert.equal(await site.east.read(flexvol), "good\n");
            assert.equal(await site.east.append(flexvol, "better\n"), 200);
        });

        it("refuse a snapshot that is not the claim's newest", async () => {
            // Times of snapshots have whole seconds: a newer one has to be of another second.
            await delay(1_100);
            await snapshot("better", "restored");
            assert.match(await restore("older", toGood), /^Failed .*not the newest snapshot of PVC shop\/restored/);
            assert.equal(await site.east.read(flexvol), "good\nbetter\n");
        });
    });

    describe("TridentMirrorRelationships", () => {
        let source: { flexvol: string; handle: string };
        let copy: { flexvol: string; handle: string };
        let firstHandle: string;

        before(async () => {
            await claim("source", "east");
            source = await volumeOf("source");
            await site.east.append(source.flexvol, "one\n");
        });

        it("refuse a volume that does not receive", async () => {
            await claim("full", "west");
            await volumeOf("full");
            await mirror("into-full", "full", "established", `${site.east.svm}:${source.flexvol}`);
            assert.match((await reaches("into-full", "failed")).message ?? "", /empty DP volumes/);
            await remove(kinds.mirror, { namespace, name: "into-full" });
        });

        it("are invalid without a remote volume", async () => {
            await mirror("nowhere", "full", "established", "");
            await reaches("nowhere", "invalid");
            await remove(kinds.mirror, { namespace, name: "nowhere" });
        });

        it("establish a claim that waits for its mirror, and copy the data", async () => {
            await claim("copy", "west", { annotations: { "trident.netapp.io/mirrorRelationship": "copy" } });
            await mirror("copy", "copy", "established", `${site.east.svm}:${source.flexvol}`);
            copy = await volumeOf("copy");
            const condition = await reaches("copy", "established");
            assert.equal(condition.localVolumeHandle, `${site.west.svm}:${copy.flexvol}`);
            assert.equal(condition.remoteVolumeHandle, `${site.east.svm}:${source.flexvol}`);
            assert.equal(await site.west.read(copy.flexvol), "one\n");
            assert.equal(await site.west.append(copy.flexvol, "no\n"), 423);
        });

        it("are brought up to a snapshot by a TridentActionMirrorUpdate", async () => {
            await site.east.append(source.flexvol, "two\n");
            firstHandle = await snapshot("second", "source");
            assert.equal(await update("to-second", "copy", firstHandle), "Succeeded");
            assert.equal(await site.west.read(copy.flexvol), "one\ntwo\n");
        });

        it("let no snapshot be taken of the receiving claim", async () => {
            const metadata = { namespace, name: "of-copy" };
            const claim = { persistentVolumeClaimName: "copy" };
            await create({
                ...kinds.snapshot,
                metadata,
                spec: { volumeSnapshotClassName: "trident", source: claim },
            });
            await until<VolumeSnapshot>(
                site.plane.cluster,
                kinds.snapshot,
                metadata,
                (object) => object?.status?.error !== undefined,
            );
            await remove(kinds.snapshot, metadata);
        });

        it("do not change their remote volume", async () => {
            await want("copy", "established", { remoteVolumeHandle: `${site.east.svm}:other` });
            assert.match((await reaches("copy", "failed")).message ?? "", /remoteVolumeHandle may not be changed/);
            await want("copy", "established", { remoteVolumeHandle: `${site.east.svm}:${source.flexvol}` });
            await reaches("copy", "established");
        });

        it("wait without end for a snapshot that has not come, and go on when it is no longer asked for", async () => {
            await want("copy", "promoted", { promotedSnapshotHandle: `${source.handle}/snapshot-none` });
            const waiting = await reaches("copy", "promoting");
            await conditionIs("copy", (condition) => condition.message?.startsWith("Waiting for snapshot ") === true);
            assert.equal(waiting.localPVCName, "copy");
            await want("copy", "promoted", { promotedSnapshotHandle: firstHandle });
            await reaches("copy", "promoted");
        });

        it("are promoted to that very snapshot: writable, mounted, and without a relationship", async () => {
            const promoted = await volume(site.west, copy.flexvol);
            assert.deepEqual([promoted?.type, promoted?.nas?.path], ["rw", `/${copy.flexvol}`]);
            assert.equal(await site.west.client.relationshipInto(`${site.west.svm}:${copy.flexvol}`), undefined);
            assert.equal(await site.west.read(copy.flexvol), "one\ntwo\n");
            assert.equal(await site.west.append(copy.flexvol, "three\n"), 200);
        });

        it("call an update failed that was in progress when Trident ended", async () => {
            const metadata = { namespace, name: "interrupted" };
            const status = { state: "In progress", message: "" };
            await create({ ...kinds.mirrorUpdate, metadata, spec: { tridentMirrorRelationshipName: "copy" }, status });
            const failed = await until<MirrorUpdate>(
                site.plane.cluster,
                kinds.mirrorUpdate,
                metadata,
                (object) => object?.status?.state === "Failed",
            );
            assert.match(failed?.status?.message ?? "", /restarted/);
        });

        it("take no update once they are promoted", async () => {
            assert.match(await update("too-late", "copy", ""), /^Failed .*not established/);
            assert.match(await update("for-nobody", "unknown", ""), /^Failed there is no/);
        });

        it("resynchronise, and throw away what was written meanwhile", async () => {
            await want("copy", "reestablished", { promotedSnapshotHandle: undefined });
            await reaches("copy", "reestablished");
            assert.equal(await site.west.read(copy.flexvol), "one\ntwo\n");
            assert.equal((await volume(site.west, copy.flexvol))?.type, "dp");
        });

        it("are promoted by their deletion, and can then be turned round", async () => {
            await remove(kinds.mirror, { namespace, name: "copy" });
            assert.equal((await volume(site.west, copy.flexvol))?.type, "rw");
            assert.equal(await site.west.append(copy.flexvol, "west\n"), 200);
            await mirror("back", "source", "reestablished", `${site.west.svm}:${copy.flexvol}`);
            await reaches("back", "reestablished");
            assert.equal(await site.east.read(source.flexvol), "one\ntwo\nwest\n");
        });

        it("are called promoted, with nothing done, when the array cannot be asked", async () => {
            site.east.simulator.faults.add({
                kind: "error",
                status: 503,
                user: "trident",
                path: "/snapmirror/relationships*",
            });
            await want("back", "promoted");
            await reaches("back", "promoted");
            site.east.simulator.faults.clear();
            assert.equal((await volume(site.east, source.flexvol))?.type, "dp");
            await site.restartTrident();
            await eventually(async () => ((await volume(site.east, source.flexvol))?.type === "rw" ? true : undefined));
        });
    });
});
