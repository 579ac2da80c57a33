import assert from "node:assert/strict";
import { parse } from "yaml";
import { AppVaults, loadSettings, MirroredApplication, OntapBackend, SitePair } from "../../../index";
import { validate } from "../../../components/settings/validate";
import { declareAtBothSites } from "../../../testing";
import { configurationOf } from "../components/configuration";
import { textOf } from "./documents";

/** The configuration that the example shows, by key. */
function exampleValues(): Record<string, unknown> {
    const block = /```yaml\n([^]*?)```/.exec(textOf("examples/several-backends/README.md"))![1]!;
    const { config } = parse(block) as { config: Record<string, unknown> };
    return Object.fromEntries(Object.entries(config).map(([key, value]) => [key.replace("trident-dr:", ""), value]));
}

const secretsOf = {
    east: {
        ontapUsername: "product",
        ontapPassword: "canary",
        tridentPassword: "canary",
        peeringPassphrase: "canary-passphrase",
    },
    // Others manage its peering, and keep Trident's account.
    west: { ontapUsername: "product", ontapPassword: "canary" },
};

describe("the example with several backends", () => {
    it("is valid at both sites", () => {
        for (const site of ["east", "west"] as const) {
            const stack = `organization/project/${site}`;
            const { problems } = validate(configurationOf({ ...exampleValues(), site, ...secretsOf[site] }, { stack }));
            assert.deepEqual(problems, [], site);
        }
    });

    it("makes each application's volumes in the class that it names", async () => {
        const both = await declareAtBothSites(
            () => {
                const settings = loadSettings();
                const pair = new SitePair("pair", settings.pair);
                const backend = new OntapBackend("ontap", { pair, ...settings.ontap });
                const vaults = new AppVaults("vaults", { pair, sites: settings.vaults });
                settings.applications.forEach(
                    ({ name, ...rest }) => new MirroredApplication(name, { pair, backend, vaults, ...rest }),
                );
                return pair.outputs();
            },
            {
                config: (site) =>
                    Object.fromEntries(
                        Object.entries({
                            ...exampleValues(),
                            ...secretsOf[site as keyof typeof secretsOf],
                            site,
                        }).map(([key, value]) => [
                            `trident-dr:${key}`,
                            typeof value === "string" ? value : JSON.stringify(value),
                        ]),
                    ),
                secretKeys: Object.keys(secretsOf.east).map((key) => `trident-dr:${key}`),
            },
        );
        for (const { resources } of [both.east!, both.west!]) {
            const roles = resources.filter(({ type }) => type.endsWith("MirrorRole"));
            assert.deepEqual(
                roles.map(({ name, inputs }) => [
                    name,
                    inputs.storageClass,
                    (inputs.tridentBackend as { name: string }).name,
                ]),
                [
                    ["shop-role", "trident-dr", "trident-dr-ontap"],
                    ["archive-role", "cheap", "capacity"],
                ],
            );
        }
    });
});
