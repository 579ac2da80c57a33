import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { z } from "zod";
import { mirrorVolumes } from "../array/mirrors";
import { type ArrayFacts, SimulatedArray } from "../array/simulators";
import type { Bench } from "../bench";
import { Comparison } from "../comparison";
import { timesLess } from "../goals";
import { watchIdle } from "../idle";
import { type LatencyName, speeds } from "../latency";
import { command, type Commanded } from "../peers/command";
import { Python } from "../peers/python";

const ours = path.join(__dirname, "..", "array", "ours.ts");
const peer = "netapp-ontap, one by one";
const operations = ["break", "resync", "reverse"] as const;

/** Mirrors of many volumes are broken, resynchronised and turned round, by our client of the array and by NetApp's. */
export async function array(bench: Bench): Promise<void> {
    const python = await Python.ensure(bench.log);
    Object.assign(bench.machine.versions, await python.versions("netapp_ontap"));
    // With an array's own latencies, hundreds of volumes one by one would take the day.
    for (const latency of bench.options.latencies.filter((name) => name !== "realistic")) {
        await onArrays(bench, latency, (source, destination) => compare(bench, python, latency, source, destination));
    }
}

async function onArrays(
    { log, options }: Bench,
    latency: LatencyName,
    work: (source: ArrayFacts, destination: ArrayFacts) => Promise<void>,
): Promise<void> {
    const folder = await mkdtemp(path.join(tmpdir(), "trident-dr-bench-"));
    const arrays: SimulatedArray[] = [];
    try {
        for (const site of ["east", "west"]) {
            arrays.push(await SimulatedArray.start(folder, site, speeds[latency]));
        }
        const [source, destination] = arrays.map(({ facts }) => facts) as [ArrayFacts, ArrayFacts];
        log(`making and mirroring ${options.volumes} volumes …`);
        await mirrorVolumes(source, destination, volumeNames(options.volumes));
        await work(source, destination);
    } finally {
        await Promise.all(arrays.map((one) => one.stop()));
        await rm(folder, { recursive: true, force: true });
    }
}

/** Each turns the mirrors round, and the next one begins from there. NetApp's takes so long that it is run once. */
async function compare(
    { options, report, log }: Bench,
    python: Python,
    latency: LatencyName,
    source: ArrayFacts,
    destination: ArrayFacts,
): Promise<void> {
    const figures = { break: new Comparison(), resync: new Comparison(), reverse: new Comparison() };
    const file = path.join(path.dirname(path.dirname(source.certificateFile)), "task.json");
    let [from, to] = [source, destination];
    const next = async (run: () => Promise<Commanded>) => {
        const task = { source: from, destination: to, volumes: volumeNames(options.volumes) };
        await writeFile(file, JSON.stringify(task), { mode: 0o600 });
        [from, to] = [to, from];
        return secondsIn(await run());
    };
    for (let run = 1; run <= options.runs; run++) {
        const idle = watchIdle();
        const own = await next(() => command([process.execPath, "--import", "tsx", ours, file]));
        const theirs = run > 1 ? undefined : await next(() => python.script("volumes.py", [file]));
        const share = idle();
        log(`array: run ${run}: ours ${JSON.stringify(own)}, ${peer} ${JSON.stringify(theirs ?? "not again")}`);
        for (const operation of operations) {
            figures[operation].add(own[operation], peer, theirs?.[operation], share);
            const subject = { measure: `array: ${operation}`, size: options.volumes, latency, unit: "s" as const };
            report.put(...figures[operation].rows(subject, () => timesLess(3)));
        }
    }
}

const seconds = z.object({ break: z.number(), resync: z.number(), reverse: z.number() });

function secondsIn({ ok, output }: Commanded): z.infer<typeof seconds> {
    if (!ok) {
        throw new Error(`A client of the arrays failed:\n${output.slice(-3000)}`);
    }
    return seconds.parse(JSON.parse(output.trim().split("\n").at(-1)!));
}

function volumeNames(count: number): string[] {
    return Array.from({ length: count }, (_, index) => `volume_${index + 1}`);
}
