import assert from "node:assert/strict";
import { readFile, rm, writeFile } from "node:fs/promises";
import { createServer, type AddressInfo, type Socket } from "node:net";
import { Cluster, type Kind } from "../../lab/controllers";
import { bringUp, type Lab } from "../../lab/lab";
import { type CliResult, prepareSeparateStacks, type Stack } from "../../lab/pulumi";
import { until } from "../../lab/scenarios/until";
import { productUser } from "../../lab/kubernetes/controlPlane";
import { writesSince } from "../../lab/scenarios/writes";
import { sharedLab } from "./sharedLab";

describe("bad input, by the real CLI against a real lab", function () {
    this.timeout(600_000);
    let lab: Lab;
    let east: Stack;
    /** The configuration as it is before anything is spoilt. */
    let good: string;

    before(async function () {
        this.timeout(600_000);
        lab = await sharedLab();
        east = (await prepareSeparateStacks(lab, "bad-input")).east;
        await east.edit((config) => {
            config["trident-dr:applications"] = [{ name: "canary", namespaces: ["canary"], protect: false }];
        });
        good = await readFile(east.file, "utf8");
    });
    afterEach(() => writeFile(east.file, good));
    after(() => lab && rm(east.project, { recursive: true, force: true }));

    /** Sets one thing of what the stack's configuration says of east. */
    const spoil = (part: "ontap" | "kubernetes", change: object) =>
        east.spoil((config) => Object.assign(config["trident-dr:sites"].east[part], change));

    /** `pulumi up` with a preview, as a user runs it; nothing must change in either site. */
    async function refused(stack: Stack, sentence: RegExp): Promise<CliResult> {
        const result = await stack.up();
        assertRefused(result, sentence);
        assert.deepEqual(
            Object.values(lab.sites).flatMap((site) => writesSince(site, result.started)),
            [],
        );
        return result;
    }

    it("tells everything that is wrong with a configuration at once, and calls nobody", async () => {
        await east.spoil((config) => {
            const { east: own, west: peer } = config["trident-dr:sites"];
            Object.assign(config, { "trident-dr:active": "north", "trident-dr:takeover": "soon" });
            Object.assign(own.vault, { type: "S4", endpoint: "https://s3.example:9000" });
            Object.assign(own.ontap, { url: "10.0.0.5" });
            Object.assign(peer.ontap, { interclusterAddresses: ["here"] });
            config["trident-dr:applications"] = [
                { name: "shop", namespaces: ["Shop_1"], every: "2 minutes" },
                { name: "shop", namespaces: ["kube-system"], recurrenceRule: "now and then" },
            ];
            delete config["trident-dr:ontapPassword"];
        });
        const before = await calls(lab);
        const result = await east.up();
        assertRefused(result, /The configuration of stack east is not valid \(\d+ problems\)/);
        for (const line of [
            `active: expected one of east, west; found "north"`,
            `takeover: expected .*; found "soon"`,
            `sites\\.east\\.vault\\.type: expected one of GenericS3.*; found "S4"`,
            `sites\\.east\\.ontap\\.url: expected an https URL.*; found "10\\.0\\.0\\.5"`,
            `sites\\.west\\.ontap\\.interclusterAddresses\\[0\\]: expected an IP address; found "here"`,
            `applications\\[0\\]\\.namespaces\\[0\\]: expected the name of a namespace.*; found "Shop_1"`,
            `applications\\[0\\]\\.every: expected .*5 at least; found 2`,
            `applications\\[1\\]\\.name: expected each application once; found "shop" twice`,
            `applications\\[1\\]\\.namespaces\\[0\\]: expected a namespace of the application.*; found "kube-system"`,
            `applications\\[1\\]\\.recurrenceRule: expected .*; found "now and then"`,
            `ontapPassword: expected a secret \\(.*\\); found nothing`,
        ]) {
            assert.match(result.output, new RegExp(`^ *trident-dr:${line}$`, "m"));
        }
        assert.deepEqual(await calls(lab), before);
    });

    it("tells of an endpoint with a scheme and of two sites that are one", async () => {
        await east.spoil((config) => {
            const { east: own, west: peer } = config["trident-dr:sites"];
            own.vault.endpoint = `https://${own.vault.endpoint}`;
            Object.assign(peer.ontap, { url: own.ontap.url, svm: own.ontap.svm });
        });
        const { output } = await refused(east, /is not valid \(\d+ problems\)/);
        assert.match(output, /sites\.east\.vault\.endpoint: expected a host, or host:port, without a scheme/);
        assert.match(output, /sites\.west\.ontap\.svm: expected another SVM than that of east/);
    });

    it("tells of a wrong ONTAP password", async () => {
        const wrong = east.with({ TRIDENT_DR_ONTAP_PASSWORD: "a-canary-that-is-wrong" });
        const { output } = await refused(
            wrong,
            /east: ONTAP at https:\S+ refuses the user name or password \(HTTP 401, .*ontapPassword/,
        );
        assert.doesNotMatch(output, /a-canary-that-is-wrong/);
    });

    it("tells of a certificate that is another one than was declared", async () => {
        await spoil("ontap", { certificate: await readFile(lab.sites.west.ontap.caFile, "utf8") });
        await refused(east, /east: ONTAP at https:\S+ presents a certificate that is not the declared one/);
    });

    it("tells of an array whose port is closed", async () => {
        const server = await mute();
        await server.close();
        await spoil("ontap", { url: `https://127.0.0.1:${server.port}` });
        await refused(east, /east: ONTAP at https:\S+ cannot be reached \(connection refused\); nothing was changed/);
    });

    it("tells of an array that takes connections and is silent", async () => {
        const server = await mute();
        await spoil("ontap", { url: `https://127.0.0.1:${server.port}` });
        await refused(east, /east: ONTAP at https:\S+ cannot be reached \(no answer in time\); nothing was changed/);
        await server.close();
    });

    it("tells of a context that the kubeconfig does not have", async () => {
        await spoil("kubernetes", { context: "nowhere" });
        await refused(east, /east: the kubeconfig has no context "nowhere"; found [^;]*\beast-admin\b/);
    });

    describe("from a cluster that is not as it should be", () => {
        let bare: Lab<"bare">;
        let admin: Cluster;

        before(async function () {
            this.timeout(600_000);
            bare = await bringUp({ sites: ["bare"], standIns: [] });
            await east.grant(bare.sites.bare);
            admin = await Cluster.connect(bare.sites.bare.kubernetes.adminKubeconfig);
        });
        after(() => bare?.down());
        beforeEach(() =>
            east.spoil((config) => {
                const { productKubeconfig } = bare.sites.bare.kubernetes;
                config["trident-dr:sites"].east.kubernetes = { kubeconfig: productKubeconfig };
            }),
        );

        /** Nothing must change in the bare cluster either. */
        async function refusedThere(sentence: RegExp): Promise<void> {
            const { started } = await refused(east, sentence);
            assert.deepEqual(writesSince(bare.sites.bare, started), []);
        }

        it("tells of missing rights", async () => {
            for (const kind of ["ClusterRoleBinding", "RoleBinding"].map((one) => ({ ...rbac, kind: one }))) {
                const bindings = (await admin.list(kind)).filter(({ metadata }) => metadata.name === east.roles);
                assert.ok(bindings.length > 0);
                await Promise.all(bindings.map(({ metadata }) => admin.delete(kind, metadata)));
            }
            await refusedThere(/east: the kubeconfig's user lacks a right.*trident-dr-rbac/);
            await east.grant(bare.sites.bare);
        });

        it("tells of missing resource definitions", async () => {
            const kind = { apiVersion: "apiextensions.k8s.io/v1", kind: "CustomResourceDefinition" };
            const ofProtect = (await admin.list(kind)).filter(({ metadata }) => metadata.name.includes(".protect."));
            assert.ok(ofProtect.length > 0);
            await Promise.all(ofProtect.map(({ metadata }) => admin.delete(kind, metadata)));
            await until(
                "the definitions to be gone",
                async () => (await count(admin, kind, ".protect.")) === 0 || undefined,
                480_000,
            );
            await refusedThere(/east: its cluster does not know the kind \S+.*; install Trident and Trident Protect/);
        });

        it("tells of an API server that takes connections and is silent", async () => {
            await bare.kill("bare");
            const server = /the Kubernetes API of east does not answer/;
            await refusedThere(server);
        });
    });

    describe("with S3 credentials that are wrong, and then mended", () => {
        let first: CliResult;
        let second: CliResult;

        before(async function () {
            this.timeout(600_000);
            const key = "trident-dr:vaultCredentials.east.secretAccessKey";
            await east.must(["config", "set", "--path", "--secret", key, "a-canary-that-is-wrong", "--stack", "east"]);
            first = await east.up();
            await writeFile(east.file, good);
            second = await east.up();
        });
        after(async function () {
            this.timeout(600_000);
            await cleanUp(lab, east);
        });

        it("tells of S3 credentials that the vault refuses, and begins no role", () => {
            assertRefused(
                first,
                /east: AppVault trident-protect\/vault-east is not Available: Error reports .*vaultCredentials\.east/,
            );
            // What stands still was declared, and is as it would be with good credentials; a role was not begun.
            const writes = writesSince(lab.sites.east, first.started).filter(({ time }) => time < second.started);
            assert.ok(writes.length > 0);
            const ofRole = /ConfigMap|Application|Schedule|Snapshot |AppMirrorRelationship|PUT vault/;
            assert.deepEqual(
                writes.filter(({ call }) => ofRole.test(call)),
                [],
            );
        });

        it("goes on from there with the right ones", async () => {
            assert.equal(second.ok, true, second.output);
            const { tridentDr } = (await east.outputs()) as { tridentDr: { applications: Record<string, unknown> } };
            assert.match(JSON.stringify(tridentDr.applications["canary"]), /"role":"active"/);
        });

        it("shows no secret: not in what is printed, not in the state, not in the record or the bundle", async () => {
            const preview = await east.preview(["--diff", "--json"]);
            const refreshed = await east.run(["refresh", "--yes", "--stack", "east"]);
            const admin = await Cluster.connect(lab.sites.east.kubernetes.adminKubeconfig);
            const configMap = { apiVersion: "v1", kind: "ConfigMap" };
            const record = await admin.get(configMap, { namespace: "trident-dr", name: "trident-dr-record-canary" });
            const bundle = await admin.get(configMap, { namespace: "trident-dr", name: "trident-dr-takeover-canary" });
            assert.ok(record !== undefined && bundle !== undefined);
            const places = {
                "the failed up": first.output,
                "the up": second.output,
                "the preview": preview.output,
                "the refresh": refreshed.output,
                "the exported state": await east.exported(),
                "the outputs": JSON.stringify(await east.outputs()),
                "the record": JSON.stringify(record),
                "the bundle": JSON.stringify(bundle),
                "the configuration": good,
            };
            for (const [place, text] of Object.entries(places)) {
                assert.ok(text.length > 100, `${place} says nothing`);
                for (const [what, secret] of Object.entries(secretsOf(lab))) {
                    assert.ok(!holds(text, secret), `${place} holds ${what}`);
                }
            }
        });
    });
});

const rbac = { apiVersion: "rbac.authorization.k8s.io/v1" };

/** One clear sentence, once in the CLI's summary, and no stack. Above, the CLI repeats it in its progress. */
function assertRefused({ ok, output, seconds }: CliResult, { source }: RegExp): void {
    assert.equal(ok, false, output);
    const summary = output.slice(output.lastIndexOf("Diagnostics:"));
    const times = [...summary.matchAll(new RegExp(source, "g"))].length;
    assert.equal(times, 1, `expected ${source} once, found\n${output}`);
    assert.doesNotMatch(output, /^\s+at .+:\d+:\d+\)?$/m);
    assert.doesNotMatch(output, /node_modules|unhandled|panic/i);
    // How long it took depends on the machine, and is only reported.
    console.log(`      refused after ${seconds.toFixed(1)} s`);
}

/** How many calls of the product the servers have written down. */
async function calls(lab: Lab): Promise<Record<string, number>> {
    const files = Object.values(lab.sites).flatMap((site) => [site.kubernetes.auditLog, site.ontap.requestLog]);
    const product = [
        `"user":{"username":"${productUser}"`,
        ...Object.values(lab.sites).map(({ ontap }) => `"user":"${ontap.users.product.username}"`),
    ];
    const counts = files.map(async (file) => {
        const lines = (await readFile(file, "utf8").catch(() => "")).split("\n");
        // Others than the product call an array all the time, and write states that it waits for.
        return [file, lines.filter((line) => product.some((user) => line.includes(user))).length] as const;
    });
    return Object.fromEntries(await Promise.all(counts));
}

interface Mute {
    port: number;
    close(): Promise<void>;
}

/** A server that takes connections and says nothing, as one does whose process is stopped. */
async function mute(): Promise<Mute> {
    const sockets = new Set<Socket>();
    const server = createServer((socket) => sockets.add(socket.on("error", () => undefined)));
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    return {
        port: (server.address() as AddressInfo).port,
        close: () => {
            sockets.forEach((socket) => socket.destroy());
            return new Promise((resolve) => server.close(() => resolve()));
        },
    };
}

async function count(cluster: Cluster, kind: Kind, part: string): Promise<number> {
    return (await cluster.list(kind)).filter(({ metadata }) => metadata.name.includes(part)).length;
}

/** Every secret that the product is given. */
function secretsOf(lab: Lab): Record<string, string> {
    const { east, west } = lab.sites;
    return {
        "the product's ONTAP password": east.ontap.users.product.password,
        "Trident's ONTAP password": east.ontap.users.trident.password,
        "the secret key of east's vault": east.s3.secretKey,
        "the secret key of west's vault": west.s3.secretKey,
        "the peering passphrase": "a passphrase of the lab",
        "a wrong secret key": "a-canary-that-is-wrong",
    };
}

/** Whether a text holds a secret as it is, or in one of the ways in which it travels. */
function holds(text: string, secret: string): boolean {
    const forms = [secret, JSON.stringify(secret).slice(1, -1), encodeURIComponent(secret)];
    const base64 = [0, 1, 2].map((shift) => middleOfBase64(secret, shift));
    return [...forms, ...base64].some((form) => text.includes(form));
}

/** The part of a base64 text that a secret yields whatever stands around it, `shift` bytes after a group's begin. */
function middleOfBase64(secret: string, shift: number): string {
    const encoded = Buffer.concat([Buffer.alloc(shift), Buffer.from(secret)]).toString("base64");
    return encoded.slice(shift === 0 ? 0 : 4, Math.floor((shift + secret.length) / 3) * 4);
}

/** Takes away what the stack made: a site that serves is not something that `pulumi destroy` takes out of protection. */
async function cleanUp(lab: Lab, stack: Stack): Promise<void> {
    const admin = await Cluster.connect(lab.sites.east.kubernetes.adminKubeconfig);
    const namespace = { apiVersion: "v1", kind: "Namespace" };
    await admin.delete(namespace, { name: "canary" }).catch(() => undefined);
    await until("the namespace to be gone", async () =>
        (await admin.get(namespace, { name: "canary" })) === undefined ? true : undefined,
    );
    const state = JSON.parse(await stack.exported()) as { deployment: { resources?: { urn: string; type: string }[] } };
    const role = state.deployment.resources?.find(({ type }) => type.endsWith(":MirrorRole"));
    if (role !== undefined) {
        await stack.must(["state", "delete", role.urn, "--target-dependents", "--yes", "--stack", stack.site]);
    }
    await stack.must(["destroy", "--yes", "--stack", stack.site]);
}
