import { randomBytes } from "node:crypto";
import path from "node:path";
import { countRequests, type Requests } from "../../cli/trace/requests";
import { spansIn } from "../../cli/trace/spans";
import { runsOf } from "../../cli/trace/stages";
import { stageTable } from "../../cli/trace/table";
import type { CliResult } from "../../lab/pulumi";
import { expectOk } from "../../lab/scenarios/scenarioSteps";
import { writesSince } from "../../lab/scenarios/writes";
import { atMost, type Goal, noGoal } from "../goals";
import { growthRow } from "../growth";
import type { LabRun } from "../labRun";
import { leastWrites, type Verb } from "../minimum";
import { type Row, rowOf, type Unit } from "../rows";

/**
 * What each verb asks of the servers of both sites, in all of its runs together. Counted, not timed: a trace takes time
 * itself.
 */
export async function verbs(run: LabRun): Promise<void> {
    await counted(run, "failover", (environment) => failOver(run, environment));
    await run.lab.revive(run.ours.standby);
    await counted(run, "rejoin", (environment) => rejoin(run, environment));
    await counted(run, "switch", (environment) => change(run, environment));
}

/** Variables with which the runs are made: they make them write a trace. */
type Environment = Readonly<Record<string, string>>;

async function failOver({ lab, ours }: LabRun, environment: Environment): Promise<CliResult[]> {
    const [from, to] = [ours.serving, ours.standby];
    await ours.configure("active", to, [to]);
    await ours.configure("takeover", String(ours.epoch + 1), [to]);
    await lab.kill(from);
    const result = expectOk(await ours.stacks[to].with(environment).upAtOnce());
    ours.served(to);
    return [result];
}

async function rejoin({ ours }: LabRun, environment: Environment): Promise<CliResult[]> {
    await ours.configure("active", ours.serving, [ours.standby]);
    return (await ours.settle(ours.standby, environment)).runs;
}

async function change({ ours }: LabRun, environment: Environment): Promise<CliResult[]> {
    const [from, to] = [ours.serving, ours.standby];
    await ours.configure("active", to);
    const stoodDown = expectOk(await ours.stacks[from].with(environment).upAtOnce());
    const took = expectOk(await ours.stacks[to].with(environment).upAtOnce());
    const { runs } = await ours.settle(from, environment);
    ours.served(to);
    return [stoodDown, took, ...runs];
}

async function counted(
    { bench, lab, size, latency }: LabRun,
    verb: Verb,
    run: (environment: Environment) => Promise<CliResult[]>,
): Promise<void> {
    const file = path.join(lab.folder, `${verb}.json`);
    const whole = path.join(lab.folder, `${verb}-whole.json`);
    const began = new Date();
    const runs = await run({ TRIDENT_DR_TRACE: file, ...tracedAsAWhole(whole) });
    const [first] = runsOf(spansIn(whole));
    if (runs.length === 1 && first !== undefined) {
        const what = `${verb} by pulumi up --skip-preview`;
        bench.report.keep({ what, size, latency, lines: stageTable(first).map((line) => line.trimEnd()) });
    }
    const writes = Object.values(lab.sites).flatMap((site) => writesSince(site, began));
    bench.log(`writes in ${verb}:\n${writes.map(({ site, call }) => `  ${site}: ${call}`).join("\n")}`);
    const requests = countRequests(file);
    const row = (what: string, value: number, goal: Goal = noGoal, unit: Unit = "requests"): Row =>
        rowOf({ measure: `${what} in ${verb}`, size, latency, unit, goal }, [value]);
    const all = row(
        "requests",
        requests.reduce((sum, { count }) => sum + count, 0),
    );
    bench.report.add(
        row("runs of pulumi up", runs.length, noGoal, "runs"),
        all,
        ...growthRow(all, bench.report.rows, noGoal),
        row("writes", writes.length, atMost(leastWrites(verb, size), "requests")),
        ...byServer(requests).map(([what, count]) => row(what, count)),
    );
}

/** The CLI's own trace, with what the program and the provider add; it replaces the file with each run. */
function tracedAsAWhole(file: string): Environment {
    return {
        PULUMI_OPTION_OTEL_TRACES: `file://${file}`,
        TRACEPARENT: `00-${randomBytes(16).toString("hex")}-${randomBytes(8).toString("hex")}-01`,
    };
}

/** By kind of server and verb, at both sites together. */
function byServer(requests: readonly Requests[]): [string, number][] {
    const counts = new Map<string, number>();
    for (const { target, verb, count } of requests) {
        const what = `${verb} of ${target}`;
        counts.set(what, (counts.get(what) ?? 0) + count);
    }
    return [...counts].sort(([left], [right]) => (left < right ? -1 : 1));
}
