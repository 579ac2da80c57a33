import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { pathToFileURL } from "node:url";
import { openProject } from "../../../cli/project/automation";
import { resolvePair } from "../../../cli/project/pair";
import { PairSites } from "../../../cli/verbs/pairSites";
import { emptyRecord, type RoleRecord } from "../../../provider/roles/record";
import { ensureTools, linkTools } from "../../../lab/tools";

const record = JSON.stringify({ ...emptyRecord("shop", "east", "west"), role: "stood-down", epoch: 1, serial: 4 });
/** A program that says what it would do, and publishes what the other stack reads; it creates nothing. */
const program = `
const pulumi = require("@pulumi/pulumi");
const config = new pulumi.Config();
const site = config.require("site");
pulumi.log.info(\`shop at \${site}: 1. record: active is \${config.require("active")}\`);
pulumi.log.debug(\`a note with the password \${config.require("ontapPassword")}\`);
if (!pulumi.runtime.isDryRun()) {
    pulumi.log.info(\`shop at \${site}: \${process.env.PULUMI_NODEJS_PARALLEL} plans at once\`);
}
if (process.env.TRIDENT_DR_PLAN) {
    pulumi.log.info("a line for a program");
}
if (config.require("active") === site && site === "west") {
    throw new pulumi.RunError("shop at west is standby in epoch 1; refused: east has not handed over");
}
class Role extends pulumi.ComponentResource {
    constructor() {
        super("test:Role", "shop");
        this.registerOutputs({ site, application: "shop", record: ${record} });
    }
}
new Role();
exports.tridentDr = { site, applications: { shop: { record: null, next: "" } }, peering: {} };
exports.secret = config.requireSecret("ontapPassword");
`;
const site = (name: string) => ({
    ontap: { url: `https://${name}.example`, svm: name, interclusterAddresses: ["192.0.2.1"] },
    vault: { type: "GenericS3", endpoint: `${name}.example`, bucket: name },
});
const password = "a password that nobody may see";

