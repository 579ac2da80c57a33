import assert from "node:assert/strict";
import { filterPasses, parseSelector, selectorMatches } from "../../../../lab/protect/selection";

const shop = {
    apiVersion: "apps/v1",
    kind: "Deployment",
    metadata: { name: "shop", namespace: "shop", labels: { app: "shop" } },
};
const record = { apiVersion: "v1", kind: "ConfigMap", metadata: { name: "record", namespace: "shop" } };

describe("which resources belong to an application", () => {
    it("everything does without a filter", () => {
        assert.equal(filterPasses(undefined, shop), true);
        assert.equal(filterPasses({ resourceMatchers: [{ kind: "Secret" }] }, shop), true);
    });

    it("matchers are alternatives, the fields of one must all agree", () => {
        const resourceMatchers = [
            { kind: "ConfigMap", names: ["record"] },
            { group: "apps", kind: "StatefulSet" },
        ];
        assert.equal(filterPasses({ resourceSelectionCriteria: "Exclude", resourceMatchers }, record), false);
        assert.equal(filterPasses({ resourceSelectionCriteria: "Exclude", resourceMatchers }, shop), true);
        assert.equal(filterPasses({ resourceSelectionCriteria: "Include", resourceMatchers }, shop), false);
        const other = { ...record, metadata: { ...record.metadata, name: "other" } };
        assert.equal(filterPasses({ resourceSelectionCriteria: "Include", resourceMatchers }, other), false);
    });

    it("the core group is the empty one, and versions count", () => {
        const including = (matcher: object) => ({
            resourceSelectionCriteria: "Include" as const,
            resourceMatchers: [matcher],
        });
        assert.equal(filterPasses(including({ group: "" }), record), true);
        assert.equal(filterPasses(including({ group: "" }), shop), false);
        assert.equal(filterPasses(including({ version: "v2" }), shop), false);
        assert.equal(filterPasses(including({ namespaces: ["shop"], labelSelectors: ["app=shop"] }), shop), true);
        assert.equal(filterPasses(including({ labelSelectors: ["app!=shop"] }), shop), false);
    });

    it("selectors are read as kubectl reads them", () => {
        const labels = { app: "shop", stage: "b" };
        const hits = [
            "app=shop",
            "app==shop,stage in (a,b)",
            "stage notin (a, c)",
            "app",
            "!legacy",
            "app=shop,!legacy",
            "",
        ];
        const misses = ["app=other", "stage in (a,c)", "!app", "legacy", "app!=shop", "app=shop,legacy"];
        for (const text of hits) {
            assert.equal(selectorMatches(parseSelector(text), labels), true, text);
        }
        for (const text of misses) {
            assert.equal(selectorMatches(parseSelector(text), labels), false, text);
        }
        assert.throws(() => parseSelector("a b c"), /Expected a label selector/);
    });
});
