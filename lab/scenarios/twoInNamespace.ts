import type { KubernetesObject } from "@kubernetes/client-node";
import { installApplication } from "../application";
import type { Lab, SiteName } from "../lab";
import { prepareStacks } from "../pulumi";
import { longestPauseSeconds, twoWriterSeconds } from "../writer/ledger";
import { leftOverMirrors } from "./leftOver";
import { giveWay } from "./rejoin";
import type { ScenarioReport } from "./report";
import { ScenarioRun, type Workload } from "./scenarioRun";
import { entries, firstWrite, type Log, type Outcome, upAtBoth } from "./scenarioSteps";
import { heldWhereWrittenLast } from "./severalApplications";
import { runsThere, runningPods, staysOut } from "./twoInNamespace/pods";

/** The usual report of the circle, and what became of the application that was left alone. */
export interface TwoInNamespaceReport extends ScenarioReport {
    /** The longest pause between two writes of an application while the one beside it changed its site or was lost. */
    longestPauseSeconds: number;
    /** Pods created by hand that the fence of a site refused, and those that ran where their application serves. */
    podsRefused: number;
    podsStarted: number;
}

/** In this order in the configuration. */
const names = ["shop", "stock"] as const;
type Name = (typeof names)[number];
const namespace = "shop";

/** Far beyond the pause between two writes, and far below what a stopped application needs to be back. */
const longestPause = 5;

/**
 * Two applications, told apart by their labels, share a namespace. One is switched while the other one goes on where it is;
 * then the site of the other one dies, which fails over, while the first goes on; it rejoins, and both are switched back.
 * At each site a pod of the application that does not serve there is refused, and one of the other starts.
 *
 * @param project folder with the Pulumi.yaml whose stacks are used
 */
export async function twoInNamespace(lab: Lab, project: string, log: Log): Promise<Outcome> {
    const scenario = await ScenarioRun.begin(lab, project, log, workload);
    const books = new Books(scenario);
    await scenario.writes("east", 50);
    await books.fences({ east: names, west: [] });

    await books.undisturbed("stock", "east", () => switchAlone(scenario, "shop", "east", "west"));
    await books.fences({ east: ["stock"], west: ["shop"] });
    await scenario.writes("west", 50);

    await books.undisturbed("shop", "west", async () => {
        await failOverAlone(scenario, "stock", "east", "west");
        await books.fences({ west: names });
        await scenario.writes("west", 20);
        await comeBackAlone(scenario, "stock", "east", "west");
    });
    await books.fences({ east: [], west: names });

    await scenario.writes("west", 20);
    await switchBoth(scenario, "west", "east");
    await books.fences({ east: names, west: [] });
    const { report, faults } = await scenario.end("two-in-namespace", "east", ["east", "west"]);
    // No takeover was of this one, so that none allows it a second writer.
    const twice = twoWriterSeconds(entries(lab).filter(isOf("shop")));
    const wrong = [
        ...faults,
        ...books.faults,
        ...(twice > 0 ? [`shop, which nobody took over, was written at two sites at once for ${twice} s`] : []),
    ];
    const whole: TwoInNamespaceReport = { ...report, ...books.counts, ok: wrong.length === 0 };
    return { report: whole, faults: wrong };
}

/** Each has its label on all of its objects; the second one is the example's with another name. */
const workload: Workload = {
    async establish(lab, project, timed) {
        await installApplication(lab.sites.east, namespace);
        await installApplication(lab.sites.east, namespace, undefined, asStock);
        const stacks = await timed("make the stacks", "both", () => prepareStacks(lab, project));
        for (const stack of Object.values(stacks)) {
            await stack.edit((config) => {
                config["trident-dr:applications"] = names.map((name) => ({
                    name,
                    namespaces: [namespace],
                    labelSelector: { matchLabels: { app: name } },
                    every: "5 minutes",
                    active: "east",
                }));
            });
        }
        return upAtBoth(stacks, timed);
    },
    leftOver: leftOverMirrors,
    surviving: heldWhereWrittenLast,
};

function asStock(object: KubernetesObject): KubernetesObject {
    const renamed = JSON.parse(JSON.stringify(object).replaceAll("shop", "stock")) as KubernetesObject;
    return { ...renamed, metadata: { ...renamed.metadata, namespace } };
}

function isOf(name: Name): (entry: { application: string }) => boolean {
    return ({ application }) => application === `${namespace}/${name}-data`;
}

/** Names the site that serves one application. */
async function serve(scenario: ScenarioRun, name: Name, site: SiteName, at?: SiteName[]): Promise<void> {
    await scenario.configure(`trident-dr:applications[${names.indexOf(name)}].active`, site, at);
}

