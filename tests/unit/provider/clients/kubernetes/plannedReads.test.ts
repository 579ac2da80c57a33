import assert from "node:assert/strict";
import type { Kind, KubernetesObject, ObjectName } from "../../../../../provider/clients/kubernetes/cluster";
import { kinds } from "../../../../../provider/clients/kubernetes/kinds";
import { PlannedReads } from "../../../../../provider/clients/kubernetes/plannedReads";

/** A cluster that has one pod and one record for each of some namespaces. */
class CountedCluster {
    readonly asked: string[] = [];

    constructor(
        private readonly count: number,
        private readonly mayList: boolean | "unknown",
    ) {}

    get(kind: Kind, { name, namespace }: ObjectName): Promise<KubernetesObject | undefined> {
        this.asked.push(`get ${kind.plural} ${namespace}/${name}`);
        return Promise.resolve(objectOf(kind, namespace, name));
    }

    list(kind: Kind, namespace: string): Promise<KubernetesObject[]> {
        this.asked.push(`list ${kind.plural} ${namespace}`);
        return Promise.resolve([objectOf(kind, namespace, "one")]);
    }

    listWhole(kind: Kind, namespace: string | undefined, most: number): Promise<KubernetesObject[] | undefined> {
        this.asked.push(`list all ${kind.plural} ${namespace ?? ""}`.trim());
        const all = spaces(this.count).map((space) =>
            namespace === undefined ? objectOf(kind, space, "one") : objectOf(kind, namespace, `record-${space}`),
        );
        return Promise.resolve(this.count > most ? undefined : all);
    }

    document(): Promise<unknown> {
        return Promise.reject(new Error("not asked for here"));
    }

    ask(_path: string, body: unknown): Promise<unknown> {
        const { spec } = body as { spec: { resourceAttributes: Record<string, string> } };
        const { verb, group, resource, namespace } = spec.resourceAttributes;
        this.asked.push(`may ${verb} ${resource}.${group} ${namespace ?? ""}`.trim());
        return this.mayList === "unknown"
            ? Promise.reject(new Error("HTTP 503"))
            : Promise.resolve({ status: { allowed: this.mayList } });
    }
}

describe("the reads of several plans at one cluster", () => {
    const list = async (cluster: CountedCluster, kind: Kind, namespaces: readonly string[]) => {
        const reads = new PlannedReads(cluster);
        const found: string[][] = [];
        for (const namespace of namespaces) {
            found.push((await reads.list(kind, namespace)).map(pathOf));
        }
        return found;
    };

    it("are one list of a kind from the second namespace on", async () => {
        const cluster = new CountedCluster(20, true);
        const found = await list(cluster, kinds.statefulSet, spaces(20));
        assert.deepEqual(
            found,
            spaces(20).map((space) => [`${space}/one`]),
        );
        assert.deepEqual(cluster.asked, [
            ...spaces(1).map((space) => `list statefulsets ${space}`),
            "may list statefulsets.apps",
            "list all statefulsets",
        ]);
    });

    it("find nothing in a namespace that has nothing", async () => {
        const cluster = new CountedCluster(20, true);
        assert.deepEqual((await list(cluster, kinds.pod, [...spaces(1), "empty"])).at(-1), []);
    });

    for (const mayList of [false, "unknown"] as const) {
        it(`are a list for each namespace where the right to all is ${mayList}`, async () => {
            const cluster = new CountedCluster(9, mayList);
            await list(cluster, kinds.pod, spaces(9));
            assert.deepEqual(
                cluster.asked.filter((call) => call.startsWith("list")),
                spaces(9).map((space) => `list pods ${space}`),
            );
            assert.equal(cluster.asked.filter((call) => call.startsWith("may")).length, 1);
        });
    }

    it("are a list for each namespace where the cluster has thousands of a kind", async () => {
        const cluster = new CountedCluster(2_001, true);
        await list(cluster, kinds.pod, spaces(5));
        assert.deepEqual(cluster.asked, [
            "list pods app0",
            "may list pods.",
            "list all pods",
            ...spaces(5)
                .slice(1)
                .map((space) => `list pods ${space}`),
        ]);
    });

    it("take records from one list of their namespace, and Secrets one by one", async () => {
        const cluster = new CountedCluster(9, true);
        const reads = new PlannedReads(cluster);
        for (const kind of [kinds.configMap, kinds.secret]) {
            for (const space of spaces(9)) {
                const found = await reads.get(kind, { namespace: "trident-dr", name: `record-${space}` });
                assert.equal(found && pathOf(found), `trident-dr/record-${space}`);
            }
        }
        const ofRecords = cluster.asked.filter((call) => call.includes("configmaps"));
        assert.deepEqual(ofRecords.slice(1), ["may list configmaps. trident-dr", "list all configmaps trident-dr"]);
        assert.equal(cluster.asked.filter((call) => call.startsWith("get secrets")).length, 9);
        assert.ok(cluster.asked.every((call) => !call.startsWith("may list secrets")));
    });
});

function spaces(count: number): string[] {
    return Array.from({ length: count }, (_, index) => `app${index}`);
}

function objectOf({ apiVersion, kind }: Kind, namespace: string | undefined, name: string): KubernetesObject {
    return { apiVersion, kind, metadata: { name, ...(namespace === undefined ? {} : { namespace }) } };
}

function pathOf({ metadata }: KubernetesObject): string {
    return `${metadata.namespace}/${metadata.name}`;
}
