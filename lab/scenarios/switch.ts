import type { Lab, SiteName } from "../lab";
import { Play } from "./play";
import type { Outcome, Tell } from "./story";

/**
 * A planned change of the active site: east stands down and publishes a token, west promotes exactly that snapshot,
 * east becomes standby. Nothing may be lost.
 *
 * @param project folder with the Pulumi.yaml whose stacks are used
 */
export async function switchOver(lab: Lab, project: string, tell: Tell): Promise<Outcome> {
    const play = await Play.begin(lab, project, tell);
    await play.writes("east", 50);
    await handOver(play, "east", "west");
    return play.end("switch", "west", ["east", "west"]);
}

/** Both sites are told, each does its part, and neither has anything left to do. */
export async function handOver(play: Play, from: SiteName, to: SiteName): Promise<void> {
    await play.configure("active", to);
    const began = new Date();
    await play.change("stand down", from);
    await play.change("take over with the token", to);
    await play.served("from the flip to the first write", to, began);
    await play.change("become standby", from);
    await play.settle([to]);
}
