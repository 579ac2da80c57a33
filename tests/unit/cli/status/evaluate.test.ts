import assert from "node:assert/strict";
import type { FindingCode, Level } from "../../../../cli/status/document";
import { evaluate } from "../../../../cli/status/evaluate";
import type { HealthFacts, ItemFacts, SiteFacts } from "../../../../cli/status/facts";
import { refusalCodes } from "../../../../provider/roles/planner/decision";
import { roles } from "../../../../provider/roles/record";
import { healthy, itemFacts, mirrored, now, quiet, record, siteFacts, unknownSite } from "./facts";

const states = [...roles, "unknown"] as const;
type State = (typeof states)[number];

function at(site: string, state: State, epoch: number): SiteFacts {
    return state === "unknown"
        ? unknownSite(site)
        : siteFacts(site, { role: state, epoch: state === "none" ? 0 : epoch });
}

const codes = (facts: ItemFacts) => [...new Set(evaluate(facts, now).findings.map(({ code }) => code))];

describe("the status of an item, by what both sites are", () => {
    /** Of each pair of roles: in one epoch, and with west in the next one. */
    const rows: [east: State, west: State, level: Level, codes: FindingCode[], inNext?: [Level, FindingCode[]]][] = [
        ["none", "none", "attention", ["not-set-up"]],
        ["none", "active", "danger", ["not-protected"]],
        ["none", "stood-down", "danger", ["nobody-serves"]],
        ["none", "standby", "danger", ["nobody-serves"]],
        ["none", "displaced", "danger", ["nobody-serves"]],
        ["none", "unknown", "danger", ["service-unknown", "site-unknown"]],
        ["active", "none", "danger", ["not-protected"]],
        ["active", "active", "danger", ["two-sites-serve"]],
        ["active", "stood-down", "danger", ["not-protected"]],
        ["active", "standby", "ok", [], ["danger", ["not-protected"]]],
        ["active", "displaced", "danger", ["not-protected"]],
        ["active", "unknown", "attention", ["lag-unknown", "site-unknown"]],
        ["stood-down", "none", "danger", ["nobody-serves"]],
        ["stood-down", "active", "danger", ["not-protected"]],
        ["stood-down", "stood-down", "danger", ["nobody-serves"]],
        ["stood-down", "standby", "danger", ["nobody-serves"]],
        ["stood-down", "displaced", "danger", ["nobody-serves"]],
        ["stood-down", "unknown", "danger", ["service-unknown", "site-unknown"]],
        ["standby", "none", "danger", ["nobody-serves"]],
        ["standby", "active", "ok", [], ["danger", ["not-protected"]]],
        ["standby", "stood-down", "danger", ["nobody-serves"]],
        ["standby", "standby", "danger", ["nobody-serves"]],
        ["standby", "displaced", "danger", ["nobody-serves"]],
        ["standby", "unknown", "danger", ["service-unknown", "site-unknown"]],
        ["displaced", "none", "danger", ["nobody-serves"]],
        ["displaced", "active", "danger", ["not-protected"]],
        ["displaced", "stood-down", "danger", ["nobody-serves"]],
        ["displaced", "standby", "danger", ["nobody-serves"]],
        ["displaced", "displaced", "danger", ["nobody-serves"]],
        ["displaced", "unknown", "danger", ["service-unknown", "site-unknown"]],
        ["unknown", "none", "danger", ["service-unknown", "site-unknown"]],
        ["unknown", "active", "attention", ["lag-unknown", "site-unknown"]],
        ["unknown", "stood-down", "danger", ["service-unknown", "site-unknown"]],
        ["unknown", "standby", "danger", ["service-unknown", "site-unknown"]],
        ["unknown", "displaced", "danger", ["service-unknown", "site-unknown"]],
        ["unknown", "unknown", "danger", ["service-unknown", "site-unknown"]],
    ];

    for (const [east, west, level, expected, inNext = [level, expected]] of rows) {
        it(`${east} and ${west}: ${level}, in another epoch ${inNext[0]}`, () => {
            const same = itemFacts(at("east", east, 2), at("west", west, 2));
            assert.deepEqual([evaluate(same, now).level, codes(same)], [level, expected]);
            const other = itemFacts(at("east", east, 2), at("west", west, 3));
            assert.deepEqual([evaluate(other, now).level, codes(other)], inNext);
        });
    }

    it("has a row for each pair", () => {
        const all = states.flatMap((east) => states.map((west) => `${east} ${west}`));
        assert.deepEqual(new Set(rows.map(([east, west]) => `${east} ${west}`)), new Set(all));
    });

    it("names the site in the newer epoch as the one that serves, and the other one as the one to be given up", () => {
        const { servedBy, findings } = evaluate(itemFacts(at("east", "active", 1), at("west", "active", 2)), now);
        assert.equal(servedBy, "west");
        assert.match(
            findings[0]!.what,
            /what is written at east is not mirrored any more, and is discarded if east follows/,
        );
        assert.deepEqual(findings[0]!.next, ["pulumi preview --stack east, which shows both ways on"]);
    });

    it("tells an outage from a site that cannot be read, and how to take over", () => {
        const [east, west] = [unknownSite("east", { lastKnown: "active in epoch 1" }), at("west", "standby", 1)];
        const { servedBy, findings, lagSeconds } = evaluate(itemFacts(east, west), now);
        assert.deepEqual(servedBy, { unknown: "a site that may serve could not be read" });
        assert.equal(
            findings[0]!.what,
            "whether shop is served is not known: east is unknown (as last known: active in epoch 1), west is standby in epoch 1",
        );
        assert.equal(
            findings[0]!.next[1],
            "if east is lost: trident-dr takeover shop --site west, which says what would be lost",
        );
        assert.equal(lagSeconds, 150);
    });

    it("knows that nobody follows a site that serves from the mirror it took over with", () => {
        const west = siteFacts(
            "west",
            { role: "active", epoch: 2 },
            { record: record("west", "active", 2, { mirrorKept: true }), next: "pulumi up --stack east" },
        );
        const { level, findings } = evaluate(itemFacts(unknownSite("east"), west), now);
        assert.deepEqual([level, findings.map(({ code }) => code)], ["danger", ["not-protected", "site-unknown"]]);
        assert.match(findings[0]!.what, /since west took over and east, which is unknown, had not followed by then$/);
        assert.deepEqual(findings[0]!.next, ["pulumi up --stack east"]);
    });

    it("is well where an item left the mirror at both sites, and asks for the second one where it left at one", () => {
        const left = (site: string, how: "abandon" | "unmanage") =>
            siteFacts(site, { role: "none" }, { record: record(site, "none", 2, { left: how }) });
        assert.deepEqual(codes(itemFacts(left("east", "abandon"), left("west", "abandon"))), []);
        assert.deepEqual(codes(itemFacts(at("east", "active", 2), left("west", "abandon"))), ["not-protected"]);
        assert.deepEqual(codes(itemFacts(at("east", "active", 2), left("west", "unmanage"))), ["let-go"]);
        const next = { ...left("east", "abandon"), next: "set unprotect: true" };
        assert.deepEqual(codes(itemFacts(next, left("west", "abandon"))), ["next"]);
    });
});

