import { parse } from "yaml";
import { declareAtBothSites } from "../../../testing";
import { textOf } from "./documents";

export type SecretsOfSites = Readonly<Record<"east" | "west", Readonly<Record<string, string>>>>;

/** The configuration that an example's README shows, by key. */
export function valuesOfExample(name: string): Record<string, unknown> {
    const block = /```yaml\n([^]*?)```/.exec(textOf(`examples/${name}/README.md`))![1]!;
    const { config } = parse(block) as { config: Record<string, unknown> };
    return Object.fromEntries(Object.entries(config).map(([key, value]) => [key.replace("trident-dr:", ""), value]));
}

/** What the example's own program declares at both sites, on mocks. Default: with the configuration of its README. */
export function declareExample(name: string, secrets: SecretsOfSites, values = valuesOfExample(name)) {
    const valuesOf = (site: string) => ({ ...values, ...secrets[site as "east" | "west"], site });
    return declareAtBothSites(() => programOf(name), {
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

/** Pulumi loads a program once for each run. */
function programOf(name: string): unknown {
    const file = require.resolve(`../../../examples/${name}/index`);
    delete require.cache[file];
    // eslint-disable-next-line @typescript-eslint/no-require-imports -- as often as it is asked for
    return (require(file) as { tridentDr: unknown }).tridentDr;
}
