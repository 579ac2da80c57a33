import type { Lab } from "../lab";
import { Play } from "./play";
import type { Outcome, Tell } from "./story";

/**
 * A site stands down and is asked to serve again before the other one took up its token.
 *
 * @param project folder with the Pulumi.yaml whose stacks are used
 */
export async function changeOfMind(lab: Lab, project: string, tell: Tell): Promise<Outcome> {
    const play = await Play.begin(lab, project, tell);
    await play.writes("east", 50);
    await callOff(play);
    return play.end("change-of-mind", "east", ["east", "west"]);
}

/** East brings back what the ShutdownSnapshot took away, in an epoch of its own; its token is void. */
export async function callOff(play: Play): Promise<void> {
    await play.configure("active", "west", ["east"]);
    await play.change("stand down", "east");
    await play.configure("active", "east", ["east"]);
    const began = new Date();
    await play.change("serve again", "east");
    await play.served("from the second flip to the first write", "east", began);
    await play.change("follow", "west");
    await play.settle(["east"]);
    await play.configure("active", "west", ["west"]);
    await play.refused("take over with the token that is void", "west", /has not handed shop over/);
    await play.configure("active", "east", ["west"]);
}
