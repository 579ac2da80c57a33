import type { Lab } from "../lab";
import { announcedCalls } from "./output";
import { faultsOf } from "./report";
import {
    accountOf,
    establish,
    firstWrite,
    must,
    type Outcome,
    residual,
    round,
    stopwatch,
    type Tell,
    up,
    writes,
} from "./story";
import { writesSince } from "./writes";

/**
 * A planned change of the active site: east stands down and publishes a token, west promotes exactly that snapshot,
 * east becomes standby. Nothing may be lost.
 *
 * @param project folder with the Pulumi.yaml whose stacks are used
 */
export async function switchOver(lab: Lab, project: string, tell: Tell): Promise<Outcome> {
    const { stages, timed, note } = stopwatch(tell);
    const { east, west } = await establish(lab, project, timed);
    await timed("the application writes", "east", () => writes(lab, "east", 50));

    await east.configure("active", "west");
    await west.configure("active", "west");
    const began = new Date();
    const previewEast = must(await timed("preview of standing down", "east", () => east.preview()));
    const down = must(await timed("stand down: pulumi up", "east", () => east.up()));
    const previewWest = must(await timed("preview of taking over", "west", () => west.preview()));
    must(await timed("take over with the token: pulumi up", "west", () => west.up()));
    const first = await firstWrite(lab, "west", began);
    const written = [lab.sites.east, lab.sites.west].flatMap((site) => writesSince(site, down.started));
    const previewBack = must(await timed("preview of becoming standby", "east", () => east.preview()));
    const back = must(await timed("become standby: pulumi up", "east", () => east.up()));
    written.push(...writesSince(lab.sites.east, back.started));
    await timed("settle: pulumi up", "west", () => up(west));
    note({
        name: "from the last preview to the first write",
        site: "west",
        seconds: round((Date.parse(first.time) - began.getTime()) / 1000),
    });
    await writes(lab, "west", 10);

    const secondUp = new Date();
    await timed("pulumi up once more", "east", () => up(east));
    await timed("pulumi up once more", "west", () => up(west));
    const writesOfSecondUp = [lab.sites.east, lab.sites.west].flatMap((site) => writesSince(site, secondUp)).length;
    const residualChanges = await timed("preview without changes", "both", () => residual([east, west]));

    const account = await accountOf(lab, first);
    const measured = {
        scenario: "switch",
        laps: 1,
        stages,
        announcedLossSeconds: 0,
        lostPlannedWrites: account.lostWrites,
        previewCalls: [previewEast, previewWest, previewBack].flatMap(({ output }) => announcedCalls(output)),
        executedCalls: written.map(({ call }) => call),
        writesOfSecondUp,
        residualChanges,
        ...account,
    };
    const faults = faultsOf(measured);
    return { report: { ...measured, ok: faults.length === 0 }, faults };
}
