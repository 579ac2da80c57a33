import assert from "node:assert/strict";
import { accountLookup } from "../../../../provider/process/accountSecret";

const secret = { namespace: "trident", name: "dr-account" };

/** A cluster with this Secret, or none, and how often it was read. */
function clusterWith(data: Record<string, string> | undefined) {
    const encoded = Object.entries(data ?? {}).map(([key, text]) => [key, Buffer.from(text).toString("base64")]);
    const cluster = {
        site: "east",
        reads: 0,
        readsAnew: 0,
        data: data && (Object.fromEntries(encoded) as Record<string, string>),
        get() {
            cluster.reads++;
            const found = { apiVersion: "v1", kind: "Secret", metadata: { name: secret.name }, data: cluster.data };
            return Promise.resolve(cluster.data === undefined ? undefined : found);
        },
        getAnew() {
            cluster.readsAnew++;
            return cluster.get();
        },
    };
    return cluster;
}

describe("the account in a Secret", () => {
    it("is a user name with a password, or a client certificate with its key", async () => {
        const password = { username: "dr", password: "canary-password" };
        assert.deepEqual(await accountLookup(secret, clusterWith(password))!(), password);
        const certificate = { "tls.crt": "canary-certificate", "tls.key": "canary-key" };
        assert.deepEqual(await accountLookup(secret, clusterWith(certificate))!(), {
            clientCertificate: "canary-certificate",
            clientKey: "canary-key",
        });
    });

    it("is read once for each cluster, and again after a failure", async () => {
        const cluster = clusterWith(undefined);
        await assert.rejects(accountLookup(secret, cluster)!(), {
            message: "east: Secret trident/dr-account, with the account of this program at ONTAP, does not exist",
        });
        cluster.data = { username: "ZHI=", password: "Y2FuYXJ5" };
        await accountLookup(secret, cluster)!();
        await accountLookup(secret, cluster)!();
        assert.equal(cluster.reads, 2);
    });

    it("is read anew once for all whom the array refuses it, and is then known", async () => {
        const cluster = clusterWith({ username: "dr", password: "canary-old" });
        const lookup = accountLookup(secret, cluster)!;
        const old = await lookup();
        cluster.data = { username: "ZHI=", password: Buffer.from("canary-new").toString("base64") };
        assert.equal(await lookup(), old);
        const [one, other] = await Promise.all([lookup(old), accountLookup(secret, cluster)!(old)]);
        assert.deepEqual(one, { username: "dr", password: "canary-new" });
        assert.equal(other, one);
        assert.equal(await lookup(), one);
        assert.equal(await lookup(old), one);
        assert.deepEqual([cluster.reads, cluster.readsAnew], [2, 1]);
    });

    for (const [data, found] of [
        [{ username: "dr", password: "" }, "the keys username, password"],
        [{ user: "dr", password: "canary" }, "the keys user, password"],
        [{ "tls.crt": "canary", username: "dr" }, "the keys tls.crt, username"],
        [{}, "no keys"],
    ] as const) {
        it(`is refused where the Secret has ${found}, and nothing of it is shown`, async () => {
            await assert.rejects(accountLookup(secret, clusterWith(data))!(), {
                message: `east: Secret trident/dr-account: expected the keys username and password, or tls.crt and tls.key, none of them empty; found ${found}`,
            });
        });
    }

    it("is nowhere to be looked up where no Secret is declared", () => {
        assert.equal(accountLookup(undefined, clusterWith({})), undefined);
    });
});
