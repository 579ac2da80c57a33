import assert from "node:assert/strict";
import type { KubernetesObject } from "../../../../provider/clients/kubernetes/cluster";
import type { SiteView } from "../../../../provider/drivers/driver";
import { noClaims } from "../../../../provider/engine/claims";
import { execute, pendingSteps } from "../../../../provider/engine/execute";
import { isInPlace, RecordStore, recordStoreOf } from "../../../../provider/engine/recordStore";
import type { Plan } from "../../../../provider/roles/planner/decision";
import type { RecordMove } from "../../../../provider/roles/situation";
import written from "../roles/record-0.1.0.json";
import { emptyRecord, type RoleRecord } from "../../../../provider/roles/record";
import { Seal } from "../../../../provider/support/seal";

/** A cluster that keeps one object. */
function keeping(kept?: KubernetesObject, seal?: Seal) {
    const cluster = {
        kept,
        get: () => Promise.resolve(cluster.kept),
        apply: (object: KubernetesObject) => Promise.resolve((cluster.kept = object)),
    };
    const place = { name: "trident-dr-record-shop", namespace: "shop" };
    const keeper = new RecordStore(cluster, place, { application: "shop", site: "east", peer: "west" }, seal);
    return { cluster, keeper };
}

const recordOf = (change: Partial<RoleRecord> = {}): RoleRecord => ({
    ...emptyRecord("shop", "east", "west"),
    role: "active",
    epoch: 1,
    activeSite: "east",
    ...change,
});

function configMapWith(text: string | undefined): KubernetesObject {
    return {
        apiVersion: "v1",
        kind: "ConfigMap",
        metadata: { name: "trident-dr-record-shop", namespace: "shop" },
        ...(text === undefined ? {} : { data: { record: text } }),
    };
}

describe("the record of another pair's application of the same name", () => {
    /** What the store of one pair finds where another one has written; both keep their records in one namespace. */
    async function found(own: { in: string; site?: string }, there: RoleRecord, writtenIn: string) {
        let kept: KubernetesObject | undefined;
        const cluster = {
            get: (_kind: unknown, { namespace }: { namespace: string }) =>
                Promise.resolve(namespace === "trident-dr" ? kept : undefined),
            apply: (object: KubernetesObject) => Promise.resolve((kept = object)),
            delete: () => Promise.resolve(),
        };
        const storeOf = (site: string, peerSite: string, namespace: string) =>
            recordStoreOf(
                cluster as never,
                { application: "shop", site, peerSite },
                "trident-dr",
                undefined,
                namespace,
            );
        await storeOf(there.site, there.peer, writtenIn).write(there);
        return storeOf(own.site ?? "east", "west", own.in).read();
    }

    it("is refused by name, and neither believed nor overwritten", async () => {
        await assert.rejects(found({ in: "shop" }, recordOf(), "other-shop"), {
            message:
                "east: ConfigMap trident-dr/trident-dr-record-shop is the record of another shop, that of site east in " +
                "namespace other-shop; expected shop of site east in namespace shop. Another pair keeps its records there, " +
                "too. Nothing was changed. Give this pair a recordNamespace of its own, or the application another name; " +
                "then pulumi up --stack east",
        });
        const north = recordOf({ site: "north", peer: "south" });
        await assert.rejects(found({ in: "shop" }, north, "shop"), /that of site north/);
    });

    it("may be declared anew in other namespaces once it says nothing any more", async () => {
        const left = recordOf({ role: "none", epoch: 3 });
        assert.equal((await found({ in: "new-shop" }, left, "shop"))!.epoch, 3);
    });

    it("is not taken for that of the other site, which a restore may bring along, nor for one of earlier versions", async () => {
        const west = recordOf({ site: "west", peer: "east" });
        assert.equal(await found({ in: "shop" }, west, "shop"), undefined);
        assert.equal((await found({ in: "shop" }, recordOf(), "shop"))!.role, "active");
        const earlier = { metadata: {}, data: { record: JSON.stringify(recordOf()) } };
        const cluster = { get: () => Promise.resolve(earlier), apply: () => Promise.reject(new Error("no writes")) };
        const identity = { application: "shop", site: "east", peerSite: "west" };
        const store = recordStoreOf(cluster as never, identity, "trident-dr", undefined, "shop");
        assert.equal((await store.read())!.role, "active");
    });
});

