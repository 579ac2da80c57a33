import { copyFile, readFile } from "node:fs/promises";
import path from "node:path";
import { isDeepStrictEqual } from "node:util";
import { installApplication } from "../application";
import { Cluster } from "../controllers";
import type { Lab, SiteName } from "../lab";
import { prepareStacks, type Stack } from "../pulumi";
import { machines, mirrorByRoles, writtenVolume } from "./adopt/roles";
import { ArrayAdmin } from "./arrayAdmin";
import { backedUpAlone } from "./backups";
import { recordAt } from "./kill/rounds";
import { leftOverMirrors } from "./leftOver";
import { comeBack } from "./rejoin";
import type { ScenarioReport } from "./report";
import { ScenarioRun, type Workload } from "./scenarioRun";
import { type Log, type Outcome, residual, type Timed, up, upAtBoth, writes } from "./scenarioSteps";
import { heldWhereWrittenLast } from "./severalApplications";
import { handOver } from "./switch";
import { until } from "./until";

const protect = "protect.trident.netapp.io/v1";
const namespace = { apiVersion: "v1", kind: "Namespace" };
const accountSecret = "array-account";
/** Names that somebody chose long before. */
const names = { mirror: "shop-to-west", schedule: "shop-often", daily: "shop-nightly" };

/**
 * An application that somebody mirrors already, by plain manifests as in NetApp's documentation: it is adopted as it is,
 * under the names that it has, left to itself with its mirror, adopted again, and goes the whole circle. Nothing may be
 * copied again. What teams have beside it is declared as well: a Schedule of backups, and at east a kubeconfig in the
 * stack's configuration and an account of the array in a Secret.
 *
 * @param project folder with the Pulumi.yaml whose stacks are used
 * @param roles a checkout of NetApp/netapp.trident_protect, whose roles mirror a further application, chosen by a label
 */
export async function adopt(lab: Lab, project: string, log: Log, roles?: string): Promise<Outcome> {
    const adopted = new AdoptedApplications(log, roles);
    const scenario = await ScenarioRun.begin(lab, project, log, adopted);
    const array = new ArrayAdmin(lab.sites.west);
    const bytesMovedByAdopting = await array.bytesOfFirstTransfers(adopted.relationships);
    const byRoles =
        roles === undefined
            ? "notRun"
            : {
                  bytesMovedByAdopting: await array.bytesOfFirstTransfers(adopted.relationships, writtenVolume(lab)),
              };
    const backedUp = async (serving: SiteName, standby: SiteName) => {
        const faults = await scenario.timed("a backup of its Schedule", serving, () =>
            backedUpAlone(lab, serving, standby),
        );
        adopted.faults.push(...faults);
    };
    await backedUp("east", "west");
    await scenario.writes("east", 30);
    // What was let go of goes on with the number of its last epoch.
    await scenario.failOver("east", "west", (await recordAt(scenario.stacks.west)).epoch + 1);
    await scenario.writes("west", 20);
    await comeBack(scenario, "east", "west");
    await backedUp("west", "east");
    await handOver(scenario, "west", "east");
    await backedUp("east", "west");
    const { report, faults } = await scenario.end("adopt", "east", ["east", "west"]);
    const wrong = [...faults, ...adopted.faults, ...(bytesMovedByAdopting === 0 ? [] : ["data were copied again"])];
    const whole: AdoptReport = { ...report, bytesMovedByAdopting, byRoles, ok: wrong.length === 0 };
    return { report: whole, faults: wrong };
}

/** The usual report, and what was copied again of the application that NetApp's roles had mirrored. */
export interface AdoptReport extends ScenarioReport {
    byRoles: { bytesMovedByAdopting: number } | "notRun";
}

class AdoptedApplications implements Workload {
    /** The mirrors of before. */
    relationships: readonly string[] = [];
    readonly faults: string[] = [];
    /** What the pair's first runs made needs rights that nobody has any more afterwards. */
    filesBefore: readonly string[] = [];
    private readonly applications: readonly (typeof shop | typeof machines)[];

    constructor(
        private readonly log: Log,
        private readonly roles: string | undefined,
    ) {
        this.applications = roles === undefined ? [shop] : [shop, machines];
    }

    async establish(lab: Lab, project: string, timed: Timed): Promise<Record<SiteName, Stack>> {
        await installApplication(lab.sites.east);
        const stacks = await timed("make the stacks", "both", () => prepareStacks(lab, project));
        await configure(stacks, []);
        await upAtBoth(stacks, timed);
        this.filesBefore = await copiesOf(stacks);
        await leaveToOthers(lab, stacks, timed);
        stacks.east = stacks.east.with({ KUBECONFIG: path.join(lab.folder, "no-such-kubeconfig") });
        await writes(lab, "east", 20);
        await timed("mirror it by hand", "both", () => mirrorByHand(lab));
        const { roles } = this;
        if (roles !== undefined) {
            await timed("mirror another one by NetApp's roles", "both", () => mirrorByRoles(lab, roles, this.log));
        }
        this.relationships = await new ArrayAdmin(lab.sites.west).relationships();
        await this.refuseWithoutLeave(stacks);
        await this.adoptAtBoth(stacks, timed);
        await this.letGoAndLookAfterIt(lab, stacks, timed);
        await this.adoptAtBoth(stacks, timed);
        return stacks;
    }

