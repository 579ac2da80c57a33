import assert from "node:assert/strict";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { Authority } from "../../../../lab/ontap";
import { holdPorts } from "../../../../lab/ports";
import { Supervisor } from "../../../../lab/processes";
import { type FrontBehaviour, S3Front, S3Proxy } from "../../../../lab/s3/front";
import { prepareS3, s3Ports, type S3Server } from "../../../../lab/s3/server";
import { ensureTools } from "../../../../lab/tools";
import { VaultError } from "../../../../provider/clients/buckets/objectStore";
import { openS3, type S3Access } from "../../../../provider/clients/buckets/s3";
import { runActions } from "../../../../provider/drivers/action";
import { EpochClaims } from "../../../../provider/engine/epochClaims";
import type { ClaimStep } from "../../../../provider/engine/claims";
import type { Vault } from "../../../../provider/vaults/appVault";
import { claimKey, probeKey } from "../../../../provider/vaults/claims";

describe("a bucket whose server is not like Amazon's", function () {
    this.timeout(120_000);
    let folder: string;
    let supervisor: Supervisor;
    let server: S3Server;
    let rootCA: string;
    let front: S3Front;
    let proxy: S3Proxy;
    let prefixes = 0;
    let prefix: string;

    before(async function () {
        // It may build the server first.
        this.timeout(0);
        const tools = await ensureTools({ progress: console.log });
        folder = await mkdtemp(path.join(tmpdir(), "front-"));
        supervisor = new Supervisor(path.join(folder, "processes"));
        const authority = await Authority.create(folder, "lab");
        const ports = await holdPorts(s3Ports);
        server = await prepareS3({ site: "east", folder, logs: folder, tools, authority, ports });
        await ports.release();
        await supervisor.start(server.processes);
        await server.furnish();
        rootCA = await readFile(server.caFile, "utf8");
        const files = await authority.issue(path.join(folder, "front"), "front", {
            commonName: "front",
            addresses: ["127.0.0.1"],
        });
        const tls = { cert: await readFile(files.certFile, "utf8"), key: await readFile(files.keyFile, "utf8") };
        const { endpoint, accessKey, secretKey } = server;
        front = await S3Front.start({ endpoint, accessKey, secretKey, ca: rootCA }, tls);
        proxy = await S3Proxy.start();
    });
    beforeEach(() => {
        prefix = `front-${++prefixes}/`;
    });
    after(async () => {
        await front?.stop();
        await proxy?.stop();
        await supervisor?.stop();
        await rm(folder, { recursive: true, force: true });
    });

    const store = (change: Partial<S3Access> = {}, budget = 30_000) =>
        openS3(
            "vault-east",
            {
                endpoint: front.endpoint,
                secure: true,
                bucket: server.bucket,
                rootCA,
                verify: true,
                credentials: { accessKeyId: server.accessKey, secretAccessKey: server.secretKey },
                ...change,
            },
            budget,
        );
    const claim: ClaimStep = { do: "claim", epoch: 2, began: "token", vaults: [{ site: "east", required: true }] };
    /** Claims of a site, all in east's vault. */
    const claimsAt = (site: string, behaviour: FrontBehaviour, change: Partial<S3Access> = {}) => {
        front.behave(behaviour);
        front.requests.length = 0;
        const open = (owner: string): Promise<Vault> =>
            owner === "east"
                ? Promise.resolve({ name: "vault-east", prefix, store: store(change) })
                : Promise.reject(new VaultError("vault-west is dark", true));
        const vaults = { east: "vault-east", west: "vault-west" };
        return new EpochClaims({ application: "shop", site, vaults }, open);
    };
    async function run({ actions, guarded }: ReturnType<EpochClaims["claim"]>) {
        const lines: string[] = [];
        await runActions(actions, (line) => lines.push(line), "east");
        return { guarded: guarded(), lines: lines.filter((line) => !/^(PUT|DELETE) /.test(line)) };
    }
    async function ownerOf(): Promise<unknown> {
        front.behave({});
        return (JSON.parse((await store().get(claimKey({ prefix }, "shop", 2)))!) as { site: unknown }).site;
    }
    async function failureOf(work: Promise<unknown>): Promise<VaultError> {
        const thrown = await work.then(
            () => assert.fail("expected a failure"),
            (error: unknown) => error,
        );
        assert.ok(thrown instanceof VaultError, String(thrown));
        return thrown;
    }

    const servers: [string, FrontBehaviour, boolean | undefined, RegExp | undefined][] = [
        ["that guards claims", {}, true, undefined],
        [
            "that does not know the condition",
            { conditions: "unknown" },
            false,
            /vault-east does not know the condition/,
        ],
        ["that ignores the condition", { conditions: "ignored" }, false, /vault-east ignores the condition/],
    ];
    for (const [what, behaviour, guarded, told] of servers) {
        describe(what, () => {
            it("is found out before the first claim, and nothing is left of that", async () => {
                const found = await run(claimsAt("east", behaviour).probe());
                assert.equal(found.guarded, guarded);
                assert.equal(found.lines.length, told === undefined ? 0 : 1);
                assert.match(found.lines.join("\n"), told ?? /^$/);
                front.behave({});
                assert.equal(await store().get(probeKey({ prefix }, "shop")), undefined);
            });

            it("has its first claim kept, whoever comes later", async () => {
                await run(claimsAt("west", behaviour).claim(claim));
                assert.equal(await ownerOf(), "west");
                await assert.rejects(
                    run(claimsAt("east", behaviour).claim(claim)),
                    /epoch 2 was begun by west \(token\)/,
                );
                assert.equal(await ownerOf(), "west");
                await run(claimsAt("west", behaviour).claim(claim));
            });
        });
    }

    it("is followed to its region, once for a lookup", async () => {
        front.behave({ region: "eu-central-2" });
        front.requests.length = 0;
        const moved = store();
        assert.equal(await moved.putIfAbsent(`${prefix}a/b`, "x"), "written");
        assert.deepEqual(await moved.folders(prefix), ["a"]);
        assert.equal(await moved.get(`${prefix}a/b`), "x");
        assert.deepEqual(
            front.requests.map(({ status }) => status),
            [301, 200, 200, 200],
        );
    });

    it("is asked again while it is busy", async () => {
        front.behave({ busy: 3 });
        assert.equal(await store().putIfAbsent(`${prefix}busy`, "x"), "written");
    });

    it("counts as one that does not answer when it is busy until there is no time left", async () => {
        front.behave({ busy: Infinity });
        const failure = await failureOf(store({}, 1_500).get("claim"));
        assert.equal(failure.unreachable, true);
        assert.match(failure.message, /GET claim: (it cannot answer now \(HTTP 503, SlowDown\)|no answer in time)/);
    });

    it("has answered when it refuses: an epoch is not claimed without it", async () => {
        const optional: ClaimStep = { ...claim, began: "takeover", vaults: [{ site: "east", required: false }] };
        await assert.rejects(
            run(claimsAt("west", { refuses: true }).claim(optional)),
            /epoch 2 cannot be claimed: vault vault-east: .*HTTP 403, AccessDenied.*Nothing was done in its name.*Correct sites\.east\.vault or vaultCredentials\.east of the stack of west.*pulumi up --stack west/,
        );
    });

    it("is reached by its proxy, and not without", async () => {
        front.behave({ behindProxy: true });
        proxy.targets.length = 0;
        const through = store({ proxy: new URL(proxy.url) });
        assert.equal(await through.putIfAbsent(`${prefix}proxied`, "x"), "written");
        assert.equal(proxy.targets[0], front.endpoint);
        assert.equal((await failureOf(store({}, 1_500).get("claim"))).unreachable, true);
    });

    it("is not trusted behind a proxy either when its authority is another one", async () => {
        front.behave({});
        const stranger = await Authority.create(path.join(folder, "stranger"), "stranger");
        const access = { proxy: new URL(proxy.url), rootCA: await readFile(stranger.certFile, "utf8") };
        assert.match((await failureOf(store(access).get("claim"))).message, /no answer \(\w+\), through proxy 127/);
    });

    it("does not answer when its proxy cannot reach it", async () => {
        const dark = await holdPorts(1);
        const endpoint = `127.0.0.1:${dark.next()}`;
        await dark.release();
        const failure = await failureOf(store({ endpoint, proxy: new URL(proxy.url) }, 5_000).get("claim"));
        assert.equal(failure.unreachable, true);
        assert.match(failure.message, /through proxy 127\.0\.0\.1:\d+$/);
    });
});
