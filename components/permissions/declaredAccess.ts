import { z } from "zod";
import { explainIssues } from "../../provider/clients/ontap/answers";
import type { DeclaredAccess } from "../../provider/roles/permissions";
import { nameAtSite } from "../../provider/roles/sharedCluster";
import { vaultName } from "../../provider/roles/vaultName";
import { defined } from "../../provider/support/defined";
import { failed, ok, type Result } from "../../provider/support/result";

import { namespacesOf } from "../namespaces";

export type { DeclaredAccess } from "../../provider/roles/permissions";

const name = z.string().min(1);
const namespaces = z.array(name).min(1);
const className = z.looseObject({ name: name.optional(), existing: name.optional() }).optional();

/** Only what matters here: whether the rest is valid, the program itself says. */
const valuesSchema = z.looseObject({
    site: name,
    recordNamespace: name.optional(),
    sharedCluster: z.union([z.boolean(), z.stringbool()]).optional(),
    sites: z.record(
        name,
        z.looseObject({
            vault: z.looseObject({
                existing: name.optional(),
                name: name.optional(),
                credentialsSecret: name.optional(),
                useIAM: z.boolean().optional(),
            }),
            tridentBackend: z.looseObject({ existing: name.optional(), credentialsSecret: name.optional() }).optional(),
            ontap: z.looseObject({ accountSecret: name.optional() }).optional(),
            moreBackends: z.array(z.looseObject({ name })).optional(),
            storageClass: className,
            moreStorageClasses: z.array(z.looseObject({ name: name.optional(), existing: name.optional() })).optional(),
            snapshotClass: className,
        }),
    ),
    applications: z.array(
        z.looseObject({
            name,
            namespaces: z.union([namespaces, z.record(name, namespaces)]),
            hooks: z.array(z.looseObject({ action: name.optional() })).optional(),
            labelSelector: z.looseObject({}).optional(),
        }),
    ),
    volumes: z.array(z.looseObject({ name, recordNamespace: name.optional() })).default([]),
});

/** The defaults of the components. */
const defaults = {
    className: "trident-dr",
    backendName: "trident-dr-ontap",
    recordNamespace: "trident-dr",
    protectNamespace: "trident-protect",
    tridentNamespace: "trident",
};

/**
 * Reads it from a stack's configuration, for a program that declares what `loadSettings` gives it.
 *
 * @param values the configuration by key, without the namespace of the keys
 */
export function declaredAccessIn(values: unknown): Result<DeclaredAccess, string[]> {
    const parsed = valuesSchema.safeParse(values);
    if (!parsed.success) {
        return failed(explainIssues(parsed.error, values, "the configuration"));
    }
    const { site, sites, applications, volumes, recordNamespace, firstBackend } = namedAtSite(parsed.data);
    const own = sites[site];
    const nowhere = applications.filter((application) => namespacesOf(application.namespaces, site).length === 0);
    return own === undefined
        ? failed([`key "site": expected one of ${Object.keys(sites).join(", ")}, found "${site}"`])
        : nowhere.length > 0
          ? failed(
                nowhere.map(
                    ({ name }) => `key "applications", ${name}: expected its namespaces at ${site}, found none`,
                ),
            )
          : ok({
                sites: Object.keys(sites),
                vaultNames: namesOfVaults(sites),
                sitesWithCredentials: Object.keys(sites).filter((one) => hasOwnSecret(sites[one]!.vault)),
                applications: applications.map(({ name, namespaces: given, hooks, labelSelector }) => ({
                    name,
                    namespaces: namespacesOf(given, site),
                    // Those of a recipe belong to snapshots.
                    ...defined({ hooks: hooks?.map(({ action = "Snapshot" }) => action) }),
                    ...(labelSelector === undefined ? {} : { selected: true }),
                })),
                recordNamespace,
                volumes: volumes.map((group) => ({
                    name: group.name,
                    recordNamespace: group.recordNamespace,
                })),
                storageClass: own.storageClass?.existing ?? own.storageClass?.name ?? defaults.className,
                snapshotClass: own.snapshotClass?.existing ?? own.snapshotClass?.name ?? defaults.className,
                protectNamespace: defaults.protectNamespace,
                tridentNamespace: defaults.tridentNamespace,
                ...(parsed.data.sharedCluster === true ? { sharedCluster: site } : {}),
                ...existingAccess(sites, own, firstBackend),
            });
}

