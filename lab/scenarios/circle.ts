import type { Lab } from "../lab";
import { differences, digest, fingerprint, type Fingerprint } from "./fingerprint";
import { ScenarioRun } from "./scenarioRun";
import { comeBack } from "./rejoin";
import type { Outcome, Log } from "./scenarioSteps";
import { handOver } from "./switch";

/** What the circle leaves besides its report. */
export interface CircleOutcome extends Outcome {
    /** What the CLI said when the first takeover was not acknowledged yet. */
    refusal: string;
}

/**
 * Fail over, rejoin, switch back, over and over: each lap has to leave things as the first one did.
 *
 * @param project folder with the Pulumi.yaml whose stacks are used
 */
export async function circle(lab: Lab, project: string, log: Log, laps = 1): Promise<CircleOutcome> {
    const scenario = await ScenarioRun.begin(lab, project, log);
    const prints: Fingerprint[] = [];
    let refusal = "";
    for (let lap = 1; lap <= laps; lap++) {
        log(`lap ${lap} of ${laps}`);
        await scenario.writes("east", 30);
        const said = await scenario.failOver("east", "west", 2 * lap);
        refusal ||= said;
        await scenario.writes("west", 20);
        await comeBack(scenario, "east", "west");
        await handOver(scenario, "west", "east");
        prints.push(await fingerprint(lab));
    }
    const { report, faults } = await scenario.end("circle", "east", ["east", "west"], laps);
    const changed = differences(prints[0]!, prints.at(-1)!);
    const wrong = [...faults, ...changed.map((line) => `lap ${laps} is not as lap 1: ${line}`)];
    return {
        report: { ...report, fingerprints: prints.map(digest), differences: changed, ok: wrong.length === 0 },
        faults: wrong,
        refusal,
    };
}
