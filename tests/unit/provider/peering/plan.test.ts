import assert from "node:assert/strict";
import type { ClusterPeer, SvmPeer } from "../../../../provider/clients/ontap";
import type { PeeringInputs } from "../../../../provider/peering/inputs";
import { render } from "../../../../provider/roles/messages/message";
import type { ObservedPeering, PeeringPlan } from "../../../../provider/peering/peeringPlan";
import { planPeering } from "../../../../provider/peering/plan";

const desired: PeeringInputs = {
    site: "east",
    peerSite: "west",
    endpoint: { url: "https://10.0.0.1" },
    svm: "svm_east",
    peer: { svm: "svm_west", cluster: "cluster-west", interclusterAddresses: ["127.0.0.2"] },
};

const bare: ObservedPeering = {
    cluster: { name: "cluster-east" },
    svms: [{ name: "svm_east", state: "running" }],
    interclusterInterfaces: [{ name: "ic1", ip: { address: "127.0.0.1" }, state: "up", enabled: true }],
    clusterPeers: [],
    svmPeers: [],
    nodes: [{ name: "n1", aheadSeconds: 0 }],
};

const clusterPeer = (state: string, more: Partial<ClusterPeer> = {}): ClusterPeer => ({
    uuid: "cp1",
    name: "cluster-west",
    remote: { name: "cluster-west", ip_addresses: ["127.0.0.2"] },
    status: { state },
    ...more,
});

const svmPeer = (state: string, more: Partial<SvmPeer> = {}): SvmPeer => ({
    uuid: "sp1",
    name: "svm_west",
    svm: { name: "svm_east" },
    peer: { svm: { name: "svm_west" }, cluster: { name: "cluster-west" } },
    state,
    applications: ["snapmirror"],
    ...more,
});

function accepted(plan: PeeringPlan): Extract<PeeringPlan, { refusal?: undefined }> {
    if (plan.refusal !== undefined) {
        assert.fail(render(plan.refusal));
    }
    return plan;
}

const calls = (observed: Partial<ObservedPeering>, more: Partial<PeeringInputs> = {}) => {
    const plan = accepted(planPeering({ ...bare, ...observed }, { ...desired, ...more }));
    return {
        now: plan.steps.map(({ call }) => call),
        later: plan.later.map(({ call }) => call),
        next: render(plan.next),
    };
};