type Values = z.infer<typeof valuesSchema>;
type Sites = Values["sites"];
type Site = Sites[string];

/** With the names that objects have at the site: where the cluster is the other site's as well, each site has its own. */
function namedAtSite({ sharedCluster, recordNamespace = defaults.recordNamespace, ...values }: Values) {
    const { site, sites } = values;
    if (sharedCluster !== true) {
        const groups = values.volumes.map((group) => ({
            ...group,
            recordNamespace: group.recordNamespace ?? defaults.protectNamespace,
        }));
        return { ...values, recordNamespace, volumes: groups, firstBackend: defaults.backendName };
    }
    const named = (name: string) => nameAtSite(name, site);
    const ofSite = ([one, given]: [string, Site]): [string, Site] => [one, namedSite(given, one, named)];
    return {
        ...values,
        sites: Object.fromEntries(Object.entries(sites).map(ofSite)),
        recordNamespace: named(recordNamespace),
        // Refused by the program.
        volumes: [],
        firstBackend: named(defaults.backendName),
    };
}

function namedSite(given: Site, site: string, named: (name: string) => string): Site {
    const { vault, storageClass = {}, snapshotClass = {}, moreStorageClasses = [], moreBackends = [] } = given;
    const withName = <T extends { existing?: string | undefined; name?: string | undefined }>(
        one: T,
        standard: string,
    ) => (one.existing === undefined ? { ...one, name: named(one.name ?? standard) } : one);
    return {
        ...given,
        vault: withName(vault, vaultName(site)),
        storageClass: withName(storageClass, defaults.className),
        snapshotClass: withName(snapshotClass, defaults.className),
        moreStorageClasses: moreStorageClasses.map((one) => withName(one, defaults.className)),
        moreBackends: moreBackends.map((one) => ({ ...one, name: named(one.name) })),
    };
}

function namesOfVaults(sites: Sites): Record<string, string> {
    return Object.fromEntries(
        Object.entries(sites).flatMap(([site, { vault }]) => {
            const given = vault.existing ?? vault.name;
            return given === undefined ? [] : [[site, given]];
        }),
    );
}

function hasOwnSecret({ existing, credentialsSecret, useIAM }: Site["vault"]): boolean {
    return existing === undefined && credentialsSecret === undefined && useIAM !== true;
}

/** What somebody else made, and is only read; nothing where nobody did. */
function existingAccess(
    sites: Sites,
    { tridentBackend = {}, ontap, moreBackends = [], storageClass, moreStorageClasses = [], snapshotClass }: Site,
    firstBackend: string,
): Pick<DeclaredAccess, "tridentBackends" | "tridentSecrets" | "existing" | "moreStorageClasses"> {
    const vaults = Object.values(sites).map(({ vault }) => vault);
    const objects = [
        ["tridentbackendconfigs", tridentBackend.existing],
        ["storageclasses", storageClass?.existing],
        ...moreStorageClasses.map(({ existing }) => ["storageclasses", existing]),
        ["volumesnapshotclasses", snapshotClass?.existing],
        ...vaults.map(({ existing }) => ["appvaults", existing]),
    ].flatMap(([kind, given]) => (given === undefined ? [] : [`${kind}/${given}`]));
    return {
        ...(tridentBackend.existing === undefined && moreBackends.length === 0 && firstBackend === defaults.backendName
            ? {}
            : {
                  tridentBackends: [
                      tridentBackend.existing ?? firstBackend,
                      ...moreBackends.map((backend) => backend.name),
                  ],
              }),
        moreStorageClasses: present(moreStorageClasses.map((one) => one.existing ?? one.name)),
        ...(Object.keys(tridentBackend).some((key) => ["existing", "credentialsSecret"].includes(key))
            ? { tridentSecrets: [] }
            : firstBackend === defaults.backendName
              ? {}
              : { tridentSecrets: [`${firstBackend}-credentials`] }),
        existing: {
            objects,
            tridentSecrets: [...new Set(present([tridentBackend.credentialsSecret, ontap?.accountSecret]))],
            vaultSecrets: present(vaults.map(({ credentialsSecret }) => credentialsSecret)),
        },
    };
}

function present(names: readonly (string | undefined)[]): string[] {
    return names.filter((one) => one !== undefined);
}
