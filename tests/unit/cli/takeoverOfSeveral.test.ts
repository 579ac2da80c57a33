import assert from "node:assert/strict";
import { bundledItems } from "../../../cli/bundledItems";
import { inOrder, takeOver, type TakeoverRequest } from "../../../cli/takeover";
import type { KubernetesObject } from "../../../provider/clients/kubernetes/cluster";
import { KubernetesError } from "../../../provider/clients/kubernetes/errors";
import { ProviderProcess } from "../../../provider/process/providerProcess";
import type { RoleRecord } from "../../../provider/roles/record";
import { noSeal } from "../../../provider/support/seal";
import { active, standby } from "../provider/roles/situations";
import { FakeSite, keptBy } from "./fakeSite";

/** Items at west, in one cluster, which east serves. */
class Items {
    readonly objects = new Map<string, KubernetesObject>();
    readonly writes: string[] = [];
    readonly cluster = keptBy(this);
    private readonly sites = new Map<string, FakeSite>();

    async add(item: string, epoch: number, after: readonly string[] = []): Promise<FakeSite> {
        const site = new FakeSite(noSeal, this.cluster, "west", undefined, item);
        const before = after.map((application) => ({ application, namespace: "trident-dr" }));
        site.order = { together: true, before, after: [], waitsFor: [] };
        site.more = { recordOf: ({ application }) => Promise.resolve(this.recordOf(application)) };
        site.promoting = () => this.writes.push(`promote ${item}`);
        this.sites.set(item, site);
        await site.setUp(standby("west", epoch), active("east", epoch));
        this.writes.length = 0;
        return site;
    }

    recordOf(item: string): RoleRecord {
        const text = this.objects.get(`trident-dr/trident-dr-record-${item}`)!.data!["record"]!;
        return JSON.parse(text) as RoleRecord;
    }

    /** What each of some is. */
    rolesOf(...items: string[]): string[] {
        return items.map((item) => {
            const { role, epoch } = this.recordOf(item);
            return `${item} ${role} ${epoch}`;
        });
    }

    get promoted(): string[] {
        return this.writes.filter((write) => write.startsWith("promote")).map((write) => write.split(" ")[1]!);
    }

    /** One run of the command, with what a person answers; undefined where there is nobody. */
    async run(change: Partial<TakeoverRequest>, answer?: string) {
        const [printed, complained, asked]: [string[], string[], string[]] = [[], [], []];
        const said: string[] = [];
        const process = new ProviderProcess({ environment: {}, log: (line) => printed.push(line) });
        const ask = (question: string) => {
            asked.push(question);
            return Promise.resolve(answer);
        };
        const serves = await takeOver(
            { applications: [], all: false, site: "west", yes: false, ...change },
            {
                print: (line) => said.push(line) && printed.push(line),
                complain: (line) => said.push(line) && complained.push(line),
                ...(answer === undefined ? {} : { ask }),
            },
            {
                process,
                connect: () => this.cluster,
                openSite: (context, inputs) => this.sites.get(inputs.application)!.open(context, inputs),
            },
        );
        return { serves, printed, complained: complained.join("\n"), asked, said };
    }
}

