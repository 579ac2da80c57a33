import { defined } from "../../../../provider/support/defined";
import assert from "node:assert/strict";
import type {
    BrokenMirror,
    Observed,
    ObservedClaim,
    RecordFault,
    RecordTrust,
} from "../../../../provider/roles/situation";
import {
    active,
    cutOff,
    displaced,
    notesFor,
    now,
    nothingThere,
    outOfMirror,
    planFor,
    refusalCodeFor,
    refusalFor,
    replicated,
    standby,
    stepFor,
    stepsFor,
    stoodDown,
    token,
    tookOver,
    unmanaged,
    unreadable,
    withoutRole,
    type Told,
} from "./situations";

describe("the planner, row by row", () => {
    it("refuses a configuration that names neither site", () => {
        const { code, remedies } = refusalFor({ own: active("east", 1), active: "north" });
        assert.equal(code, "active-names-neither-site");
        assert.deepEqual(remedies, [
            "pulumi config set active east --stack east; pulumi up --stack east",
            "pulumi config set active west --stack east; pulumi up --stack east",
        ]);
    });

    describe("in a cluster that says which site it is", () => {
        const marker = {
            place: "trident-protect/trident-dr-site.east.west",
            cluster: "context west of ~/.kube/config",
        };
        const seeing = (site: string | undefined, told: Partial<Told> = {}): Told => ({
            own: active("east", 1),
            active: "east",
            peer: standby("west", 1),
            observed: { ...replicated, siteMarker: { ...marker, ...(site === undefined ? {} : { site }) } },
            ...told,
        });

        it("refuses before anything else when it is the other site's", () => {
            const { code, reason, remedies } = refusalFor(seeing("west", { active: "north" }));
            assert.equal(code, "other-sites-cluster");
            assert.match(reason, /ConfigMap .* in the cluster of context west of .* says so; expected east/);
            assert.match(remedies[0]!, /config set --path 'sites\.east\.kubernetes\.context' <.*> --stack east/);
            assert.equal(refusalCodeFor(seeing("west", { unprotect: true })), "other-sites-cluster");
        });

        it("refuses another site's namespace, and a cluster that is shared by one stack's account alone", () => {
            const withMark = (mark: object) =>
                refusalFor(seeing("east", { observed: { ...replicated, siteMarker: { ...marker, ...mark } } }));
            const ofNamespace = withMark({ site: "west", about: "shop", place: `${marker.place}.shop` });
            assert.equal(ofNamespace.code, "other-sites-cluster");
            assert.match(
                ofNamespace.reason,
                /the stack of east acts on namespace shop, which is west's: .*expected east/,
            );
            assert.match(ofNamespace.remedies[1]!, /delete configmap trident-dr-site\.east\.west\.shop there/);
            const shared = withMark({ site: "east", expected: "east and west" });
            assert.match(shared.reason, /acts on the cluster of east: .*; expected east and west/);
            const alone = withMark({ site: "east and west" });
            assert.match(alone.remedies[1]!, /sharedCluster true --stack east; .*sharedCluster true --stack west/);
            const ours = seeing("east", {
                observed: {
                    ...replicated,
                    siteMarker: { ...marker, site: "east and west", expected: "east and west" },
                },
            });
            assert.deepEqual(stepsFor(ours), stepsFor(seeing("east")));
        });

        it("marks one that nobody has marked before it does anything, except to leave", () => {
            const told = seeing(undefined);
            assert.deepEqual(stepsFor(told), ["claim-site", ...stepsFor(seeing("east"))]);
            const first = seeing(undefined, { own: withoutRole("east"), peer: unreadable, active: "west" });
            assert.deepEqual(stepsFor(first), ["await-prerequisites", "claim-site"]);
            assert.equal(stepsFor(seeing(undefined, { unprotect: true })).includes("claim-site"), false);
        });
    });

    describe("of a site with no role", () => {
        const own = withoutRole("west");

        it("serves first when the configuration says so and the peer was never set up", () => {
            const told = { own, active: "west", observed: nothingThere };
            assert.deepEqual(stepsFor(told), [
                "await-prerequisites",
                "mark",
                "claim",
                "allow-pods",
                "declare-application",
                "take-base-snapshot",
                "start-schedules",
                "record",
            ]);
            assert.deepEqual(stepFor("claim", told), {
                do: "claim",
                epoch: 1,
                began: "init",
                vaults: [{ site: "east", required: true }],
            });
        });

        it("does not serve first while the peer is unknown, serves, or remembers more than this site", () => {
            assert.equal(refusalCodeFor({ own, active: "west", peer: unreadable }), "peer-unknown");
            assert.equal(refusalCodeFor({ own, active: "west", peer: active("east", 1) }), "peer-serves");
            assert.equal(refusalCodeFor({ own, active: "west", peer: standby("east", 4) }), "own-record-lost");
        });

        it("becomes standby of a peer that serves", () => {
            const told = { own, active: "east", peer: active("east", 1) };
            assert.deepEqual(stepsFor(told), [
                "await-prerequisites",
                "forbid-pods",
                "delete-schedules",
                "establish-mirror",
                "await-copy",
                "release-replaced",
                "record",
            ]);
            assert.equal(stepFor("establish-mirror", told).sourceUid, "uid-east");
        });

        it("waits for a peer that does not serve yet or cannot be read", () => {
            for (const peer of [undefined, unreadable]) {
                assert.deepEqual(stepsFor({ own, active: "east", peer }), ["await-prerequisites"]);
            }
        });

        it("waits first for what the role stands on: the peer's vault too for a mirror", () => {
            assert.equal(stepFor("await-prerequisites", { own, active: "west" }).forMirror, false);
            const mirrors = { own, active: "east", peer: active("east", 1) };
            assert.equal(stepFor("await-prerequisites", mirrors).forMirror, true);
        });

        it("waits for no prerequisite once it has a role: a takeover must not", () => {
            const told = { own: standby("west", 1), active: "west", peer: stoodDown() };
            assert.equal(stepsFor(told).includes("await-prerequisites"), false);
        });
    });

    describe("of the active site", () => {
        it("keeps serving whatever the peer is, as long as it is not active in a later epoch", () => {
            for (const peer of [undefined, unreadable, withoutRole("west")]) {
                assert.deepEqual(stepsFor({ own: active("east", 1), active: "east", peer }), [
                    "allow-pods",
                    "declare-application",
                    "take-base-snapshot",
                    "start-schedules",
                    "record",
                ]);
            }
        });

        it("forgets the snapshots of earlier epochs once the other site has something newer in common, and not before", () => {
            const forgets = (peer: Told["peer"]) =>
                stepsFor({ own: active("east", 3), active: "east", peer }).includes("forget-snapshots");
            assert.equal(forgets(standby("west", 3)), true);
            assert.equal(forgets(standby("west", 2)), false);
            assert.equal(forgets(displaced("west", 3)), false);
        });

        it("refuses to keep serving when the peer took over", () => {
            const { code, reason } = refusalFor({
                own: active("east", 1),
                active: "east",
                peer: tookOver("west", 2),
            });
            assert.equal(code, "peer-took-over");
            assert.match(reason, /west serves shop in epoch 2 \(takeover\)/);
        });

        it("says that both sites serve", () => {
            const own = tookOver("west", 2, { mirrorKept: true });
            assert.match(notesFor({ own, active: "west", peer: active("east", 1) }).join(), /both sites serve/);
        });

        it("says that nothing is protected while the peer holds no mirror", () => {
            assert.deepEqual(notesFor({ own: active("east", 1), active: "east" }), [
                "not protected: west holds no mirror of it",
            ]);
        });

        it("releases the kept mirror only when the peer has stopped serving", () => {
            const own = tookOver("west", 2, { mirrorKept: true });
            assert.deepEqual(stepsFor({ own, active: "west", peer: active("east", 1) }), [
                "promote",
                "allow-pods",
                "start-schedules",
                "record",
            ]);
            for (const peer of [displaced("east", 2), stoodDown({ epoch: 2 })]) {
                const steps = stepsFor({ own, active: "west", peer });
                assert.deepEqual(steps.slice(0, 2), ["mark", "remove-mirror"]);
            }
        });

        it("does not promote without a word a mirror that others set going again", () => {
            const own = tookOver("west", 2, { mirrorKept: true });
            const bringing = {
                what: "AppMirrorRelationship shop/shop has desiredState Established",
                stop: "kubectl patch",
            };
            const told = { own, active: "west", observed: { ...replicated, bringing } };
            for (const peer of [active("east", 1), displaced("east", 2), unreadable]) {
                const { code, reason, remedies } = refusalFor({ ...told, peer });
                assert.equal(code, "mirror-resumed");
                assert.match(reason, /has desiredState Established, and not by this package: what east has replaces/);
                assert.match(remedies[0]!, /kubectl patch; then pulumi up --stack west/);
                assert.match(
                    remedies[1]!,
                    /set active east --stack east; .*set discard west@2 --stack east; pulumi up/,
                );
                assert.equal(refusalCodeFor({ ...told, peer, unprotect: true }), "mirror-resumed");
            }
            assert.equal(refusalCodeFor({ ...told, peer: tookOver("east", 3) }), "peer-took-over");
            const released = { ...told, own: tookOver("west", 2), peer: standby("east", 2) };
            assert.equal(planFor(released).verb, "hold");
        });

        it("releases it for a new site in the place of the lost one, and never for one that cannot be read", () => {
            const own = tookOver("west", 2, { mirrorKept: true });
            const steps = stepsFor({ own, active: "west" });
            assert.deepEqual(steps.slice(0, 2), ["mark", "remove-mirror"]);
            assert.ok(steps.includes("take-base-snapshot"));
            assert.ok(!stepsFor({ own, active: "west", peer: unreadable }).includes("remove-mirror"));
            const newSite = { own: withoutRole("east"), active: "west" };
            assert.equal(planFor({ ...newSite, peer: tookOver("west", 2) }).verb, "become standby");
        });

        it("stands down for a healthy standby and for nothing else", () => {
            const own = active("east", 1);
            assert.deepEqual(stepsFor({ own, active: "west", peer: standby("west", 1) }), [
                "mark",
                "stop-schedules",
                "forbid-pods",
                "take-shutdown-snapshot",
                "record",
            ]);
            for (const peer of [undefined, unreadable, standby("west", 2), displaced("west", 1)]) {
                assert.equal(refusalCodeFor({ own, active: "west", peer }), "nobody-to-hand-over-to");
            }
        });

        it("refuses to stand down while replication is behind or of unknown age", () => {
            const handOver = { own: active("east", 1), active: "west", peer: standby("west", 1) };
            const behind = { ...replicated, replicationLagSeconds: 901 };
            assert.equal(refusalCodeFor({ ...handOver, observed: behind }), "replication-behind");
            assert.equal(refusalCodeFor({ ...handOver, observed: nothingThere }), "replication-behind");
        });

        it("stands down although replication is behind, if that is acknowledged, and remembers why", () => {
            const { verb, by } = planFor({
                own: active("east", 1),
                active: "west",
                peer: standby("west", 1),
                observed: { ...replicated, replicationLagSeconds: 901 },
                acknowledgements: { lag: "window closes" },
            });
            assert.deepEqual([verb, by], ["stand down", "lag: window closes"]);
        });

        it("stands aside for a peer that took over, and discards its own writes only if that is acknowledged for their epoch", () => {
            const told = { own: active("east", 1), active: "west", peer: tookOver("west", 2) };
            const standsAside = [
                "mark",
                "stop-schedules",
                "forbid-pods",
                "stop-workloads",
                "count-unreplicated",
                "record",
            ];
            assert.deepEqual(stepsFor(told), standsAside);
            const ofAnotherEpoch = { discard: { site: "east", epoch: 7 } };
            assert.deepEqual(stepsFor({ ...told, acknowledgements: ofAnotherEpoch }), standsAside);
            const ofThisEpoch = { discard: { site: "east", epoch: 1 } };
            assert.ok(stepsFor({ ...told, acknowledgements: ofThisEpoch }).includes("establish-mirror"));
        });

        it("counts what it discards only once nothing writes any more", () => {
            const told = {
                own: tookOver("west", 2, { mirrorKept: true }),
                active: "east",
                peer: active("east", 3, { began: "discard" }),
                acknowledgements: { discard: { site: "west", epoch: 2 } },
            };
            assert.deepEqual(stepsFor(told), [
                "mark",
                "stop-schedules",
                "forbid-pods",
                "stop-workloads",
                "count-unreplicated",
                "delete-schedules",
                "establish-mirror",
                "await-copy",
                "release-replaced",
                "record",
            ]);
        });
    });

    describe("of numbers that are none", () => {
        it("proves no lag, and passes no gate", () => {
            const told: Told = { own: active("east", 1), active: "west", peer: standby("west", 1) };
            for (const replicationLagSeconds of [Number.NaN, Number.POSITIVE_INFINITY]) {
                const observed = { ...replicated, replicationLagSeconds };
                assert.equal(refusalCodeFor({ ...told, observed }), "replication-behind");
            }
        });

        it("announces no loss bound that nothing proves", () => {
            const mirror = { ...replicated.mirror!, recoveryPoint: { snapshot: "custom-1", takenAt: "no day" } };
            const { reason } = refusalFor({ own: standby("west", 1), active: "west", observed: { mirror } });
            assert.match(reason, /every write so far would be lost/);
            assert.doesNotMatch(reason, /NaN/);
        });
    });

    describe("of a site that stood down", () => {
        const own = stoodDown();
        const rejoining = [
            "mark",
            "stop-schedules",
            "forbid-pods",
            "stop-workloads",
            "delete-schedules",
            "establish-mirror",
            "await-copy",
            "release-replaced",
            "record",
        ];

        it("changes its mind only as long as the peer has not followed", () => {
            const steps = stepsFor({ own, active: "east", peer: standby("west", 1) });
            assert.deepEqual(steps.slice(0, 4), ["mark", "claim", "allow-pods", "restore-application"]);
            assert.equal(refusalCodeFor({ own, active: "east", peer: active("west", 2) }), "peer-took-over");
            assert.equal(refusalCodeFor({ own, active: "east", peer: unreadable }), "peer-unknown");
        });

        it("waits for the peer, and becomes standby once the peer serves by its token", () => {
            assert.deepEqual(stepsFor({ own, active: "west", peer: standby("west", 1) }), ["forbid-pods"]);
            const peer = active("west", 2, { began: "token" });
            assert.deepEqual(stepsFor({ own, active: "west", peer }), rejoining);
        });

        it("counts what a peer that took over without its token does not have", () => {
            assert.deepEqual(stepsFor({ own, active: "west", peer: tookOver("west", 2) }), [
                "mark",
                "stop-schedules",
                "forbid-pods",
                "stop-workloads",
                "count-unreplicated",
                "record",
            ]);
        });

        it("rejoins a peer that took over by the token, whichever site should serve", () => {
            const peer = active("west", 2, { began: "token" });
            assert.deepEqual(stepsFor({ own, active: "east", peer }), rejoining);
        });

        describe("after it was brought back by others", () => {
            const peer = active("west", 2, { began: "token" });
            const deployment = ["Deployment shop/shop"];
            const sinceToken = { stands: true, since: "2026-11-22T02:59:00Z" };
            const brought = (observed: Partial<Observed>): Told => ({
                own,
                active: "west",
                peer,
                observed: { ...replicated, workloads: deployment, ...observed },
            });

            it("does not follow over what may have been written since, and offers both ways on", () => {
                const { code, reason, remedies } = refusalFor(
                    brought({ barrier: { stands: false }, changedBytes: 4096 }),
                );
                assert.equal(code, "ran-since");
                assert.match(reason, /Deployment shop\/shop is back, 4096 bytes changed on its volumes since 2026/);
                assert.deepEqual(
                    remedies.map((remedy) => /config set .*(?=\.)/.exec(remedy)?.[0]),
                    [
                        "config set discard east@1 --stack east; pulumi up --stack east",
                        "config set active east --stack east; pulumi config set discard west@2 --stack east; pulumi up --stack east",
                    ],
                );
            });

            it("counts what cannot be told as written, and what the array denies as not", () => {
                const idle = { workloads: [], barrier: { stands: true, since: "2026-11-22T03:00:01Z" } };
                assert.match(refusalFor(brought(idle)).reason, /the array does not tell how much changed/);
                assert.deepEqual(stepsFor(brought({ ...idle, changedBytes: 0 })), rejoining);
                assert.equal(refusalCodeFor(brought({ ...idle, changedBytes: 1 })), "ran-since");
            });

            it("follows where no pod could start since before the final snapshot, whatever wants to run", () => {
                const told = brought({ barrier: sinceToken });
                assert.deepEqual(stepsFor(told), rejoining);
                assert.match(notesFor(told).join(), /brought back Deployment shop\/shop. Its pods cannot start/);
            });

            it("counts and discards with consent for this very epoch", () => {
                const consent = (epoch: number) => ({ discard: { site: "east", epoch } });
                const told = brought({ barrier: { stands: false } });
                assert.equal(refusalCodeFor({ ...told, acknowledgements: consent(2) }), "ran-since");
                const discarding = { ...told, acknowledgements: consent(1) };
                assert.equal(planFor(discarding).by, "discard: east@1");
                assert.deepEqual(stepFor("count-unreplicated", discarding).since, {
                    snapshot: token().finalSnapshot,
                    takenAt: token().time,
                });
                const order = stepsFor(discarding);
                assert.ok(order.indexOf("count-unreplicated") < order.indexOf("establish-mirror"));
                assert.ok(order.indexOf("stop-workloads") < order.indexOf("count-unreplicated"));
            });

            it("goes on with a mirror that is being made, and decides afresh before that", () => {
                const cut = cutOff(own, "rejoin", 2, "token");
                const told = { ...brought({ barrier: { stands: false } }), own: cut };
                assert.equal(
                    refusalCodeFor({ ...told, observed: { ...told.observed, mirror: undefined } }),
                    "ran-since",
                );
                const begun = { state: "unsettled", sourceApplicationUid: "uid-west" } as const;
                assert.deepEqual(stepsFor({ ...told, observed: { ...told.observed, mirror: begun } }), rejoining);
                const serve = { ...told, active: "east", acknowledgements: { discard: { site: "west", epoch: 2 } } };
                assert.equal(
                    planFor({ ...serve, observed: { ...told.observed, mirror: undefined } }).verb,
                    "serve by discard",
                );
            });

            it("names the policy where it is one that keeps pods from starting", () => {
                const by = "ValidatingAdmissionPolicy trident-dr-shop.shop";
                const noteWith = (barrier: NonNullable<Observed["barrier"]>) =>
                    notesFor({ ...brought({ barrier: { ...barrier, by } }), peer: standby("west", 1) }).join();
                assert.match(noteWith({ stands: false }), new RegExp(`${by} is not in force yet`));
                assert.match(
                    noteWith({ stands: true, since: "2026-11-20T00:00:00Z" }),
                    new RegExp(
                        `Its pods that the labelSelector chooses, and those that mount its claims, cannot start: ${by} has stood since it was stopped`,
                    ),
                );
            });

            it("says so while it waits, and keeps further pods from starting", () => {
                const told = { ...brought({ barrier: { stands: false } }), peer: standby("west", 1) };
                assert.deepEqual(stepsFor(told), ["forbid-pods"]);
                assert.match(
                    notesFor(told).join(),
                    /Deployment shop\/shop. ResourceQuota trident-dr-shop is not in force yet/,
                );
            });
        });

        it("can discard what the peer wrote from standing down as well", () => {
            const steps = stepsFor({
                own,
                active: "east",
                peer: tookOver("west", 2),
                acknowledgements: { discard: { site: "west", epoch: 2 } },
            });
            assert.deepEqual(steps.slice(0, 5), [
                "mark",
                "claim",
                "remove-mirror",
                "allow-pods",
                "restore-application",
            ]);
        });
    });

    describe("of a standby site", () => {
        const own = standby("west", 1);

        it("lets its array forget the mirrors that led from it, once the other site has removed them", () => {
            const sources = [{ uuid: "r1", source: "svm_west:v", destination: "svm_east:v" }];
            const observed: Observed = { mirror: undefined, remains: { sources, claims: undefined } };
            assert.deepEqual(stepsFor({ own, active: "east", peer: active("east", 1), observed }), [
                "forbid-pods",
                "delete-schedules",
                "establish-mirror",
                "await-copy",
                "release-replaced",
                "record",
                "release-sources",
            ]);
            const keepsItsMirror = active("east", 1, { mirrorKept: true });
            assert.ok(!stepsFor({ own, active: "east", peer: keepsItsMirror, observed }).includes("release-sources"));
        });

        it("follows a peer that serves in a later epoch before it can be handed over to", () => {
            for (const acknowledgements of [{}, { takeover: 2 }]) {
                const told = { own, active: "west", peer: active("east", 2), acknowledgements };
                assert.deepEqual(stepsFor(told), [
                    "forbid-pods",
                    "delete-schedules",
                    "establish-mirror",
                    "await-copy",
                    "release-replaced",
                    "record",
                ]);
            }
            assert.equal(
                refusalCodeFor({ own: standby("west", 2), active: "west", peer: active("east", 2) }),
                "no-token",
            );
        });

        it("is led back into the mirror first where the peer has left it, which hands nothing over", () => {
            const { code, remedies } = refusalFor({ own, active: "west", peer: { ...withoutRole("east"), epoch: 1 } });
            assert.equal(code, "no-token");
            assert.equal(
                remedies[0],
                "if east is up: pulumi config set active east --stack east; pulumi up --stack east, which serves in the mirror again; pulumi config set active east --stack west; pulumi up --stack west; then switch, and nothing is lost",
            );
        });

        it("forgets what is older than the final snapshot, which both sites have, only once it serves", () => {
            const told = { own, active: "west" as const, peer: stoodDown() };
            const { steps } = planFor(told);
            assert.deepEqual(steps.at(-1), { do: "forget-snapshots", before: 1, mirrored: false });
            assert.equal(steps.at(-2)!.do, "record");
        });

        it("takes over with a token: promotes its very snapshot", () => {
            const told = { own, active: "west", peer: stoodDown() };
            assert.deepEqual(stepsFor(told), [
                "mark",
                "claim",
                "allow-pods",
                "promote",
                "verify-writable",
                "remove-mirror",
                "allow-pods",
                "declare-application",
                "take-base-snapshot",
                "start-schedules",
                "record",
                "forget-snapshots",
            ]);
            assert.equal(stepFor("promote", told).token?.finalSnapshot, "20261122025959_shop-shutdown-1_abc");
        });

        it("creates the mirror again before it takes over with a token, if it is gone", () => {
            const steps = stepsFor({ own, active: "west", peer: stoodDown(), observed: nothingThere });
            const copied = ["establish-mirror", "await-copy", "release-replaced"];
            assert.deepEqual(steps.slice(0, 7), [...copied, "mark", "claim", "allow-pods", "promote"]);
        });

        describe("whose copy is not complete", () => {
            const copy: Observed["copy"] = {
                readAt: "2026-11-22T03:00:00.000Z",
                volumes: { "shop/data": { state: "transferring", bytes: 2 ** 30 } },
            };
            const mirror = { state: "unsettled", sourceApplicationUid: "uid-east" } as const;
            const copying: Observed = { mirror, copy };
            const reasonOf = (told: Told) => {
                const { reason, remedies } = refusalFor(told);
                return [reason, ...remedies].join("; ");
            };

            it("takes over from it neither with an acknowledgement nor without, and says how far it is", () => {
                for (const acknowledgements of [{}, { takeover: 2 }]) {
                    const told = { own, active: "west", peer: unreadable, observed: copying, acknowledgements };
                    assert.match(
                        reasonOf(told),
                        /not complete and cannot be served: 0 of 1 volumes.*1\.0 GiB more copied/,
                    );
                    assert.doesNotMatch(reasonOf(told), /set takeover/);
                }
            });

            it("completes it before it takes over with a token", () => {
                const steps = stepsFor({ own, active: "west", peer: stoodDown(), observed: copying });
                assert.deepEqual(steps.slice(0, 4), ["establish-mirror", "await-copy", "release-replaced", "mark"]);
            });

            it("takes over from an older copy that is complete", () => {
                const older: Observed = { mirror: { ...replicated.mirror!, state: "unsettled" }, copy };
                const told = { own, active: "west", peer: unreadable, observed: older };
                assert.ok(stepsFor({ ...told, acknowledgements: { takeover: 2 } }).includes("promote"));
            });

            it("says so at a site without a role, and at one that an earlier run began to lead back", () => {
                const none = { own: withoutRole("west"), active: "west", observed: copying };
                assert.match(
                    reasonOf({ ...none, peer: active("east", 1) }),
                    /not complete.*set active east --stack west/,
                );
                assert.match(reasonOf({ ...none, peer: unreadable }), /cannot tell.*not complete/);
                const back = cutOff(displaced("west", 2), "rejoin", 2, "takeover");
                const told = { own: back, active: "west", peer: active("east", 2), observed: copying };
                assert.match(reasonOf(told), /began to rejoin for epoch 2 and has not ended: the copy of shop at west/);
            });
        });

        it("refuses a token of another epoch, item or site, or one already used, each by name", () => {
            const handedOver = (more: Parameters<typeof token>[0], epoch = 1) =>
                refusalCodeFor({
                    own: standby("west", epoch),
                    active: "west",
                    peer: stoodDown({ token: token(more) }),
                });
            assert.equal(handedOver({ epoch: 2 }), "token-of-other-epoch");
            assert.equal(handedOver({ application: "bank" }), "token-of-other-application");
            assert.equal(handedOver({ to: "north" }), "token-for-other-site");
            assert.equal(handedOver({}, 3), "token-used");
        });

        it("takes over without a token only with the acknowledgement of the very epoch that it starts", () => {
            const dead = { own, active: "west", peer: active("east", 1) };
            assert.deepEqual(stepsFor({ ...dead, acknowledgements: { takeover: 2 } }), [
                "mark",
                "claim",
                "allow-pods",
                "promote",
                "verify-writable",
                "allow-pods",
                "start-schedules",
                "record",
            ]);
            assert.equal(refusalCodeFor(dead), "no-token");
            for (const takeover of [1, 3]) {
                assert.equal(refusalCodeFor({ ...dead, acknowledgements: { takeover } }), "epoch-has-passed");
            }
        });

        it("takes over from a peer that cannot be read, with that acknowledgement", () => {
            const { verb } = planFor({
                own,
                active: "west",
                peer: unreadable,
                acknowledgements: { takeover: 2 },
            });
            assert.equal(verb, "take over without a token");
        });

        it("takes over without the token of a site that is gone with its final snapshot, if that is acknowledged", () => {
            const begunBy = (peerAnswers: boolean | undefined, takeover: number) =>
                stepFor("claim", {
                    own,
                    active: "west",
                    peer: stoodDown(),
                    acknowledgements: { takeover },
                    observed: { ...replicated, peerAnswers },
                }).began;
            assert.equal(begunBy(false, 2), "takeover");
            assert.equal(begunBy(false, 1), "token");
            assert.equal(begunBy(true, 2), "token");
            assert.equal(begunBy(undefined, 2), "token");
        });

        it("does not wait for a final snapshot that never arrives once the takeover is acknowledged", () => {
            const { finalSnapshot } = token();
            const waiting = { state: "unsettled", promotedPoint: finalSnapshot, awaits: finalSnapshot } as const;
            const begun = (mirror: object, takeover?: number, peerAnswers = false): Told => ({
                own: cutOff(own, "take over with a token", 2, "token", { claimed: true, token: token() }),
                active: "west",
                peer: stoodDown(),
                acknowledgements: takeover === undefined ? {} : { takeover },
                observed: { ...replicated, mirror: { ...replicated.mirror!, ...mirror }, peerAnswers },
            });
            assert.equal(planFor(begun(waiting, 2)).verb, "take over without a token");
            assert.equal(stepFor("promote", begun(waiting, 2)).token, undefined);
            assert.match(
                notesFor(begun(waiting, 2)).join(),
                /_shop-shutdown-1_abc was to be promoted at west and has not arrived/,
            );
            const arrived = { ...waiting, awaits: undefined };
            for (const told of [begun(waiting), begun(waiting, 3), begun(waiting, 2, true), begun(arrived, 2)]) {
                assert.equal(planFor(told).verb, "take over with a token");
            }
        });

        it("promotes a chosen point instead of one that has not arrived", () => {
            const point = {
                folder: "20261122025200_custom-252_x",
                snapshot: "custom-252",
                takenAt: "2026-11-22T02:52:00Z",
            };
            const mirror = {
                ...replicated.mirror!,
                state: "unsettled",
                promotedPoint: "typo",
                awaits: "typo",
            } as const;
            const told: Told = {
                own,
                active: "west",
                peer: unreadable,
                acknowledgements: { takeover: 2, recoverTo: point.folder },
                observed: { ...replicated, points: [point], changed: ["the mirror was promoted at typo"], mirror },
            };
            assert.deepEqual(stepFor("promote", told).point, point);
        });

        it("says that a site seems to be alive before it takes over from it, and how nothing would be lost", () => {
            const notes = (peerAnswers: boolean | undefined, peer: Told["peer"]) =>
                notesFor({
                    own,
                    active: "west",
                    peer: peer!,
                    acknowledgements: { takeover: 2 },
                    observed: { ...replicated, peerAnswers },
                }).filter((note) => note.includes("alive"));
            assert.deepEqual(notes(true, active("east", 1)), [
                "east seems to be alive: what it holds can be reached from west, and by its outputs it is active in epoch 1. A switch would lose nothing: pulumi config rm takeover --stack west; pulumi config set active west --stack east; pulumi up --stack east; pulumi up --stack west",
            ]);
            assert.equal(notes(true, unreadable).length, 1);
            assert.deepEqual(notes(false, active("east", 1)), []);
            assert.deepEqual(notes(undefined, active("east", 1)), []);
        });

        it("announces the recovery point, its age, the loss bound and the two ways on when it refuses a takeover", () => {
            const { reason, remedies } = refusalFor({ own, active: "west", peer: active("east", 1) });
            assert.match(reason, /recovery point custom-1, taken 2026-11-22T02:57:30Z, 150 s ago/);
            assert.match(reason, /at most the writes of the last 150 s/);
            assert.deepEqual(remedies, [
                "if east is up: pulumi config set active west --stack east; pulumi up --stack east; pulumi up --stack west. east hands over and nothing is lost",
                "if east is lost: pulumi config set takeover 2 --stack west; pulumi up --stack west. Writes after the recovery point are lost",
            ]);
        });

        it("names the item's own setting where it has one, as that of the pair would have no effect", () => {
            const remediesWith = (more: Pick<Told, "path" | "ownKeys">) =>
                refusalFor({ own, active: "west", peer: active("east", 1), ...more }).remedies;
            const [ask, take] = remediesWith({ path: "applications[1]", ownKeys: ["takeover"] });
            assert.match(ask!, /pulumi config set active west --stack east/);
            assert.match(take!, /pulumi config set --path 'applications\[1\]\.takeover' 2 --stack west/);
            assert.match(remediesWith({ ownKeys: ["takeover"] })[1]!, /set takeover: 2 for shop in the stack of west/);
        });

        it("does not take over with nothing", () => {
            const told = {
                own,
                active: "west",
                peer: unreadable,
                acknowledgements: { takeover: 2 },
                observed: nothingThere,
            };
            assert.equal(refusalCodeFor(told), "nothing-replicated");
        });
    });

    describe("of a standby site whose mirror somebody else changed", () => {
        const own = standby("west", 1, { mirrorSource: "uid-east" });
        const promotedAt = (promotedPoint: string): Observed => ({
            ...replicated,
            mirror: { ...replicated.mirror!, state: "promoted", promotedPoint },
            changed: ["AppMirrorRelationship shop/shop was promoted"],
        });
        const promoted = promotedAt("custom-1");
        const removed: Observed = { ...nothingThere, copies: ["shop/data"], workloads: ["Deployment shop/shop"] };
        const redirected: Observed = { mirror: { ...replicated.mirror!, namedSource: "uid-other" } };
        const namesVolumes: Observed = { mirror: { ...replicated.mirror!, sourceApplicationUid: "svm:volume" } };

        for (const [what, observed] of Object.entries({ promoted, removed, redirected })) {
            it(`does not mirror over it (${what}), and offers both ways on`, () => {
                const told = { own, active: "east", peer: active("east", 1), observed };
                const { code, remedies } = refusalFor(told);
                assert.equal(code, "changed-by-others");
                assert.match(remedies[0]!, /set active west --stack west; .*set takeover 2 --stack west/);
                assert.match(remedies[1]!, /set active east --stack west; .*set discard west@1 --stack west/);
            });

            it(`serves what is there (${what}) with the acknowledgement of the epoch that this starts`, () => {
                const told = { own, active: "west", peer: active("east", 1), observed };
                assert.equal(refusalCodeFor(told), "changed-by-others");
                assert.equal(planFor({ ...told, acknowledgements: { takeover: 2 } }).verb, "take over without a token");
            });
        }

        it("declares the Application of a mirror that was removed, before its Schedules", () => {
            const told = { own, active: "west", peer: active("east", 1), acknowledgements: { takeover: 2 } };
            const declared = ["declare-application", "start-schedules", "record"];
            assert.deepEqual(stepsFor({ ...told, observed: removed }).slice(-3), declared);
            const kept = ["allow-pods", "start-schedules", "record"];
            assert.deepEqual(stepsFor({ ...told, observed: promoted }).slice(-3), kept);
            const { workloads: _, ...volumes } = removed;
            assert.deepEqual(stepsFor({ ...told, observed: volumes }).slice(-3), kept);
        });

        it("gives it up only if that is acknowledged, and counts it first", () => {
            const told = { own, active: "east", peer: active("east", 1), observed: promoted };
            const acknowledgements = { discard: { site: "west", epoch: 1 } };
            assert.deepEqual(stepsFor({ ...told, acknowledgements }), [
                "mark",
                "stop-schedules",
                "forbid-pods",
                "stop-workloads",
                "count-unreplicated",
                "delete-schedules",
                "establish-mirror",
                "await-copy",
                "release-replaced",
                "record",
            ]);
            const { since } = stepFor("count-unreplicated", { ...told, acknowledgements });
            assert.deepEqual(since, replicated.mirror!.recoveryPoint);
            assert.equal(stepFor("establish-mirror", { ...told, acknowledgements }).way, "resync");
            const other = { discard: { site: "west", epoch: 2 } };
            assert.equal(refusalCodeFor({ ...told, acknowledgements: other }), "changed-by-others");
        });

        it("mirrors again where nothing was left behind", () => {
            const told = { own, active: "east", peer: active("east", 1), observed: { ...nothingThere, copies: [] } };
            assert.deepEqual(stepsFor(told), [
                "forbid-pods",
                "delete-schedules",
                "establish-mirror",
                "await-copy",
                "release-replaced",
                "record",
            ]);
        });

        it("takes over by a token a mirror that names volumes, not what it was created from", () => {
            const told = { own, active: "west", peer: stoodDown(), observed: namesVolumes };
            assert.equal(planFor(told).verb, "take over with a token");
        });

        it("follows a source that was made anew, and a mirror of before sources were recorded", () => {
            const anew = active("east", 1, { applicationUid: "uid-new" });
            assert.equal(stepFor("establish-mirror", { own, active: "east", peer: anew }).sourceUid, "uid-new");
            const older = { own: standby("west", 1), active: "east", peer: active("east", 1), observed: redirected };
            assert.equal(planFor(older).verb, "hold");
        });

        it("takes over with a token what was promoted at its very snapshot, and nothing else", () => {
            const told = { own, active: "west", peer: stoodDown() };
            const { finalSnapshot } = token();
            assert.equal(planFor({ ...told, observed: promotedAt(finalSnapshot) }).verb, "take over with a token");
            assert.equal(refusalCodeFor({ ...told, observed: promoted }), "promoted-other-point");
            const withoutPoint = { ...promoted, mirror: { ...promoted.mirror! } };
            delete withoutPoint.mirror.promotedPoint;
            assert.equal(refusalCodeFor({ ...told, observed: withoutPoint }), "changed-by-others");
            const taken = planFor({ ...told, observed: promoted, acknowledgements: { takeover: 2 } });
            assert.equal(taken.verb, "take over without a token");
        });

        it("concludes a takeover that was cut off only with what its token names", () => {
            const interrupted = cutOff(own, "take over with a token", 2, "token", { claimed: true, token: token() });
            const told = { own: interrupted, active: "west", peer: stoodDown(), observed: promoted };
            assert.equal(refusalCodeFor(told), "promoted-other-point");
            const taken = planFor({ ...told, acknowledgements: { takeover: 2 } });
            assert.equal(taken.verb, "take over without a token");
        });

        it("concludes it with volumes that somebody broke only if each has the token's snapshot, or a later one", () => {
            const versions = { archive01: "version-1", archive02: "version-2" };
            const interrupted = cutOff(own, "take over with a token", 2, "token", {
                claimed: true,
                token: token({ versions }),
            });
            const with02 = (part: Pick<BrokenMirror, "versions" | "at">): Told => ({
                own: interrupted,
                active: "west",
                peer: stoodDown(),
                observed: {
                    ...replicated,
                    mirror: {
                        ...replicated.mirror!,
                        state: "unsettled",
                        broken: [
                            { volume: "archive01", versions: ["version-1"] },
                            { volume: "archive02", ...part },
                        ],
                    },
                },
            });
            const older = with02({
                versions: ["version-0"],
                at: { snapshot: "snapmirror.1", takenAt: "2026-11-22T02:50:00Z" },
            });
            const { code, reason } = refusalFor(older);
            assert.equal(code, "promoted-other-point");
            assert.match(reason, /was promoted at west at snapmirror\.1 \(volume archive02\); expected 2026/);
            assert.equal(planFor({ ...older, acknowledgements: { takeover: 2 } }).verb, "take over without a token");
            assert.equal(refusalCodeFor(with02({ versions: [] })), "promoted-other-point");
            const later = { snapshot: "snapmirror.2", takenAt: "2026-11-22T03:00:01Z" };
            for (const enough of [with02({ versions: ["version-2"] }), with02({ versions: [], at: later })]) {
                assert.equal(planFor(enough).verb, "take over with a token");
            }
        });

        it("concludes it with an application only if each of its volumes has what was handed over", () => {
            const interrupted = cutOff(own, "take over with a token", 2, "token", { claimed: true, token: token() });
            const told = { own: interrupted, active: "west", peer: stoodDown() };
            const observed = promotedAt(token().finalSnapshot);
            const { code, reason } = refusalFor({ ...told, observed: { ...observed, lacking: ["shop/data"] } });
            assert.equal(code, "promoted-other-point");
            assert.match(reason, /promoted at west at an unknown snapshot \(volume shop\/data\); expected 2026/);
            for (const lacking of [[], undefined]) {
                const whole = { ...observed, ...defined({ lacking }) };
                assert.equal(planFor({ ...told, observed: whole }).verb, "take over with a token");
            }
        });

        it("promotes nothing that the vault of the site that stood down does not have, unless that is given up", () => {
            const told = { own, active: "west", peer: stoodDown(), observed: { ...replicated, handedOver: false } };
            const { code, reason, remedies } = refusalFor(told);
            assert.equal(code, "token-without-snapshot");
            assert.match(reason, /names 20261122025959_shop-shutdown-1_abc, and the vault of east has other snapshots/);
            assert.match(remedies[1]!, /set takeover 2 --stack west/);
            assert.equal(planFor({ ...told, acknowledgements: { takeover: 2 } }).verb, "take over without a token");
            const arrived = { ...promotedAt(token().finalSnapshot), handedOver: false };
            for (const observed of [{ ...replicated, handedOver: true }, replicated, arrived]) {
                assert.equal(planFor({ ...told, observed }).verb, "take over with a token");
            }
        });

        it("does not promote the token's snapshot over a newer one, and names that", () => {
            const newest = { snapshot: "custom-9", takenAt: "2026-11-22T03:10:00Z" };
            const observed: Observed = { ...replicated, mirror: { ...replicated.mirror!, newest } };
            const { code, reason } = refusalFor({ own, active: "west", peer: stoodDown(), observed });
            assert.equal(code, "newer-than-token");
            assert.match(reason, /custom-9, taken 2026-11-22T03:10:00Z/);
            const final: Observed = {
                ...replicated,
                mirror: { ...replicated.mirror!, newest: { ...newest, snapshot: "shop-shutdown-1" } },
            };
            assert.equal(
                planFor({ own, active: "west", peer: stoodDown(), observed: final }).verb,
                "take over with a token",
            );
        });
    });

    describe("of a standby site that is to serve from an older point", () => {
        const own = standby("west", 1);
        const point = (minute: string) => ({
            folder: `202611220${minute}00_custom-${minute}_8f14e45f-0000-4000-8000-000000000000`,
            snapshot: `custom-${minute}`,
            takenAt: `2026-11-22T0${minute[0]}:${minute.slice(1)}:00Z`,
        });
        const points = [point("257"), point("252"), point("247")];
        const observed: Observed = { ...replicated, points };
        const told = (recoverTo: string, takeover = 2) => ({
            own,
            active: "west",
            peer: active("east", 1),
            observed,
            acknowledgements: { takeover, recoverTo },
        });

        it("promotes the point that is named, or the newest up to a time", () => {
            assert.deepEqual(stepFor("promote", told(points[1]!.folder)).point, points[1]);
            assert.deepEqual(stepFor("promote", told("2026-11-22T02:55:00Z")).point, points[1]);
            assert.deepEqual(stepFor("mark", told("2026-11-22T02:55:00Z")).point, points[1]);
        });

        it("lists the points, what each loses, and what the array deletes", () => {
            const notes = notesFor(told("2026-11-22T02:50:00Z"));
            assert.match(notes[0]!, /recovery point custom-247, .* Loss bound: at most the writes of the last 780 s/);
            assert.match(notes[1]!, /^point 20261122025700_custom-257_.* loses at most the writes of the last 180 s$/);
            assert.match(notes[3]!, /^point 20261122024700_.* 780 s \(chosen\)$/);
            assert.match(notes[4]!, /deletes on the array of west: 20261122025700_.*, 20261122025200_/);
            assert.deepEqual(planFor(told("2026-11-22T02:50:00Z")).recoveryPoint, {
                snapshot: "custom-247",
                takenAt: "2026-11-22T02:47:00Z",
            });
        });

        it("refuses a point that is not there, and names those that are", () => {
            const { code, reason } = refusalFor(told("2026-11-22T02:00:00Z"));
            assert.equal(code, "no-such-point");
            assert.match(reason, /20261122024700_custom-247_/);
            const unlisted = { ...told("2026-11-22T02:00:00Z"), observed: replicated };
            assert.match(refusalFor(unlisted).reason, /cannot be listed at west/);
        });

        it("has no effect without the acknowledgement of the very epoch", () => {
            assert.equal(refusalCodeFor(told("2026-11-22T02:55:00Z", 3)), "epoch-has-passed");
            const handedOver = { ...told("2026-11-22T02:55:00Z", 3), peer: stoodDown() };
            assert.equal(planFor(handedOver).verb, "take over with a token");
        });

        it("is preferred to what the other site handed over", () => {
            const handedOver = { ...told("2026-11-22T02:55:00Z"), peer: stoodDown() };
            assert.deepEqual(stepFor("promote", handedOver).point, points[1]);
        });

        it("is remembered by a run that is cut off", () => {
            const interrupted = cutOff(own, "take over without a token", 2, "takeover", {
                claimed: true,
                point: points[1]!,
            });
            const resumed = { own: interrupted, active: "west", peer: active("east", 1), observed };
            assert.deepEqual(stepFor("promote", resumed).point, points[1]);
        });
    });

    describe("of a displaced site", () => {
        it("serves against the peer only with the acknowledgement to discard that site's epoch", () => {
            const told = { own: displaced("east", 2), active: "east", peer: tookOver("west", 2) };
            const ofEpoch = (epoch: number) => ({ acknowledgements: { discard: { site: "west", epoch } } });
            assert.equal(refusalCodeFor(told), "peer-took-over");
            assert.equal(refusalCodeFor({ ...told, ...ofEpoch(1) }), "discard-of-other-epoch");
            assert.equal(refusalCodeFor({ ...told, ...ofEpoch(1), peer: active("west", 1) }), "peer-unknown");
            const steps = stepsFor({ ...told, ...ofEpoch(2) });
            assert.deepEqual(steps.slice(0, 3), ["mark", "claim", "remove-mirror"]);
        });

        it("rejoins once the peer has a base snapshot to mirror from", () => {
            const own = displaced("east", 2);
            const without = tookOver("west", 2, { mirrorKept: true, baseSnapshot: undefined });
            assert.deepEqual(stepsFor({ own, active: "west", peer: without }), ["forbid-pods"]);
            assert.ok(stepsFor({ own, active: "west", peer: tookOver("west", 2) }).includes("establish-mirror"));
        });

        it("rejoins with what was counted when it stood aside, and with no more than that", () => {
            const since = { snapshot: "custom-1", takenAt: "2026-11-22T02:50:00Z" };
            const own = displaced("west", 2, {
                unreplicated: { since, countedAt: "2026-11-22T02:55:00Z", bytes: 100 },
            });
            const told = (changedBytes: number, barrier: Observed["barrier"] = { stands: false }): Told => ({
                own,
                active: "east",
                peer: tookOver("east", 2),
                observed: { ...replicated, mirror: undefined, barrier: barrier!, changedBytes },
            });
            assert.equal(planFor(told(100)).verb, "rejoin");
            const { code, reason } = refusalFor(told(130));
            assert.equal(code, "ran-since");
            assert.match(reason, /30 bytes changed on its volumes since that was counted/);
            assert.equal(planFor(told(130, { stands: true, since: "2026-11-22T02:54:59Z" })).verb, "rejoin");
            assert.equal(refusalCodeFor(told(130, { stands: true, since: "2026-11-22T02:55:01Z" })), "ran-since");
        });

        describe("says how each volume returns", () => {
            const own = displaced("west", 2);
            const peer = tookOver("east", 2, { holds: [] });
            const nothingInCommon: Observed = {
                ...nothingThere,
                commonSnapshots: [{ volume: "shop/data", common: undefined }],
            };

            it("by what changed since a snapshot in common", () => {
                assert.match(
                    notesFor({ own, active: "east", peer }).join(),
                    /volume shop\/data: incremental, from snapshot snapshot-1 in common with east, 149 s old/,
                );
            });

            it("by a full copy, and only with the acknowledgement of the epoch that it joins", () => {
                const told = { own, active: "east", peer, observed: nothingInCommon };
                const { code, reason, remedies } = refusalFor(told);
                assert.equal(code, "full-copy");
                assert.match(reason, /volume shop\/data: no snapshot in common with east, a full copy/);
                assert.match(remedies[0]!, /config set fullCopy 2 --stack west/);
                assert.equal(refusalCodeFor({ ...told, acknowledgements: { fullCopy: 1 } }), "full-copy");
                const { verb, by } = planFor({ ...told, acknowledgements: { fullCopy: 2 } });
                assert.deepEqual([verb, by], ["rejoin", "fullCopy: 2"]);
            });

            it("by a full copy as well where its claim has another class than the mirror gives it", () => {
                const common = replicated.commonSnapshots![0]!;
                const seen = (has: string): Observed => ({
                    ...nothingThere,
                    commonSnapshots: [common, { ...common, otherClass: { has, gets: "trident-dr" } }],
                });
                const told = { own, active: "east", peer, observed: seen("gold") };
                const { code, reason } = refusalFor(told);
                assert.equal(code, "full-copy");
                assert.match(
                    reason,
                    /incremental, .* its claim is of StorageClass gold, .* of trident-dr, .* a full copy/,
                );
                assert.match(refusalFor({ ...told, observed: seen("") }).reason, /its claim is of no StorageClass, /);
                assert.equal(planFor({ ...told, acknowledgements: { fullCopy: 2 } }).by, "fullCopy: 2");
            });

            it("or that it cannot be determined, and what helps", () => {
                const silent = tookOver("east", 2);
                assert.match(
                    refusalFor({ own, active: "east", peer: silent, observed: nothingThere }).reason,
                    /has not published its snapshots yet; run pulumi up --stack east/,
                );
                assert.match(
                    refusalFor({ own, active: "east", peer, observed: nothingThere }).reason,
                    /the array of west did not answer/,
                );
            });
        });
    });

    describe("after a run that was cut off", () => {
        it("finishes what was begun, under the acknowledgement that it had then", () => {
            const own = cutOff(standby("west", 1), "take over without a token", 2, "takeover");
            assert.deepEqual(stepsFor({ own, active: "west", peer: active("east", 1) }), [
                "mark",
                "claim",
                "allow-pods",
                "promote",
                "verify-writable",
                "allow-pods",
                "start-schedules",
                "record",
            ]);
            assert.equal(refusalCodeFor({ own, active: "east", peer: active("east", 1) }), "unfinished");
        });

        it("concludes a planned epoch whichever site should serve by then", () => {
            const own = cutOff(withoutRole("west"), "serve first", 1, "init");
            assert.equal(stepsFor({ own, active: "east" })[2], "claim");
        });

        it("concludes a planned takeover with the token that it began with", () => {
            const own = cutOff(standby("west", 1), "take over with a token", 2, "token", { token: token() });
            for (const peer of [unreadable, stoodDown()]) {
                assert.equal(stepFor("promote", { own, active: "east", peer }).token?.epoch, 1);
            }
        });

        it("abandons an epoch that the peer began first", () => {
            const own = cutOff(stoodDown(), "change of mind", 2, "back");
            const peer = active("west", 2, { began: "token" });
            assert.ok(stepsFor({ own, active: "west", peer }).includes("establish-mirror"));
        });

        it("gives up a change of mind that it claimed where the peer serves in that epoch, and keeps what ran meanwhile", () => {
            const own = cutOff(stoodDown(), "change of mind", 2, "back", { claimed: true });
            const idle = { ...replicated, barrier: { stands: true, since: token().time } };
            const ran = { ...replicated, barrier: { stands: false }, workloads: ["Deployment shop/shop"] };
            for (const wanted of ["east", "west"]) {
                const told = { own, active: wanted, peer: active("west", 2, { began: "token" }) };
                assert.equal(planFor({ ...told, observed: idle }).verb, "rejoin");
                assert.equal(refusalCodeFor({ ...told, observed: ran }), "ran-since");
            }
            const served = { own, peer: { ...active("west", 2), role: "stood-down" } as const, observed: idle };
            assert.equal(refusalCodeFor({ ...served, active: "east" }), "peer-unknown");
            assert.equal(planFor({ ...served, active: "west" }).verb, "hold");
        });

        it("continues a takeover in which a mirror is promoted, though the peer began the same number", () => {
            const own = cutOff(standby("west", 1), "take over without a token", 2, "takeover", { claimed: true });
            const peer = active("east", 2, { began: "back" });
            assert.equal(planFor({ own, active: "west", peer }).verb, "take over without a token");
        });

        it("serves again in a new epoch when standing down is called off", () => {
            const own = cutOff(active("east", 1), "stand down", 1, "init");
            const told = { own, active: "east", peer: unreadable };
            assert.equal(planFor(told).verb, "change of mind");
            assert.deepEqual(stepsFor(told).slice(0, 4), ["mark", "claim", "allow-pods", "restore-application"]);
            assert.equal(refusalCodeFor({ ...told, peer: active("west", 2) }), "peer-took-over");
        });

        it("finishes standing aside without the peer, and does not serve again unless the peer is known to serve", () => {
            const own = cutOff(active("east", 1), "stand aside", 2, "takeover");
            assert.equal(stepsFor({ own, active: "west", peer: unreadable }).at(-2), "count-unreplicated");
            assert.equal(refusalCodeFor({ own, active: "east", peer: unreadable }), "peer-unknown");
        });

        it("does not serve from volumes that a mirror may have begun to overwrite", () => {
            const own = cutOff(displaced("east", 2), "rejoin", 2, "takeover");
            const peer = tookOver("west", 2);
            const acknowledgements = { discard: { site: "west", epoch: 2 } };
            assert.equal(refusalCodeFor({ own, active: "east", peer, acknowledgements }), "unfinished");
            assert.deepEqual(stepsFor({ own, active: "west", peer: unreadable }), ["forbid-pods"]);
            assert.ok(stepsFor({ own, active: "west", peer }).includes("establish-mirror"));
        });
    });

    describe("of an item that is let go of with its mirror", () => {
        const leaving = { active: "east", unmanage: true, path: "applications[0]" };
        const atRest: Pick<Told, "own" | "peer">[] = [
            { own: active("east", 2), peer: standby("west", 2) },
            { own: active("east", 2), peer: unmanaged("west", 2, "standby") },
            { own: active("east", 1) },
            { own: standby("west", 2), peer: active("east", 2) },
            { own: standby("west", 2), peer: unmanaged("east", 2, "active") },
        ];

        it("takes our label off, lets pods start and records it, and touches nothing else", () => {
            for (const sites of atRest) {
                const plan = planFor({ ...leaving, ...sites });
                assert.equal(plan.verb, "unmanage");
                assert.deepEqual(
                    plan.steps.map((step) => step.do),
                    ["record", "allow-pods", "disown-objects"],
                );
                const { role, epoch } = stepFor("record", { ...leaving, ...sites });
                assert.deepEqual({ role, epoch }, { role: "none", epoch: sites.own.epoch });
            }
        });

        it("takes away what a takeover without Pulumi goes by", () => {
            const observed = { ...replicated, bundle: { found: true } };
            assert.equal(stepsFor({ ...leaving, ...atRest[3]!, observed }).at(-1), "remove-bundle");
        });

        it("says that nobody checks the mirror any more, and what may start at the standby site", () => {
            const notes = notesFor({
                ...leaving,
                ...atRest[3]!,
                observed: { ...replicated, workloads: ["Deployment shop/web"] },
            });
            assert.match(notes[0]!, /its mirror included, stays as it is and is not managed any more/);
            assert.match(notes[1]!, /west no longer keeps pods from starting: Deployment shop\/web may start there/);
        });

        it("has nothing left to do, and forgets the claims once both sites have let go", () => {
            const observed = { ...replicated, remains: { sources: [], claims: [1, 2, 3] } };
            const own = unmanaged("east", 2, "active");
            const alone = { ...leaving, own, peer: standby("west", 2), observed };
            assert.deepEqual(stepsFor(alone), ["allow-pods", "disown-objects"]);
            const both = { ...alone, peer: unmanaged("west", 2, "standby") };
            assert.deepEqual(stepsFor(both), ["allow-pods", "disown-objects", "forget-claims"]);
            assert.deepEqual(
                stepFor("forget-claims", both).epochs,
                [1, 2],
                "a later epoch may be another site's by now",
            );
        });

        it("is not taken out of the mirror afterwards: the mirror is somebody else's", () => {
            const own = unmanaged("west", 2, "standby");
            const told = { ...leaving, unmanage: false, unprotect: true, own, peer: unmanaged("east", 2, "active") };
            assert.deepEqual(stepsFor(told), ["allow-pods", "disown-objects"]);
        });

        it("waits for a role change, and says how it is finished", () => {
            const changing: Pick<Told, "own" | "peer" | "observed">[] = [
                { own: stoodDown(), peer: standby("west", 1) },
                { own: standby("west", 1), peer: stoodDown() },
                { own: standby("west", 1), peer: active("east", 2) },
                { own: displaced("west", 2), peer: active("east", 2) },
                { own: active("east", 2), peer: standby("west", 1) },
                { own: active("east", 2, { mirrorKept: true }), peer: displaced("west", 2) },
                { own: active("east", 2, { mirrorKept: true }), peer: outOfMirror("west", 2, "standby") },
                { own: standby("west", 2), peer: active("east", 2), observed: nothingThere },
                { own: standby("west", 2), peer: outOfMirror("east", 2, "active") },
                { own: outOfMirror("west", 2, "standby"), peer: active("east", 3), observed: replicated },
            ];
            for (const sites of changing) {
                const { code, reason, remedies } = refusalFor({ ...leaving, ...sites });
                assert.equal(code, "role-change-under-way");
                assert.match(reason, /^shop should no longer be managed, but a role change is still in progress/);
                assert.match(remedies[0]!, /'applications\[0\]\.unmanage' false --stack (east|west)/);
            }
        });

        it("is refused where the other site cannot be read, took over, or others changed the mirror", () => {
            const code = (told: Pick<Told, "own" | "peer" | "observed">) => refusalCodeFor({ ...leaving, ...told });
            assert.equal(code({ own: active("east", 2), peer: unreadable }), "peer-unknown");
            assert.equal(code({ own: standby("west", 2), peer: unreadable }), "peer-unknown");
            assert.equal(code({ own: active("east", 2), peer: tookOver("west", 3) }), "peer-took-over");
            assert.equal(code({ own: withoutRole("west"), peer: active("east", 2) }), "own-record-lost");
            const observed = { ...replicated, changed: ["the mirror into west was promoted"] };
            assert.equal(code({ own: standby("west", 2), peer: active("east", 2), observed }), "changed-by-others");
        });

        it("finishes first what a run had begun", () => {
            const own = cutOff(standby("west", 2), "rejoin", 2, "token");
            const told = { ...leaving, own, peer: standby("east", 2) };
            assert.equal(refusalCodeFor(told), "role-change-under-way");
            const cut = cutOff(active("east", 2, { mirrorKept: true }), "release the mirror", 2, "init");
            assert.equal(planFor({ ...leaving, own: cut, peer: displaced("west", 2) }).verb, "release the mirror");
        });

        it("is managed again as somebody else's, from the next epoch on, and nothing is copied again", () => {
            const foreignObjects = [{ what: "AppMirrorRelationship shop/shop", takeOver: "kubectl label" }];
            const observed = { ...replicated, foreignObjects };
            const atEast = {
                ...nothingThere,
                foreignObjects: [{ what: "Schedule shop/shop", takeOver: "kubectl label" }],
            };
            const serves = {
                own: unmanaged("east", 2, "active"),
                active: "east",
                peer: unmanaged("west", 2, "standby"),
            };
            assert.equal(refusalCodeFor({ ...serves, observed: atEast }), "not-ours");
            const adopted = { ...serves, observed: { ...atEast, adopts: true as const } };
            assert.equal(planFor(adopted).verb, "serve first");
            assert.ok(stepsFor(adopted).includes("adopt-objects"));
            assert.equal(stepFor("claim", adopted).epoch, 3);
            const follows = { own: unmanaged("west", 2, "standby"), active: "east", peer: active("east", 3) };
            assert.equal(refusalCodeFor({ ...follows, observed }), "not-ours");
            const mirrors = { ...follows, observed: { ...observed, adopts: true as const } };
            assert.equal(planFor(mirrors).verb, "become standby");
            assert.equal(stepsFor(mirrors).includes("remove-mirror"), false);
            assert.ok(stepsFor(mirrors).includes("adopt-objects"));
        });

        it("refuses its first role by the name of what belongs to another application, whatever may be adopted", () => {
            const foreignObjects = [
                { what: "Schedule shop/shop-daily", of: "bank" },
                { what: "Application shop/shop", takeOver: "kubectl label" },
            ];
            const observed = { ...nothingThere, foreignObjects, adopts: true as const };
            const { code, reason, remedies } = refusalFor({ own: withoutRole("east"), active: "east", observed });
            assert.equal(code, "not-ours");
            assert.equal(
                reason,
                "east: Schedule shop/shop-daily belongs to the Application bank; expected none of that name, or one of shop as it is declared. Nothing was changed",
            );
            assert.deepEqual(remedies, [
                "declare it as it is; or give what shop declares another name (name, names, schedules, hooks), at both sites; then pulumi up --stack east",
            ]);
            const chosen = [{ what: "Application shop/shop", differs: "it is made of virtual machines" }];
            assert.match(
                refusalFor({
                    own: withoutRole("east"),
                    active: "east",
                    observed: { ...observed, foreignObjects: chosen },
                }).reason,
                /^east: Application shop\/shop exists, and it is made of virtual machines; it cannot be changed; expected/,
            );
        });

        it("does not serve where somebody else's mirror brings what the other site writes", () => {
            const foreignObjects = [{ what: "AppMirrorRelationship shop/shop", takeOver: "kubectl label" }];
            const bringing = { what: "its mirror is Established", stop: "kubectl patch by hand" };
            const reversed = { ...replicated, foreignObjects, bringing, adopts: true as const };
            for (const own of [unmanaged("east", 2, "active"), withoutRole("east")]) {
                const told = { own, active: "east", peer: unmanaged("west", own.epoch, "standby"), observed: reversed };
                const { code, remedies } = refusalFor(told);
                assert.equal(code, "served-elsewhere");
                assert.match(remedies[0]!, /to keep what west has: pulumi config set active west --stack west/);
                assert.match(remedies[1]!, /stop shop at west; kubectl patch by hand; then pulumi up --stack east/);
                const promoted = { ...reversed, mirror: { ...replicated.mirror!, state: "promoted" as const } };
                assert.equal(planFor({ ...told, observed: promoted }).verb, "serve first");
            }
        });

        it("leaves somebody else's mirror alone where no role was begun", () => {
            const foreignObjects = [{ what: "AppMirrorRelationship shop/shop", takeOver: "kubectl label" }];
            const theirs = { own: withoutRole("west"), active: "east", observed: { ...replicated, foreignObjects } };
            assert.ok(!stepsFor({ ...theirs, unprotect: true }).includes("remove-mirror"));
            assert.equal(planFor({ ...theirs, unmanage: true }).verb, "unmanage");
            assert.match(
                notesFor({ ...theirs, unprotect: true }).join(),
                /the mirror into west is somebody else's, and stays/,
            );
            assert.ok(stepsFor({ ...theirs, unprotect: true, observed: replicated }).includes("remove-mirror"));
            // Of volumes nothing on an array says whose a mirror is; that a run of ours had begun is written down.
            const ofVolumes = {
                ...theirs,
                unprotect: true,
                observed: { ...replicated, foreign: { found: [], adopt: true } },
            };
            assert.ok(!stepsFor(ofVolumes).includes("remove-mirror"));
            const begun = cutOff(withoutRole("west"), "become standby", 1, "init");
            assert.ok(stepsFor({ ...ofVolumes, own: begun }).includes("remove-mirror"));
        });

        it("does not mirror again over what was promoted since, nor serve what is older", () => {
            const promoted = { ...replicated, mirror: { ...replicated.mirror!, state: "promoted" as const } };
            const own = unmanaged("west", 2, "standby");
            const told = { own, active: "east", peer: active("east", 3), observed: promoted };
            const { code, reason, remedies } = refusalFor(told);
            assert.equal(code, "would-overwrite");
            assert.match(reason, /its mirror was promoted since it was let go of/);
            assert.match(remedies[0]!, /discard west@2/);
            const peer = unmanaged("east", 2, "active");
            assert.equal(refusalCodeFor({ ...told, active: "west", peer }), "served-elsewhere");
        });

        it("is told at the other site, which may still take it out of the mirror without touching the mirror's source", () => {
            const peer = unmanaged("west", 2, "standby");
            const own = active("east", 2);
            assert.match(notesFor({ own, active: "east", peer }).join("\n"), /not protected: west let go of it/);
            const source = { uuid: "relationship", source: "svm_east:data", destination: "svm_west:data" };
            const observed = { mirror: undefined, remains: { sources: [source], claims: [1] } };
            const unprotected = { own, active: "east", peer, observed, unprotect: true };
            assert.equal(stepsFor(unprotected).includes("release-sources"), false);
        });
    });

    describe("of an item that leaves the mirror", () => {
        const leaving = { active: "east", unprotect: true, path: "applications[0]", observed: nothingThere };
        const source = { uuid: "relationship", source: "svm_east:data", destination: "svm_west:data" };
        const withRemains: Observed = { mirror: undefined, remains: { sources: [source], claims: [1, 2] } };

        it("removes the Schedules where it serves, and keeps what the other site's mirror needs", () => {
            const told = { ...leaving, own: active("east", 1), peer: standby("west", 1), observed: withRemains };
            assert.deepEqual(stepsFor(told), ["mark", "delete-schedules", "allow-pods", "record"]);
        });

        it("removes the mirror at the standby site", () => {
            const told = { ...leaving, own: standby("west", 1), peer: active("east", 1), observed: replicated };
            assert.deepEqual(stepsFor(told), [
                "mark",
                "delete-schedules",
                "remove-mirror",
                "verify-unmirrored",
                "allow-pods",
                "record",
            ]);
        });

        it("checks the array of a site that was a mirror also when an earlier run deleted the mirror and was cut off", () => {
            const own = cutOff(standby("west", 1), "abandon", 1, "init");
            assert.deepEqual(stepsFor({ ...leaving, own, peer: active("east", 1) }), [
                "mark",
                "delete-schedules",
                "verify-unmirrored",
                "allow-pods",
                "record",
            ]);
        });

        it("removes what arrays remember once the other site is out, and claims once both are", () => {
            const peer = outOfMirror("west", 1, "standby");
            const serving = { ...leaving, own: active("east", 1), peer, observed: withRemains };
            assert.deepEqual(stepsFor(serving), [
                "mark",
                "delete-schedules",
                "allow-pods",
                "release-sources",
                "tidy-up",
                "record",
            ]);
            const both = { ...serving, own: outOfMirror("east", 1, "active") };
            assert.deepEqual(stepsFor(both), [
                "delete-schedules",
                "allow-pods",
                "release-sources",
                "tidy-up",
                "forget-claims",
            ]);
            const { epochs } = stepFor("forget-claims", both);
            assert.deepEqual(epochs, [1], "a later epoch may be another site's by now");
        });

        it("waits for a role change, and says how it is finished", () => {
            const changing: Pick<Told, "own" | "peer">[] = [
                { own: stoodDown(), peer: standby("west", 1) },
                { own: standby("west", 1), peer: stoodDown() },
                { own: displaced("west", 2), peer: active("east", 2) },
                { own: active("east", 2, { mirrorKept: true }), peer: displaced("west", 2) },
            ];
            for (const sites of changing) {
                const { code, remedies } = refusalFor({ ...leaving, ...sites });
                assert.equal(code, "role-change-under-way");
                assert.match(
                    remedies[0]!,
                    /config set --path 'applications\[0\]\.unprotect' false --stack (east|west)/,
                );
            }
        });

        it("continues with epoch numbers when it comes back", () => {
            const told = {
                own: outOfMirror("east", 3, "active"),
                active: "east",
                peer: outOfMirror("west", 3, "standby"),
            };
            assert.equal(planFor(told).verb, "serve first");
            assert.equal(stepFor("claim", told).epoch, 4);
        });

        it("does not serve from an older copy when it comes back", () => {
            const told = {
                own: outOfMirror("west", 3, "standby"),
                active: "west",
                peer: outOfMirror("east", 3, "active"),
            };
            assert.equal(refusalCodeFor(told), "served-elsewhere");
        });

        it("overwrites what served last only with consent", () => {
            const told = { own: outOfMirror("east", 1, "active"), active: "west", peer: active("west", 2) };
            const { code, remedies } = refusalFor(told);
            assert.equal(code, "would-overwrite");
            assert.match(remedies[0]!, /config set discard east@1 --stack east/);
            const consent = { discard: { site: "east", epoch: 1 } };
            assert.deepEqual(stepsFor({ ...told, acknowledgements: consent }).slice(0, 6), [
                "await-prerequisites",
                "mark",
                "stop-schedules",
                "forbid-pods",
                "stop-workloads",
                "count-unreplicated",
            ]);
        });

        it("follows no epoch that is older than one in which it served, or of which it knows", () => {
            const peer = active("west", 1);
            const consent = { discard: { site: "east", epoch: 2 } };
            const left = { own: outOfMirror("east", 2, "active"), active: "west", peer, acknowledgements: consent };
            const { code, remedies } = refusalFor(left);
            assert.equal(code, "would-overwrite");
            assert.match(remedies[0]!, /config set active east --stack east/);
            assert.match(remedies[1]!, /config set discard east@2 --stack west; pulumi up --stack west/);
            assert.equal(stepFor("claim", { ...left, active: "east", acknowledgements: {} }).epoch, 3);
            const knows = { own: outOfMirror("east", 2, "standby"), active: "west", peer };
            const waits = planFor({ ...knows, observed: nothingThere });
            assert.equal(waits.verb, "hold");
            assert.ok(!waits.steps.some((step) => step.do === "establish-mirror"));
        });

        it("serves where it was displaced and the peer has left since, if what the peer wrote may be discarded", () => {
            const peer = { ...outOfMirror("east", 2, "active"), began: "takeover" } as const;
            const told = { own: displaced("west", 2), active: "west", peer };
            assert.equal(refusalCodeFor(told), "served-elsewhere");
            const consent = { discard: { site: "east", epoch: 2 } };
            assert.equal(planFor({ ...told, acknowledgements: consent }).verb, "serve by discard");
            assert.equal(stepFor("claim", { ...told, acknowledgements: consent }).epoch, 3);
            const standAside = cutOff(active("west", 1), "stand aside", 2, "takeover");
            assert.equal(planFor({ ...told, own: standAside, acknowledgements: consent }).verb, "serve by discard");
            const never = { ...told, peer: { ...outOfMirror("east", 2, "standby"), began: "takeover" } as const };
            assert.equal(refusalCodeFor({ ...never, acknowledgements: consent }), "peer-unknown");
        });

        it("overwrites nothing that runs, and says how it is stopped", () => {
            const { code, reason, remedies } = refusalFor({
                own: withoutRole("west"),
                active: "east",
                peer: active("east", 1),
                observed: { mirror: undefined, workloads: ["Deployment shop/shop"] },
            });
            assert.equal(code, "would-overwrite");
            assert.match(reason, /Deployment shop\/shop still runs there/);
            assert.match(remedies[0]!, /kubectl -n shop scale deployment\/shop --replicas 0; pulumi up --stack west/);
        });
    });

    describe("of an item that others write to", () => {
        const outsiders = ["Deployment shop/agent"];
        const told = { own: active("east", 1), active: "west", peer: standby("west", 1) };
        const observed = { ...replicated, replicationLagSeconds: 0 };

        it("stops nothing before they are stopped, and says how", () => {
            const { code, reason, remedies } = refusalFor({ ...told, observed: { ...observed, outsiders } });
            assert.equal(code, "others-write");
            assert.match(reason, /^Deployment shop\/agent mounts volumes of shop at east and is no part of it/);
            assert.deepEqual(remedies, [
                "stop it at east: kubectl -n shop scale deployment/agent --replicas 0; pulumi up --stack east",
            ]);
            const labelled = { ...observed, outsiders, labelSelector: "app=shop" };
            const chosen = refusalFor({ ...told, observed: labelled });
            assert.match(chosen.reason, /is no part of it \(resourceFilter, labelSelector app=shop\)/);
            assert.equal(
                chosen.remedies[1],
                "if shop is to be stopped with them, give them the labels app=shop; pulumi up --stack east",
            );
            const aside = { ...told, peer: tookOver("west", 2), observed: { ...observed, outsiders } };
            assert.equal(refusalCodeFor(aside), "others-write");
            assert.equal(planFor({ ...told, observed: { ...observed, outsiders: [] } }).verb, "stand down");
        });

        it("holds back neither a site that serves on, nor standing down that has begun: it writes down who is left", () => {
            const seen = { ...observed, outsiders };
            assert.equal(planFor({ ...told, active: "east", observed: seen }).verb, "hold");
            const underWay = { verb: "stand down", epoch: 1, began: "init" } as const;
            assert.equal(planFor({ ...told, own: { ...told.own, underWay }, observed: seen }).verb, "stand down");
        });

        it("hands over no final snapshot with warnings, unless those of that very epoch are accepted", () => {
            const underWay = { verb: "stand down", epoch: 1, began: "init" } as const;
            const own = { ...told.own, underWay };
            const seen = { ...observed, warned: [{ epoch: 1, warnings: ["a hook of db failed\u001b[2J"] }] };
            const { code, reason, remedies } = refusalFor({ ...told, own, observed: seen });
            assert.equal(code, "final-snapshot-warned");
            assert.match(reason, /completed with warnings: a hook of db failed\ufffd\[2J\. /);
            assert.match(remedies[0]!, /config set warnings 1 --stack east; pulumi up --stack east/);
            assert.match(remedies[1]!, /config set active east --stack east; pulumi up --stack east/);
            const stale = { ...told, own, observed: seen, acknowledgements: { warnings: 2 } };
            assert.match(refusalFor(stale).reason, /warnings is 2, which is not epoch 1 and has no effect/);
            const accepted = planFor({ ...told, own, observed: seen, acknowledgements: { warnings: 1 } });
            assert.equal(accepted.verb, "stand down");
            assert.ok(accepted.steps.some((step) => step.do === "take-shutdown-snapshot" && step.acceptsWarnings));
            const ofAnother = { ...observed, warned: [{ epoch: 0, warnings: ["old"] }] };
            assert.equal(planFor({ ...told, own, observed: ofAnother }).verb, "stand down");
            assert.equal(planFor({ ...told, own, active: "east", observed: seen }).verb, "change of mind");
        });

        it("hands over no final snapshot that somebody outlived, in any later run, until the site serves again", () => {
            const underWay = { verb: "stand down", epoch: 1, began: "init" } as const;
            const own = { ...told.own, underWay };
            const outlived = [{ epoch: 1, by: "Pod shop/x" }];
            const { code, remedies } = refusalFor({ ...told, own, observed: { ...observed, outlived } });
            assert.equal(code, "final-snapshot-outlived");
            assert.match(remedies[0]!, /config set active east --stack east; pulumi up --stack east/);
            const ofAnother = { ...observed, outlived: [{ epoch: 0, by: "Pod shop/x" }] };
            assert.equal(planFor({ ...told, own, observed: ofAnother }).verb, "stand down");
            const back = planFor({ ...told, own, active: "east", observed: { ...observed, outlived } });
            assert.equal(back.verb, "change of mind");
        });
    });

    describe("of items with an order", () => {
        const nobody = { notServing: [], stillServing: [] };
        const database = { item: "database", why: "its mirror is not Promoted" };
        const takeOver = { own: standby("west", 1), active: "west", peer: stoodDown() };
        const standDown = { own: active("east", 1), active: "west", peer: standby("west", 1) };

        it("lets an item take over once those that it comes after serve", () => {
            assert.equal(planFor({ ...takeOver, order: nobody }).verb, "take over with a token");
        });

        it("holds it back otherwise, and says for whom and why", () => {
            const { code, reason, remedies } = refusalFor({
                ...takeOver,
                order: { ...nobody, notServing: [database, { item: "queue", why: "" }] },
            });
            assert.equal(code, "others-not-serving");
            assert.equal(
                reason,
                "shop comes after database, queue, which do not serve at west. database: its mirror is not Promoted. Nothing was changed for shop",
            );
            assert.match(remedies[0]!, /\(see pulumi preview --stack west\); then pulumi up --stack west/);
        });

        it("names the setting that lifts the order, where the configuration has it", () => {
            const order = { ...nobody, notServing: [database] };
            assert.match(
                refusalFor({ ...takeOver, order, path: "applications[1]" }).remedies[1]!,
                /pulumi config rm --path 'applications\[1\]\.after' --stack west; pulumi up --stack west/,
            );
        });

        it("lets an item stand down only after those that come after it", () => {
            assert.equal(planFor({ ...standDown, order: nobody }).verb, "stand down");
            const { code, reason } = refusalFor({ ...standDown, order: { ...nobody, stillServing: ["web"] } });
            assert.equal(code, "others-still-serve");
            assert.match(reason, /web comes after shop and still serves at east/);
        });

        it("holds back neither what was begun nor what changes no role", () => {
            const order = { notServing: [database], stillServing: ["web"] };
            const own = cutOff(takeOver.own, "take over with a token", 2, "token", { token: token() });
            assert.equal(planFor({ ...takeOver, own, order }).verb, "take over with a token");
            assert.equal(planFor({ ...standDown, active: "east", order }).verb, "hold");
        });

        it("refuses for the item's own reason first", () => {
            const order = { ...nobody, notServing: [database] };
            assert.equal(refusalCodeFor({ ...takeOver, peer: active("east", 1), order }), "no-token");
        });
    });

    describe("of a site whose fence would not hold", () => {
        const observed: Observed = { ...replicated, unfenceable: ["LUN /vol/shop/lun1 is mapped to hosts"] };
        const standDown: Told = { own: active("east", 1), active: "west", peer: standby("west", 1), observed };
        const standAside: Told = { ...standDown, peer: tookOver("west", 2) };

        it("refuses to stand down, by name, and says both ways on", () => {
            const { code, reason, remedies } = refusalFor(standDown);
            assert.equal(code, "cannot-be-fenced");
            assert.equal(
                reason,
                "shop at east should not be written to any more, but its fence would not hold: LUN /vol/shop/lun1 is mapped to hosts. Writes that go on would be lost. Nothing was changed",
            );
            assert.deepEqual(remedies, [
                "remove or unmap what is named, and restore it where the volumes serve; then pulumi up --stack east",
                "if you stop everything that writes, before each role change: set fence: none for shop; then pulumi up --stack east",
            ]);
        });

        it("refuses to stand aside, to resync and to rejoin, also where a run was interrupted", () => {
            const discard = { discard: { site: "east", epoch: 1 } };
            const interrupted = { ...standDown, own: cutOff(active("east", 1), "stand down", 1, "init") };
            const rejoin = { ...standAside, own: displaced("east", 2) };
            for (const told of [standAside, { ...standAside, acknowledgements: discard }, interrupted, rejoin]) {
                const common = [
                    { volume: "shop", common: { name: "s", versionUuid: "v", takenAt: now.toISOString() } },
                ];
                const seen = { ...told, observed: { ...observed, commonSnapshots: common } };
                assert.equal(refusalCodeFor(seen), "cannot-be-fenced", JSON.stringify(told.own));
                assert.equal(planFor({ ...seen, observed: { ...seen.observed, unfenceable: [] } }).kind, "plan");
            }
        });

        it("holds back nothing that fences nothing: serving, taking over, a change of mind", () => {
            assert.equal(planFor({ ...standDown, active: "east" }).verb, "hold");
            const takeOver = { own: standby("west", 1), active: "west", peer: stoodDown(), observed };
            assert.equal(planFor(takeOver).verb, "take over with a token");
            const back = { own: stoodDown(), active: "east", peer: standby("west", 1), observed };
            assert.equal(planFor(back).verb, "change of mind");
        });

        it("refuses for the item's own reason first", () => {
            assert.equal(refusalCodeFor({ ...standDown, peer: unreadable }), "nobody-to-hand-over-to");
        });
    });

    describe("of a site where others may have created something", () => {
        const found = ["volume svm_west:archive01 exists already", "volume svm_west:archive02 exists already"];
        const seeing = (found: string[], adopt = false) => ({
            own: withoutRole("west"),
            active: "east",
            peer: active("east", 1),
            observed: { mirror: undefined, foreign: { found, adopt } },
        });

        it("refuses its first mirror by name, and says how it is adopted", () => {
            const { code, reason, remedies } = refusalFor(seeing(found));
            assert.equal(code, "not-ours");
            assert.equal(
                reason,
                "west: volume svm_west:archive01 exists already; volume svm_west:archive02 exists already. Nothing was changed",
            );
            assert.deepEqual(remedies, [
                "set adopt: true to adopt what matches its declaration, or remove it; then pulumi up --stack west",
            ]);
        });

        it("asks for a matching declaration where adopting is allowed and something does not match", () => {
            assert.match(refusalFor(seeing(found, true)).remedies[0]!, /^declare it as it is, or remove it/);
        });

        it("marks its first mirror before anything is created, so that an interrupted run recognises its own", () => {
            assert.deepEqual(planFor(seeing([])).steps[1], {
                do: "mark",
                verb: "become standby",
                epoch: 1,
                began: "init",
            });
            assert.deepEqual(stepsFor(seeing([])), [
                "await-prerequisites",
                "mark",
                "forbid-pods",
                "delete-schedules",
                "establish-mirror",
                "await-copy",
                "release-replaced",
                "record",
            ]);
        });

        it("does not mark it twice where the plan begins with a mark", () => {
            const own = outOfMirror("west", 1, "active");
            const acknowledgements = { discard: { site: "west", epoch: 1 } };
            const steps = stepsFor({ ...seeing([]), own, peer: active("east", 2), acknowledgements });
            assert.equal(steps.filter((step) => step === "mark").length, 1);
        });

        it("asks nothing of a run that was begun, of a site with a role, or where there is nothing to adopt", () => {
            const begun = cutOff(withoutRole("west"), "become standby", 1, "init");
            const mirrored = [
                "forbid-pods",
                "delete-schedules",
                "establish-mirror",
                "await-copy",
                "release-replaced",
                "record",
            ];
            const first = ["await-prerequisites", ...mirrored];
            assert.deepEqual(stepsFor({ ...seeing(found), own: begun }), first);
            assert.deepEqual(stepsFor({ ...seeing(found), own: standby("west", 1) }), mirrored);
            assert.deepEqual(stepsFor({ ...seeing(found), observed: nothingThere }), first);
        });

        describe("in the cluster, under names of ours", () => {
            const foreignObjects = [{ what: "Application shop/shop", takeOver: "kubectl label it" }];
            const told = (observed: Partial<Observed>, more: Partial<Told> = {}): Told => ({
                own: withoutRole("west"),
                active: "west",
                observed: { ...nothingThere, foreignObjects, ...observed },
                ...more,
            });
            const serving = { active: "east", peer: active("east", 1) };

            it("refuses the first role, whichever it is, and says how to take them over", () => {
                for (const first of [told({}), told({}, serving)]) {
                    const { code, reason, remedies } = refusalFor(first);
                    assert.equal(code, "not-ours");
                    assert.match(reason, /^west: Application shop\/shop exists already, and somebody else created it/);
                    assert.match(remedies[0]!, /kubectl label it; pulumi up --stack west$/);
                }
            });

            it("adopts them before anything else where the configuration says so", () => {
                const adopts = true as const;
                for (const first of [told({}), told({}, serving)]) {
                    const without = stepsFor({ ...first, observed: nothingThere });
                    const steps = stepsFor({ ...first, observed: { ...first.observed!, adopts } });
                    assert.deepEqual(steps.slice(0, 2), ["await-prerequisites", "adopt-objects"]);
                    assert.deepEqual([steps[0], ...steps.slice(2)], without);
                }
                assert.ok(!stepsFor(told({ foreignObjects: [], adopts })).includes("adopt-objects"));
            });

            it("asks nothing where there are none, of a site with a role or a past, or of one that waits", () => {
                assert.equal(planFor(told({ foreignObjects: [] })).verb, "serve first");
                assert.equal(planFor(told({}, { own: active("west", 1), peer: standby("east", 1) })).verb, "hold");
                assert.equal(
                    planFor(told({}, { ...serving, own: outOfMirror("west", 1, "standby"), peer: active("east", 2) }))
                        .verb,
                    "become standby",
                );
                assert.equal(planFor(told({}, { ...serving, peer: unreadable })).verb, "hold");
                assert.equal(
                    planFor(told({}, { own: cutOff(withoutRole("west"), "serve first", 1, "init") })).verb,
                    "serve first",
                );
            });
        });

        it("does not mind what it does not touch", () => {
            assert.deepEqual(stepsFor({ ...seeing(found), peer: unreadable }), ["await-prerequisites"]);
        });
    });

    describe("of declared ExecHooks", () => {
        const declared: Observed = { ...replicated, declaresHooks: true };
        const hooks = (told: Told) => {
            const steps = stepsFor({ ...told, observed: { ...declared, ...told.observed, declaresHooks: true } });
            const bare = stepsFor({ ...told, observed: { ...replicated, ...told.observed } });
            assert.deepEqual(
                steps.filter((step) => step !== "declare-hooks" && step !== "delete-hooks"),
                bare,
                "nothing else of a plan changes",
            );
            return steps;
        };

        it("has them before the first snapshot of a site that serves, whatever made it serve", () => {
            const first = hooks({ own: withoutRole("east"), active: "east", observed: nothingThere });
            assert.equal(first.indexOf("declare-hooks"), first.indexOf("take-base-snapshot") - 1);
            const held = hooks({ own: active("east", 1), active: "east", peer: standby("west", 1) });
            assert.equal(held.indexOf("declare-hooks"), held.indexOf("take-base-snapshot") - 1);
            const acknowledgements = { takeover: 2 };
            const taken = hooks({ own: standby("west", 1), active: "west", peer: unreadable, acknowledgements });
            assert.ok(taken.indexOf("declare-hooks") > taken.indexOf("verify-writable"));
            assert.equal(taken.indexOf("declare-hooks"), taken.indexOf("start-schedules") - 1);
        });

        it("removes them where the site is mirrored to, and where it leaves the mirror", () => {
            const following = hooks({
                own: withoutRole("west"),
                active: "east",
                peer: active("east", 1),
                observed: nothingThere,
            });
            assert.equal(following.indexOf("delete-hooks"), following.indexOf("delete-schedules") + 1);
            assert.ok(following.indexOf("delete-hooks") < following.indexOf("establish-mirror"));
            assert.ok(!following.includes("declare-hooks"));
            const leaving = hooks({
                own: active("east", 1),
                active: "east",
                peer: outOfMirror("west", 1, "standby"),
                unprotect: true,
            });
            assert.ok(leaving.includes("delete-hooks"));
            assert.ok(!leaving.includes("declare-hooks"));
        });

        it("leaves them alone where the site hands over: the final snapshot has them as well", () => {
            const steps = hooks({
                own: active("east", 1),
                active: "west",
                peer: standby("west", 1),
                observed: { ...declared, replicationLagSeconds: 10 },
            });
            assert.ok(steps.includes("take-shutdown-snapshot"));
            assert.ok(!steps.includes("declare-hooks") && !steps.includes("delete-hooks"));
        });
    });

    describe("of an epoch in whose claim's place others put something", () => {
        const own = standby("west", 1);
        const place = "object trident-dr/shop/epoch-2.json of bucket backup (vault vault-west)";
        const foreign = { epoch: 2, site: "west", place, is: { notAuthentic: "it carries no MAC" } };
        const handedOver: Told = {
            own,
            active: "west",
            peer: stoodDown(),
            observed: { ...replicated, claims: [{ ...foreign, site: "east" }] },
        };
        const lost: Told = {
            own,
            active: "west",
            peer: unreadable,
            acknowledgements: { takeover: 2 },
            observed: { ...replicated, claims: [foreign] },
        };

        it("refuses a planned takeover, names the object, and offers to replace it", () => {
            const { code, reason, remedies } = refusalFor(handedOver);
            assert.equal(code, "claim-not-authentic");
            assert.ok(reason.includes(`${place}: it carries no MAC`), reason);
            assert.equal(
                remedies[1],
                "to replace it without waiting: pulumi config set takeover 2 --stack west; pulumi up --stack west",
            );
        });

        it("replaces it with the acknowledgement of that very epoch, and says so", () => {
            assert.deepEqual(stepFor("claim", lost).replaces, [{ site: "west", why: "it carries no MAC" }]);
            assert.match(
                notesFor(lost).join(),
                /is not a claim of this pair \(it carries no MAC\)\. takeover: 2 permits/,
            );
            const acknowledged = { ...handedOver, acknowledgements: { takeover: 2 } };
            assert.equal(planFor(acknowledged).verb, "take over with a token");
            assert.match(planFor(acknowledged).by ?? "", /^token: .*, takeover: 2$/);
            assert.deepEqual(stepFor("claim", acknowledged).replaces, [{ site: "east", why: "it carries no MAC" }]);
        });

        it("is recorded as an override even if the run is killed between the claim and the note of it", () => {
            const acknowledged = { ...handedOver, acknowledgements: { takeover: 2 } };
            const { by } = planFor(acknowledged);
            assert.equal(stepFor("mark", acknowledged).by, by);
            const claim = { ...foreign, site: "east", is: { claimedBy: "west" } };
            const killed: Told = {
                ...handedOver,
                own: cutOff(own, "take over with a token", 2, "token", { token: token(), by: by! }),
                observed: { ...replicated, claims: [claim] },
            };
            assert.equal(planFor(killed).by, by);
            assert.equal(stepFor("mark", killed).by, by);
        });

        it("does not mind it in a vault that this claim does not need, or for another epoch", () => {
            for (const claim of [foreign, { ...foreign, site: "east", epoch: 3 }]) {
                const told = { ...handedOver, observed: { ...replicated, claims: [claim] } };
                assert.equal(stepFor("claim", told).replaces, undefined);
            }
        });

        it("leaves the claims of both sites to the claim itself", () => {
            for (const is of ["absent", { claimedBy: "east" }, { claimedBy: "west" }] as const) {
                const told = { ...handedOver, observed: { ...replicated, claims: [{ ...foreign, site: "east", is }] } };
                assert.equal(stepFor("claim", told).replaces, undefined);
            }
        });

        it("does not replace it once the record says that the epoch is this site's", () => {
            const told = { ...lost, own: cutOff(own, "take over without a token", 2, "takeover", { claimed: true }) };
            assert.equal(stepFor("claim", told).replaces, undefined);
        });
    });

    describe("of an epoch that only a record says was begun", () => {
        const place = "object trident-dr/shop/epoch-2.json (vault vault-east)";
        const claimAt = (site: string, is: ObservedClaim["is"]): ObservedClaim => ({ epoch: 2, site, place, is });
        const forged = token({ finalSnapshot: "20260101000000_long-ago_x" });
        const cutOffHandOver = (claimed: boolean, claims: ObservedClaim[], more: Partial<Told> = {}): Told => ({
            own: cutOff(standby("west", 1), "take over with a token", 2, "token", { claimed, token: forged }),
            active: "east",
            peer: active("east", 1),
            observed: { ...replicated, claims },
            ...more,
        });
        const none = [claimAt("east", "absent"), claimAt("west", "absent")];

        it("is not concluded against the vault that must have its claim, whatever the configuration asks for", () => {
            for (const is of ["absent", { claimedBy: "east" }, { notAuthentic: "it carries no MAC" }] as const) {
                for (const wanted of ["east", "west"]) {
                    const told = cutOffHandOver(true, [claimAt("east", is)], { active: wanted });
                    assert.equal(refusalCodeFor(told), "claim-not-found");
                }
            }
            const { reason, remedies } = refusalFor(cutOffHandOver(true, none));
            assert.ok(reason.includes(place), reason);
            // Without it the takeover that is acknowledged would not be one.
            assert.match(remedies.at(-1)!, /config set active west --stack west; pulumi config set takeover 2/);
        });

        it("has not begun as long as it is not claimed: the plan is made anew, without the record's token", () => {
            assert.equal(planFor(cutOffHandOver(false, none)).verb, "hold");
            const again = cutOffHandOver(false, none, { active: "west", peer: stoodDown() });
            assert.equal(stepFor("promote", again).token?.finalSnapshot, token().finalSnapshot);
        });

        it("is concluded with its claim, whatever the configuration asks for by now", () => {
            for (const claimed of [true, false]) {
                const told = cutOffHandOver(claimed, [claimAt("east", { claimedBy: "west" })]);
                assert.equal(planFor(told).verb, "take over with a token");
            }
        });

        it("is concluded where the vault does not answer", () => {
            assert.equal(planFor(cutOffHandOver(true, [claimAt("west", "absent")])).verb, "take over with a token");
            assert.equal(planFor(cutOffHandOver(true, [])).verb, "take over with a token");
        });

        it("is concluded without its claim where the configuration acknowledges that very epoch", () => {
            const acknowledged = { acknowledgements: { takeover: 2 }, active: "west" };
            assert.equal(planFor(cutOffHandOver(true, none, acknowledged)).verb, "take over with a token");
            for (const other of [{ acknowledgements: { takeover: 3 } }, { active: "east" }]) {
                assert.equal(
                    refusalCodeFor(cutOffHandOver(true, none, { ...acknowledged, ...other })),
                    "claim-not-found",
                );
            }
        });

        it("is not concluded without its claim where the other site has begun that epoch since", () => {
            const acknowledged = { acknowledgements: { takeover: 2 }, active: "west", peer: active("east", 2) };
            assert.equal(planFor(cutOffHandOver(true, none, acknowledged)).verb, "hold");
        });

        it("is not concluded where the other site claimed that epoch since, whatever is acknowledged", () => {
            const acknowledged = { acknowledgements: { takeover: 2 }, active: "west", peer: stoodDown() };
            const told = cutOffHandOver(true, [claimAt("east", { claimedBy: "east" })], acknowledged);
            const { code, reason, remedies } = refusalFor(told);
            assert.equal(code, "claim-not-found");
            assert.match(reason, /east has begun that epoch since: .* is east's claim/);
            assert.deepEqual(
                remedies.filter((remedy) => /set takeover/.test(remedy)),
                [],
            );
        });

        it("is not concluded where its vault is dark and the other site, by its record, has begun that epoch itself", () => {
            const peer = active("east", 2, { began: "back" });
            assert.equal(planFor(cutOffHandOver(true, [], { peer })).verb, "hold");
            const acknowledged = { peer, active: "west", acknowledgements: { takeover: 3 } };
            assert.equal(planFor(cutOffHandOver(true, [], acknowledged)).verb, "take over without a token");
        });

        it("is looked for in the own vault where an override or a change of mind began it", () => {
            const override = cutOff(standby("west", 1), "take over without a token", 2, "takeover", { claimed: true });
            const back = cutOff(stoodDown(), "change of mind", 2, "back", { claimed: true });
            for (const [own, site] of [
                [override, "west"],
                [back, "east"],
            ] as const) {
                const told = { own, active: own.site, peer: unreadable };
                const seen = (claims: ObservedClaim[]) => ({ ...told, observed: { ...replicated, claims } });
                assert.equal(refusalCodeFor(seen([claimAt(site, "absent")])), "claim-not-found");
                assert.equal(planFor(seen([claimAt(own.peer, "absent")])).verb, own.underWay!.verb);
            }
        });
    });

    describe("of a record that may not be this site's own", () => {
        const own = standby("west", 1);
        const where = "ConfigMap shop/trident-dr-record-shop";
        const trust = (is: Exclude<RecordFault["is"], "the only copy">): RecordTrust => trustWith({ where, is });
        const trustWith = (fault: RecordFault): RecordTrust => ({
            faults: [fault],
            isStale: false,
            accepts: "nothing",
        });

        it("is acted upon in no role and for no configuration", () => {
            const forged = cutOff(own, "take over with a token", 2, "token", { claimed: true, token: token() });
            for (const record of [forged, active("west", 3), stoodDown(), withoutRole("west"), displaced("west", 2)]) {
                for (const wanted of ["east", "west", "north"]) {
                    const told = { own: record, active: wanted, acknowledgements: { takeover: 2 } };
                    assert.equal(refusalCodeFor({ ...told, trust: trust("not authentic") }), "record-not-authentic");
                }
            }
        });

        it("says what is wrong where, and how to go on", () => {
            const saidOf = (told: RecordTrust) => {
                const { reason, remedies } = refusalFor({ own, active: "east", trust: told });
                return [reason, ...remedies].join("\n");
            };
            const said = (is: Exclude<RecordFault["is"], "the only copy">) => saidOf(trust(is));
            assert.match(said("not authentic"), /west: .*ConfigMap shop\/trident-dr-record-shop .*MAC does not match/);
            assert.match(said("not authentic"), /pulumi config set --secret trident-dr:previousPairKey --stack west/);
            assert.match(said("without a MAC"), /pulumi config set trident-dr:acceptUnauthenticated true --stack west/);
            assert.match(
                said("without a key to check it"),
                /set --secret trident-dr:pairKey --stack west with the key/,
            );
            assert.match(
                saidOf(trustWith({ where, is: "the only copy", putInPlace: "kubectl get | kubectl create" })),
                /ConfigMap shop\/trident-dr-record-shop is the only copy of it\..*put it in its place at west's cluster: kubectl get \| kubectl create; then pulumi up --stack west/s,
            );
        });

        it("is written again under the present key before anything else is done", () => {
            const stale: RecordTrust = { faults: [], isStale: true, accepts: "nothing" };
            for (const told of [
                { own, active: "east", peer: active("east", 1) },
                { own: stoodDown(), active: "west" },
            ]) {
                assert.equal(stepsFor({ ...told, trust: stale })[0], "authenticate-record");
            }
            assert.ok(
                !stepsFor({ own, active: "east", trust: { ...stale, isStale: false } }).includes("authenticate-record"),
            );
        });

        it("is moved to its place before anything else is done with it, in whatever role", () => {
            const move = { from: "ConfigMap shop/trident-dr-record-shop", isCopied: false };
            const stale: RecordTrust = { faults: [], isStale: true, accepts: "nothing" };
            for (const told of [
                { own: standby("west", 1), active: "east", peer: active("east", 1) },
                { own: stoodDown(), active: "west" },
            ]) {
                assert.deepEqual(planFor({ ...told, move, trust: stale }).steps.slice(0, 2), [
                    { do: "move-record", ...move },
                    { do: "authenticate-record" },
                ]);
            }
        });

        it("is told at each run when nothing authenticates it, or need not", () => {
            const notes = (accepts: RecordTrust["accepts"]) =>
                notesFor({ own, active: "east", trust: { faults: [], isStale: false, accepts } }).join();
            assert.match(notes("everything"), /records and claims are not authenticated/);
            assert.match(notes("what has no MAC"), /acceptUnauthenticated is set/);
            assert.equal(notes("nothing"), "");
        });
    });

    describe("of an item whose resource is removed", () => {
        const removed = { unprotect: true, removes: true };

        it("refuses at the site that serves, with how to lift the protection and how to forget it", () => {
            const told = { ...removed, own: active("east", 1), active: "east", peer: standby("west", 1) };
            const { code, reason, remedies } = refusalFor(told);
            assert.equal(code, "still-protected");
            assert.match(reason, /^shop at east is active in epoch 1, and is not removed as long as it is protected/);
            assert.match(remedies[0]!, /pulumi up --stack east; pulumi up --stack west; repeat until/);
            assert.match(
                remedies.at(-1)!,
                /pulumi state delete --stack east .* pulumi stack --show-urns --stack east \| grep/,
            );
        });

        it("leaves at the standby site, as unprotect does", () => {
            const told = { own: standby("west", 1), active: "east", peer: active("east", 1) };
            assert.deepEqual(stepsFor({ ...told, ...removed }), stepsFor({ ...told, unprotect: true }));
        });

        it("leaves what was let go of alone, also while the array remembers its volumes as sources", () => {
            const observed = {
                ...replicated,
                remains: { sources: [{ uuid: "u", source: "svm_east:a", destination: "svm_west:a" }], claims: [] },
            };
            for (const peer of [standby("west", 2), unmanaged("west", 2, "standby")]) {
                const told = { ...removed, own: unmanaged("east", 2, "active"), active: "east", peer, observed };
                assert.deepEqual(stepsFor(told), ["allow-pods", "disown-objects"]);
            }
            const there = { own: unmanaged("west", 2, "standby"), active: "east", peer: active("east", 2) };
            assert.deepEqual(stepsFor({ ...there, ...removed, observed }), ["allow-pods", "disown-objects"]);
        });

        it("names the way to keep the mirror", () => {
            const told = { ...removed, own: active("east", 1), active: "east", peer: standby("west", 1) };
            assert.match(
                refusalFor({ ...told, path: "applications[0]" }).remedies.join("\n"),
                /leave the mirror as it is.*applications\[0\]\.unmanage' true --stack east; .*unmanage' true --stack west;/,
            );
        });

        it("waits for the other site as long as its array remembers volumes as sources", () => {
            const observed = {
                mirror: undefined,
                remains: { sources: [{ uuid: "u", source: "svm_east:a", destination: "svm_west:a" }], claims: [] },
            };
            const told = {
                ...removed,
                own: outOfMirror("east", 2, "active"),
                active: "east",
                peer: standby("west", 2),
                observed,
            };
            assert.equal(refusalCodeFor(told), "sources-left");
        });
    });
});
