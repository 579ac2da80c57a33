import type { Lab } from "../lab";
import { differences, fingerprint } from "./fingerprint";
import { ScenarioRun } from "./scenarioRun";
import { comeBack } from "./rejoin";
import type { Outcome, Log } from "./scenarioSteps";
import { handOver } from "./switch";

/**
 * What a way there and back leaves behind on purpose: what west took when it served and handed over. It is removed once
 * west serves again and has a standby site.
 */
const meant = [/^west (Snapshot shop-base|ShutdownSnapshot shop-final)-<epoch> is new$/];

/**
 * East dies, west takes over, east rejoins and is switched back to: afterwards everything is as it was before.
 *
 * @param project folder with the Pulumi.yaml whose stacks are used
 */
export async function failback(lab: Lab, project: string, log: Log): Promise<Outcome> {
    const scenario = await ScenarioRun.begin(lab, project, log);
    await scenario.writes("east", 50);
    const before = await fingerprint(lab);
    await scenario.failOver("east", "west", 2);
    await scenario.writes("west", 20);
    await comeBack(scenario, "east", "west");
    await scenario.writes("west", 20);
    await handOver(scenario, "west", "east");
    const { report, faults } = await scenario.end("failback", "east", ["east", "west"]);

    const all = differences(before, await fingerprint(lab));
    all.forEach((line) => log(`before and after: ${line}`));
    const unmeant = all.filter((line) => !meant.some((pattern) => pattern.test(line)));
    const wrong = [...faults, ...unmeant.map((line) => `not as before: ${line}`)];
    return { report: { ...report, differences: all, ok: wrong.length === 0 }, faults: wrong };
}
