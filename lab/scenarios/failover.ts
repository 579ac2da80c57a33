import type { Lab } from "../lab";
import { Play } from "./play";
import type { Outcome, Tell } from "./story";

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
export async function failover(lab: Lab, project: string, tell: Tell): Promise<FailoverOutcome> {
    const play = await Play.begin(lab, project, tell);
    await play.writes("east", 50);
    const refusal = await play.failOver("east", "west", 2);
    return { ...(await play.end("failover", "west", ["west"])), refusal };
}
