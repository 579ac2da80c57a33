import assert from "node:assert/strict";
import type { Properties } from "../../../../provider/handlers/results";
import { Client } from "../../lab/ontap/twoClusters";
import { messageOf, providerText, Site } from "./site";

describe("OntapPeering within one cluster", function () {
    this.timeout(60_000);
    let east: Site;
    let west: Site;

    beforeEach(async () => {
        [east, west] = await Promise.all([Site.start("east"), Site.start("west")]);
        await new Client(east.ontap).done("post", "/svm/svms", { name: "svm_west" });
    });
    afterEach(() => Promise.all([east.stop(), west.stop()]));

    /** Both sites' arguments where both SVMs are in the east's cluster. */
    const atEast = () => east.inputs(west, { peer: { svm: "svm_west", interclusterAddresses: [] } });
    const atWest = () => ({
        ...atEast(),
        site: "west",
        peerSite: "east",
        svm: "svm_west",
        peer: { svm: "svm_east", interclusterAddresses: [] },
    });

    it("peers the SVMs alone, whichever site comes first, and takes the other direction for it", async () => {
        const first = await east.up(atEast());
        assert.deepEqual([first.peered, first.next, first.clusterPeerState], [true, "", "none needed"]);
        const { outs } = await east.handlers().create(atWest());
        assert.deepEqual([outs.peered, outs.made], [true, { clusterPeer: false, svmPeer: false }]);
        assert.deepEqual(await east.writes(), ["POST /svm/peers"]);
        const [record] = await east.admin.svmPeers.all();
        assert.deepEqual(record?.applications, ["snapmirror"]);
        assert.deepEqual(await east.admin.clusterPeers.all(), []);
        assert.equal(await east.preview(atEast()), false);
    });

    it("is established by both sites at the same moment", async () => {
        const outputs = await Promise.all([east.handlers().create(atEast()), east.handlers().create(atWest())]);
        assert.deepEqual(
            outputs.map(({ outs }) => outs.peered),
            [true, true],
        );
        assert.equal((await east.admin.svmPeers.all()).length, 2);
    });

    it("takes both directions away, and only what it made", async () => {
        await east.up(atEast());
        const { id, outs } = await east.handlers().create(atWest());
        await east.handlers().delete(id, outs);
        assert.equal((await east.admin.svmPeers.all()).length, 2);
        await east.handlers().delete(east.state!.id, east.state!.outputs);
        assert.deepEqual(await east.admin.svmPeers.all(), []);
    });
});

describe("OntapPeering, when the world changes under it", function () {
    this.timeout(60_000);
    let east: Site;
    let west: Site;

    beforeEach(async () => {
        [east, west] = await Promise.all([Site.start("east"), Site.start("west")]);
    });
    afterEach(() => Promise.all([east.stop(), west.stop()]));

    it("goes on at a new address with a new password where the last up was cut off", async () => {
        await east.up(east.inputs(west));
        const inputs = west.inputs(east);
        // Its half of the cluster peering is made; then the array is gone from where it was.
        west.ontap.faults.add({ kind: "drop", method: "POST", path: "/svm/peers" });
        const cut = west.handlers({}, { timeouts: { request: 300 } }).create(inputs);
        const failure = (await cut.then(
            () => assert.fail("expected a failure"),
            (thrown: unknown) => thrown,
        )) as Error & { id: string; properties: Properties };
        assert.match(failure.message, /^west: POST \/svm\/peers .* whether it was done is not known; run it again/);
        await west.moveArray("canary-newer");
        west.state = { id: failure.id, inputs, outputs: failure.properties };

        const moved = west.inputs(east);
        assert.notDeepEqual(moved.endpoint, inputs.endpoint);
        assert.match(
            await messageOf(west.up(moved)),
            /^west: ONTAP at https.* refuses the user name or password .*ontapPassword/,
        );
        const outputs = await west.up(moved, west.handlers({ ontapPassword: "canary-newer" }));
        assert.deepEqual([outputs.peered, outputs.next, outputs.__provider], [true, "", providerText]);
        assert.equal((await west.admin.clusterPeers.all()).length, 1);
        assert.doesNotMatch(west.printed.join("\n") + failure.message, /canary/);
    });

    it("names a clock that is wrong, with the remedy, and goes on", async () => {
        east.ontap.faults.add({ kind: "clockSkew", milliseconds: 10 * 60_000 });
        await east.preview(east.inputs(west));
        const note = east.printed.find((line) => line.includes("the clock of"));
        assert.match(
            note ?? "",
            /^ontap peering east: note: the clock of cluster-east-01 is 10 min ahead of this machine's/,
        );
    });

    it("needs no right to read the nodes", async () => {
        east.ontap.faults.add({ kind: "narrowRole", path: "/cluster/nodes*", user: "product" });
        assert.equal((await east.up(east.inputs(west))).clusterPeerState, "pending");
    });
});
