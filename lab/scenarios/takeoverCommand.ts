import { spawn } from "node:child_process";
import path from "node:path";
import type { Lab } from "../lab";
import type { CliResult } from "../pulumi";
import { announcedCalls, announcedLoss, recoveryTime } from "./output";
import { ScenarioRun } from "./scenarioRun";
import { expectOk, secondsToFirst, type Log, type Outcome } from "./scenarioSteps";
import { writesSince } from "./writes";

/** The command as it is installed: what `npm run build` made. */
const command = path.join(__dirname, "..", "..", "dist", "cli", "command.js");

/**
 * A site dies, and with it the state backend and Git are out of reach: `trident-dr takeover` serves at the other one.
 * Then Pulumi is back there, finds the newer record, and has nothing to do.
 *
 * @param project folder with the Pulumi.yaml whose stacks are used
 */
export async function takeoverCommand(lab: Lab, project: string, log: Log): Promise<Outcome> {
    const scenario = await ScenarioRun.begin(lab, project, log);
    const west = lab.sites.west;
    await scenario.writes("east", 50);
    const killed = await scenario.kill("east");
    const refused = await scenario.timed("trident-dr takeover: refused", "west", () => takeover(lab, []));
    if (refused.ok || announcedLoss(refused.output) === undefined) {
        throw new Error(`A takeover that nobody acknowledged was not refused:\n${refused.output}`);
    }
    const written = writesSince(west, refused.started);
    if (written.length > 0) {
        throw new Error(`A takeover that was refused wrote ${written.map(({ call }) => call).join("; ")}`);
    }
    const run = expectOk(
        await scenario.timed("trident-dr takeover", "west", () => takeover(lab, ["--takeover", "2", "--yes"])),
    );
    scenario.tookOver("east", run, {
        announced: announcedCalls(run.output),
        seconds: announcedLoss(run.output) ?? 0,
        since: recoveryTime(run.output),
    });
    log(`first write of the command: after ${secondsToFirst(run, writesSince(west, run.started))} s`);
    await scenario.served("from the death of the other site to the first write", "west", killed);
    await scenario.configure("active", "west", ["west"]);
    const back = await scenario.change("pulumi up after the command", "west");
    const changes = writesSince(west, back.run.started);
    if (changes.length > 0) {
        throw new Error(`pulumi up after the command wrote ${changes.map(({ call }) => call).join("; ")}`);
    }
    return scenario.end("takeover-command", "west", ["west"]);
}

/** Runs the command at west with what its operator has, and with no way to Pulumi or its state. */
function takeover(lab: Lab, options: readonly string[]): Promise<CliResult> {
    const { kubernetes, ontap } = lab.sites.west;
    const started = new Date();
    const args = ["takeover", "shop", "--site", "west", "--kubeconfig", kubernetes.productKubeconfig, ...options];
    return new Promise((resolve, reject) => {
        const child = spawn(process.execPath, [command, ...args], {
            env: {
                HOME: lab.folder,
                TRIDENT_DR_ONTAP_USERNAME: ontap.users.product.username,
                TRIDENT_DR_ONTAP_PASSWORD: ontap.users.product.password,
            },
            stdio: ["ignore", "pipe", "pipe"],
        });
        let output = "";
        const take = (chunk: Buffer) => (output += chunk.toString());
        child.stdout.on("data", take);
        child.stderr.on("data", take);
        child.on("error", reject);
        child.on("close", (code) =>
            resolve({ ok: code === 0, output, started, seconds: (Date.now() - started.getTime()) / 1000 }),
        );
    });
}
