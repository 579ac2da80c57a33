import assert from "node:assert/strict";
import { OntapError } from "../../../../../provider/clients/ontap";
import type { OntapCredentials } from "../../../../../provider/clients/ontap/endpoint";
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

    describe("that the array refuses", () => {
        const refusal = { status: 401, json: { error: { code: "6691623", message: "User is not authorized." } } };
        const old = { username: "kept", password: "canary-old" };
        const rotated = { username: "kept", password: "canary-rotated" };
        let lookups: (OntapCredentials | undefined)[];

        beforeEach(() => {
            lookups = [];
            cluster.answer = ({ authorization }) =>
                authorization === basic("kept:canary-rotated") ? { json: clusterAnswer } : refusal;
        });

        /** An account that was rotated after it was first looked up. */
        const clientOf = (now: () => Promise<OntapCredentials>) =>
            cluster.client({
                credentials: (refused) => {
                    lookups.push(refused);
                    return refused === undefined ? Promise.resolve(old) : now();
                },
            });
        const refused = (error: unknown) => {
            assert.ok(error instanceof OntapError);
            assert.equal(error.kind, "credentials");
            assert.match(
                error.message,
                /refuses the user name or password \(HTTP 401, code 6691623\).*ontap\.accountSecret/,
            );
            return true;
        };

        it("is looked up once more, and the call is made again with what is found", async () => {
            const calls: string[] = [];
            const client = cluster.client({
                credentials: (refused) => Promise.resolve(refused === undefined ? old : rotated),
                onCall: (call) => calls.push(call),
            });
            await client.clusterPeers.remove("u1").catch(() => undefined);
            await client.cluster();
            assert.deepEqual(
                cluster.seen.map(({ method, authorization }) => [method, authorization]),
                [
                    ["DELETE", basic("kept:canary-old")],
                    ["DELETE", basic("kept:canary-rotated")],
                    ["GET", basic("kept:canary-rotated")],
                ],
            );
            assert.deepEqual(calls, ["DELETE /cluster/peers/u1", "GET /cluster"]);
        });

        it("fails as before where that is refused, too", async () => {
            cluster.answer = () => refusal;
            await assert.rejects(clientOf(() => Promise.resolve(rotated)).cluster(), refused);
            assert.deepEqual(lookups, [undefined, old]);
            assert.equal(cluster.seen.length, 2);
        });

        it("is not sent again where the Secret has the same, or cannot be read", async () => {
            await assert.rejects(clientOf(() => Promise.resolve({ ...old })).cluster(), refused);
            await assert.rejects(clientOf(() => Promise.reject(new Error("gone"))).cluster(), refused);
            assert.deepEqual(lookups, [undefined, old, undefined, old]);
            assert.equal(cluster.seen.length, 2);
        });

        it("is not looked up again after any other failure", async () => {
            cluster.answer = () => ({ status: 403, json: { error: { code: "6", message: "not authorized" } } });
            await assert.rejects(clientOf(() => Promise.resolve(rotated)).cluster());
            assert.deepEqual(lookups, [undefined]);
        });

        it("is hidden after it was rotated, the old one and the new one", async () => {
            cluster.answer = (_, index) =>
                index === 0
                    ? refusal
                    : { status: 400, json: { error: { code: "4", message: "canary-old canary-rotated" } } };
            const client = clientOf(() => Promise.resolve(rotated));
            await assert.rejects(client.svms.all(), (error: Error) => /\[secret\] \[secret\]/.test(error.message));
        });
    });

    it("is hidden in the array's own words", async () => {
        cluster.answer = () => ({ status: 400, json: { error: { code: "4", message: "bad canary-kept in it" } } });
        const client = cluster.client({
            credentials: () => Promise.resolve({ username: "kept", password: "canary-kept" }),
        });
        await assert.rejects(client.svms.all(), (error: Error) => /bad \[secret\] in it/.test(error.message));
    });
});
