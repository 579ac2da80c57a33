import { readFileSync } from "node:fs";
import path from "node:path";
import { Command, InvalidArgumentError } from "commander";
import { type Bench, type PeerTool, peerTools } from "./bench";
import { noGoal } from "./goals";
import { type LabMeasures, onLabs } from "./labRun";
import { latencies, type LatencyName } from "./latency";
import { machineOf, thisMachine } from "./machine";
import { array } from "./measures/array";
import { failover } from "./measures/failover";
import { load } from "./measures/load";
import { noChange } from "./measures/noChange";
import { switchOver } from "./measures/switch";
import { verbs } from "./measures/verbs";
import { type Kept, Report } from "./report";
import { failed } from "./rows";
import { lineOf, tableOf } from "./table";

type Measure = (bench: Bench) => Promise<void>;

/** In the order in which they are measured on each lab: what changes roles comes last. */
const onLab: LabMeasures = { "no-change": noChange, failover, switch: switchOver, verbs };
const before: Readonly<Record<string, Measure>> = { load };
/** What takes longest comes last. */
const after: Readonly<Record<string, Measure>> = { array };
const names = [before, onLab, after].flatMap((measures) => Object.keys(measures));

/** Of the tools that are compared. */
const nobody = "none";

interface CommandOptions {
    report: string;
    only?: string[];
    applications: number[];
    volumes: number;
    peerVolumes?: number;
    runs: number;
    latency: LatencyName[];
    peers: (PeerTool | typeof nobody)[];
    append: boolean;
    roles?: string;
}

const program = new Command("npm run bench --")
    .description("Measures this package and what others use in its place side by side, on one lab")
    .requiredOption("--report <file>", "where the report goes, as JSON; written anew with each row")
    .option("--append", "keep what the report has already; what is measured again takes its place", false)
    .option("--only <names>", `some of ${names.join(", ")}; separated by commas`, listOf(oneOf(names)))
    .option("--applications <n,…>", "numbers of applications", listOf(wholeNumber), [1, 10])
    .option("--volumes <n>", "how many volumes the clients of an array change", wholeNumber, 200)
    .option(
        "--peer-volumes <n>",
        "how many of them NetApp's own clients of an array change, one by one; ours beside them as well (default: all)",
        wholeNumber,
    )
    .option("--runs <n>", "how often each thing is done", wholeNumber, 5)
    .option("--latency <names>", `of the stand-ins: some of ${latencies.join(", ")}`, listOf(oneOf(latencies)), [
        ...latencies,
    ])
    .option(
        "--peers <names>",
        `some of ${peerTools.join(", ")}, which take long with many applications; ${nobody}: NetApp's roles alone`,
        listOf(oneOf([...peerTools, nobody])),
        [...peerTools],
    )
    .option("--roles <folder>", "a checkout of NetApp/netapp.trident_protect, whose roles are run unmodified")
    .action(run);

async function run({
    report: file,
    only = names,
    applications,
    runs,
    latency,
    peers,
    append,
    roles,
    volumes,
    peerVolumes = volumes,
}: CommandOptions): Promise<void> {
    const target = path.resolve(file);
    const kept = append ? (JSON.parse(readFileSync(target, "utf8")) as Kept) : undefined;
    const machine = kept?.machine === undefined ? thisMachine() : machineOf(kept.machine);
    const report = new Report(target, machine, (row) => console.log(lineOf(row)), kept);
    const bench: Bench = {
        options: {
            applications: [...new Set(applications)].sort((left, right) => left - right),
            volumes,
            peerVolumes,
            runs,
            latencies: latency,
            peers: peers.filter((peer) => peer !== nobody),
            roles: roles === undefined ? undefined : path.resolve(roles),
        },
        report,
        machine,
        log: console.log,
    };
    await inTurn(bench, chosen(before, only));
    await onLabs(bench, chosen(onLab, only));
    await inTurn(bench, chosen(after, only));
    console.log(`\n${tableOf(report.rows)}\n\nreport in ${file}`);
}

function chosen<T>(measures: Readonly<Record<string, T>>, only: readonly string[]): Record<string, T> {
    return Object.fromEntries(Object.entries(measures).filter(([name]) => only.includes(name)));
}

/** What fails leaves a row that says so, and the next one goes on. */
async function inTurn(bench: Bench, measures: Readonly<Record<string, Measure>>): Promise<void> {
    for (const [name, measure] of Object.entries(measures)) {
        console.log(`\n${name}`);
        try {
            await measure(bench);
        } catch (error) {
            const subject = { measure: name, size: 1, latency: "none", unit: "s", goal: noGoal } as const;
            bench.report.add(failed(subject, error));
        }
    }
}

function listOf<T>(one: (text: string) => T): (text: string) => T[] {
    return (text) => text.split(",").map((part) => one(part.trim()));
}

function oneOf<T extends string>(known: readonly T[]): (text: string) => T {
    return (text) => {
        const found = known.find((one) => one === text);
        if (found === undefined) {
            throw new InvalidArgumentError(`Expected one of ${known.join(", ")}, found "${text}"`);
        }
        return found;
    };
}

function wholeNumber(text: string): number {
    if (!/^[1-9][0-9]*$/.test(text)) {
        throw new InvalidArgumentError(`Expected a whole number from 1, found "${text}"`);
    }
    return Number(text);
}

program.parseAsync().catch((error: unknown) => {
    console.error(error instanceof Error ? error.message : error);
    process.exitCode = 1;
});
