import assert from "node:assert/strict";
import { decide, type Decision } from "../../../provider/roles/planner";
import { emptyRecord, type RoleRecord } from "../../../provider/roles/record";
import type { Configuration, Observed, PeerView, Situation } from "../../../provider/roles/situation";

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
};

function at(
    own: RoleRecord,
    activeSite: string,
    peer: PeerView | RoleRecord | undefined,
    acknowledgements: Configuration["acknowledgements"] = {},
    observed: Observed = replicated,
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
    it("serves first when configuration says so and the peer is nothing yet", () => {
        const decision = at(record("west"), "west", undefined);
        assert.deepEqual(stepsOf(decision), [
            "claim",
            "declare-application",
            "take-base-snapshot",
            "start-schedules",
            "record",
        ]);
        const claim = decision.kind === "plan" && decision.steps[0];
        assert.deepEqual(claim, { do: "claim", epoch: 1, began: "init", vaults: [{ site: "east", must: true }] });
    });

    it("does not serve first while the peer is unknown, serves, or remembers more than this site", () => {
        assert.equal(refusalOf(at(record("west"), "west", unknown)).code, "peer-unknown");
        assert.equal(refusalOf(at(record("west"), "west", active("east", 1))).code, "peer-serves");
        assert.equal(refusalOf(at(record("west"), "west", standby("east", 4))).code, "own-record-lost");
    });

    it("makes a standby from a peer that serves, and waits for one that does not yet", () => {
        const decision = at(record("west"), "east", active("east", 1));
        assert.deepEqual(stepsOf(decision), ["establish-mirror", "record"]);
        assert.ok(decision.kind === "plan" && decision.steps[0]!.do === "establish-mirror");
        assert.equal(decision.steps[0].sourceUid, "uid-east");
        assert.deepEqual(stepsOf(at(record("west"), "east", undefined)), []);
        assert.deepEqual(stepsOf(at(record("west"), "east", unknown)), []);
    });

    it("keeps serving whatever the peer is, as long as it is not active in a later epoch", () => {
        const parts = ["declare-application", "take-base-snapshot", "start-schedules", "record"];
        for (const peer of [undefined, unknown, standby("west", 1)]) {
            assert.deepEqual(stepsOf(at(active("east", 1), "east", peer)), parts);
        }
    });

    it("refuses to go on serving when the peer took over", () => {
        const decision = refusalOf(at(active("east", 1), "east", active("west", 2, { began: "takeover" })));
        assert.equal(decision.code, "peer-took-over");
        assert.match(decision.reason, /west serves shop in epoch 2 \(takeover\)/);
    });

    it("stands down for a healthy standby and for nothing else", () => {
        assert.deepEqual(stepsOf(at(active("east", 1), "west", standby("west", 1))), [
            "mark",
            "stop-schedules",
            "take-shutdown-snapshot",
            "record",
        ]);
        for (const peer of [undefined, unknown, standby("west", 2), record("west", { role: "displaced", epoch: 1 })]) {
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

    it("changes its mind only as long as the peer has not followed", () => {
        assert.deepEqual(stepsOf(at(stoodDown(), "east", standby("west", 1))).slice(0, 3), [
            "claim",
            "mark",
            "restore-application",
        ]);
        assert.equal(refusalOf(at(stoodDown(), "east", active("west", 2))).code, "peer-took-over");
        assert.equal(refusalOf(at(stoodDown(), "east", unknown)).code, "peer-unknown");
    });

    it("becomes standby once the peer serves by its token, and reports what a takeover without it lacks", () => {
        assert.deepEqual(stepsOf(at(stoodDown(), "west", standby("west", 1))), []);
        assert.deepEqual(stepsOf(at(stoodDown(), "west", active("west", 2, { began: "token" }))), [
            "mark",
            "stop-schedules",
            "stop-workloads",
            "establish-mirror",
            "record",
        ]);
        assert.deepEqual(stepsOf(at(stoodDown(), "west", active("west", 2, { began: "takeover" }))), [
            "mark",
            "count-unreplicated",
            "record",
        ]);
    });

    it("takes over with a token: promotes its very snapshot", () => {
        const decision = at(standby("west", 1), "west", stoodDown());
        assert.deepEqual(stepsOf(decision), [
            "claim",
            "mark",
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
            "claim",
            "mark",
            "promote",
            "verify-writable",
            "record",
        ]);
        stepsOf(at(standby("west", 1), "west", unknown, { takeover: 2 }));
        assert.equal(refusalOf(at(standby("west", 1), "west", dead)).code, "no-token");
        for (const takeover of [1, 3]) {
            assert.equal(refusalOf(at(standby("west", 1), "west", dead, { takeover })).code, "epoch-has-passed");
        }
        assert.equal(
            refusalOf(at(standby("west", 1), "west", active("east", 4), { takeover: 2 })).code,
            "epoch-has-passed",
        );
    });

    it("announces the recovery point, its age, the loss bound and the two ways on when it refuses a takeover", () => {
        const refusal = refusalOf(at(standby("west", 1), "west", active("east", 1)));
        assert.match(refusal.reason, /recovery point custom-1, taken 2026-11-22T02:57:30Z, 150 s ago/);
        assert.match(refusal.reason, /at most the writes of the last 150 s/);
        assert.equal(refusal.remedies.length, 2);
        assert.match(refusal.remedies[1]!, /pulumi config set takeover 2 --stack west/);
    });

    it("does not take over with nothing", () => {
        const decision = at(standby("west", 1), "west", unknown, { takeover: 2 }, { mirror: undefined });
        assert.equal(refusalOf(decision).code, "nothing-replicated");
    });

    it("releases the kept mirror only when the peer has stopped serving", () => {
        const own = active("west", 2, { began: "takeover", mirrorKept: true });
        assert.deepEqual(stepsOf(at(own, "west", active("east", 1))), ["promote", "record"]);
        for (const role of ["displaced", "stood-down"] as const) {
            const peer = record("east", { role, epoch: 2, activeSite: "west" });
            assert.deepEqual(stepsOf(at(own, "west", peer)).slice(0, 2), ["mark", "remove-mirror"]);
        }
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

    it("serves against the peer only with the leave to discard its epoch", () => {
        const displaced = record("east", { role: "displaced", epoch: 2, activeSite: "west", began: "takeover" });
        const theirs = active("west", 2, { began: "takeover" });
        assert.equal(refusalOf(at(displaced, "east", theirs)).code, "peer-took-over");
        const old = { discard: { site: "west", epoch: 1 } };
        assert.equal(refusalOf(at(displaced, "east", theirs, old)).code, "discard-of-other-epoch");
        const steps = stepsOf(at(displaced, "east", theirs, { discard: { site: "west", epoch: 2 } }));
        assert.deepEqual(steps.slice(0, 3), ["claim", "mark", "restore-application"]);
    });

    it("rejoins once the peer has a base snapshot to mirror from", () => {
        const displaced = record("east", { role: "displaced", epoch: 2, activeSite: "west", began: "takeover" });
        const without = active("west", 2, { began: "takeover", mirrorKept: true, baseSnapshot: undefined });
        assert.deepEqual(stepsOf(at(displaced, "west", without)), []);
        assert.ok(
            stepsOf(at(displaced, "west", active("west", 2, { began: "takeover" }))).includes("establish-mirror"),
        );
    });

    it("finishes what a run that was cut off had begun, with the leave that it had then", () => {
        const own = standby("west", 1, {
            underWay: { verb: "take over without a token", epoch: 2, began: "takeover" },
        });
        assert.deepEqual(stepsOf(at(own, "west", active("east", 1))), [
            "claim",
            "mark",
            "promote",
            "verify-writable",
            "record",
        ]);
        assert.equal(refusalOf(at(own, "east", active("east", 1))).code, "unfinished");
    });

    it("refuses a configuration that names neither site", () => {
        assert.equal(refusalOf(at(active("east", 1), "north", undefined)).code, "active-names-neither-site");
    });
});
