import assert from "node:assert/strict";
import { validate } from "../../../components/settings/validate";
import { configurationOf } from "../components/configuration";
import { declareExample, type SecretsOfSites, valuesOfExample } from "./exampleStack";

const account = { ontapUsername: "product", ontapPassword: "canary" };

/** What the README of two sites has set beside its configuration; its certificate is only hinted at. */
const ofTwoSites = {
    ...account,
    tridentPassword: "canary",
    peeringPassphrase: "canary-passphrase",
    vaultCredentials: JSON.stringify(
        Object.fromEntries(
            ["east", "west"].map((site) => [site, { accessKeyID: "canary", secretAccessKey: "canary" }]),
        ),
    ),
};

const examples: Readonly<Record<string, SecretsOfSites>> = {
    "several-backends": {
        east: { ...account, tridentPassword: "canary", peeringPassphrase: "canary-passphrase" },
        // Others manage its peering, and keep Trident's account.
        west: account,
    },
    "adopt-existing": { east: account, west: account },
    "one-cluster": { east: ofTwoSites, west: ofTwoSites },
};

function valuesOfTwoSites(): Record<string, unknown> {
    const values = valuesOfExample("two-sites");
    const sites = values["sites"] as Record<string, { ontap: Record<string, unknown> }>;
    const bare = Object.entries(sites).map(([name, site]) => {
        const { certificate: _, ...ontap } = site.ontap;
        return [name, { ...site, ontap }] as const;
    });
    return { ...values, sites: Object.fromEntries(bare) };
}

for (const [name, secrets] of Object.entries(examples)) {
    describe(`the configuration of the example ${name}`, () => {
        for (const site of ["east", "west"] as const) {
            it(`is valid at ${site}`, () => {
                const { vaultCredentials, ...rest } = secrets[site];
                const given =
                    vaultCredentials === undefined ? {} : { vaultCredentials: JSON.parse(vaultCredentials) as object };
                const values = { ...valuesOfExample(name), site, ...rest, ...given };
                const { problems } = validate(configurationOf(values, { stack: `organization/project/${site}` }));
                assert.deepEqual(problems, []);
            });
        }
    });
}

describe("the example with several backends", () => {
    it("makes each application's volumes in the class that it names", async () => {
        const both = await declareExample("several-backends", examples["several-backends"]!);
        for (const { resources } of [both["east"]!, both["west"]!]) {
            const roles = resources.filter(({ type }) => type.endsWith("MirrorRole"));
            assert.deepEqual(
                roles.map(({ name, inputs }) => [
                    name,
                    inputs["storageClass"],
                    (inputs["tridentBackend"] as { name: string }).name,
                ]),
                [
                    ["shop-role", "trident-dr", "trident-dr-ontap"],
                    ["archive-role", "cheap", "capacity"],
                ],
            );
        }
    });
});

describe("the example that adopts what exists", () => {
    it("uses what others made, and makes none of it", async () => {
        const both = await declareExample("adopt-existing", examples["adopt-existing"]!);
        for (const { resources } of [both["east"]!, both["west"]!]) {
            const made = resources.map(({ type }) => type).filter((type) => /^kubernetes:/.test(type));
            assert.deepEqual(new Set(made), new Set(["kubernetes:core/v1:Namespace"]));
            const { inputs } = resources.find(({ type }) => type.endsWith("MirrorRole"))!;
            assert.equal(inputs["adopt"], true);
            assert.equal(inputs["storageClass"], "nas");
            assert.deepEqual(inputs["vaults"], { east: "archive-east", west: "archive-west" });
            assert.deepEqual(inputs["names"], { mirror: "shop-to-west", schedule: "shop-often" });
        }
    });
});

describe("the example on one cluster", () => {
    it("declares nothing at one site that the other site declares as well", async () => {
        const both = await declareExample("one-cluster", examples["one-cluster"]!);
        const namesAt = (site: "east" | "west") =>
            both[site].resources
                .filter(({ type }) => /^kubernetes:/.test(type))
                .map(({ type, inputs }) => {
                    const { namespace = "", name } = inputs["metadata"] as { namespace?: string; name: string };
                    return `${type} ${namespace}/${name}`;
                });
        const [east, west] = [namesAt("east"), namesAt("west")];
        assert.ok(east.length >= 10 && west.length === east.length, east.join("\n"));
        assert.deepEqual(
            east.filter((name) => west.includes(name)),
            [],
        );
        const roles = (["east", "west"] as const).map(
            (site) => both[site].resources.find(({ type }) => type.endsWith("MirrorRole"))!.inputs,
        );
        assert.deepEqual(
            roles.map((inputs) => [inputs["namespaces"], inputs["peerNamespaces"], inputs["sharedCluster"]]),
            [
                [["shop"], ["shop-west"], true],
                [["shop-west"], ["shop"], true],
            ],
        );
    });
});

for (const [name, hooks] of [
    ["two-sites", undefined],
    ["postgres-with-hooks", ["postgresql-pre-snapshot", "shop-analyze"]],
] as const) {
    describe(`the example ${name}`, () => {
        it("declares the application at both sites, with the configuration of two sites", async () => {
            const both = await declareExample(name, { east: ofTwoSites, west: ofTwoSites }, valuesOfTwoSites());
            for (const { resources } of [both["east"]!, both["west"]!]) {
                const { inputs } = resources.find(({ type }) => type.endsWith("MirrorRole"))!;
                assert.equal(inputs["application"], "shop");
                const declared = inputs["hooks"] as { name: string }[] | undefined;
                assert.deepEqual(
                    declared?.map((hook) => hook.name),
                    hooks,
                );
            }
        });
    });
}
