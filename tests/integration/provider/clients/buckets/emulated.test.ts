import assert from "node:assert/strict";
import { type ChildProcess, spawn, type SpawnOptions } from "node:child_process";
import { generateKeyPairSync } from "node:crypto";
import { mkdtemp, rm } from "node:fs/promises";
import { createServer } from "node:http";
import { type AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import path from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { Storage } from "@google-cloud/storage";
import { ContainerClient, StorageSharedKeyCredential } from "@azure/storage-blob";
import { holdPorts } from "../../../../../lab/ports";
import { ensureTestTool } from "../../../../../lab/tools";
import { openAzure } from "../../../../../provider/clients/buckets/azure";
import { openGcs } from "../../../../../provider/clients/buckets/gcs";
import { type ObjectStore, VaultError } from "../../../../../provider/clients/buckets/objectStore";
import { claimEpoch, claimKey, type Claim } from "../../../../../provider/vaults/claims";

/** A server of somebody else that stands for a cloud's, and how a bucket in it is opened. */
interface Emulated {
    open(budget: number, change?: { bucket?: string; url?: string }): Promise<ObjectStore>;
    stop(): Promise<void>;
}

const bucket = "trident-dr-east";
const accountKey = Buffer.from("an account's key, of the emulator only").toString("base64");
const { privateKey } = generateKeyPairSync("rsa", { modulusLength: 2048 });
const credentials = {
    client_email: "dr@example.iam.gserviceaccount.com",
    private_key: privateKey.export({ type: "pkcs8", format: "pem" }).toString(),
};

describe("claims and archives in Azure Blob Storage (Azurite)", () => behavesLikeABucket(azurite));
describe("claims and archives in Google Cloud Storage (fake-gcs-server)", () => behavesLikeABucket(fakeGcs));

function behavesLikeABucket(start: (folder: string) => Promise<Emulated>): void {
    let folder: string;
    let emulated: Emulated;
    let prefixes = 0;

    before(async function () {
        this.timeout(0);
        folder = await mkdtemp(path.join(tmpdir(), "bucket-"));
        emulated = await start(folder);
    });
    after(async () => {
        await emulated?.stop();
        await rm(folder, { recursive: true, force: true });
    });

    const claim = (site: string): Claim => ({
        application: "shop",
        epoch: 2,
        began: "takeover",
        site,
        time: "2026-11-22T12:00:00.000Z",
    });
    const vaultOf = async () => {
        const store = await emulated.open(30_000);
        return { name: "vault-east", prefix: `test-${++prefixes}/`, store };
    };
    const sites = ["east", "west"];
    const failureOf = async (work: Promise<unknown>): Promise<VaultError> => {
        const thrown = await work.then(
            () => assert.fail("expected a failure"),
            (error: unknown) => error,
        );
        assert.ok(thrown instanceof VaultError, String(thrown));
        return thrown;
    };

    it("heeds the condition of a claim", async function () {
        this.timeout(60_000);
        const { store, prefix } = await vaultOf();
        assert.equal(await store.putIfAbsent(`${prefix}a`, "first"), "written");
        assert.equal(await store.putIfAbsent(`${prefix}a`, "second"), "exists");
        assert.equal(await store.get(`${prefix}a`), "first");
        await store.put(`${prefix}a`, "third");
        assert.equal(await store.get(`${prefix}a`), "third");
    });

    it("lets exactly one of two sites at once claim an epoch", async function () {
        this.timeout(60_000);
        const vault = await vaultOf();
        const outcomes = await Promise.all(sites.map((site) => claimEpoch(vault, claim(site), sites)));
        assert.deepEqual(outcomes.map(({ won }) => won).sort(), [false, true]);
        const winner = sites[outcomes.findIndex(({ won }) => won)]!;
        assert.deepEqual(JSON.parse((await vault.store.get(claimKey(vault, "shop", 2)))!), claim(winner));
    });

    it("lists the folders of archives, and removes what is there or is not", async function () {
        this.timeout(60_000);
        const { store, prefix } = await vaultOf();
        for (const key of ["shop_1/replicatedSnapshots/20261122120000_a_x/app.json", "shop_1/file", "file"]) {
            await store.put(prefix + key, "x");
        }
        assert.deepEqual(await store.folders(prefix), ["shop_1"]);
        assert.deepEqual(await store.folders(`${prefix}shop_1/replicatedSnapshots/`), ["20261122120000_a_x"]);
        assert.deepEqual(await store.names(prefix), ["file"]);
        assert.deepEqual(await store.folders(`${prefix}none/`), []);
        for (const _ of [1, 2]) {
            await store.remove(`${prefix}file`);
        }
        assert.equal(await store.get(`${prefix}file`), undefined);
    });

    it("has no object read that is larger than any of ours", async function () {
        this.timeout(60_000);
        const { store, prefix } = await vaultOf();
        await store.put(`${prefix}large`, "x".repeat(2_000_000));
        const failure = await failureOf(store.get(`${prefix}large`));
        assert.match(failure.message, /found more than 1048576 bytes/);
        assert.equal(failure.unreachable, false);
    });

    it("is told to be missing", async function () {
        this.timeout(60_000);
        const store = await emulated.open(30_000, { bucket: "trident-dr-none" });
        const failure = await failureOf(store.putIfAbsent("a", "x"));
        assert.match(failure.message, /^vault vault-east: PUT a: no such bucket \(HTTP 404/);
    });

    it("is given its budget when it swallows everything, or says that it is busy", async function () {
        this.timeout(60_000);
        for (const answers of [false, true]) {
            const dark = createServer((_message, response) => {
                if (answers) {
                    response.writeHead(503).end();
                }
            });
            await new Promise<void>((resolve) => dark.listen(0, "127.0.0.1", resolve));
            const url = `http://127.0.0.1:${(dark.address() as AddressInfo).port}`;
            const failure = await failureOf((await emulated.open(1_000, { url })).get("claim"));
            assert.match(failure.message, /GET claim: (no answer in time|it cannot answer now \(HTTP 503)/);
            assert.equal(failure.unreachable, true);
            dark.closeAllConnections();
            await new Promise((resolve) => dark.close(resolve));
        }
    });
}

async function azurite(folder: string): Promise<Emulated> {
    const account = "drlab";
    const ports = await holdPorts(1);
    const port = ports.next();
    await ports.release();
    const entry = require.resolve("azurite/dist/src/blob/main.js");
    const options = [
        `--blobPort=${port}`,
        `--location=${folder}`,
        "--silent",
        "--skipApiVersionCheck",
        "--disableTelemetry",
    ];
    const env = { AZURITE_ACCOUNTS: `${account}:${accountKey}` };
    const root = `http://127.0.0.1:${port}`;
    const child = await started(spawn(process.execPath, [entry, ...options], withEnvironment(env)), root);
    const credential = new StorageSharedKeyCredential(account, accountKey);
    await new ContainerClient(`${root}/${account}/${bucket}`, credential).create();
    return {
        open: (budget, { bucket: container = bucket, url = root } = {}) =>
            openAzure("vault-east", { url: `${url}/${account}`, account, accountKey, container }, budget),
        stop: () => ended(child),
    };
}

async function fakeGcs(_folder: string): Promise<Emulated> {
    const tool = await ensureTestTool("fake-gcs-server", console.log);
    const ports = await holdPorts(1);
    const port = ports.next();
    await ports.release();
    const root = `http://127.0.0.1:${port}`;
    const options = ["-scheme=http", "-host=127.0.0.1", `-port=${port}`, "-backend=memory", `-external-url=${root}`];
    const child = await started(spawn(tool, options, withEnvironment({})), root);
    await new Storage({ projectId: "dr", credentials, apiEndpoint: root }).createBucket(bucket);
    return {
        open: (budget, { bucket: name = bucket, url = root } = {}) =>
            openGcs("vault-east", { projectId: "dr", bucket: name, credentials, apiEndpoint: url }, budget),
        stop: () => ended(child),
    };
}

function withEnvironment(env: Record<string, string>): SpawnOptions {
    return { env: { ...process.env, ...env }, stdio: ["ignore", "ignore", "inherit"] };
}

/** Once it answers anything. */
async function started(child: ChildProcess, url: string): Promise<ChildProcess> {
    while (child.exitCode === null) {
        if (await fetch(url).then(Boolean, () => false)) {
            return child;
        }
        await pause(50);
    }
    throw new Error(`The emulator ended with ${child.exitCode}`);
}

async function ended(child: ChildProcess): Promise<void> {
    const exit = new Promise((resolve) => child.once("exit", resolve));
    child.kill();
    await exit;
}
