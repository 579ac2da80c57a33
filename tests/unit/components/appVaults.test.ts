import { strict as assert } from "node:assert";
import { setTimeout } from "node:timers/promises";
import * as k8s from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";
import { AppVaults } from "../../../components/appVaults";
import { SitePair } from "../../../components/sitePair";
import { publishedKey } from "../../../components/vaults/publishedKey";
import { type SiteVaultArgs, type VaultArgs, vaultForm, vaultProblems } from "../../../components/vaults/vault";
import { certificate } from "./configuration";
import { declare, promiseOf, type Surroundings } from "./harness";

const s3: VaultArgs = {
    type: "GenericS3",
    bucket: "bucket-east",
    endpoint: "s3.east.example:9000",
    credentials: { accessKeyID: "id", secretAccessKey: "canary" },
};
const other: VaultArgs = { ...s3, bucket: "bucket-west", endpoint: "s3.west.example:9000" };

/** Declares the vaults of both sites at east. */
function vaultsOf(east: SiteVaultArgs, surroundings: Surroundings = {}, west: SiteVaultArgs = other) {
    return declare((options) => {
        const pair = new SitePair("pair", { site: "east", peer: "west", active: "east" }, options);
        return new AppVaults("vaults", { pair, sites: { east, west } }, options);
    }, surroundings);
}

/** Without an engine, Pulumi writes the warnings of a program to the console. */
async function warnedOf(program: () => Promise<unknown>): Promise<string[]> {
    const warned: string[] = [];
    const original = console.warn;
    console.warn = (line: string) => void warned.push(line);
    try {
        await program();
    } finally {
        console.warn = original;
    }
    return warned.filter((line) => /verified|TLS/.test(line));
}

async function specOf(vault: VaultArgs): Promise<unknown> {
    return (await vaultsOf(vault)).find("vaults-east").inputs.spec;
}

const references = (...names: string[]) =>
    Object.fromEntries(names.map((name) => [name, { valueFromSecret: { name: "vault-east-credentials", key: name } }]));

/** Names in the order in which Pulumi's engine would be done with them. */
async function registeredIn(program: (options: pulumi.ComponentResourceOptions) => unknown): Promise<string[]> {
    const registered: string[] = [];
    const outputs = async (_type: string, name: string) => {
        // As long as a real one may take that looks at something.
        await (name === "vaults-objects" ? setTimeout(50) : undefined);
        registered.push(name);
        return {};
    };
    await declare(program, { outputs });
    return registered;
}

describe("the start of the Kubernetes provider", () => {
    it("comes after the look at the other site's vault, which takes a second where that site is dead", async () => {
        const registered = await registeredIn((options) => {
            const pair = new SitePair("pair", { site: "east", peer: "west", active: "east" }, options);
            new AppVaults("vaults", { pair, sites: { east: s3, west: other } }, options);
        });
        assert.deepEqual(
            registered.filter((name) => /^(vaults-objects|pair-kubernetes)$/.test(name)),
            ["vaults-objects", "pair-kubernetes"],
        );
    });

    it("does not wait for vaults for good that themselves come after something of the provider's", async () => {
        const registered = await registeredIn((options) => {
            const pair = new SitePair("pair", { site: "east", peer: "west", active: "east" }, options);
            const secret = new k8s.core.v1.Secret("their-key", {}, { ...options, provider: pair.kubernetes });
            new AppVaults("vaults", { pair, sites: { east: s3, west: other } }, { ...options, dependsOn: secret });
        });
        assert.deepEqual(
            registered.filter((name) => /^(vaults-objects|pair-kubernetes|their-key)$/.test(name)),
            ["pair-kubernetes", "their-key", "vaults-objects"],
        );
    });
});

