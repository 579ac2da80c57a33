import { strict as assert } from "node:assert";
import { OntapBackend, type OntapBackendArgs } from "../../../components/ontapBackend";
import { expectedArrayName } from "../../../provider/clients/ontap/names";
import { SitePair } from "../../../components/sitePair";
import { certificate } from "./configuration";
import { declare, promiseOf, type Surroundings } from "./harness";

const args: Omit<OntapBackendArgs, "pair"> = {
    endpoint: { url: "https://10.0.1.5:8443", certificate, verification: "verify" },
    svm: "svm_east",
    dataLif: "10.0.1.6",
    peer: { svm: "svm_west", cluster: "ontap-west", interclusterAddresses: ["10.0.2.7"] },
    credentials: { username: "trident", password: "canary" },
};

function backendOf(changes: Partial<OntapBackendArgs> = {}, surroundings: Surroundings = {}) {
    const outputs: Surroundings["outputs"] = (type) =>
        type.endsWith("OntapPeering") ? { peered: false, next: "run pulumi up at west" } : {};
    return declare(
        (options) => {
            const pair = new SitePair("pair", { site: "east", peer: "west", active: "east" }, options);
            return { pair, backend: new OntapBackend("ontap", { pair, ...args, ...changes }, options) };
        },
        { outputs, ...surroundings },
    );
}

