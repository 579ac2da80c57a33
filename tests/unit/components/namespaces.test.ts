import assert from "node:assert/strict";
import {
    filterAtSite,
    mappingProblems,
    namespacesAt,
    namespacesRelationProblems,
} from "../../../components/namespaces";

const bySite = { east: ["shop", "shop-data"], west: ["spare", "spare-data"] };

describe("an application's namespaces", () => {
    it("are this site's and the other's, each for that in its place", () => {
        assert.deepEqual(namespacesAt(bySite, "west", "east"), {
            namespaces: ["spare", "spare-data"],
            peerNamespaces: ["shop", "shop-data"],
        });
    });

    it("are one list where they are the same, however that is said", () => {
        assert.deepEqual(namespacesAt(["shop"], "east", "west"), { namespaces: ["shop"] });
        assert.deepEqual(namespacesAt({ east: ["shop"], west: ["shop"] }, "east", "west"), { namespaces: ["shop"] });
    });

    it("have to be as many at both sites, and of both sites", () => {
        const problems = (namespaces: unknown) =>
            namespacesRelationProblems("namespaces", namespaces, ["east", "west"]).map(
                ({ key, expected, found }) => `${key}: expected ${expected}; found ${found}`,
            );
        assert.deepEqual(problems(bySite), []);
        assert.deepEqual(problems(["shop"]), []);
        assert.deepEqual(problems({ east: ["shop"], west: ["a1", "b1"] }), [
            "namespaces.west: expected as many namespaces as at the other site, each for that in the same place: 1; found 2",
        ]);
        assert.deepEqual(problems({ east: ["shop"], north: ["shop"] }), [
            "namespaces: expected the namespaces of east and west; found east, north",
        ]);
    });

    it("are not one for another of the same names: that would bring one's volumes into the other", () => {
        assert.deepEqual(mappingProblems("peerNamespaces", ["a1", "b1"], ["b1", "a1"]).length, 2);
        assert.deepEqual(mappingProblems("peerNamespaces", ["a1", "b1"], ["a1", "b2"]), []);
    });

    it("are named in a filter by either site's names", () => {
        const resourceFilter = {
            resourceSelectionCriteria: "Include" as const,
            resourceMatchers: [{ namespaces: ["shop", "spare-data"] }, { kind: "Secret" }],
        };
        assert.deepEqual(filterAtSite({ ...namespacesAt(bySite, "west", "east"), resourceFilter }), {
            resourceSelectionCriteria: "Include",
            resourceMatchers: [{ namespaces: ["spare", "spare-data"] }, { kind: "Secret" }],
        });
        assert.deepEqual(filterAtSite({ namespaces: ["shop"], resourceFilter }), resourceFilter);
    });
});
