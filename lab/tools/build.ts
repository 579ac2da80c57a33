import { spawn } from "node:child_process";
import { randomUUID } from "node:crypto";
import { mkdir, rename, rm } from "node:fs/promises";
import path from "node:path";
import type { ToolModule } from "./catalogue";

/** Where the progress of something long is told, a line at a time. */
export type Progress = (line: string) => void;

/** What decides the outcome of a build, besides go.mod and go.sum. Part of the cache's key. */
export function buildArguments(module: ToolModule<string>): string[] {
    const stamps = Object.entries(module.stamps).map(([variable, value]) => `-X ${variable}=${value}`);
    // No symbol table: it would double the size of the binaries. No VCS stamp: it would be this checkout's.
    return ["-mod=readonly", "-trimpath", "-buildvcs=false", "-ldflags", ["-s", "-w", ...stamps].join(" ")];
}

/**
 * Builds all executables of a module into `folder`, which appears only when all of them are complete.
 *
 * @param source Folder that holds the module's go.mod and go.sum.
 * @throws Error that says what is missing when there is no Go, or with the end of Go's output when the build fails.
 */
export async function buildModule(
    module: ToolModule<string>,
    source: string,
    folder: string,
    progress: Progress,
): Promise<void> {
    const unfinished = `${folder}.${randomUUID()}.unfinished`;
    await mkdir(unfinished, { recursive: true });
    try {
        const names = module.executables.map(({ name }) => name).join(", ");
        await timed(
            `building ${names} ${module.version} (about ${module.usualTime} on two cores)`,
            progress,
            async (count) => {
                // Go names what it puts into a folder after the package, which for etcd would be "server".
                if (module.executables.length === 1) {
                    const [only] = module.executables;
                    await go(module, source, ["-o", path.join(unfinished, only!.name), only!.package], count);
                } else {
                    const packages = module.executables.map((executable) => executable.package);
                    await go(module, source, ["-o", unfinished + path.sep, ...packages], count);
                }
            },
        );
        await rename(unfinished, folder);
    } catch (error) {
        await rm(unfinished, { recursive: true, force: true });
        throw error;
    }
}

/** Runs `go build`; tells `count` how many packages were compiled so far. */
async function go(
    module: ToolModule<string>,
    source: string,
    what: string[],
    count: (done: number) => void,
): Promise<void> {
    const tail: string[] = [];
    let compiled = 0;
    await new Promise<void>((resolve, reject) => {
        const child = spawn("go", ["build", "-v", ...buildArguments(module), ...what], {
            cwd: source,
            stdio: ["ignore", "ignore", "pipe"],
            // Settings of the user that would change what is built, or make it fail, are put aside. No C compiler needed.
            env: {
                ...process.env,
                GOFLAGS: "",
                GOWORK: "off",
                GO111MODULE: "on",
                CGO_ENABLED: "0",
                GOOS: "",
                GOARCH: "",
            },
        });
        child.stderr.setEncoding("utf8").on("data", (text: string) => {
            for (const line of text.split("\n").filter((part) => part !== "")) {
                compiled += /^[\w./-]+$/.test(line) ? 1 : 0;
                tail.push(line);
                tail.splice(0, tail.length - 30);
            }
            count(compiled);
        });
        child.on("error", (error: NodeJS.ErrnoException) => {
            reject(error.code === "ENOENT" ? missingGo(module) : error);
        });
        child.on("close", (code) => {
            if (code === 0) {
                resolve();
            } else {
                reject(new Error(`go build in ${source} failed:\n${tail.join("\n")}`));
            }
        });
    });
}

function missingGo(module: ToolModule<string>): Error {
    const names = module.executables.map(({ name }) => name).join(", ");
    return new Error(
        `${names} ${module.version}: not on PATH in a version that fits, and cannot be built, since there is no Go: ` +
            "install Go 1.26 or later (https://go.dev/dl), or put them on PATH",
    );
}

/** Tells at the start, every 20 s and at the end what is going on and since when. */
async function timed(
    what: string,
    progress: Progress,
    work: (count: (done: number) => void) => Promise<void>,
): Promise<void> {
    const start = Date.now();
    let done = 0;
    const elapsed = () => `${Math.round((Date.now() - start) / 1000)} s`;
    progress(`${what} …`);
    const beat = setInterval(() => progress(`${what} … ${elapsed()}, ${done} packages compiled`), 20_000);
    try {
        await work((value) => (done = value));
        progress(`${what}: done in ${elapsed()}`);
    } finally {
        clearInterval(beat);
    }
}
