import assert from "node:assert/strict";
import { parseInputs } from "../../../../provider/engine/inputs";
import { goodInputs } from "./goodInputs";

describe("what a program passes to MirrorRole", () => {
    it("is accepted with nothing but what must be there", () => {
        const parsed = parseInputs(goodInputs());
        assert.deepEqual(parsed, { ok: true, inputs: goodInputs() });
    });

    it("may carry numbers as texts, as configuration does", () => {
        const parsed = parseInputs({
            ...goodInputs(),
            acknowledgements: { takeover: "2", discard: "east@3" },
            daily: { hour: "2", minute: "30", keep: "14" },
        });
        assert.ok(parsed.ok);
        assert.deepEqual(parsed.inputs.acknowledgements, { takeover: 2, discard: "east@3" });
        assert.ok(parsed.inputs.kind !== "volumes");
        assert.equal(parsed.inputs.daily.keep, 14);
    });

    it("tells a peer that is nothing yet from one that is not known", () => {
        for (const peerRecord of [
            { known: true, record: null },
            { known: false, why: "dark" },
        ]) {
            const parsed = parseInputs({ ...goodInputs(), peerRecord });
            assert.ok(parsed.ok);
            assert.deepEqual(parsed.inputs.peerRecord, peerRecord);
        }
    });

    it("reads a peer's record from its text, and as states of 0.2.0 have it", () => {
        const record = { role: "active", history: [] };
        for (const given of [record, JSON.stringify(record)]) {
            const parsed = parseInputs({ ...goodInputs(), peerRecord: { known: true, record: given } });
            assert.ok(parsed.ok);
            assert.deepEqual(parsed.inputs.peerRecord, { known: true, record });
        }
    });

    const wrong: [string, Record<string, unknown>, string, RegExp][] = [
        ["a site with a capital", { site: "East" }, "site", /lower-case name/],
        [
            "a change that is no text of one",
            { transformed: { "Schedule shop": "[1]" } },
            "transformed.Schedule shop",
            /./,
        ],
        ["no namespaces", { namespaces: [] }, "namespaces", /./],
        [
            "a label selector that compares in a way of its own",
            { labelSelector: { matchExpressions: [{ key: "app", operator: "Like" }] } },
            "labelSelector.matchExpressions.0.operator",
            /DoesNotExist/,
        ],
        ["epoch 0 to take over", { acknowledgements: { takeover: 0 } }, "acknowledgements.takeover", /./],
        ["half an epoch", { acknowledgements: { takeover: 1.5 } }, "acknowledgements.takeover", /./],
        [
            "a site to discard, without epoch",
            { acknowledgements: { discard: "east" } },
            "acknowledgements.discard",
            /<site>@<epoch>/,
        ],
        ["a time span without unit", { timeouts: { promote: "30" } }, "timeouts.promote", /30s, 10m or 2h/],
        ["a time span of nothing", { maxLag: "0m" }, "maxLag", /30s, 10m or 2h/],
        ["a peer of which nothing is said", { peerRecord: {} }, "peerRecord.known", /./],
        [
            "a peer's record that is cut off",
            { peerRecord: { known: true, record: '{"role":"act' } },
            "peerRecord.record",
            /expected the JSON of a record/,
        ],
        ["no array", { ontap: undefined }, "ontap", /./],
        [
            "contents in place of the path of a kubeconfig",
            { cluster: { kubeconfig: "apiVersion: v1\nusers: [{user: {token: canary}}]" } },
            "cluster.kubeconfig",
            /^expected the path of a kubeconfig; found what seems to be the contents of one \(not shown\)[^\n]*(?<!canary.*)$/,
        ],
        [
            "a word for verification that there is not",
            { ontap: { endpoint: { url: "https://10.0.0.5", verification: "maybe" }, svm: "s" } },
            "ontap.endpoint.verification",
            /verify.*none/,
        ],
    ];
    for (const [what, change, property, reason] of wrong) {
        it(`is refused with ${what}, and says where`, () => {
            const parsed = parseInputs({ ...goodInputs(), ...change });
            assert.ok(!parsed.ok);
            assert.deepEqual(
                parsed.failures.map((failure) => failure.property),
                [property],
            );
            assert.match(parsed.failures[0]!.reason, reason);
        });
    }

    it("is told of everything that is wrong at once", () => {
        const parsed = parseInputs({ ...goodInputs(), site: "East", namespaces: [], maxLag: "soon" });
        assert.ok(!parsed.ok);
        assert.deepEqual(parsed.failures.map(({ property }) => property).sort(), ["maxLag", "namespaces", "site"]);
    });

    it("is refused when it is nothing", () => {
        for (const value of [undefined, null, {}, "text"]) {
            assert.equal(parseInputs(value).ok, false);
        }
    });
});