describe("OntapBackend", () => {
    for (const preview of [false, true]) {
        it(`declares peering, Trident's backend and the classes${preview ? ", in a preview" : ""}`, async () => {
            const { declared, answer } = await backendOf({}, { preview });
            assert.deepEqual(
                declared.slice(2).map(({ type, name, parent, provider }) => [type, name, parent, provider]),
                [
                    ["trident-dr:index:OntapBackend", "ontap", undefined, undefined],
                    ["pulumi-nodejs:dynamic/trident-dr:DeclaredObjects", "ontap-objects", "ontap", undefined],
                    ["pulumi-nodejs:dynamic/trident-dr:OntapPeering", "ontap-peering", "ontap", undefined],
                    ["kubernetes:core/v1:Secret", "ontap-credentials", "ontap", "pair-kubernetes"],
                    [
                        "kubernetes:trident.netapp.io/v1:TridentBackendConfig",
                        "ontap-trident-backend",
                        "ontap",
                        "pair-kubernetes",
                    ],
                    ["kubernetes:storage.k8s.io/v1:StorageClass", "ontap-storage-class", "ontap", "pair-kubernetes"],
                    [
                        "kubernetes:snapshot.storage.k8s.io/v1:VolumeSnapshotClass",
                        "ontap-snapshot-class",
                        "ontap",
                        "pair-kubernetes",
                    ],
                ],
            );
            assert.equal(answer.backend.storageClassName, "trident-dr");
            assert.equal(answer.backend.snapshotClassName, "trident-dr");
        });
    }

    it("declares nothing before it is known that nothing of it is somebody else's", async () => {
        const { declared, find } = await backendOf({ tridentNamespace: "storage", storageClass: { name: "mirrored" } });
        const { objects } = find("ontap-objects").inputs as {
            objects: { kind: string; namespace?: string; name: string }[];
        };
        const written = declared.filter(({ type }) => /^kubernetes:/.test(type));
        assert.deepEqual(
            objects.map(({ kind, namespace, name }) => [kind, namespace, name]),
            written.map(({ type, inputs }) => {
                const { namespace, name } = inputs.metadata as { namespace?: string; name: string };
                return [type.split(":").at(-1), namespace, name];
            }),
        );
        for (const { name, dependsOn } of written) {
            assert.ok(dependsOn.includes("ontap-objects"), name);
        }
    });

    it("refuses a certificate by which nothing is verified", async () => {
        await assert.rejects(
            backendOf({ endpoint: { ...args.endpoint, certificate, verification: "none" } }),
            /endpoint\.verification: expected verify, since a certificate is given/,
        );
    });

    it("peers with the other site's SVM, without a credential among the inputs", async () => {
        const { __provider: _, ...inputs } = (await backendOf()).find("ontap-peering").inputs;
        assert.deepEqual(
            { ...inputs },
            {
                site: "east",
                peerSite: "west",
                endpoint: args.endpoint,
                svm: "svm_east",
                peer: { svm: "svm_west", cluster: "ontap-west", interclusterAddresses: ["10.0.2.7"] },
            },
        );
    });

    it("has a peering that others manage checked, without the other site's addresses", async () => {
        const { find } = await backendOf({ peering: "existing", peer: { svm: "svm_west" } });
        const { existing, peer } = find("ontap-peering").inputs;
        assert.deepEqual([existing, peer], [true, { svm: "svm_west", interclusterAddresses: [] }]);
        await assert.rejects(
            async () => backendOf({ peer: { svm: "svm_west" } }),
            /peer\.interclusterAddresses: expected a list of IP addresses; found nothing/,
        );
    });

    it("hands Trident its own account in a Secret, and leaves the waiting for the backend to whoever needs it", async () => {
        const { find } = await backendOf({ aggregate: "aggr1" });
        const secret = find("ontap-credentials");
        assert.deepEqual(secret.inputs.metadata, { name: "trident-dr-ontap-credentials", namespace: "trident" });
        assert.deepEqual(secret.inputs.stringData, { username: "trident", password: "canary" });
        assert.deepEqual(secret.secrets, ["stringData"]);
        const backend = find("ontap-trident-backend");
        assert.deepEqual(backend.inputs.metadata, {
            name: "trident-dr-ontap",
            namespace: "trident",
            annotations: { "pulumi.com/skipAwait": "true" },
        });
        assert.deepEqual(backend.inputs.spec, {
            version: 1,
            backendName: "trident-dr-ontap",
            storageDriverName: "ontap-nas",
            managementLIF: "10.0.1.5:8443",
            dataLIF: "10.0.1.6",
            svm: "svm_east",
            aggregate: "aggr1",
            replicationPolicy: "MirrorAllSnapshots",
            trustedCACertificate: Buffer.from(certificate).toString("base64"),
            credentials: { name: "trident-dr-ontap-credentials" },
        });
    });

    it("has the SVM's own management address for Trident, beside that of the program, with its certificate", async () => {
        const { find } = await backendOf({
            endpoint: { ...args.endpoint, certificate: undefined },
            tridentBackend: { managementLif: "fd20::9", certificate },
        });
        const { managementLIF, trustedCACertificate } = find("ontap-trident-backend").inputs.spec as Record<
            string,
            unknown
        >;
        assert.deepEqual(
            [managementLIF, trustedCACertificate],
            ["[fd20::9]", Buffer.from(certificate).toString("base64")],
        );
        assert.deepEqual(find("ontap-peering").inputs.endpoint, {
            url: "https://10.0.1.5:8443",
            verification: "verify",
        });
    });

    it("gives the backend the options of Trident's driver, as its schema has them", async () => {
        const { find } = await backendOf({
            tridentBackend: {
                autoExportPolicy: true,
                autoExportCIDRs: ["10.0.0.0/24", "fd20::/64"],
                storagePrefix: "prod",
                nfsMountOptions: "nfsvers=4.1",
                limitAggregateUsage: "80%",
                limitVolumeSize: "500Gi",
                labels: { tier: "gold" },
                supportedTopologies: [{ "topology.kubernetes.io/zone": "a" }],
                defaults: { snapshotReserve: 10, encryption: true, snapshotDir: false, exportPolicy: "nodes" },
                storage: [{ labels: { tier: "silver" }, zone: "b", defaults: { spaceReserve: "volume" } }],
                spec: { debugTraceFlags: { api: true }, defaults: { skipRecoveryQueue: "true" } },
            },
        });
        const { autoExportPolicy, defaults, storage, debugTraceFlags, ...rest } = find("ontap-trident-backend").inputs
            .spec as Record<string, unknown>;
        assert.equal(autoExportPolicy, true);
        assert.deepEqual(defaults, {
            snapshotReserve: "10",
            encryption: "true",
            snapshotDir: "false",
            exportPolicy: "nodes",
            skipRecoveryQueue: "true",
        });
        assert.deepEqual(storage, [{ labels: { tier: "silver" }, zone: "b", defaults: { spaceReserve: "volume" } }]);
        assert.deepEqual(debugTraceFlags, { api: true });
        assert.deepEqual(
            [rest.storagePrefix, rest.nfsMountOptions, rest.limitAggregateUsage, rest.limitVolumeSize, rest.labels],
            ["prod", "nfsvers=4.1", "80%", "500Gi", { tier: "gold" }],
        );
        assert.deepEqual(
            [rest.storageDriverName, rest.svm, rest.replicationPolicy],
            ["ontap-nas", "svm_east", "MirrorAllSnapshots"],
        );
    });

    it("has Trident sign in by a certificate whose key somebody else keeps", async () => {
        const tridentBackend = { clientCertificate: certificate, credentialsSecret: "trident-key" };
        const { find } = await backendOf({ credentials: undefined, tridentBackend });
        const { clientCertificate, credentials } = find("ontap-trident-backend").inputs.spec as Record<string, unknown>;
        assert.deepEqual(
            [clientCertificate, credentials],
            [Buffer.from(certificate).toString("base64"), { name: "trident-key" }],
        );
        const { existing } = find("ontap-objects").inputs as { existing: { expects: { at: string[] }[] }[] };
        assert.deepEqual(existing[0]!.expects[0]!.at, ["data", "clientPrivateKey"]);
    });

    for (const [tridentBackend, problem] of [
        [{ autoExportCIDRs: ["10.0.0.0"] }, /autoExportCIDRs\[0\]: expected a CIDR such as 10\.0\.0\.0\/24/],
        [{ autoExportPolicy: "yes" }, /autoExportPolicy: expected true or false; found "yes"/],
        [{ autoExportPolcy: true }, /autoExportPolcy: expected no such key; found autoExportPolcy \(did you mean/],
        [{ defaults: { snapshotReserve: 91 } }, /defaults\.snapshotReserve: expected a whole number from 0 to 90/],
        [
            { defaults: { qosPolicy: "a", adaptiveQosPolicy: "b" } },
            /defaults\.adaptiveQosPolicy: expected either it or qosPolicy; found both/,
        ],
        [{ storage: [{ defaults: { size: "1Gi" } }] }, /storage\[0\]\.defaults\.size: expected no such key/],
        [
            { clientCertificate: certificate },
            /tridentBackend\.clientCertificate: expected the credentialsSecret with its key; found none/,
        ],
        [
            { spec: { replicationPolicy: "Asynchronous" } },
            /spec\.replicationPolicy: expected no such override: every snapshot has to stay at the standby site/,
        ],
        [{ spec: { svm: "other" } }, /spec\.svm: expected no such override: say it as svm/],
        [{ spec: { storageDriverName: "ontap-san" } }, /spec\.storageDriverName: expected no such override/],
        [{ spec: { password: "canary" } }, /spec\.password: .* anybody could read it; found password$/],
        [{ spec: { storagePrefix: "x" } }, /spec\.storagePrefix: .*say it as tridentBackend\.storagePrefix/],
        [
            { spec: { defaults: { encryption: "true" } } },
            /spec\.defaults\.encryption: .*say it as tridentBackend\.defaults\.encryption/,
        ],
    ] as const) {
        it(`refuses ${JSON.stringify(tridentBackend).slice(0, 60)}`, async () => {
            const backend = tridentBackend as unknown as NonNullable<OntapBackendArgs["tridentBackend"]>;
            await assert.rejects(async () => backendOf({ tridentBackend: backend }), problem);
        });
    }

    it("has several backends on its SVM, and classes on them, while the first keep their names", async () => {
        const { declared, find, answer } = await backendOf({
            endpoint: { url: "https://10.0.1.5" },
            aggregate: "aggr1",
            tridentBackend: { managementLif: "10.0.1.9", certificate },
            moreBackends: [{ name: "capacity", aggregate: "aggr2", labels: { tier: "capacity" } }],
            moreStorageClasses: [
                { name: "capacity", backend: "capacity", mountOptions: ["nfsvers=4.1"] },
                { name: "gold", selector: "tier=gold" },
                { existing: "nas" },
            ],
        });
        assert.deepEqual(
            declared.filter(({ type }) => type.startsWith("kubernetes:")).map(({ name }) => name),
            [
                "ontap-credentials",
                "ontap-trident-backend",
                "ontap-trident-backend-capacity",
                "ontap-storage-class",
                "ontap-storage-class-capacity",
                "ontap-storage-class-gold",
                "ontap-snapshot-class",
            ],
        );
        assert.deepEqual(find("ontap-trident-backend-capacity").inputs.spec, {
            ...(find("ontap-trident-backend").inputs.spec as object),
            backendName: "capacity",
            aggregate: "aggr2",
            labels: { tier: "capacity" },
        });
        const { parameters, mountOptions } = find("ontap-storage-class-capacity").inputs;
        assert.deepEqual(
            [parameters, mountOptions],
            [{ backendType: "ontap-nas", storagePools: "capacity:.*" }, ["nfsvers=4.1"]],
        );
        assert.deepEqual(find("ontap-storage-class-gold").inputs.parameters, {
            backendType: "ontap-nas",
            selector: "tier=gold",
        });
        assert.deepEqual(
            [...answer.backend.backendsOfClasses],
            [
                ["trident-dr", "trident-dr-ontap"],
                ["capacity", "capacity"],
                ["gold", "trident-dr-ontap"],
                ["nas", "trident-dr-ontap"],
            ],
        );
        const { objects, existing } = find("ontap-objects").inputs as {
            objects: { kind: string; name: string }[];
            existing: { name: string }[];
        };
        assert.deepEqual(objects.map(({ kind, name }) => `${kind} ${name}`).slice(-3), [
            "TridentBackendConfig capacity",
            "StorageClass capacity",
            "StorageClass gold",
        ]);
        assert.deepEqual(
            existing.map(({ name }) => name),
            ["nas"],
        );
    });

    it("refuses names that are there twice, and classes on backends that are not there", async () => {
        await assert.rejects(
            async () =>
                backendOf({
                    storageClass: { backend: "capacty" },
                    moreBackends: [{ name: "capacity" }, { name: "capacity" }, { name: "trident-dr-ontap" }],
                    moreStorageClasses: [{ name: "trident-dr" }, { name: "gold", backend: "silver" }],
                }),
            ({ message }: Error) => {
                for (const problem of [
                    /storageClass\.backend: expected one of trident-dr-ontap, capacity.*; found "capacty"/,
                    /moreBackends\[2\]\.name: expected another name than that of the first backend/,
                    /moreStorageClasses\[1\]\.backend: expected one of .*; found "silver"/,
                    /moreBackends: expected each name once, beside the first one's; found "capacity" twice/,
                    /moreStorageClasses: expected each name once, beside the first one's; found "trident-dr" twice/,
                ]) {
                    assert.match(message, problem);
                }
                return true;
            },
        );
    });

    it("gives Trident addresses of IPv6 in brackets", async () => {
        const endpoint = { ...args.endpoint, url: "https://[fd20::5]" };
        const { inputs } = (await backendOf({ endpoint, dataLif: "fd20::6" })).find("ontap-trident-backend");
        const { managementLIF, dataLIF } = inputs.spec as Record<string, unknown>;
        assert.deepEqual([managementLIF, dataLIF], ["[fd20::5]", "[fd20::6]"]);
    });

    it("has classes whose volumes and snapshots are Trident's", async () => {
        const { find } = await backendOf();
        const { kind: _kind, apiVersion: _version, ...storageClass } = find("ontap-storage-class").inputs;
        assert.deepEqual(storageClass, {
            metadata: { name: "trident-dr" },
            provisioner: "csi.trident.netapp.io",
            parameters: { backendType: "ontap-nas" },
            allowVolumeExpansion: true,
            reclaimPolicy: "Delete",
        });
        const { kind: _, apiVersion: _snapshotVersion, ...snapshotClass } = find("ontap-snapshot-class").inputs;
        assert.deepEqual(snapshotClass, {
            metadata: { name: "trident-dr" },
            driver: "csi.trident.netapp.io",
            deletionPolicy: "Delete",
        });
    });

    it("makes classes the cluster's default where that is wanted", async () => {
        const { find } = await backendOf({
            storageClass: { name: "fast", default: true, reclaimPolicy: "Retain" },
            snapshotClass: { name: "fast-snapshots", default: true },
        });
        assert.deepEqual(find("ontap-storage-class").inputs.metadata, {
            name: "fast",
            annotations: { "storageclass.kubernetes.io/is-default-class": "true" },
        });
        assert.equal(find("ontap-storage-class").inputs.reclaimPolicy, "Retain");
        assert.deepEqual(find("ontap-snapshot-class").inputs.metadata, {
            name: "fast-snapshots",
            annotations: { "snapshot.storage.kubernetes.io/is-default-class": "true" },
        });
    });

    it("uses classes and a backend that somebody else made, and declares none of them", async () => {
        const { credentials: _, dataLif: _lif, ...rest } = args;
        const { declared, find, answer } = await declare((options) => {
            const pair = new SitePair("pair", { site: "east", peer: "west", active: "east" }, options);
            const used = {
                tridentBackend: { existing: "nas-production" },
                storageClass: { existing: "nas" },
                snapshotClass: { existing: "nas-snapshots" },
            };
            return new OntapBackend("ontap", { pair, ...rest, ...used }, options);
        });
        assert.deepEqual(
            declared.filter(({ type }) => type.startsWith("kubernetes:")),
            [],
        );
        const { objects, existing } = find("ontap-objects").inputs as {
            objects: unknown[];
            existing: { kind: string; namespace?: string; name: string; key: string; expects: unknown[] }[];
        };
        assert.deepEqual(objects, []);
        assert.deepEqual(
            existing.map(({ kind, namespace, name, key }) => [kind, namespace, name, key]),
            [
                ["TridentBackendConfig", "trident", "nas-production", "tridentBackend.existing"],
                ["StorageClass", undefined, "nas", "storageClass.existing"],
                ["VolumeSnapshotClass", undefined, "nas-snapshots", "snapshotClass.existing"],
            ],
        );
        const [backend] = existing;
        assert.deepEqual((backend!.expects as { at: string[]; values?: string[] }[])[1]!.values, ["svm_east"]);
        assert.deepEqual(answer.tridentBackend, { name: "nas-production", namespace: "trident" });
        assert.deepEqual([answer.storageClassName, answer.snapshotClassName], ["nas", "nas-snapshots"]);
    });

    it("has Trident take its account from a Secret that somebody else keeps", async () => {
        const tridentBackend = { credentialsSecret: "trident-account" };
        const { declared, find } = await backendOf({ credentials: undefined, tridentBackend });
        assert.ok(!declared.some(({ name }) => name === "ontap-credentials"));
        assert.deepEqual((find("ontap-trident-backend").inputs.spec as { credentials: unknown }).credentials, {
            name: "trident-account",
        });
        const { existing } = find("ontap-objects").inputs as { existing: { name: string; expects: unknown }[] };
        assert.deepEqual(
            existing.map(({ name, expects }) => [name, (expects as { at: string[] }[]).map(({ at }) => at)]),
            [
                [
                    "trident-account",
                    [
                        ["data", "username"],
                        ["data", "password"],
                    ],
                ],
            ],
        );
    });

    it("has this package take its own account from a Secret, and says only where that is", async () => {
        const { find } = await backendOf({ accountSecret: "dr-account" });
        const secret = { namespace: "trident", name: "dr-account" };
        assert.deepEqual(find("ontap-peering").inputs.accountSecret, { ...secret, cluster: {} });
        const { existing } = find("ontap-objects").inputs as { existing: Record<string, unknown>[] };
        assert.deepEqual(
            existing.map(({ kind, namespace, name, key }) => ({ kind, namespace, name, key })),
            [{ kind: "Secret", ...secret, key: "accountSecret" }],
        );
        const { find: without } = await backendOf();
        assert.equal(without("ontap-peering").inputs.accountSecret, undefined);
        await assert.rejects(
            async () => backendOf({ accountSecret: "Not a name" }),
            /accountSecret: expected the name/,
        );
    });

    it("names a Secret once that serves Trident and this package", async () => {
        const { find } = await backendOf({
            credentials: undefined,
            accountSecret: "account",
            tridentBackend: { credentialsSecret: "account" },
        });
        const { existing } = find("ontap-objects").inputs as { existing: { name: string }[] };
        assert.deepEqual(
            existing.map(({ name }) => name),
            ["account"],
        );
    });

    it("refuses what would have no effect beside what exists, a second default class, and a backend without an account", async () => {
        await assert.rejects(
            async () =>
                backendOf({
                    tridentBackend: { existing: "nas", credentialsSecret: "x" } as never,
                    storageClass: { existing: "Nas!", default: true } as never,
                    aggregate: "aggr1",
                }),
            {
                message:
                    "The backend ontap is not valid (6 problems), and nothing was touched:\n" +
                    "  tridentBackend.credentialsSecret: expected no such key beside existing: what exists is used as it is; found credentialsSecret\n" +
                    "  credentials: expected none beside tridentBackend.existing; found credentials (secret, not shown)\n" +
                    '  dataLif: expected none beside tridentBackend.existing; found "10.0.1.6"\n' +
                    '  aggregate: expected none beside tridentBackend.existing; found "aggr1"\n' +
                    '  storageClass.existing: expected the name of a Kubernetes object: lower-case letters, digits, "-" and ".", at most 253; found "Nas!"\n' +
                    "  storageClass.default: expected no such key beside existing: what exists is used as it is; found default",
            },
        );
        await assert.rejects(
            async () =>
                backendOf({ storageClass: { default: true }, moreStorageClasses: [{ name: "gold", default: true }] }),
            /moreStorageClasses\[0\]\.default: expected false or nothing, since storageClass is the cluster's default StorageClass; found true/,
        );
        await assert.rejects(
            async () => backendOf({ credentials: undefined }),
            /credentials: expected Trident's account, or tridentBackend\.credentialsSecret; found nothing/,
        );
    });

    it("tells the pair how the peering stands", async () => {
        const { answer } = await backendOf();
        assert.deepEqual((await promiseOf(answer.pair.outputs())).peering, {
            ontap: { peered: false, next: "run pulumi up at west" },
        });
        assert.deepEqual(await promiseOf(answer.pair.next()), ["run pulumi up at west"]);
    });

    it("refuses what cannot be an address, all at once", async () => {
        await assert.rejects(
            async () =>
                backendOf({
                    svm: "*",
                    aggregate: "aggr1|aggr2",
                    endpoint: { url: "http://10.0.1.5", certificate: "no" },
                    dataLif: "nfs://10.0.1.6",
                    peer: { svm: "../svm", cluster: "<z", interclusterAddresses: ["west"] },
                }),
            {
                message:
                    "The backend ontap is not valid (8 problems), and nothing was touched:\n" +
                    '  endpoint.url: expected an https URL of host and, if need be, port, such as https://10.0.0.5; found "http://10.0.1.5"\n' +
                    '  endpoint.certificate: expected a certificate in PEM form (-----BEGIN CERTIFICATE-----); found "no"\n' +
                    `  svm: expected ${expectedArrayName}; found "*"\n` +
                    `  peer.svm: expected ${expectedArrayName}; found "../svm"\n` +
                    `  peer.cluster: expected ${expectedArrayName}; found "<z"\n` +
                    `  aggregate: expected ${expectedArrayName}; found "aggr1|aggr2"\n` +
                    '  dataLif: expected a host, or host:port, without a scheme: "10.0.1.6"; found "nfs://10.0.1.6"\n' +
                    '  peer.interclusterAddresses[0]: expected an IP address; found "west"',
            },
        );
    });
});
