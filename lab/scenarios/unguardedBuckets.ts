import { readFile } from "node:fs/promises";
import path from "node:path";
import { z } from "zod";
import { installApplication } from "../application";
import type { Lab, SiteName } from "../lab";
import { Authority } from "../ontap";
import { prepareStacks, type Stack } from "../pulumi";
import { type FrontBehaviour, S3Front, S3Proxy } from "../s3/front";
import { ScenarioRun, shop } from "./scenarioRun";
import { expectOk, type Log, type Outcome, type Timed, up, upAtBoth } from "./scenarioSteps";

/** East's server takes the condition of a claim and ignores it, west's does not know it. */
const conditions: Readonly<Record<SiteName, NonNullable<FrontBehaviour["conditions"]>>> = {
    east: "ignored",
    west: "unknown",
};

/**
 * Switches there and back over buckets that guard no claim: first ones that are in another region and busy, then ones
 * that are reached only through a proxy. What is not guarded is told, and nothing is lost.
 *
 * @param project folder with the Pulumi.yaml whose stacks are used
 */
export async function unguardedBuckets(lab: Lab, project: string, log: Log): Promise<Outcome> {
    const fronts = await Fronts.start(lab);
    try {
        const establish = (_lab: Lab, folder: string, timed: Timed) => fronts.establish(folder, timed);
        const scenario = await ScenarioRun.begin(lab, project, log, { ...shop, establish });
        await expectUnguarded(scenario);
        await scenario.writes("east", 50);
        fronts.behave({ region: "eu-central-2", busy: 2 });
        await switchTo(scenario, "west", "east");
        await fronts.behindProxy(scenario);
        await switchTo(scenario, "east", "west");
        return await scenario.end("unguarded-buckets", "east", ["east", "west"]);
    } finally {
        await fronts.stop();
    }
}

async function switchTo(scenario: ScenarioRun, to: SiteName, from: SiteName): Promise<void> {
    await scenario.configure("active", to);
    const began = new Date();
    await scenario.change("stand down", from);
    const { preview } = await scenario.change("take over with the token", to);
    expectSaid(preview.output, /not guarded against each other/);
    await scenario.served("from the flip to the first write", to, began);
    await scenario.change("rejoin", from);
    await scenario.settle([to, from]);
    await scenario.writes(to, 20);
}

const outputs = z.object({
    tridentDr: z.object({
        applications: z.object({ shop: z.object({ record: z.looseObject({ guardedClaims: z.boolean() }) }) }),
    }),
});

async function expectUnguarded(scenario: ScenarioRun): Promise<void> {
    for (const stack of scenario.both) {
        const { guardedClaims } = outputs.parse(await stack.outputs()).tridentDr.applications.shop.record;
        if (guardedClaims) {
            throw new Error(`${stack.site} takes its claims for guarded`);
        }
    }
}

function expectSaid(output: string, pattern: RegExp): void {
    if (!pattern.test(output)) {
        throw new Error(`Expected ${String(pattern)} to be said:\n${output}`);
    }
}

/** What stands before both sites' buckets. */
class Fronts {
    private constructor(
        private readonly lab: Lab,
        private readonly fronts: Readonly<Record<SiteName, S3Front>>,
        private readonly rootCA: string,
        private readonly proxy: S3Proxy,
    ) {}

    static async start(lab: Lab): Promise<Fronts> {
        const folder = path.join(lab.folder, "fronts");
        const authority = await Authority.create(folder, "fronts");
        const files = await authority.issue(folder, "front", { commonName: "front", addresses: ["127.0.0.1"] });
        const tls = { cert: await readFile(files.certFile, "utf8"), key: await readFile(files.keyFile, "utf8") };
        const frontOf = async (site: SiteName) => {
            const { endpoint, accessKey, secretKey, caFile } = lab.sites[site].s3;
            const upstream = { endpoint, accessKey, secretKey, ca: await readFile(caFile, "utf8") };
            return S3Front.start(upstream, tls, { conditions: conditions[site] });
        };
        const fronts = { east: await frontOf("east"), west: await frontOf("west") };
        return new Fronts(lab, fronts, await readFile(authority.certFile, "utf8"), await S3Proxy.start());
    }

    /** As every scenario does, with the fronts in the configuration; what the first previews say of claims is checked. */
    async establish(project: string, timed: Timed): Promise<Record<SiteName, Stack>> {
        await installApplication(this.lab.sites.east);
        const stacks = await timed("make the stacks", "both", () => prepareStacks(this.lab, project));
        for (const stack of Object.values(stacks)) {
            await this.declare(stack, {});
        }
        const preview = expectOk(await timed("preview: establish", "east", () => stacks.east.preview()));
        expectSaid(preview.output, /honour conditional writes is not known yet/);
        const first = await timed("establish: pulumi up", "east", () => up(stacks.east));
        expectSaid(first.output, /server of vault-east ignores the condition/);
        expectSaid(first.output, /server of vault-west does not know the condition/);
        return upAtBoth(stacks, timed);
    }

    behave(behaviour: FrontBehaviour): void {
        for (const site of ["east", "west"] as const) {
            this.fronts[site].behave({ ...behaviour, conditions: conditions[site] });
        }
    }

    /** From now on both buckets are reached only through the proxy, and both stacks say so. */
    async behindProxy(scenario: ScenarioRun): Promise<void> {
        this.behave({ behindProxy: true });
        for (const stack of scenario.both) {
            await this.declare(stack, { proxyURL: this.proxy.url });
        }
        await scenario.settle(["west", "east"]);
        if (this.proxy.targets.length === 0) {
            throw new Error("Nobody used the proxy");
        }
    }

    async stop(): Promise<void> {
        await Promise.all([this.fronts.east.stop(), this.fronts.west.stop(), this.proxy.stop()]);
    }

    private async declare(stack: Stack, more: Record<string, string>): Promise<void> {
        const { fronts, rootCA } = this;
        await stack.edit((config) => {
            const sites = config["trident-dr:sites"] as Record<SiteName, { vault: Record<string, unknown> }>;
            for (const site of ["east", "west"] as const) {
                Object.assign(sites[site].vault, { endpoint: fronts[site].endpoint, rootCA, ...more });
            }
        });
    }
}
