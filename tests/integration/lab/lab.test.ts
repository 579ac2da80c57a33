import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { request } from "node:https";
import { tmpdir } from "node:os";
import path from "node:path";
import { promisify } from "node:util";
import { ApiError, Cluster, type KubeObject } from "../../../lab/controllers";
import { bringUp, type Lab, openLab } from "../../../lab/lab";
import { identify, stateOf } from "../../../lab/supervision/identity";

describe("Lab of real parts", function () {
    this.timeout(30 * 60_000);
    let lab: Lab;
    let admin: Cluster;
    let product: Cluster;

    before(async () => {
        lab = await bringUp({ standIns: [], onProgress: console.log });
        admin = await Cluster.connect(lab.sites.east.kubernetes.adminKubeconfig);
        product = await Cluster.connect(lab.sites.east.kubernetes.productKubeconfig);
    });

    after(() => lab?.down());

    const deployments = { apiVersion: "apps/v1", kind: "Deployment" };
    const deployment = (name: string): KubeObject => ({
        ...deployments,
        metadata: { name, namespace: "default" },
        spec: {
            replicas: 2,
            selector: { matchLabels: { app: name } },
            template: {
                metadata: { labels: { app: name } },
                spec: { containers: [{ name: "main", image: "none.test/none" }] },
            },
        },
    });
    const configMap = (name: string): KubeObject => ({
        apiVersion: "v1",
        kind: "ConfigMap",
        metadata: { name, namespace: "default" },
        data: { what: name },
    });

    it("runs the pods of a Deployment", async () => {
        await admin.create(deployment("web"));
        const ready = await new Promise<number>((resolve) => {
            const look = (object: KubeObject) => {
                if ((object as { status?: { readyReplicas?: number } }).status?.readyReplicas === 2) {
                    watching.stop();
                    resolve(2);
                }
            };
            const watching = admin.watch(deployments, { add: look, update: look });
        });
        assert.equal(ready, 2);
        const pods = await admin.list({ apiVersion: "v1", kind: "Pod" }, { namespace: "default" });
        assert.deepEqual(
            pods.map((pod) => (pod as { status?: { phase?: string } }).status?.phase),
            ["Running", "Running"],
        );
    });

    it("gives the product no rights before it has a stack, and writes down what it asks for", async () => {
        const isDenied = (error: unknown) => error instanceof ApiError && error.status === 403;
        await assert.rejects(product.create(configMap("record")), isDenied);
        await assert.rejects(product.list(deployments, { namespace: "default" }), isDenied);
        const audit = readFileSync(lab.sites.east.kubernetes.auditLog, "utf8");
        const users = audit
            .trimEnd()
            .split("\n")
            .map((line) => (JSON.parse(line) as { user: { username: string } }).user.username);
        assert.deepEqual([...new Set(users)], ["pulumi-trident-dr"]);
    });

    it("does not let the users of one site in at the other", async () => {
        const { east, west } = lab.sites;
        const text = readFileSync(east.kubernetes.adminKubeconfig, "utf8");
        const file = path.join(lab.folder, "stranger.kubeconfig");
        writeFileSync(file, text.replace(east.kubernetes.server, west.kubernetes.server));
        const stranger = await Cluster.connect(file);
        await assert.rejects(
            stranger.list({ apiVersion: "v1", kind: "Namespace" }),
            (error) => error instanceof ApiError && error.status === 401,
        );
    });

    it("has a kubectl and a pulumi that work in its environment", async () => {
        const run = async (command: string) => {
            const shell = `. ${path.join(lab.folder, "env")} && ${command}`;
            return (await promisify(execFile)("/bin/sh", ["-c", shell], { timeout: 60_000 })).stdout.trim();
        };
        assert.equal(await run("kubectl get namespace trident -o name"), "namespace/trident");
        assert.equal(await run("kubectl --context east-admin get node -o name"), "node/worker-1");
        assert.match(await run("pulumi version"), /^v3\./);
        assert.equal(await run(`pulumi whoami -v | grep -c "file://"`), "1");
        assert.equal(await run("command -v pulumi"), path.join(lab.bin, "pulumi"));
    });

    it("swallows packets of a site that was killed, and answers when it is revived", async () => {
        const { east, west } = lab.sites;
        await lab.kill("east");
        for (const url of [`${east.kubernetes.server}/version`, `https://${east.s3.endpoint}/lab-health`]) {
            assert.equal(await answer(url, 700), "silence");
        }
        assert.equal(await answer(`${west.kubernetes.server}/version`, 20_000), "answer");
        await lab.revive("east");
        assert.equal(await answer(`${east.kubernetes.server}/version`, 20_000), "answer");
    });

    it("keeps a site's data when it is killed hard and revived from another process", async () => {
        await admin.create(configMap("kept"));
        await lab.kill("east", { hard: true });
        assert.equal(await answer(`${lab.sites.east.kubernetes.server}/version`, 20_000), "refusal");
        await openLab(lab.folder).revive("east");
        const again = await Cluster.connect(lab.sites.east.kubernetes.adminKubeconfig);
        const kept = await again.get({ apiVersion: "v1", kind: "ConfigMap" }, { namespace: "default", name: "kept" });
        assert.deepEqual((kept as { data?: object }).data, { what: "kept" });
        assert.deepEqual([...new Set(lab.processes().map(({ state }) => state))], ["running"]);
    });

    it("shares nothing with a second lab, which may bring its own definitions, and leaves nothing of it", async () => {
        const definitions = mkdtempSync(path.join(tmpdir(), "lab-crds-"));
        process.env.LAB_CRDS = definitions;
        try {
            writeFileSync(path.join(definitions, "widgets.yaml"), widgets);
            const second = await bringUp({ sites: ["east"], standIns: [] });
            const own = await Cluster.connect(second.sites.east.kubernetes.adminKubeconfig);
            const widget = { apiVersion: "example.test/v1", kind: "Widget" };
            assert.equal(await own.serves(widget), true);
            assert.equal(await admin.serves(widget), false);
            assert.equal(await own.serves({ apiVersion: "protect.trident.netapp.io/v1", kind: "Application" }), false);
            const processes = second.processes();
            const identities = processes.map(({ pid }) => identify(pid!));
            assert.ok(identities.length >= 6 && identities.every((one) => one !== undefined));
            await second.kill("east");
            await second.down();
            assert.deepEqual([...new Set(identities.map(stateOf))], ["dead"]);
            assert.equal(existsSync(second.folder), false);
            assert.deepEqual([...new Set(lab.processes().map(({ state }) => state))], ["running"]);
        } finally {
            delete process.env.LAB_CRDS;
            rmSync(definitions, { recursive: true, force: true });
        }
    });

    it("says which site there is not", async () => {
        await assert.rejects(lab.kill("north" as "east"), /Expected one of the sites east, west, found "north"/);
        assert.throws(() => openLab(path.join(lab.folder, "nowhere")), /There is no lab in/);
    });
});

/** What a server does within `ms`: its certificate is of no interest here. */
function answer(url: string, ms: number): Promise<"answer" | "silence" | "refusal"> {
    return new Promise((resolve) => {
        const call = request(url, { agent: false, rejectUnauthorized: false }, (response) => {
            response.resume();
            resolve("answer");
        });
        call.on("error", () => resolve("refusal"));
        call.setTimeout(ms, () => {
            resolve("silence");
            call.destroy();
        });
        call.end();
    });
}

/** As a code generator writes it, with a status that the API server has to make its own. */
const widgets = `
apiVersion: apiextensions.k8s.io/v1
kind: CustomResourceDefinition
metadata:
  name: widgets.example.test
spec:
  group: example.test
  names: { kind: Widget, plural: widgets }
  scope: Namespaced
  versions:
    - name: v1
      served: true
      storage: true
      schema:
        openAPIV3Schema: { type: object, x-kubernetes-preserve-unknown-fields: true }
status:
  acceptedNames: { kind: "", plural: "" }
  conditions: []
  storedVersions: []
---
# Not a definition: none of the lab's business.
apiVersion: v1
kind: Namespace
metadata: { name: widgets }
`;
