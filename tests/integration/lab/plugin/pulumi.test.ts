import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { mkdir, symlink, writeFile } from "node:fs/promises";
import path from "node:path";
import { promisify } from "node:util";
import { installKubernetesPlugin } from "../../../../lab/kubernetes-plugin/install";
import { Cluster } from "../../../../lab/kubernetes-plugin/cluster";
import { type PlainObject } from "../../../../lab/kubernetes-plugin/values";
import { linkTools } from "../../../../lab/tools";
import { type RealCluster, startCluster } from "./realCluster";

const run = promisify(execFile);

/** A program as a user would write it: nothing in it knows of a stand-in. */
const programText = `
const pulumi = require("@pulumi/pulumi");
const k8s = require("@pulumi/kubernetes");
const config = new pulumi.Config();
const provider = new k8s.Provider("site", { kubeconfig: process.env.TEST_KUBECONFIG, enableSecretMutable: true });
const options = { provider };
const namespace = new k8s.core.v1.Namespace("shop", { metadata: { name: "shop" } }, options);
const secret = new k8s.core.v1.Secret("credentials", {
    metadata: { name: "credentials", namespace: namespace.metadata.name },
    stringData: { password: config.requireSecret("password") },
}, options);
const settings = new k8s.core.v1.ConfigMap("settings", {
    metadata: { namespace: "shop" }, data: { colour: "green" },
}, { ...options, dependsOn: [namespace] });
new k8s.storage.v1.StorageClass("fast", {
    metadata: { name: "fast" }, provisioner: "csi.trident.netapp.io", parameters: { backendType: "ontap-nas" },
}, options);
const definition = new k8s.apiextensions.v1.CustomResourceDefinition("gears", {
    metadata: { name: "gears.example.com", annotations: { "pulumi.com/waitFor": "condition=Established" } },
    spec: {
        group: "example.com", scope: "Namespaced", names: { plural: "gears", singular: "gear", kind: "Gear" },
        versions: [{ name: "v1", served: true, storage: true, schema: { openAPIV3Schema: { type: "object", properties: {
            spec: { type: "object", properties: { teeth: { type: "integer" }, size: { type: "string", default: "small" } } },
            status: { type: "object", properties: { phase: { type: "string" } } },
        } } } }],
    },
}, options);
const gear = new k8s.apiextensions.CustomResource("gear", {
    apiVersion: "example.com/v1", kind: "Gear",
    metadata: { name: "gear", namespace: "shop", annotations: {
        "pulumi.com/waitFor": "jsonpath={.status.phase}=Turning", "pulumi.com/timeoutSeconds": config.get("patience") ?? "60",
    } },
    spec: { teeth: config.requireNumber("teeth") },
}, { ...options, dependsOn: [definition, secret] });
exports.uid = gear.metadata.uid;
exports.settingsName = settings.metadata.name;
exports.password = secret.data;
`;

