import { spawn } from "node:child_process";
import path from "node:path";
import type { Lab, SiteName } from "../lab";
import type { CliResult } from "../pulumi";

/** The command as it is installed: what `npm run build` made. */
const command = path.join(__dirname, "..", "..", "dist", "cli", "command.js");

/** What `trident-dr` printed and how it ended. */
export interface CommandResult extends CliResult {
    code: number | null;
    /** Standard output alone. */
    printed: string;
}

/** Runs `trident-dr`, with these variables alone. */
export function runCommand(args: readonly string[], env: NodeJS.ProcessEnv, cwd?: string): Promise<CommandResult> {
    const started = new Date();
    return new Promise((resolve, reject) => {
        const child = spawn(process.execPath, [command, ...args], { cwd, env, stdio: ["ignore", "pipe", "pipe"] });
        let output = "";
        let printed = "";
        child.stdout.on("data", (chunk: Buffer) => {
            output += chunk.toString();
            printed += chunk.toString();
        });
        child.stderr.on("data", (chunk: Buffer) => (output += chunk.toString()));
        child.on("error", reject);
        child.on("close", (code) =>
            resolve({
                ok: code === 0,
                code,
                output,
                printed,
                started,
                seconds: (Date.now() - started.getTime()) / 1000,
            }),
        );
    });
}

/** The document that a command printed; undefined where it printed none. */
export function jsonIn(text: string): unknown {
    try {
        return JSON.parse(text) as unknown;
    } catch {
        return undefined;
    }
}

/** What the operator of a site has, where there is no way to Pulumi or its state. */
export function withoutPulumi(lab: Lab, site: SiteName): NodeJS.ProcessEnv {
    const { username, password } = lab.sites[site].ontap.users.product;
    return { HOME: lab.folder, TRIDENT_DR_ONTAP_USERNAME: username, TRIDENT_DR_ONTAP_PASSWORD: password };
}