describe("a takeover of several without Pulumi", () => {
    let items: Items;
    beforeEach(async () => {
        items = new Items();
        await items.add("shop", 1);
        (await items.add("bank", 3)).age = 400;
    });
    const both = ["shop", "bank"];

    it("shows what is lost of each, asks once, and takes all over", async () => {
        const { serves, printed, asked, complained } = await items.run({ applications: both }, "west");
        assert.equal(serves, true, complained);
        assert.equal(asked.length, 1);
        assert.match(
            asked[0]!,
            /^Type west to take over 2 of 2 there and lose at most the writes of the last 40\d s of each: $/,
        );
        assert.deepEqual(items.rolesOf(...both), ["shop active 2", "bank active 4"]);
        for (const item of both) {
            assert.ok(printed.some((line) => line.startsWith(`${item} at west: recovery point custom-1`)));
            assert.ok(
                printed.some((line) => new RegExp(`^${item} at west is active in epoch .: it serves$`).test(line)),
            );
        }
        assert.equal(printed.at(-1), "west: all 2 serve");
    });

    it("says once what is to be done afterwards", async () => {
        const { printed } = await items.run({ applications: both }, "west");
        for (const start of ["before Pulumi runs here again: ", "the other site: "]) {
            assert.equal(printed.filter((line) => line.startsWith(start)).length, 1, start);
        }
    });

    it("keeps together what is said of each before it asks", async () => {
        const { said } = await items.run({ applications: both });
        const whose = said.map((line) => both.find((item) => line.startsWith(`${item} at west`))).filter(Boolean);
        assert.deepEqual(
            whose.filter((one, index) => one !== whose[index - 1]),
            both,
            said.join("\n"),
        );
    });

    it("changes nothing when something else is typed, and gives the command with each epoch", async () => {
        for (const answer of ["2", "shop", ""]) {
            const { serves, complained } = await items.run({ applications: both }, answer);
            assert.equal(serves, false);
            assert.match(
                complained,
                /west: west was not typed\. Nothing was changed\. .*trident-dr takeover shop bank --site west --takeover shop=2,bank=4$/m,
            );
            assert.match(complained, /^west: 0 of 2 serve; not: shop, bank$/m);
        }
        assert.deepEqual(items.writes, []);
    });

    it("is refused where nobody is there to acknowledge it", async () => {
        const { serves, complained } = await items.run({ applications: both });
        assert.equal(serves, false);
        assert.match(complained, /west: nobody is there to acknowledge it\. Nothing was changed/);
        assert.deepEqual(items.writes, []);
    });

    it("asks nothing with the epoch of each", async () => {
        const takeover = new Map([
            ["shop", 2],
            ["bank", 4],
        ]);
        const { serves, asked } = await items.run({ applications: both, takeover, yes: true }, "west");
        assert.deepEqual([serves, asked], [true, []]);
        assert.deepEqual(items.rolesOf(...both), ["shop active 2", "bank active 4"]);
        assert.equal(items.recordOf("bank").history.at(-1)?.by, "takeover: 4");
    });

    it("accepts one epoch for those alone that begin it", async () => {
        const { serves, complained } = await items.run({ applications: both, takeover: 4, yes: true });
        assert.equal(serves, false);
        assert.match(
            complained,
            /shop at west is standby in epoch 1; refused: .*takeover is 4, which is not that epoch/,
        );
        assert.match(complained, /^west: 1 of 2 serve; not: shop$/m);
        assert.deepEqual(items.rolesOf(...both), ["shop standby 1", "bank active 4"]);
    });

    it("accepts nothing for one whose epoch is not given", async () => {
        const { serves } = await items.run({ applications: both, takeover: new Map([["shop", 2]]), yes: true });
        assert.equal(serves, false);
        assert.deepEqual(items.rolesOf(...both), ["shop active 2", "bank standby 3"]);
    });

    it("is refused where an epoch is given for what is not taken over", async () => {
        const takeover = new Map([
            ["shop", 2],
            ["bnak", 4],
        ]);
        for (const request of [{ applications: both }, { all: true }]) {
            const { serves, complained } = await items.run({ ...request, takeover, yes: true });
            assert.equal(serves, false);
            assert.match(complained, /west: --takeover has an epoch for bnak, and what is to be taken over is /);
            assert.match(complained, /: trident-dr takeover (shop bank|bank shop) --site west$/);
        }
        assert.deepEqual(items.writes, []);
    });

    it("takes over each one after those that it comes after, whatever the order of their names", async () => {
        await items.add("app", 1, ["shop", "bank"]);
        const { serves } = await items.run({ all: true }, "west");
        assert.equal(serves, true);
        assert.equal(items.promoted.length, 3);
        assert.equal(items.promoted.at(-1), "app");
        const end = items.writes.findIndex((write) => write === "promote app");
        for (const item of both) {
            const records = items.writes.map((write, at) => (write.endsWith(`trident-dr-record-${item}`) ? at : -1));
            assert.ok(Math.max(...records) < end, items.writes.join("\n"));
        }
    });

    for (const yes of [true, false]) {
        it(`takes over nothing that comes after what fails${yes ? ", without asking" : ""}`, async () => {
            const shop = await items.add("shop", 1);
            await items.add("app", 1, ["shop"]);
            shop.failure = new Error("west: patch AppMirrorRelationship shop/shop: 503");
            const takeover = new Map([...both, "app"].map((item) => [item, item === "bank" ? 4 : 2]));
            const request = yes ? { all: true, takeover, yes } : { all: true };
            const { serves, complained } = await items.run(request, "west");
            assert.equal(serves, false);
            assert.deepEqual(items.promoted, ["bank"]);
            assert.match(complained, /app at west is standby in epoch 1; refused: .*shop/);
            assert.match(complained, /^west: 1 of 3 serve; not: app, shop$/m);
        });
    }

    it("takes over nothing that comes after what is declined, whose plan said that it would serve", async () => {
        await items.add("app", 1, ["shop"]);
        const takeover = new Map([["app", 2]]);
        const { serves } = await items.run({ applications: ["shop", "app"], takeover, yes: true });
        assert.equal(serves, false);
        assert.deepEqual(items.writes, []);
    });

    it("goes on with the others when one cannot be inspected, or is not there", async () => {
        const shop = await items.add("shop", 1);
        shop.more = { driver: { observe: () => Promise.reject(new Error("west: list pods in shop: 403")) } };
        const { serves, complained } = await items.run({ applications: ["shop", "bank", "gone"] }, "west");
        assert.equal(serves, false);
        assert.match(complained, /^west: list pods in shop: 403$/m);
        assert.match(complained, /there is no ConfigMap .*trident-dr-takeover-gone/);
        assert.match(complained, /^west: 1 of 3 serve; not: shop, gone$/m);
        assert.deepEqual(items.rolesOf(...both), ["shop standby 1", "bank active 4"]);
    });

    it("says where it may not look for more", async () => {
        const { list } = items.cluster;
        items.cluster.list = (kind, namespace) =>
            namespace === "trident-protect"
                ? Promise.reject(new KubernetesError("west: forbidden", "forbidden", "west", "list"))
                : list(kind, namespace);
        const { serves, complained } = await items.run({ all: true }, "west");
        assert.equal(serves, true);
        assert.match(
            complained,
            /may not list ConfigMaps in trident-protect: what has its record there is not among bank, shop/,
        );
    });

    it("asks for nothing where all of them serve already", async () => {
        await items.run({ applications: both }, "west");
        const { serves, asked, printed } = await items.run({ all: true }, "west");
        assert.deepEqual([serves, asked], [true, []]);
        assert.ok(printed.some((line) => line.startsWith("bank at west is active in epoch 4: it serves already")));
    });

    it("names one once that was typed twice, and then asks for its epoch", async () => {
        const { serves, asked } = await items.run({ applications: ["shop", "shop"] }, "2");
        assert.equal(serves, true);
        assert.match(asked[0]!, /^Type the epoch that begins, 2, to take over shop at west/);
    });
});

