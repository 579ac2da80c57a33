import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { promisify } from "node:util";
import type { DeclaredAccess } from "../../../../components/permissions/declaredAccess";
import { mergeRights, rightsReportIn } from "../../../../lab/scenarios/mergedRights";
import { describeRight, rightsOf } from "../../../../lab/scenarios/permissions";
import { unusedRights } from "../../../../lab/scenarios/unusedRights";

const report = (scenario: string, used: string[], unused: string[], missing: string[] = []) => ({
    scenario,
    permissions: { used, unused, missing },
});

describe("the rights of all scenarios together", () => {
    it("are too much where none uses them, and no reason is known", () => {
        const merged = mergeRights(
            [report("switch", ["get a"], ["get b", "get c"]), report("circle", ["get a", "get b"], ["get c", "get d"])],
            { "get d": "only when it rains" },
        );
        assert.deepEqual(merged, {
            missing: [],
            tooMuch: ["get c"],
            explained: [{ right: "get d", reason: "only when it rains" }],
            usedAfterAll: [],
            notGenerated: [],
        });
    });

    it("are missing where one scenario asked for more", () => {
        const merged = mergeRights([report("switch", [], []), report("many", [], [], ["list pods in app1"])], {});
        assert.deepEqual(merged.missing, ["many: list pods in app1"]);
    });

    it("tell which reasons are not needed, and which name nothing that is generated", () => {
        const { usedAfterAll, notGenerated } = mergeRights([report("switch", ["get a"], ["get b"])], {
            "get a": "never",
            "get b": "never",
            "get z": "never",
        });
        assert.deepEqual({ usedAfterAll, notGenerated }, { usedAfterAll: ["get a"], notGenerated: ["get z"] });
    });

    it("are listed as unused only by names that are generated for some stack, each with a reason", () => {
        const declared: DeclaredAccess = {
            sites: ["east", "west"],
            sitesWithCredentials: ["east", "west"],
            applications: [{ name: "shop", namespaces: ["shop"] }],
            recordNamespace: "trident-dr",
            volumes: [{ name: "archive", recordNamespace: "trident-protect" }],
            storageClass: "trident-dr",
            snapshotClass: "trident-dr",
            protectNamespace: "trident-protect",
            tridentNamespace: "trident",
            listsAll: true,
        };
        const { permissions, placeOf } = rightsOf(declared);
        const generated = permissions.flatMap((one) => one.verbs.map((verb) => describeRight(one, verb, placeOf)));
        for (const [right, reason] of Object.entries(unusedRights)) {
            assert.ok(generated.includes(right), `${right} is not generated`);
            assert.ok(reason.length > 20, right);
        }
    });

    it("are read from a scenario's report, and from nothing else", () => {
        const good = report("switch", ["get a"], []);
        assert.deepEqual(rightsReportIn(JSON.stringify({ ...good, ok: true })), { ...good, ok: true });
        assert.equal(rightsReportIn("{"), "it is not JSON");
        assert.match(String(rightsReportIn(JSON.stringify({ scenario: "kill" }))), /has no permissions/);
        const old = { scenario: "switch", permissions: { unused: [], missing: [] } };
        assert.match(String(rightsReportIn(JSON.stringify(old))), /has no permissions/);
    });
});

describe("npm run check:rights", () => {
    let folder: string;
    before(async () => {
        folder = await mkdtemp(path.join(tmpdir(), "rights-"));
    });
    after(() => rm(folder, { recursive: true, force: true }));

    const root = path.join(__dirname, "..", "..", "..", "..");
    const run = () =>
        promisify(execFile)(process.execPath, ["--import", "tsx", path.join("lab", "rights.ts"), folder], {
            cwd: root,
        }).then(
            ({ stdout }) => ({ ok: true, said: stdout }),
            ({ stdout, stderr }: { stdout: string; stderr: string }) => ({ ok: false, said: stdout + stderr }),
        );

    it("reads a folder of reports, and fails at what is too much", async function () {
        this.timeout(120_000);
        const empty = await run();
        assert.equal(empty.ok, false);
        assert.match(empty.said, /expected reports of scenarios, found none/);
        const listed = Object.keys(unusedRights);
        await writeFile(path.join(folder, "switch.json"), JSON.stringify(report("switch", ["get a"], listed)));
        await writeFile(path.join(folder, "old.json"), "{}");
        const good = await run();
        assert.match(good.said, /left out: old\.json/);
        assert.match(good.said, new RegExp(`0 missing, 0 too much, ${listed.length} unused for a reason`));
        assert.equal(good.ok, true, good.said);
        await writeFile(path.join(folder, "many.json"), JSON.stringify(report("many", [], ["get b"], ["list c"])));
        const bad = await run();
        assert.equal(bad.ok, false);
        assert.match(bad.said, /FAULT: asked for, and not generated: many: list c/);
        assert.match(bad.said, /FAULT: generated, and used by none of them: get b/);
    });
});
