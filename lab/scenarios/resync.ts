import type { Lab } from "../lab";
import { Play } from "./play";
import type { Outcome, Tell } from "./story";

/**
 * The way back after a takeover without a token, with the old site's data.
 *
 * @param project folder with the Pulumi.yaml whose stacks are used
 */
export async function resync(lab: Lab, project: string, tell: Tell): Promise<Outcome> {
    const play = await Play.begin(lab, project, tell);
    await play.writes("east", 50);
    await play.failOver("east", "west", 2);
    await play.writes("west", 20);
    await throwAway(play, 2);
    return play.end("resync", "east", ["east", "west"]);
}

/** East comes back, and what west wrote in its epoch is given up: both sites have to be told. */
export async function throwAway(play: Play, epoch: number): Promise<void> {
    await play.revive("east");
    await play.refused("serve at east again without leave", "east", new RegExp(`config set discard west@${epoch}`));
    await play.configure("discard", `west@${epoch}`, ["east"]);
    await play.change("serve by discard", "east");
    await play.configure("active", "east", ["west"]);
    await play.configure("discard", `west@${epoch}`, ["west"]);
    await play.standAside("west", "resync");
    await play.settle(["east"]);
}
