import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { mirrorVolumes } from "../array/mirrors";
import { type ArrayFacts, SimulatedArray } from "../array/simulators";
import { type Turn, turnsOf } from "../array/turns";
import type { Bench } from "../bench";
import { Comparison } from "../comparison";
import { noGoal } from "../goals";
import { watchIdle } from "../idle";
import { type LatencyName, speeds } from "../latency";
import {
    type ArrayPeer,
    arrayPeers,
    type ArrayTask,
    type Durations,
    durationsIn,
    operations,
} from "../peers/arrayClients";
import { command } from "../../lab/ansible/command";
import { Python } from "../../lab/ansible/python";

const ours = path.join(__dirname, "..", "array", "ours.ts");

/** Mirrors of many volumes are broken, resynchronised and turned round, by our client of the array and by NetApp's. */
export async function array(bench: Bench): Promise<void> {
    const { options, machine, log } = bench;
    const python = await Python.ensure(log);
    const versions = await python.versions("netapp_ontap", "ansible", "ansible-core");
    Object.assign(machine.versions, versions, await python.collections("netapp.ontap"));
    // With an array's own latencies, hundreds of volumes one by one would take the day.
    for (const latency of options.latencies.filter((name) => name !== "realistic")) {
        for (const turn of turnsOf(options.volumes, options.peerVolumes)) {
            await onArrays(bench, latency, turn, python);
        }
    }
}

async function onArrays(bench: Bench, latency: LatencyName, turn: Turn, python: Python): Promise<void> {
    const folder = await mkdtemp(path.join(tmpdir(), "trident-dr-bench-"));
    const arrays: SimulatedArray[] = [];
    try {
        for (const site of ["east", "west"]) {
            arrays.push(await SimulatedArray.start(folder, site, speeds[latency]));
        }
        const [source, destination] = arrays.map(({ facts }) => facts) as [ArrayFacts, ArrayFacts];
        const volumes = Array.from({ length: turn.volumes }, (_, index) => `volume_${index + 1}`);
        bench.log(`making and mirroring ${volumes.length} volumes …`);
        await mirrorVolumes(source, destination, volumes);
        const peers = turn.withPeers ? arrayPeers(python, path.join(folder, "ansible")) : [];
        await compare(bench, latency, { source, destination, volumes }, peers, path.join(folder, "task.json"));
    } finally {
        await Promise.all(arrays.map((one) => one.stop()));
        await rm(folder, { recursive: true, force: true });
    }
}

/** Each turns the mirrors round, and the next one begins from there. NetApp's take so long that they are run once. */
async function compare(
    { options, report, log }: Bench,
    latency: LatencyName,
    mirrors: ArrayTask,
    peers: readonly ArrayPeer[],
    file: string,
): Promise<void> {
    const figures = { break: new Comparison(), resync: new Comparison(), reverse: new Comparison() };
    const size = mirrors.volumes.length;
    let task = mirrors;
    const next = async (name: string, change: (task: ArrayTask) => Promise<Durations>) => {
        await writeFile(file, JSON.stringify(task), { mode: 0o600 });
        const seconds = await change(task);
        log(`array: ${size} volumes: ${name} ${JSON.stringify(seconds)}`);
        task = { ...task, source: task.destination, destination: task.source };
        return seconds;
    };
    for (let run = 1; run <= options.runs; run++) {
        const idle = watchIdle();
        const own = await next("ours", async () =>
            durationsIn(await command([process.execPath, "--import", "tsx", ours, file])),
        );
        const theirs = new Map<string, Durations>();
        for (const { name, run: change } of run === 1 ? peers : []) {
            theirs.set(name, await next(name, (task) => change(task, file)));
        }
        const share = idle();
        for (const operation of operations) {
            const values = [...theirs].map(([name, seconds]) => [name, seconds[operation]] as const);
            figures[operation].add(own[operation], Object.fromEntries(values), share);
            const subject = { measure: `array: ${operation}`, size, latency, unit: "s" as const };
            const goalOf = (name: string) => peers.find((peer) => peer.name === name)?.goal ?? noGoal;
            report.put(...figures[operation].rows(subject, goalOf));
        }
    }
}
