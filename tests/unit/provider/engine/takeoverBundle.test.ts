import assert from "node:assert/strict";
import type { KubernetesObject } from "../../../../provider/clients/kubernetes/cluster";
import { type Bundle, parseBundle } from "../../../../provider/engine/bundle";
import { type MirrorRoleInputs, parseInputs } from "../../../../provider/engine/inputs";
import { TakeoverBundle } from "../../../../provider/engine/takeoverBundle";
import type { Role, RoleRecord } from "../../../../provider/roles/record";
import { noSeal, Seal } from "../../../../provider/support/seal";
import { active, standby } from "../roles/situations";
import { goodInputs } from "./goodInputs";

const [first, second] = ["the first key of the pair, 32 long", "the second key of the pair, 32 long"];

/** A cluster that keeps one object, and counts what it was sent. */
class Keeping {
    kept: KubernetesObject | undefined;
    writes = 0;

    get(): Promise<KubernetesObject | undefined> {
        return Promise.resolve(this.kept);
    }

    apply(object: KubernetesObject): Promise<KubernetesObject> {
        this.writes++;
        return Promise.resolve((this.kept = object));
    }

    delete(): Promise<void> {
        this.writes++;
        this.kept = undefined;
        return Promise.resolve();
    }

    get bundle(): Bundle {
        const parsed = parseBundle(this.kept?.data?.["bundle"] ?? "");
        assert.ok(parsed.ok, parsed.ok ? "" : parsed.failure);
        return parsed.value;
    }
}

const known = (record?: RoleRecord) => ({ known: true, record });
const unreadable = { known: false, why: "its stack cannot be read" };

function inputsOf(change: Record<string, unknown>): MirrorRoleInputs {
    const parsed = parseInputs({ ...goodInputs(), site: "west", peerSite: "east", recordNamespace: "dr", ...change });
    assert.ok(parsed.ok, JSON.stringify(parsed));
    return parsed.inputs;
}

/** One run of `up`, as far as the bundle is concerned; what it announced. */
async function run(
    cluster: Keeping,
    change: Record<string, unknown> = {},
    { role = "standby" as Role, seal = noSeal } = {},
): Promise<string[]> {
    const bundle = new TakeoverBundle(cluster, inputsOf(change), "dr", seal);
    const found = await bundle.look();
    assert.ok(!("unknown" in found));
    const actions = bundle.keep(found, role);
    for (const action of actions) {
        await action.run(() => undefined);
    }
    return actions.map(({ call }) => call);
}

const written = "apply ConfigMap dr/trident-dr-takeover-shop: what a takeover without Pulumi goes by";