describe("Kubernetes plugin's stand-in under the real Pulumi CLI and a real API server", function () {
    // Building the tools, where they are not cached, takes ten minutes.
    this.timeout(1_200_000);
    let real: RealCluster;
    let cluster: Cluster;
    let project: string;
    let environment: NodeJS.ProcessEnv;
    const gearAt = "/apis/example.com/v1/namespaces/shop/gears/gear";

    before(async () => {
        real = await startCluster();
        cluster = await Cluster.open({ kubeconfig: real.kubeconfig });
        const bin = path.join(real.folder, "bin");
        await linkTools(real.tools, bin);
        await installKubernetesPlugin({ binFolder: bin, mode: "standin" });
        project = path.join(real.folder, "project");
        await mkdir(path.join(real.folder, "state"), { recursive: true });
        await mkdir(project, { recursive: true });
        await writeFile(path.join(project, "Pulumi.yaml"), "name: plugin-test\nruntime: nodejs\n");
        await writeFile(path.join(project, "package.json"), JSON.stringify({ name: "plugin-test", main: "index.js" }));
        await writeFile(path.join(project, "index.js"), programText);
        await symlink(path.join(__dirname, "../../../../node_modules"), path.join(project, "node_modules"));
        environment = {
            PATH: `${bin}${path.delimiter}${process.env["PATH"]}`,
            HOME: real.folder,
            PULUMI_HOME: path.join(real.folder, "home"),
            PULUMI_BACKEND_URL: `file://${path.join(real.folder, "state")}`,
            PULUMI_CONFIG_PASSPHRASE: "open sesame",
            PULUMI_SKIP_UPDATE_CHECK: "true",
            TEST_KUBECONFIG: real.kubeconfig,
        };
        await pulumi("stack", "init", "dev");
        await pulumi("config", "set", "--secret", "password", "swordfish");
        await pulumi("config", "set", "teeth", "3");
    });

    after(async () => {
        cluster?.close();
        await real?.stop();
    });

    it("keeps an object that does not become ready in the state, and waits for it again", async () => {
        await pulumi("config", "set", "patience", "2");
        const failed = await pulumi("up", "--yes", "--skip-preview").then(() => assert.fail("up passed"), outputOf);
        assert.match(failed, /Gear shop\/gear exists, but is not ready: timed out after 2 seconds/);
        assert.ok((await state()).some(({ urn, initErrors }) => urn.endsWith("::gear") && initErrors?.length === 1));
        const again = await pulumi("up", "--yes", "--skip-preview").then(() => assert.fail("up passed"), outputOf);
        assert.match(again, /Gear shop\/gear exists, but is not ready/);
        await pulumi("config", "set", "patience", "60");
    });

    it("creates objects, and waits for those that are to be waited for", async () => {
        const up = pulumi("up", "--yes", "--skip-preview");
        await apply({ status: { phase: "Turning" } }, "gear-controller");
        await up;
        const outputs = JSON.parse(await pulumi("stack", "output", "--json")) as PlainObject;
        const gear = await cluster.request("GET", gearAt);
        assert.equal(outputs["uid"], (gear["metadata"] as PlainObject)["uid"]);
        assert.match(String(outputs["settingsName"]), /^settings-[0-9a-f]{8}$/);
        assert.equal(outputs["password"], "[secret]");
    });

    it("has nothing to do the second time", async () => {
        await pulumi("preview", "--expect-no-changes", "--diff");
        await pulumi("up", "--yes", "--skip-preview", "--expect-no-changes");
    });

    it("keeps a password out of the exported state", async () => {
        const exported = await pulumi("stack", "export");
        assert.ok(!exported.includes("swordfish"));
        assert.ok(!exported.includes(Buffer.from("swordfish").toString("base64")));
    });

    it("shows a change at preview without making it, then makes it", async () => {
        await pulumi("config", "set", "teeth", "4");
        assert.match(await pulumi("preview", "--diff"), /teeth\s*: 3 => 4/);
        assert.equal(((await cluster.request("GET", gearAt))["spec"] as PlainObject)["teeth"], 3);
        await pulumi("up", "--yes", "--skip-preview");
        assert.equal(((await cluster.request("GET", gearAt))["spec"] as PlainObject)["teeth"], 4);
        await pulumi("preview", "--expect-no-changes");
    });

    it("refreshes what another has changed, and fails to change it with the other's name", async () => {
        await apply({ spec: { teeth: 9 } }, "somebody-else");
        await pulumi("preview", "--expect-no-changes");
        await pulumi("refresh", "--yes", "--skip-preview");
        for (const command of [["preview"], ["up", "--yes", "--skip-preview"]]) {
            const failed = await pulumi(...command).then(() => assert.fail(`${command[0]} passed`), outputOf);
            assert.match(failed, /\.spec\.teeth: conflict with "somebody-else"/);
        }
        await pulumi("config", "set", "teeth", "9");
        await pulumi("up", "--yes", "--skip-preview");
        await pulumi("preview", "--expect-no-changes");
    });

    it("says within seconds that the cluster is unreachable when it is frozen", async () => {
        real.freeze();
        try {
            const started = Date.now();
            const failed = await pulumi("refresh", "--yes", "--skip-preview").then(
                () => assert.fail("refreshed"),
                outputOf,
            );
            assert.match(failed, /configured Kubernetes cluster is unreachable: .*did not answer within 10 seconds/);
            assert.ok(Date.now() - started < 45_000);
        } finally {
            await real.thaw();
        }
    });

    it("deletes everything", async () => {
        await pulumi("destroy", "--yes", "--skip-preview");
        await assert.rejects(cluster.request("GET", "/api/v1/namespaces/shop"), /not found/);
        assert.deepEqual(await state(), []);
    });

    /** Applies a part of the gear as another manager, as soon as it exists. */
    async function apply(part: PlainObject, fieldManager: string): Promise<void> {
        const body = { apiVersion: "example.com/v1", kind: "Gear", metadata: { name: "gear" }, ...part };
        const query = new URLSearchParams({ fieldManager, force: "true" });
        await cluster.request("PATCH", `${gearAt}?${query}`, body, "application/apply-patch+yaml");
    }

    async function pulumi(...args: string[]): Promise<string> {
        const options = { cwd: project, env: environment, timeout: 180_000, maxBuffer: 50_000_000 };
        const stack = args[0] === "stack" && args[1] === "init" ? [] : ["--stack", "dev"];
        const { stdout } = await run("pulumi", [...args, ...stack, "--non-interactive"], options);
        return stdout;
    }

    async function state(): Promise<{ urn: string; initErrors?: string[] }[]> {
        const exported = JSON.parse(await pulumi("stack", "export")) as {
            deployment: { resources?: { urn: string; initErrors?: string[] }[] };
        };
        return exported.deployment.resources ?? [];
    }
});

function outputOf(error: unknown): string {
    const { stdout, stderr } = error as { stdout: string; stderr: string };
    return stdout + stderr;
}
