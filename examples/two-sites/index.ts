import {
    AppVaults,
    loadSettings,
    MirroredApplication,
    MirroredVolumes,
    OntapBackend,
    SitePair,
} from "pulumi-trident-dr";

// One program for both sites: which of them a stack is for stands in its configuration.
const settings = loadSettings();

const pair = new SitePair("pair", settings.pair);
const backend = new OntapBackend("ontap", { pair, ...settings.ontap });
const vaults = new AppVaults("vaults", { pair, sites: settings.vaults });

for (const { name, ...application } of settings.applications) {
    new MirroredApplication(name, { pair, backend, vaults, ...application });
}
for (const { name, ...volumes } of settings.volumes) {
    new MirroredVolumes(name, { pair, backend, vaults, ...volumes });
}

/** What the other site's stack reads of this one. */
export const tridentDr = pair.outputs();

/** What is to be done at the other site next. */
export const next = pair.next();