describe("the items that can be taken over at a site", () => {
    const bundle = (namespace: string, item: string, site = "west"): [string, KubernetesObject] => {
        const name = `trident-dr-takeover-${item}`;
        const metadata = { namespace, name };
        return [`${namespace}/${name}`, { apiVersion: "v1", kind: "ConfigMap", metadata, data: { site } }];
    };
    const place = { site: "west", cluster: {} };
    const clusterWith = (...objects: [string, KubernetesObject][]) => keptBy({ objects: new Map(objects), writes: [] });

    it("are those of each namespace of records, sorted, and of no other site", async () => {
        const cluster = clusterWith(
            bundle("trident-protect", "archive"),
            bundle("trident-dr-west", "shop"),
            bundle("trident-dr", "bank"),
            bundle("trident-dr", "elsewhere", "east"),
            bundle("default", "stray"),
            ["trident-dr/x", { apiVersion: "v1", kind: "ConfigMap", metadata: { namespace: "trident-dr", name: "x" } }],
        );
        assert.deepEqual(await bundledItems(cluster, place), { items: ["archive", "bank", "shop"], unlisted: [] });
        const named = await bundledItems(cluster, { ...place, recordNamespace: "trident-dr" });
        assert.deepEqual(named.items, ["bank"]);
    });

    it("are those of the namespaces that may be listed, and a refusal where none may be", async () => {
        const cluster = clusterWith(bundle("trident-dr", "bank"));
        const denying = (...denied: string[]) => ({
            list: (...[kind, namespace]: Parameters<typeof cluster.list>) =>
                denied.includes(namespace)
                    ? Promise.reject(
                          new KubernetesError(`west: forbidden in ${namespace}`, "forbidden", "west", "list"),
                      )
                    : cluster.list(kind, namespace),
        });
        assert.deepEqual(await bundledItems(denying("trident-protect", "trident-dr-west"), place), {
            items: ["bank"],
            unlisted: ["trident-protect", "trident-dr-west"],
        });
        await assert.rejects(
            bundledItems(denying("trident-dr", "trident-protect", "trident-dr-west"), place),
            /this account may not list the ConfigMaps in trident-dr, .* Name the applications instead, .* --list-all/,
        );
    });

    it("are none where no run has left any: it says what that may mean", async () => {
        await assert.rejects(
            bundledItems(clusterWith(), place),
            /west: in the cluster of .* nothing in trident-dr, trident-protect, trident-dr-west is of west .*Nothing was changed/,
        );
    });
});

describe("the order of a takeover of several", () => {
    const named = (item: string, ...comesAfter: string[]) => ({ item, comesAfter });
    const waves = (...items: ReturnType<typeof named>[]) => inOrder(items).map((wave) => wave.map(({ item }) => item));

    it("has in one wave what does not come after one another, and waits for nothing that is not taken over", () => {
        assert.deepEqual(waves(named("c", "b"), named("a"), named("b", "a"), named("d", "elsewhere")), [
            ["a", "d"],
            ["b"],
            ["c"],
        ]);
    });

    it("ends where some come after one another in a circle", () => {
        assert.deepEqual(waves(named("a", "b"), named("b", "a"), named("c")), [["c"], ["a", "b"]]);
    });
});
