import type { Lab, SiteName } from "../lab";
import { prepareStacks } from "../pulumi";
import type { SiteDescriptor } from "../site";
import { readVolume } from "../writer/ledger";
import { VolumeWriters } from "../writer/volumeWriter";
import { ArrayAdmin } from "./arrayAdmin";
import { ScenarioRun, type Workload } from "./scenarioRun";
import { comeBack } from "./rejoin";
import { faultsOf } from "./report";
import { type Outcome, type Log, up } from "./scenarioSteps";
import { handOver } from "./switch";
import { until } from "./until";

const group = "archive";
/** Written before and after the takeover, so that blocks, which are moved whole, weigh little. */
const bulk = 8 * 2 ** 20;

/**
 * The circle with mirrored volumes: establish, hand over, fail over, come back, hand over again; the volumes are written
 * all the time, at whichever site takes writes.
 *
 * @param project folder with the Pulumi.yaml whose stacks are used
 */
export async function mirroredVolumes(lab: Lab, project: string, log: Log, count: number): Promise<Outcome> {
    const volumes = Array.from({ length: count }, (_, index) => `archive${String(index + 1).padStart(2, "0")}`);
    const writers = new VolumeWriters(Object.values(lab.sites), volumes);
    try {
        const scenario = await ScenarioRun.begin(lab, project, log, workload(writers));
        await scenario.writes("east", 20 * volumes.length);
        await writers.writeBulk(lab.sites.east, bulk);
        await handOver(scenario, "east", "west");
        await scenario.writes("west", 20 * volumes.length);

        await scenario.failOver("west", "east", 3);
        const tookOver = new Date();
        const bulkBytes = await writers.writeBulk(lab.sites.east, bulk);
        await scenario.writes("east", 20 * volumes.length);
        await comeBack(scenario, "west", "east");
        const moved = await new ArrayAdmin(lab.sites.west).bytesOfFirstTransfers();
        const changed = bulkBytes + (await writers.bytesOfRecords(lab.sites.east, tookOver));

        await handOver(scenario, "east", "west");
        const { report, faults: _ } = await scenario.end("volumes", "west", ["east", "west"]);
        const left = await leftOver(lab, volumes);
        left.forEach((one) => log(`left over: ${one}`));
        const measured = { ...report, orphans: left.length, bytesMovedBack: moved, bytesChanged: changed };
        const faults = faultsOf(measured);
        return { report: { ...measured, ok: faults.length === 0 }, faults };
    } finally {
        await writers.stop();
    }
}

/** A group of volumes, of which some are written to. */
export function workload(writers: VolumeWriters, volumes = writers.volumes): Workload {
    return {
        async establish(lab, project, timed) {
            await makeVolumes(lab.sites.east, volumes);
            const stacks = await timed("make the stacks", "both", () => prepareStacks(lab, project));
            for (const stack of Object.values(stacks)) {
                await stack.edit((config) => {
                    config["trident-dr:applications"] = [];
                    config["trident-dr:volumes"] = [{ name: group, volumes, schedule: "5min" }];
                });
            }
            writers.start();
            await timed("establish: pulumi up", "east", () => up(stacks.east));
            await timed("establish: pulumi up", "west", () => up(stacks.west));
            await timed("settle: pulumi up", "east", () => up(stacks.east));
            return stacks;
        },
        async surviving(lab, { site, file }) {
            const descriptor = lab.sites[site as SiteName];
            const all = await Promise.all(writers.volumes.map((volume) => readVolume(descriptor, volume, file)));
            return all.flat();
        },
    };
}

/** As somebody did long before anybody thought of mirroring them. */
async function makeVolumes(site: SiteDescriptor, names: readonly string[]): Promise<void> {
    const array = new ArrayAdmin(site);
    for (const name of names) {
        await array.makeVolume(name);
    }
}

/** What a mirror's source has let go of leaves the mirror with the next transfer: so long it is waited. */
export async function leftOver({ sites }: Lab, volumes: readonly string[], lastEpoch = circleEnds): Promise<string[]> {
    const both = async () => [
        ...(await new ArrayAdmin(sites.west).orphans(volumes, group, lastEpoch, "serves")),
        ...(await new ArrayAdmin(sites.east).orphans(volumes, group, lastEpoch, "follows")),
    ];
    const none = async () => ((await both()).length === 0 ? [] : undefined);
    return until("a transfer", none).catch(both);
}

/** Established, handed over, taken over, handed over again. */
const circleEnds = 4;
