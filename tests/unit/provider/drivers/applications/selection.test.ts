import assert from "node:assert/strict";
import { belongsToApplication, reasonLeftOut } from "../../../../../provider/drivers/applications/selection";
import type { LabelSelector } from "../../../../../provider/support/labelSelector";
import { object } from "./objects";

const deployment = object("apps/v1", "Deployment", "agent", { metadata: { labels: { app: "agent", tier: "test" } } });

function excluded(matcher: object): boolean {
    const filter = { resourceSelectionCriteria: "Exclude", resourceMatchers: [matcher] };
    return !belongsTo(filter);
}

function belongsTo(resourceFilter: Record<string, unknown> | undefined, labelSelector?: LabelSelector): boolean {
    return belongsToApplication({ resourceFilter, labelSelector }, deployment);
}

describe("what belongs to an application by its filter", () => {
    it("is everything where there is none, or none that could be read", () => {
        assert.equal(belongsTo(undefined), true);
        assert.equal(belongsTo({ resourceSelectionCriteria: "exclude" }), true);
        assert.equal(belongsTo({ resourceSelectionCriteria: "Exclude" }), true);
    });

    it("is with Include only what one of the matchers names", () => {
        const filter = (kind: string) => ({
            resourceSelectionCriteria: "Include",
            resourceMatchers: [{ kind: "Secret" }, { kind }],
        });
        assert.equal(belongsTo(filter("Deployment")), true);
        assert.equal(belongsTo(filter("Pod")), false);
    });

    it("agrees in every field of a matcher", () => {
        assert.equal(excluded({ group: "apps", version: "v1", kind: "Deployment", names: ["agent"] }), true);
        assert.equal(excluded({ group: "", kind: "Deployment" }), false);
        assert.equal(excluded({ kind: "Deployment", names: ["shop"] }), false);
        assert.equal(excluded({ namespaces: ["other"] }), false);
        assert.equal(excluded({ names: [], namespaces: ["shop"] }), true);
    });

    for (const [selector, matches] of [
        ["app=agent", true],
        ["app==agent,tier=test", true],
        ["app=agent,tier=live", false],
        ["tier!=live", true],
        ["none!=live", true],
        ["tier in (live, test)", true],
        ["tier notin (live,test),app", false],
        ["none notin (live)", true],
        ["app", true],
        ["!app", false],
        ["!none", true],
    ] as const) {
        it(`${matches ? "matches" : "does not match"} by ${selector}`, () =>
            assert.equal(excluded({ labelSelectors: [selector] }), matches));
    }
});

describe("what belongs to an application by its labels", () => {
    const agent = { matchLabels: { app: "agent" } };
    const shop = { matchLabels: { app: "shop" } };
    const filter = (kind: string) => ({ resourceSelectionCriteria: "Exclude", resourceMatchers: [{ kind }] });

    it("is what the selector chooses of what the filter leaves", () => {
        assert.equal(belongsTo(undefined, agent), true);
        assert.equal(belongsTo(undefined, shop), false);
        assert.equal(belongsTo(filter("Pod"), agent), true);
        assert.equal(belongsTo(filter("Deployment"), agent), false);
    });

    it("is nothing that has no labels", () => {
        const bare = { ...deployment, metadata: { name: "bare", namespace: "shop" } };
        assert.equal(belongsToApplication({ resourceFilter: undefined, labelSelector: agent }, bare), false);
    });

    it("is left out for a reason that is told, the filter's first", () => {
        const reason = (resourceFilter: Record<string, unknown> | undefined, labelSelector: LabelSelector) =>
            reasonLeftOut({ resourceFilter, labelSelector }, deployment);
        assert.equal(reason(undefined, shop), "labelSelector app=shop does not choose it");
        assert.equal(reason(filter("Deployment"), shop), "resourceFilter excludes it");
        assert.equal(reason(undefined, agent), undefined);
    });
});