describe("the record that is kept at a site", () => {
    it("is read as it was written, with a serial that grew", async () => {
        const { cluster, keeper } = keeping();
        const written = await keeper.write(recordOf({ serial: 4 }));
        assert.deepEqual(written, recordOf({ serial: 5 }));
        assert.deepEqual(await keeper.read(), written);
        const { metadata, data } = cluster.kept!;
        assert.deepEqual(metadata, { name: "trident-dr-record-shop", namespace: "shop" });
        assert.deepEqual([data!["role"], data!["epoch"]], ["active", "1"]);
    });

    it("says where the item is, at both sites, where that is not the same; also before the site has a role", async () => {
        let kept: KubernetesObject | undefined;
        const cluster = { apply: (object: KubernetesObject) => Promise.resolve((kept = object)) };
        const identity = { application: "shop", site: "east", peerSite: "west" };
        const placed = { namespaces: ["shop"], peerNamespaces: ["spare"] };
        const store = recordStoreOf(cluster as never, { ...identity, ...placed }, "trident-dr");
        const namespaces = { own: ["shop"], peer: ["spare"] };
        assert.deepEqual(store.newer(undefined, undefined).namespaces, namespaces);
        assert.deepEqual((await store.write(recordOf())).namespaces, namespaces);
        assert.match(kept!.data!["record"]!, /"spare"/);
        const same = recordStoreOf(cluster as never, { ...identity, namespaces: ["shop"] }, "trident-dr");
        assert.equal("namespaces" in (await same.write(recordOf())), false);
        const selector = { matchLabels: { tier: "db", app: "shop" } };
        const chosen = recordStoreOf(cluster as never, { ...identity, labelSelector: selector }, "trident-dr");
        assert.equal(chosen.newer(undefined, undefined).labelSelector, "app=shop,tier=db");
        assert.equal((await chosen.write(recordOf())).labelSelector, "app=shop,tier=db");
        assert.equal("labelSelector" in (await same.write(recordOf({ labelSelector: "app=shop" }))), false);
        // It was declared anew, in the same namespaces at both sites.
        assert.equal("namespaces" in (await same.write(recordOf({ namespaces }))), false);
    });

    it("is not there as long as none was written", async () => {
        assert.equal(await keeping().keeper.read(), undefined);
        assert.equal(await keeping(configMapWith(undefined)).keeper.read(), undefined);
    });

    it("is not ours when another site or application wrote it, as after a restore", async () => {
        for (const change of [{ site: "west", peer: "east" }, { application: "bank" }]) {
            const { keeper } = keeping(configMapWith(JSON.stringify(recordOf(change))));
            assert.equal(await keeper.read(), undefined);
        }
    });

    it("of a group of volumes is not replaced where the other site's stack keeps its own in the same place", async () => {
        const ofWest = recordOf({ site: "west", peer: "east" });
        const cluster = keeping(configMapWith(JSON.stringify(ofWest))).cluster;
        const identity = { application: "shop", site: "east", peerSite: "west", kind: "volumes" };
        await assert.rejects(
            recordStoreOf(cluster as never, identity, "shop").read(),
            /ConfigMap shop\/trident-dr-record-shop is the record of shop at west, which this stack would replace/,
        );
        cluster.kept = configMapWith(JSON.stringify({ ...ofWest, role: "none" }));
        assert.equal(await recordStoreOf(cluster as never, identity, "shop").read(), undefined);
    });

    for (const text of ["", "not JSON", "{}", JSON.stringify({ ...recordOf(), role: "king" })]) {
        it(`is never guessed from ${JSON.stringify(text.slice(0, 20))}: the site and the way on are told`, async () => {
            await assert.rejects(
                keeping(configMapWith(text)).keeper.read(),
                /: east: the record of shop in ConfigMap shop\/trident-dr-record-shop cannot be read \(.+\)\. Nothing was changed\. Restore the ConfigMap from a backup .* Do not delete it/,
            );
        });
    }
});

describe("of the record at the site and the one in the state", () => {
    const { keeper } = keeping();
    const newer = recordOf({ serial: 8 });
    const older = recordOf({ serial: 7, role: "standby" });

    it("the newer counts, wherever it is", () => {
        assert.deepEqual(keeper.newer(newer, older), newer);
        assert.deepEqual(keeper.newer(older, newer), newer);
    });

    it("the one at the site counts when both are of one serial", () => {
        assert.deepEqual(keeper.newer(recordOf({ serial: 7 }), older), recordOf({ serial: 7 }));
    });

    it("the only one counts", () => {
        assert.deepEqual(keeper.newer(undefined, older), older);
        assert.deepEqual(keeper.newer(older, undefined), older);
    });

    it("none counts that cannot be read or is another's: the site is nothing yet", () => {
        const nothing = emptyRecord("shop", "east", "west");
        for (const remembered of [
            undefined,
            null,
            {},
            "x",
            recordOf({ site: "west" }),
            recordOf({ application: "bank" }),
        ]) {
            assert.deepEqual(keeper.newer(undefined, remembered), nothing);
        }
    });
});

