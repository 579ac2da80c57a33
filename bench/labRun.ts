import { bringUp, type Lab } from "../lab/lab";
import type { Stack } from "../lab/pulumi";
import type { Bench } from "./bench";
import { noGoal } from "./goals";
import { calendarSpeed, type LatencyName, rule, sizesAt, speeds } from "./latency";
import { emptyProgram } from "./ours/emptyProgram";
import { OurStacks } from "./ours/stacks";
import { failed } from "./rows";

/** A lab on which so many applications of ours are established, and all that is measured there. */
export interface LabRun {
    bench: Bench;
    lab: Lab;
    latency: LatencyName;
    /** How many applications. */
    size: number;
    ours: OurStacks;
    /** A stack without resources. */
    empty: Stack;
}

/** What is measured on a lab, by the name by which it is chosen. */
export type LabMeasures = Readonly<Record<string, (run: LabRun) => Promise<void>>>;

/**
 * Measures on one lab for each latency and number of applications: everything that is compared stands on the same one.
 * What fails leaves a row that says so, and the lab behind; the next one goes on.
 */
export async function onLabs(bench: Bench, measures: LabMeasures): Promise<void> {
    const { latencies, applications } = bench.options;
    for (const latency of latencies) {
        for (const size of sizesAt(latency, applications)) {
            await onLab(bench, latency, size, measures);
        }
    }
}

async function onLab(bench: Bench, latency: LatencyName, size: number, measures: LabMeasures): Promise<void> {
    const { log, report } = bench;
    const left = Object.keys(measures);
    if (left.length === 0) {
        return;
    }
    log(`\nlatency ${latency}, ${size} applications`);
    let lab: Lab | undefined;
    try {
        lab = await bringUp({ onProgress: log, speed: speeds[latency], calendarSpeed });
        const names = Array.from({ length: size }, (_, index) => `ours${index + 1}`);
        const ours = await OurStacks.establish(lab, names, rule);
        const run: LabRun = { bench, lab, latency, size, ours, empty: await emptyProgram(lab) };
        while (left.length > 0) {
            log(`\n${left[0]!}, latency ${latency}, ${size} applications`);
            await measures[left[0]!]!(run);
            left.shift();
        }
    } catch (error) {
        log(error instanceof Error ? error.message : String(error));
        report.add(...left.map((measure) => failed({ measure, size, latency, unit: "s", goal: noGoal }, error)));
    } finally {
        await lab?.down();
    }
}
