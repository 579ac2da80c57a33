import { Cluster } from "../controllers";
import type { Lab, SiteName } from "../lab";
import { ScenarioRun } from "./scenarioRun";
import type { Log, Outcome } from "./scenarioSteps";
import { until } from "./until";

const mirrorKind = { apiVersion: "protect.trident.netapp.io/v1", kind: "AppMirrorRelationship" };
const shop = { name: "shop", namespace: "shop" };
const quotaKind = { apiVersion: "v1", kind: "ResourceQuota" };
const quota = { name: "trident-dr-shop", namespace: "shop" };

/**
 * Somebody promotes the mirror of the standby site by a patch, twice, while the other site serves. The first time it is
 * given up, the second time it is accepted: west serves, and east comes back as its standby site.
 *
 * @param project folder with the Pulumi.yaml whose stacks are used
 */
export async function promotedByHand(lab: Lab, project: string, log: Log): Promise<Outcome> {
    const scenario = await ScenarioRun.begin(lab, project, log);
    await scenario.writes("east", 50);

    await promote(scenario, "west");
    await scenario.writes("west", 10);
    await scenario.refused("go on as if nothing had happened", "west", /was promoted.*discard west@1/s);
    await scenario.configure("discard", "west@1", ["west"]);
    await scenario.standAside("west", "give up what was written at west");
    await scenario.stacks.west.must(["config", "rm", "discard", "--stack", "west"]);
    await scenario.writes("east", 10);

    await promote(scenario, "west");
    await scenario.writes("west", 10);
    await scenario.refused("go on as if nothing had happened", "west", /was promoted.*takeover 2/s);
    await scenario.configure("active", "west", ["west"]);
    await scenario.configure("takeover", "2", ["west"]);
    await scenario.override("accept what was promoted", "west", "east");
    await scenario.configure("active", "west", ["east"]);
    await scenario.standAside("east");
    await scenario.change("release the mirror", "west");
    await scenario.change("rejoin", "east");
    await scenario.settle(["west"]);
    return scenario.end("promoted-by-hand", "west", ["east", "west"]);
}

/**
 * One patch, as people and GitOps do it, and the removal of the quota that keeps pods from starting there; the
 * application runs at both sites from then on.
 */
async function promote(scenario: ScenarioRun, site: SiteName): Promise<void> {
    const cluster = await Cluster.connect(scenario.lab.sites[site].kubernetes.adminKubeconfig, {
        userAgent: "kubectl",
    });
    scenario.othersBegin();
    await cluster.mergePatch(mirrorKind, shop, { spec: { desiredState: "Promoted" } });
    await until("the mirror to be Promoted", async () => {
        const mirror = await cluster.get(mirrorKind, shop);
        return (mirror?.status as { state?: string } | undefined)?.state === "Promoted" || undefined;
    });
    await cluster.delete(quotaKind, quota);
    scenario.log(`somebody promoted the mirror at ${site}`);
}
