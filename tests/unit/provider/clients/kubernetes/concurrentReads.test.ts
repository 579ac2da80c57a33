import assert from "node:assert/strict";
import type { Kind, KubernetesObject, ObjectName } from "../../../../../provider/clients/kubernetes/cluster";
import { ConcurrentReads } from "../../../../../provider/clients/kubernetes/concurrentReads";
import { kinds } from "../../../../../provider/clients/kubernetes/kinds";

/** A cluster that answers a list when it is told to, with what it has by then. */
class SlowCluster {
    readonly asked: string[] = [];
    readonly objects: KubernetesObject[] = [];
    mayList = true;
    listsWhole = true;
    private readonly open: (() => void)[] = [];

    /** Answers those that are asked now, with what it had when they were; then new ones may be asked. */
    async answer(): Promise<void> {
        this.open.splice(0).forEach((answer) => answer());
        await turn();
    }

    async get(kind: Kind, { namespace, name }: ObjectName): Promise<KubernetesObject | undefined> {
        const isIt = ({ metadata }: KubernetesObject) => metadata.namespace === namespace && metadata.name === name;
        const [found] = await this.asking(`get ${kind.plural} ${namespace}/${name}`, isIt);
        return found;
    }

    list(kind: Kind, namespace: string): Promise<KubernetesObject[]> {
        return this.asking(`list ${kind.plural} ${namespace}`, (one) => one.metadata.namespace === namespace);
    }

    listWhole(kind: Kind, namespace?: string): Promise<KubernetesObject[]> {
        if (!this.listsWhole) {
            return Promise.reject(new Error("somebody's conversion webhook is down"));
        }
        const place = namespace === undefined ? "" : ` in ${namespace}`;
        return this.asking(
            `list all ${kind.plural}${place}`,
            ({ metadata }) => namespace === undefined || metadata.namespace === namespace,
        );
    }

    document(): Promise<unknown> {
        return Promise.resolve({});
    }

    ask(): Promise<unknown> {
        return Promise.resolve({ status: { allowed: this.mayList } });
    }

    private asking(what: string, wanted: (one: KubernetesObject) => boolean): Promise<KubernetesObject[]> {
        this.asked.push(what);
        const seen = this.objects.filter(wanted);
        return new Promise((resolve) => this.open.push(() => resolve(seen)));
    }
}

/** What was asked for at once is asked by then. */
async function turn(): Promise<void> {
    for (let round = 0; round < 3; round++) {
        await new Promise((resolve) => setImmediate(resolve));
    }
}

