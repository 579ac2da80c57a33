import assert from "node:assert/strict";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { createServer, type AddressInfo, type Server, type Socket } from "node:net";
import { tmpdir } from "node:os";
import path from "node:path";
import { Authority } from "../../../../lab/ontap";
import { holdPorts } from "../../../../lab/ports";
import { Supervisor } from "../../../../lab/processes";
import { prepareS3, s3Ports, type S3Server } from "../../../../lab/s3/server";
import { ensureTools } from "../../../../lab/tools";
import type { Vault } from "../../../../provider/vaults/appVault";
import { claimEpoch as claimIn, claimKey, type Claim } from "../../../../provider/vaults/claims";
import { VaultError, type ObjectStore } from "../../../../provider/clients/buckets/objectStore";
import { openS3 } from "../../../../provider/clients/buckets/s3";

const claimEpoch = (vault: Vault, claimed: Claim) => claimIn(vault, claimed, ["east", "west"]);

const claim = (site: string, change: Partial<Claim> = {}): Claim => ({
    application: "shop",
    epoch: 2,
    began: "takeover",
    site,
    time: "2026-11-22T12:00:00.000Z",
    ...change,
});

describe("claims of epochs in a real bucket", function () {
    this.timeout(60_000);
    let folder: string;
    let supervisor: Supervisor;
    let server: S3Server;
    let rootCA: string;
    let prefixes = 0;

    before(async function () {
        // It may build the server first.
        this.timeout(0);
        const tools = await ensureTools({ progress: console.log });
        folder = await mkdtemp(path.join(tmpdir(), "vault-"));
        supervisor = new Supervisor(path.join(folder, "processes"));
        const authority = await Authority.create(folder, "lab");
        const ports = await holdPorts(s3Ports);
        server = await prepareS3({ site: "east", folder, logs: folder, tools, authority, ports });
        await ports.release();
        await supervisor.start(server.processes);
        await server.furnish();
        rootCA = await readFile(server.caFile, "utf8");
    });
    after(async () => {
        await supervisor?.stop();
        await rm(folder, { recursive: true, force: true });
    });

    const storeOf = (change: Partial<Parameters<typeof openS3>[1]> = {}, budget = 10_000): ObjectStore =>
        openS3(
            "vault-east",
            {
                endpoint: server.endpoint,
                secure: true,
                bucket: server.bucket,
                rootCA,
                verify: true,
                credentials: { accessKeyId: server.accessKey, secretAccessKey: server.secretKey },
                ...change,
            },
            budget,
        );
    /** A vault that shares nothing with those of other tests. */
    const newVault = (): Vault => ({ name: "vault-east", prefix: `test-${++prefixes}/`, store: storeOf() });
    const isVaultError = (unreachable: boolean, message: RegExp) => (thrown: unknown) => {
        assert.ok(thrown instanceof VaultError, String(thrown));
        assert.equal(thrown.unreachable, unreachable, thrown.message);
        assert.match(thrown.message, message);
        assert.ok(!thrown.message.includes(server.secretKey));
        return true;
    };

    it("are won by the first", async () => {
        const vault = newVault();
        assert.deepEqual(await claimEpoch(vault, claim("east")), { won: true, guarded: undefined });
        const kept = await vault.store!.get(`${vault.prefix}trident-dr/shop/epoch-2.json`);
        assert.deepEqual(JSON.parse(kept!), claim("east"));
    });

    it("are lost by the second, who is told who won, and leaves the claim as it is", async () => {
        const vault = newVault();
        await claimEpoch(vault, claim("east"));
        assert.deepEqual(await claimEpoch(vault, claim("west")), { won: false, by: claim("east") });
        assert.deepEqual(JSON.parse((await vault.store!.get(claimKey(vault, "shop", 2)))!), claim("east"));
    });

    it("are won again by the site that holds them, in a run after one that was cut off", async () => {
        const vault = newVault();
        await claimEpoch(vault, claim("east"));
        const again = await claimEpoch(vault, claim("east", { time: "2026-11-22T13:00:00.000Z" }));
        assert.deepEqual(again, { won: true, guarded: undefined });
    });

    it("are won by exactly one of two sites at once", async () => {
        const vault = newVault();
        const outcomes = await Promise.all(["east", "west"].map((site) => claimEpoch(vault, claim(site))));
        assert.deepEqual(outcomes.map(({ won }) => won).sort(), [false, true]);
    });

    it("do not stand in one another's way: each application and each epoch has its own", async () => {
        const vault = newVault();
        await claimEpoch(vault, claim("east"));
        assert.equal((await claimEpoch(vault, claim("west", { epoch: 3 }))).won, true);
        assert.equal((await claimEpoch(vault, claim("west", { application: "bank" }))).won, true);
    });

    it("tell of an object that is no claim of this pair, and do not touch it", async () => {
        const vault = newVault();
        const key = claimKey(vault, "shop", 2);
        for (const [text, epoch] of [
            ["something else", 2],
            [JSON.stringify({ site: "west" }), 3],
        ] as const) {
            const place = key.replace("epoch-2", `epoch-${epoch}`);
            await vault.store!.putIfAbsent(place, text);
            assert.deepEqual(await claimEpoch(vault, claim("east", { epoch })), {
                won: false,
                notAuthentic: "it is not a claim of an epoch",
            });
            assert.equal(await vault.store!.get(place), text);
        }
    });

    it("lists folders below a prefix, and no objects", async () => {
        const store = storeOf();
        for (const key of ["list/a/1", "list/a/2", "list/b/c/1", "list/file"]) {
            await store.putIfAbsent(key, "x");
        }
        assert.deepEqual(await store.folders("list/"), ["a", "b"]);
        assert.deepEqual(await store.folders("none/"), []);
        assert.equal(await store.get("list/none"), undefined);
    });

    it("tell of refused credentials, and show none", async () => {
        const store = storeOf({ credentials: { accessKeyId: server.accessKey, secretAccessKey: "canary-secret" } });
        await assert.rejects(claimEpoch({ ...newVault(), store }, claim("east")), (thrown: unknown) => {
            assert.ok(!(thrown as Error).message.includes("canary-secret"));
            return isVaultError(
                false,
                /vault-east: GET \S+: its credentials are refused, or lack a right \(HTTP 403/,
            )(thrown);
        });
    });

    it("tell of a bucket that is not there", async () => {
        const store = storeOf({ bucket: "trident-dr-none" });
        await assert.rejects(
            claimEpoch({ ...newVault(), store }, claim("east")),
            isVaultError(false, /vault-east: GET .*HTTP 40[34]/),
        );
    });

    it("do not trust a server that the declared authority does not vouch for", async () => {
        const stranger = await Authority.create(path.join(folder, "stranger"), "stranger");
        const store = storeOf({ rootCA: await readFile(stranger.certFile, "utf8") });
        await assert.rejects(
            claimEpoch({ ...newVault(), store }, claim("east")),
            isVaultError(true, /vault-east: GET/),
        );
    });

    it("give a server that swallows everything the budget once, and do not try again", async () => {
        const sockets = new Set<Socket>();
        const dark: Server = createServer((socket) => sockets.add(socket.on("error", () => undefined)));
        await new Promise<void>((resolve) => dark.listen(0, "127.0.0.1", resolve));
        try {
            const store = storeOf({ endpoint: `127.0.0.1:${(dark.address() as AddressInfo).port}` }, 700);
            await assert.rejects(
                claimEpoch({ ...newVault(), store }, claim("east")),
                isVaultError(true, /vault-east: GET \S+: no answer in time/),
            );
            assert.equal(sockets.size, 1);
        } finally {
            sockets.forEach((socket) => socket.destroy());
            dark.close();
        }
    });
});

describe("claims of epochs where nothing guards them", () => {
    /** A server that takes the condition and does not heed it. */
    function unguarded(): ObjectStore {
        const objects = new Map<string, string>();
        return {
            putIfAbsent: (key, body) => {
                objects.set(key, body);
                return Promise.resolve("written");
            },
            put: (key, body) => Promise.resolve(void objects.set(key, body)),
            get: (key) => Promise.resolve(objects.get(key)),
            folders: () => Promise.resolve([]),
            names: (prefix) =>
                Promise.resolve(
                    [...objects.keys()].flatMap((key) => (key.startsWith(prefix) ? key.slice(prefix.length) : [])),
                ),
            remove: (key) => Promise.resolve(void objects.delete(key)),
        };
    }

    it("are won, and never replace another's", async () => {
        const vault = { name: "vault-east", prefix: "", store: unguarded() };
        assert.equal((await claimEpoch(vault, claim("east"))).won, true);
        assert.deepEqual(await claimEpoch(vault, claim("west")), { won: false, by: claim("east") });
    });

    it("are lost by the run whose claim another one replaced at the same instant", async () => {
        const store = unguarded();
        const overtaken: ObjectStore = {
            ...store,
            putIfAbsent: async (key, body) => {
                await store.putIfAbsent(key, body);
                return store.putIfAbsent(key, JSON.stringify(claim("west")));
            },
        };
        const vault = { name: "vault-east", prefix: "", store: overtaken };
        assert.deepEqual(await claimEpoch(vault, claim("east")), { won: false, by: claim("west") });
    });

    it("are won in a vault that only the cluster's identity opens, and it is told", async () => {
        const vault = { name: "vault-east", prefix: "", store: undefined };
        assert.deepEqual(await claimEpoch(vault, claim("east")), { won: true, guarded: false });
    });
});
