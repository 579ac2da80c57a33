import type { Lab, SiteName } from "../lab";
import { type Point, pointsOf, sample } from "./kill/points";
import { type Aftermath, Rounds } from "./kill/rounds";
import type { Verb } from "./kill/verb";
import { verbs } from "./kill/verbs";
import { readVolume } from "../writer/ledger";
import { type PermissionReport, permissionReport } from "./permissions";
import { accountOf, entries, establish, residual, type Log, up, writes } from "./scenarioSteps";

export interface KillOptions {
    /** Name of one of the verbs. */
    verb: string;
    /** The points to try, or how many of those that a first round shows: see `sample`. Default: all of them. */
    points?: number | readonly Point[];
}

/** What became of all the killed runs. Every number is counted: by the servers' logs, the ledger, the runs themselves. */
export interface KillReport {
    scenario: "kill";
    verb: string;
    /** Kills that were carried out. */
    points: number;
    /** After how many of them both sites reached their roles, and the application wrote again. */
    converged: number;
    /** Destructive calls that the servers carried out again within one change of roles. */
    duplicateDestructiveCalls: number;
    /** What had to be typed besides one `pulumi up` for each run and the `pulumi cancel` that the CLI asks for. */
    manualSteps: number;
    /** All that were lost, those included that a site gave up by leave. */
    lostWrites: number;
    /** Of them, those that no site announced as given up. */
    lostPlannedWrites: number;
    /** Seconds in which two sites wrote and no override allowed it. */
    twoWriterSeconds: number;
    acknowledgedWrites: number;
    /** Resources that a preview would have changed, of all previews in between and at the end. */
    residualChanges: number;
    /** Points that no run came by; they are in none of the counts. */
    missed: string[];
    /** The roles that `trident-dr-rbac` generates, against the audit logs of both API servers. */
    permissions: PermissionReport;
    kills: ({ at: string; killed: Point["what"] } & Aftermath)[];
    ok: boolean;
}

/** Rounds between two looks whether a preview finds something left to do. */
const roundsBetweenPreviews = 6;

/**
 * Kills the runs of a verb at one external call after the other, and goes on with `pulumi up` each time. One lab serves
 * for all: each round begins where the last one left the application.
 *
 * @param project folder with the Pulumi.yaml whose stacks are used
 */
export async function kill(
    lab: Lab,
    project: string,
    log: Log,
    options: KillOptions,
): Promise<{ report: KillReport; faults: string[] }> {
    const verb = verbs[options.verb];
    if (verb === undefined) {
        throw new Error(`Expected one of ${Object.keys(verbs).join(", ")} as --verb, found "${options.verb}"`);
    }
    const rounds = new Rounds(lab, verb, await establish(lab, project));
    await writes(lab, "east", 10);
    const points = await pointsFor(rounds, options, log);
    const kills: KillReport["kills"] = [];
    const missed: string[] = [];
    let residualChanges = 0;
    for (const [index, point] of points.entries()) {
        const at = describe(verb, point);
        const aftermath = await rounds.kill(point);
        log(`${index + 1}/${points.length} ${at}; killed: ${point.what}: ${summary(aftermath)}`);
        if (aftermath === undefined) {
            missed.push(at);
        } else {
            kills.push({ at, killed: point.what, ...aftermath });
        }
        if (aftermath?.stuck) {
            break;
        }
        if (index === points.length - 1 || (index + 1) % roundsBetweenPreviews === 0) {
            residualChanges += await leftToDo(rounds);
        }
    }
    return conclude(lab, rounds, { scenario: "kill", verb: options.verb, residualChanges, missed, kills });
}

async function pointsFor(rounds: Rounds, { verb, points }: KillOptions, log: Log): Promise<readonly Point[]> {
    if (typeof points === "object") {
        return points;
    }
    const learned = await rounds.learn();
    const all = pointsOf(learned);
    const chosen = points === undefined ? all : sample(all, points);
    log(`${verb}: ${learned.flat().length} calls, ${all.length} points to be killed at; ${chosen.length} of them now`);
    return chosen;
}

/** Where a point is, in words: `take over: after PATCH kubernetes /apis/…/shop, the 2nd`. */
function describe(verb: Verb, { stage, moment, call, occurrence }: Point): string {
    return `${verb.runs[stage]!.name}: ${moment} ${call}${occurrence === 1 ? "" : `, number ${occurrence}`}`;
}

function summary(aftermath: Aftermath | undefined): string {
    if (aftermath === undefined) {
        return "no run came by";
    }
    const { converged, faults, seconds } = aftermath;
    return `${converged ? "converged" : "not converged"} after ${seconds} s${faults.map((fault) => `; ${fault}`).join("")}`;
}

/** What a preview at both sites would change, once each knows what the other has done. */
async function leftToDo({ stacks, serving }: Rounds): Promise<number> {
    await up(stacks[serving]);
    return residual([stacks.east, stacks.west]);
}

async function conclude(
    lab: Lab,
    { allowedLosses, stacks }: Rounds,
    counts: Pick<KillReport, "scenario" | "verb" | "residualChanges" | "missed" | "kills">,
): Promise<{ report: KillReport; faults: string[] }> {
    const { kills } = counts;
    const sum = (count: (kill: Aftermath) => number): number => kills.reduce((total, kill) => total + count(kill), 0);
    const last = entries(lab).at(-1)!;
    const { lostWrites, lostPlannedWrites, twoWriterSeconds, acknowledgedWrites } = await accountOf(
        lab,
        () => readVolume(lab.sites[last.site as SiteName], last.volume, last.file),
        allowedLosses.map(({ givenUp }) => givenUp),
        allowedLosses.map(({ overridden }) => overridden),
    );
    const measured = {
        ...counts,
        points: kills.length,
        converged: sum(({ converged }) => (converged ? 1 : 0)),
        duplicateDestructiveCalls: sum((kill) => kill.duplicateDestructiveCalls),
        manualSteps: sum((kill) => kill.manualSteps),
        lostWrites,
        lostPlannedWrites,
        twoWriterSeconds,
        acknowledgedWrites,
        permissions: permissionReport(
            Object.values(stacks).map(({ file, site }) => ({
                stackFile: file,
                auditLog: lab.sites[site].kubernetes.auditLog,
            })),
        ),
    };
    const faults = faultsOf(measured);
    return { report: { ...measured, ok: faults.length === 0 }, faults };
}

function faultsOf(report: Omit<KillReport, "ok">): string[] {
    const faults: [boolean, string][] = [
        [report.points === 0, "nothing was killed"],
        [report.manualSteps > 0, `${report.manualSteps} things had to be done by hand`],
        [report.lostPlannedWrites > 0, `${report.lostPlannedWrites} writes were lost in planned changes`],
        [report.twoWriterSeconds > 0, `two sites wrote at once for ${report.twoWriterSeconds} s`],
        [
            report.permissions.missing.length > 0,
            `the generated roles do not allow: ${report.permissions.missing.join("; ")}`,
        ],
        [report.residualChanges > 0, `previews would have changed ${report.residualChanges} resources`],
    ];
    return [
        ...report.kills.flatMap(({ at, killed, faults: wrong }) => wrong.map((one) => `${at} (${killed}): ${one}`)),
        ...faults.filter(([wrong]) => wrong).map(([, sentence]) => sentence),
    ];
}
