import assert from "node:assert/strict";
import { OntapError } from "../../../../../provider/clients/ontap";
import { clusterAnswer, ScriptedCluster } from "./fixture";

describe("ONTAP client: an account that is looked up", () => {
    let cluster: ScriptedCluster;

    beforeEach(async () => {
        cluster = await ScriptedCluster.start();
        cluster.answer = () => ({ json: clusterAnswer });
    });
    afterEach(() => cluster.stop());

    const basic = (text: string) => `Basic ${Buffer.from(text).toString("base64")}`;

    it("is looked up with the first call, and not before", async () => {
        let lookups = 0;
        const client = cluster.client({
            credentials: () => {
                lookups++;
                return Promise.resolve({ username: "kept", password: "canary-kept" });
            },
        });
        assert.equal(lookups, 0);
        await client.cluster();
        await client.cluster();
        assert.equal(lookups, 1);
        assert.deepEqual(
            cluster.seen.map(({ authorization }) => authorization),
            [basic("kept:canary-kept"), basic("kept:canary-kept")],
        );
    });

    it("is a failure of the array where it cannot be found: nothing is sent, and the next call looks again", async () => {
        let isThere = false;
        const credentials = () =>
            isThere
                ? Promise.resolve({ username: "kept", password: "canary-kept" })
                : Promise.reject(new Error("east: Secret trident/dr-account does not exist"));
        const client = cluster.client({ credentials });
        await assert.rejects(client.cluster(), (error) => {
            assert.ok(error instanceof OntapError);
            assert.equal(error.kind, "credentials");
            assert.match(
                error.message,
                /no access to ONTAP at .*: east: Secret trident\/dr-account does not exist; .*ontap\.accountSecret/,
            );
            return true;
        });
        assert.deepEqual(cluster.seen, []);
        isThere = true;
        await client.cluster();
    });

    it("is hidden in the array's own words", async () => {
        cluster.answer = () => ({ status: 400, json: { error: { code: "4", message: "bad canary-kept in it" } } });
        const client = cluster.client({
            credentials: () => Promise.resolve({ username: "kept", password: "canary-kept" }),
        });
        await assert.rejects(client.svms.all(), (error: Error) => /bad \[secret\] in it/.test(error.message));
    });
});
