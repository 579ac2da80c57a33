import assert from "node:assert/strict";
import type { KubernetesObject } from "../../../../provider/clients/kubernetes/cluster";
import { RecordStore } from "../../../../provider/engine/recordStore";
import { emptyRecord, type RoleRecord } from "../../../../provider/roles/record";

/** A cluster that keeps one object. */
function keeping(kept?: KubernetesObject) {
    const cluster = {
        kept,
        get: () => Promise.resolve(cluster.kept),
        apply: (object: KubernetesObject) => Promise.resolve((cluster.kept = object)),
    };
    const place = { name: "trident-dr-record-shop", namespace: "shop" };
    const keeper = new RecordStore(cluster, place, { application: "shop", site: "east", peer: "west" });
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

    for (const text of ["", "not JSON", "{}", JSON.stringify({ ...recordOf(), role: "king" })]) {
        it(`is never guessed from ${JSON.stringify(text.slice(0, 20))}: the site and the way on are told`, async () => {
            await assert.rejects(
                keeping(configMapWith(text)).keeper.read(),
                /: east: the record of shop in ConfigMap shop\/trident-dr-record-shop cannot be read \(.+\)\. Delete the ConfigMap/,
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
