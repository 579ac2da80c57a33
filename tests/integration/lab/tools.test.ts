import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { chmodSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { homedir, tmpdir } from "node:os";
import path from "node:path";
import { cachedBuild, cacheFolder } from "../../../lab/tools/cache";
import { type Executable, type ToolModule, toolModules } from "../../../lab/tools/catalogue";
import { findInstalled } from "../../../lab/tools/installed";

describe("Tools of the lab", function () {
    this.timeout(120_000);
    let folder: string;
    const before = { ...process.env };

    beforeEach(() => {
        folder = mkdtempSync(path.join(tmpdir(), "lab-tools-"));
    });

    afterEach(() => {
        process.env = { ...before };
        rmSync(folder, { recursive: true, force: true });
    });

    it("are kept in the folder that the user named, else in the one for caches", () => {
        assert.equal(cacheFolder({ TRIDENT_DR_CACHE: "/a", XDG_CACHE_HOME: "/b" }), "/a");
        assert.equal(cacheFolder({ XDG_CACHE_HOME: "/b" }), "/b/pulumi-trident-dr");
        assert.equal(cacheFolder({ XDG_CACHE_HOME: "relative" }), path.join(homedir(), ".cache/pulumi-trident-dr"));
    });

    const executableOf = (name: string): Executable =>
        toolModules.flatMap(({ executables }) => executables).find((executable) => executable.name === name)!;

    function install(place: string, name: string, output: string): string {
        const file = path.join(folder, place, name);
        mkdirSync(path.dirname(file), { recursive: true });
        writeFileSync(file, `#!/bin/sh\necho '${output}'\n`);
        chmodSync(file, 0o755);
        return file;
    }

    it("are taken from PATH only in a version that fits", async () => {
        install("old", "pulumi", "v2.9.0");
        const fitting = install("new", "pulumi", "v3.254.0");
        process.env.PATH = ["old", "new"].map((place) => path.join(folder, place)).join(":") + ":/bin";
        assert.equal(await findInstalled(executableOf("pulumi")), fitting);
        install("new", "pulumi", "something else");
        assert.equal(await findInstalled(executableOf("pulumi")), undefined);
    });

    it("are taken from KUBEBUILDER_ASSETS before PATH", async () => {
        const asset = install("assets", "etcd", "etcd Version: 3.5.21");
        install("path", "etcd", "etcd Version: 3.6.16");
        process.env.PATH = `${path.join(folder, "path")}:/bin`;
        process.env.KUBEBUILDER_ASSETS = path.dirname(asset);
        assert.equal(await findInstalled(executableOf("etcd")), asset);
        process.env.KUBEBUILDER_ASSETS = "";
        assert.equal(await findInstalled(executableOf("etcd")), path.join(folder, "path", "etcd"));
    });

    /** A Go module that needs nothing but Go. */
    function module(text: string): ToolModule {
        const source = path.join(folder, "sources", "small");
        mkdirSync(source, { recursive: true });
        writeFileSync(path.join(source, "go.mod"), "module example.test/small\n\ngo 1.21\n");
        writeFileSync(path.join(source, "go.sum"), "");
        writeFileSync(path.join(source, "main.go"), text);
        return {
            folder: "small",
            version: "v1.0.0",
            executables: [{ name: "kwok", package: ".", places: [], versionArguments: [] }],
            stamps: { "main.version": "v1.0.0" },
            usualTime: "1 s",
        };
    }

    const program = `package main\n\nvar version = "none"\n\nfunc main() { print(version) }\n`;
    const build = (module: ToolModule, progress: (line: string) => void = () => undefined) =>
        cachedBuild(module, path.join(folder, "sources"), path.join(folder, "cache"), progress);

    it("are built once, though two labs ask for them at once, and with the version stamped in", async () => {
        // What a user may have set for other builds does not matter.
        Object.assign(process.env, { GOFLAGS: "-mod=vendor", GOWORK: "/nowhere/go.work" });
        const small = module(program);
        const lines: string[] = [];
        const [one, other] = await Promise.all([
            build(small, (line) => lines.push(line)),
            build(small, (line) => lines.push(line)),
        ]);
        assert.equal(one, other);
        assert.equal(await build(small), one);
        assert.equal(
            lines.filter((line) => line.endsWith("…")).filter((line) => line.startsWith("building")).length,
            1,
        );
        assert.deepEqual(readdirSync(one), ["kwok"]);
        assert.equal(execFileSync(path.join(one, "kwok"), { stdio: ["ignore", "pipe", "pipe"] }).length, 0);
        assert.match(
            execFileSync("/bin/sh", ["-c", `${path.join(one, "kwok")} 2>&1`], { encoding: "utf8" }),
            /^v1.0.0$/,
        );
    });

    it("are built anew when their module changes", async () => {
        const small = module(program);
        const first = await build(small);
        writeFileSync(path.join(folder, "sources", "small", "go.mod"), "module example.test/small\n\ngo 1.22\n");
        assert.notEqual(await build(small), first);
    });

    it("leave nothing behind when the build fails, and the message holds what Go said", async () => {
        await assert.rejects(build(module("package main\n\nfunc main() { nonsense() }\n")), /undefined: nonsense/);
        assert.deepEqual(readdirSync(path.join(folder, "cache", "tools")), []);
    });

    it("are missed in one clear sentence where there is no Go", async () => {
        process.env.PATH = folder;
        await assert.rejects(
            build(module(program)),
            /^Error: kwok v1.0.0: not on PATH in a version that fits, and cannot be built, since there is no Go/,
        );
    });
});
