import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import { promisify } from "node:util";

const canary = "canary-password-of-the-array";
const review = "create /apis/authorization.k8s.io/v1/selfsubjectaccessreviews";

describe("the trace of the provider's process", function () {
    this.timeout(120_000);
    let folder: string;

    before(() => {
        folder = mkdtempSync(path.join(os.tmpdir(), "trace-"));
        writeFileSync(path.join(folder, "kubeconfig"), kubeconfig);
    });

    after(() => rmSync(folder, { recursive: true, force: true }));

    it("loads nothing of OpenTelemetry's SDK unless one is asked for", async () => {
        const { stdout } = await run({});
        assert.deepEqual(JSON.parse(stdout), { sdk: 0 });
    });

    it("has each call of a handler, what it asks for, when the process began, and no secret", async () => {
        const file = path.join(folder, "trace.json");
        const { stderr } = await run({
            TRIDENT_DR_TRACE: file,
            TRACEPARENT: `00-${"a".repeat(32)}-${"b".repeat(16)}-01`,
        });
        assert.equal(stderr, "");
        assert.ok(!readFileSync(file, "utf8").includes("canary"));
        assert.equal(statSync(file).mode & 0o777, 0o600);
        const spans = spansIn(file);
        const byName = new Map(spans.map((span) => [span.name, span]));
        assert.deepEqual([...byName.keys()].sort(), [
            "GET /cluster",
            "GET claims/epoch-1.json",
            "MirrorRole.check",
            review,
            "import of the provider",
            "inspect",
            "process, until its first call",
        ]);
        const [check, inspect, request] = ["MirrorRole.check", "inspect", review].map((name) => byName.get(name)!);
        assert.equal(check!.parentSpanId, "b".repeat(16));
        assert.equal(inspect!.parentSpanId, check!.spanId);
        assert.equal(request!.parentSpanId, inspect!.spanId);
        assert.deepEqual(new Set(spans.map(({ traceId }) => traceId)), new Set(["a".repeat(32)]));
        assert.deepEqual(attributesOf(check!), {
            kind: "handler",
            resource: "MirrorRole",
            method: "check",
            item: "shop",
            site: "east",
        });
        assert.deepEqual(attributesOf(request!), {
            kind: "request",
            site: "east",
            target: "kubernetes",
            server: "127.0.0.1:9",
            verb: "create",
            path: "/apis/authorization.k8s.io/v1/selfsubjectaccessreviews",
        });
    });

    it("fails no run: what keeps it from being written is said, once", async () => {
        const { stderr } = await run({ TRIDENT_DR_TRACE: path.join(folder, "no-such-folder", "trace.json") });
        assert.match(stderr, /^warning: this run is not traced: ENOENT: .*; nothing else is affected\n$/);
    });

    function run(environment: Record<string, string>): Promise<{ stdout: string; stderr: string }> {
        const { PATH = "" } = process.env;
        const env = {
            PATH,
            CANARY: canary,
            KUBECONFIG_FILE: path.join(folder, "kubeconfig"),
            ...environment,
        };
        return promisify(execFile)(process.execPath, ["--import", "tsx", path.join(__dirname, "traced.ts")], { env });
    }
});

interface Span {
    name: string;
    traceId: string;
    spanId: string;
    parentSpanId?: string;
    attributes: { key: string; value: Record<string, unknown> }[];
}

function spansIn(file: string): Span[] {
    const lines = readFileSync(file, "utf8").trim().split("\n");
    return lines.flatMap((line) => {
        const { resourceSpans } = JSON.parse(line) as { resourceSpans: { scopeSpans: { spans: Span[] }[] }[] };
        return resourceSpans.flatMap(({ scopeSpans }) => scopeSpans.flatMap(({ spans }) => spans));
    });
}

function attributesOf({ attributes }: Span): Record<string, string> {
    return Object.fromEntries(
        attributes.map(({ key, value }) => [key.replace("trident_dr.", ""), String(Object.values(value)[0])]),
    );
}

const kubeconfig = JSON.stringify({
    apiVersion: "v1",
    kind: "Config",
    clusters: [{ name: "east", cluster: { server: "https://127.0.0.1:9" } }],
    users: [{ name: "east", user: { token: canary } }],
    contexts: [{ name: "east", context: { cluster: "east", user: "east" } }],
    "current-context": "east",
});