describe("the bundle that an up leaves at a site", () => {
    it("has what a takeover goes by, and neither what is decided anew each time nor a way to the cluster", async () => {
        const cluster = new Keeping();
        const peer = active("east", 1);
        const given = {
            peerRecord: known(peer),
            acknowledgements: { takeover: 2 },
            unprotect: false,
            unmanage: false,
            cluster: { kubeconfig: "/home/ops/kubeconfig" },
        };
        assert.deepEqual(await run(cluster, given), [written]);
        const { inputs, peerRecord, schema } = cluster.bundle;
        assert.equal(schema, 1);
        assert.deepEqual(inputs["ontap"], { endpoint: { url: "https://10.0.0.5" }, svm: "svm_east" });
        assert.deepEqual(peerRecord, known(peer));
        for (const left of ["active", "acknowledgements", "unprotect", "unmanage", "cluster", "peerRecord"]) {
            assert.equal(left in inputs, false, left);
        }
    });

    it("has by which labels objects belong to the item, without which a takeover would be of more than that", async () => {
        const cluster = new Keeping();
        const labelSelector = { matchLabels: { app: "shop" } };
        await run(cluster, { labelSelector });
        assert.deepEqual((cluster.bundle.inputs as { labelSelector?: unknown }).labelSelector, labelSelector);
    });

    it("is written once, and again when an input changes", async () => {
        const cluster = new Keeping();
        const place = { together: true, before: [{ application: "db", namespace: "dr" }], after: [] };
        const others = {
            peerRecord: known(active("east", 1)),
            order: { ...place, waitsFor: ["urn of db"] },
            ownKeys: ["takeover"],
            active: "west",
            acknowledgements: { takeover: 2 },
            cluster: { context: "w" },
        };
        await run(cluster, { peerRecord: known(active("east", 1)), order: { ...place, waitsFor: [] } });
        assert.deepEqual(await run(cluster, others), []);
        assert.deepEqual(await run(cluster, { ...others, maxLag: "20m" }), [written]);
        assert.equal(cluster.writes, 2);
    });

    it("follows the peer to another role, and not from one serial to the next", async () => {
        const cluster = new Keeping();
        await run(cluster, { peerRecord: known(active("east", 1, { serial: 3 })) });
        assert.deepEqual(await run(cluster, { peerRecord: known(active("east", 1, { serial: 4 })) }), []);
        assert.deepEqual(await run(cluster, { peerRecord: known(active("east", 2, { serial: 5 })) }), [written]);
    });

    it("remembers the peer as long as its record cannot be read, whatever the reason is", async () => {
        const cluster = new Keeping();
        await run(cluster, { peerRecord: unreadable });
        assert.equal(cluster.bundle.peerRecord.known, false);
        await run(cluster, { peerRecord: known(active("east", 1)) });
        assert.deepEqual(await run(cluster, { peerRecord: unreadable }), []);
        assert.deepEqual(await run(cluster, { peerRecord: { known: false, why: "timeout" } }), []);
    });

    it("knows a peer that was never deployed from one that could not be read", async () => {
        const cluster = new Keeping();
        await run(cluster, { peerRecord: known() });
        assert.deepEqual(cluster.bundle.peerRecord, { known: true, record: null });
        await run(cluster, { peerRecord: unreadable });
        assert.equal(cluster.bundle.peerRecord.known, false);
    });

    it("has no record of the peer at a site that does not follow it, and does not change with it", async () => {
        const cluster = new Keeping();
        const serving = { role: "active" as const };
        await run(cluster, { peerRecord: known() }, serving);
        assert.equal(cluster.bundle.peerRecord.known, false);
        assert.deepEqual(await run(cluster, { peerRecord: known(standby("east", 1)) }, serving), []);
    });

    it("is authenticated with the pair's key, and written again once the key was rotated", async () => {
        const cluster = new Keeping();
        const peerRecord = known();
        assert.deepEqual(await run(cluster, { peerRecord }), [written]);
        const old = new Seal({ current: first });
        assert.deepEqual(await run(cluster, { peerRecord }, { seal: old }), [
            `${written}. It replaces one that is not believed: it carries no MAC, although this pair has a pairKey`,
        ]);
        assert.equal(old.verdict("bundle", cluster.bundle), "current");
        assert.equal(old.verdict("record", cluster.bundle as never), "wrong");
        const rotated = new Seal({ current: second, previous: first });
        assert.deepEqual(await run(cluster, { peerRecord }, { seal: rotated }), [written]);
        assert.deepEqual(await run(cluster, { peerRecord }, { seal: rotated }), []);
        assert.equal(rotated.verdict("bundle", cluster.bundle), "current");
    });

    it("is replaced, by name, when somebody else wrote it", async () => {
        const cluster = new Keeping();
        const seal = new Seal({ current: first });
        await run(cluster, { peerRecord: known() }, { seal });
        const forged = { ...cluster.bundle, inputs: { ...cluster.bundle.inputs, maxLag: "1h" } };
        cluster.kept = { ...cluster.kept!, data: { bundle: JSON.stringify(forged) } };
        const [call] = await run(cluster, { peerRecord: known() }, { seal });
        assert.match(call ?? "", /It replaces one that is not believed: it was not written with this pair's key/);
        cluster.kept = { ...cluster.kept, data: { bundle: "{" } };
        assert.match((await run(cluster, { peerRecord: known() }, { seal }))[0] ?? "", /it cannot be read/);
    });

    it("that cannot be read is no failure", async () => {
        const cluster = { ...new Keeping(), get: () => Promise.reject(new Error("403 Forbidden")) } as never;
        assert.deepEqual(await new TakeoverBundle(cluster, inputsOf({}), "dr", noSeal).look(), {
            unknown: "403 Forbidden",
        });
    });
});
