import assert from "node:assert/strict";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { versionFault } from "../../../../cli/project/version";

describe("the version of the package that a project's program has", () => {
    let folder: string;
    beforeEach(() => (folder = mkdtempSync(path.join(tmpdir(), "trident-dr-test-"))));
    afterEach(() => rmSync(folder, { recursive: true }));

    function install(version: string, at = folder): string {
        const installed = path.join(at, "node_modules", "pulumi-trident-dr");
        mkdirSync(installed, { recursive: true });
        writeFileSync(path.join(installed, "package.json"), JSON.stringify({ name: "pulumi-trident-dr", version }));
        return path.join(installed, "package.json");
    }

    it("is that of the command, also where the project is a folder of a workspace", () => {
        const file = install("1.2.3");
        const below = path.join(folder, "stacks");
        mkdirSync(below);
        assert.equal(versionFault(folder, file), undefined);
        assert.equal(versionFault(below, file), undefined);
    });

    it("is another one, or cannot be told: then this command does not stand in for the program", () => {
        const file = install("1.2.3");
        const other = path.join(folder, "other");
        install("1.2.4", other);
        assert.equal(
            versionFault(other, file),
            "the program has version 1.2.4 of pulumi-trident-dr, and this command is of 1.2.3",
        );
        const none = mkdtempSync(path.join(tmpdir(), "trident-dr-test-"));
        try {
            assert.match(
                versionFault(none, file)!,
                /^which version of pulumi-trident-dr the program in .* cannot be told$/,
            );
        } finally {
            rmSync(none, { recursive: true });
        }
    });

    it("is by itself compared with this package's own", () => {
        assert.equal(versionFault(path.join(__dirname, "..", "..", "..", "..")), undefined);
    });
});
