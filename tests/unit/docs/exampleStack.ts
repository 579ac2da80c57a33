import { parse } from "yaml";
import { AppVaults, loadSettings, MirroredApplication, OntapBackend, SitePair } from "../../../index";
import { declareAtBothSites } from "../../../testing";
import { textOf } from "./documents";

export type SecretsOfSites = Readonly<Record<"east" | "west", Readonly<Record<string, string>>>>;

/** The configuration that an example's README shows, by key. */
export function valuesOfExample(name: string): Record<string, unknown> {
    const block = /```yaml\n([^]*?)```/.exec(textOf(`examples/${name}/README.md`))![1]!;
    const { config } = parse(block) as { config: Record<string, unknown> };
    return Object.fromEntries(Object.entries(config).map(([key, value]) => [key.replace("trident-dr:", ""), value]));
}

/** What the program of the examples declares with that configuration, on mocks. */
export function declareExample(name: string, secrets: SecretsOfSites) {
    const valuesOf = (site: string) => ({ ...valuesOfExample(name), ...secrets[site as "east" | "west"], site });
    return declareAtBothSites(program, {
        config: (site) =>
            Object.fromEntries(
                Object.entries(valuesOf(site)).map(([key, value]) => [
                    `trident-dr:${key}`,
                    typeof value === "string" ? value : JSON.stringify(value),
                ]),
            ),
        secretKeys: Object.keys(secrets.east).map((key) => `trident-dr:${key}`),
    });
}

function program() {
    const settings = loadSettings();
    const pair = new SitePair("pair", settings.pair);
    const backend = new OntapBackend("ontap", { pair, ...settings.ontap });
    const vaults = new AppVaults("vaults", { pair, sites: settings.vaults });
    settings.applications.forEach(
        ({ name, ...rest }) => new MirroredApplication(name, { pair, backend, vaults, ...rest }),
    );
    return pair.outputs();
}
