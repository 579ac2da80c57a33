import assert from "node:assert/strict";
import fc from "fast-check";
import { beginnings } from "../../../../provider/roles/epoch";
import { Seal } from "../../../../provider/support/seal";
import { type Claim, type Claimable, parseClaim } from "../../../../provider/vaults/claims";

const expected: Claimable = { application: "shop", epoch: 2, sites: ["east", "west"] };
const seal = new Seal({ current: "the first key of the pair, 32 long" });

const claims: fc.Arbitrary<Claim> = fc.record(
    {
        application: fc.constant("shop"),
        epoch: fc.constant(2),
        began: fc.constantFrom(...beginnings),
        site: fc.constantFrom("east", "west"),
        time: fc
            .date({ noInvalidDate: true, min: new Date(0), max: new Date("9999-01-01") })
            .map((at) => at.toISOString()),
    },
    { noNullPrototype: true },
);

/** Anything that may lie in a bucket, from noise to what differs from a claim by one field. */
const anything = fc.oneof(
    fc.string({ unit: "binary" }),
    fc.json(),
    fc
        .tuple(claims, fc.constantFrom("application", "epoch", "began", "site", "time"), fc.jsonValue())
        .map(([claim, field, value]) => JSON.stringify({ ...claim, [field]: value })),
    fc
        .tuple(claims, fc.constantFrom("application", "site", "time"), fc.string({ unit: "binary" }))
        .map(([claim, field, value]) => JSON.stringify({ ...claim, [field]: value })),
);

describe("what lies in the place of a claim", () => {
    it("is a claim when every field is that of one", () => {
        fc.assert(
            fc.property(claims, (claim) => {
                assert.deepEqual(parseClaim(JSON.stringify(claim), expected), { is: "claim", claim });
            }),
        );
    });

    it("is never one of another item, epoch or pair, and what is told of it is harmless", () => {
        fc.assert(
            fc.property(anything, (text) => {
                const found = parseClaim(text, expected);
                if (found.is === "claim") {
                    const { application, epoch, site, began, time } = found.claim;
                    assert.deepEqual([application, epoch], ["shop", 2]);
                    assert.ok(["east", "west"].includes(site) && beginnings.includes(began));
                    assert.ok(!Number.isNaN(Date.parse(time)));
                    assert.match(time, /^[\dTZ:.+-]+$/);
                } else {
                    assert.ok(found.why.length <= 201);
                    assert.doesNotMatch(found.why, /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Cs}]/u);
                }
            }),
            { numRuns: 1_000 },
        );
    });

    for (const [what, change] of Object.entries({
        "of another application": { application: "bank" },
        "of another epoch": { epoch: 3 },
        "of a stranger's site": { site: "mars" },
        "without a beginning that there is": { began: "conquest" },
        "of a time that does not exist": { time: "2026-02-30T00:00:00Z" },
    })) {
        it(`is none ${what}`, () => {
            const claim = {
                application: "shop",
                epoch: 2,
                began: "takeover",
                site: "east",
                time: "2026-11-22T12:00:00Z",
            };
            assert.equal(parseClaim(JSON.stringify({ ...claim, ...change }), expected).is, "not authentic");
        });
    }

    it("is not read to its end when it is longer than any claim", () => {
        fc.assert(
            fc.property(claims, (claim) => {
                const long = JSON.stringify(claim) + " ".repeat(5_000);
                assert.equal(parseClaim(long, expected).is, "not authentic");
            }),
            { numRuns: 1 },
        );
    });
});

describe("what lies in the place of a claim of a pair with a key", () => {
    it("is a claim with its MAC, and with no other", () => {
        fc.assert(
            fc.property(claims, claims, (claim, other) => {
                const sealed: Record<string, unknown> = { ...seal.on("claim", claim) };
                assert.equal(parseClaim(JSON.stringify(sealed), expected, seal).is, "claim");
                const changed = JSON.stringify({ ...other, mac: sealed["mac"] });
                const isSame = JSON.stringify(claim) === JSON.stringify(other);
                assert.equal(parseClaim(changed, expected, seal).is, isSame ? "claim" : "not authentic");
            }),
        );
    });

    it("is a claim without one only while the pair is given its first key", () => {
        fc.assert(
            fc.property(claims, (claim) => {
                const introducing = new Seal({ current: "the first key of the pair, 32 long" }, true);
                assert.equal(parseClaim(JSON.stringify(claim), expected, seal).is, "not authentic");
                assert.equal(parseClaim(JSON.stringify(claim), expected, introducing).is, "claim");
                const forged = JSON.stringify({ ...claim, mac: "00" });
                assert.equal(parseClaim(forged, expected, introducing).is, "not authentic");
            }),
        );
    });
});
