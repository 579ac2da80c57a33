import assert from "node:assert/strict";
import { inspect } from "node:util";
import * as pulumi from "@pulumi/pulumi";
import { Credentials } from "../../../../provider/process/credentials";
import { holdsUnknown, unknownValue } from "../../../../provider/support/unknown";

const config = (values: Record<string, string>) => ({ config: { get: (key: string) => values[key] } });

describe("credentials", () => {
    const full = {
        "trident-dr:ontapUsername": "product",
        "trident-dr:ontapPassword": "canary-password",
        "trident-dr:peeringPassphrase": "canary-passphrase",
    };

    it("come from the stack's configuration, under full keys", () => {
        const credentials = new Credentials(config(full), {});
        assert.deepEqual(credentials.ontap("east"), { username: "product", password: "canary-password" });
        assert.deepEqual(credentials.peeringPassphrase("east"), { ok: true, value: "canary-passphrase" });
        assert.deepEqual(credentials.missingForOntap("east"), []);
    });

    it("come from the namespace that a resource names, and from no other one", () => {
        const acme = { "acme-dr:ontapUsername": "acme", "acme-dr:ontapPassword": "canary-acme" };
        const credentials = new Credentials(config({ ...full, ...acme }), {}).in("acme-dr");
        assert.deepEqual(credentials.ontap("east"), { username: "acme", password: "canary-acme" });
        assert.deepEqual(credentials.peeringPassphrase("east"), {
            ok: false,
            failure:
                'east: acme-dr:peeringPassphrase is not set: run "pulumi config set --secret acme-dr:peeringPassphrase" ' +
                "in the stack of east, or set TRIDENT_DR_PEERING_PASSPHRASE, with the same value at both sites",
        });
        assert.throws(
            () => new Credentials(config({ "acme-dr:pairKey": "short" }), {}).in("acme-dr").seal("east"),
            /east: acme-dr:pairKey: expected at least 32 characters, found 5/,
        );
        const newer = { TRIDENT_DR_ONTAP_PASSWORD: "newer" };
        assert.deepEqual(new Credentials(config(acme), newer).in("acme-dr").ontap("east"), {
            username: "acme",
            password: "newer",
        });
    });

    it("come from the project's own namespace where none is named, and there is none of trident-dr", () => {
        // Pulumi completes a key without a namespace by the project's.
        const acme = { ontapUsername: "acme", ontapPassword: "canary-acme" };
        assert.deepEqual(new Credentials(config(acme), {}).ontap("east"), {
            username: "acme",
            password: "canary-acme",
        });
        assert.equal(
            (new Credentials(config({ ...acme, ...full }), {}).ontap("east") as { username: string }).username,
            "product",
        );
    });

    it("are overridden by the environment", () => {
        const credentials = new Credentials(config(full), { TRIDENT_DR_ONTAP_PASSWORD: "newer" });
        assert.deepEqual(credentials.ontap("east"), { username: "product", password: "newer" });
    });

    it("are a client certificate where one is set, and both of its halves are needed", () => {
        const pair = { "trident-dr:ontapClientCertificate": "canary-cert", "trident-dr:ontapClientKey": "canary-key" };
        const certificate = { clientCertificate: "canary-cert", clientKey: "canary-key" };
        assert.deepEqual(new Credentials(config(pair), {}).ontap("east"), certificate);
        assert.deepEqual(new Credentials(config({ ...full, ...pair }), {}).ontap("east"), certificate);
        const environment = {
            TRIDENT_DR_ONTAP_CLIENT_CERTIFICATE: "canary-cert",
            TRIDENT_DR_ONTAP_CLIENT_KEY: "canary-key",
        };
        assert.deepEqual(new Credentials(config(full), environment).ontap("east"), certificate);
        const half = new Credentials(config({ ...full, "trident-dr:ontapClientKey": "canary-key" }), {});
        assert.throws(
            () => half.ontap("east"),
            (error: Error) =>
                /trident-dr:ontapClientCertificate is not set.*TRIDENT_DR_ONTAP_CLIENT_CERTIFICATE/.test(
                    error.message,
                ) && !/canary/.test(error.message),
        );
    });

    it("name what is missing, with the command that sets it", () => {
        const credentials = new Credentials(config({}), {});
        assert.throws(
            () => credentials.ontap("east"),
            /east: trident-dr:ontapUsername is not set: run "pulumi config set --secret trident-dr:ontapUsername".*; east: trident-dr:ontapPassword is not set/,
        );
        const passphrase = credentials.peeringPassphrase("east");
        assert.ok(
            !passphrase.ok && /peeringPassphrase is not set.*the same value at both sites/.test(passphrase.failure),
        );
    });

    it("refuse a passphrase that ONTAP would refuse, without showing it", () => {
        const short = new Credentials(config({ "trident-dr:peeringPassphrase": "abc" }), {}).peeringPassphrase("east");
        assert.deepEqual(short, {
            ok: false,
            failure: "east: trident-dr:peeringPassphrase: expected at least 8 characters, found 3",
        });
    });

    it("give a pair its key, and the one before it", () => {
        const [first, second] = ["canary-key-of-the-pair, 32 long..", "canary-key-of-the-pair, another.."];
        const seal = (values: Record<string, string>) => new Credentials(config(values), {}).seal("east");
        assert.equal(seal({}).hasKey, false);
        const record = seal({ "trident-dr:pairKey": first }).on("record", { epoch: 1 });
        const rotated = seal({ "trident-dr:pairKey": second, "trident-dr:previousPairKey": first });
        assert.equal(rotated.verdict("record", record), "previous");
        assert.equal(rotated.acceptsMissing, false);
        const accepts = { "trident-dr:pairKey": first, "trident-dr:acceptUnauthenticated": "true" };
        assert.equal(seal(accepts).acceptsMissing, true);
        const environment = { TRIDENT_DR_PAIR_KEY: second };
        const byEnvironment = new Credentials(config({ "trident-dr:pairKey": first }), environment).seal("east");
        assert.equal(byEnvironment.verdict("record", record), "wrong");
    });

    it("refuse a key of the pair that can be guessed, or only the one before, without showing it", () => {
        const seal = (values: Record<string, string>) => () => new Credentials(config(values), {}).seal("east");
        assert.throws(seal({ "trident-dr:pairKey": "canary" }), {
            message: "east: trident-dr:pairKey: expected at least 32 characters, found 6",
        });
        assert.throws(
            seal({ "trident-dr:previousPairKey": "canary-key-of-the-pair, 32 long.." }),
            /east: trident-dr:pairKey is not set/,
        );
    });

    it("complete the way to a cluster by the kubeconfig that is configured, and only where it is asked for", () => {
        const contents = "users: [canary]";
        const credentials = new Credentials(config({ "trident-dr:kubeconfig": contents }), {});
        const reference = { context: "east", fromConfig: true };
        assert.deepEqual(credentials.cluster("east", reference), { ...reference, contents });
        assert.deepEqual(credentials.cluster("east", { context: "east" }), { context: "east" });
        assert.throws(() => new Credentials(config({}), {}).in("acme-dr").cluster("east", reference), {
            message:
                'east: acme-dr:kubeconfig is not set: run "pulumi config set --secret acme-dr:kubeconfig" in the stack ' +
                "of east, with the contents of a kubeconfig on standard input",
        });
        assert.doesNotMatch(inspect(credentials, { showHidden: true, depth: 9 }), /canary/);
    });

    it("are looked up in a Secret only where nothing of an account is set", async () => {
        const inSecret = () => Promise.resolve({ username: "kept", password: "canary-kept" });
        const nothing = new Credentials(config({}), {});
        const lookup = nothing.ontap("east", inSecret);
        assert.ok(typeof lookup === "function");
        assert.deepEqual(await lookup(), { username: "kept", password: "canary-kept" });
        assert.deepEqual(nothing.missingForOntap("east", true), []);
        assert.deepEqual(new Credentials(config(full), {}).ontap("east", inSecret), {
            username: "product",
            password: "canary-password",
        });
        // Half an account is a mistake, not a reason to take another one.
        const half = new Credentials(config({}), { TRIDENT_DR_ONTAP_USERNAME: "product" });
        assert.throws(() => half.ontap("east", inSecret), /ontapPassword is not set/);
        assert.equal(half.missingForOntap("east", true).length, 1);
    });

    it("cannot be seen", () => {
        const credentials = new Credentials(config(full), {});
        assert.doesNotMatch(
            inspect(credentials, { showHidden: true, depth: 9 }) + JSON.stringify(credentials),
            /canary/,
        );
    });
});

describe("values that are not known yet", () => {
    it("are what Pulumi's SDK takes for them", () => {
        assert.equal(unknownValue, (pulumi.runtime as unknown as { unknownValue: string }).unknownValue);
    });

    it("are found wherever they are", () => {
        assert.equal(holdsUnknown({ a: [{ b: unknownValue }] }), true);
        assert.equal(holdsUnknown({ a: [{ b: "x" }], c: null }), false);
    });
});
