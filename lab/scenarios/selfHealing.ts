import { readFileSync } from "node:fs";
import path from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { parseAllDocuments } from "yaml";
import { Cluster, type KubeObject } from "../controllers";
import type { Lab } from "../lab";
import type { SiteDescriptor } from "../site";
import { ScenarioRun } from "./scenarioRun";
import { entries, type Outcome, type Log } from "./scenarioSteps";
import { until } from "./until";

const manifest = path.join(__dirname, "..", "..", "examples", "two-sites", "shop.yaml");
const namespace = "shop";
const deployment = { apiVersion: "apps/v1", kind: "Deployment" };
const pod = { apiVersion: "v1", kind: "Pod" };

/** How often the other field manager puts things right. */
const everyMs = 3_000;

/**
 * A switch while something else brings the application back at the site that stands down, as GitOps does. The site stays
 * down nevertheless, the sites never write at once, and nothing is lost.
 *
 * @param project folder with the Pulumi.yaml whose stacks are used
 */
export async function selfHealing(lab: Lab, project: string, log: Log): Promise<Outcome> {
    const scenario = await ScenarioRun.begin(lab, project, log);
    await scenario.writes("east", 50);
    const healer = await Healer.start(lab.sites.east, log);
    try {
        await scenario.configure("active", "west");
        const began = new Date();
        await scenario.change("stand down", "east");
        const stoodDown = new Date();
        await staysDown(scenario, healer, stoodDown);
        await scenario.change("take over with the token", "west");
        await scenario.served("from the flip to the first write", "west", began);
        await scenario.writes("west", 20);
        await healer.bringsBack();
        await scenario.change("become standby", "east");
        await scenario.settle(["west"]);
        await staysDown(scenario, healer, stoodDown);
        return await scenario.end("self-healing", "west", ["east", "west"]);
    } finally {
        await healer.stop();
    }
}

/** The application's Deployment is back, no pod of it runs, nothing was written, and the preview says why. */
async function staysDown(scenario: ScenarioRun, healer: Healer, since: Date): Promise<void> {
    await healer.bringsBack();
    const pods = await healer.pods();
    if (pods.length > 0) {
        throw new Error(`east stood down, and ${pods.join(", ")} run there again`);
    }
    const written = entries(scenario.lab).filter(
        ({ site, time }) => site === "east" && Date.parse(time) > since.getTime(),
    );
    if (written.length > 0) {
        throw new Error(`east stood down at ${since.toISOString()}, and acknowledged ${written.length} writes since`);
    }
    const { output } = await scenario.stacks.east.preview();
    if (!/something brought back .*Deployment shop\/shop/.test(output)) {
        throw new Error(`The preview at east does not say that the application was brought back:\n${output}`);
    }
}

/** Applies the application's manifests at a site again and again, by a field manager of its own. */
class Healer {
    private readonly stopping = new AbortController();
    private readonly running: Promise<void>;

    private constructor(
        private readonly cluster: Cluster,
        private readonly log: Log,
    ) {
        this.running = this.heal();
    }

    static async start(site: SiteDescriptor, log: Log): Promise<Healer> {
        return new Healer(await Cluster.connect(site.kubernetes.adminKubeconfig, { userAgent: "gitops" }), log);
    }

    /** Waits for a Deployment that the API server has and that wants pods. */
    async bringsBack(): Promise<void> {
        await until("the Deployment to be brought back", async () => {
            const found = await this.cluster.get(deployment, { namespace, name: "shop" });
            return found?.metadata.deletionTimestamp === undefined ? found : undefined;
        });
    }

    async pods(): Promise<string[]> {
        return (await this.cluster.list(pod, { namespace })).map(({ metadata }) => `pod ${metadata.name}`);
    }

    async stop(): Promise<void> {
        this.stopping.abort();
        await this.running;
    }

    private async heal(): Promise<void> {
        const { signal } = this.stopping;
        while (!signal.aborted) {
            for (const object of manifests()) {
                try {
                    await this.cluster.serverSideApply(object, { fieldManager: "gitops" });
                } catch (error) {
                    // As a real one would: said, and tried again.
                    this.log(`gitops: ${object.kind} ${object.metadata.name}: ${String(error)}`);
                }
            }
            await pause(everyMs, undefined, { signal }).catch(() => undefined);
        }
    }
}

/** Everything but the claim, which is not brought back but stays. */
function manifests(): KubeObject[] {
    return parseAllDocuments(readFileSync(manifest, "utf8"))
        .map((document) => document.toJS() as KubeObject)
        .filter(({ kind }) => kind !== "PersistentVolumeClaim");
}
