import assert from "node:assert/strict";
import { KubernetesError } from "../../../../../provider/clients/kubernetes/errors";
import type { Kind, KubernetesObject, ObjectName } from "../../../../../provider/clients/kubernetes/objects";
import { runActions } from "../../../../../provider/drivers/action";
import { applicationManifest, quotaManifest } from "../../../../../provider/drivers/applications/manifests";
import { type QuotaState, readQuotas } from "../../../../../provider/drivers/applications/quota";
import { settingsOfShop, taken, viewOf } from "./view";

const settings = settingsOfShop();
const [first, second] = settings.namespaces as [string, string];
const forbid = { do: "forbid-pods" } as const;
const allow = { do: "allow-pods" } as const;

function quota(namespace: string, part: Partial<QuotaState> = {}): QuotaState {
    return {
        namespace,
        isOurs: true,
        asDeclared: true,
        inForce: true,
        createdAt: "2026-11-22T03:00:00Z",
        ...part,
    };
}

const callsOf = (step: typeof forbid | typeof allow, quotas: QuotaState[] | undefined) =>
    viewOf({ quotas })
        .actions(step)
        .map(({ call }) => call);

/** As the API server gives it. */
function stored(part: Partial<KubernetesObject> = {}): KubernetesObject {
    const { metadata, ...made } = quotaManifest(settings, first);
    return {
        ...made,
        metadata: { ...metadata, creationTimestamp: "2026-11-22T03:00:00Z" },
        status: { hard: { pods: "0" }, used: { pods: "1" } },
        ...part,
    };
}

async function readOne(object: KubernetesObject): Promise<QuotaState> {
    const get = (_: Kind, { namespace }: ObjectName) => Promise.resolve(namespace === first ? object : undefined);
    const found = await readQuotas({ get }, settings);
    assert.equal(found?.length, 1);
    return found[0]!;
}

describe("the quotas that keep pods from starting", () => {
    it("are created in every namespace, and waited for until the API server goes by them", () => {
        assert.deepEqual(callsOf(forbid, []), [
            "create ResourceQuota shop/trident-dr-shop: no pod starts",
            "create ResourceQuota shop-data/trident-dr-shop: no pod starts",
            "wait for ResourceQuota shop/trident-dr-shop to be in force",
            "wait for ResourceQuota shop-data/trident-dr-shop to be in force",
        ]);
    });

    it("make no call where they stand, and only what is missing after a run that was cut off", () => {
        assert.deepEqual(callsOf(forbid, [quota(first), quota(second)]), []);
        assert.deepEqual(callsOf(forbid, [quota(first), quota(second, { inForce: false })]), [
            "wait for ResourceQuota shop-data/trident-dr-shop to be in force",
        ]);
    });

    it("are made anew when somebody changed them, so that their age tells since when they have stood", () => {
        assert.deepEqual(callsOf(forbid, [quota(first), quota(second, { asDeclared: false })]), [
            "delete ResourceQuota shop-data/trident-dr-shop",
            "create ResourceQuota shop-data/trident-dr-shop: no pod starts",
            "wait for ResourceQuota shop-data/trident-dr-shop to be in force",
        ]);
    });

    it("are removed where the site is to serve: ours, and no others", () => {
        assert.deepEqual(callsOf(allow, [quota(first), quota(second, { isOurs: false })]), [
            "delete ResourceQuota shop/trident-dr-shop",
        ]);
        assert.deepEqual(callsOf(allow, []), []);
    });

    it("of others under this name are not replaced", async () => {
        const deleted: string[] = [];
        const cluster = { delete: () => Promise.resolve(deleted.push("delete")) };
        const actions = viewOf({ quotas: [quota(first, { isOurs: false, asDeclared: false })] }, { cluster }).actions(
            forbid,
        );
        await assert.rejects(
            runActions(actions, () => undefined, "east"),
            /^.*east: ResourceQuota shop\/trident-dr-shop is in the way, and somebody else created it/,
        );
        assert.deepEqual(deleted, []);
    });

    it("tell the planner since when they have stood together: as long as the youngest, and not at all with one missing", () => {
        const younger = quota(second, { createdAt: "2026-11-22T03:00:07Z" });
        assert.deepEqual(viewOf({ quotas: [quota(first), younger] }).observed.barrier, {
            stands: true,
            since: "2026-11-22T03:00:07Z",
        });
        for (const quotas of [
            undefined,
            [],
            [quota(first)],
            [quota(first), quota(second, { inForce: false })],
            [quota(first), quota(second, { asDeclared: false })],
        ]) {
            assert.deepEqual(viewOf({ quotas }).observed.barrier, { stands: false });
        }
    });

    it("are in force once their status repeats what they ask for, and counts", async () => {
        assert.deepEqual(await readOne(stored()), quota(first));
        for (const status of [undefined, {}, { hard: { pods: "0" } }, { hard: { pods: "9" }, used: { pods: "1" } }]) {
            assert.equal((await readOne(stored({ status }))).inForce, false);
        }
    });

    it("are not as declared when they let pods start, or count only some", async () => {
        for (const spec of [{ hard: { pods: "3" } }, { hard: {} }, { hard: { pods: "0" }, scopes: ["BestEffort"] }]) {
            assert.equal((await readOne(stored({ spec }))).asDeclared, false);
        }
    });

    it("are unknown to a user who may not read them, and nothing else fails for that", async () => {
        const failing = (kind: "forbidden" | "unreachable") => ({
            get: () => Promise.reject(new KubernetesError("no", kind, "east", "get")),
        });
        assert.equal(await readQuotas(failing("forbidden"), settings), undefined);
        await assert.rejects(readQuotas(failing("unreachable"), settings), KubernetesError);
        assert.deepEqual(callsOf(allow, undefined), []);
    });
});

describe("what a ShutdownSnapshot keeps and deletes", () => {
    const shutDown = { do: "take-shutdown-snapshot", epoch: 1 } as const;
    const application = (spec: unknown): KubernetesObject => ({ ...applicationManifest(settings), spec });
    const calls = (spec: unknown, part = {}) =>
        viewOf({ application: application(spec), ...part })
            .actions(shutDown)
            .map(({ call }) => call);

    it("is not the quota: an Application from before there was one is declared anew first", () => {
        const before = { ...(applicationManifest(settings).spec as object), resourceFilter: undefined };
        assert.equal(calls(before)[0], "apply Application shop/shop");
        assert.match(calls(before)[1]!, /^create ShutdownSnapshot/);
        assert.match(calls(applicationManifest(settings).spec)[0]!, /^create ShutdownSnapshot/);
    });

    it("is settled once it was begun", () => {
        const shutdownSnapshots = [taken("shop-final-1", { state: "Running" })];
        assert.match(calls({}, { shutdownSnapshots })[0]!, /^wait for ShutdownSnapshot/);
    });
});
