import { AppVaults, loadSettings, MirroredApplication, OntapBackend, SitePair } from "pulumi-trident-dr";

// One program for both sites: the configuration of a stack says which one it is for.
const settings = loadSettings();

// It says as well that both are on one cluster; each site's objects there have names of its own.
const pair = new SitePair("pair", settings.pair);
const backend = new OntapBackend("ontap", { pair, ...settings.ontap });
const vaults = new AppVaults("vaults", { pair, sites: settings.vaults });

for (const { name, ...application } of settings.applications) {
    new MirroredApplication(name, { pair, backend, vaults, ...application });
}

/** The other site's stack reads this. Everything above must be declared before it. */
export const tridentDr = pair.outputs();

/** What to do at the other site next. */
export const next = pair.next();
