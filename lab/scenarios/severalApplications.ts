import { installApplication } from "../application";
import type { Lab } from "../lab";
import { prepareStacks } from "../pulumi";
import { readVolume } from "../writer/ledger";
import type { VolumeRecord } from "../writer/records";
import { leftOverMirrors } from "./leftOver";
import type { Workload } from "./scenarioRun";
import { entries, upAtBoth } from "./scenarioSteps";

/**
 * The example's application several times, each in a namespace of its name.
 *
 * @param more what each is configured with besides
 */
export function severalApplications(names: readonly string[], more: object = {}): Workload {
    return {
        async establish(lab, project, timed) {
            for (const name of names) {
                await installApplication(lab.sites.east, name);
            }
            const stacks = await timed("make the stacks", "both", () => prepareStacks(lab, project));
            for (const stack of Object.values(stacks)) {
                await stack.edit((config) => {
                    config["trident-dr:applications"] = names.map((name) => ({
                        name,
                        namespaces: [name],
                        every: "5 minutes",
                        ...more,
                    }));
                });
            }
            return upAtBoth(stacks, timed);
        },
        leftOver: leftOverMirrors,
        surviving: heldWhereWrittenLast,
    };
}

/** What the volumes of each application hold at the site at which it wrote last. */
export async function heldWhereWrittenLast(lab: Lab): Promise<VolumeRecord[]> {
    const ledger = entries(lab);
    const lastSites = new Map(ledger.map(({ application, site }) => [application, site]));
    const serving = ledger.filter(({ application, site }) => lastSites.get(application) === site);
    const volumes = new Map(serving.map((entry) => [`${entry.site} ${entry.volume}`, entry]));
    const held = [...volumes.values()].map(({ site, volume, file }) =>
        readVolume(lab.sites[site as keyof Lab["sites"]], volume, file),
    );
    return (await Promise.all(held)).flat();
}
