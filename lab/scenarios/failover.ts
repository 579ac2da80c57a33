import type { Lab } from "../lab";
import { ScenarioRun } from "./scenarioRun";
import type { Outcome, Log } from "./scenarioSteps";

/** What the failover leaves besides its report. */
export interface FailoverOutcome extends Outcome {
    /** What the CLI said when the takeover was not acknowledged yet. */
    refusal: string;
}

/**
 * Establish between two sites, kill the serving one, flip one value, serve at the other.
 *
 * @param project folder with the Pulumi.yaml whose stacks are used
 */
export async function failover(lab: Lab, project: string, log: Log): Promise<FailoverOutcome> {
    const scenario = await ScenarioRun.begin(lab, project, log);
    await scenario.writes("east", 50);
    const refusal = await scenario.failOver("east", "west", 2);
    return { ...(await scenario.end("failover", "west", ["west"])), refusal };
}
