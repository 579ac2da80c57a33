import assert from "node:assert/strict";
import { Cluster, type ObjectName } from "../../../../provider/clients/kubernetes/cluster";
import type { SiteView } from "../../../../provider/drivers/driver";
import { noClaims } from "../../../../provider/engine/claims";
import { execute, pendingSteps } from "../../../../provider/engine/execute";
import { type RecordStore, recordStoreOf } from "../../../../provider/engine/recordStore";
import type { RoleRecord } from "../../../../provider/roles/record";
import written from "../../../unit/provider/roles/record-0.1.0.json";
import { grantedClient } from "./grantedClient";
import { startControlPlane, type TestControlPlane, toolsMs } from "../../lab/controllers/controlPlane";

const name = "trident-dr-record-shop";
const former = { namespace: "shop", name };
const place = { namespace: "trident-dr", name };
const old = written["east stood down"] as RoleRecord;
const identity = { application: "shop", site: "east", peerSite: "west" };

type Access = Pick<Cluster, "get" | "apply" | "delete">;

describe("a record of 0.1.0, at a real API server, with the rights that trident-dr-rbac prints", function () {
    this.timeout(toolsMs);
    let plane: TestControlPlane;
    let product: Cluster;

    before(async () => {
        plane = await startControlPlane({ controllers: false });
        product = await grantedClient(plane, "east", [former, place]);
    });
    after(() => plane?.stop());
    beforeEach(writeAsBefore);
    afterEach(() =>
        Promise.all([former, place].map((key) => plane.cluster.delete(configMap, key).catch(() => undefined))),
    );

    const configMap = { apiVersion: "v1", kind: "ConfigMap" };
    const at = (key: ObjectName & { namespace: string }) =>
        plane.cluster.get<{ data: { role: string; record: string } } & typeof configMap & { metadata: ObjectName }>(
            configMap,
            key,
        );

    /** As `RecordStore.write` of 0.1.0 did: by server-side apply, under the same manager. */
    async function writeAsBefore(): Promise<void> {
        await plane.cluster.serverSideApply(
            {
                ...configMap,
                metadata: former,
                data: {
                    role: old.role,
                    epoch: String(old.epoch),
                    record: `${JSON.stringify(old, undefined, 2)}\n`,
                },
            } as never,
            { fieldManager: "pulumi-trident-dr" },
        );
    }

    /** One `pulumi up`, as far as the record is concerned; the calls that it makes. */
    async function run(cluster: Access): Promise<string[]> {
        const store = recordStoreOf(cluster, identity, "trident-dr", undefined, "shop");
        const { record, move } = await store.look();
        const steps = move === undefined ? [] : [{ do: "move-record" as const, ...move }];
        const plan = { kind: "plan" as const, verb: "hold" as const, steps, notes: [] };
        const view = { observed: {}, freshFor: () => Promise.resolve(view) } as unknown as SiteView;
        const start = { own: record!, view, unmet: [] };
        const site = siteWith(store);
        const announced = pendingSteps(site, plan, start).flatMap(({ actions }) => actions.map(({ call }) => call));
        await execute(site, plan, start, () => undefined);
        return announced;
    }

    const moves = [
        `apply ConfigMap trident-dr/${name}: moved from ConfigMap shop/${name}`,
        `delete ConfigMap shop/${name}`,
    ];

    it("is moved once: the second run has nothing to do, and the old ConfigMap is gone", async () => {
        assert.deepEqual(await run(product), moves);
        const moved = await at(place);
        assert.equal(moved?.data.role, "stood-down");
        assert.deepEqual(JSON.parse(moved.data.record), { ...old, keptIn: place.namespace, serial: old.serial + 1 });
        assert.equal(await at(former), undefined);
        assert.deepEqual(await run(product), []);
        assert.deepEqual((await at(place))?.data, moved.data);
    });

    it("is removed by the next run when one was killed between the write and the delete", async () => {
        const killed = () => Promise.reject(new Error("killed"));
        const cut: Access = {
            get: (...args) => product.get(...args),
            apply: (...args) => product.apply(...args),
            delete: killed,
        };
        await assert.rejects(run(cut), /killed/);
        assert.ok((await at(former)) !== undefined);
        const moved = await at(place);
        assert.deepEqual(await run(product), moves.slice(1));
        assert.equal(await at(former), undefined);
        assert.deepEqual((await at(place))?.data, moved?.data);
        assert.deepEqual(await run(product), []);
    });

    it("stays where it is when the run is killed before the write", async () => {
        const cut: Access = {
            get: (...args) => product.get(...args),
            apply: () => Promise.reject(new Error("killed")),
            delete: (...args) => product.delete(...args),
        };
        await assert.rejects(run(cut), /killed/);
        assert.ok((await at(former)) !== undefined);
        assert.equal(await at(place), undefined);
        assert.deepEqual(await run(product), moves);
    });
});

function siteWith(store: RecordStore) {
    return { claims: noClaims, store, progress: () => undefined, signal: new AbortController().signal };
}
