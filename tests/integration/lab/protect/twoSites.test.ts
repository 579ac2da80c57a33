import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { Agent } from "node:https";
import axios from "axios";
import { bringUp, type Lab } from "../../../../lab/lab";
import { unpackResources } from "../../../../lab/protect/archive";
import { kinds, protectNamespace } from "../../../../lab/protect/kinds";
import { withVault } from "../../../../lab/protect/vault";
import { delay, type KubeObject } from "../../../../lab/controllers";
import { eventually } from "../controllers/until";
import {
    type TestSite,
    application,
    deployShop,
    deploymentKind,
    everyFiveMinutes,
    isAvailable,
    mirror,
    namespace,
    prepareSites,
    schedule,
    see,
    snapshotOf,
    volumeOf,
} from "./twoSites";

/** One story on two whole sites: each part goes on where the one before it ended. */
describe("the Trident Protect stand-in on two sites", function () {
    this.timeout(5 * 60_000);
    let lab: Lab;
    let east: TestSite;
    let west: TestSite;

    before(async function () {
        this.timeout(30 * 60_000);
        lab = await bringUp({ speed: 60 });
        [east, west] = await prepareSites(lab.sites.east, lab.sites.west);
        await deployShop(east);
    });

    after(() => lab?.down());

    /** Name of the snapshot that a mirror has brought last. */
    const carriedBy = (mirrored: KubeObject | undefined) =>
        mirrored?.status?.lastTransferredSnapshot?.name as string | undefined;
    const inState = (state: string) => (object: KubeObject | undefined) => object?.status?.state === state;
    const uidOf = async ({ cluster }: TestSite) =>
        (await cluster.get(kinds.application, application))?.metadata.uid ?? "";
    const turn = ({ cluster }: TestSite, desiredState: string, promotedSnapshot: string | null = null) =>
        cluster.mergePatch(kinds.mirror, application, { spec: { desiredState, promotedSnapshot } });

    async function append(one: TestSite, text: string): Promise<number> {
        const { dataUrl, svm } = one.site.ontap;
        const { name } = await volumeOf(one);
        const answer = await fetch(`${dataUrl}/${svm}/${name}/data.txt?append`, { method: "POST", body: text });
        return answer.status;
    }

    async function content(one: TestSite): Promise<string> {
        const { dataUrl, svm } = one.site.ontap;
        const { name } = await volumeOf(one);
        return (await fetch(`${dataUrl}/${svm}/.volumes/${name}/data.txt`)).text();
    }

    async function snapshot(one: TestSite, name: string, kind: KubeObject["kind"] = "Snapshot"): Promise<string> {
        const which = kind === "Snapshot" ? kinds.snapshot : kinds.shutdownSnapshot;
        await one.cluster.create(snapshotOf(which, name, `vault-${one.site.name}`));
        const done = await see(one, which, { namespace, name }, inState("Completed"));
        return done?.status?.appArchivePath as string;
    }

    describe("vaults", () => {
        it("are one bucket for both sites, marked by 39 bytes below the prefix", async () => {
            const uids = await Promise.all(
                [east, west].map(async ({ cluster }) => {
                    const ref = { namespace: protectNamespace, name: "vault-east" };
                    return (await cluster.get(kinds.appVault, ref))?.status?.uid as string;
                }),
            );
            assert.match(uids[0] ?? "", /^[0-9a-f-]{36}$/);
            assert.equal(uids[0], uids[1]);
            const marker = await withVault(west.cluster, "vault-east", (vault) => vault.get("appVault.json"));
            assert.equal(marker?.length, 39);
        });

        it("tell what is wrong", async () => {
            const ref = { namespace: protectNamespace, name: "broken" };
            const good = await east.cluster.get(kinds.appVault, { namespace: protectNamespace, name: "vault-east" });
            const spec = structuredClone(good!.spec);
            spec.providerConfig.s3.bucketName = "no-such-bucket";
            await east.cluster.create({ ...kinds.appVault, metadata: ref, spec });
            const broken = await see(east, kinds.appVault, ref, inState("Error"));
            assert.match(broken?.status?.error as string, /no-such-bucket/);
            await east.cluster.delete(kinds.appVault, ref);
            await see(east, kinds.appVault, ref, (vault) => vault === undefined);
        });
    });

    describe("admission", () => {
        it("refuses what the real webhooks refuse, with a reason", async () => {
            const refused = (object: KubeObject, why: RegExp) => assert.rejects(east.cluster.create(object), why);
            await refused(schedule("quick", { recurrenceRule: everyFiveMinutes.replace("=5", "=4") }), /at least 5/);
            await refused(schedule("hourly", { granularity: "Hourly", recurrenceRule: "" }), /spec.minute/);
            const stray = { namespace: protectNamespace, name: "shop" };
            const includedNamespaces = [{ namespace: protectNamespace }];
            await refused({ ...kinds.application, metadata: stray, spec: { includedNamespaces } }, /not allowed/);
            const outside = [{ namespace: "elsewhere" }];
            const shop2 = { namespace, name: "shop2" };
            await refused(
                { ...kinds.application, metadata: shop2, spec: { includedNamespaces: outside } },
                /own namespace shop/,
            );
            await refused(mirror("west", "east", "uid", { recurrenceRule: "RRULE:FREQ=DAILY" }), /recurrenceRule/);
            await refused(mirror("west", "east", "uid", { desiredState: "established" }), /Unsupported value/);
        });

        it("lets nobody use a vault that he may not read", async () => {
            const { host, port, caFile } = east.site.kubernetes.webhook;
            const httpsAgent = new Agent({ ca: readFileSync(caFile) });
            const ask = async (username: string, groups: string[] = []) => {
                const request = {
                    uid: "1",
                    operation: "UPDATE",
                    userInfo: { username, groups },
                    object: mirror("east", "west", "u"),
                };
                const review = { apiVersion: "admission.k8s.io/v1", kind: "AdmissionReview", request };
                const answer = await axios.post(`https://${host}:${port}/vappvault-access`, review, { httpsAgent });
                return answer.data.response as { allowed: boolean; status?: { message: string } };
            };
            const nobody = await ask("nobody");
            assert.equal(nobody.allowed, false);
            assert.match(nobody.status?.message ?? "", /user nobody may not get AppVault vault-east/);
            assert.equal((await ask("admin", ["system:masters"])).allowed, true);
        });
    });

    describe("a snapshot", () => {
        it("has an archive with the application's own objects, and a snapshot of each volume", async () => {
            await append(east, "one\n");
            const path = await snapshot(east, "shop-base-1");
            assert.match(path, new RegExp(`^shop_${await uidOf(east)}/snapshots/\\d{14}_shop-base-1_[0-9a-f-]{36}$`));
            const packed = await withVault(east.cluster, "vault-east", (vault) =>
                vault.get(`${path}/resource_backup.tar.gz`),
            );
            const names = (await unpackResources(packed!)).map(({ kind, metadata }) => `${kind}/${metadata.name}`);
            const volume = (await east.cluster.get(kinds.volumeClaim, { namespace, name: "data" }))?.spec.volumeName;
            assert.deepEqual(names.sort(), [
                "ConfigMap/settings",
                "Deployment/shop",
                "Namespace/shop",
                `PersistentVolume/${volume}`,
                "PersistentVolumeClaim/data",
                "Secret/key",
                "Service/shop",
            ]);
            const made = await east.cluster.get(kinds.snapshot, { namespace, name: "shop-base-1" });
            assert.equal(made?.metadata.ownerReferences?.[0]?.kind, "Application");
            const name = `snapshot-${made?.metadata.uid}-${volume}`;
            assert.deepEqual(made?.status?.volumeSnapshots, [{ name, namespace }]);
        });

        it("takes archive and volume snapshots with it when it is deleted", async () => {
            const path = await snapshot(east, "short-lived");
            await east.cluster.delete(kinds.snapshot, { namespace, name: "short-lived" });
            await see(east, kinds.snapshot, { namespace, name: "short-lived" }, (one) => one === undefined);
            const left = await withVault(east.cluster, "vault-east", (vault) => vault.list(path));
            assert.deepEqual(left, []);
            assert.equal((await east.cluster.list(kinds.volumeSnapshot, { namespace })).length, 1);
        });

        it("fails for an application that does not exist", async () => {
            const lost = snapshotOf(kinds.snapshot, "lost", "vault-east");
            await east.cluster.create({ ...lost, spec: { ...lost.spec, applicationRef: "nothing" } });
            const failed = await see(east, kinds.snapshot, { namespace, name: "lost" }, inState("Failed"));
            assert.match(failed?.status?.error as string, /Application shop\/nothing does not exist/);
            await east.cluster.delete(kinds.snapshot, { namespace, name: "lost" });
        });
    });

    describe("a backup", () => {
        const filesAt = (folder: string) => withVault(east.cluster, "vault-east", (vault) => vault.list(`${folder}/`));
        const hasPath = (object: KubeObject | undefined) =>
            inState("Completed")(object) && object?.status?.appArchivePath !== undefined;
        const backupOf = (name: string, spec: object = {}) => {
            const backup = snapshotOf(kinds.backup, name, "vault-east");
            return { ...backup, spec: { ...backup.spec, ...spec } };
        };
        async function backUp(name: string, spec: object = {}): Promise<KubeObject> {
            await east.cluster.create(backupOf(name, spec));
            return (await see(east, kinds.backup, { namespace, name }, hasPath))!;
        }
        async function forget(name: string): Promise<void> {
            await east.cluster.delete(kinds.backup, { namespace, name });
            await see(east, kinds.backup, { namespace, name }, (one) => one === undefined);
        }

        it("takes a snapshot that goes again, and has its archive and each volume's data in the bucket", async () => {
            const hook = { namespace, name: "flush" };
            await east.cluster.create({
                ...kinds.execHook,
                metadata: hook,
                spec: { applicationRef: "shop", action: "Backup", stage: "Pre", hookSource: "dHJ1ZQ==" },
            });
            const { metadata, status } = await backUp("nightly");
            await east.cluster.delete(kinds.execHook, hook);
            const folder = `shop_${await uidOf(east)}`;
            assert.match(
                status?.appArchivePath as string,
                new RegExp(`^${folder}/backups/\\d{14}_nightly_${metadata.uid}$`),
            );
            const snapshotRef = { namespace, name: `backup-${metadata.uid}` };
            assert.equal(status?.sourceSnapshotName, snapshotRef.name);
            const results = status?.preBackupExecHooksRunResults as { execHookRef: string; containerName: string }[];
            assert.deepEqual(
                results.map(({ execHookRef, containerName }) => [execHookRef, containerName]),
                [["flush", "shop"]],
            );
            const { volumeName } = (await east.cluster.get(kinds.volumeClaim, { namespace, name: "data" }))!.spec;
            assert.deepEqual(
                status?.progress.volumeBackups.map((one: Record<string, unknown>) => [
                    one.repositoryPath,
                    one.volumeBackupCompleted,
                ]),
                [[`${folder}/kopia/${volumeName}`, true]],
            );
            assert.deepEqual(await filesAt(`${folder}/kopia`), [`${folder}/kopia/${volumeName}/${metadata.uid}.json`]);
            const files = (await filesAt(status?.appArchivePath as string)).map((key) => key.split("/").at(-1));
            assert.ok(
                ["application.json", "backup.json", "resource_backup.tar.gz"].every((one) => files.includes(one)),
            );
            assert.ok(!files.includes("snapshot.json"));
            await see(east, kinds.snapshot, snapshotRef, (one) => one === undefined);
        });

        it("keeps its data when it is deleted, or takes it along, as its reclaim policy says", async () => {
            const kept = await east.cluster.get(kinds.backup, { namespace, name: "nightly" });
            const gone = await backUp("gone", { reclaimPolicy: "Delete" });
            await Promise.all(["nightly", "gone"].map(forget));
            assert.notDeepEqual(await filesAt(kept?.status?.appArchivePath as string), []);
            assert.deepEqual(await filesAt(gone.status?.appArchivePath as string), []);
            const data = await filesAt(`shop_${await uidOf(east)}/kopia`);
            assert.deepEqual(
                data.map((key) => key.split("/").at(-1)),
                [`${kept?.metadata.uid}.json`],
            );
        });

        it("of a Snapshot that is named leaves it, and without it fails", async () => {
            const { status } = await backUp("of-base", { snapshotRef: "shop-base-1" });
            assert.equal(status?.sourceSnapshotName, "shop-base-1");
            await forget("of-base");
            assert.ok(await east.cluster.get(kinds.snapshot, { namespace, name: "shop-base-1" }));
            await east.cluster.create(backupOf("lost", { snapshotRef: "nothing" }));
            const failed = await see(east, kinds.backup, { namespace, name: "lost" }, inState("Failed"));
            assert.match(failed?.status?.error as string, /Snapshot shop\/nothing does not exist/);
            await forget("lost");
        });

        it("is made and kept as a Schedule says, without a Snapshot that stays", async () => {
            const hourly = schedule("shop-backups", { snapshotRetention: "0", backupRetention: "1" });
            await east.cluster.create(hourly);
            const made = async () =>
                (await east.cluster.list<KubeObject>(kinds.backup, { namespace })).filter(inState("Completed"));
            const first = await eventually(async () => (await made())[0], 60_000);
            assert.match(first.metadata.name, /^custom-[0-9a-f]{5}-\d{14}$/);
            assert.equal(first.spec.reclaimPolicy, "Retain");
            await see(east, kinds.backup, { namespace, name: first.metadata.name }, (one) => one === undefined);
            await east.cluster.delete(kinds.schedule, { namespace, name: "shop-backups" });
            const left = await eventually(async () => {
                const all = await east.cluster.list<KubeObject>(kinds.backup, { namespace });
                return all.every(inState("Completed")) ? all : undefined;
            }, 60_000);
            await Promise.all(left.map(({ metadata }) => forget(metadata.name)));
            await eventually(async () => {
                const snapshots = await east.cluster.list(kinds.snapshot, { namespace });
                return snapshots.length === 1 ? true : undefined;
            }, 60_000);
        });

        it("is refused with two places, and beside Trident Protect itself", async () => {
            const targets = backupOf("twice", { appVaultTargetsRef: "targets" });
            await assert.rejects(east.cluster.create(targets), /vbackup-creation.*one of appVaultRef/);
            const stray = { ...backupOf("stray"), metadata: { namespace: protectNamespace, name: "stray" } };
            await assert.rejects(east.cluster.create(stray), /Backup is not allowed/);
        });
    });

    describe("a mirror", () => {
        it("of an application with another UID never gets anywhere, and can be deleted", async () => {
            await west.cluster.create(mirror("east", "west", "00000000-0000-0000-0000-000000000000"));
            await see(west, kinds.mirror, application, inState("Establishing"));
            await delay(3_000);
            const waiting = await west.cluster.get(kinds.mirror, application);
            assert.equal(waiting?.status?.state, "Establishing");
            assert.equal(waiting?.status?.destinationApplicationRef, undefined);
            await west.cluster.delete(kinds.mirror, application);
            await see(west, kinds.mirror, application, (one) => one === undefined);
        });

        it("brings the volumes, not the application, even when the controller is killed on the way", async () => {
            await east.cluster.create(schedule("shop-replication"));
            await west.cluster.create(mirror("east", "west", await uidOf(east)));
            await see(west, kinds.mirror, application, inState("Establishing"));
            await lab.supervisor.kill({ site: "west", name: "protect" });
            await lab.supervisor.revive({ site: "west", name: "protect" });
            const made = await see(west, kinds.mirror, application, inState("Established"));
            assert.equal(made?.status?.destinationApplicationRef, "shop");
            assert.deepEqual(made?.status?.destinationNamespaces, [namespace]);
            assert.equal((await volumeOf(west)).type, "dp");
            assert.equal(await content(west), await content(east));
            assert.equal(await west.cluster.get(deploymentKind, application), undefined);
            const folder = `shop_${await uidOf(west)}/replicatedSnapshots`;
            const copies = await withVault(west.cluster, "vault-west", (vault) => vault.folders(folder));
            assert.ok(copies.length > 0);
        });

        it("follows the source's schedule", async () => {
            await append(east, "two\n");
            // No clock says which snapshot has the new line: transfers are waited for until one has brought it.
            let carried: string | undefined;
            while ((await content(west)) !== "one\ntwo\n") {
                const mirrored = await see(west, kinds.mirror, application, (one) => carriedBy(one) !== carried);
                carried = carriedBy(mirrored);
            }
            const scheduled = /^custom-[0-9a-f]{5}-\d{14}$/;
            await see(west, kinds.mirror, application, (one) => scheduled.test(carriedBy(one) ?? ""));
            // The schedule keeps two; one that is beyond that goes soon.
            await eventually(async () => {
                const snapshots = await east.cluster.list<KubeObject>(kinds.snapshot, { namespace });
                const made = snapshots.filter(({ metadata }) => scheduled.test(metadata.name));
                const complete = made.filter(inState("Completed"));
                return complete.length >= 1 && complete.length <= 2 ? complete : undefined;
            }, 60_000);
        });
    });

    describe("an unplanned promotion, while the other site swallows packets", () => {
        it("serves at the last recovery point, and leaves alone what is there already", async () => {
            const settings = { namespace, name: "settings" };
            const metadata = { ...settings, labels: { app: "shop" } };
            await west.cluster.create({ apiVersion: "v1", kind: "ConfigMap", metadata, data: { colour: "red" } });
            await lab.kill("east");
            const patched = await turn(west, "Promoted");
            assert.equal(patched.status?.state, "Established");
            await see(west, kinds.mirror, application, inState("Promoting"));
            await see(west, kinds.mirror, application, inState("Promoted"));
            assert.deepEqual([...new Set(lab.processes("east").map(({ state }) => state))], ["frozen"]);
            assert.equal((await volumeOf(west)).type, "rw");
            assert.equal(await content(west), "one\ntwo\n");
            await see(west, deploymentKind, application, isAvailable);
            const kept = await west.cluster.get({ apiVersion: "v1", kind: "ConfigMap" }, settings);
            assert.equal(kept?.data.colour, "red");
            assert.equal(await append(west, "west\n"), 200);
        });
    });

    describe("resync: the returning site wins", () => {
        it("stops the application here and throws its writes away", async () => {
            await lab.revive("east");
            await append(east, "three\n");
            await snapshot(east, "after-return");
            await turn(west, "Established");
            await see(west, kinds.mirror, application, inState("Establishing"));
            await see(west, kinds.mirror, application, inState("Established"));
            assert.equal(await west.cluster.get(deploymentKind, application), undefined);
            assert.deepEqual(await west.cluster.list({ apiVersion: "v1", kind: "Pod" }, { namespace }), []);
            assert.equal((await volumeOf(west)).type, "dp");
            assert.equal(await content(west), "one\ntwo\nthree\n");
        });
    });

    describe("a restore in place", () => {
        const replication = { namespace, name: "shop-replication" };
        const kept = { namespace, name: "switched-off-by-hand" };
        const enabled = async (ref: typeof kept) => (await east.cluster.get(kinds.schedule, ref))?.spec.enabled;
        const podOf = { apiVersion: "v1", kind: "Pod" };

        async function restore(name: string, appArchivePath: string): Promise<KubeObject | undefined> {
            const metadata = { namespace, name };
            const spec = { appVaultRef: "vault-east", appArchivePath };
            await east.cluster.create({ ...kinds.snapshotInplaceRestore, metadata, spec });
            const ended = (one: KubeObject | undefined) => ["Completed", "Failed"].includes(one?.status?.state);
            return see(east, kinds.snapshotInplaceRestore, metadata, ended);
        }

        it("undoes a shutdown: the application, its replicas, its data and its Schedules are as they were", async () => {
            await east.cluster.create(schedule(kept.name, { enabled: false }));
            await east.cluster.mergePatch(deploymentKind, application, { spec: { replicas: 2 } });
            await see(east, deploymentKind, application, (one) => one?.status?.availableReplicas === 2);
            const uid = await uidOf(east);
            await east.cluster.mergePatch(kinds.schedule, replication, { spec: { enabled: false } });
            // One that the schedule has begun could else be complete later than the next one, and be mirrored for it.
            await eventually(async () => {
                const snapshots = await east.cluster.list<KubeObject>(kinds.snapshot, { namespace });
                return snapshots.every(({ status }) => ["Completed", "Failed"].includes(status?.state)) || undefined;
            });
            const path = await snapshot(east, "changed-my-mind", "ShutdownSnapshot");
            const transferred = (one: KubeObject | undefined) =>
                one?.status?.lastTransferredSnapshot?.name === "changed-my-mind";
            await see(west, kinds.mirror, application, transferred);
            assert.equal(await append(east, "after the snapshot\n"), 200);
            await east.cluster.mergePatch(kinds.schedule, replication, { spec: { enabled: true } });

            const restored = await restore("undo", path);
            assert.equal(restored?.status?.state, "Completed", JSON.stringify(restored?.status));
            assert.deepEqual(restored?.status?.disabledScheduleNames, [replication.name]);
            await see(east, deploymentKind, application, (one) => one?.status?.availableReplicas === 2);
            assert.equal(await content(east), "one\ntwo\nthree\n");
            assert.equal(await uidOf(east), uid);
            assert.deepEqual([await enabled(replication), await enabled(kept)], [true, false]);
        });

        it("throws away what was written since a base snapshot, while the application runs", async () => {
            await east.cluster.mergePatch(kinds.schedule, replication, { spec: { enabled: false } });
            const path = await snapshot(east, "before-the-mistake");
            assert.equal(await append(east, "mistake\n"), 200);
            const [pod] = await east.cluster.list(podOf, { namespace });
            const restored = await restore("undo-mistake", path);
            assert.equal(restored?.status?.state, "Completed", JSON.stringify(restored?.status));
            await see(east, deploymentKind, application, (one) => one?.status?.availableReplicas === 2);
            const names = (await east.cluster.list(podOf, { namespace })).map(({ metadata }) => metadata.name);
            assert.ok(!names.includes(pod?.metadata.name ?? ""), "a pod has seen its data change under it");
            assert.equal(await content(east), "one\ntwo\nthree\n");
            assert.equal(await enabled(replication), false);
        });

        it("fails when the volume has a newer snapshot, as Trident does", async () => {
            const path = await snapshot(east, "older");
            await delay(1_100);
            const newest = await snapshot(east, "newer");
            const restored = await restore("too-late", path);
            assert.equal(restored?.status?.state, "Failed");
            assert.match(restored?.status?.error as string, /not the newest snapshot of PVC shop\/data/);
            assert.equal((await restore("in-time", newest))?.status?.state, "Completed");
            await see(east, deploymentKind, application, isAvailable);
        });
    });

    describe("a planned promotion", () => {
        let folder: string;

        it("begins with a shutdown that keeps the claims", async () => {
            await east.cluster.mergePatch(
                kinds.schedule,
                { namespace, name: "shop-replication" },
                { spec: { enabled: false } },
            );
            await append(east, "four\n");
            const path = await snapshot(east, "shop-final", "ShutdownSnapshot");
            folder = path.slice(path.lastIndexOf("/") + 1);
            assert.equal(await east.cluster.get(deploymentKind, application), undefined);
            assert.deepEqual(await east.cluster.list({ apiVersion: "v1", kind: "Pod" }, { namespace }), []);
            const claim = await east.cluster.get(kinds.volumeClaim, { namespace, name: "data" });
            assert.equal(claim?.status?.phase, "Bound");
        });

        it("waits for a snapshot that never comes", async () => {
            await turn(west, "Promoted", "shop-final");
            await see(west, kinds.mirror, application, inState("Promoting"));
            await delay(3_000);
            assert.equal((await west.cluster.get(kinds.mirror, application))?.status?.state, "Promoting");
        });

        it("fetches the named one and loses nothing", async () => {
            await turn(west, "Promoted", folder);
            await see(west, kinds.mirror, application, inState("Promoted"));
            assert.equal(await content(west), "one\ntwo\nthree\nfour\n");
            await see(west, deploymentKind, application, isAvailable);
        });
    });

    describe("reverse resync", () => {
        it("leaves two applications once the mirror is deleted", async () => {
            await west.cluster.delete(kinds.mirror, application);
            await see(west, kinds.mirror, application, (one) => one === undefined);
            assert.deepEqual(await west.cluster.list(kinds.volumeMirror), []);
            assert.equal((await volumeOf(west)).type, "rw");
            assert.ok(isAvailable(await west.cluster.get(deploymentKind, application)));
        });

        it("mirrors into the claims that are there, from the last common snapshot on", async () => {
            const before = await volumeOf(east);
            await append(west, "five\n");
            await snapshot(west, "shop-base-2");
            await east.cluster.create(mirror("west", "east", await uidOf(west)));
            await see(east, kinds.mirror, application, inState("Established"));
            assert.deepEqual(await volumeOf(east), { ...before, type: "dp" });
            assert.equal(await content(east), "one\ntwo\nthree\nfour\nfive\n");
        });

        it("lets no snapshot of the receiving side succeed, as a leftover Schedule would take it", async () => {
            await east.cluster.create(snapshotOf(kinds.snapshot, "leftover", "vault-east"));
            const leftover = { namespace, name: "leftover" };
            const complains = (one: KubeObject | undefined) => (one?.status?.error ?? "") !== "";
            const seen = await see(east, kinds.snapshot, leftover, complains);
            assert.notEqual(seen?.status?.state, "Completed");
        });
    });
});
