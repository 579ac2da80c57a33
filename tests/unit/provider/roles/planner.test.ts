import assert from "node:assert/strict";
import type { Beginning } from "../../../../provider/roles/epoch";
import { decide } from "../../../../provider/roles/planner";
import type { Decision } from "../../../../provider/roles/planner/decision";
import { emptyRecord, type RoleRecord, type Verb } from "../../../../provider/roles/record";
import type { Configuration, Observed, PeerView, Situation } from "../../../../provider/roles/situation";

const now = new Date("2026-11-22T03:00:00Z");

const record = (site: "east" | "west", part: Partial<RoleRecord> = {}): RoleRecord => ({
    ...emptyRecord("shop", site, site === "east" ? "west" : "east"),
    ...part,
});
const active = (site: "east" | "west", epoch: number, part: Partial<RoleRecord> = {}) =>
    record(site, {
        role: "active",
        epoch,
        activeSite: site,
        applicationUid: `uid-${site}`,
        baseSnapshot: `shop-base-${epoch}`,
        ...part,
    });
const standby = (site: "east" | "west", epoch: number, part: Partial<RoleRecord> = {}) =>
    record(site, { role: "standby", epoch, activeSite: site === "east" ? "west" : "east", ...part });
const token = (part: Partial<NonNullable<RoleRecord["token"]>> = {}) => ({
    application: "shop",
    epoch: 1,
    from: "east",
    to: "west",
    finalSnapshot: "20261122025959_shop-shutdown-1_abc",
    archivePath: "shop_uid-east/snapshots/20261122025959_shop-shutdown-1_abc",
    applicationUid: "uid-east",
    time: now.toISOString(),
    ...part,
});
const stoodDown = (part: Partial<RoleRecord> = {}) =>
    record("east", { role: "stood-down", epoch: 1, activeSite: "east", token: token(), ...part });
const replicated: Observed = {
    mirror: {
        state: "established",
        sourceApplicationUid: "uid-east",
        recoveryPoint: { snapshot: "custom-1", takenAt: "2026-11-22T02:57:30Z" },
    },
    replicationLagSeconds: 150,
    wayBack: [
        {
            volume: "shop/data",
            common: { name: "snapshot-1", versionUuid: "version-1", takenAt: "2026-11-22T02:57:31Z" },
        },
    ],
};

function at(
    own: RoleRecord,
    activeSite: string,
    peer: PeerView | RoleRecord | undefined,
    acknowledgements: Configuration["acknowledgements"] = {},
    observed: Observed = replicated,
    told: Pick<Configuration, "path" | "ownKeys"> = {},
): Decision {
    const situation: Situation = {
        own,
        peer: peer !== undefined && "known" in peer ? peer : { known: true, record: peer },
        configuration: {
            application: "shop",
            site: own.site,
            peer: own.peer,
            active: activeSite,
            acknowledgements,
            maxLagSeconds: 900,
            ...told,
        },
        observed,
        now,
    };
    return decide(situation);
}

function stepsOf(decision: Decision): string[] {
    assert.equal(decision.kind, "plan", decision.kind === "refusal" ? decision.reason : "");
    return decision.kind === "plan" ? decision.steps.map((step) => step.do) : [];
}

function refusalOf(decision: Decision) {
    assert.equal(decision.kind, "refusal", JSON.stringify(decision));
    assert.ok(decision.kind === "refusal" && decision.remedies.length > 0);
    return decision;
}

const unknown: PeerView = { known: false, why: "its stack cannot be read" };

