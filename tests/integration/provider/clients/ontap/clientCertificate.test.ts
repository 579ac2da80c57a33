import assert from "node:assert/strict";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import os from "node:os";
import path from "node:path";
import { inspect } from "node:util";
import { type Simulator, startSimulator } from "../../../../../lab/ontap";
import { Authority, type CertificateFiles } from "../../../../../lab/ontap";
import { OntapClient, type OntapClientCertificate, OntapError } from "../../../../../provider/clients/ontap";

describe("ONTAP client: an account that a certificate proves", () => {
    let folder: string;
    let simulator: Simulator;
    let authority: Authority;

    const read = async ({ certFile, keyFile }: CertificateFiles): Promise<OntapClientCertificate> => ({
        clientCertificate: await readFile(certFile, "utf8"),
        clientKey: await readFile(keyFile, "utf8"),
    });
    const certificateOf = async (commonName: string, from = authority) =>
        read(await from.issue(folder, `client-${commonName}`, { commonName }));
    const clientWith = (credentials: OntapClientCertificate) =>
        new OntapClient({
            site: "east",
            endpoint: { url: simulator.url, certificate: simulator.certificate },
            credentials,
        });
    const failureOf = async (work: () => Promise<unknown>): Promise<OntapError> => {
        try {
            await work();
        } catch (thrown) {
            assert.ok(thrown instanceof OntapError, inspect(thrown));
            return thrown;
        }
        return assert.fail("expected a failure");
    };

    before(async () => {
        folder = await mkdtemp(path.join(os.tmpdir(), "client-certificate-"));
        authority = await Authority.create(folder, "accounts");
        simulator = await startSimulator({
            folder: path.join(folder, "cluster"),
            clusterName: "cluster_east",
            speed: 1000,
            clientCertificates: { ca: await readFile(authority.certFile, "utf8"), accounts: ["dr"] },
        });
    });
    after(async () => {
        await simulator.close();
        await rm(folder, { recursive: true, force: true });
    });

    it("reads and writes with it, over many connections", async () => {
        const client = clientWith(await certificateOf("dr"));
        assert.equal((await client.cluster()).name, "cluster_east");
        const all = await Promise.all(Array.from({ length: 20 }, () => client.svms.all()));
        assert.equal(all.length, 20);
        const made = await client.volumes.create({
            svm: simulator.svm,
            name: "made",
            aggregate: simulator.aggregate,
            size: 20 * 2 ** 20,
            type: "rw",
        });
        assert.equal(made.type, "rw");
    });

    it("does not share the connections of one account with another", async () => {
        await clientWith(await certificateOf("dr")).cluster();
        const stranger = await failureOf(async () => clientWith(await certificateOf("stranger")).cluster());
        assert.equal(stranger.kind, "credentials");
        assert.match(
            stranger.message,
            /^east: no access to ONTAP at .*: it does not accept the client certificate \(HTTP 401\); nothing was changed; set ontapClientCertificate.*authentication-method cert/,
        );
    });

    it("is refused with a certificate of a CA that the cluster does not know", async () => {
        const other = await Authority.create(folder, "others");
        const failure = await failureOf(async () => clientWith(await certificateOf("dr", other)).cluster());
        assert.equal(failure.kind, "credentials");
        assert.match(failure.message, /security certificate install -type client-ca/);
    });

    it("names what is wrong with the pair before anything is sent, and shows none of it", async () => {
        const dr = await certificateOf("dr");
        const other = await certificateOf("other");
        const cases: [OntapClientCertificate, RegExp][] = [
            [{ ...dr, clientKey: other.clientKey }, /the private key is not that of the client certificate/],
            [{ ...dr, clientKey: "canary" }, /the private key cannot be read: expected PEM without a passphrase/],
            [{ ...dr, clientCertificate: "canary" }, /the client certificate cannot be read: expected PEM/],
        ];
        for (const [pair, expected] of cases) {
            const failure = await failureOf(() => clientWith(pair).cluster());
            assert.equal(failure.kind, "credentials");
            assert.match(failure.message, expected);
            assert.doesNotMatch(inspect(failure, { showHidden: true, depth: 9 }), /canary|PRIVATE KEY-----\n/);
        }
    });

    it("shows its key nowhere", async () => {
        const dr = await certificateOf("dr");
        const client = clientWith(dr);
        const line = dr.clientKey.split("\n")[1] ?? "";
        assert.ok(line.length > 20);
        assert.ok(!inspect(client, { showHidden: true, depth: 9 }).includes(line));
        assert.ok(!JSON.stringify(client).includes(line));
    });
});
