import { strict as assert } from "node:assert";
import { MirroredApplication, type MirroredApplicationArgs } from "../../../components/mirroredApplication";
import { cycleProblems } from "../../../components/order";
import { emptyRecord } from "../../../provider/roles/record";
import { declare, promiseOf } from "./harness";
import { declareEast, declareVaults } from "./east";

type Own = Partial<MirroredApplicationArgs>;

/** Declares applications at east, each in a namespace of its name, and asks for the outputs as a program does. */
async function declared(applications: Record<string, Own>, active: string, summary = "") {
    const { find, declared: all } = await declare(
        (options) => {
            const { pair, backend } = declareEast(options, { active });
            const vaults = declareVaults(pair, options);
            for (const [name, own] of Object.entries(applications)) {
                new MirroredApplication(name, { pair, backend, vaults, namespaces: [name], ...own }, options);
            }
            return promiseOf(pair.outputs());
        },
        {
            outputs: (type) =>
                type.endsWith("MirrorRole")
                    ? { record: emptyRecord("any", "east", "west") }
                    : type.endsWith("MirrorOutcome")
                      ? { summary }
                      : { next: "" },
        },
    );
    const orderOf = (name: string) => find(`${name}-role`).inputs.order as Order;
    return { orderOf, all };
}

interface Order {
    together: boolean;
    before: { application: string; namespace: string }[];
    after: { application: string; namespace: string }[];
    waitsFor: string[];
}

describe("several applications of a pair", () => {
    const shop = { database: {}, shop: { after: ["database"] }, web: { after: ["shop", "database"] } };

    it("know who comes before and after them, in whichever order they are declared", async () => {
        const { orderOf } = await declared({ web: shop.web, shop: shop.shop, database: {} }, "east");
        const names = (places: Order["before"]) => places.map(({ application }) => application).sort();
        assert.deepEqual(names(orderOf("web").before), ["database", "shop"]);
        assert.deepEqual(names(orderOf("shop").before), ["database"]);
        assert.deepEqual(names(orderOf("shop").after), ["web"]);
        assert.deepEqual(names(orderOf("database").after), ["shop", "web"]);
        assert.deepEqual(orderOf("shop").before, [{ application: "database", namespace: "database" }]);
    });

    it("are ordered one way where they take over, and the other way where they stand down", async () => {
        const waits = async (active: string) => {
            const { orderOf } = await declared(shop, active);
            return Object.keys(shop).map((name) => orderOf(name).waitsFor.length);
        };
        assert.deepEqual(await waits("east"), [0, 1, 2]);
        assert.deepEqual(await waits("west"), [2, 1, 0]);
    });

    it("do not wait for those that go another way", async () => {
        const { orderOf } = await declared({ database: { active: "west" }, shop: shop.shop }, "east");
        assert.deepEqual([orderOf("database").waitsFor, orderOf("shop").waitsFor], [[], []]);
    });

    it("are told of together, and one by itself is not", async () => {
        const several = await declared(shop, "east");
        assert.equal(several.orderOf("shop").together, true);
        assert.equal(several.all.filter(({ type }) => type.endsWith("MirrorOutcome")).length, 1);
        const single = await declared({ shop: {} }, "east");
        assert.equal(single.orderOf("shop").together, false);
        assert.equal(single.all.filter(({ type }) => type.endsWith("MirrorOutcome")).length, 0);
    });

    it("are told what is said of them alone, for the commands that have an effect on them", async () => {
        const own = { active: "east", acknowledgements: { takeover: 2, lag: undefined } };
        const { all } = await declared({ shop: own, web: {} }, "west");
        const ownKeysOf = (name: string) => all.find((one) => one.name === `${name}-role`)?.inputs.ownKeys;
        assert.deepEqual(ownKeysOf("shop"), ["active", "takeover"]);
        assert.equal(ownKeysOf("web"), undefined);
    });

    it("must not come after themselves", () => {
        const after = new Map([
            ["database", ["web"]],
            ["shop", ["database"]],
            ["web", ["shop"]],
        ]);
        assert.deepEqual(cycleProblems("after", "shop", after), [
            {
                key: "after",
                expected: "applications that do not come after this one",
                found: "shop after database after web after shop",
            },
        ]);
        assert.deepEqual(cycleProblems("after", "shop", new Map([["shop", ["database"]]])), []);
    });
});