describe("AppVaults", () => {
    for (const preview of [false, true]) {
        it(`declares both vaults and their Secrets at this site${preview ? ", in a preview" : ""}`, async () => {
            const { declared, answer } = await vaultsOf(s3, { preview });
            assert.deepEqual(
                declared.slice(2).map(({ type, name, parent, provider }) => [type, name, parent, provider]),
                [
                    ["trident-dr:index:AppVaults", "vaults", undefined, undefined],
                    ["pulumi-nodejs:dynamic/trident-dr:DeclaredObjects", "vaults-objects", "vaults", undefined],
                    ["kubernetes:core/v1:Secret", "vaults-east-credentials", "vaults", "pair-kubernetes"],
                    ["kubernetes:protect.trident.netapp.io/v1:AppVault", "vaults-east", "vaults", "pair-kubernetes"],
                    ["kubernetes:core/v1:Secret", "vaults-west-credentials", "vaults", "pair-kubernetes"],
                    ["kubernetes:protect.trident.netapp.io/v1:AppVault", "vaults-west", "vaults", "pair-kubernetes"],
                ],
            );
            assert.deepEqual(answer.names, { east: "vault-east", west: "vault-west" });
        });
    }

    it("leaves the waiting for a vault to the applications that need it", async () => {
        const { find } = await vaultsOf(s3);
        assert.deepEqual(find("vaults-east").inputs.metadata, {
            name: "vault-east",
            namespace: "trident-protect",
            annotations: { "pulumi.com/skipAwait": "true" },
        });
        assert.deepEqual(find("vaults-west").inputs.metadata, {
            name: "vault-west",
            namespace: "trident-protect",
            annotations: { "pulumi.com/skipAwait": "true" },
        });
        assert.deepEqual(find("vaults-east").dependsOn, ["vaults-east-credentials"]);
    });

    it("says at an AppVault where its bucket is named, where that is not the default", async () => {
        const annotationsWith = async (addressing: VaultArgs["addressing"]) => {
            const { find } = await vaultsOf({ ...s3, ...(addressing === undefined ? {} : { addressing }) });
            const { spec, metadata } = find("vaults-east").inputs as {
                spec: object;
                metadata: { annotations: object };
            };
            assert.deepEqual(spec, await specOf(s3));
            return metadata.annotations;
        };
        const unawaited = { "pulumi.com/skipAwait": "true" };
        assert.deepEqual(await annotationsWith("auto"), unawaited);
        for (const addressing of ["host", "path"] as const) {
            assert.deepEqual(await annotationsWith(addressing), {
                ...unawaited,
                "trident-dr.pulumi.com/bucket-addressing": addressing,
            });
        }
    });

    it("declares nothing before it is known that nothing of it is somebody else's", async () => {
        const { find } = await vaultsOf(s3);
        const { objects } = find("vaults-objects").inputs as { objects: Record<string, string>[] };
        assert.deepEqual(
            objects.map(({ kind, namespace, name }) => `${kind} ${namespace}/${name}`),
            ["east", "west"].flatMap((site) => [
                `Secret trident-protect/vault-${site}-credentials`,
                `AppVault trident-protect/vault-${site}`,
            ]),
        );
        for (const site of ["east", "west"]) {
            assert.deepEqual(find(`vaults-${site}-credentials`).dependsOn, ["vaults-objects"]);
        }
    });

    it("has the names that somebody gave the AppVaults before, and makes those of their Secrets of them", async () => {
        const { find, answer } = await vaultsOf({ ...s3, name: "shop-bucket" });
        assert.deepEqual(answer.names, { east: "shop-bucket", west: "vault-west" });
        const metadata = ["vaults-east", "vaults-east-credentials"].map(
            (name) => (find(name).inputs.metadata as { name: string }).name,
        );
        assert.deepEqual(metadata, ["shop-bucket", "shop-bucket-credentials"]);
        const { objects } = find("vaults-objects").inputs as { objects: { name: string }[] };
        assert.deepEqual(
            objects.slice(0, 2).map(({ name }) => name),
            ["shop-bucket-credentials", "shop-bucket"],
        );
    });

    it("refuses one name for both, which are in one cluster", async () => {
        await assert.rejects(
            async () => vaultsOf({ ...s3, name: "vault-west" }),
            /sites\.west\.vault\.name: expected another name than that of east's vault; found "vault-west"/,
        );
    });

    it("uses a vault that somebody else made, with the Secret to which it refers, and declares neither", async () => {
        const { declared, find, answer } = await vaultsOf({ existing: "archive", credentialsSecret: "archive-key" });
        assert.deepEqual(
            declared.map(({ name }) => name).filter((name) => name.startsWith("vaults-east")),
            [],
        );
        assert.deepEqual(answer.names, { east: "archive", west: "vault-west" });
        const { existing } = find("vaults-objects").inputs as {
            existing: { kind: string; name: string; key: string; expects: { at: string[]; values?: string[] }[] }[];
        };
        assert.deepEqual(
            existing.map(({ kind, name, key }) => [kind, name, key]),
            [
                ["AppVault", "archive", "east.vault.existing"],
                ["Secret", "archive-key", "east.vault.credentialsSecret"],
            ],
        );
        assert.deepEqual(existing[0]!.expects[0]!.values, ["archive-key"]);
    });

    it("lets the AppVault refer to a Secret that somebody else keeps, by the keys that it has", async () => {
        const { credentials: _, ...bare } = s3;
        const { declared, find } = await vaultsOf({
            ...bare,
            credentialsSecret: "from-vault",
            credentialsKeys: { accessKeyID: "AWS_ACCESS_KEY_ID" },
        });
        assert.ok(!declared.some(({ name }) => name === "vaults-east-credentials"));
        const { providerCredentials } = find("vaults-east").inputs.spec as { providerCredentials: unknown };
        assert.deepEqual(providerCredentials, {
            accessKeyID: { valueFromSecret: { name: "from-vault", key: "AWS_ACCESS_KEY_ID" } },
            secretAccessKey: { valueFromSecret: { name: "from-vault", key: "secretAccessKey" } },
        });
        assert.deepEqual(find("vaults-east").dependsOn, ["vaults-objects"]);
        const { existing, objects } = find("vaults-objects").inputs as {
            existing: { name: string; expects: { at: string[] }[] }[];
            objects: { name: string }[];
        };
        assert.deepEqual(
            existing.map(({ name, expects }) => [name, expects.map(({ at }) => at.join("."))]),
            [["from-vault", ["data.AWS_ACCESS_KEY_ID", "data.secretAccessKey"]]],
        );
        assert.deepEqual(
            objects.map(({ name }) => name),
            ["vault-east", "vault-west-credentials", "vault-west"],
        );
    });

    for (const [vault, problem] of [
        [
            { ...s3, credentialsSecret: "keys" },
            /sites\.east\.credentials: expected no credentials with credentialsSecret/,
        ],
        [
            { existing: "archive", bucket: "b" },
            /sites\.east\.bucket: expected no such key beside existing: what exists is used as it is; found bucket/,
        ],
        [
            { type: "AWS", bucket: "b", useIAM: true, credentialsSecret: "keys" },
            /sites\.east\.credentialsSecret: expected either it or useIAM; found both/,
        ],
        [
            { ...s3, credentials: undefined, credentialsSecret: "keys", credentialsKeys: { accesKeyID: "x" } },
            /sites\.east\.credentialsKeys\.accesKeyID: expected only accessKeyID, secretAccessKey; found accesKeyID \(did you mean "accessKeyID"\?\)/,
        ],
        [
            { ...s3, credentialsKeys: { accessKeyID: "x" } },
            /sites\.east\.credentialsKeys: expected the credentialsSecret that has them; found none/,
        ],
        [{ existing: "vault-west" }, /sites\.west\.vault\.name: expected another name than that of east's vault/],
    ] as const) {
        it(`refuses ${JSON.stringify(vault)}`, async () => {
            await assert.rejects(async () => vaultsOf(vault as unknown as SiteVaultArgs), problem);
        });
    }

    it("keeps credentials in a Secret, and marks them", async () => {
        const { find } = await vaultsOf(s3);
        const secret = find("vaults-east-credentials");
        assert.deepEqual(secret.inputs.metadata, { name: "vault-east-credentials", namespace: "trident-protect" });
        assert.deepEqual(secret.inputs.stringData, { accessKeyID: "id", secretAccessKey: "canary" });
        assert.deepEqual(secret.secrets, ["stringData"]);
        assert.doesNotMatch(JSON.stringify(find("vaults-east").inputs), /canary/);
    });

    it("says in the definition's words what is said of an S3 server", async () => {
        assert.deepEqual(
            await specOf({
                ...s3,
                type: "OntapS3",
                prefix: "dr",
                secure: true,
                skipCertValidation: false,
                rootCA: certificate,
                proxyURL: "http://proxy:3128",
                dataMoverPasswordSecretRef: "mover",
            }),
            {
                providerType: "OntapS3",
                providerConfig: {
                    s3: {
                        bucketName: "bucket-east",
                        endpoint: "s3.east.example:9000",
                        secure: "true",
                        skipCertValidation: "false",
                        rootCA: certificate,
                        proxyURL: "http://proxy:3128",
                    },
                },
                providerCredentials: references("accessKeyID", "secretAccessKey"),
                prefix: "dr",
                dataMoverPasswordSecretRef: "mover",
            },
        );
    });

    it("warns of a server that is not verified, at either site", async () => {
        const secure = { ...s3, secure: true, skipCertValidation: false };
        assert.deepEqual(await warnedOf(() => vaultsOf(secure)), []);
        const warned = await warnedOf(() =>
            vaultsOf({ ...s3, secure: false }, {}, { ...other, skipCertValidation: true }),
        );
        assert.equal(warned.length, 2);
        assert.match(warned[0]!, /the vault of east is reached without TLS \(secure: false\)/);
        assert.match(warned[1]!, /the certificate of the vault of west is not verified \(skipCertValidation\)/);
    });

    it("leaves out what is not said", async () => {
        assert.deepEqual(await specOf({ ...s3, type: "StorageGridS3" }), {
            providerType: "StorageGridS3",
            providerConfig: { s3: { bucketName: "bucket-east", endpoint: "s3.east.example:9000" } },
            providerCredentials: references("accessKeyID", "secretAccessKey"),
        });
    });

    it("knows Amazon's endpoints and session tokens", async () => {
        const credentials = { accessKeyID: "id", secretAccessKey: "canary", sessionToken: "canary" };
        assert.deepEqual(await specOf({ type: "AWS", bucket: "b", region: "eu-west-1", credentials }), {
            providerType: "AWS",
            providerConfig: { s3: { bucketName: "b", endpoint: "s3.eu-west-1.amazonaws.com" } },
            providerCredentials: references("accessKeyID", "secretAccessKey", "sessionToken"),
        });
    });

    it("needs no Secret where the cluster's identity opens the bucket", async () => {
        const { declared, find } = await vaultsOf({ type: "AWS", bucket: "b", useIAM: true });
        assert.deepEqual(find("vaults-east").inputs.spec, {
            providerType: "AWS",
            providerConfig: { s3: { bucketName: "b", endpoint: "s3.amazonaws.com", useIAM: true } },
        });
        assert.equal(
            declared.some(({ name }) => name === "vaults-east-credentials"),
            false,
        );
    });

    it("knows Azure's and Google's forms", async () => {
        assert.deepEqual(
            await specOf({ type: "Azure", bucket: "c", accountName: "acme", credentials: { accountKey: "canary" } }),
            {
                providerType: "Azure",
                providerConfig: {
                    azure: { accountName: "acme", bucketName: "c", endpoint: "acme.blob.core.windows.net" },
                },
                providerCredentials: references("accountKey"),
            },
        );
        assert.deepEqual(
            await specOf({ type: "GCP", bucket: "b", projectID: "p", credentials: { credentials: "canary" } }),
            {
                providerType: "GCP",
                providerConfig: { gcp: { bucketName: "b", projectID: "p" } },
                providerCredentials: references("credentials"),
            },
        );
    });

    it("refuses two vaults in one place, a scheme and missing credentials, all at once, without a secret", async () => {
        await assert.rejects(
            async () => vaultsOf({ ...s3, endpoint: "https://s3" }, {}, { type: "GCP", bucket: "b" } as VaultArgs),
            {
                message:
                    "The vaults vaults is not valid (3 problems), and nothing was touched:\n" +
                    '  sites.east.endpoint: expected a host, or host:port, without a scheme: "s3"; found "https://s3"\n' +
                    "  sites.west.projectID: expected a non-empty string; found nothing\n" +
                    "  sites.west.credentials: expected the vault's credentials, credentials; found nothing",
            },
        );
        await assert.rejects(async () => vaultsOf(s3, {}, s3), /sites\.west\.vault: expected another bucket/);
    });
});

describe("a vault that makes its own bucket", () => {
    const own: VaultArgs = { type: "AWS", bucket: "acme-east", prefix: "/dr/", region: "eu-west-1", create: true };
    const outputs: Surroundings["outputs"] = (type, name) =>
        type === "aws:iam/accessKey:AccessKey"
            ? { secret: "canary-made" }
            : { arn: `arn:aws:s3:::${name}`, name: `${name}-name` };

    it("makes it private, encrypted and versioned", async () => {
        const { find } = await vaultsOf(own, { outputs });
        const bucket = find("vaults-east-bucket-bucket");
        assert.equal(bucket.type, "aws:s3/bucket:Bucket");
        assert.equal(bucket.inputs.bucket, "acme-east");
        assert.deepEqual([bucket.parent, bucket.protect, bucket.retainOnDelete], ["vaults-east-bucket", false, true]);
        assert.deepEqual(find("vaults-east-bucket-public-access-block").inputs, {
            bucket: "acme-east",
            blockPublicAcls: true,
            blockPublicPolicy: true,
            ignorePublicAcls: true,
            restrictPublicBuckets: true,
        });
        assert.deepEqual(find("vaults-east-bucket-encryption").inputs.rules, [
            { applyServerSideEncryptionByDefault: { sseAlgorithm: "AES256" }, bucketKeyEnabled: true },
        ]);
        assert.deepEqual(find("vaults-east-bucket-versioning").inputs.versioningConfiguration, { status: "Enabled" });
        assert.deepEqual(
            (find("vaults-east-bucket-old-versions").inputs.rules as { noncurrentVersionExpiration: unknown }[])[0]!
                .noncurrentVersionExpiration,
            { noncurrentDays: 30 },
        );
    });

    it("encrypts with a key of one's own where one is named", async () => {
        const { find } = await vaultsOf(
            { ...own, create: { kmsKeyArn: "arn:aws:kms:k", oldVersionDays: 7 } },
            { outputs },
        );
        assert.deepEqual(find("vaults-east-bucket-encryption").inputs.rules, [
            {
                applyServerSideEncryptionByDefault: { sseAlgorithm: "aws:kms", kmsMasterKeyId: "arn:aws:kms:k" },
                bucketKeyEnabled: true,
            },
        ]);
    });

    it("lets nothing but TLS through", async () => {
        const { find } = await vaultsOf(own, { outputs });
        const { inputs, dependsOn } = find("vaults-east-bucket-tls-only");
        assert.deepEqual(JSON.parse(inputs.policy as string), {
            Version: "2012-10-17",
            Statement: [
                {
                    Sid: "TlsOnly",
                    Effect: "Deny",
                    Principal: "*",
                    Action: "s3:*",
                    Resource: ["arn:aws:s3:::vaults-east-bucket-bucket", "arn:aws:s3:::vaults-east-bucket-bucket/*"],
                    Condition: { Bool: { "aws:SecureTransport": "false" } },
                },
            ],
        });
        assert.deepEqual(dependsOn, ["vaults-east-bucket-public-access-block"]);
    });

    it("makes a user that may work under the prefix of that bucket, and nowhere else", async () => {
        const { find } = await vaultsOf(own, { outputs });
        const arn = "arn:aws:s3:::vaults-east-bucket-bucket";
        assert.deepEqual(JSON.parse(find("vaults-east-bucket-access").inputs.policy as string), {
            Version: "2012-10-17",
            Statement: [
                { Sid: "Locate", Effect: "Allow", Action: "s3:GetBucketLocation", Resource: arn },
                {
                    Sid: "List",
                    Effect: "Allow",
                    Action: "s3:ListBucket",
                    Resource: arn,
                    Condition: { StringLike: { "s3:prefix": ["dr", "dr/*"] } },
                },
                {
                    Sid: "Objects",
                    Effect: "Allow",
                    Action: [
                        "s3:GetObject",
                        "s3:PutObject",
                        "s3:DeleteObject",
                        "s3:AbortMultipartUpload",
                        "s3:ListMultipartUploadParts",
                    ],
                    Resource: `${arn}/dr/*`,
                },
            ],
        });
        assert.equal(find("vaults-east-bucket-access").inputs.user, "vaults-east-bucket-user-name");
        assert.equal(find("vaults-east-bucket-access-key").inputs.user, "vaults-east-bucket-user-name");
    });

    it("puts the key into the Secret, and publishes it as a secret for the peer", async () => {
        const { find, answer } = await vaultsOf(own, { outputs });
        const made = { accessKeyID: "vaults-east-bucket-access-key-id", secretAccessKey: "canary-made" };
        assert.deepEqual(find("vaults-east-credentials").inputs.stringData, made);
        assert.deepEqual(find("vaults-east-credentials").secrets, ["stringData"]);
        assert.deepEqual(await promiseOf(answer.credentials), made);
        assert.equal(await (answer.credentials as unknown as { isSecret: Promise<boolean> }).isSecret, true);
    });

    it("makes neither user nor key with useIAM", async () => {
        const { declared } = await vaultsOf({ ...own, useIAM: true }, { outputs });
        assert.deepEqual(
            declared.filter(({ type }) => type.startsWith("aws:iam")),
            [],
        );
        assert.equal(
            declared.some(({ name }) => name === "vaults-east-credentials"),
            false,
        );
    });

    describe("whose access key the peer's stack publishes", () => {
        const west: VaultArgs = { ...own, bucket: "acme-west" };
        /** What of the Secret for west's vault is kept as it is. */
        async function keptOf(surroundings: Surroundings) {
            const kept: unknown[] = [];
            const { find } = await declare((options) => {
                pulumi.runtime.registerStackTransformation(({ name, opts }) => {
                    if (name === "vaults-west-credentials") {
                        kept.push((opts as pulumi.CustomResourceOptions).ignoreChanges);
                    }
                    return undefined;
                });
                const args = { site: "east", peer: "west", active: "east", peerStack: "west" };
                const pair = new SitePair("pair", args, options);
                return new AppVaults("vaults", { pair, sites: { east: s3, west } }, options);
            }, surroundings);
            return { kept, inputs: find("vaults-west-credentials").inputs };
        }
        const key = { accessKeyID: "west-id", secretAccessKey: "canary-west" };

        it("has it in its Secret", async () => {
            const { kept, inputs } = await keptOf({ peerOutputs: { tridentDrVault: key } });
            assert.deepEqual([kept, inputs.stringData], [[undefined], key]);
        });

        for (const [what, peerOutputs] of [
            ["while the peer's outputs cannot be read", new Error("the backend is away")],
            ["while the peer has published none", {}],
            ["when what the peer publishes is empty", { tridentDrVault: { accessKeyID: "", secretAccessKey: "" } }],
        ] as const) {
            it(`keeps its Secret as it is ${what}`, async () => {
                const { kept } = await keptOf({ peerOutputs });
                assert.deepEqual(kept, [["stringData"]]);
            });
        }

        it("is refused by name when this stack cannot decrypt what the peer publishes, and no Secret is declared", async () => {
            const expected =
                /output tridentDrVault of west's stack: expected .* same passphrase .*\(secret, not shown\)/;
            for (const found of [{}, "canary", { accessKeyID: 1, secretAccessKey: "canary" }]) {
                assert.throws(
                    () => publishedKey("west", "tridentDrVault", found),
                    ({ message }: Error) => expected.test(message) && !message.includes("canary"),
                );
            }
            await assert.rejects(
                keptOf({ peerOutputs: { tridentDrVault: {} } }),
                /Expected one .*-credentials, found 0/,
            );
        });
    });

    it("is made by its own site only, and opened at the peer with what that published", async () => {
        const west: VaultArgs = { ...own, bucket: "acme-west" };
        const peerOutputs = { tridentDrVault: { accessKeyID: "west-id", secretAccessKey: "canary-west" } };
        const { declared, find } = await vaultsOf(s3, { outputs, peerOutputs }, west);
        assert.deepEqual(
            declared.filter(({ type }) => type.startsWith("aws:")),
            [],
        );
        assert.deepEqual(find("vaults-west-credentials").inputs.stringData, peerOutputs.tridentDrVault);
        assert.deepEqual(find("vaults-west-credentials").secrets, ["stringData"]);
    });
});

describe("a vault's name", () => {
    it("leaves room for that of its Secret, which is what the editor's schema says as well", () => {
        const found = (length: number) => vaultProblems("vault", { ...s3, name: "v".repeat(length) });
        assert.deepEqual(found(241), []);
        assert.match(found(242)[0]!.expected, /at most 241$/);
        const { maxLength } = (vaultForm as { oneOf: { properties: { name: { maxLength: number } } }[] }).oneOf[0]!
            .properties.name;
        assert.equal(maxLength, 241);
    });
});

describe("a vault's proxy", () => {
    it("is named without user and password, which an AppVault would show", () => {
        const found = (proxyURL: string) => vaultProblems("vault", { ...s3, proxyURL });
        assert.deepEqual(found("http://proxy:3128"), []);
        for (const wrong of ["http://user:canary@proxy:3128", "proxy:3128", "ftp://proxy"]) {
            const [problem, ...others] = found(wrong);
            assert.deepEqual([problem!.key, others], ["vault.proxyURL", []]);
            assert.doesNotMatch(JSON.stringify(problem), /canary/);
        }
    });
});

describe("where a vault's bucket is named", () => {
    it("is one of three, and of S3 types alone", () => {
        assert.deepEqual(vaultProblems("vault", { ...s3, addressing: "host" }), []);
        assert.deepEqual(vaultProblems("vault", { ...s3, addressing: "hosts" }), [
            {
                key: "vault.addressing",
                expected: "one of auto, path, host",
                found: '"hosts" (did you mean "host"?)',
            },
        ]);
        const azure = { type: "Azure", bucket: "b", accountName: "a", addressing: "path" };
        assert.deepEqual(
            vaultProblems("vault", azure).map(({ key, expected }) => [key, expected]),
            [["vault.addressing", "no such key in a vault of type Azure"]],
        );
    });
});