    leftOver = leftOverMirrors;
    surviving = heldWhereWrittenLast;

    /** What somebody else made is refused by name, unless the configuration lets it be adopted. */
    private async refuseWithoutLeave(stacks: Record<SiteName, Stack>): Promise<void> {
        await configure(stacks, [shop]);
        const { ok, output } = await stacks.east.preview();
        if (ok || !/Application shop\/shop, Schedule shop\/shop-often exist already/.test(output)) {
            throw new Error(`Expected that somebody else's objects are refused, found:\n${output}`);
        }
    }

    private async adoptAtBoth(stacks: Record<SiteName, Stack>, timed: Timed): Promise<void> {
        await this.configure(stacks, { adopt: true });
        await this.adoptAt(stacks.east, timed);
        await this.adoptAt(stacks.west, timed);
        await timed("settle: pulumi up", "east", () => up(stacks.east));
    }

    /** The mirror goes on without the tool, by nothing that is made anew; and nothing of the tool's is left at it. */
    private async letGoAndLookAfterIt(lab: Lab, stacks: Record<SiteName, Stack>, timed: Timed): Promise<void> {
        await this.configure(stacks, { unmanage: true });
        for (const stack of [stacks.east, stacks.west, stacks.east]) {
            await timed("unmanage: pulumi up", stack.site, () => up(stack));
        }
        const changes = await residual(Object.values(stacks));
        const mirror = await mirrorOf(lab);
        if (changes > 0) {
            this.faults.push(`after unmanage a preview finds ${changes} changes`);
        }
        if (mirror?.labelled !== false) {
            this.faults.push("after unmanage the mirror is not there, or still labelled");
        }
        await timed("the mirror goes on by itself", "west", () =>
            until("a transfer that nobody of ours looks after", async () => {
                const now = await mirrorOf(lab);
                return now !== undefined && now.transferred !== mirror?.transferred ? true : undefined;
            }),
        );
        const relationships = await new ArrayAdmin(lab.sites.west).relationships();
        if (!isDeepStrictEqual(relationships.sort(), [...this.relationships].sort())) {
            this.faults.push("after unmanage there are other relationships than before");
        }
    }

    private configure(stacks: Record<SiteName, Stack>, more: object): Promise<void> {
        return configure(
            stacks,
            this.applications.map((one) => ({ ...one, ...more })),
        );
    }

    /** The preview names what is adopted, and what would change of it. */
    private async adoptAt(stack: Stack, timed: Timed): Promise<void> {
        const { output } = await timed("preview: adopt", stack.site, () => stack.preview());
        const objects = this.applications.flatMap(({ name }) => madeByOthers[name][stack.site]);
        for (const object of objects) {
            if (!output.includes(`patch ${object}: label`)) {
                this.faults.push(`the preview at ${stack.site} does not say that ${object} is adopted`);
            }
        }
        await timed("adopt: pulumi up", stack.site, () => up(stack));
    }
}

/** Of each application. */
const madeByOthers: Readonly<Record<"shop" | "machines", Record<SiteName, readonly string[]>>> = {
    shop: {
        east: ["Application shop/shop", `Schedule shop/${names.schedule}`],
        west: [`AppMirrorRelationship shop/${names.mirror}`],
    },
    machines: {
        east: ["Application machines/machines", `Schedule machines/${machines.names.schedule}`],
        west: [`AppMirrorRelationship machines/${machines.names.mirror}`],
    },
};

/** Backups become due a few times in each of the scenario's stages. */
const backups = {
    name: "shop-backups",
    granularity: "Custom",
    recurrenceRule: "DTSTART:20250101T000000Z\nRRULE:FREQ=MINUTELY;INTERVAL=15",
    backupRetention: 2,
};
const shop = { name: "shop" as const, namespaces: ["shop"], every: "5 minutes", names, schedules: [backups] };

/** The mirror at west: whether it has our label, and what it fetched last; undefined where there is none. */
async function mirrorOf({ sites }: Lab): Promise<{ labelled: boolean; transferred: string | undefined } | undefined> {
    const cluster = await Cluster.connect(sites.west.kubernetes.adminKubeconfig);
    const found = await cluster.get(
        { apiVersion: protect, kind: "AppMirrorRelationship" },
        { name: names.mirror, namespace: "shop" },
    );
    const { lastTransferredSnapshot: last } = (found?.status ?? {}) as { lastTransferredSnapshot?: { name?: string } };
    const { labels = {} } = (found?.metadata ?? {}) as { labels?: Record<string, string> };
    return found === undefined ? undefined : { labelled: applicationLabel in labels, transferred: last?.name };
}

const applicationLabel = "trident-dr.pulumi.com/application";

async function configure(stacks: Record<SiteName, Stack>, applications: readonly object[]): Promise<void> {
    for (const stack of Object.values(stacks)) {
        await stack.edit((config) => {
            config["trident-dr:applications"] = applications;
        });
    }
}

