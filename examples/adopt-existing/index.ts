import { AppVaults, loadSettings, MirroredApplication, OntapBackend, SitePair } from "pulumi-trident-dr";

// One program for both sites: the configuration of a stack says which one it is for, and what is there already.
const settings = loadSettings();

const pair = new SitePair("pair", settings.pair);
const backend = new OntapBackend("ontap", { pair, ...settings.ontap });
const vaults = new AppVaults("vaults", { pair, sites: settings.vaults });

// With `adopt: true` their objects become this program's as they are.
for (const { name, ...application } of settings.applications) {
    new MirroredApplication(name, { pair, backend, vaults, ...application });
}

/** The other site's stack reads this. Everything above must be declared before it. */
export const tridentDr = pair.outputs();

/** What to do at the other site next. */
export const next = pair.next();
