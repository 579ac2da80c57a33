import assert from "node:assert/strict";
import { identityChanges, parsePeeringInputs } from "../../../../provider/peering/inputs";

const good = {
    site: "east",
    peerSite: "west",
    endpoint: { url: "https://10.0.0.5" },
    svm: "svm_east",
    peer: { svm: "svm_west", cluster: "cluster-west", interclusterAddresses: ["10.0.1.1", "fd00::1"] },
    timeouts: { request: "30s", peering: "2m" },
};

describe("the inputs of a peering", () => {
    it("are taken when they are right", () => {
        assert.deepEqual(parsePeeringInputs(good), { ok: true, value: good });
    });

    it("are refused as a whole: each problem with its key, what was expected and what was found", () => {
        const bad = {
            ...good,
            endpoint: { url: "http://10.0.0.5/api", certificate: "none", verification: "maybe" },
            svm: "",
            peer: { svm: "svm_*", interclusterAddresses: ["west.example"] },
            timeouts: { request: "0s" },
        };
        const parsed = parsePeeringInputs(bad);
        assert.ok(!parsed.ok);
        const all = parsed.failure.join("\n");
        assert.match(
            all,
            /key "endpoint\.url": expected an https URL without a path.*, found string "http:\/\/10\.0\.0\.5\/api"/,
        );
        assert.match(all, /key "endpoint\.certificate": expected a certificate in PEM form/);
        assert.match(all, /key "endpoint\.verification": expected "verify" or "none", found string "maybe"/);
        assert.match(all, /key "svm": expected a name without line breaks.*, found string ""/);
        assert.match(all, /key "peer\.interclusterAddresses\.0": expected an IP address, found string "west\.example"/);
        assert.match(all, /key "timeouts\.request": expected a time span/);
        assert.match(all, /key "peer\.svm": expected a name without line breaks.*, found string "svm_\*"/);
        assert.equal(parsed.failure.length, 7);
    });

    it("refuse a site that is its own peer", () => {
        const parsed = parsePeeringInputs({ ...good, peerSite: "east" });
        assert.ok(!parsed.ok && /peerSite.*expected another site than east/.test(parsed.failure.join()));
    });

    it("may change in everything but what the peering is", () => {
        const news = {
            ...good,
            endpoint: { url: "https://10.0.0.6" },
            peer: { ...good.peer, interclusterAddresses: ["10.0.1.2"] },
        };
        assert.deepEqual(identityChanges(good, news), []);
        const [problem, ...rest] = identityChanges(good, { ...good, svm: "svm_new" });
        assert.match(problem ?? "", /key "svm": expected svm_east as before, found svm_new/);
        assert.deepEqual(rest, []);
    });

    it("are refused where they are no object at all", () => {
        assert.deepEqual(parsePeeringInputs("east"), {
            ok: false,
            failure: ['the inputs: expected object, found string "east"'],
        });
    });
});
