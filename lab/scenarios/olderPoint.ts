import { Cluster } from "../controllers";
import type { Lab } from "../lab";
import { comeBack } from "./rejoin";
import { ScenarioRun } from "./scenarioRun";
import type { Log, Outcome } from "./scenarioSteps";
import { until } from "./until";

const mirrorKind = { apiVersion: "protect.trident.netapp.io/v1", kind: "AppMirrorRelationship" };
const shop = { name: "shop", namespace: "shop" };

/**
 * What was replicated last is worthless, and the site is gone: the other one takes over from an older point. What was
 * written since then is announced as lost, and the old site rejoins.
 *
 * @param project folder with the Pulumi.yaml whose stacks are used
 */
export async function olderPoint(lab: Lab, project: string, log: Log): Promise<Outcome> {
    const scenario = await ScenarioRun.begin(lab, project, log);
    // Snapshots are taken every few seconds here, and a point to recover to has to outlast the scenario.
    await scenario.configure("trident-dr:applications[0].snapshotRetention", "200");
    await scenario.change("keep more snapshots", "east");
    await scenario.settle(["west"]);
    await scenario.writes("east", 20);
    const good = await nextTransfer(scenario, new Date());
    await scenario.writes("east", 20);
    await nextTransfer(scenario, good);
    await scenario.writes("east", 20);
    await scenario.configure("recoverTo", good.toISOString(), ["west"]);
    await scenario.failOver("east", "west", 2);
    await scenario.writes("west", 20);
    await comeBack(scenario, "east", "west");
    return scenario.end("older-point", "west", ["east", "west"]);
}

/** When a snapshot that was taken after a time has arrived at west. */
async function nextTransfer({ lab, timed }: ScenarioRun, after: Date): Promise<Date> {
    const cluster = await Cluster.connect(lab.sites.west.kubernetes.adminKubeconfig);
    return timed("wait for the next transfer", "west", () =>
        until(
            "a newer snapshot at west",
            async () => {
                const mirror = await cluster.get(mirrorKind, shop);
                const { lastTransferredSnapshot: last } = (mirror?.status ?? {}) as {
                    lastTransferredSnapshot?: { completionTimestamp?: string };
                };
                const completed = new Date(last?.completionTimestamp ?? 0);
                return completed.getTime() > after.getTime() ? new Date() : undefined;
            },
            600_000,
        ),
    );
}
