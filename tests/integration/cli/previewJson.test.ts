import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { pathToFileURL } from "node:url";
import { buildSync } from "esbuild";
import * as jq from "jq-wasm";
import { ensureTools, linkTools } from "../../../lab/tools";
import type { PlanDocument } from "../../../provider/engine/planDocument";
import { textOf } from "../../unit/docs/documents";
import { takeoverInputs } from "./standbySite";

const root = path.join(__dirname, "..", "..", "..");

/** What the engine prints as one document (display.PreviewDigest). */
interface Preview {
    steps: { op: string; urn: string; newState?: { inputs?: object } }[];
    diagnostics: { message: string; severity: string }[];
}

/** A program with one role, whose provider is that of the package but for the site. */
const program = `
const pulumi = require("@pulumi/pulumi");
class RoleProvider {
    async check(olds, news) { return (await require("SITE").roleAtWest()).check(olds, news); }
}
class MirrorRole extends pulumi.dynamic.Resource {
    constructor(name, args) { super(new RoleProvider(), name, args, {}, "trident-dr", "MirrorRole"); }
}
new MirrorRole("shop", require("./inputs.json"));
`;

describe("pulumi preview --json, of the real engine", function () {
    this.timeout(600_000);
    let folder: string;
    let environment: NodeJS.ProcessEnv;

    before(async () => {
        folder = mkdtempSync(path.join(tmpdir(), "trident-dr-preview-"));
        await linkTools(await ensureTools(), path.join(folder, "bin"));
        mkdirSync(path.join(folder, "state"));
        environment = {
            ...process.env,
            PATH: `${path.join(folder, "bin")}${path.delimiter}${process.env.PATH}`,
            PULUMI_BACKEND_URL: pathToFileURL(path.join(folder, "state")).href,
            PULUMI_CONFIG_PASSPHRASE: "a passphrase",
            PULUMI_HOME: path.join(folder, "home"),
            PULUMI_SKIP_UPDATE_CHECK: "true",
        };
        writeProject();
    });

    after(() => rmSync(folder, { recursive: true, force: true }));

    it("has the plan as data where it is asked for, with the calls that the text has, and else as it always was", () => {
        const asked = preview({ TRIDENT_DR_PLAN: "json" });
        const [plan, ...more] = plansIn(asked);
        assert.deepEqual(more, []);
        assert.ok(plan?.item === "shop" && plan.site === "west" && plan.due.is === "plan", JSON.stringify(asked));
        assert.ok(plan.due.calls.includes("promote: patch AppMirrorRelationship shop/shop: Promoted"));
        const text = asked.diagnostics.map(({ message }) => message).join("");
        plan.due.calls.forEach((call, index) => assert.ok(text.includes(`shop at west: ${index + 1}. ${call}`), call));

        const plain = preview({});
        assert.deepEqual(plansIn(plain), []);
        assert.deepEqual(plain.steps, asked.steps);
        assert.ok(plain.steps.some(({ op, urn }) => op === "create" && urn.includes("MirrorRole")));
        assert.deepEqual(plain.diagnostics.length, asked.diagnostics.length - 1);
    });

    it("is read by the filter that the documentation gives, and is what that shows", async () => {
        const [, filter, shown] = /\| jq '([^']+)'\n```\n\n```json\n([^`]+)```/.exec(textOf("docs/command.md"))!;
        const read = (await jq.json(preview({ TRIDENT_DR_PLAN: "json" }), filter!)) as unknown as PlanDocument[];
        const timeless = (plans: PlanDocument[]) => plans.map(({ notes: _notes, ...plan }) => plan);
        assert.deepEqual(timeless(read), timeless(JSON.parse(shown!) as PlanDocument[]));
    });

    function preview(more: Record<string, string>): Preview {
        return JSON.parse(pulumi(["preview", "--json", "--stack", "west"], more)) as Preview;
    }

    function writeProject(): void {
        const project = path.join(folder, "project");
        mkdirSync(project);
        symlinkSync(path.join(root, "node_modules"), path.join(project, "node_modules"));
        const site = path.join(project, "site.js");
        buildSync({
            entryPoints: [path.join(__dirname, "standbySite.ts")],
            outfile: site,
            bundle: true,
            platform: "node",
            packages: "external",
        });
        writeFileSync(path.join(project, "inputs.json"), JSON.stringify(takeoverInputs));
        writeFileSync(path.join(project, "index.js"), program.replace('"SITE"', JSON.stringify(site)));
        writeFileSync(path.join(project, "package.json"), '{ "main": "index.js" }');
        writeFileSync(
            path.join(project, "Pulumi.yaml"),
            "name: dr\nmain: index.js\nruntime:\n  name: nodejs\n  options:\n    typescript: false\n",
        );
        pulumi(["stack", "init", "west"]);
    }

    function pulumi(args: readonly string[], more: Record<string, string> = {}): string {
        return execFileSync("pulumi", [...args, "--non-interactive"], {
            cwd: path.join(folder, "project"),
            env: { ...environment, ...more },
            encoding: "utf8",
            stdio: ["ignore", "pipe", "pipe"],
        });
    }
});

function plansIn({ diagnostics }: Preview): PlanDocument[] {
    return diagnostics
        .filter(({ message }) => message.startsWith('{"tridentDr":"plan"'))
        .map(({ message }) => JSON.parse(message) as PlanDocument);
}
