import type { Lab, SiteName } from "../lab";
import { isWrite, type Call, type Point, pointsOf, sample } from "./kill/points";
import { recordedUp } from "./kill/recordedRun";
import { recordAt, Rounds } from "./kill/rounds";
import { verbs } from "./kill/verbs";
import { giveWay } from "./rejoin";
import type { ScenarioReport } from "./report";
import { ScenarioRun } from "./scenarioRun";
import type { Log, Outcome } from "./scenarioSteps";

/** The usual report of the last round, whose counts are those of all, and one for each round. */
export interface DiesInSwitchReport extends ScenarioReport {
    /** How often the site died. */
    points: number;
    /** Points that no run came by: the site died when the run had ended. */
    missed: string[];
    rounds: ({ at: string } & ScenarioReport)[];
}

/**
 * The site that hands over dies at each step of a switch that the two sites go through, `takeover` goes on from there at
 * the other one, and the dead site rejoins. One lab serves for all: each round begins where the last one led.
 *
 * @param project folder with the Pulumi.yaml whose stacks are used
 * @param count how many of the points; see `sample`. Default: all of them
 */
export async function diesInSwitch(
    lab: Lab,
    project: string,
    log: Log,
    count?: number,
): Promise<{ report: DiesInSwitchReport; faults: string[] }> {
    const scenario = await ScenarioRun.begin(lab, project, log);
    await scenario.writes("east", 20);
    const first = new Rounds(lab, verbs["switch"]!, scenario.stacks);
    const deaths = deathsIn(await first.learn(), count);
    log(`the site that hands over dies at ${deaths.length} points`);

    const rounds: DiesInSwitchReport["rounds"] = [];
    const missed: string[] = [];
    const faults: string[] = [];
    let last: ScenarioReport | undefined;
    let from = first.serving;
    for (const [index, point] of deaths.entries()) {
        const to = from === "east" ? "west" : "east";
        const at = describe(point);
        log(`${index + 1}/${deaths.length} ${from} dies ${at}`);
        if (!(await switchAndDie(scenario, from, to, point))) {
            missed.push(at);
        }
        await comeBack(scenario, from, to);
        const { report, faults: wrong } = await scenario.end("dies-in-switch", to, ["east", "west"], index + 1);
        rounds.push({ at, ...since(report, last) });
        faults.push(
            ...wrong.filter((one) => !faults.some((known) => known.endsWith(one))).map((one) => `${at}: ${one}`),
        );
        last = structuredClone(report);
        from = to;
    }
    return concluded(last, { missed, rounds, points: rounds.length }, faults);
}

/**
 * Where the site may die: before and after each write of the run with which it stands down, and of the one with which
 * the other site takes over. To the world it makes no difference at which read it is.
 *
 * @param runs the calls of each run of a switch
 */
export function deathsIn(runs: readonly (readonly Call[])[], count?: number): Point[] {
    const points = pointsOf(runs.slice(0, 2)).filter(({ call }) => isWrite(call));
    // What runs at the dead site ends with it; and what ends at the other one must not go on either.
    return (count === undefined ? points : sample(points, count)).map((point) => ({ ...point, what: "all" }));
}

/** Whether a death at this point comes before the final snapshot can have been asked for. */
export function isBeforePromotion({ call, stage, moment }: Point): boolean {
    return stage === 1 && moment === "before" && /^PATCH kubernetes \S*\/appmirrorrelationships\//.test(call);
}

/** Begins a switch, lets the site that hands over die in it, and serves at the other one. */
async function switchAndDie(scenario: ScenarioRun, from: SiteName, to: SiteName, point: Point): Promise<boolean> {
    const { epoch } = await recordAt(scenario.stacks[from]);
    await scenario.writes(from, 10);
    await scenario.configure("active", to);
    if (point.stage === 1) {
        await scenario.change("stand down", from);
    }
    const met = await cutOff(scenario, point.stage === 0 ? from : to, point);
    const died = await scenario.kill(from);
    if (isBeforePromotion(point)) {
        // Whoever tries again without leave orders a promotion at a snapshot that will not arrive any more.
        await cutOff(scenario, to, { ...point, moment: "after" });
    }
    await scenario.takeOverFromDead(from, to, epoch + 1);
    await scenario.served("from the death of the other site to the first write", to, died);
    return met;
}

/** The dead site is back. If its final snapshot is what the other one serves, it has nothing to give up. */
async function comeBack(scenario: ScenarioRun, returned: SiteName, serving: SiteName): Promise<void> {
    await scenario.writes(serving, 10);
    await scenario.revive(returned);
    const { began } = await recordAt(scenario.stacks[serving]);
    if (began === "token") {
        await scenario.change("rejoin", returned);
    } else {
        await giveWay(scenario, returned, serving);
    }
    await scenario.settle([serving]);
}

/** Cuts a run off at a point, and takes its lock away; false when it did not come by. */
async function cutOff({ lab, stacks, log }: ScenarioRun, site: SiteName, point: Point): Promise<boolean> {
    const { killed } = await recordedUp(lab, stacks[site], point);
    if (killed) {
        await stacks[site].must(["cancel", "--yes", "--stack", site]);
    }
    log(`pulumi up at ${site} ${killed ? "is cut off" : "does not come by"}`);
    return killed;
}

function describe({ stage, moment, call, occurrence }: Point): string {
    const run = verbs["switch"]!.runs[stage]!.name;
    return `in "${run}": ${moment} ${call}${occurrence === 1 ? "" : `, number ${occurrence}`}`;
}

/** What a round added: lists grow from round to round, counts are those of all rounds so far. */
function since(report: ScenarioReport, before: ScenarioReport | undefined): ScenarioReport {
    const added = <T>(list: readonly T[], known: readonly T[] = []): T[] => list.slice(known.length);
    return {
        ...report,
        stages: added(report.stages, before?.stages),
        previewCalls: added(report.previewCalls, before?.previewCalls),
        executedCalls: added(report.executedCalls, before?.executedCalls),
        unannounced: added(report.unannounced, before?.unannounced),
        notMade: added(report.notMade, before?.notMade),
    };
}

function concluded(
    last: Outcome["report"] | undefined,
    counted: Pick<DiesInSwitchReport, "points" | "missed" | "rounds">,
    faults: string[],
): { report: DiesInSwitchReport; faults: string[] } {
    if (last === undefined) {
        throw new Error("A switch without a single write: nothing to die at");
    }
    return { report: { ...last, ...counted, ok: faults.length === 0 }, faults };
}
