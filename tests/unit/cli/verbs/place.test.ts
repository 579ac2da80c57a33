import assert from "node:assert/strict";
import { settingsSchema } from "../../../../components/settings/schema";
import { configuredOf, itemsIn, placeValues } from "../../../../cli/verbs/place";
import { wavesOf } from "../../../../cli/verbs/waves";
import { configuredPair } from "../configuredPair";

function settings(applications: object[], rest: object = {}) {
    return settingsSchema.parse({
        ...configuredPair("east"),
        applications: applications.map((one) => ({ namespaces: ["one"], ...one })),
        ...rest,
    });
}

describe("where a value is set", () => {
    it("is the pair's, where it is for every item that has none of its own", () => {
        const one = settings([{ name: "shop" }]);
        assert.deepEqual(placeValues(one, { shop: { active: "west" } }), [{ key: "active", value: "west" }]);
        const several = settings([{ name: "shop" }, { name: "reports", active: "west" }]);
        assert.deepEqual(placeValues(several, { shop: { active: "west" } }), [{ key: "active", value: "west" }]);
    });

    it("is the item's own, where the pair's would be for others as well, or would have no effect on it", () => {
        const several = settings([{ name: "shop" }, { name: "database" }, { name: "reports", active: "west" }], {
            volumes: [{ name: "archive", volumes: ["archive01"] }],
        });
        assert.deepEqual(placeValues(several, { database: { active: "west" }, archive: { active: "west" } }), [
            { key: "applications[1].active", value: "west" },
            { key: "volumes[0].active", value: "west" },
        ]);
        assert.deepEqual(placeValues(several, { reports: { active: "east" } }), [
            { key: "applications[2].active", value: "east" },
        ]);
        const all = { shop: { active: "west" }, database: { active: "west" }, archive: { active: "west" } };
        assert.deepEqual(placeValues(several, { ...all, reports: { active: "east" } }), [
            { key: "active", value: "west" },
            { key: "applications[2].active", value: "east" },
        ]);
    });

    it("is the item's own for an acknowledgement, which is none for an application that is added later", () => {
        const values = {
            takeover: 2,
            recoverTo: "2026-11-26T03:00:00Z",
            discard: "west@2",
            lag: "window",
            fullCopy: 2,
            warnings: 2,
        };
        assert.deepEqual(placeValues(settings([{ name: "shop" }]), { shop: { active: "west", ...values } }), [
            { key: "active", value: "west" },
            ...Object.entries(values).map(([key, value]) => ({ key: `applications[0].${key}`, value })),
        ]);
    });

    it("is each item's own where their values differ, and always for what only an item has", () => {
        const two = settings([{ name: "shop" }, { name: "database" }]);
        assert.deepEqual(placeValues(two, { shop: { takeover: 2 }, database: { takeover: 5 } }), [
            { key: "applications[0].takeover", value: 2 },
            { key: "applications[1].takeover", value: 5 },
        ]);
        assert.deepEqual(placeValues(settings([{ name: "shop" }]), { shop: { unprotect: true } }), [
            { key: "applications[0].unprotect", value: true },
        ]);
    });

    it("goes by the same values as the program: an item's own before the pair's", () => {
        const some = settings([{ name: "shop", takeover: 4 }], { takeover: 2, discard: "west@2" });
        assert.deepEqual(configuredOf(some, itemsIn(some)[0]!), { active: "east", takeover: 4, discard: "west@2" });
    });
});

describe("waves", () => {
    const items = itemsIn(
        settings([
            { name: "a" },
            { name: "b", after: ["d"] },
            { name: "c" },
            { name: "d" },
            { name: "e", after: ["b"] },
            { name: "f" },
        ]),
    );
    const names = items.map(({ name }) => name);

    it("have so many items, and keep together what comes after one another", () => {
        assert.deepEqual(wavesOf(items, names, 2), [["a"], ["b", "d", "e"], ["c", "f"]]);
        assert.deepEqual(wavesOf(items, names, 4), [
            ["a", "b", "d", "e"],
            ["c", "f"],
        ]);
        assert.deepEqual(wavesOf(items, ["a", "c", "f"], 1), [["a"], ["c"], ["f"]]);
    });

    it("are one where no size is given", () => {
        assert.deepEqual(wavesOf(items, ["f", "a"]), [["a", "f"]]);
        assert.deepEqual(wavesOf(items, []), []);
    });
});
