import { AppVaults, type HookArgs, loadSettings, MirroredApplication, OntapBackend, SitePair } from "pulumi-trident-dr";

const settings = loadSettings();
const pair = new SitePair("pair", settings.pair);
const backend = new OntapBackend("ontap", { pair, ...settings.ontap });
const vaults = new AppVaults("vaults", { pair, sites: settings.vaults });

const matchingCriteria: HookArgs["matchingCriteria"] = [{ type: "containerName", value: "^postgres$" }];
const hooks: HookArgs[] = [
    // A checkpoint before each snapshot.
    { recipe: "postgresql", matchingCriteria },
    // At the site that took over: statistics are not replicated, and the first queries would be slow without.
    {
        name: "shop-analyze",
        action: "Failover",
        stage: "Post",
        source: '#!/bin/sh\nexec psql -X -w -q -U "$POSTGRES_USER" -d "$1" -c ANALYZE\n',
        arguments: ["shop"],
        matchingCriteria,
    },
];

for (const { name, ...application } of settings.applications) {
    new MirroredApplication(name, { pair, backend, vaults, hooks, ...application });
}

export const tridentDr = pair.outputs();
export const next = pair.next();
