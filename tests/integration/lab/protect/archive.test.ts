import assert from "node:assert/strict";
import {
    acceptArchive,
    completeArchive,
    fetchArchive,
    hasResources,
    listArchives,
    packResources,
    readArchive,
    readResources,
    unpackResources,
    writeResources,
} from "../../../../lab/protect/archive";
import type { Vault } from "../../../../lab/protect/vault";

/** A bucket in memory; `failAfter` writes it breaks down. */
class MemoryVault implements Vault {
    readonly objects = new Map<string, Buffer>();
    failAfter = Infinity;

    async get(key: string): Promise<Buffer | undefined> {
        return this.objects.get(key);
    }

    async put(key: string, body: Buffer | string): Promise<void> {
        if (this.failAfter-- <= 0) {
            throw new Error("the bucket broke down");
        }
        this.objects.set(key, Buffer.from(body));
    }

    async putNew(key: string, body: string): Promise<boolean> {
        const free = !this.objects.has(key);
        if (free) {
            await this.put(key, body);
        }
        return free;
    }

    async list(prefix: string): Promise<string[]> {
        return [...this.objects.keys()].filter((key) => key.startsWith(prefix)).sort();
    }

    async folders(folder: string): Promise<string[]> {
        const rest = (await this.list(`${folder}/`)).map((key) => key.slice(folder.length + 1));
        return [...new Set(rest.flatMap((key) => (key.includes("/") ? [key.split("/")[0]!] : [])))];
    }

    async remove(prefix: string): Promise<void> {
        for (const key of await this.list(prefix)) {
            this.objects.delete(key);
        }
    }
}

const path = "shop_uid/snapshots/20260415082800_base_u1";
const deployment = {
    apiVersion: "apps/v1",
    kind: "Deployment",
    metadata: { name: "shop", namespace: "shop" },
    spec: { replicas: 1 },
};
const claim = {
    apiVersion: "v1",
    kind: "PersistentVolumeClaim",
    metadata: { name: "data", namespace: "shop" },
    spec: {},
};
const resources = [deployment, claim];

async function write(vault: Vault): Promise<void> {
    await writeResources(vault, path, resources);
    await completeArchive(vault, path, {
        application: {
            metadata: { name: "shop", namespace: "shop", uid: "uid" },
            spec: { includedNamespaces: [{ namespace: "shop" }] },
        },
        snapshot: {
            metadata: { name: "base", namespace: "shop", uid: "u1" },
            spec: { applicationRef: "shop" },
            status: { state: "Completed" },
        },
        volumes: [
            {
                volumeHandle: "svm_east:trident_pvc_1",
                volumeSnapshot: {
                    metadata: { name: "snapshot-u1-pvc-1", namespace: "shop" },
                    spec: { source: { persistentVolumeClaimName: "data" } },
                },
                content: {
                    metadata: { name: "snapcontent-1" },
                    spec: { volumeSnapshotRef: { name: "snapshot-u1-pvc-1", namespace: "shop" } },
                    status: { snapshotHandle: "pvc-1/snapshot-2" },
                },
            },
        ],
        classes: [],
        execHooks: [],
    });
}

describe("an application's archive", () => {
    it("has the files of the real one", async () => {
        const vault = new MemoryVault();
        await write(vault);
        assert.deepEqual(
            (await vault.list("")).map((key) => key.slice(path.length + 1)),
            [
                "application.json",
                "exec_hooks.json",
                "post_snapshot_execHooksRun.json",
                "pre_snapshot_execHooksRun.json",
                "resource_backup.json",
                "resource_backup.tar.gz",
                "resource_backup_summary.json",
                "snapshot.json",
                "volume_snapshot_classes.json",
                "volume_snapshot_contents.json",
                "volume_snapshots.json",
            ],
        );
        assert.deepEqual(await listArchives(vault, { name: "shop", uid: "uid" }, "snapshots"), [
            "20260415082800_base_u1",
        ]);
        assert.deepEqual(await listArchives(vault, { name: "shop", uid: "other" }, "snapshots"), []);
    });

    it("gives back resources and volumes as they were", async () => {
        const vault = new MemoryVault();
        await write(vault);
        assert.deepEqual(await readResources(vault, path), resources);
        const [volume] = (await readArchive(vault, path))?.volumes ?? [];
        assert.deepEqual(
            { claim: volume?.claim, volumeHandle: volume?.volumeHandle, snapshotHandle: volume?.snapshotHandle },
            {
                claim: { name: "data", namespace: "shop" },
                volumeHandle: "svm_east:trident_pvc_1",
                snapshotHandle: "pvc-1/snapshot-2",
            },
        );
    });

    it("is not there for readers before its last file is", async () => {
        for (let writes = 0; writes < 11; writes++) {
            const vault = new MemoryVault();
            vault.failAfter = writes;
            await assert.rejects(write(vault), /broke down/);
            assert.equal(await readArchive(vault, path), undefined, `after ${writes} writes`);
            assert.equal(await hasResources(vault, path), writes >= 3, `after ${writes} writes`);
        }
    });

    it("counts as a copy only once it is accepted, after fetches that broke down anywhere", async () => {
        const source = new MemoryVault();
        await write(source);
        const to = "shop_uid2/replicatedSnapshots/20260415082800_base_u1";
        const target = new MemoryVault();
        for (let writes = 0; writes < 11; writes++) {
            target.failAfter = writes;
            await assert.rejects(fetchArchive(source, path, target, to), /broke down/);
            assert.equal(await readArchive(target, to), undefined);
        }
        target.failAfter = Infinity;
        assert.equal(await fetchArchive(source, path, target, to), true);
        assert.equal(await readArchive(target, to), undefined);
        await source.remove("");
        await acceptArchive(target, to);
        await acceptArchive(target, to);
        assert.deepEqual(await readResources(target, to), resources);
        assert.equal((await target.list(to)).length, 11);
    });

    it("is not fetched while it is not complete, or no longer", async () => {
        const source = new MemoryVault();
        await writeResources(source, path, resources);
        assert.equal(await fetchArchive(source, path, new MemoryVault(), "elsewhere"), false);
        await source.remove("");
        assert.equal(await fetchArchive(source, path, new MemoryVault(), "elsewhere"), false);
    });

    it("packs objects of any size and number", async () => {
        const many = Array.from({ length: 300 }, (_, number) => ({
            apiVersion: "v1",
            kind: "ConfigMap",
            metadata: { name: `map-${number}`, namespace: "shop" },
            data: { text: "x".repeat(number * 37) },
        }));
        assert.deepEqual(await unpackResources(await packResources(many)), many);
    });
});
