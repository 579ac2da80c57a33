import type { Lab } from "../lab";
import { ScenarioRun } from "./scenarioRun";
import type { Outcome, Log } from "./scenarioSteps";

/**
 * The way back after a takeover without a token, with the old site's data.
 *
 * @param project folder with the Pulumi.yaml whose stacks are used
 */
export async function resync(lab: Lab, project: string, log: Log): Promise<Outcome> {
    const scenario = await ScenarioRun.begin(lab, project, log);
    await scenario.writes("east", 50);
    await scenario.failOver("east", "west", 2);
    await scenario.writes("west", 20);
    await throwAway(scenario, 2);
    return scenario.end("resync", "east", ["east", "west"]);
}

/** East comes back, and what west wrote in its epoch is discarded: both sites need the value. */
export async function throwAway(scenario: ScenarioRun, epoch: number): Promise<void> {
    await scenario.revive("east");
    await scenario.refused("serve at east again without leave", "east", new RegExp(`config set discard west@${epoch}`));
    await scenario.configure("discard", `west@${epoch}`, ["east"]);
    await scenario.change("serve by discard", "east");
    await scenario.configure("active", "east", ["west"]);
    await scenario.configure("discard", `west@${epoch}`, ["west"]);
    await scenario.standAside("west", "resync");
    await scenario.settle(["east"]);
}
