import type { Lab } from "../lab";
import { VolumeWriters } from "../writer/volumeWriter";
import { faultsOf } from "./report";
import { ScenarioRun } from "./scenarioRun";
import type { Log, Outcome } from "./scenarioSteps";
import { handOver } from "./switch";
import { leftOver, workload } from "./volumes";

/** Established, handed over. */
const lastEpoch = 2;

/**
 * A group of so many volumes is established and handed over once. Their names are as long as those that Trident gives, so
 * that no request line holds all of them. A few are written to, from both sites: more writers would load nothing but this
 * machine.
 *
 * @param project folder with the Pulumi.yaml whose stacks are used
 */
export async function threeHundred(lab: Lab, project: string, log: Log, count = 300): Promise<Outcome> {
    const volumes = Array.from({ length: count }, (_, index) => `archive_${String(index + 1).padStart(43, "0")}`);
    const written = [volumes.at(0)!, volumes.at(Math.floor(count / 2))!, volumes.at(-1)!];
    const writers = new VolumeWriters(Object.values(lab.sites), [...new Set(written)]);
    try {
        const scenario = await ScenarioRun.begin(lab, project, log, workload(writers, volumes));
        await scenario.writes("east", 20);
        await handOver(scenario, "east", "west");
        await scenario.writes("west", 20);
        const { report } = await scenario.end("three-hundred", "west", ["east", "west"]);
        const left = await leftOver(lab, volumes, lastEpoch);
        left.forEach((one) => log(`left over: ${one}`));
        const measured = { ...report, volumes: count, orphans: left.length };
        const faults = faultsOf(measured);
        return { report: { ...measured, ok: faults.length === 0 }, faults };
    } finally {
        await writers.stop();
    }
}
