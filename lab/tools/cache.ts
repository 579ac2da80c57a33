import { createHash } from "node:crypto";
import { existsSync } from "node:fs";
import { mkdir, readdir, readFile, rm } from "node:fs/promises";
import { homedir } from "node:os";
import path from "node:path";
import lockfile from "proper-lockfile";
import { buildArguments, buildModule, type Progress } from "./build";
import type { ToolModule } from "./catalogue";

/** Folder of everything that all labs of a user share: `$TRIDENT_DR_CACHE`, else below the user's cache folder. */
export function cacheFolder(environment: NodeJS.ProcessEnv = process.env): string {
    const { TRIDENT_DR_CACHE, XDG_CACHE_HOME } = environment;
    if (TRIDENT_DR_CACHE) {
        return path.resolve(TRIDENT_DR_CACHE);
    }
    // The XDG base directory specification has relative paths ignored.
    const base = XDG_CACHE_HOME && path.isAbsolute(XDG_CACHE_HOME) ? XDG_CACHE_HOME : path.join(homedir(), ".cache");
    return path.join(base, "pulumi-trident-dr");
}

/**
 * Folder with the built executables of a module: from the cache, else built into it now. Of several labs that start at
 * once one builds, and the others wait for it.
 */
export async function cachedBuild(module: ToolModule<string>, sources: string, cache: string, progress: Progress) {
    const source = path.join(sources, module.folder);
    const folder = path.join(cache, "tools", `${module.folder}-${module.version}-${await contentKey(module, source)}`);
    await madeOnce(folder, () => buildModule(module, source, folder, progress), {
        onWait: () => progress(`waiting for ${module.folder}, which another lab builds …`),
    });
    return folder;
}

/**
 * Has `make` bring a folder of the cache into being unless it is there: of several processes that come at once one
 * makes it, and the others wait. `make` builds in a neighbour whose name ends in `.unfinished`, and renames it.
 */
export async function madeOnce(
    folder: string,
    make: () => Promise<void>,
    { onWait }: { onWait: () => void },
): Promise<void> {
    if (existsSync(folder)) {
        return;
    }
    await mkdir(path.dirname(folder), { recursive: true });
    const release = await lockOrWait(folder, onWait);
    try {
        if (!existsSync(folder)) {
            await removeLeftovers(folder);
            await make();
        }
    } finally {
        await release();
    }
}

/** Whoever holds the lock is alone: what others began was cut off. */
async function removeLeftovers(folder: string): Promise<void> {
    const [parent, name] = [path.dirname(folder), path.basename(folder)];
    const leftovers = (await readdir(parent)).filter((one) => one.startsWith(name) && one.endsWith(".unfinished"));
    await Promise.all(leftovers.map((one) => rm(path.join(parent, one), { recursive: true, force: true })));
}

/** Changes whenever another binary would come out: other dependencies, other flags, another platform. */
async function contentKey(module: ToolModule<string>, source: string): Promise<string> {
    const hash = createHash("sha256");
    hash.update(await readFile(path.join(source, "go.mod"))).update(await readFile(path.join(source, "go.sum")));
    hash.update(JSON.stringify([buildArguments(module), module.executables.map((one) => one.package)]));
    hash.update(`${process.platform}/${process.arch}`);
    return hash.digest("hex").slice(0, 12);
}

async function lockOrWait(folder: string, onWait: () => void): Promise<() => Promise<void>> {
    // The holder touches its lock every 5 s; one that was killed is overruled after 20 s.
    const options = { realpath: false, stale: 20_000, update: 5_000 };
    try {
        return await lockfile.lock(folder, options);
    } catch (error) {
        if ((error as NodeJS.ErrnoException).code !== "ELOCKED") {
            throw error;
        }
        onWait();
        const retries = { forever: true, minTimeout: 1_000, maxTimeout: 1_000 };
        return lockfile.lock(folder, { ...options, retries });
    }
}
