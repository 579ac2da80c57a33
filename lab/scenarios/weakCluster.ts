import { readFile, writeFile } from "node:fs/promises";
import path from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { parse, stringify } from "yaml";
import { z } from "zod";
import { WeakFront, type Weakness } from "../kubernetes/weakFront";
import type { Lab, SiteName } from "../lab";
import { Authority } from "../ontap";
import type { SiteDescriptor } from "../site";
import { ScenarioRun } from "./scenarioRun";
import type { Log, Outcome } from "./scenarioSteps";

/**
 * A switch and the way into the mirror, while both API servers are weak: 503s in between, watches that end, watches that
 * deliver nothing, slow webhooks, and restarts. What the package itself asks is disturbed; the Kubernetes plugin of Pulumi
 * is somebody else's client. Nothing may be lost, and but for the restarts every run has to succeed at once.
 *
 * @param project folder with the Pulumi.yaml whose stacks are used
 */
export async function weakCluster(lab: Lab, project: string, log: Log): Promise<Outcome> {
    const scenario = await ScenarioRun.begin(lab, project, log);
    const fronts = { east: await frontOf(lab.sites.east), west: await frontOf(lab.sites.west) };
    try {
        await scenario.writes("east", 50);
        await scenario.configure("active", "west");
        const began = new Date();
        fronts.east.weakness = { ...disturbed, watches: "silent" };
        await scenario.change("stand down, with watches that deliver nothing", "east");
        fronts.west.weakness = { ...disturbed, watches: "end" };
        await scenario.change("take over with the token, with watches that end", "west");
        await scenario.served("from the flip to the first write", "west", began);
        fronts.east.weakness = { ...disturbed, watches: "gone" };
        await restarting(fronts.east, log, () => untilDone(scenario, "become standby, with restarts", "east"));
        await scenario.settle(["west"]);
        const asked = fronts.east.seen.length + fronts.west.seen.length;
        log(`both API servers were asked ${asked} times`);
        fronts.east.weakness = {};
        fronts.west.weakness = {};
        return await scenario.end("weak-cluster", "west", ["east", "west"]);
    } finally {
        await Promise.all(Object.values(fronts).map((front) => front.stop()));
    }
}

/** Slower than a read may be: what is patched or created there is looked at by a webhook. */
const slowWrites = {
    path: /\/(appmirrorrelationships|shutdownsnapshots)/,
    milliseconds: 12_000,
};
const disturbed: Weakness = { only: /^GET .* node-fetch/, unavailableEvery: 4, resetEvery: 9, slowWrites };

const restartEvery = 15_000;
const downFor = 4_000;

/** A write that meets a restart fails the run, and the next one continues. */
async function untilDone(scenario: ScenarioRun, name: string, site: SiteName): Promise<void> {
    const mostAttempts = 5;
    for (let attempt = 1; attempt < mostAttempts; attempt++) {
        const { run } = await scenario.attempt(name, site);
        if (run.ok) {
            return;
        }
        scenario.log(`${name}: attempt ${attempt} failed`);
    }
    await scenario.change(name, site);
}

/** The API server restarts again and again while something is done. */
async function restarting<T>(front: WeakFront, log: Log, task: () => Promise<T>): Promise<T> {
    const done = new AbortController();
    const restarts = (async () => {
        while (!done.signal.aborted) {
            await pause(restartEvery, undefined, { signal: done.signal }).catch(() => undefined);
            if (!done.signal.aborted) {
                log("the API server restarts");
                front.goDown();
                await pause(downFor);
                front.up();
            }
        }
    })();
    try {
        return await task();
    } finally {
        done.abort();
        await restarts;
    }
}

const kubeconfigParts = z.looseObject({
    clusters: z.array(z.looseObject({ cluster: z.looseObject({ server: z.string() }) })),
});

/** Puts a front before a site's API server, for the product's user: the stacks find it in their kubeconfig. */
async function frontOf({ name, folder, kubernetes }: SiteDescriptor): Promise<WeakFront> {
    const pki = path.join(folder, "kubernetes", "pki");
    const own = path.join(folder, "front");
    const authority = await Authority.create(own, "front");
    const content = kubeconfigParts.parse(parse(await readFile(kubernetes.productKubeconfig, "utf8")));
    const ca = String(content.clusters[0]!.cluster["certificate-authority-data"]);
    const caFile = path.join(own, "apiserver-ca.crt");
    await writeFile(caFile, Buffer.from(ca, "base64"));
    const front = await WeakFront.start({
        server: kubernetes.server,
        caFile,
        serving: await authority.issue(own, "server", { commonName: `front of ${name}`, addresses: ["127.0.0.1"] }),
        clientCaFile: path.join(pki, "clients.crt"),
        client: { certFile: path.join(pki, "product.crt"), keyFile: path.join(pki, "product.key") },
    });
    const cluster = {
        server: front.url,
        "certificate-authority-data": (await readFile(authority.certFile)).toString("base64"),
    };
    const clusters = content.clusters.map((one) => ({ ...one, cluster }));
    await writeFile(kubernetes.productKubeconfig, stringify({ ...content, clusters }), { mode: 0o600 });
    return front;
}
