import type { Lab } from "../lab";
import { announcedCalls, announcedLoss } from "./output";
import { faultsOf } from "./report";
import {
    accountOf,
    establish,
    firstWrite,
    must,
    type Outcome,
    residual,
    round,
    secondsToFirst,
    stopwatch,
    type Tell,
    up,
    writes,
} from "./story";
import { writesSince } from "./writes";

/** What the failover leaves besides its report. */
export interface FailoverOutcome extends Outcome {
    /** What the CLI said when the takeover was not acknowledged yet. */
    refusal: string;
}

/** How many writes the application makes before its site dies. */
const writesBefore = 50;

/**
 * Establish between two sites, kill the serving one, flip one value, serve at the other.
 *
 * @param project folder with the Pulumi.yaml whose stacks are used
 */
export async function failover(lab: Lab, project: string, tell: Tell): Promise<FailoverOutcome> {
    const { stages, timed, note } = stopwatch(tell);
    const { east, west } = await establish(lab, project, timed);
    const residualBefore = await timed("preview without changes", "both", () => residual([east, west]));

    await timed("the application writes", "east", () => writes(lab, "east", writesBefore));
    await lab.kill("east");
    const killed = new Date();
    tell("east is gone: its Kubernetes API, its array, its bucket and its writer answer no more");

    await west.configure("active", "west");
    const refused = await timed("preview without acknowledgement: refused", "west", () => west.preview());
    if (refused.ok) {
        throw new Error("A takeover without a token and without an acknowledgement was not refused");
    }
    await west.configure("takeover", "2");
    const preview = must(await timed("preview of the takeover", "west", () => west.preview()));
    const takeover = must(await timed("take over: pulumi up", "west", () => west.up()));
    const written = writesSince(lab.sites.west, takeover.started);
    const first = await firstWrite(lab, "west", killed);
    note({
        name: "from the death of east to the first write",
        site: "west",
        seconds: round((Date.parse(first.time) - killed.getTime()) / 1000),
    });
    await writes(lab, "west", 10);

    const secondUp = new Date();
    await timed("pulumi up once more", "west", () => up(west));
    const writesOfSecondUp = writesSince(lab.sites.west, secondUp).length;
    const residualAfter = await timed("preview without changes", "west", () => residual([west]));

    const measured = {
        scenario: "failover",
        laps: 1,
        stages,
        announcedLossSeconds: announcedLoss(preview.output) ?? 0,
        lostPlannedWrites: 0,
        previewCalls: announcedCalls(preview.output),
        executedCalls: written.map(({ call }) => call),
        writesOfSecondUp,
        residualChanges: residualBefore + residualAfter,
        secondsToFirstChange: secondsToFirst(takeover, written),
        ...(await accountOf(lab, first)),
    };
    const faults = faultsOf(measured);
    return { report: { ...measured, ok: faults.length === 0 }, faults, refusal: refused.output };
}
