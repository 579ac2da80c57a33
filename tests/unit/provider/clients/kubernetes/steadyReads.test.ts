import assert from "node:assert/strict";
import type { Kind, KubernetesObject, ObjectName } from "../../../../../provider/clients/kubernetes/cluster";
import { kinds } from "../../../../../provider/clients/kubernetes/kinds";
import { SteadyReads } from "../../../../../provider/clients/kubernetes/steadyReads";

describe("the reads of plans that are executed", () => {
    let now: number;
    let asked: string[];
    let isThere: boolean;
    let isBound: boolean;
    let reads: SteadyReads;
    beforeEach(() => {
        [now, asked, isThere, isBound] = [0, [], true, false];
        const bound = () => (isBound ? { status: { backendInfo: { backendUUID: "one" } } } : {});
        const answer = <T>(what: string, found: T): Promise<T> => {
            asked.push(what);
            return Promise.resolve(found);
        };
        const cluster = {
            get: ({ kind, apiVersion }: Kind, { name }: ObjectName): Promise<KubernetesObject | undefined> =>
                answer(
                    `get ${kind} ${name}`,
                    isThere ? { kind, apiVersion, metadata: { name }, ...bound() } : undefined,
                ),
            list: ({ kind }: Kind, namespace: string) => answer(`list ${kind} ${namespace}`, []),
            document: (path: string) => answer(path, {}),
            ask: (path: string) => answer(path, {}),
        };
        reads = new SteadyReads(cluster, () => now);
    });

    const twice = async (kind: Kind) => {
        await reads.get(kind, { name: "one", namespace: "shop" });
        return reads.get(kind, { name: "one", namespace: "shop" });
    };

    it("ask once for what no role change alters, and again after ten seconds", async () => {
        assert.equal((await twice(kinds.appVault))?.metadata.name, "one");
        assert.deepEqual(asked, ["get AppVault one"]);
        await reads.get(kinds.appVault, { name: "other", namespace: "shop" });
        assert.deepEqual(asked.slice(1), ["get AppVault other"]);
        now = 10_000;
        await twice(kinds.appVault);
        assert.deepEqual(asked.slice(2), ["get AppVault one"]);
    });

    it("ask once what the account may do", async () => {
        for (const namespace of ["shop", "shop", "bank"]) {
            await reads.ask("/review", { namespace }, 1);
        }
        assert.deepEqual(asked, ["/review", "/review"]);
    });

    it("ask each time for what role changes alter, and for every list", async () => {
        for (const kind of [kinds.appMirror, kinds.configMap, kinds.volumeClaim, kinds.resourceQuota, kinds.snapshot]) {
            asked.length = 0;
            await twice(kind);
            assert.equal(asked.length, 2, kind.kind);
        }
        asked.length = 0;
        await reads.list(kinds.volume, "shop");
        await reads.list(kinds.volume, "shop");
        assert.equal(asked.length, 2);
    });

    it("ask again for a backend that is not bound yet", async () => {
        await twice(kinds.tridentBackend);
        assert.equal(asked.length, 2);
        isBound = true;
        await twice(kinds.tridentBackend);
        assert.equal(asked.length, 3);
    });

    it("ask again for what was not there", async () => {
        isThere = false;
        await twice(kinds.secret);
        assert.deepEqual(asked, ["get Secret one", "get Secret one"]);
    });
});