describe("reads that many plans ask for at the same time", () => {
    let cluster: SlowCluster;
    let reads: ConcurrentReads;
    beforeEach(() => {
        cluster = new SlowCluster();
        reads = new ConcurrentReads(cluster);
    });
    const pod = (namespace: string): KubernetesObject => ({
        apiVersion: "v1",
        kind: "Pod",
        metadata: { name: "one", namespace },
    });
    const ask = (kind: Kind, count: number) =>
        Array.from({ length: count }, (_, index) => reads.list(kind, `app${index}`));

    it("are one list of all namespaces for those who ask at once", async () => {
        const found = ask(kinds.pod, 10);
        // Made after all of them asked: a list that had begun before would not have it.
        cluster.objects.push(pod("app7"));
        await turn();
        assert.deepEqual(cluster.asked, ["list all pods"]);
        await cluster.answer();
        const counts = (await Promise.all(found)).map(({ length }) => length);
        assert.deepEqual(counts, [0, 0, 0, 0, 0, 0, 0, 1, 0, 0]);
    });

    it("are lists of their own for a few, and one of all namespaces for those who ask later and wait", async () => {
        const early = ask(kinds.pod, 3);
        await turn();
        assert.deepEqual(
            cluster.asked,
            [0, 1, 2].map((index) => `list pods app${index}`),
        );
        const late = ask(kinds.pod, 7);
        await turn();
        assert.equal(cluster.asked.length, 3);
        cluster.objects.push(pod("app1"));
        await cluster.answer();
        assert.deepEqual(cluster.asked.slice(3), ["list all pods"]);
        await cluster.answer();
        assert.equal((await early[1])!.length, 0);
        assert.equal((await late[1])!.length, 1);
    });

    it("are begun anew for whoever asks while one of all namespaces is under way", async () => {
        void ask(kinds.pod, 10);
        await turn();
        const late = ask(kinds.pod, 7);
        cluster.objects.push(pod("app6"));
        await turn();
        assert.deepEqual(cluster.asked, ["list all pods", "list all pods"]);
        await cluster.answer();
        assert.equal((await late[6])!.length, 1);
    });

    it("are lists of their own where that of all namespaces fails", async () => {
        cluster.listsWhole = false;
        const found = ask(kinds.pod, 10);
        await turn();
        await cluster.answer();
        assert.equal((await Promise.all(found)).length, 10);
        assert.equal(cluster.asked.filter((what) => what.startsWith("list pods")).length, 10);
    });

    it("are lists of their own for an account that may not list all, and for kinds that no item has many of", async () => {
        cluster.mayList = false;
        const found = ask(kinds.pod, 10);
        await turn();
        await cluster.answer();
        assert.equal((await Promise.all(found)).length, 10);
        assert.ok(!cluster.asked.some((what) => what.startsWith("list all")));
        void ask(kinds.configMap, 10);
        await turn();
        assert.equal(cluster.asked.filter((what) => what.includes("configmaps")).length, 10);
    });

    it("are one where one plan wants the same twice", async () => {
        const found = [reads.list(kinds.volumeClaim, "shop"), reads.list(kinds.volumeClaim, "shop")];
        await turn();
        await cluster.answer();
        assert.deepEqual(await Promise.all(found), [[], []]);
        assert.deepEqual(cluster.asked, ["list persistentvolumeclaims shop"]);
    });

    const record = (name: string, namespace = "records"): KubernetesObject => ({
        apiVersion: "v1",
        kind: "ConfigMap",
        metadata: { name, namespace },
    });
    const namesOf = async (found: readonly Promise<KubernetesObject | undefined>[]) =>
        (await Promise.all(found)).map((object) => object?.metadata.name);

    it("of single objects are one list of the records' namespace", async () => {
        const names = Array.from({ length: 8 }, (_, index) => `record${index}`);
        cluster.objects.push(...names.slice(0, 7).map((name) => record(name)), record("record7", "elsewhere"));
        const found = names.map((name) => reads.get(kinds.configMap, { namespace: "records", name }));
        await turn();
        await cluster.answer();
        assert.deepEqual(cluster.asked, ["list all configmaps in records"]);
        assert.deepEqual(await namesOf(found), [...names.slice(0, 7), undefined]);
    });

    it("of single objects in a namespace for each item share one of all namespaces with those who ask for lists", async () => {
        const names = Array.from({ length: 6 }, (_, index) => `app${index}`);
        cluster.objects.push(...names.map(pod));
        const single = names.map((namespace) => reads.get(kinds.pod, { namespace, name: "one" }));
        const listed = ask(kinds.pod, 2);
        await turn();
        await cluster.answer();
        assert.deepEqual(cluster.asked, ["list all pods"]);
        assert.deepEqual(
            await namesOf(single),
            names.map(() => "one"),
        );
        assert.deepEqual(
            (await Promise.all(listed)).map((all) => all.map(({ metadata }) => metadata.namespace)),
            [["app0"], ["app1"]],
        );
    });

    it("of one and the same object share one answer, which begins after they asked", async () => {
        const marker = () => reads.get(kinds.configMap, { namespace: "protect", name: "site" });
        const early = [marker(), marker(), marker()];
        await turn();
        const late = Array.from({ length: 10 }, marker);
        cluster.objects.push(record("site", "protect"));
        await turn();
        assert.equal(cluster.asked.length, 2);
        await cluster.answer();
        assert.deepEqual(await namesOf(early), [undefined, undefined, undefined]);
        assert.ok((await namesOf(late)).every((name) => name === "site"));
    });

    it("of what no list serves are requests of their own", () => {
        for (let index = 0; index < 10; index++) {
            void reads.get(kinds.secret, { namespace: "protect", name: `secret${index}` });
            void reads.get(kinds.storageClass, { name: `class${index}` });
        }
        assert.equal(cluster.asked.length, 20);
    });

    it("that fail, fail for everybody who shares them", async () => {
        const failing = new ConcurrentReads({
            ...cluster,
            get: () => Promise.reject(new Error("refused")),
            list: () => Promise.reject(new Error("refused")),
            document: () => Promise.resolve({}),
            ask: () => Promise.resolve({ status: { allowed: false } }),
            listWhole: () => Promise.reject(new Error("refused")),
        });
        const found = [1, 2].map(() => failing.list(kinds.pod, "shop"));
        for (const one of found) {
            await assert.rejects(one, /refused/);
        }
    });
});