describe("a record that could not be read back", () => {
    const change = { epoch: 1, from: "standby", to: "active", verb: "hold", at: "2026-11-22T03:00:00Z" } as const;
    const broken: Record<string, Partial<RoleRecord>> = {
        "a number that is none": { history: [{ ...change, lossBoundSeconds: Number.NaN, stages: [] }] },
        "a day that is none": {
            history: [{ ...change, recoveryPoint: { snapshot: "s", takenAt: "2026-02-30T00:00:00Z" }, stages: [] }],
        },
        "a negative epoch": { epoch: -1 },
    };
    for (const [what, part] of Object.entries(broken)) {
        it(`is not written: ${what}`, async () => {
            const { cluster, keeper } = keeping();
            await assert.rejects(keeper.write(recordOf(part)), /east: the new record of shop could not be read back/);
            assert.equal(cluster.kept, undefined);
        });
    }
});

describe("the trust in a record", () => {
    const [first, second] = ["the first key of the pair, 32 long", "the second key of the pair, 32 long"];
    const seal = new Seal({ current: first });
    const sealed = seal.on("record", recordOf({ serial: 7 }));
    const bare = recordOf({ serial: 7 });
    const trustWith = (by: Seal, kept: RoleRecord | undefined, remembered?: RoleRecord) => {
        const { faults, isStale, accepts } = keeping(undefined, by).keeper.trust(kept, remembered);
        return { faults: faults.map(({ is }) => is), isStale, accepts };
    };
    const introducing = new Seal({ current: first }, true);

    it("is whole with the MAC of the present key, at the site and in the state", () => {
        const whole = { faults: [], isStale: false, accepts: "nothing" };
        assert.deepEqual(trustWith(seal, sealed, sealed), whole);
        assert.deepEqual(trustWith(seal, undefined, sealed), whole);
        assert.deepEqual(trustWith(seal, undefined), whole);
    });

    it("is gone when a copy was changed, even if the other one counts", () => {
        const forged = { ...sealed, role: "standby" as const, serial: 6 };
        assert.deepEqual(trustWith(seal, forged, sealed).faults, ["not authentic"]);
        assert.deepEqual(trustWith(seal, sealed, forged).faults, ["not authentic"]);
        assert.deepEqual(trustWith(introducing, forged, sealed).faults, ["not authentic"]);
    });

    it("is gone without a MAC, unless the pair is being given its first key", () => {
        assert.deepEqual(trustWith(seal, bare).faults, ["without a MAC"]);
        assert.deepEqual(trustWith(introducing, bare, bare), {
            faults: [],
            isStale: true,
            accepts: "what has no MAC",
        });
    });

    it("is gone when a MAC was there and is missing from what counts, whatever is configured", () => {
        assert.deepEqual(trustWith(introducing, { ...bare, serial: 8 }, sealed).faults, ["without a MAC"]);
        assert.deepEqual(trustWith(introducing, bare, sealed).faults, ["without a MAC"]);
    });

    it("stays when the run that introduced the key was killed before the state had it", () => {
        assert.deepEqual(trustWith(seal, sealed, { ...bare, serial: 6 }).faults, []);
    });

    it("stays after a rotation, until which the record is to be written again", () => {
        const rotated = new Seal({ current: second, previous: first });
        assert.deepEqual(trustWith(rotated, sealed, sealed), { faults: [], isStale: true, accepts: "nothing" });
        assert.deepEqual(trustWith(new Seal({ current: second }), sealed).faults, ["not authentic"]);
    });

    it("is as it always was without a key; a MAC that nothing can check is not thrown away", () => {
        assert.deepEqual(trustWith(new Seal(), bare, bare), { faults: [], isStale: false, accepts: "everything" });
        assert.deepEqual(trustWith(new Seal(), sealed).faults, ["without a key to check it"]);
    });

    it("needs none in the state of a site that has only waited so far; what such a site publishes carries a MAC", () => {
        const waiting = emptyRecord("shop", "east", "west");
        assert.deepEqual(trustWith(seal, undefined, waiting), { faults: [], isStale: false, accepts: "nothing" });
        const { keeper } = keeping(undefined, seal);
        assert.equal(keeper.isAuthenticated(keeper.newer(undefined, waiting)), true);
        assert.equal(keeper.newer(undefined, { ...waiting, role: "active" }).role, "none");
    });

    it("is kept up by what is written, and asked for by whoever reads a record alone", async () => {
        const { cluster, keeper } = keeping(undefined, seal);
        const written = await keeper.write(recordOf({ serial: 4 }));
        assert.equal(keeper.isAuthenticated(written), true);
        assert.deepEqual(await keeper.readTrusted(), written);
        const forged = { ...written, role: "none" as const };
        cluster.kept = configMapWith(JSON.stringify(forged));
        await assert.rejects(keeper.readTrusted(), /east: the record of shop cannot be trusted/);
    });
});

