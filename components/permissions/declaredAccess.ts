import { z } from "zod";
import { explainIssues } from "../../provider/clients/ontap/answers";
import type { DeclaredAccess } from "../../provider/roles/permissions";
import { defined } from "../../provider/support/defined";
import { failed, ok, type Result } from "../../provider/support/result";

export type { DeclaredAccess } from "../../provider/roles/permissions";

const name = z.string().min(1);
const className = z.looseObject({ name: name.optional() }).optional();

/** Only what matters here: whether the rest is valid, the program itself says. */
const valuesSchema = z.looseObject({
    site: name,
    recordNamespace: name.optional(),
    sites: z.record(
        name,
        z.looseObject({
            vault: z.looseObject({ name: name.optional(), useIAM: z.boolean().optional() }),
            storageClass: className,
            snapshotClass: className,
        }),
    ),
    applications: z.array(
        z.looseObject({
            name,
            namespaces: z.array(name).min(1),
            hooks: z.array(z.looseObject({ action: name.optional() })).optional(),
        }),
    ),
    volumes: z.array(z.looseObject({ name, recordNamespace: name.optional() })).default([]),
});

/** The defaults of the components. */
const defaults = {
    className: "trident-dr",
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
    const { site, sites, applications, volumes, recordNamespace = defaults.recordNamespace } = parsed.data;
    const own = sites[site];
    return own === undefined
        ? failed([`key "site": expected one of ${Object.keys(sites).join(", ")}, found "${site}"`])
        : ok({
              sites: Object.keys(sites),
              vaultNames: Object.fromEntries(
                  Object.entries(sites).flatMap(([one, { vault }]) =>
                      vault.name === undefined ? [] : [[one, vault.name]],
                  ),
              ),
              sitesWithCredentials: Object.keys(sites).filter((one) => sites[one]?.vault.useIAM !== true),
              applications: applications.map(({ name, namespaces, hooks }) => ({
                  name,
                  namespaces,
                  // Those of a recipe belong to snapshots.
                  ...defined({ hooks: hooks?.map(({ action = "Snapshot" }) => action) }),
              })),
              recordNamespace,
              volumes: volumes.map((group) => ({
                  name: group.name,
                  recordNamespace: group.recordNamespace ?? defaults.protectNamespace,
              })),
              storageClass: own.storageClass?.name ?? defaults.className,
              snapshotClass: own.snapshotClass?.name ?? defaults.className,
              protectNamespace: defaults.protectNamespace,
              tridentNamespace: defaults.tridentNamespace,
          });
}
