import type { Lab, SiteName } from "../lab";
import { ScenarioRun } from "./scenarioRun";
import type { Outcome, Log } from "./scenarioSteps";

/**
 * A planned change of the active site: east stands down and publishes a token, west promotes exactly that snapshot,
 * east becomes standby. Nothing may be lost.
 *
 * @param project folder with the Pulumi.yaml whose stacks are used
 */
export async function switchOver(lab: Lab, project: string, log: Log): Promise<Outcome> {
    const scenario = await ScenarioRun.begin(lab, project, log);
    await scenario.writes("east", 50);
    await handOver(scenario, "east", "west");
    return scenario.end("switch", "west", ["east", "west"]);
}

/** Both sites get the value, each does its part, and then neither has anything left to do. */
export async function handOver(scenario: ScenarioRun, from: SiteName, to: SiteName): Promise<void> {
    await scenario.configure("active", to);
    const began = new Date();
    await scenario.change("stand down", from);
    await scenario.change("take over with the token", to);
    await scenario.served("from the flip to the first write", to, began);
    await scenario.change("become standby", from);
    await scenario.settle([to]);
}