describe("a record for the stack's state and its peer", () => {
    const seal = new Seal({ current: "the first key of the pair, 32 long" });
    const changes = Array.from({ length: 9 }, (_, index) => ({
        epoch: index + 1,
        from: "active" as const,
        to: "standby" as const,
        verb: "become standby" as const,
        at: "2026-11-22T03:00:00.000Z",
        stages: [],
    }));
    const full = recordOf({ serial: 7, history: changes });

    it("has the newest changes, and a MAC over them", () => {
        const published = keeping(undefined, seal).keeper.published(seal.on("record", full));
        assert.deepEqual(published.history, changes.slice(-4));
        assert.equal(published.serial, 7);
        assert.equal(seal.verdict("record", published), "current");
    });

    it("has them without a MAC where it has none", () => {
        for (const by of [seal, new Seal()]) {
            const published = keeping(undefined, by).keeper.published(full);
            assert.deepEqual([published.history.length, published.mac], [4, undefined]);
        }
    });

    it("is as it is where its MAC is not that of the present key: nobody else's word gets one", () => {
        const sealed = seal.on("record", full);
        const forged = { ...sealed, role: "standby" as const };
        const rotated = new Seal({
            current: "the second key of the pair, 32 long",
            previous: "the first key of the pair, 32 long",
        });
        assert.equal(keeping(undefined, seal).keeper.published(forged), forged);
        assert.equal(keeping(undefined, rotated).keeper.published(sealed), sealed);
        assert.equal(keeping(undefined, new Seal()).keeper.published(sealed), sealed);
    });
});

