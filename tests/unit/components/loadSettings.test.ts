import { strict as assert } from "node:assert";
import * as pulumi from "@pulumi/pulumi";
import { loadSettings, type Settings } from "../../../components/settings/loadSettings";
import type { VaultArgs } from "../../../components/vaults/vault";
import { canaries, goodValues, rawConfiguration } from "./configuration";
import { declare, promiseOf } from "./harness";

const secretKeys = ["ontapUsername", "ontapPassword", "tridentPassword", "peeringPassphrase", "vaultCredentials"];

async function settingsOf(values: object, secret = secretKeys): Promise<Settings> {
    const surroundings = { config: rawConfiguration(values), secretKeys: secret.map((key) => `trident-dr:${key}`) };
    return (await declare(() => loadSettings(), surroundings)).answer;
}

async function secretly(value: pulumi.Input<string> | undefined): Promise<[string, boolean]> {
    const output = pulumi.output(value!);
    return [await promiseOf(output), await (output as unknown as { isSecret: Promise<boolean> }).isSecret];
}

describe("loadSettings", () => {
    it("gives each component its arguments", async () => {
        const values = goodValues();
        const settings = await settingsOf({ ...values, takeover: 2, discard: "west@1", lag: "the window closes" });
        assert.deepEqual(settings.pair, {
            site: "east",
            peer: "west",
            active: "east",
            acknowledgements: {
                takeover: 2,
                discard: "west@1",
                lag: "the window closes",
                recoverTo: undefined,
                fullCopy: undefined,
                warnings: undefined,
            },
            peerStack: undefined,
            kubernetes: { context: "east" },
        });
        const { credentials, ...ontap } = settings.ontap;
        assert.deepEqual(JSON.parse(JSON.stringify(ontap)), {
            endpoint: { url: "https://10.0.1.5", certificate: values.sites.east!.ontap.certificate },
            svm: "svm_east",
            dataLif: "10.0.1.6",
            peer: { svm: "svm_west", cluster: "ontap-west", interclusterAddresses: ["10.0.2.7", "10.0.2.8"] },
        });
        assert.equal(credentials?.username, "trident");
        assert.deepEqual(await secretly(credentials!.password), [canaries.tridentPassword, true]);
        assert.deepEqual(settings.applications, [
            {
                name: "shop",
                namespaces: ["shop", "shop-data"],
                acknowledgements: {
                    recoverTo: undefined,
                    takeover: undefined,
                    discard: undefined,
                    lag: undefined,
                    fullCopy: undefined,
                    warnings: undefined,
                },
                path: "applications[0]",
                schedule: { recurrenceRule: "DTSTART:20250101T000000Z\nRRULE:FREQ=MINUTELY;INTERVAL=5", spread: true },
            },
        ]);
    });

    it("gives an application its namespaces at this site, and at the other one where they differ", async () => {
        const values = {
            ...goodValues(),
            applications: [{ name: "shop", namespaces: { east: ["shop"], west: ["spare"] } }],
        };
        const placesAt = async (site: string) =>
            (await settingsOf({ ...values, site })).applications.map(({ namespaces, peerNamespaces }) => [
                namespaces,
                peerNamespaces,
            ]);
        assert.deepEqual(await placesAt("east"), [[["shop"], ["spare"]]]);
    });

    it("keeps each site's records apart on one cluster, whose namespace both stacks name alike", async () => {
        const shared = {
            ...goodValues(),
            sharedCluster: true,
            recordNamespace: "dr-records",
            applications: [{ name: "shop", namespaces: { east: ["shop"], west: ["spare"] } }],
        };
        const { pair } = await settingsOf(shared);
        assert.equal(pair.sharedCluster, true);
        assert.equal(pair.recordNamespace, "dr-records-east");
        const volumes = [{ name: "archive", volumes: ["archive01"] }];
        await assert.rejects(
            settingsOf({ ...shared, volumes }),
            /trident-dr:volumes: expected none with sharedCluster/,
        );
    });

    it("keeps the credentials of both vaults secret", async () => {
        const vaults = (await settingsOf(goodValues())).vaults as Record<string, VaultArgs>;
        assert.deepEqual(Object.keys(vaults), ["east", "west"]);
        assert.equal(vaults.west!.bucket, "bucket-west");
        assert.deepEqual(await secretly(vaults.east!.credentials!.secretAccessKey), [canaries.eastKey, true]);
        assert.deepEqual(await secretly(vaults.west!.credentials!.accessKeyID), ["west-id", true]);
    });

    it("sees the other site from the other stack", async () => {
        const settings = await settingsOf({ ...goodValues(), site: "west", peerStack: "acme/dr/e" });
        assert.equal(settings.pair.peer, "east");
        assert.equal(settings.pair.peerStack, "acme/dr/e");
        assert.equal(settings.ontap.svm, "svm_west");
        assert.equal(settings.ontap.peer.svm, "svm_east");
    });

    it("lets Trident use the product's account where it has none of its own", async () => {
        const values = goodValues();
        delete values.sites.east!.ontap.tridentUsername;
        delete (values as Partial<typeof values>).tridentPassword;
        const { credentials } = (await settingsOf(values)).ontap;
        assert.deepEqual(await secretly(credentials!.username), ["product", true]);
        assert.deepEqual(await secretly(credentials!.password), [canaries.ontapPassword, true]);
    });

    it("hands on a rule of one's own", async () => {
        const values = goodValues();
        const recurrenceRule = "DTSTART:20250101T000000Z\nRRULE:FREQ=HOURLY;INTERVAL=2";
        Object.assign(values.applications[0]!, {
            recurrenceRule,
            active: "west",
            daily: { hour: 1, minute: 2, keep: 3 },
        });
        const [application] = (await settingsOf(values)).applications;
        assert.deepEqual(application!.schedule, { recurrenceRule, mirrorRecurrenceRule: undefined });
        assert.equal(application!.active, "west");
        assert.deepEqual(application!.daily, { hour: 1, minute: 2, keep: 3 });
    });

    it("ends the program with all that is wrong and no stack trace, and shows no secret", async () => {
        const values = { ...goodValues(), active: "north", sitse: {} };
        const run = settingsOf(values, secretKeys.slice(1));
        await assert.rejects(run, (error: Error) => {
            assert.equal(pulumi.RunError.isInstance(error), true);
            assert.equal(
                error.message,
                "The configuration of stack east is not valid (3 problems), and nothing was touched:\n" +
                    '  trident-dr:sitse: expected no such key; found sitse (did you mean "site"?)\n' +
                    '  trident-dr:active: expected one of east, west; found "north"\n' +
                    "  trident-dr:ontapUsername: expected a secret (pulumi config set --secret ontapUsername); found plain text (not shown)",
            );
            return true;
        });
    });

    it("reports structures that are not JSON", async () => {
        await assert.rejects(settingsOf({ ...goodValues(), applications: "- name: shop" }), {
            message: /^ {2}trident-dr:applications: expected a list; found "- name: shop"$/m,
        });
    });

    it("has the kubeconfig in the configuration used, and gives nobody its contents", async () => {
        const kubeconfig = "apiVersion: v1\nusers: [{ user: { token: canary } }]";
        const settings = await settingsOf({ ...goodValues(), kubeconfig }, [...secretKeys, "kubeconfig"]);
        assert.deepEqual(settings.pair.kubernetes, { context: "east", fromConfig: true });
        await assert.rejects(settingsOf({ ...goodValues(), kubeconfig }), {
            message: /^ {2}trident-dr:kubeconfig: expected a secret .*; found plain text \(not shown\)$/m,
        });
    });

    it("names the Secret with the program's account, and none where there is none", async () => {
        const { ontapUsername: _name, ontapPassword: _word, ...values } = goodValues();
        Object.assign(values.sites.east!.ontap, { accountSecret: "dr-account" });
        assert.equal((await settingsOf(values)).ontap.accountSecret, "dr-account");
        assert.ok(!("accountSecret" in (await settingsOf(goodValues())).ontap));
    });

    it("takes what exists by its name alone, and asks for no account of Trident's", async () => {
        const { tridentPassword: _, ...values } = goodValues();
        const { tridentUsername: _name, dataLif: _lif, ...ontap } = values.sites.east!.ontap;
        Object.assign(values.sites.east!, {
            ontap,
            tridentBackend: { existing: "nas-production" },
            storageClass: { existing: "nas" },
            snapshotClass: { existing: "nas-snapshots" },
            vault: { existing: "east-archive", credentialsSecret: "east-key" },
        });
        const { west } = values.vaultCredentials;
        const settings = await settingsOf({ ...values, vaultCredentials: { west } });
        const { credentials, tridentBackend, storageClass, snapshotClass } = settings.ontap;
        assert.deepEqual(
            [credentials, tridentBackend, storageClass, snapshotClass, settings.vaults.east],
            [
                undefined,
                { existing: "nas-production" },
                { existing: "nas" },
                { existing: "nas-snapshots" },
                { existing: "east-archive", credentialsSecret: "east-key" },
            ],
        );
    });
});
