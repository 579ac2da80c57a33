import { mkdir, rm, symlink } from "node:fs/promises";
import path from "node:path";
import type { Progress } from "./build";
import { cachedBuild, cacheFolder } from "./cache";
import { type TestToolName, testModules, type ToolName, toolModules } from "./catalogue";
import { findInstalled } from "./installed";

export type { Progress } from "./build";
export { cacheFolder } from "./cache";

/** Absolute path of each executable that the lab runs. */
export type Tools = Readonly<Record<ToolName, string>>;

/**
 * Finds every tool of the lab: on this machine where its version fits, else in the cache, else built from its Go module
 * into the cache (about ten minutes in all on two cores, once for each user and version).
 *
 * @param options.cache Folder of the cache. Default: {@link cacheFolder}.
 * @param options.progress Told what is being built, at least every 20 s. Default: silent.
 * @throws Error that names the tool when one is neither there nor can be built.
 */
export async function ensureTools(options: { cache?: string; progress?: Progress } = {}): Promise<Tools> {
    const { cache = cacheFolder(), progress = () => undefined } = options;
    const tools: Partial<Record<ToolName, string>> = {};
    for (const module of toolModules) {
        const installed = await Promise.all(module.executables.map(findInstalled));
        const missing = module.executables.filter((_, index) => installed[index] === undefined);
        const folder =
            missing.length > 0
                ? await cachedBuild({ ...module, executables: missing }, __dirname, cache, progress)
                : "";
        module.executables.forEach(({ name }, index) => {
            tools[name] = installed[index] ?? path.join(folder, name);
        });
    }
    return tools as Tools;
}

/** Absolute path of an executable that only tests run: from the cache, else built into it. */
export async function ensureTestTool(name: TestToolName, progress: Progress = () => undefined): Promise<string> {
    const module = testModules.find(({ folder }) => folder === name)!;
    return path.join(await cachedBuild(module, __dirname, cacheFolder(), progress), name);
}

/**
 * Makes a folder for the front of `PATH` that holds exactly the lab's tools, and the launcher of dynamic providers that
 * comes with the npm package `@pulumi/pulumi`.
 */
export async function linkTools(tools: Tools, folder: string): Promise<void> {
    await mkdir(folder, { recursive: true });
    const sdk = path.dirname(require.resolve("@pulumi/pulumi/package.json"));
    const launcher = "pulumi-resource-pulumi-nodejs";
    for (const [name, file] of [...Object.entries(tools), [launcher, path.join(sdk, launcher)] as const]) {
        const link = path.join(folder, name);
        await rm(link, { force: true });
        await symlink(file, link);
    }
}
