import type { KubernetesObject } from "@kubernetes/client-node";
import { annotated, installApplication } from "../application";
import { type Lab, openOnOneCluster, type SiteName } from "../lab";
import { prepareStacks, type Stack } from "../pulumi";
import { applicationAnnotation } from "../writer/writer";
import { leftOverMirrors } from "./leftOver";
import { comeBack } from "./rejoin";
import { ScenarioRun, shop, type Workload } from "./scenarioRun";
import { type Log, type Outcome, type Timed, upAtBoth } from "./scenarioSteps";
import { handOver } from "./switch";

/**
 * Both sites on the cluster of east, each with its array and its bucket: the application is in `shop` at east and in
 * `shop-west` at west. East's array and bucket die, west takes over, east comes back, and serves again.
 *
 * @param project folder with the Pulumi.yaml whose stacks are used
 */
export async function oneCluster({ folder }: Lab, project: string, log: Log): Promise<Outcome> {
    const lab = openOnOneCluster(folder);
    const scenario = await ScenarioRun.begin(lab, project, log, new MappedApplication());
    await scenario.writes("east", 50);
    await scenario.failOver("east", "west", 2);
    await scenario.writes("west", 20);
    await comeBack(scenario, "east", "west");
    await handOver(scenario, "west", "east");
    return scenario.end("one-cluster", "east", ["east", "west"]);
}

class MappedApplication implements Workload {
    leftOver = leftOverMirrors;
    surviving = shop.surviving;
    /** One account runs both stacks, and one log has its requests: it has both stacks' rights. */
    filesBefore: readonly string[] = [];

    async establish(lab: Lab, project: string, timed: Timed): Promise<Record<SiteName, Stack>> {
        await installApplication(lab.sites.east, undefined, undefined, atEast);
        const stacks = await timed("make the stacks", "both", () => prepareStacks(lab, project));
        this.filesBefore = Object.values(stacks).map(({ file }) => file);
        return upAtBoth(stacks, timed);
    }

    /** The log of a bucket does not have the AppVault's name, of which there is one for each site. */
    asLogged(call: string): string {
        return call.replace(/ (vault-(?:east|west))-(?:east|west) /, " $1 ");
    }
}

/** Its claim is of the class of its site; the ledger calls it the same at both. */
function atEast(object: KubernetesObject & { spec?: object }): KubernetesObject {
    switch (object.kind) {
        case "PersistentVolumeClaim":
            return { ...object, spec: { ...object.spec, storageClassName: "trident-dr-east" } } as KubernetesObject;
        case "Deployment":
            return annotated(object, applicationAnnotation, "shop");
        default:
            return object;
    }
}
