import assert from "node:assert/strict";
import { belongsToApplication } from "../../../../../provider/drivers/applications/selection";
import { object } from "./objects";

const deployment = object("apps/v1", "Deployment", "agent", { metadata: { labels: { app: "agent", tier: "test" } } });

function excluded(matcher: object): boolean {
    const filter = { resourceSelectionCriteria: "Exclude", resourceMatchers: [matcher] };
    return !belongsToApplication(filter, deployment);
}

describe("what belongs to an application by its filter", () => {
    it("is everything where there is none, or none that could be read", () => {
        assert.equal(belongsToApplication(undefined, deployment), true);
        assert.equal(belongsToApplication({ resourceSelectionCriteria: "exclude" }, deployment), true);
        assert.equal(belongsToApplication({ resourceSelectionCriteria: "Exclude" }, deployment), true);
    });

    it("is with Include only what one of the matchers names", () => {
        const filter = (kind: string) => ({
            resourceSelectionCriteria: "Include",
            resourceMatchers: [{ kind: "Secret" }, { kind }],
        });
        assert.equal(belongsToApplication(filter("Deployment"), deployment), true);
        assert.equal(belongsToApplication(filter("Pod"), deployment), false);
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
