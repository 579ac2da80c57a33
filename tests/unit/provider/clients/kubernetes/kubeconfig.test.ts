import assert from "node:assert/strict";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { KubernetesError } from "../../../../../provider/clients/kubernetes/errors";
import { describeReference } from "../../../../../provider/clients/kubernetes/reference";
import { keepAuthorization, loadKubeConfig, secretsOf } from "../../../../../provider/clients/kubernetes/kubeconfig";

const kubeconfig = (user: unknown) =>
    JSON.stringify({
        clusters: [{ name: "east", cluster: { server: "https://127.0.0.1:1" } }],
        users: [{ name: "dr", user }],
        contexts: [{ name: "east", context: { cluster: "east", user: "dr" } }],
        "current-context": "east",
    });

describe("reading a kubeconfig", () => {
    let folder: string;
    before(async () => {
        folder = await mkdtemp(path.join(tmpdir(), "kubeconfig-"));
    });
    after(() => rm(folder, { recursive: true, force: true }));

    const fileOf = async (name: string, text: string) => {
        const file = path.join(folder, name);
        await writeFile(file, text);
        return file;
    };
    const refusal = (reference: Parameters<typeof loadKubeConfig>[1]): string => {
        try {
            loadKubeConfig("east", reference);
        } catch (error) {
            assert.ok(error instanceof KubernetesError);
            assert.doesNotMatch(error.message, /canary|\n/);
            return error.message;
        }
        return assert.fail("expected a refusal");
    };

    it("names the file that is not there", () => {
        const missing = path.join(folder, "none");
        assert.equal(refusal({ kubeconfig: missing }), `east: its kubeconfig (${missing}) does not exist`);
        assert.match(refusal({ kubeconfig: folder }), /^east: its kubeconfig \(.*\) is a directory$/);
    });

    it("takes contents that it is given, and never another kubeconfig in their place", () => {
        const contents = kubeconfig({ token: "canary-token" });
        const config = loadKubeConfig("east", { fromConfig: true, contents });
        assert.equal(config.getCurrentUser()?.token, "canary-token");
        assert.match(refusal({ fromConfig: true }), /^east: its kubeconfig is said to be in the stack's configuration/);
        assert.match(
            refusal({ fromConfig: true, contents: "users: [canary" }),
            /\(the configured one\) cannot be read/,
        );
        assert.match(
            refusal({ fromConfig: true, contents, context: "west" }),
            /^east: the kubeconfig has no context "west"; found east$/,
        );
        assert.equal(
            describeReference({ context: "east", fromConfig: true, contents }),
            "context east of the configured kubeconfig",
        );
    });

    it("shows nothing of contents in place of a path", () => {
        assert.match(
            refusal({ kubeconfig: kubeconfig({ token: "canary-token" }) }),
            /^east: kubernetes\.kubeconfig: expected the path of a kubeconfig; found what seems to be the contents/,
        );
    });

    it("shows nothing of contents in KUBECONFIG", () => {
        const given = process.env["KUBECONFIG"];
        process.env["KUBECONFIG"] = kubeconfig({ token: "canary-token" });
        try {
            assert.match(refusal({}), /^east: KUBECONFIG: expected the path of a kubeconfig; found what seems/);
        } finally {
            process.env["KUBECONFIG"] = given;
            if (given === undefined) {
                delete process.env["KUBECONFIG"];
            }
        }
    });

    it("shows nothing of a file that its parser repeats", async () => {
        for (const [name, text] of [
            ["alias", "users: *canary-token\n"],
            ["tag", "users: !<canary-token> x\n"],
        ] as const) {
            const file = await fileOf(name, text);
            assert.match(refusal({ kubeconfig: file }), /cannot be read: expected a kubeconfig in YAML/);
        }
        for (const text of ["canary-token", "users: [canary-token]\n"]) {
            const file = await fileOf("none", text);
            assert.match(refusal({ kubeconfig: file }), /names no cluster|expected a kubeconfig in YAML/);
        }
    });

    it("names the contexts that there are", async () => {
        const file = await fileOf("contexts", kubeconfig({ token: "canary-token" }));
        assert.equal(
            refusal({ kubeconfig: file, context: "west" }),
            'east: the kubeconfig has no context "west"; found east',
        );
    });

    it("goes by its own proxy, else by the environment's, whose password is not shown", async () => {
        const withCluster = (cluster: object) =>
            JSON.stringify({
                clusters: [{ name: "east", cluster: { server: "https://api.example:6443", ...cluster } }],
                users: [{ name: "dr", user: {} }],
                contexts: [{ name: "east", context: { cluster: "east", user: "dr" } }],
                "current-context": "east",
            });
        const before = process.env["HTTPS_PROXY"];
        process.env["HTTPS_PROXY"] = "http://dr:canary-proxy@proxy.example:3128";
        try {
            const load = async (name: string, cluster: object) =>
                loadKubeConfig("east", { kubeconfig: await fileOf(name, withCluster(cluster)) });
            const byEnvironment = await load("environment", {});
            assert.equal(byEnvironment.getCurrentCluster()!.proxyUrl, process.env["HTTPS_PROXY"]);
            assert.doesNotMatch(secretsOf(byEnvironment).redact("by dr:canary-proxy@proxy.example"), /canary/);
            const own = await load("own", { "proxy-url": "http://own.example:8080" });
            assert.equal(own.getCurrentCluster()!.proxyUrl, "http://own.example:8080");
        } finally {
            process.env["HTTPS_PROXY"] = before;
            if (before === undefined) {
                delete process.env["HTTPS_PROXY"];
            }
        }
    });

    it("does not wait forever for a credential plugin that hangs", async () => {
        const exec = {
            apiVersion: "client.authentication.k8s.io/v1",
            command: process.execPath,
            args: ["-e", "setTimeout(() => undefined, 3_000)"],
            interactiveMode: "Never",
        };
        const config = loadKubeConfig(
            "east",
            { kubeconfig: await fileOf("hanging", kubeconfig({ exec })) },
            { plugin: 50 },
        );
        await assert.rejects(
            config.applyToHTTPSOptions({}),
            /the kubeconfig's credential plugin .* did not end within 0\.05 s/,
        );
    });

    it("knows what must not be printed of its user, and learns what a plugin gives it", async () => {
        const key =
            "-----BEGIN PRIVATE KEY-----\ncanary-key-canary-key-canary-key-canary-key\n-----END PRIVATE KEY-----\n";
        const users: [unknown, string][] = [
            [{ token: "canary-token" }, "canary-token"],
            [{ username: "dr", password: "canary-password" }, "canary-password"],
            [{ username: "dr", password: "canary" }, Buffer.from("dr:canary").toString("base64")],
            [{ "client-key-data": Buffer.from(key).toString("base64") }, Buffer.from(key).toString("base64")],
            [{ "client-key-data": Buffer.from(key).toString("base64") }, key],
            [
                { "auth-provider": { name: "oidc", config: { "refresh-token": "canary-refresh-token" } } },
                "canary-refresh-token",
            ],
        ];
        for (const [user, secret] of users) {
            const config = loadKubeConfig("east", { kubeconfig: await fileOf("user", kubeconfig(user)) });
            assert.equal(secretsOf(config).redact(`<${secret}>`), "<[secret]>", secret);
        }
        const secrets = secretsOf(loadKubeConfig("east", { kubeconfig: await fileOf("user", kubeconfig({})) }));
        keepAuthorization(secrets, { Authorization: "Bearer canary-token" });
        assert.equal(secrets.redact("canary-token"), "[secret]");
    });
});
