import { Cluster } from "../controllers";
import type { Lab, SiteName } from "../lab";
import { failingHooksAnnotation } from "../protect/hooks";
import { comeBack } from "./rejoin";
import { ScenarioRun } from "./scenarioRun";
import type { Log, Outcome } from "./scenarioSteps";
import { handOver } from "./switch";

const execHook = { apiVersion: "protect.trident.netapp.io/v1", kind: "ExecHook" };
const pod = { apiVersion: "v1", kind: "Pod" };

const matchingCriteria = [{ type: "containerName", value: "^shop$" }];
const hooks = [
    { recipe: "file-system", name: "shop-sync", matchingCriteria },
    { name: "shop-announce", action: "Failover", stage: "Post", source: "#!/bin/sh\ntrue\n", matchingCriteria },
];
const names = ["shop-announce", "shop-sync-pre-snapshot"];
const words = "the volume is read-only";

/**
 * Hooks are declared once, and are where the application is served after each role change, and nowhere else. One that
 * fails is told in its own words, and nothing is handed over with it unless that is accepted.
 *
 * @param project folder with the Pulumi.yaml whose stacks are used
 */
export async function declaredHooks(lab: Lab, project: string, log: Log): Promise<Outcome> {
    const scenario = await ScenarioRun.begin(lab, project, log);
    const faults: string[] = [];
    const areAt = async (serving: SiteName) => {
        faults.push(...(await misplaced(lab, serving)));
    };
    for (const stack of scenario.both) {
        await stack.edit((config) => {
            config["trident-dr:applications"] = [{ name: "shop", namespaces: ["shop"], every: "5 minutes", hooks }];
        });
    }
    await scenario.change("declare hooks", "east");
    await scenario.settle(["west"]);
    await areAt("east");

    await scenario.writes("east", 20);
    await handOver(scenario, "east", "west");
    await areAt("west");

    await failAt(lab, "west", "shop-sync-pre-snapshot");
    await scenario.configure("active", "east");
    const { run } = await scenario.attempt("stand down with a hook that fails", "west");
    if (run.ok || !run.output.includes(words)) {
        faults.push(`west stood down with a hook that failed, or did not say why it did not:\n${run.output}`);
    }
    await scenario.configure("warnings", "2", ["west"]);
    await scenario.change("stand down, the failure accepted", "west");
    await scenario.change("take over with the token", "east");
    await scenario.change("become standby", "west");
    await scenario.settle(["east"]);
    await areAt("east");

    await scenario.failOver("east", "west", 4);
    await areAt("west");
    await comeBack(scenario, "east", "west");
    await areAt("west");
    const { report, faults: others } = await scenario.end("hooks", "west", ["east", "west"]);
    const all = [...others, ...faults];
    return { report: { ...report, ok: all.length === 0 }, faults: all };
}

/** What is wrong with where the ExecHooks are; of a site that is gone nothing can be said. */
async function misplaced(lab: Lab, serving: SiteName): Promise<string[]> {
    const problems = await Promise.all(
        (["east", "west"] as const).map(async (site) => {
            const expected = site === serving ? names.join(", ") : "";
            const found = await namesAt(lab, site).catch(() => undefined);
            return found === undefined || found === expected
                ? []
                : [`ExecHooks at ${site} while ${serving} serves: expected "${expected}", found "${found}"`];
        }),
    );
    return problems.flat();
}

async function namesAt({ sites }: Lab, site: SiteName): Promise<string> {
    const cluster = await Cluster.connect(sites[site].kubernetes.adminKubeconfig);
    const found = await cluster.list(execHook, { namespace: "shop" });
    return found
        .map(({ metadata }) => metadata.name)
        .sort()
        .join(", ");
}

/** From now on a hook fails in each pod that runs at a site. */
async function failAt({ sites }: Lab, site: SiteName, hook: string): Promise<void> {
    const cluster = await Cluster.connect(sites[site].kubernetes.adminKubeconfig);
    for (const { metadata } of await cluster.list(pod, { namespace: "shop" })) {
        await cluster.mergePatch(
            pod,
            { namespace: "shop", name: metadata.name },
            { metadata: { annotations: { [failingHooksAnnotation]: `${hook}: ${words}` } } },
        );
    }
}
