import type { Lab } from "../lab";
import { ScenarioRun } from "./scenarioRun";
import type { Outcome, Log } from "./scenarioSteps";

/**
 * A site stands down and is asked to serve again before the other one took up its token.
 *
 * @param project folder with the Pulumi.yaml whose stacks are used
 */
export async function changeOfMind(lab: Lab, project: string, log: Log): Promise<Outcome> {
    const scenario = await ScenarioRun.begin(lab, project, log);
    await scenario.writes("east", 50);
    await callOff(scenario);
    return scenario.end("change-of-mind", "east", ["east", "west"]);
}

/** East brings back what the ShutdownSnapshot took away, in an epoch of its own; its token is void. */
export async function callOff(scenario: ScenarioRun): Promise<void> {
    await scenario.configure("active", "west", ["east"]);
    await scenario.change("stand down", "east");
    await scenario.configure("active", "east", ["east"]);
    const began = new Date();
    await scenario.change("serve again", "east");
    await scenario.served("from the second flip to the first write", "east", began);
    await scenario.change("follow", "west");
    await scenario.settle(["east"]);
    await scenario.configure("active", "west", ["west"]);
    await scenario.refused("take over with the token that is void", "west", /has not handed shop over/);
    await scenario.configure("active", "east", ["west"]);
}
