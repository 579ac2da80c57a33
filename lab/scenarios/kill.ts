import { z } from "zod";
import type { Lab, SiteName } from "../lab";
import type { Stack } from "../pulumi";
import { duplicates } from "./kill/destructive";
import { type Point, pointsOf, sample } from "./kill/points";
import { type Round, type Verb, verbs } from "./kill/verbs";
import { upWatched } from "./kill/watched";
import { accountOf, establish, firstWrite, must, residual, round as rounded, type Tell, up, writes } from "./story";
import { writesSince } from "./writes";

export interface KillOptions {
    /** One of {@link verbs}. */
    verb: string;
    /** How many points are tried, evenly spread. Default: all that there are. */
    points?: number;
}

/** What became of all the killed runs. Every number is counted, by the servers' logs, the ledger, or the runs themselves. */
export interface KillReport {
    scenario: "kill";
    verb: string;
    /** Kills that were carried out. */
    points: number;
    /** Of those, after how many both sites reached their roles. */
    converged: number;
    /** Destructive calls that were carried out again within one change of roles. */
    duplicateDestructiveCalls: number;
    /** What had to be typed besides `pulumi up`, once, and the `pulumi cancel` that the CLI asks for. */
    manualSteps: number;
    lostPlannedWrites: number;
    twoWriterSeconds: number;
    acknowledgedWrites: number;
    /** Points that no run came by: not counted above. */
    missed: string[];
    kills: Kill[];
    ok: boolean;
}

interface Kill {
    at: string;
    killed: Point["what"];
    /** How often the CLI asked for `pulumi cancel`. */
    cancels: number;
    seconds: number;
    faults: string[];
}

/** Rounds between two looks whether a preview finds something left to do. */
const roundsBetweenPreviews = 6;

/**
 * Kills the runs of a verb at one external call after the other, and goes on with `pulumi up` each time. One lab serves
 * for all: the rounds lead from east to west and back by turns.
 *
 * @param project folder with the Pulumi.yaml whose stacks are used
 */
export async function kill(
    lab: Lab,
    project: string,
    tell: Tell,
    options: KillOptions,
): Promise<{ report: KillReport; faults: string[] }> {
    const verb = verbs[options.verb];
    if (verb === undefined) {
        throw new Error(`Expected one of ${Object.keys(verbs).join(", ")} as --verb, found "${options.verb}"`);
    }
    const stacks = await establish(lab, project);
    await writes(lab, "east", 10);
    const directions = turns(stacks);
    const learned = await learn(lab, verb, directions.next());
    const all = pointsOf(learned);
    const points = options.points === undefined ? all : sample(all, options.points);
    tell(`${all.length} points in ${learned.flat().length} calls of ${options.verb}; ${points.length} are tried`);

    const kills: Kill[] = [];
    const missed: string[] = [];
    for (const [index, point] of points.entries()) {
        const outcome = await tryPoint(lab, verb, directions.next(), point);
        const at = describe(verb, point);
        if (outcome === undefined) {
            missed.push(at);
        } else {
            kills.push({ at, killed: point.what, ...outcome });
        }
        const faults = outcome?.faults ?? [];
        tell(`${index + 1}/${points.length} ${at}, ${point.what} killed: ${said(outcome)}`);
        const last = index === points.length - 1;
        if (last || (index + 1) % roundsBetweenPreviews === 0) {
            faults.push(...(await leftToDo(stacks)));
        }
    }
    return conclude(lab, options.verb, directions.servingNow(), kills, missed);
}

interface Directions {
    next(): Round;
    servingNow(): SiteName;
}

function turns(stacks: Record<SiteName, Stack>): Directions {
    let serving: SiteName = "east";
    return {
        next: () => {
            const from = serving;
            serving = from === "east" ? "west" : "east";
            return { stacks, from, to: serving };
        },
        servingNow: () => serving,
    };
}

/** The calls of each run of the verb, with nothing killed. */
async function learn(lab: Lab, verb: Verb, round: Round) {
    await verb.prepare(round);
    const runs = [];
    for (const { at } of verb.runs) {
        const { result, calls } = await upWatched(lab, round.stacks[round[at]]);
        must(result);
        runs.push(calls);
    }
    return runs;
}

/** One round in which a run is killed; undefined when no run came by the point. */
async function tryPoint(
    lab: Lab,
    verb: Verb,
    round: Round,
    point: Point,
): Promise<Omit<Kill, "at" | "killed"> & { manualSteps: number } | undefined> {
    const began = new Date();
    await verb.prepare(round);
    let met = false;
    let cancels = 0;
    let manualSteps = 0;
    for (const [stage, { at }] of verb.runs.entries()) {
        const stack = round.stacks[round[at]];
        if (stage !== point.stage) {
            await up(stack);
            continue;
        }
        met = (await upWatched(lab, stack, point)).killed;
        const finished = await finish(stack);
        cancels += finished.cancels;
        manualSteps += finished.manualSteps;
    }
    if (!met) {
        return undefined;
    }
    const faults = await faultsOf(lab, verb, round, began);
    return { cancels, manualSteps, seconds: rounded((Date.now() - began.getTime()) / 1000), faults };
}
