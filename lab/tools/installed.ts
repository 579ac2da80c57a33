import { execFile } from "node:child_process";
import { constants } from "node:fs";
import { access } from "node:fs/promises";
import path from "node:path";
import { promisify } from "node:util";
import semver from "semver";
import type { Executable } from "./catalogue";

/**
 * Looks for an executable that is already on this machine, in `KUBEBUILDER_ASSETS` and on `PATH`, as its entry in the
 * catalogue allows. One whose version does not fit is passed over.
 */
export async function findInstalled(executable: Executable): Promise<string | undefined> {
    for (const folder of executable.places.flatMap(foldersOf)) {
        const file = path.join(folder, executable.name);
        if ((await isExecutable(file)) && (await versionFits(file, executable))) {
            return file;
        }
    }
    return undefined;
}

function foldersOf(place: Executable["places"][number]): string[] {
    const value = process.env[place] ?? "";
    return value.split(path.delimiter).filter((folder) => path.isAbsolute(folder));
}

async function isExecutable(file: string): Promise<boolean> {
    return access(file, constants.X_OK).then(
        () => true,
        () => false,
    );
}

async function versionFits(file: string, executable: Executable): Promise<boolean> {
    if (executable.accepts === undefined) {
        return true;
    }
    try {
        const { stdout, stderr } = await promisify(execFile)(file, [...executable.versionArguments], {
            timeout: 10_000,
            env: { ...process.env, PULUMI_SKIP_UPDATE_CHECK: "true" },
        });
        const version = semver.coerce(stdout + stderr);
        return version !== null && semver.satisfies(version, executable.accepts);
    } catch {
        return false;
    }
}