describe("the status of an item that east serves and west mirrors, by what is seen of it", () => {
    const withWest = (health: Partial<HealthFacts>, more: Partial<SiteFacts> = {}): ItemFacts =>
        itemFacts(
            siteFacts("east", { role: "active" }),
            siteFacts("west", { role: "standby" }, { health: { ...mirrored, ...health }, ...more }),
        );
    const withEast = (more: Partial<SiteFacts>): ItemFacts =>
        itemFacts(siteFacts("east", { role: "active" }, more), siteFacts("west", { role: "standby" }));
    const mirror = mirrored.mirror!;
    const { recoveryPoint: _, ...nothingComplete } = mirror;
    const { mirror: _none, ...unmirrored } = mirrored;
    const old = { ...mirror, recoveryPoint: { snapshot: "custom-0", takenAt: "2026-11-22T02:40:00Z" } };

    const rows: [what: string, facts: ItemFacts, level: Level, codes: FindingCode[]][] = [
        ["all as it should be", withWest({}), "ok", []],
        ["workloads where it is served", healthy(), "ok", []],
        [
            "no mirror",
            itemFacts(
                siteFacts("east", { role: "active" }),
                siteFacts("west", { role: "standby" }, { health: unmirrored }),
            ),
            "danger",
            ["not-protected"],
        ],
        ["a promoted mirror", withWest({ mirror: { ...mirror, state: "promoted" } }), "danger", ["not-protected"]],
        [
            "an unsettled mirror",
            withWest({ mirror: { ...mirror, state: "unsettled", error: "no route" } }),
            "attention",
            ["mirror-unsettled"],
        ],
        [
            "a mirror with an error",
            withWest({ mirror: { ...mirror, error: "no route" } }),
            "attention",
            ["mirror-unsettled"],
        ],
        ["nothing complete", withWest({ mirror: nothingComplete }), "danger", ["nothing-replicated"]],
        [
            "a copy that is being made",
            withWest({ mirror: nothingComplete, copy: "1 of 2 volumes complete" }),
            "attention",
            ["establishing"],
        ],
        ["too old a copy", withWest({ mirror: old }), "danger", ["lag"]],
        ["something that runs, and is held", withWest({ workloads: ["Deployment shop/web"] }), "attention", ["runs"]],
        [
            "something that runs, and is not held",
            withWest({ workloads: ["Deployment shop/web"], barrierStands: false }),
            "danger",
            ["runs"],
        ],
        [
            "a minor fault of an array",
            withWest({ faults: [{ what: "left over", endangers: false }] }),
            "attention",
            ["array"],
        ],
        [
            "a grave fault of an array",
            withWest({ faults: [{ what: "NOT PROTECTED", endangers: true }] }),
            "danger",
            ["array"],
        ],
        ["an array that was not looked at", withWest({ arrayUnknown: "no password" }), "attention", ["array-unknown"]],
        [
            "health that is unknown",
            withWest({}, { health: { unknown: "no bundle" }, due: { unknown: "no bundle" } }),
            "attention",
            ["lag-unknown", "health-unknown"],
        ],
        [
            "health of east that is unknown",
            withEast({ health: { unknown: "no bundle" }, due: { unknown: "no bundle" } }),
            "attention",
            ["health-unknown"],
        ],
        [
            "a plan that is unknown",
            withEast({ due: { unknown: "no claim could be read" } }),
            "attention",
            ["due-unknown"],
        ],
        [
            "drift",
            withEast({ due: { is: "plan", verb: "hold", calls: ["start-schedules: apply Schedule shop/shop"] } }),
            "attention",
            ["drift"],
        ],
        [
            "a role change that is due",
            withEast({ due: { is: "plan", verb: "stand down", calls: ["mark", "claim"] } }),
            "attention",
            ["due"],
        ],
        [
            "a run that was cut off",
            withEast({ record: record("east", "active", 1, { underWay: "stand down" }) }),
            "attention",
            ["interrupted"],
        ],
        [
            "stacks that do not agree",
            itemFacts(
                siteFacts("east", { role: "active" }, { active: "west" }),
                siteFacts("west", { role: "standby" }, { active: "east" }),
            ),
            "attention",
            ["sites-disagree"],
        ],
        [
            "a site that cannot be read, and a copy that is new as seen from the other",
            itemFacts(
                siteFacts("east", { role: "active" }, { health: { ...quiet, lagSeenSeconds: 60 } }),
                unknownSite("west"),
            ),
            "attention",
            ["site-unknown"],
        ],
        [
            "a site that cannot be read, and a copy that is old as seen from the other",
            itemFacts(
                siteFacts("east", { role: "active" }, { health: { ...quiet, lagSeenSeconds: 6000 } }),
                unknownSite("west"),
            ),
            "danger",
            ["lag", "site-unknown"],
        ],
        ["something that is left to do", withEast({ next: "pulumi up --stack west" }), "attention", ["next"]],
    ];

    for (const [what, facts, level, expected] of rows) {
        it(`${what}: ${level}`, () => {
            assert.deepEqual([evaluate(facts, now).level, codes(facts)], [level, expected]);
        });
    }

    it("has for each refusal of the planner a level, and its remedies", () => {
        for (const code of refusalCodes) {
            const due = { is: "refusal", code, reason: "because", remedies: ["do this"] } as const;
            const { level, findings } = evaluate(withEast({ due }), now);
            assert.notEqual(level, "ok", code);
            assert.deepEqual(findings[0]!.next, ["do this"]);
        }
        const changed = { is: "refusal", code: "changed-by-others", reason: "promoted", remedies: [] } as const;
        assert.equal(evaluate(withWest({}, { due: changed }), now).level, "danger");
    });

    it("says by how much a takeover would lose, and what the objective is", () => {
        const { lagSeconds, maxLagSeconds, direction, findings } = evaluate(withWest({ mirror: old }), now);
        assert.deepEqual([lagSeconds, maxLagSeconds, direction], [1200, 900, { from: "east", to: "west" }]);
        assert.equal(
            findings[0]!.what,
            "the copy of shop is 20 min behind, more than maxLag (15 min): a takeover now would lose as much",
        );
    });

    it("measures by the stricter objective where the sites were configured differently", () => {
        for (const [east, west] of [
            [900, 600],
            [600, 900],
        ] as const) {
            const facts = itemFacts(
                siteFacts("east", { role: "active" }, { health: { ...quiet, maxLagSeconds: east } }),
                siteFacts("west", { role: "standby" }, { health: { ...mirrored, maxLagSeconds: west } }),
            );
            assert.equal(evaluate(facts, now).maxLagSeconds, 600);
        }
    });

    it("does not count the time in which nobody writes: a site that stood down has handed over all", () => {
        const facts = itemFacts(
            siteFacts("east", { role: "stood-down" }),
            siteFacts("west", { role: "standby" }, { health: { ...mirrored, mirror: old } }),
        );
        assert.deepEqual(codes(facts), ["nobody-serves"]);
    });

    it("names in each finding the site that it is about, and puts danger first", () => {
        const facts = withWest({ workloads: ["Job shop/x"], barrierStands: false, arrayUnknown: "no password" });
        const found = evaluate(facts, now).findings.map(({ level, site }) => [level, site]);
        assert.deepEqual(found, [
            ["danger", "west"],
            ["attention", "west"],
        ]);
    });

    it("mirrors while a rejoining site is copied to, which has its earlier role", () => {
        const copy = { health: { ...quiet, copy: "0 of 1 volumes complete" } };
        const facts = itemFacts(
            siteFacts("east", { role: "displaced", epoch: 2 }, copy),
            siteFacts("west", { role: "active", epoch: 2 }),
        );
        assert.deepEqual(codes(facts), ["establishing"]);
        assert.deepEqual(evaluate(facts, now).direction, { from: "west", to: "east" });
    });
});
