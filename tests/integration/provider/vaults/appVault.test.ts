import assert from "node:assert/strict";
import { createServer, type Server } from "node:http";
import type { AddressInfo, Socket } from "node:net";
import { holdPorts } from "../../../../lab/ports";
import type { Cluster } from "../../../../provider/clients/kubernetes/cluster";
import { kinds } from "../../../../provider/clients/kubernetes/kinds";
import type { KubernetesObject, Kind } from "../../../../provider/clients/kubernetes/objects";
import { VaultError } from "../../../../provider/clients/buckets/objectStore";
import { openVault, vaultAnswers } from "../../../../provider/vaults/appVault";

const reference = (key: string) => ({ valueFromSecret: { name: "vault-east-credentials", key } });
const s3Credentials = { accessKeyID: reference("accessKeyID"), secretAccessKey: reference("secretAccessKey") };

describe("a vault, as its AppVault declares it", () => {
    let server: Server;
    let status: number;
    let authorizations: string[];
    let urls: string[];

    before(async () => {
        server = createServer((message, response) => {
            authorizations.push(message.headers.authorization ?? "");
            urls.push(`${message.headers.host} ${message.url}`);
            response.writeHead(status, { "content-type": "application/xml" });
            response.end("<Error><Code>NoSuchKey</Code></Error>");
        });
        server.on("connect", (_, socket: Socket) => {
            socket.write("HTTP/1.1 200 Connection established\r\n\r\n");
            server.emit("connection", socket);
        });
        await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    });
    beforeEach(() => {
        status = 404;
        authorizations = [];
        urls = [];
    });
    after(async () => {
        const closed = new Promise((resolve) => server.close(resolve));
        server.closeAllConnections();
        await closed;
    });

    const endpoint = () => `127.0.0.1:${(server.address() as AddressInfo).port}`;
    const s3 = (change: object = {}) => ({
        providerConfig: { s3: { bucketName: "bucket", endpoint: endpoint(), secure: "false", ...change } },
        providerCredentials: s3Credentials,
    });
    const usual = { accessKeyID: "key", secretAccessKey: "canary" };
    function clusterWith(
        spec: object | undefined,
        data: Record<string, string> = usual,
        state = "Available",
        annotations: Record<string, string> = {},
    ) {
        const encoded = Object.entries(data).map(([key, value]) => [key, Buffer.from(value).toString("base64")]);
        const objects = new Map<Kind, object | undefined>([
            [kinds.appVault, spec && { metadata: { annotations }, spec, status: { state } }],
            [kinds.secret, { data: Object.fromEntries(encoded) }],
        ]);
        const get = (kind: Kind) => Promise.resolve(objects.get(kind) as KubernetesObject | undefined);
        return { site: "west", get } as unknown as Cluster;
    }
    const answers = (cluster: Cluster) => vaultAnswers(cluster, "trident-protect", "vault-east", 1_000);
    const failureOf = (spec: object, data?: Record<string, string>) =>
        openVault(clusterWith(spec, data), "trident-protect", "vault-east", 1_000).then(
            () => assert.fail("expected a failure"),
            (error: unknown) => {
                assert.ok(error instanceof VaultError, String(error));
                assert.doesNotMatch(error.message, /canary/);
                return error.message;
            },
        );

    it("is asked where its annotation says that the bucket is named, and anywhere else is no answer", async () => {
        const proxied = () => s3({ endpoint: "s3.example:9000", proxyURL: `http://${endpoint()}` });
        const askedWith = async (annotations: Record<string, string>) => {
            urls = [];
            const vault = await openVault(
                clusterWith(proxied(), usual, "Available", annotations),
                "trident-protect",
                "vault-east",
                1_000,
            );
            await vault.store!.get("key");
            return urls;
        };
        const name = "trident-dr.pulumi.com/bucket-addressing";
        assert.deepEqual(await askedWith({}), ["s3.example:9000 /bucket/key?x-id=GetObject"]);
        assert.deepEqual(await askedWith({ [name]: "path" }), ["s3.example:9000 /bucket/key?x-id=GetObject"]);
        assert.deepEqual(await askedWith({ [name]: "host" }), ["bucket.s3.example:9000 /key?x-id=GetObject"]);
        await assert.rejects(
            askedWith({ [name]: "virtual" }),
            /AppVault trident-protect\/vault-east: annotation trident-dr\.pulumi\.com\/bucket-addressing: expected one of auto, path, host, found virtual/,
        );
    });

    it("answers when its server does, even with a refusal", async () => {
        for (status of [404, 403]) {
            assert.equal(await answers(clusterWith(s3())), true);
        }
    });

    it("does not answer when its server is gone or only busy, whatever the status of the AppVault says", async () => {
        status = 503;
        assert.equal(await answers(clusterWith(s3())), false);
        const ports = await holdPorts(1);
        const dark = `127.0.0.1:${ports.next()}`;
        await ports.release();
        assert.equal(await answers(clusterWith(s3({ endpoint: dark }))), false);
    });

    it("does not answer where there is nothing to ask it with", async () => {
        assert.equal(await answers(clusterWith(undefined)), false);
        assert.equal(await answers(clusterWith(s3(), { ...usual, secretAccessKey: "" })), false);
    });

    it("is judged by its status where only the cluster's identity opens it", async () => {
        const { providerConfig } = s3({ useIAM: true });
        assert.equal(await answers(clusterWith({ providerConfig })), true);
        assert.equal(await answers(clusterWith({ providerConfig }, usual, "Error")), false);
        assert.deepEqual(authorizations, []);
    });

    it("is opened with the keys of its Secret, and never with those of this machine", async () => {
        const before = { ...process.env };
        Object.assign(process.env, {
            AWS_ACCESS_KEY_ID: "ambient",
            AWS_SECRET_ACCESS_KEY: "ambient",
            AWS_REGION: "eu-x-1",
        });
        try {
            await answers(clusterWith(s3()));
            assert.match(authorizations.join("\n"), /Credential=key\/\d+\/us-east-1\//);
            const { providerConfig } = s3();
            assert.match(
                await failureOf({ providerConfig }),
                /providerCredentials\.accessKeyID: expected .*, found none/,
            );
        } finally {
            process.env = before;
        }
    });

    it("is refused by key, expected and found, without a secret, when its AppVault is not as it should be", async () => {
        const gcp = {
            providerConfig: { gcp: { bucketName: "bucket", projectID: "dr" } },
            providerCredentials: { credentials: reference("credentials") },
        };
        const cases: [object, Record<string, string>, RegExp][] = [
            [{ providerConfig: {} }, usual, /spec\.providerConfig: expected one of s3, azure and gcp, found none/],
            [{}, usual, /AppVault trident-protect\/vault-east: spec\.providerConfig: expected/],
            [s3({ proxyURL: "user:canary@proxy" }), usual, /proxyURL: expected http:\/\/<host>:<port>, found/],
            [gcp, { credentials: "canary" }, /expected the key of a service account, as JSON, found something else/],
            [gcp, { credentials: '{"type":"external_account","canary":1}' }, /expected the key of a service account/],
        ];
        for (const [spec, data, expected] of cases) {
            assert.match(await failureOf(spec, data), expected);
        }
    });
});
