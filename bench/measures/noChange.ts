import path from "node:path";
import { countRequests, type Requests } from "../../cli/trace/requests";
import type { SiteName } from "../../lab/lab";
import { type CliResult, type Stack } from "../../lab/pulumi";
import { expectOk, residual } from "../../lab/scenarios/scenarioSteps";
import { writesSince } from "../../lab/scenarios/writes";
import { atMost, atMostOverForEach, noGoal } from "../goals";
import { watchIdle } from "../idle";
import type { LabRun } from "../labRun";
import { withPeaks } from "../ours/memory";
import { rowOf, type Subject } from "../rows";

/** What a run costs that has nothing to do: time over an empty program's, requests, memory. */
export async function noChange(run: LabRun): Promise<void> {
    const { ours } = run;
    const changes = await residual(Object.values(ours.stacks));
    if (changes > 0) {
        throw new Error(`Expected a run without changes, and ${changes} resources would change`);
    }
    for (const site of [ours.serving, ours.standby]) {
        for (const kind of ["preview", "up --skip-preview"] as const) {
            await times(run, site, kind);
        }
        await costs(run, site);
    }
}

const commands: Readonly<Record<string, (stack: Stack) => Promise<CliResult>>> = {
    preview: (stack) => stack.preview(),
    "up --skip-preview": (stack) => stack.upAtOnce(),
};

/** One after the other in turn: whatever else the machine does strikes both. */
async function times({ bench, ours, empty, size, latency }: LabRun, site: SiteName, kind: string): Promise<void> {
    const idle = watchIdle();
    const [own, theirs]: [number[], number[]] = [[], []];
    for (let turn = 1; turn <= bench.options.runs; turn++) {
        theirs.push(expectOk(await commands[kind]!(empty)).seconds * 1000);
        own.push(expectOk(await commands[kind]!(ours.stacks[site])).seconds * 1000);
        bench.log(`${kind} at ${site}: ${own.at(-1)} ms, empty ${theirs.at(-1)} ms`);
    }
    const goal = atMostOverForEach(40, "ms", size);
    const subject: Subject = {
        measure: `${kind} without changes, ${roleOf(ours, site)}`,
        size,
        latency,
        unit: "ms",
        goal,
    };
    bench.report.add(rowOf(subject, own, { peer: { name: "empty program", values: theirs }, idle: idle() }));
}

/** Counted in a run of its own: a trace takes time itself. */
async function costs({ bench, lab, ours, size, latency }: LabRun, site: SiteName): Promise<void> {
    const idle = watchIdle();
    const file = path.join(lab.folder, `no-change-${site}.json`);
    const stack = ours.stacks[site].with({ TRIDENT_DR_TRACE: file });
    const { result, peaks } = await withPeaks(() => stack.upAtOnce());
    const { started } = expectOk(result);
    const written = Object.values(lab.sites).flatMap((one) => writesSince(one, started)).length;
    const about = { size, latency };
    const measured = { idle: idle() };
    const what = `up --skip-preview without changes, ${roleOf(ours, site)}`;
    bench.report.add(
        rowOf(
            { measure: `writes in ${what}`, ...about, unit: "requests", goal: atMost(0, "requests") },
            [written],
            measured,
        ),
        ...countRequests(file).map((requests) =>
            rowOf(
                { measure: `${described(requests)} in ${what}`, ...about, unit: "requests", goal: noGoal },
                [requests.count],
                measured,
            ),
        ),
        rowOf(
            { measure: `memory of the provider in ${what}`, ...about, unit: "MB", goal: atMost(200, "MB") },
            [peaks.provider],
            measured,
        ),
        rowOf(
            { measure: `memory of the program in ${what}`, ...about, unit: "MB", goal: atMost(350, "MB") },
            [peaks.program],
            measured,
        ),
    );
}

/** Without the server's address: it is another one on each lab. */
function described({ target, site, server, verb }: Requests): string {
    return `${verb} of ${target} ${site || server}`;
}

function roleOf(ours: LabRun["ours"], site: SiteName): string {
    return site === ours.serving ? "serving site" : "standby site";
}
