import type { Lab, SiteName } from "../lab";
import { Play } from "./play";
import type { Outcome, Tell } from "./story";

/**
 * The way back after a takeover without a token, with the new site's data: the returned site stands aside, the serving
 * one releases its mirror, and the returned one becomes standby.
 *
 * @param project folder with the Pulumi.yaml whose stacks are used
 */
export async function rejoin(lab: Lab, project: string, tell: Tell): Promise<Outcome> {
    const play = await Play.begin(lab, project, tell);
    await play.writes("east", 50);
    await play.failOver("east", "west", 2);
    await play.writes("west", 20);
    await comeBack(play, "east", "west");
    return play.end("rejoin", "west", ["east", "west"]);
}

/** A site that was dead comes back while the other one serves. */
export async function comeBack(play: Play, returned: SiteName, serving: SiteName): Promise<void> {
    await play.revive(returned);
    await play.refused("go on as if nothing had happened", returned, /both sites serve|took over|serves .* in epoch/);
    await play.configure("active", serving, [returned]);
    await play.standAside(returned);
    await play.change("release the mirror", serving);
    await play.change("rejoin", returned);
    await play.settle([serving]);
}
