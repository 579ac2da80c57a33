import assert from "node:assert/strict";
import {
    areDisjoint,
    describeLabelSelector,
    type LabelSelector,
    labelSelectorMatches,
} from "../../../../provider/support/labelSelector";

const shop: LabelSelector = { matchLabels: { app: "shop" } };
const expression = (operator: "In" | "NotIn" | "Exists" | "DoesNotExist", ...values: string[]): LabelSelector => ({
    matchExpressions: [{ key: "tier", operator, ...(values.length === 0 ? {} : { values }) }],
});

describe("a label selector", () => {
    it("chooses what has all of its labels", () => {
        const both = { matchLabels: { app: "shop", tier: "db" } };
        assert.equal(labelSelectorMatches(both, { app: "shop", tier: "db", team: "a" }), true);
        assert.equal(labelSelectorMatches(both, { app: "shop" }), false);
        assert.equal(labelSelectorMatches(shop, undefined), false);
    });

    it("chooses everything where there is none", () => {
        assert.equal(labelSelectorMatches(undefined, undefined), true);
        assert.equal(labelSelectorMatches(undefined, { app: "shop" }), true);
    });

    const cases: [LabelSelector, tier: string | undefined, chosen: boolean][] = [
        [expression("In", "web", "db"), "db", true],
        [expression("In", "web", "db"), "cache", false],
        [expression("In", "web", "db"), undefined, false],
        [expression("NotIn", "web"), "db", true],
        [expression("NotIn", "web"), "web", false],
        // As in Kubernetes: what has no such label has no such value.
        [expression("NotIn", "web"), undefined, true],
        [expression("Exists"), "", true],
        [expression("Exists"), undefined, false],
        [expression("DoesNotExist"), undefined, true],
        [expression("DoesNotExist"), "db", false],
    ];
    for (const [selector, tier, chosen] of cases) {
        it(`${describeLabelSelector(selector)} ${chosen ? "chooses" : "leaves out"} tier ${tier ?? "absent"}`, () => {
            assert.equal(labelSelectorMatches(selector, tier === undefined ? {} : { tier }), chosen);
        });
    }

    it("asks for labels and expressions at once", () => {
        const selector = { ...shop, ...expression("Exists") };
        assert.equal(labelSelectorMatches(selector, { app: "shop", tier: "db" }), true);
        assert.equal(labelSelectorMatches(selector, { tier: "db" }), false);
        assert.equal(labelSelectorMatches(selector, { app: "shop" }), false);
    });

    it("is told as kubectl takes it", () => {
        const told = describeLabelSelector({
            matchLabels: { app: "shop" },
            matchExpressions: [
                { key: "tier", operator: "In", values: ["b", "a"] },
                { key: "stage", operator: "NotIn", values: ["test"] },
                { key: "zone", operator: "NotIn", values: ["x", "y"] },
                { key: "backup", operator: "Exists" },
                { key: "legacy", operator: "DoesNotExist" },
            ],
        });
        assert.equal(told, "!legacy,app=shop,backup,stage!=test,tier in (a,b),zone notin (x,y)");
    });

    it("is told the same in whatever order and form it is given", () => {
        const told = describeLabelSelector({ matchLabels: { tier: "db", app: "shop" } });
        assert.equal(describeLabelSelector({ ...shop, ...expression("In", "db") }), told);
        assert.equal(describeLabelSelector({ ...shop, ...expression("In", "db", "db") }), told);
    });
});

describe("two label selectors", () => {
    const bank: LabelSelector = { matchLabels: { app: "bank" } };
    const cases: [LabelSelector, LabelSelector, boolean][] = [
        [shop, bank, true],
        [shop, shop, false],
        [shop, { matchLabels: { tier: "db" } }, false],
        [shop, { matchLabels: { app: "bank", tier: "db" } }, true],
        [expression("In", "a", "b"), expression("In", "c"), true],
        [expression("In", "a", "b"), expression("In", "b", "c"), false],
        [expression("In", "a", "b"), expression("NotIn", "a", "b", "c"), true],
        [expression("In", "a", "b"), expression("NotIn", "a"), false],
        [expression("In", "a"), expression("DoesNotExist"), true],
        [expression("In", "a"), expression("Exists"), false],
        [expression("Exists"), expression("DoesNotExist"), true],
        // Both choose what has no such label.
        [expression("NotIn", "a"), expression("NotIn", "b"), false],
        [expression("NotIn", "a"), expression("DoesNotExist"), false],
    ];
    for (const [left, right, disjoint] of cases) {
        const told = `${describeLabelSelector(left)} and ${describeLabelSelector(right)}`;
        it(`${told}: ${disjoint ? "choose nothing together" : "may choose the same object"}`, () => {
            assert.equal(areDisjoint(left, right), disjoint);
            assert.equal(areDisjoint(right, left), disjoint);
        });
    }
});