async function switchAlone(scenario: ScenarioRun, name: Name, from: SiteName, to: SiteName): Promise<void> {
    await serve(scenario, name, to);
    await handOver(scenario, [name], from, to);
}

async function switchBoth(scenario: ScenarioRun, from: SiteName, to: SiteName): Promise<void> {
    for (const name of names) {
        await serve(scenario, name, to);
    }
    await handOver(scenario, names, from, to);
}

async function handOver(scenario: ScenarioRun, moved: readonly Name[], from: SiteName, to: SiteName): Promise<void> {
    const what = moved.join(" and ");
    const began = new Date();
    await scenario.change(`stand down: ${what}`, from);
    await scenario.change(`take over with the token: ${what}`, to);
    for (const name of moved) {
        await scenario.served(`from the flip to the first write: ${name}`, to, began, isOf(name));
    }
    await scenario.change(`become standby: ${what}`, from);
    await scenario.settle([to]);
}

/** The site dies that serves one application, and that follows for the other one. */
async function failOverAlone(scenario: ScenarioRun, name: Name, from: SiteName, to: SiteName): Promise<void> {
    const killed = await scenario.kill(from);
    await serve(scenario, name, to, [to]);
    await scenario.refused("take over without an acknowledgement", to, /Loss bound/);
    await scenario.takeOverFromDead(from, to, 2);
    await scenario.served(`from the death of the other site to the first write: ${name}`, to, killed, isOf(name));
}

async function comeBackAlone(scenario: ScenarioRun, name: Name, returned: SiteName, serving: SiteName): Promise<void> {
    await scenario.revive(returned);
    await scenario.refused(
        "go on as if nothing had happened",
        returned,
        /both sites serve|took over|serves .* in epoch/,
    );
    await serve(scenario, name, serving, [returned]);
    await giveWay(scenario, returned, serving);
}

/** What is counted beside the books of every scenario. */
class Books {
    readonly faults: string[] = [];
    readonly counts = { longestPauseSeconds: 0, podsRefused: 0, podsStarted: 0 };
    /** `site name` of each that has served so far. */
    private readonly haveServed = new Set<string>();

    constructor(private readonly scenario: ScenarioRun) {}

    /** Something is done to the application beside this one, whose pods run and write on at its site, and at no other. */
    async undisturbed(name: Name, site: SiteName, done: () => Promise<void>): Promise<void> {
        const { lab } = this.scenario;
        const before = await runningPods(lab.sites[site], namespace, name);
        const from = new Date();
        await done();
        // A pause that lasts until now would not be one yet.
        await firstWrite(lab, site, new Date(), isOf(name));
        const to = new Date();
        const after = await runningPods(lab.sites[site], namespace, name);
        const written = entries(lab).filter(isOf(name));
        const pause = longestPauseSeconds(
            written.filter((entry) => entry.site === site),
            { from, to },
        );
        const elsewhere = written.filter((entry) => entry.site !== site && Date.parse(entry.time) >= from.getTime());
        this.counts.longestPauseSeconds = Math.max(this.counts.longestPauseSeconds, pause);
        this.check(before.join() === after.join(), `${name} has other pods at ${site} than before`);
        this.check(pause <= longestPause, `${name} did not write at ${site} for ${pause} s`);
        this.check(elsewhere.length === 0, `${name} wrote ${elsewhere.length} records elsewhere than at ${site}`);
    }

    /**
     * At each site, a pod of the applications that serve there starts, and those of the others are refused. Before a site
     * has served for the first time, its fence is older than the claims, which the array keeps from being written.
     */
    async fences(serving: Partial<Record<SiteName, readonly Name[]>>): Promise<void> {
        for (const [site, served] of Object.entries(serving) as [SiteName, readonly Name[]][]) {
            served.forEach((name) => this.haveServed.add(`${site} ${name}`));
            const descriptor = this.scenario.lab.sites[site];
            for (const name of names) {
                const serves = served.includes(name);
                const ways = this.haveServed.has(`${site} ${name}`)
                    ? (["label", "claim"] as const)
                    : ["label" as const];
                const faults = serves
                    ? await runsThere(descriptor, namespace, name)
                    : await staysOut(descriptor, namespace, name, ways);
                this.faults.push(...faults);
                this.counts.podsStarted += serves && faults.length === 0 ? 1 : 0;
                this.counts.podsRefused += serves ? 0 : ways.length - faults.length;
            }
        }
    }

    private check(holds: boolean, fault: string): void {
        if (!holds) {
            this.faults.push(fault);
        }
    }
}