describe("the stacks of a user's project, through the real CLI", function () {
    this.timeout(600_000);
    const environment = { ...process.env };
    let folder: string;
    let both: PairSites;

    before(async () => {
        folder = mkdtempSync(path.join(tmpdir(), "trident-dr-project-"));
        await linkTools(await ensureTools(), path.join(folder, "bin"));
        mkdirSync(path.join(folder, "state"));
        process.env.PATH = `${path.join(folder, "bin")}${path.delimiter}${process.env.PATH}`;
        process.env.PULUMI_BACKEND_URL = pathToFileURL(path.join(folder, "state")).href;
        process.env.PULUMI_CONFIG_PASSPHRASE = "a passphrase";
        process.env.PULUMI_HOME = path.join(folder, "home");
        // What it asks for is for who reads Pulumi's own output.
        process.env.TRIDENT_DR_PLAN = "json";
        delete process.env.PULUMI_PARALLEL;
        writeProject(folder);
        both = new PairSites(await resolvePair({ project: path.join(folder, "project", "below") }));
    });

    after(() => {
        process.env = { ...environment };
        rmSync(folder, { recursive: true, force: true });
    });

    const fileOf = (stack: string) => readFileSync(path.join(folder, "project", `Pulumi.${stack}.yaml`), "utf8");

    it("are found from a folder below the project, among others, with nothing decrypted", async () => {
        assert.deepEqual(both.sites, [
            { name: "east", stack: "prod-1" },
            { name: "west", stack: "prod-2" },
        ]);
        assert.equal(both.project, "dr");
        assert.equal(both.keyPrefix, "");
        const { east } = await both.read();
        assert.equal(east!.settings.active, "east");
        assert.deepEqual(east!.items, {});
    });

    it("are previewed as if they were configured otherwise, which changes no file and selects no stack", async () => {
        const file = fileOf("prod-1");
        const preview = await both.preview("east", [{ key: "active", value: "west" }]);
        assert.deepEqual(
            { ok: preview.ok, lines: preview.lines },
            { ok: true, lines: ["shop at east: 1. record: active is west"] },
        );
        assert.equal(fileOf("prod-1"), file);
        assert.match(pulumi(["stack", "ls"]), /^network\*/m);
    });

    it("are configured and run; a refusal is what the program said, and no note for debugging is heard", async () => {
        const heard: string[] = [];
        const records: RoleRecord[] = [];
        const run = await both.up(
            "east",
            (line) => heard.push(line),
            (record) => records.push(record),
        );
        assert.equal(run.ok, true, run.why);
        assert.deepEqual(heard, ["shop at east: 1. record: active is east", "shop at east: 100 plans at once"]);
        const { east } = await both.read();
        assert.deepEqual(east!.items, { shop: { next: "", establishing: false } });
        assert.deepEqual(
            records.map(({ application, role }) => [application, role]),
            [["shop", "stood-down"]],
            "told by the run itself, by the resource whose outputs they are",
        );

        await both.set("west", [
            { key: "active", value: "west" },
            { key: "takeover", value: 2 },
            { key: "applications[0].lag", value: "a window, x=1" },
        ]);
        const { west } = await both.read();
        const { active, takeover, applications } = west!.settings;
        assert.deepEqual([active, takeover, applications[0]!.lag], ["west", 2, "a window, x=1"]);
        process.env.PULUMI_PARALLEL = "3";
        const refused = await both.up("west", (line) => heard.push(line));
        delete process.env.PULUMI_PARALLEL;
        assert.ok(heard.includes("shop at west: 3 plans at once"), heard.join("\n"));
        assert.equal(refused.ok, false);
        assert.equal(refused.why, "shop at west is standby in epoch 1; refused: east has not handed over");
        assert.ok(!heard.join("\n").includes(password));
    });

    it("give their secrets only to who asks for them", async () => {
        const project = await openProject(path.join(folder, "project"));
        assert.equal((await project.decrypted("prod-1"))["dr:ontapPassword"], password);
        assert.ok(
            !JSON.stringify([await project.outputs("prod-1"), await project.configuration("prod-1")]).includes(
                password,
            ),
        );
        await assert.rejects(
            project.outputs("nope"),
            /^ProjectProblem: pulumi stack output failed: no stack named 'nope' found$/,
        );
    });

    it("are refused with what unlocks them while another run holds the lock", async () => {
        const locks = path.join(folder, "state", ".pulumi", "locks", "organization", "dr", "prod-1");
        mkdirSync(locks, { recursive: true });
        const lock = { pid: 1, username: "somebody", hostname: "elsewhere", timestamp: "2026-11-27T12:00:00Z" };
        writeFileSync(path.join(locks, "5d1a0b60-0000-4000-8000-000000000000.json"), JSON.stringify(lock));
        const { ok, why } = await both.up("east", () => undefined);
        assert.equal(ok, false);
        assert.match(why, /^stack prod-1 is locked by another run: .* "pulumi cancel --stack prod-1" unlocks it/);
    });

    function writeProject(at: string): void {
        const project = path.join(at, "project");
        mkdirSync(path.join(project, "below"), { recursive: true });
        symlinkSync(path.join(__dirname, "..", "..", "..", "node_modules"), path.join(project, "node_modules"));
        writeFileSync(
            path.join(project, "Pulumi.yaml"),
            "name: dr\nmain: index.js\nruntime:\n  name: nodejs\n  options:\n    typescript: false\n",
        );
        writeFileSync(path.join(project, "package.json"), '{ "main": "index.js" }');
        writeFileSync(path.join(project, "index.js"), program);
        for (const [stack, name] of [
            ["prod-1", "east"],
            ["prod-2", "west"],
        ] as const) {
            const config = {
                "dr:site": name,
                "dr:active": "east",
                "dr:sites": { east: site("east"), west: site("west") },
                "dr:applications": [{ name: "shop", namespaces: ["shop"] }],
            };
            // JSON is YAML.
            writeFileSync(path.join(project, `Pulumi.${stack}.yaml`), JSON.stringify({ config }));
            pulumi(["stack", "init", stack]);
            pulumi(["config", "set", "--secret", "ontapPassword", password, "--stack", stack]);
        }
        pulumi(["stack", "init", "network"]);
    }

    function pulumi(args: readonly string[]): string {
        return execFileSync("pulumi", [...args, "--non-interactive"], {
            cwd: path.join(folder, "project"),
            encoding: "utf8",
            stdio: ["ignore", "pipe", "pipe"],
        });
    }
});
