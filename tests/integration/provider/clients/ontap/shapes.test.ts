import assert from "node:assert/strict";
import { lagSeconds, OntapError, whyUnhealthy } from "../../../../../provider/clients/ontap";
import { ScriptedCluster } from "./fixture";
import { shapes } from "./shapes";

describe("ONTAP client: answers as they are documented", () => {
    let cluster: ScriptedCluster;

    beforeEach(async () => {
        cluster = await ScriptedCluster.start();
        cluster.answer = ({ url, method }) => {
            const shape = (shapes as Record<string, unknown>)[url.split("?")[0] ?? ""];
            return method === "GET" && shape !== undefined ? { json: shape } : { status: 404 };
        };
    });
    afterEach(() => cluster.stop());

    it("reads the cluster, its nodes and its interfaces", async () => {
        const client = cluster.client();
        const { name, version } = await client.cluster();
        assert.deepEqual([name, version.generation, version.major, version.minor], ["clusA", 9, 16, 1]);
        const [node] = await client.nodes();
        assert.equal(node?.name, "clusA-01");
        assert.equal(typeof node.aheadSeconds, "number");
        const [lif] = await client.interclusterInterfaces();
        assert.deepEqual([lif?.ip?.address, lif?.location?.node?.name], ["10.1.0.1", "clusA-01"]);
    });

    it("reads peers of both kinds, with all that an offer and a peering within one cluster leave out", async () => {
        const client = cluster.client();
        const [peer, offer] = await client.clusterPeers.all();
        assert.deepEqual(peer?.remote.ip_addresses, ["10.2.0.1", "10.2.0.2"]);
        assert.deepEqual(
            [offer?.remote.name, offer?.remote.ip_addresses, offer?.authentication?.state],
            [undefined, [], "pending"],
        );
        const [between, within] = await client.svmPeers.all();
        assert.deepEqual(
            [between?.peer.cluster?.name, within?.peer.cluster, within?.applications],
            ["clusB", undefined, []],
        );
        assert.equal((await client.svms.byName("svm_copy"))?.subtype, "dp_destination");
    });

    it("reads volumes and snapshots, with all that a destination and a manual snapshot leave out", async () => {
        const client = cluster.client();
        const [source] = await client.volumes.ofSvm("svm_src");
        const [destination] = await client.volumes.ofSvm("svm_dst");
        assert.deepEqual([source?.nas?.path, source?.space?.size], ["/vol1", 1099511627776]);
        assert.deepEqual([destination?.type, destination?.nas, destination?.space], ["dp", undefined, undefined]);
        const [made, manual] = await client.snapshots.ofVolume("v-1");
        assert.deepEqual([made?.owners, manual?.owners, manual?.version_uuid], [["snapmirror"], [], undefined]);
    });

    it("reads relationships in every state, and the innermost reason of an unhealthy one", async () => {
        const client = cluster.client();
        const [idle, fresh, broken] = await client.relationships.ofDestinationSvm("svm_dst");
        assert.ok(idle && fresh && broken);
        assert.equal(lagSeconds(idle), 8 * 3600 + 35 * 60 + 42);
        assert.deepEqual([lagSeconds(fresh), fresh.transfer, whyUnhealthy(fresh)], [undefined, undefined, ""]);
        assert.equal(whyUnhealthy(broken), "Transfer aborted; Transfer failed.");
        const [known] = await client.relationships.knownDestinations("svm_src");
        assert.equal(known?.destination.path, "svm_dst:vol1_dr");
        const [failed, running] = await client.relationships.transfers("r-1");
        assert.deepEqual([failed?.error_info?.code, running?.error_info], ["6620046", undefined]);
    });

    it("reads a job's failure in the old form and in the new one", async () => {
        for (const uuid of ["j-old", "j-new"]) {
            const { answer } = cluster;
            cluster.answer = (seen, index) =>
                seen.method === "PATCH" ? { status: 202, json: { job: { uuid } } } : answer(seen, index);
            const failure = await cluster
                .client()
                .relationships.setState("r-1", "broken_off")
                .then(
                    () => assert.fail("expected a failure"),
                    (thrown: unknown) => thrown,
                );
            assert.ok(failure instanceof OntapError);
            assert.deepEqual([failure.kind, failure.code], ["job", "13303808"]);
            assert.match(failure.message, /Failed to break\. Reason: busy\.; the mirror was not broken/);
        }
    });
});
