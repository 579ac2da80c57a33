import { createHash } from "node:crypto";
import { accessSync, constants, existsSync, readdirSync, readFileSync, statSync } from "node:fs";
import { mkdir, rename, rm, writeFile } from "node:fs/promises";
import { homedir } from "node:os";
import * as path from "node:path";
import { build } from "esbuild";
import { pluginVersion } from "./version";

const pluginExecutable = "pulumi-resource-kubernetes";

export interface InstallOptions {
    /** Folder on the PATH of the Pulumi CLI; a stand-in is written here. */
    binFolder: string;
    /** Folder that keeps the bundled stand-in from lab to lab. Default: `binFolder`. */
    cache?: string;
    /** Which plugin to use; default: the real one if there is one, else the stand-in. */
    mode?: "real" | "standin";
    environment?: NodeJS.ProcessEnv;
}

export interface InstalledPlugin {
    kind: "real" | "standin";
    /** The executable. A real one stays where it was found. */
    path: string;
    /** Without a leading "v"; "unknown" for a plugin on PATH whose folder does not tell. */
    version: string;
}

/**
 * Sees to it that the Pulumi CLI finds a plugin for `@pulumi/kubernetes`. The real one is looked for on PATH, in
 * `$PULUMI_HOME/plugins` and in `~/.pulumi/plugins`. Where it is used, a stand-in that an earlier run left in
 * `binFolder` is removed, since the CLI would prefer it. Throws an Error if `mode` is "real" and there is none.
 */
export async function installKubernetesPlugin(options: InstallOptions): Promise<InstalledPlugin> {
    const { binFolder, cache = binFolder, mode, environment = process.env } = options;
    const launcher = path.join(binFolder, pluginExecutable);
    const real = mode === "standin" ? undefined : findRealPlugin(environment, binFolder);
    if (real !== undefined) {
        await rm(launcher, { force: true });
        return real;
    }
    if (mode === "real") {
        throw new Error(
            `Expected the real ${pluginExecutable} on PATH or in the Pulumi plugin folder, found none: ` +
                `run "pulumi plugin install resource kubernetes v${pluginVersion}", or use the stand-in`,
        );
    }
    await installStandIn(launcher, path.resolve(cache));
    return { kind: "standin", path: launcher, version: pluginVersion };
}

function findRealPlugin(environment: NodeJS.ProcessEnv, binFolder: string): InstalledPlugin | undefined {
    const folders = (environment["PATH"] ?? "").split(path.delimiter).filter((folder) => folder !== "");
    for (const folder of folders.filter((candidate) => path.resolve(candidate) !== path.resolve(binFolder))) {
        const executable = path.join(folder, pluginExecutable);
        if (isExecutable(executable) && !isStandIn(executable)) {
            return { kind: "real", path: executable, version: /-v(\d[^/]*)$/.exec(folder)?.[1] ?? "unknown" };
        }
    }
    const homes = [environment["PULUMI_HOME"], path.join(environment["HOME"] ?? homedir(), ".pulumi")];
    for (const plugins of homes.flatMap((home) =>
        home === undefined || home === "" ? [] : [path.join(home, "plugins")],
    )) {
        const [newest] = existsSync(plugins) ? installedVersions(plugins) : [];
        if (newest !== undefined) {
            return {
                kind: "real",
                path: path.join(plugins, `resource-kubernetes-v${newest}`, pluginExecutable),
                version: newest,
            };
        }
    }
    return undefined;
}

function installedVersions(plugins: string): string[] {
    const versions = readdirSync(plugins).flatMap((name) => /^resource-kubernetes-v(\d.*)$/.exec(name)?.[1] ?? []);
    return versions
        .filter((version) => isExecutable(path.join(plugins, `resource-kubernetes-v${version}`, pluginExecutable)))
        .sort((left, right) => right.localeCompare(left, "en", { numeric: true }));
}

function isExecutable(file: string): boolean {
    try {
        accessSync(file, constants.X_OK);
        return statSync(file).isFile();
    } catch {
        return false;
    }
}

const standInMark = "# Stand-in for the Kubernetes plugin of Pulumi";

/** A launcher of ours in another folder, left by another lab, is not the real plugin. */
function isStandIn(file: string): boolean {
    return statSync(file).size < 10_000 && readFileSync(file, "utf8").includes(standInMark);
}

/**
 * Writes the launcher, and the whole stand-in as one file: started from its sources it would take seconds, twice in
 * each `pulumi up`. The bundle is named after its sources, and built only when they have changed.
 */
async function installStandIn(launcher: string, cache: string): Promise<void> {
    await mkdir(path.dirname(launcher), { recursive: true });
    await mkdir(cache, { recursive: true });
    const bundle = path.join(cache, `${pluginExecutable}-${sourcesDigest()}.cjs`);
    if (!existsSync(bundle)) {
        const { outputFiles } = await build({
            entryPoints: [path.join(__dirname, "main.ts")],
            bundle: true,
            minify: true,
            platform: "node",
            target: "node20",
            format: "cjs",
            legalComments: "none",
            logLevel: "error",
            write: false,
        });
        await writeWhole(bundle, outputFiles[0]!.text, 0o644);
    }
    const quoted = `'${bundle.replaceAll("'", `'\\''`)}'`;
    await writeWhole(launcher, `#!/bin/sh\n${standInMark}\nexec node ${quoted} "$@"\n`, 0o755);
}

/** Two labs may install at the same time: each file appears whole, or not at all. */
async function writeWhole(file: string, content: string, mode: number): Promise<void> {
    const temporary = `${file}.${process.pid}`;
    await writeFile(temporary, content, { mode });
    await rename(temporary, file);
}

function sourcesDigest(): string {
    const sources = readdirSync(__dirname).filter((name) => name.endsWith(".ts"));
    const hash = createHash("sha256").update(readFileSync(path.join(__dirname, "package.json")));
    for (const source of sources.sort()) {
        hash.update(readFileSync(path.join(__dirname, source)));
    }
    return hash.digest("hex").slice(0, 12);
}
