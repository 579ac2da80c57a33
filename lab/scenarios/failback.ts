import type { Lab } from "../lab";
import { differences, fingerprint } from "./fingerprint";
import { Play } from "./play";
import { comeBack } from "./rejoin";
import type { Outcome, Tell } from "./story";
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
export async function failback(lab: Lab, project: string, tell: Tell): Promise<Outcome> {
    const play = await Play.begin(lab, project, tell);
    await play.writes("east", 50);
    const before = await fingerprint(lab);
    await play.failOver("east", "west", 2);
    await play.writes("west", 20);
    await comeBack(play, "east", "west");
    await play.writes("west", 20);
    await handOver(play, "west", "east");
    const { report, faults } = await play.end("failback", "east", ["east", "west"]);

    const all = differences(before, await fingerprint(lab));
    all.forEach((line) => tell(`before and after: ${line}`));
    const unmeant = all.filter((line) => !meant.some((pattern) => pattern.test(line)));
    const wrong = [...faults, ...unmeant.map((line) => `not as before: ${line}`)];
    return { report: { ...report, differences: all, ok: wrong.length === 0 }, faults: wrong };
}
