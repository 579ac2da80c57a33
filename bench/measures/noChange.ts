import path from "node:path";
import { countConnections, countRequests, type Requests } from "../../cli/trace/requests";
import type { SiteName } from "../../lab/lab";
import { type CliResult, type Stack } from "../../lab/pulumi";
import { expectOk, residual } from "../../lab/scenarios/scenarioSteps";
import { writesSince } from "../../lab/scenarios/writes";
import { connectedIn } from "../connections";
import { atLeast, atMost, atMostOverForEach, type Goal, noGoal } from "../goals";
import { growthRow } from "../growth";
import { quiet, untilQuiet, watchIdle } from "../idle";
import type { LabRun } from "../labRun";
import { withUsage } from "../ours/usage";
import { rowOf, type Subject, type Unit } from "../rows";

/** What a run costs that has nothing to do: time over an empty program's, requests, connections, memory, processor time. */
export async function noChange(run: LabRun): Promise<void> {
    const { ours } = run;
    const changes = await residual(Object.values(ours.stacks));
    if (changes > 0) {
        throw new Error(`Expected a run without changes, and ${changes} resources would change`);
    }
    await quietness(run);
    for (const site of [ours.serving, ours.standby]) {
        for (const kind of ["preview", "up --skip-preview"] as const) {
            await times(run, site, kind);
        }
        await costs(run, site);
    }
}

/** How much of the machine the lab itself leaves free, before the first command. */
async function quietness({ bench, size, latency }: LabRun): Promise<void> {
    const share = await untilQuiet(bench.log);
    const subject: Subject = {
        measure: "no-change: idle share of the machine before the first command",
        size,
        latency,
        unit: "%",
        goal: atLeast(quiet * 100, "%"),
    };
    bench.report.add(rowOf(subject, [share * 100], { idle: share }));
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
    const measure = `${kind} without changes, ${roleOf(ours, site)}`;
    const subject: Subject = { measure, size, latency, unit: "ms", goal: atMostOverForEach(40, "ms", size) };
    const row = rowOf(subject, own, { peer: { name: "empty program", values: theirs }, idle: idle() });
    bench.report.add(row, ...growthRow(row, bench.report.rows, atMost(40, "ms")));
}

/** Counted in a run of its own: a trace takes time itself. */
async function costs({ bench, lab, ours, size, latency }: LabRun, site: SiteName): Promise<void> {
    const idle = watchIdle();
    const file = path.join(lab.folder, `no-change-${site}.json`);
    const stack = ours.stacks[site].with({ TRIDENT_DR_TRACE: file });
    const { result, usage } = await withUsage(() => stack.upAtOnce());
    const { started } = expectOk(result);
    const written = Object.values(lab.sites).flatMap((one) => writesSince(one, started)).length;
    const share = idle();
    const what = `up --skip-preview without changes, ${roleOf(ours, site)}`;
    const row = (measure: string, unit: Unit, value: number, goal: Goal = noGoal) =>
        rowOf({ measure: `${measure} in ${what}`, size, latency, unit, goal }, [value], { idle: share });
    const requests = countRequests(file);
    const all = row(
        "requests",
        "requests",
        requests.reduce((sum, { count }) => sum + count, 0),
    );
    const processorRows = Object.entries({
        "the CLI": usage.cli,
        "the program": usage.program,
        "the provider": usage.provider,
    }).flatMap(([whose, { processor }]) => {
        const own = row(`processor time of ${whose}`, "s", processor);
        return [own, ...growthRow(own, bench.report.rows, noGoal)];
    });
    bench.report.add(
        all,
        // Two for each application and each question of the engine, which asks for a check and a diff.
        ...growthRow(all, bench.report.rows, atMost(4, "requests")),
        row("writes", "requests", written, atMost(0, "requests")),
        ...requests.map((one) => row(described(one), "requests", one.count)),
        ...connectedIn(countConnections(file), Object.values(lab.sites)).map(({ what: server, count, goal }) =>
            row(`connections to ${server}`, "connections", count, goal),
        ),
        row("memory of the provider", "MB", usage.provider.memory, atMost(200, "MB")),
        row("memory of the program", "MB", usage.program.memory, atMost(350, "MB")),
        ...processorRows,
    );
}

/** Without the server's address: it is another one on each lab. */
function described({ target, site, server, verb }: Requests): string {
    return `${verb} of ${target} ${site || server}`;
}

function roleOf(ours: LabRun["ours"], site: SiteName): string {
    return site === ours.serving ? "serving site" : "standby site";
}