async function copiesOf(stacks: Record<SiteName, Stack>): Promise<string[]> {
    return Promise.all(
        Object.values(stacks).map(async ({ file }) => {
            await copyFile(file, `${file}.before`);
            return `${file}.before`;
        }),
    );
}

/**
 * The peering, the backend, the classes, the AppVaults and their Secrets stay as they are, and are used from now on as what
 * somebody else looks after.
 */
async function leaveToOthers(lab: Lab, stacks: Record<SiteName, Stack>, timed: Timed): Promise<void> {
    await keepAccessOfEast(lab, stacks.east);
    for (const stack of Object.values(stacks)) {
        await stack.edit((config) => {
            const sites = config["trident-dr:sites"] as Record<string, { ontap: Record<string, unknown> }>;
            config["trident-dr:sites"] = Object.fromEntries(
                Object.entries(sites).map(([name, site]) => [name, existing(name, site)]),
            );
        });
        const inSecret = stack.site === "east" ? ["ontapUsername", "ontapPassword"] : [];
        for (const key of ["tridentPassword", "peeringPassphrase", "vaultCredentials", ...inSecret]) {
            await stack.must(["config", "rm", `trident-dr:${key}`, "--stack", stack.site]);
        }
        await timed("leave what is there to others: pulumi up", stack.site, () => up(stack));
    }
}

/** Others keep east's account at its array in a Secret; its kubeconfig is in the stack, and on no disk. */
async function keepAccessOfEast({ sites }: Lab, east: Stack): Promise<void> {
    const { kubernetes, ontap } = sites.east;
    const cluster = await Cluster.connect(kubernetes.adminKubeconfig, { userAgent: "kubectl" });
    await cluster.create({
        apiVersion: "v1",
        kind: "Secret",
        metadata: { name: accountSecret, namespace: "trident" },
        type: "kubernetes.io/basic-auth",
        stringData: ontap.users.product,
    });
    const contents = await readFile(kubernetes.productKubeconfig, "utf8");
    await east.must(["config", "set", "--secret", "trident-dr:kubeconfig", contents, "--stack", east.site]);
}

function existing(name: string, { ontap, ...site }: { ontap: Record<string, unknown> }): object {
    const { url, certificate, svm } = ontap;
    return {
        ...site,
        ontap: { url, certificate, svm, peering: "existing", ...(name === "east" ? { accountSecret } : {}) },
        tridentBackend: { existing: "trident-dr-ontap" },
        storageClass: { existing: "trident-dr" },
        snapshotClass: { existing: "trident-dr" },
        vault: { existing: `vault-${name}`, credentialsSecret: `vault-${name}-credentials` },
    };
}

/** As NetApp's documentation has it: an Application, a snapshot and a Schedule there, an AppMirrorRelationship here. */
async function mirrorByHand({ sites }: Lab): Promise<void> {
    const [east, west] = await Promise.all(
        [sites.east, sites.west].map(({ kubernetes }) =>
            Cluster.connect(kubernetes.adminKubeconfig, { userAgent: "kubectl" }),
        ),
    );
    const at = (kind: string, name: string) => ({
        apiVersion: protect,
        kind,
        metadata: { name, namespace: "shop" },
    });
    const rule = "DTSTART:20250101T000000Z\nRRULE:FREQ=MINUTELY;INTERVAL=5";
    const own = { applicationRef: "shop", appVaultRef: "vault-east" };
    await east!.create({ ...at("Application", "shop"), spec: { includedNamespaces: [{ namespace: "shop" }] } });
    await east!.create({ ...at("Snapshot", "first"), spec: own });
    await stateOf(east!, "Snapshot", "first", "Completed");
    await east!.create({
        ...at("Schedule", names.schedule),
        spec: {
            ...own,
            enabled: true,
            granularity: "Custom",
            recurrenceRule: rule,
            snapshotRetention: "3",
            backupRetention: "0",
        },
    });
    const application = await east!.get(
        { apiVersion: protect, kind: "Application" },
        { name: "shop", namespace: "shop" },
    );
    // The generated roles came with it where they had been applied before.
    if ((await west!.get(namespace, { name: "shop" })) === undefined) {
        await west!.create({ ...namespace, metadata: { name: "shop" } });
    }
    await west!.create({
        ...at("AppMirrorRelationship", names.mirror),
        spec: {
            desiredState: "Established",
            sourceAppVaultRef: "vault-east",
            destinationAppVaultRef: "vault-west",
            sourceApplicationName: "shop",
            sourceApplicationUID: (application!.metadata as { uid?: string }).uid,
            namespaceMapping: [{ source: "shop", destination: "shop" }],
            storageClassName: "trident-dr",
            recurrenceRule: rule,
        },
    });
    await stateOf(west!, "AppMirrorRelationship", names.mirror, "Established");
}

function stateOf(cluster: Cluster, kind: string, name: string, wanted: string): Promise<true> {
    return until(`${kind} ${name} to be ${wanted}`, async () => {
        const found = await cluster.get({ apiVersion: protect, kind }, { name, namespace: "shop" });
        return (found?.status as { state?: string } | undefined)?.state === wanted || undefined;
    });
}
