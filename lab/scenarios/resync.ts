import type { Lab } from "../lab";
import { Play } from "./play";
import type { Outcome, Tell } from "./story";

/**
 * The way back after a takeover without a token, with the old site's data: what the new site wrote is given up, which
 * both sites have to be told.
 *
 * @param project folder with the Pulumi.yaml whose stacks are used
 */
export async function resync(lab: Lab, project: string, tell: Tell): Promise<Outcome> {
    const play = await Play.begin(lab, project, tell);
    await play.writes("east", 50);
    await play.failOver("east", "west", 2);
    await play.writes("west", 20);
    await play.revive("east");
    await play.refused("serve at east again without leave", "east", /config set discard west@2/);
    await play.configure("discard", "west@2", ["east"]);
    await play.change("serve by discard", "east");
    await play.configure("active", "east", ["west"]);
    await play.configure("discard", "west@2", ["west"]);
    await play.standAside("west", "resync");
    await play.settle(["east"]);
    return play.end("resync", "east", ["east", "west"]);
}
