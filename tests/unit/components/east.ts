import type * as pulumi from "@pulumi/pulumi";
import { AppVaults, type AppVaultsArgs } from "../../../components/appVaults";
import { OntapBackend, type OntapBackendArgs } from "../../../components/ontapBackend";
import { SitePair, type SitePairArgs } from "../../../components/sitePair";
import type { VaultArgs } from "../../../components/vaults/vault";

/** The bucket of a site, with credentials that must be seen nowhere. */
const vault = (site: string): VaultArgs => ({
    type: "GenericS3",
    bucket: `bucket-${site}`,
    endpoint: "s3.example",
    credentials: { accessKeyID: "id", secretAccessKey: "canary-vault" },
});

/** What anything that is mirrored is declared with, at east, whose peer is west. */
export function declareEast(
    options: pulumi.ComponentResourceOptions,
    said: Partial<SitePairArgs> = {},
    ofBackend: Partial<OntapBackendArgs> = {},
) {
    const pair = new SitePair(
        "pair",
        { site: "east", peer: "west", active: "east", kubernetes: { context: "east" }, ...said },
        options,
    );
    const backend = new OntapBackend(
        "ontap",
        {
            pair,
            endpoint: { url: "https://10.0.1.5" },
            svm: "svm_east",
            dataLif: "10.0.1.6",
            peer: { svm: "svm_west", interclusterAddresses: ["10.0.2.7"] },
            credentials: { username: "trident", password: "canary-trident" },
            ...ofBackend,
        },
        options,
    );
    return { pair, backend };
}

/** Both sites' vaults, as east knows them. */
export function declareVaults(
    pair: SitePair,
    options: pulumi.ComponentResourceOptions,
    said: Partial<AppVaultsArgs> = {},
): AppVaults {
    return new AppVaults("vaults", { pair, sites: { east: vault("east"), west: vault("west") }, ...said }, options);
}