describe("a peering that the storage team manages", () => {
    const existing = { existing: true } as const;
    const planned = (svmPeers: SvmPeer[], more: Partial<PeeringInputs> = {}) =>
        planPeering({ ...bare, svms: [], interclusterInterfaces: [], svmPeers }, { ...desired, ...existing, ...more });
    const told = (svmPeers: SvmPeer[], more: Partial<PeeringInputs> = {}) =>
        render(planned(svmPeers, more).refusal ?? assert.fail("expected a refusal"));

    it("is used when it is peered for SnapMirror, and nothing of it is changed", () => {
        for (const more of [{}, { peer: { svm: "svm_west", interclusterAddresses: [] } }]) {
            const { steps, later, link, next } = accepted(planned([svmPeer("peered")], more));
            assert.deepEqual([steps, later, next], [[], [], ""]);
            assert.deepEqual(link, {
                clusterPeer: "cluster-west",
                clusterPeerState: "unknown",
                svmPeerState: "peered",
                peered: true,
            });
        }
    });

    it("may be noted in the other direction within one cluster", () => {
        const reverse = svmPeer("peered", { svm: { name: "svm_west" }, peer: { svm: { name: "svm_east" } } });
        assert.equal(accepted(planned([reverse])).link.peered, true);
    });

    it("is refused where it is missing, with what the storage team has to run", () => {
        const line =
            "east: volumes cannot be mirrored between svm_east and west's svm_west: there is no peering of them. With peering: existing this program changes nothing of it. For the storage team: at east's cluster: vserver peer create -vserver svm_east -peer-vserver svm_west -peer-cluster cluster-west -applications snapmirror; at west's cluster: vserver peer accept -vserver svm_west -peer-vserver svm_east; then pulumi up --stack east";
        assert.equal(told([]), line);
        assert.equal(told([svmPeer("peered", { peer: { svm: { name: "svm_other" } } })]), line);
    });

    const faults: [SvmPeer, RegExp][] = [
        [
            svmPeer("peered", { applications: ["flexcache"] }),
            /not for SnapMirror \(applications: flexcache\)\. .* vserver peer modify -vserver svm_east -peer-vserver svm_west -applications flexcache,snapmirror; then/,
        ],
        [
            svmPeer("peered", { peer: { svm: { name: "svm_west" }, cluster: { name: "cluster-north" } } }),
            /svm_west is peered as an SVM of the cluster cluster-north, expected cluster-west/,
        ],
        [
            svmPeer("peered", { name: "svm_west.1" }),
            /at east's cluster: vserver peer modify-local-name -vserver svm_east -peer-vserver svm_west\.1 -new-name svm_west/,
        ],
        [svmPeer("pending"), /at east's cluster: vserver peer accept -vserver svm_east -peer-vserver svm_west; then/],
        [svmPeer("initiated"), /at west's cluster: vserver peer accept -vserver svm_west -peer-vserver svm_east; then/],
        [svmPeer("suspended"), /at east's cluster: vserver peer resume -vserver svm_east -peer-vserver svm_west; then/],
        [svmPeer("rejected"), /vserver peer delete -vserver svm_east -peer-vserver svm_west; .* vserver peer create/],
        [svmPeer("initializing"), /vserver peer show -vserver svm_east -peer-vserver svm_west; then/],
    ];
    for (const [peer, problem] of faults) {
        it(`is refused as ${peer.state} with ${peer.applications.join()} under ${peer.name}`, () => {
            assert.match(told([peer]), problem);
        });
    }

    it("is that of the declared cluster among several", () => {
        const other = svmPeer("suspended", { peer: { svm: { name: "svm_west" }, cluster: { name: "cluster-north" } } });
        assert.equal(accepted(planned([other, svmPeer("peered")])).link.peered, true);
    });
});

const refusal = (observed: Partial<ObservedPeering>, more: Partial<PeeringInputs> = {}) =>
    render(planPeering({ ...bare, ...observed }, { ...desired, ...more }).refusal ?? assert.fail("expected a refusal"));

describe("the plan of a peering", () => {
    const postSvm = "POST /svm/peers (east svm_east, west svm_west)";

    it("begins with the cluster's half, and leaves the SVMs for when the peer has done its own", () => {
        assert.deepEqual(calls({}), {
            now: ["POST /cluster/peers (west, 127.0.0.2)"],
            later: [postSvm],
            next: "Run pulumi up --stack west: its half of the peering is missing",
        });
    });

    it("waits for the peer's half without a step", () => {
        const { now, later, next } = calls({ clusterPeers: [clusterPeer("pending")] });
        assert.deepEqual([now, later], [[], [postSvm]]);
        assert.match(next, /^Run pulumi up --stack west: /);
    });

    for (const state of ["available", "partial"]) {
        it(`peers the SVMs when the cluster peering is ${state}`, () => {
            assert.deepEqual(calls({ clusterPeers: [clusterPeer(state)] }), { now: [postSvm], later: [], next: "" });
        });
    }

    it("accepts what the peer asked for", () => {
        const observed = { clusterPeers: [clusterPeer("available")], svmPeers: [svmPeer("pending")] };
        assert.deepEqual(calls(observed).now, ["PATCH /svm/peers/sp1 (state peered, east svm_east, west svm_west)"]);
    });

    it("has the peer accept what was asked for here", () => {
        const observed = { clusterPeers: [clusterPeer("available")], svmPeers: [svmPeer("initiated")] };
        const { now, next } = calls(observed);
        assert.deepEqual(now, []);
        assert.equal(next, "Run pulumi up --stack west: it has to accept the SVM peering east svm_east, west svm_west");
    });

    it("adds SnapMirror to a peering that is for something else", () => {
        const observed = {
            clusterPeers: [clusterPeer("available")],
            svmPeers: [svmPeer("peered", { applications: ["flexcache"] })],
        };
        const plan = accepted(planPeering({ ...bare, ...observed }, desired));
        assert.deepEqual(
            plan.steps.map((step) => step.kind === "setSvmPeerApplications" && step.applications),
            [["flexcache", "snapmirror"]],
        );
        assert.equal(plan.link.peered, false);
    });

    it("asks nothing of a peer that is dark", () => {
        const dark = [clusterPeer("unavailable", { authentication: { state: "problem" } })];
        const peered = accepted(planPeering({ ...bare, clusterPeers: dark, svmPeers: [svmPeer("peered")] }, desired));
        assert.deepEqual([peered.steps, peered.later, peered.link.peered], [[], [], true]);
        for (const svmPeers of [[], [svmPeer("pending")]]) {
            const { now, later, next } = calls({ clusterPeers: dark, svmPeers });
            assert.deepEqual([now.length, later.length], [0, 1]);
            assert.match(
                next,
                /^west's ONTAP does not answer at 127\.0\.0\.2\. Once it does, run pulumi up --stack east again/,
            );
        }
    });

    it("knows the peer by its addresses when its name is not declared, whatever its local name", () => {
        const found = clusterPeer("available", {
            name: "Clus_1a2b",
            remote: { ip_addresses: ["127.0.0.9", "127.0.0.2"] },
        });
        const { now } = calls(
            { clusterPeers: [clusterPeer("available", { remote: { name: "else", ip_addresses: [] } }), found] },
            {
                peer: { svm: "svm_west", interclusterAddresses: ["127.0.0.2"] },
            },
        );
        assert.deepEqual(now, [postSvm]);
    });

    it("knows addresses of IPv6 in whatever notation", () => {
        const found = clusterPeer("available", { remote: { name: "west", ip_addresses: ["fd20::6"] } });
        const peer = { svm: "svm_west", interclusterAddresses: ["FD20:0:0::0006"] };
        assert.deepEqual(calls({ clusterPeers: [found] }, { peer }).now, [postSvm]);
        const own = [{ name: "ic1", ip: { address: "fd20::6" }, state: "up" as const, enabled: true }];
        const svms = [...bare.svms, { name: "svm_west", state: "running" as const }];
        assert.deepEqual(calls({ svms, interclusterInterfaces: own }, { peer }).now, [postSvm]);
    });

    it("peers the SVMs alone when both are in one cluster, and takes either direction for it", () => {
        const svms = [...bare.svms, { name: "svm_west", state: "running" }];
        const peer = { svm: "svm_west", interclusterAddresses: [] };
        assert.deepEqual(calls({ svms, interclusterInterfaces: [] }, { peer }).now, [postSvm]);
        const reverse = svmPeer("peered", {
            name: "svm_east",
            svm: { name: "svm_west" },
            peer: { svm: { name: "svm_east" } },
        });
        for (const one of [reverse, svmPeer("peered", { peer: { svm: { name: "svm_west" } } })]) {
            const plan = accepted(planPeering({ ...bare, svms, svmPeers: [one] }, { ...desired, peer }));
            assert.deepEqual([plan.steps, plan.link.peered, plan.link.clusterPeerState], [[], true, "none needed"]);
        }
        const unknown = { svm: "svm_gone", cluster: "cluster-east", interclusterAddresses: [] };
        assert.match(refusal({ svms }, { peer: unknown }), /svm_gone does not exist in the cluster cluster-east/);
    });

    describe("refuses, with the site's name and a remedy,", () => {
        it("an SVM that does not exist or does not run", () => {
            assert.match(
                refusal({ svms: [{ name: "a" }, { name: "b" }] }),
                /^east: the SVM svm_east does not exist .*\(a, b\)$/,
            );
            assert.match(
                refusal({ svms: [{ name: "svm_east", state: "stopped" }] }),
                /svm_east is stopped: start it .*, then run pulumi up --stack east$/,
            );
        });

        it("a cluster without an intercluster interface that is up", () => {
            assert.match(
                refusal({ interclusterInterfaces: [] }),
                /^east: .* has no intercluster interface: create one on each node/,
            );
            const down = [
                { name: "ic1", state: "down" },
                { name: "ic2", enabled: false },
            ];
            assert.match(
                refusal({ interclusterInterfaces: down }),
                /^east: no intercluster interface .* is up \(ic1, ic2\)/,
            );
        });

        it("a peer of which no address is declared", () => {
            assert.match(
                refusal({}, { peer: { svm: "svm_west", interclusterAddresses: [] } }),
                /^east: no intercluster address of west is declared/,
            );
        });

        it("a cluster that is not the declared one", () => {
            const elsewhere = clusterPeer("available", {
                remote: { name: "cluster-west", ip_addresses: ["127.0.0.7"] },
            });
            assert.match(
                refusal({ clusterPeers: [elsewhere] }),
                /cluster-west is peered at 127\.0\.0\.7, .*\(127\.0\.0\.2\)/,
            );
            const other = clusterPeer("available", { remote: { name: "cluster-north", ip_addresses: ["127.0.0.2"] } });
            assert.match(
                refusal({ clusterPeers: [other] }),
                /those of the cluster cluster-north, expected cluster-west/,
            );
        });

        it("a cluster that has the name of the own one", () => {
            const peer = { ...desired.peer, cluster: "cluster-east" };
            assert.match(
                refusal({}, { peer }),
                /^east: west's cluster has the same name as this one, cluster-east, .*cluster identity modify -name/,
            );
        });

        it("a name that two SVMs would share, and an alias", () => {
            const clusterPeers = [clusterPeer("available")];
            const svms = [...bare.svms, { name: "svm_west", state: "running" }];
            assert.match(
                refusal({ clusterPeers, svms }),
                /west's SVM has the same name as an SVM of this cluster, svm_west; rename one/,
            );
            const taken = svmPeer("peered", {
                peer: { svm: { name: "svm_north" }, cluster: { name: "cluster-north" } },
            });
            assert.match(
                refusal({ clusterPeers, svmPeers: [taken] }),
                /svm_west is already used by .* svm_north of cluster-north; rename/,
            );
            const alias = svmPeer("peered", { name: "svm_west_1" });
            assert.match(refusal({ clusterPeers, svmPeers: [alias] }), /under the alias svm_west_1.*modify-local-name/);
        });

        it("a peering that somebody rejected or suspended, or that is not authenticated", () => {
            const clusterPeers = [clusterPeer("available")];
            assert.match(
                refusal({ clusterPeers, svmPeers: [svmPeer("rejected")] }),
                /was rejected: delete it at both sites .*, then run pulumi up --stack east$/,
            );
            assert.match(
                refusal({ clusterPeers, svmPeers: [svmPeer("suspended")] }),
                /resume it \(vserver peer resume\), then run pulumi up --stack east$/,
            );
            const problem = clusterPeer("pending", { authentication: { state: "problem" } });
            assert.match(
                refusal({ clusterPeers: [problem] }),
                /not authenticated; .* different passphrases.* run pulumi up --stack east; pulumi up --stack west$/,
            );
        });
    });

    it("tells of clocks that differ and of nodes that have no part in it, with the remedy, and stops for neither", () => {
        const nodes = [
            { name: "n1", aheadSeconds: 420 },
            { name: "n2", aheadSeconds: -90 },
            { name: "n3", aheadSeconds: undefined },
        ];
        const interclusterInterfaces = bare.interclusterInterfaces.map((one) => ({
            ...one,
            location: { node: { name: "n1" } },
        }));
        const { notes: messages, steps } = accepted(planPeering({ ...bare, nodes, interclusterInterfaces }, desired));
        const notes = messages.map((note) => render(note));
        assert.equal(steps.length, 1);
        assert.match(
            notes[0] ?? "",
            /^the clock of n1 is 7 min ahead of this machine's: .*time-service ntp server create/,
        );
        assert.match(notes[1] ?? "", /^the clock of n2 is 90 s behind this machine's/);
        assert.match(notes[2] ?? "", /^the node n2 has no intercluster interface, .*network interface create/);
        assert.deepEqual([notes.length, /^the node n3/.test(notes[3] ?? "")], [4, true]);
    });

    it("tells of a link without encryption, and of one that not all nodes have", () => {
        const plain = clusterPeer("partial", { encryption: { state: "none" } });
        const { notes } = accepted(
            planPeering({ ...bare, clusterPeers: [plain], svmPeers: [svmPeer("peered")] }, desired),
        );
        assert.match(notes.map((note) => render(note)).join("\n"), /not encrypted.*\n.*some nodes cannot reach west/);
    });
});
