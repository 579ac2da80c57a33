import assert from "node:assert/strict";
import { Cluster } from "../../../../../provider/clients/kubernetes/cluster";
import { kinds } from "../../../../../provider/clients/kubernetes/kinds";
import { type CountingServer, countingServer } from "../countingServer";

describe("the requests to an API server", () => {
    const name = { namespace: "shop", name: "one" };
    let server: CountingServer;
    before(async () => {
        server = await countingServer(() => ({ status: 200, body: { metadata: { name: "one" } } }));
    });
    after(() => server.close());

    it("are one for each object, over one connection, whichever part of a run makes them", async () => {
        for (let part = 0; part < 3; part++) {
            const cluster = Cluster.connect("east", { kubeconfig: server.kubeconfig });
            await cluster.get(kinds.application, name);
            await cluster.patch(kinds.application, name, { spec: {} });
        }
        const object = "/apis/protect.trident.netapp.io/v1/namespaces/shop/applications/one";
        const pair = [`GET ${object}`, `PATCH ${object}?fieldManager=pulumi-trident-dr`];
        assert.deepEqual(server.asked, [...pair, ...pair, ...pair]);
        assert.equal(server.handshakes, 1);
    });
});
