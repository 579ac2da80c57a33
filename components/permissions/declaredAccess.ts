import { z } from "zod";
import { explainIssues } from "../../provider/clients/ontap/answers";
import { failed, ok, type Result } from "../../provider/support/result";

/** What a site's stack declares, as far as its rights at the site's cluster depend on it. */
export interface DeclaredAccess {
    /** Both sites' names: each has a vault, which is declared at both. */
    sites: readonly string[];
    /** Those of them whose vault's credentials are in a Secret. */
    sitesWithCredentials: readonly string[];
    applications: readonly DeclaredApplication[];
    /** Namespace of the applications' records. */
    recordNamespace: string;
    /** Groups of mirrored volumes, each with the namespace of its record. */
    volumes: readonly { name: string; recordNamespace: string }[];
    storageClass: string;
    snapshotClass: string;
    protectNamespace: string;
    tridentNamespace: string;
}

/** A mirrored application, as far as rights depend on it. */
export interface DeclaredApplication {
    name: string;
    namespaces: readonly string[];
}

const name = z.string().min(1);
const className = z.looseObject({ name: name.optional() }).optional();

/** Only what matters here: whether the rest is valid, the program itself says. */
const valuesSchema = z.looseObject({
    site: name,
    recordNamespace: name.optional(),
    sites: z.record(
        name,
        z.looseObject({
            vault: z.looseObject({ useIAM: z.boolean().optional() }),
            storageClass: className,
            snapshotClass: className,
        }),
    ),
    applications: z.array(z.looseObject({ name, namespaces: z.array(name).min(1) })),
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
              sitesWithCredentials: Object.keys(sites).filter((one) => sites[one]?.vault.useIAM !== true),
              applications: applications.map(({ name, namespaces }) => ({ name, namespaces })),
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
