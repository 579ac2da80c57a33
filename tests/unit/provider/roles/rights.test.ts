import assert from "node:assert/strict";
import type { Permission } from "../../../../provider/roles/permissions";
import { type Granted, missingRights, type ObservedRights } from "../../../../provider/roles/rights";
import { active, notesFor, nothingThere, planFor, replicated, standby, type Told, withoutRole } from "./situations";

const rule = (verbs: string[], group: string, resource: string, ...resourceNames: string[]): Granted => ({
    verbs,
    apiGroups: [group],
    resources: [resource],
    resourceNames,
});
const pods: Permission = { namespace: "shop", group: "", resource: "pods", verbs: ["get", "list"] };
const records: Permission = {
    namespace: "trident-dr",
    group: "",
    resource: "configmaps",
    verbs: ["get", "patch"],
    names: ["one", "two"],
};
const volumes: Permission = { group: "", resource: "persistentvolumes", verbs: ["get"] };

const missing = (needed: Permission, rules: Record<string, Granted[]>) =>
    missingRights([needed], new Map(Object.entries(rules)));

describe("the rights that are missing", () => {
    it("are none where the namespace has a rule for all of it, or for everything", () => {
        assert.deepEqual(missing(pods, { shop: [rule(["list"], "", "pods"), rule(["get"], "", "pods")] }), []);
        assert.deepEqual(missing(pods, { shop: [rule(["*"], "*", "*")] }), []);
    });

    it("are told by verb", () => {
        assert.deepEqual(missing(pods, { shop: [rule(["get"], "", "pods")] }), [{ ...pods, verbs: ["list"] }]);
        assert.deepEqual(missing(pods, { shop: [rule(["*"], "apps", "pods"), rule(["*"], "", "secrets")] }), [pods]);
        assert.deepEqual(missing(pods, { "shop-data": [rule(["*"], "*", "*")] }), [pods]);
        assert.deepEqual(missing(pods, { shop: [rule(["*"], "", "pods", "one-pod")] }), [pods]);
    });

    it("are told by name where they are needed for names alone", () => {
        const both = rule(["get"], "", "configmaps", "one", "two");
        assert.deepEqual(missing(records, { "trident-dr": [both, rule(["patch"], "", "configmaps")] }), []);
        assert.deepEqual(missing(records, { "trident-dr": [both, rule(["patch"], "", "configmaps", "one")] }), [
            { ...records, verbs: ["patch"], names: ["two"] },
        ]);
    });

    it("are told for what is in no namespace where a rule does not count in all of them", () => {
        const everywhere = rule(["get"], "", "persistentvolumes");
        assert.deepEqual(missing(volumes, { shop: [everywhere], trident: [everywhere] }), []);
        assert.deepEqual(missing(volumes, { shop: [everywhere], trident: [] }), [volumes]);
    });
});

describe("a plan whose account lacks rights", () => {
    const seen = (rights: ObservedRights, more: Partial<Told> = {}): Told => ({
        own: active("east", 1),
        active: "east",
        peer: standby("west", 1),
        observed: { ...nothingThere, rights },
        ...more,
    });
    const about = (told: Told) => notesFor(told).filter((note) => /right/.test(note));

    it("names each of them, and the command that gives them, also where nothing is to be done", () => {
        const create: Permission = {
            namespace: "shop",
            group: "protect.trident.netapp.io",
            resource: "schedules",
            verbs: ["create", "delete"],
        };
        assert.deepEqual(about(seen({ missing: [create, { ...records, verbs: ["patch"] }, volumes] })), [
            "rights are missing at the cluster of east, and a run that needs one fails there: " +
                "create, delete schedules.protect.trident.netapp.io in shop; patch configmaps in trident-dr (one, two); " +
                "get persistentvolumes. As an administrator of east: " +
                "npx trident-dr-rbac --config Pulumi.east.yaml --user NAME | kubectl apply -f -",
        ]);
        assert.deepEqual(about(seen({ missing: [] })), []);
    });

    it("is not refused for it, least of all a takeover", () => {
        const takeover = seen(
            { missing: [pods] },
            {
                own: standby("west", 1),
                active: "west",
                peer: { known: false, why: "its stack cannot be read" },
                acknowledgements: { takeover: 2 },
            },
        );
        const told = { ...takeover, observed: { ...replicated, rights: { missing: [pods] } } };
        assert.equal(planFor(told).verb, "take over without a token");
        assert.equal(about(told).length, 1);
    });

    it("says that it cannot be told only where the site begins", () => {
        const unknown = { unknown: "no answer in time" };
        assert.deepEqual(about(seen(unknown)), []);
        assert.deepEqual(
            about({ own: withoutRole("east"), active: "east", observed: { ...nothingThere, rights: unknown } }),
            ["cannot tell which rights are missing at the cluster of east: no answer in time"],
        );
    });
});
