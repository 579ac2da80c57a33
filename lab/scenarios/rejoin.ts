import type { Lab, SiteName } from "../lab";
import { ScenarioRun } from "./scenarioRun";
import type { Outcome, Log } from "./scenarioSteps";

/**
 * The way back after a takeover without a token, with the new site's data: the returned site stands aside, the serving
 * one releases its mirror, and the returned one becomes standby.
 *
 * @param project folder with the Pulumi.yaml whose stacks are used
 */
export async function rejoin(lab: Lab, project: string, log: Log): Promise<Outcome> {
    const scenario = await ScenarioRun.begin(lab, project, log);
    await scenario.writes("east", 50);
    await scenario.failOver("east", "west", 2);
    await scenario.writes("west", 20);
    await comeBack(scenario, "east", "west");
    return scenario.end("rejoin", "west", ["east", "west"]);
}

/** A site that was dead comes back while the other one serves. */
export async function comeBack(scenario: ScenarioRun, returned: SiteName, serving: SiteName): Promise<void> {
    await scenario.revive(returned);
    await scenario.refused(
        "go on as if nothing had happened",
        returned,
        /both sites serve|took over|serves .* in epoch/,
    );
    await scenario.configure("active", serving, [returned]);
    await giveWay(scenario, returned, serving);
}

/** What a site wrote that was taken over from is counted and goes; then it follows the one that serves. */
export async function giveWay(scenario: ScenarioRun, returned: SiteName, serving: SiteName): Promise<void> {
    await scenario.standAside(returned);
    await scenario.change("release the mirror", serving);
    await scenario.change("rejoin", returned);
    await scenario.settle([serving]);
}
