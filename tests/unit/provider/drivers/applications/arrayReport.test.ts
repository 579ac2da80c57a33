import assert from "node:assert/strict";
import {
    type Expected,
    faultsOn,
    findings,
    shownOf,
    type Survey,
    type SurveyedVolume,
    warningsOn,
} from "../../../../../provider/drivers/applications/arrayReport";
import type { ArrayMirror } from "../../../../../provider/drivers/array";
import { render } from "../../../../../provider/roles/messages/message";
import { emptyRecord, type Role, type RoleRecord } from "../../../../../provider/roles/record";

const mirror: ArrayMirror = {
    source: "svm_east:trident_pvc_1",
    destination: "svm_west:trident_pvc_9",
    state: "snapmirrored",
    healthy: true,
    why: "",
    policy: "MirrorAllSnapshots",
    lagSeconds: 42,
};
const copy: SurveyedVolume = {
    claim: "shop/data",
    volume: "trident_pvc_9",
    type: "dp",
    state: "online",
    into: mirror,
    outOf: [],
};
/** A mirror that led from the volume, each with an identity of its own. */
let records = 0;
const to = (destination: string) => ({ uuid: `record-${++records}`, source: "svm_west:trident_pvc_9", destination });
const served: SurveyedVolume = { ...copy, type: "rw", into: undefined };

const survey = (volume: Partial<SurveyedVolume>, strays: ArrayMirror[] = []): Survey => ({
    volumes: [{ ...copy, ...volume }],
    strays,
});

const recordAs = (role: Role, site: string): RoleRecord => ({
    ...emptyRecord("shop", site, site === "east" ? "west" : "east"),
    role,
    epoch: 1,
});

const sentences = (found: Survey, expected: Expected) => findings(found, expected).map((one) => render(one));

const at = (role: Role, peer: Role | "unknown" = "standby", mirrorKept = false): Expected => ({
    own: { role, mirrorKept },
    peer: peer === "unknown" ? { known: false, why: "dark" } : { known: true, record: recordAs(peer, "east") },
    application: "shop",
    namespace: "shop",
    site: "west",
    peerSite: "east",
    maxLagSeconds: 900,
});

/** West serves, and east has no role yet. */
const beforeFollowing = (establishing: boolean): Expected => ({
    ...at("active", "none"),
    peer: { known: true, record: undefined, ...(establishing ? { establishing: true } : {}) },
});

describe("a copy that is being made at the other site", () => {
    it("is not left over, although that site has no role yet", () => {
        const copied = survey({ ...served, outOf: [to("svm_east:trident_pvc_1")] });
        assert.match(sentences(copied, beforeFollowing(false)).join(), /left over: the array of west remembers/);
        assert.deepEqual(sentences(copied, beforeFollowing(true)), []);
    });

    it("is no reason to remove the mirror at a site whose own writes it discards", () => {
        const overwritten = survey({ type: "dp", into: { ...mirror, state: "broken_off" } });
        const expected = at("active", "active");
        assert.equal(sentences(overwritten, expected).length, 2);
        assert.deepEqual(sentences(overwritten, { ...expected, establishing: true }), []);
    });
});

