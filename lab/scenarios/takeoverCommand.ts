import type { Lab } from "../lab";
import type { CliResult } from "../pulumi";
import { runCommand, withoutPulumi } from "./command";
import { announcedCalls, announcedLoss, recoveryTime } from "./output";
import { bundlesElsewhere } from "./readinessCommand";
import { ScenarioRun, shop } from "./scenarioRun";
import { expectOk, secondsToFirst, type Log, type Outcome } from "./scenarioSteps";
import { StatusCommand } from "./statusCommand";
import { writesSince } from "./writes";

/**
 * A site dies, and with it the state backend and Git are out of reach: `trident-dr takeover` serves at the other one.
 * Then Pulumi is back there, finds the newer record, and has nothing to do. `trident-dr status` tells all along what each
 * site is.
 *
 * @param project folder with the Pulumi.yaml whose stacks are used
 */
export async function takeoverCommand(lab: Lab, project: string, log: Log): Promise<Outcome> {
    const scenario = await ScenarioRun.begin(lab, project, log, { ...shop, doneWithout: [bundlesElsewhere] });
    const west = lab.sites.west;
    await scenario.writes("east", 50);
    const status = new StatusCommand(lab, project);
    await scenario.timed("trident-dr status: both sites are well", "both", () =>
        status.expect({ code: 0, level: "ok", roles: ["active", "standby"], found: [] }),
    );
    const killed = await scenario.kill("east");
    const lost = { code: 2, level: "danger", roles: ["unknown", "standby"] } as const;
    await scenario.timed("trident-dr status: a site is lost", "west", () =>
        status.expect({ ...lost, found: ["service-unknown", "site-unknown"] }),
    );
    await scenario.timed("trident-dr status: a site is lost, and so is Pulumi's state", "west", () =>
        status.expectWithoutPulumi({ ...lost, found: ["service-unknown", "site-unknown"] }),
    );
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
    await scenario.timed("trident-dr status: the other site serves", "west", () =>
        status.expectWithoutPulumi({
            code: 2,
            level: "danger",
            roles: ["unknown", "active"],
            found: ["not-protected", "site-unknown"],
        }),
    );
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
    const { kubernetes } = lab.sites.west;
    const args = ["takeover", "shop", "--site", "west", "--kubeconfig", kubernetes.productKubeconfig, ...options];
    return runCommand(args, withoutPulumi(lab, "west"));
}