describe("the planner, row by row", () => {
    it("refuses a configuration that names neither site", () => {
        assert.equal(refusalOf(at(active("east", 1), "north", undefined)).code, "active-names-neither-site");
    });

    describe("of a site with no role", () => {
        it("serves first when configuration says so and the peer is nothing yet", () => {
            const decision = at(record("west"), "west", undefined, {}, { mirror: undefined });
            assert.deepEqual(stepsOf(decision), [
                "mark",
                "claim",
                "declare-application",
                "take-base-snapshot",
                "start-schedules",
                "record",
            ]);
            const claim = decision.kind === "plan" && decision.steps[1];
            assert.deepEqual(claim, { do: "claim", epoch: 1, began: "init", vaults: [{ site: "east", must: true }] });
        });

        it("does not serve first while the peer is unknown, serves, or remembers more than this site", () => {
            assert.equal(refusalOf(at(record("west"), "west", unknown)).code, "peer-unknown");
            assert.equal(refusalOf(at(record("west"), "west", active("east", 1))).code, "peer-serves");
            assert.equal(refusalOf(at(record("west"), "west", standby("east", 4))).code, "own-record-lost");
        });

        it("makes a standby from a peer that serves, and waits for one that does not yet", () => {
            const decision = at(record("west"), "east", active("east", 1));
            assert.deepEqual(stepsOf(decision), ["delete-schedules", "establish-mirror", "record"]);
            assert.ok(decision.kind === "plan" && decision.steps[1]!.do === "establish-mirror");
            assert.equal(decision.steps[1].sourceUid, "uid-east");
            assert.deepEqual(stepsOf(at(record("west"), "east", undefined)), []);
            assert.deepEqual(stepsOf(at(record("west"), "east", unknown)), []);
        });
    });

    describe("of the active site", () => {
        it("keeps serving whatever the peer is, as long as it is not active in a later epoch", () => {
            const parts = ["declare-application", "take-base-snapshot", "start-schedules", "record"];
            for (const peer of [undefined, unknown, record("west")]) {
                assert.deepEqual(stepsOf(at(active("east", 1), "east", peer)), parts);
            }
        });

        it("forgets the snapshots of earlier epochs once the other site has something newer in common, and not before", () => {
            const forgets = (peer: RoleRecord) =>
                stepsOf(at(active("east", 3), "east", peer)).includes("forget-snapshots");
            assert.equal(forgets(standby("west", 3)), true);
            assert.equal(forgets(standby("west", 2)), false);
            assert.equal(forgets(record("west", { role: "displaced", epoch: 3, activeSite: "east" })), false);
        });

        it("refuses to go on serving when the peer took over", () => {
            const decision = refusalOf(at(active("east", 1), "east", active("west", 2, { began: "takeover" })));
            assert.equal(decision.code, "peer-took-over");
            assert.match(decision.reason, /west serves shop in epoch 2 \(takeover\)/);
        });

        it("says that both sites serve", () => {
            const decision = at(active("west", 2, { began: "takeover", mirrorKept: true }), "west", active("east", 1));
            assert.ok(decision.kind === "plan" && decision.notes.some((note) => note.includes("both sites serve")));
        });

        it("releases the kept mirror only when the peer has stopped serving", () => {
            const own = active("west", 2, { began: "takeover", mirrorKept: true });
            assert.deepEqual(stepsOf(at(own, "west", active("east", 1))), ["promote", "record"]);
            for (const role of ["displaced", "stood-down"] as const) {
                const peer = record("east", { role, epoch: 2, activeSite: "west" });
                assert.deepEqual(stepsOf(at(own, "west", peer)).slice(0, 2), ["mark", "remove-mirror"]);
            }
        });

        it("stands down for a healthy standby and for nothing else", () => {
            assert.deepEqual(stepsOf(at(active("east", 1), "west", standby("west", 1))), [
                "mark",
                "stop-schedules",
                "take-shutdown-snapshot",
                "record",
            ]);
            for (const peer of [
                undefined,
                unknown,
                standby("west", 2),
                record("west", { role: "displaced", epoch: 1 }),
            ]) {
                assert.equal(refusalOf(at(active("east", 1), "west", peer)).code, "nobody-to-hand-over-to");
            }
        });

        it("refuses to stand down while replication is behind, unless the lag is acknowledged", () => {
            const behind = { ...replicated, replicationLagSeconds: 901 };
            assert.equal(
                refusalOf(at(active("east", 1), "west", standby("west", 1), {}, behind)).code,
                "replication-behind",
            );
            assert.equal(
                refusalOf(at(active("east", 1), "west", standby("west", 1), {}, { mirror: undefined })).code,
                "replication-behind",
            );
            stepsOf(at(active("east", 1), "west", standby("west", 1), { lag: "window closes" }, behind));
        });

        it("stands aside for a peer that took over, and gives up own writes only with the leave for that epoch", () => {
            const theirs = active("west", 2, { began: "takeover" });
            const aside = ["mark", "stop-schedules", "stop-workloads", "count-unreplicated", "record"];
            assert.deepEqual(stepsOf(at(active("east", 1), "west", theirs)), aside);
            assert.deepEqual(
                stepsOf(at(active("east", 1), "west", theirs, { discard: { site: "east", epoch: 7 } })),
                aside,
            );
            assert.ok(
                stepsOf(at(active("east", 1), "west", theirs, { discard: { site: "east", epoch: 1 } })).includes(
                    "establish-mirror",
                ),
            );
        });

        it("counts what is given up only once nothing writes any more", () => {
            const own = active("west", 2, { began: "takeover", mirrorKept: true });
            const theirs = active("east", 3, { began: "discard" });
            assert.deepEqual(stepsOf(at(own, "east", theirs, { discard: { site: "west", epoch: 2 } })), [
                "mark",
                "stop-schedules",
                "stop-workloads",
                "count-unreplicated",
                "delete-schedules",
                "establish-mirror",
                "record",
            ]);
        });
    });

    describe("of a site that stood down", () => {
        const rejoining = [
            "mark",
            "stop-schedules",
            "stop-workloads",
            "delete-schedules",
            "establish-mirror",
            "record",
        ];

        it("changes its mind only as long as the peer has not followed", () => {
            assert.deepEqual(stepsOf(at(stoodDown(), "east", standby("west", 1))).slice(0, 3), [
                "mark",
                "claim",
                "restore-application",
            ]);
            assert.equal(refusalOf(at(stoodDown(), "east", active("west", 2))).code, "peer-took-over");
            assert.equal(refusalOf(at(stoodDown(), "east", unknown)).code, "peer-unknown");
        });

        it("becomes standby once the peer serves by its token, and reports what a takeover without it lacks", () => {
            assert.deepEqual(stepsOf(at(stoodDown(), "west", standby("west", 1))), []);
            assert.deepEqual(stepsOf(at(stoodDown(), "west", active("west", 2, { began: "token" }))), rejoining);
            assert.deepEqual(stepsOf(at(stoodDown(), "west", active("west", 2, { began: "takeover" }))), [
                "mark",
                "stop-schedules",
                "stop-workloads",
                "count-unreplicated",
                "record",
            ]);
        });

        it("rejoins a peer that took over by the token, whichever site is asked for", () => {
            const steps = stepsOf(at(stoodDown(), "east", active("west", 2, { began: "token" })));
            assert.deepEqual(steps, rejoining);
        });

        it("can discard what the peer wrote from standing down as well", () => {
            const theirs = active("west", 2, { began: "takeover" });
            const decision = at(stoodDown(), "east", theirs, { discard: { site: "west", epoch: 2 } });
            assert.deepEqual(stepsOf(decision).slice(0, 4), ["mark", "claim", "remove-mirror", "restore-application"]);
        });
    });

    describe("of a standby site", () => {
        it("lets its array forget the mirrors that led from it, once the other site has removed them", () => {
            const sources = [{ uuid: "r1", source: "svm_west:v", destination: "svm_east:v" }];
            const observed: Observed = { mirror: undefined, remains: { sources, claims: undefined } };
            const steps = stepsOf(at(standby("west", 1), "east", active("east", 1), {}, observed));
            assert.deepEqual(steps, ["delete-schedules", "establish-mirror", "record", "release-sources"]);
            const keeps = active("east", 1, { mirrorKept: true });
            assert.ok(!stepsOf(at(standby("west", 1), "east", keeps, {}, observed)).includes("release-sources"));
        });

        it("follows a peer that serves in a later epoch before it can be handed over to", () => {
            for (const acknowledgements of [{}, { takeover: 2 }]) {
                assert.deepEqual(stepsOf(at(standby("west", 1), "west", active("east", 2), acknowledgements)), [
                    "delete-schedules",
                    "establish-mirror",
                    "record",
                ]);
            }
            assert.equal(refusalOf(at(standby("west", 2), "west", active("east", 2))).code, "no-token");
        });

        it("takes over with a token: promotes its very snapshot", () => {
            const decision = at(standby("west", 1), "west", stoodDown());
            assert.deepEqual(stepsOf(decision), [
                "mark",
                "claim",
                "promote",
                "verify-writable",
                "remove-mirror",
                "declare-application",
                "take-base-snapshot",
                "start-schedules",
                "record",
            ]);
            const promote = decision.kind === "plan" && decision.steps.find((step) => step.do === "promote");
            assert.ok(promote && promote.do === "promote");
            assert.equal(promote.token?.finalSnapshot, "20261122025959_shop-shutdown-1_abc");
        });

        it("makes the mirror anew before it takes over with a token, if it is gone", () => {
            const steps = stepsOf(at(standby("west", 1), "west", stoodDown(), {}, { mirror: undefined }));
            assert.deepEqual(steps.slice(0, 4), ["establish-mirror", "mark", "claim", "promote"]);
        });

        it("refuses a token of another epoch, application or site, or one used already, each by name", () => {
            const withToken = (part: Parameters<typeof token>[0], own = standby("west", 1)) =>
                refusalOf(at(own, "west", stoodDown({ token: token(part) }))).code;
            assert.equal(withToken({ epoch: 2 }), "token-of-other-epoch");
            assert.equal(withToken({ application: "bank" }), "token-of-other-application");
            assert.equal(withToken({ to: "north" }), "token-for-other-site");
            assert.equal(withToken({}, standby("west", 3)), "token-used");
        });

        it("takes over without a token only with the acknowledgement of the very epoch that it starts", () => {
            const dead = active("east", 1);
            assert.deepEqual(stepsOf(at(standby("west", 1), "west", dead, { takeover: 2 })), [
                "mark",
                "claim",
                "promote",
                "verify-writable",
                "record",
            ]);
            stepsOf(at(standby("west", 1), "west", unknown, { takeover: 2 }));
            assert.equal(refusalOf(at(standby("west", 1), "west", dead)).code, "no-token");
            for (const takeover of [1, 3]) {
                assert.equal(refusalOf(at(standby("west", 1), "west", dead, { takeover })).code, "epoch-has-passed");
            }
        });

        it("takes over without the token of a site that is gone with its final snapshot, if that is acknowledged", () => {
            const begunBy = (answers: boolean | undefined, takeover: number) => {
                const observed = { ...replicated, ...(answers === undefined ? {} : { peerVaultAnswers: answers }) };
                const decision = at(standby("west", 1), "west", stoodDown(), { takeover }, observed);
                const claim = decision.kind === "plan" && decision.steps.find((step) => step.do === "claim");
                return claim && claim.do === "claim" ? claim.began : undefined;
            };
            assert.equal(begunBy(false, 2), "takeover");
            assert.equal(begunBy(false, 1), "token");
            assert.equal(begunBy(true, 2), "token");
            assert.equal(begunBy(undefined, 2), "token");
        });

        it("announces the recovery point, its age, the loss bound and the two ways on when it refuses a takeover", () => {
            const refusal = refusalOf(at(standby("west", 1), "west", active("east", 1)));
            assert.match(refusal.reason, /recovery point custom-1, taken 2026-11-22T02:57:30Z, 150 s ago/);
            assert.match(refusal.reason, /at most the writes of the last 150 s/);
            assert.equal(refusal.remedies.length, 2);
            assert.match(refusal.remedies[1]!, /pulumi config set takeover 2 --stack west/);
        });

        it("tells to set the application's own value where it has one, on which that of all has no effect", () => {
            const remediesWith = (told: Pick<Configuration, "path" | "ownKeys">) =>
                refusalOf(at(standby("west", 1), "west", active("east", 1), {}, replicated, told)).remedies;
            const [ask, take] = remediesWith({ path: "applications[1]", ownKeys: ["takeover"] });
            assert.match(ask!, /pulumi config set active west --stack east/);
            assert.match(take!, /pulumi config set --path 'applications\[1\]\.takeover' 2 --stack west/);
            assert.match(remediesWith({ ownKeys: ["takeover"] })[1]!, /set takeover: 2 for shop in the stack of west/);
        });

        it("does not take over with nothing", () => {
            const decision = at(standby("west", 1), "west", unknown, { takeover: 2 }, { mirror: undefined });
            assert.equal(refusalOf(decision).code, "nothing-replicated");
        });
    });

    describe("of a displaced site", () => {
        it("serves against the peer only with the leave to discard its epoch", () => {
            const displaced = record("east", { role: "displaced", epoch: 2, activeSite: "west", began: "takeover" });
            const theirs = active("west", 2, { began: "takeover" });
            assert.equal(refusalOf(at(displaced, "east", theirs)).code, "peer-took-over");
            const old = { discard: { site: "west", epoch: 1 } };
            assert.equal(refusalOf(at(displaced, "east", theirs, old)).code, "discard-of-other-epoch");
            assert.equal(refusalOf(at(displaced, "east", active("west", 1), old)).code, "peer-unknown");
            const steps = stepsOf(at(displaced, "east", theirs, { discard: { site: "west", epoch: 2 } }));
            assert.deepEqual(steps.slice(0, 3), ["mark", "claim", "remove-mirror"]);
        });

        it("rejoins once the peer has a base snapshot to mirror from", () => {
            const displaced = record("east", { role: "displaced", epoch: 2, activeSite: "west", began: "takeover" });
            const without = active("west", 2, { began: "takeover", mirrorKept: true, baseSnapshot: undefined });
            assert.deepEqual(stepsOf(at(displaced, "west", without)), []);
            assert.ok(
                stepsOf(at(displaced, "west", active("west", 2, { began: "takeover" }))).includes("establish-mirror"),
            );
        });

        it("says for each volume how it comes back, and copies everything only with consent", () => {
            const displaced: RoleRecord = {
                ...record("west"),
                role: "displaced",
                epoch: 2,
                began: "takeover",
                activeSite: "east",
            };
            const east: RoleRecord = { ...active("east", 2), began: "takeover", holds: [] };
            const incremental = at(displaced, "east", east);
            assert.ok(incremental.kind === "plan");
            assert.match(
                incremental.notes.join(),
                /volume shop\/data: incremental, from snapshot snapshot-1 .*, \d+ s old/,
            );
            const bare: Observed = {
                ...replicated,
                mirror: undefined,
                wayBack: [{ volume: "shop/data", common: undefined }],
            };
            const refused = refusalOf(at(displaced, "east", east, {}, bare));
            assert.equal(refused.code, "full-copy");
            assert.match(refused.reason, /volume shop\/data: no snapshot in common with east, a full copy/);
            assert.match(refused.remedies[0]!, /config set fullCopy 2 --stack west/);
            assert.equal(refusalOf(at(displaced, "east", east, { fullCopy: 1 }, bare)).code, "full-copy");
            assert.equal(stepsOf(at(displaced, "east", east, { fullCopy: 2 }, bare)).at(-1), "record");
            const untold: Observed = { mirror: undefined };
            assert.match(
                refusalOf(at(displaced, "east", { ...east, holds: undefined }, {}, untold)).reason,
                /has not said what it holds/,
            );
        });
    });

    const underWay = (verb: Verb, epoch: number, began: Beginning, claimed = false) => ({
        underWay: { verb, epoch, began, ...(claimed ? { claimed } : {}) },
    });

    describe("after a run that was cut off", () => {
        it("finishes what a run that was cut off had begun, with the leave that it had then", () => {
            const own = standby("west", 1, {
                underWay: { verb: "take over without a token", epoch: 2, began: "takeover" },
            });
            assert.deepEqual(stepsOf(at(own, "west", active("east", 1))), [
                "mark",
                "claim",
                "promote",
                "verify-writable",
                "record",
            ]);
            assert.equal(refusalOf(at(own, "east", active("east", 1))).code, "unfinished");
        });

        it("concludes a planned epoch whatever is asked for by then, with the token that it began with", () => {
            assert.equal(
                stepsOf(at(record("west", underWay("serve first", 1, "init")), "east", undefined))[1],
                "claim",
            );
            const own = standby("west", 1, {
                underWay: { ...underWay("take over with a token", 2, "token").underWay, token: token() },
            });
            for (const peer of [unknown, stoodDown()]) {
                const decision = at(own, "east", peer);
                const promote = decision.kind === "plan" && decision.steps.find((step) => step.do === "promote");
                assert.ok(promote && promote.do === "promote" && promote.token?.epoch === 1);
            }
        });

        it("gives up an epoch that the peer began first", () => {
            const own = stoodDown(underWay("change of mind", 2, "back"));
            assert.ok(stepsOf(at(own, "west", active("west", 2, { began: "token" }))).includes("establish-mirror"));
        });

        it("goes on with a takeover in which a mirror is promoted, though the peer began the same number", () => {
            const own = standby("west", 1, underWay("take over without a token", 2, "takeover", true));
            assert.equal(stepsOf(at(own, "west", active("east", 2, { began: "back" }))).at(-1), "record");
        });

        it("serves again in an epoch of its own when standing down is called off", () => {
            const own = active("east", 1, underWay("stand down", 1, "init"));
            const decision = at(own, "east", unknown);
            assert.deepEqual(stepsOf(decision).slice(0, 3), ["mark", "claim", "restore-application"]);
            assert.equal(decision.kind === "plan" && decision.verb, "change of mind");
            assert.equal(refusalOf(at(own, "east", active("west", 2))).code, "peer-took-over");
        });

        it("finishes standing aside without the peer, and does not serve again without leave", () => {
            const own = active("east", 1, underWay("stand aside", 2, "takeover"));
            assert.equal(stepsOf(at(own, "west", unknown)).at(-2), "count-unreplicated");
            assert.equal(refusalOf(at(own, "east", unknown)).code, "peer-unknown");
        });

        it("does not serve from volumes that a mirror may have begun to overwrite", () => {
            const own = record("east", {
                role: "displaced",
                epoch: 2,
                activeSite: "west",
                ...underWay("rejoin", 2, "takeover"),
            });
            const theirs = active("west", 2, { began: "takeover" });
            const discard = { discard: { site: "west", epoch: 2 } };
            assert.equal(refusalOf(at(own, "east", theirs, discard)).code, "unfinished");
            assert.deepEqual(stepsOf(at(own, "west", unknown)), []);
            assert.ok(stepsOf(at(own, "west", theirs)).includes("establish-mirror"));
        });
    });

    describe("of an application that leaves the mirror", () => {
        const leaving = (own: RoleRecord, peer: PeerView | RoleRecord | undefined, more: Partial<Situation> = {}) =>
            decide({
                own,
                peer: peer !== undefined && "known" in peer ? peer : { known: true, record: peer },
                configuration: {
                    application: "shop",
                    site: own.site,
                    peer: own.peer,
                    active: "east",
                    acknowledgements: {},
                    maxLagSeconds: 900,
                    unprotect: true,
                    path: "applications[0]",
                    ...more.configuration,
                },
                observed: { mirror: undefined, ...more.observed },
                now,
            });
        const source = { uuid: "relationship", source: "svm_east:data", destination: "svm_west:data" };
        const remains = { sources: [source], claims: [1, 2] };
        const left = (site: "east" | "west", epoch: number, from: RoleRecord["role"]) =>
            record(site, {
                epoch,
                activeSite: "east",
                history: [{ epoch, from, to: "none", verb: "abandon", at: now.toISOString(), stages: [] }],
            });

        it("removes the Schedules where it serves, and keeps what the other site's mirror needs", () => {
            const decision = leaving(active("east", 1), standby("west", 1), {
                observed: { mirror: undefined, remains },
            });
            assert.deepEqual(stepsOf(decision), ["mark", "delete-schedules", "record"]);
        });

        it("removes the mirror at the standby site", () => {
            const decision = leaving(standby("west", 1), active("east", 1), { observed: replicated });
            assert.deepEqual(stepsOf(decision), [
                "mark",
                "delete-schedules",
                "remove-mirror",
                "verify-unmirrored",
                "record",
            ]);
        });

        it("looks at the array of a site that was a mirror also when an earlier run deleted the mirror and was cut off", () => {
            const cutOff = { ...standby("west", 1), ...underWay("abandon", 1, "init") };
            assert.deepEqual(stepsOf(leaving(cutOff, active("east", 1))), [
                "mark",
                "delete-schedules",
                "verify-unmirrored",
                "record",
            ]);
        });

        it("removes what is remembered once the other site is out, and claims once both are", () => {
            const observed: Observed = { mirror: undefined, remains };
            const serving = leaving(active("east", 1), left("west", 1, "standby"), { observed });
            assert.deepEqual(stepsOf(serving), ["mark", "delete-schedules", "release-sources", "tidy-up", "record"]);
            const both = leaving(left("east", 1, "active"), left("west", 1, "standby"), { observed });
            assert.deepEqual(stepsOf(both), ["delete-schedules", "release-sources", "tidy-up", "forget-claims"]);
            assert.ok(both.kind === "plan");
            const forget = both.steps.find((step) => step.do === "forget-claims");
            assert.deepEqual(forget?.epochs, [1], "a later epoch may be another site's by now");
        });

        it("waits for a change of roles, and says how it is finished", () => {
            const aside = record("west", { role: "displaced", epoch: 2, activeSite: "east" });
            for (const decision of [
                leaving(stoodDown(), standby("west", 1)),
                leaving(standby("west", 1), stoodDown()),
                leaving(aside, active("east", 2)),
                leaving(active("east", 2, { mirrorKept: true }), aside),
            ]) {
                const { code, remedies } = refusalOf(decision);
                assert.equal(code, "role-change-under-way");
                assert.match(
                    remedies[0]!,
                    /config set --path 'applications\[0\]\.unprotect' false --stack (east|west)/,
                );
            }
        });

        it("goes on with epochs when it comes back, and does not serve from an older copy", () => {
            const back = at(left("east", 3, "active"), "east", left("west", 3, "standby"));
            assert.ok(back.kind === "plan" && back.verb === "serve first");
            assert.ok(back.steps.some((step) => step.do === "claim" && step.epoch === 4));
            assert.equal(
                refusalOf(at(left("west", 3, "standby"), "west", left("east", 3, "active"))).code,
                "served-elsewhere",
            );
        });

        it("overwrites what served last, or runs, only with consent", () => {
            const served = left("east", 1, "active");
            const refusal = refusalOf(at(served, "west", active("west", 2)));
            assert.equal(refusal.code, "would-overwrite");
            assert.match(refusal.remedies[0]!, /config set discard east@1 --stack east/);
            const consent = at(served, "west", active("west", 2), { discard: { site: "east", epoch: 1 } });
            assert.deepEqual(stepsOf(consent).slice(0, 4), [
                "mark",
                "stop-schedules",
                "stop-workloads",
                "count-unreplicated",
            ]);
            const running: Observed = { mirror: undefined, workloads: ["Deployment shop/shop"] };
            assert.match(
                refusalOf(at(record("west"), "east", active("east", 1), {}, running)).reason,
                /Deployment shop\/shop still runs/,
            );
        });
    });
});