describe("what the array has behind an application", () => {
    describe("at the standby site", () => {
        it("is as it should be when every volume is mirrored, healthy and not far behind", () => {
            assert.deepEqual(sentences(survey({}), at("standby")), []);
            assert.deepEqual(warningsOn(survey({}), at("standby")), [
                "1 volume replicates to this site; worst lag 42 s",
            ]);
        });

        const faults: [string, Partial<SurveyedVolume>, RegExp][] = [
            ["has no mirror", { into: undefined }, /^NOT PROTECTED: no mirror leads into volume trident_pvc_9/],
            ["is gone", { type: undefined }, /^NOT PROTECTED: the array has no volume trident_pvc_9 of shop\/data/],
            ["was broken off", { type: "rw", into: { ...mirror, state: "broken_off" } }, /may have been written/],
            ["is not healthy", { into: { ...mirror, healthy: false, why: "Transfer failed" } }, /: Transfer failed; /],
            ["is far behind", { into: { ...mirror, lagSeconds: 901 } }, /901 s behind, more than maxLag \(900 s\)/],
        ];
        for (const [what, changed, told] of faults) {
            it(`is told of a volume that ${what}`, () => {
                const found = sentences(survey(changed), at("standby"));
                assert.equal(found.length, 1);
                assert.match(found[0]!, told);
                assert.match(found[0]!, /kubectl -n shop describe appmirrorrelationships\.\S+ shop \(at west\)$/);
            });
        }

        it("is told of a second copy of the same source, which nobody uses", () => {
            const stray = { ...mirror, destination: "svm_west:trident_pvc_3" };
            const found = sentences(survey({}, [stray]), at("standby"));
            assert.match(found.join(), /left over: svm_east:trident_pvc_1 is mirrored into svm_west:trident_pvc_3/);
        });
    });

    describe("at the site that serves", () => {
        it("is as it should be when every volume is writable and has one destination at most", () => {
            assert.deepEqual(sentences({ volumes: [served], strays: [] }, at("active")), []);
            const followed = { ...served, outOf: [to("svm_east:trident_pvc_1")] };
            assert.deepEqual(sentences({ volumes: [followed], strays: [] }, at("active")), []);
        });

        it("may have the broken mirror of a takeover, as long as that is kept", () => {
            const broken = survey({ type: "rw", into: { ...mirror, state: "broken_off" } });
            assert.deepEqual(sentences(broken, at("active", "displaced", true)), []);
            assert.match(sentences(broken, at("active", "standby", false)).join(), /left over: a mirror from svm_east/);
        });

        it("is told of a volume that cannot be written", () => {
            assert.match(sentences(survey({ into: undefined }), at("active")).join(), /is dp, online: .* cannot write/);
            const offline = { ...served, state: "offline" };
            assert.match(sentences({ volumes: [offline], strays: [] }, at("active")).join(), /is rw, offline/);
        });

        it("is told of destinations that are remembered and not the standby site's, where that can be told", () => {
            const two = { volumes: [{ ...served, outOf: [to("svm_east:a"), to("svm_east:b")] }], strays: [] };
            assert.match(sentences(two, at("active")).join(), /the source of svm_east:a and svm_east:b, expected one/);
            const anew = { volumes: [{ ...served, outOf: [to("svm_east:a"), to("svm_east:a")] }], strays: [] };
            assert.deepEqual(sentences(anew, at("active")), []);
            const one = { volumes: [{ ...served, outOf: [to("svm_east:a")] }], strays: [] };
            const none = sentences(one, at("active", "none")).join();
            assert.match(none, /expected none.*tridentDr --stack east nor on the array of east/);
            assert.match(
                none,
                /at the array of west: snapmirror release -destination-path svm_east:a -relationship-info/,
            );
            assert.deepEqual(sentences(one, at("active", "displaced")), []);
            assert.deepEqual(sentences(two, at("active", "unknown")), []);
        });
    });

    it("is not judged at a site that neither serves nor follows", () => {
        for (const role of ["none", "stood-down", "displaced"] as const) {
            assert.deepEqual(warningsOn(survey({ into: undefined }), at(role)), []);
        }
    });

    it("is shown without what moves by itself", () => {
        const shown = shownOf(survey({}));
        assert.deepEqual(shown, shownOf(survey({ into: { ...mirror, lagSeconds: 7 } })));
        assert.deepEqual(shown["shop/data"], {
            volume: "trident_pvc_9",
            type: "dp",
            state: "online",
            mirror: "snapmirrored",
            source: "svm_east:trident_pvc_1",
            policy: "MirrorAllSnapshots",
            health: "healthy",
        });
    });
});

describe("claims that are not mirrored", () => {
    const found = { volumes: [], strays: [], ignored: [{ claim: "shop/cache", why: "resourceFilter excludes it" }] };
    const warnings = (role: Role) => warningsOn(found, at(role)).map((one) => render(one));

    it("are named in one line, with what that means after a takeover", () => {
        const [line] = warnings("active");
        assert.equal(
            line,
            "not mirrored with shop, and not at east after a takeover: shop/cache (resourceFilter excludes it)",
        );
        assert.equal(warnings("standby").length, 1);
    });

    it("are no matter at a site that neither serves nor mirrors", () => {
        assert.deepEqual(warnings("none"), []);
        assert.deepEqual(warningsOn({ ...found, ignored: [] }, at("active")), []);
    });
});

describe("faults of an array", () => {
    const endangers = (found: Survey, expected: Expected) =>
        faultsOn(found, expected).map(({ endangers: grave }) => grave);

    it("endanger a takeover where there is no copy, or too old a one", () => {
        for (const volume of [
            { type: undefined },
            { into: undefined },
            { into: { ...mirror, state: "broken_off" } },
            { into: { ...mirror, lagSeconds: 901 } },
        ]) {
            assert.deepEqual(endangers(survey(volume), at("standby")), [true], JSON.stringify(volume));
        }
    });

    it("endanger the service where it cannot be written, or could be overwritten", () => {
        assert.deepEqual(endangers(survey({ ...served, type: "dp" }), at("active")), [true]);
        assert.deepEqual(endangers(survey({ ...served, into: mirror }), at("active")), [true]);
    });

    it("only need attention where what is there still does", () => {
        const unhealthy = survey({ into: { ...mirror, healthy: false, why: "no route" } });
        assert.deepEqual(endangers(unhealthy, at("standby")), [false]);
        assert.deepEqual(endangers(survey({}, [mirror]), at("standby")), [false]);
        const twice = survey({ ...served, outOf: [to("svm_east:a"), to("svm_east:b")] });
        assert.deepEqual(endangers(twice, at("active")), [false]);
    });
});
