import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import path from "node:path";
import { z } from "zod";

/** Of this command: sources and what is built of them are as deep below the package's folder. */
const own = path.join(__dirname, "..", "..", "package.json");

/**
 * Why this command cannot stand in for a project's program: it is of another version. Undefined where it can.
 *
 * @param folder of the project
 */
export function versionFault(folder: string, ofCommand = own): string | undefined {
    const version = versionIn(ofCommand);
    let theirs: string;
    try {
        theirs = versionIn(createRequire(path.join(folder, "index.js")).resolve("pulumi-trident-dr/package.json"));
    } catch {
        return `which version of pulumi-trident-dr the program in ${folder} has cannot be told`;
    }
    return theirs === version
        ? undefined
        : `the program has version ${theirs} of pulumi-trident-dr, and this command is of ${version}`;
}

/** This command's own. */
export function ownVersion(): string {
    return versionIn(own);
}

function versionIn(file: string): string {
    return manifest.parse(JSON.parse(readFileSync(file, "utf8"))).version;
}

const manifest = z.object({ version: z.string() });
