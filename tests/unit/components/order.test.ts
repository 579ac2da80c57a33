import { strict as assert } from "node:assert";
import { execFile } from "node:child_process";
import path from "node:path";
import { setTimeout } from "node:timers/promises";
import { promisify } from "node:util";
import { MirroredApplication, type MirroredApplicationArgs } from "../../../components/mirroredApplication";
import { cycleProblems } from "../../../components/order";
import { emptyRecord } from "../../../provider/roles/record";
import type { SitePair } from "../../../components/sitePair";
import { declare, promiseOf } from "./harness";
import { declareEast, declareVaults } from "./east";

type Own = Partial<MirroredApplicationArgs>;

interface Program {
    /** What the program awaits after each application. */
    between?: () => Promise<unknown>;
    /** Whether it asks for the outputs in the end, as a program should. */
    outputs?: boolean;
}

/** Declares applications at east, each in a namespace of its name. */
async function declared(applications: Record<string, Own>, active: string, { between, outputs = true }: Program = {}) {
    const { find, declared: all } = await declare(
        async (options) => {
            const { pair, backend } = declareEast(options, { active });
            const vaults = declareVaults(pair, options);
            for (const [name, own] of Object.entries(applications)) {
                new MirroredApplication(name, { pair, backend, vaults, namespaces: [name], ...own }, options);
                await between?.();
            }
            return outputs ? promiseOf(pair.outputs()) : undefined;
        },
        {
            outputs: (type) =>
                type.endsWith("MirrorRole")
                    ? { record: emptyRecord("any", "east", "west") }
                    : type.endsWith("MirrorOutcome")
                      ? { summary: "" }
                      : { next: "" },
        },
    );
    const orderOf = (name: string) => find(`${name}-role`).inputs.order as Order;
    return { orderOf, all };
}

interface Order {
    together: boolean;
    before: { application: string; namespace: string; before?: string }[];
    after: { application: string; namespace: string; before?: string }[];
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
        assert.deepEqual(orderOf("shop").before, [
            { application: "database", namespace: "trident-dr", before: "database" },
        ]);
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

    for (const outputs of [true, false]) {
        const without = outputs ? "" : ", and without its outputs";
        it(`have the same order in a program that awaits something between them${without}`, async () => {
            const atOnce = await declared(shop, "west", { outputs });
            const inTurns = await declared(shop, "west", { outputs, between: () => setTimeout(20) });
            for (const name of Object.keys(shop)) {
                assert.deepEqual(inTurns.orderOf(name), atOnce.orderOf(name));
            }
            assert.deepEqual(
                inTurns.orderOf("database").after.map(({ application }) => application),
                ["shop", "web"],
            );
            assert.equal(inTurns.orderOf("database").waitsFor.length, 2);
        });
    }

    it("do not keep a program waiting that waits for one of them before its end", async () => {
        const script = path.join(__dirname, "fixtures", "waitsForRole.ts");
        const { stdout } = await promisify(execFile)(process.execPath, ["--import", "tsx", script]);
        assert.deepEqual(JSON.parse(stdout), { role: "none", before: ["database"] });
    });

    it("keep their roles when the program fails, whose error is the only one", async () => {
        const roles: string[] = [];
        const failing = declare(
            async (options) => {
                const { pair, backend } = declareEast(options);
                const vaults = declareVaults(pair, options);
                new MirroredApplication("shop", { pair, backend, vaults, namespaces: ["shop"] }, options);
                await setTimeout(20);
                throw new Error("the program is wrong");
            },
            {
                outputs: (type, name) => {
                    roles.push(...(type.endsWith("MirrorRole") ? [name] : []));
                    return { next: "" };
                },
            },
        );
        await assert.rejects(failing, { message: "the program is wrong" });
        await setTimeout(20);
        assert.deepEqual(roles, []);
    });

    it("are refused when they come after something that is never declared", async () => {
        await assert.rejects(declared({ shop: { after: ["database"] } }, "east"), {
            message:
                "The application shop is not valid (1 problem), and nothing was touched:\n" +
                '  after: expected names of applications; found "database"',
        });
    });

    it("are refused when their name is taken, and when they come after the outputs", async () => {
        const second = (name: string, early: (pair: SitePair) => unknown) =>
            declare((options) => {
                const { pair, backend } = declareEast(options);
                const vaults = declareVaults(pair, options);
                new MirroredApplication("shop", { pair, backend, vaults, namespaces: ["shop"] }, options);
                early(pair);
                new MirroredApplication(
                    "web",
                    { pair, backend, vaults, namespaces: ["web"], application: name },
                    options,
                );
            });
        await assert.rejects(
            second("shop", () => undefined),
            {
                message:
                    "The pair of east and west is not valid (1 problem), and nothing was touched:\n" +
                    '  application: expected each application once; found "shop" twice',
            },
        );
        await assert.rejects(
            second("web", (pair) => pair.next()),
            {
                message:
                    "The pair of east and west is not valid (1 problem), and nothing was touched:\n" +
                    '  application: expected every application before outputs() or next() of the pair pair is called; found "web" after it',
            },
        );
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