describe("a record where 0.1.0 kept it, in the application's own namespace", () => {
    const name = "trident-dr-record-shop";
    /** A cluster with several ConfigMaps, by namespace, that writes down what is done to them. */
    const clusterWith = (records: Record<string, unknown>) => {
        const objects = new Map(
            Object.entries(records).map(([namespace, record]) => [namespace, configMapWith(JSON.stringify(record))]),
        );
        const calls: string[] = [];
        return {
            objects,
            calls,
            get: (_kind: unknown, key: { namespace?: string }) => Promise.resolve(objects.get(key.namespace!)),
            apply: (object: KubernetesObject) => {
                calls.push(`apply ${object.metadata.namespace}`);
                objects.set(object.metadata.namespace!, object);
                return Promise.resolve(object);
            },
            delete: (_kind: unknown, key: { namespace?: string }) => {
                calls.push(`delete ${key.namespace}`);
                objects.delete(key.namespace!);
                return Promise.resolve();
            },
        };
    };
    const identity = { application: "shop", site: "east", peerSite: "west" };
    const storeIn = (cluster: ReturnType<typeof clusterWith>, seal?: Seal) =>
        recordStoreOf(cluster as never, identity, "trident-dr", seal, "shop");
    const old = written["east stood down"] as RoleRecord;
    const from = `ConfigMap shop/${name}`;
    const nothingSeen = {
        observed: { mirror: undefined },
        freshFor: () => Promise.resolve(nothingSeen),
    } as unknown as SiteView;
    const noClaimsSite = (store: RecordStore) => ({
        claims: noClaims,
        store,
        progress: () => undefined,
        signal: new AbortController().signal,
    });
    const planOf = (move: RecordMove | undefined): Plan => ({
        kind: "plan",
        verb: "hold",
        steps: move === undefined ? [] : [{ do: "move-record", ...move }],
        notes: [],
    });

    it("is read there as long as there is none in its place", async () => {
        const { record, move } = await storeIn(clusterWith({ shop: old })).look();
        assert.deepEqual(record, old);
        assert.deepEqual(move, { from, isCopied: false });
    });

    it("is moved once: written in its place, then deleted, both announced", async () => {
        const cluster = clusterWith({ shop: old });
        const store = storeIn(cluster);
        const { record: own, move } = await store.look();
        const start = { own: own!, view: nothingSeen, unmet: [] };
        const announced = pendingSteps(noClaimsSite(store), planOf(move), start).flatMap(({ actions }) => actions);
        assert.deepEqual(
            announced.map(({ call }) => call),
            [`apply ConfigMap trident-dr/${name}: moved from ${from}`, `delete ${from}`],
        );
        await execute(noClaimsSite(store), planOf(move), start, () => undefined);
        assert.deepEqual(cluster.calls, ["apply trident-dr", "delete shop"]);
        assert.deepEqual(await store.look(), {
            record: { ...old, keptIn: "trident-dr", serial: old.serial + 1 },
        });
    });

    it("is deleted by the run after one that was killed in between", async () => {
        const cluster = clusterWith({ shop: old, "trident-dr": { ...old, serial: old.serial + 1 } });
        const store = storeIn(cluster);
        const { record: own, move } = await store.look();
        assert.equal(own!.serial, old.serial + 1);
        await execute(noClaimsSite(store), planOf(move), { own: own!, view: nothingSeen, unmet: [] }, () => undefined);
        assert.deepEqual(cluster.calls, ["delete shop"]);
    });

    it("counts no more once one is in its place, whoever wrote what there since", async () => {
        const forged = { ...old, role: "stood-down", serial: 999 };
        const { record, move } = await storeIn(clusterWith({ shop: forged, "trident-dr": old })).look();
        assert.deepEqual(record, old);
        assert.deepEqual(move, { from, isCopied: true });
        const garbled = await storeIn(clusterWith({ shop: "?", "trident-dr": old })).look();
        assert.deepEqual(garbled, { record: old });
    });

    it("counts no more once the state remembers one in its place, even where that is gone", async () => {
        const forged = { ...old, role: "active", serial: 999 };
        const store = storeIn(clusterWith({ shop: forged }));
        const found = await store.look();
        assert.equal(isInPlace(found), false);
        const moved: RoleRecord = { ...old, keptIn: "trident-dr" };
        const believed = store.believed(found, moved);
        assert.deepEqual(believed.own, moved);
        assert.deepEqual(believed.move, { from, isCopied: true });
        assert.equal(store.believed(found, old).own.serial, 999);
    });

    for (const [what, seal] of [
        ["without a key", undefined],
        ["with a MAC that is right", new Seal({ current: "the first key of the pair, 32 long" })],
    ] as const) {
        it(`is not believed where the state knows of none, ${what}`, async () => {
            const found = { ...old, role: "active" as const, serial: 999 };
            const store = storeIn(clusterWith({ shop: seal?.on("record", found) ?? found }), seal);
            for (const nothing of [undefined, emptyRecord("shop", "east", "west")]) {
                assert.deepEqual(store.believed(await store.look(), nothing).trust.faults, [
                    {
                        where: from,
                        is: "the only copy",
                        putInPlace: `kubectl -n shop get configmap ${name} -o jsonpath='{.data.record}' | kubectl -n trident-dr create configmap ${name} --from-file=record=/dev/stdin`,
                    },
                ]);
            }
        });
    }

    it("is believed where the state has one, or once an administrator has put it in its place", async () => {
        const store = storeIn(clusterWith({ shop: old }));
        assert.deepEqual(store.believed(await store.look(), old).trust.faults, []);
        const put = storeIn(clusterWith({ shop: old, "trident-dr": old }));
        assert.deepEqual(put.believed(await put.look(), undefined).trust.faults, []);
    });

    it("is left alone when it is another site's, brought along by a restore", async () => {
        const theirs = { ...old, site: "west", peer: "east" };
        assert.deepEqual(await storeIn(clusterWith({ shop: theirs })).look(), { record: undefined });
    });

    it("is named where it is when it is not authentic", async () => {
        const store = storeIn(clusterWith({ shop: old }), new Seal({ current: "the first key of the pair, 32 long" }));
        const { record, move } = await store.look();
        assert.deepEqual(store.trust(record, undefined, move).faults, [{ where: from, is: "without a MAC" }]);
    });

    it("stays there for a state of before there was another place", async () => {
        const cluster = clusterWith({ shop: old });
        const store = recordStoreOf(cluster as never, identity, "shop", undefined, "shop");
        assert.deepEqual(await store.look(), { record: old });
        await store.write(old as RoleRecord);
        assert.deepEqual(cluster.calls, ["apply shop"]);
    });
});
