import { nameAtSite } from "../../provider/roles/sharedCluster";
import { clusterScopedProblems, fieldsProblems, labelSelectorProblems } from "../applicationFields";
import { hooksRelationProblems } from "../hooks/problems";
import { keptProblems, ownScheduleNames, sameNameProblems } from "../mirroredApplication";
import { sameScheduleProblems, scheduleRelationProblems } from "../schedules/further";
import { namespacesRelationProblems } from "../namespaces";
import { volumesRelationProblems } from "../mirroredVolumes";
import { nameProblems, oneOfProblems } from "../validation/names";
import { verificationProblems } from "../validation/tridentCertificate";
import { describe, describeSecret, didYouMean, type Problem } from "../validation/problems";
import { defaultClassProblems } from "../storage/defaultClasses";
import { existingProblems, isExisting } from "../storage/existing";
import { cycleProblems } from "../order";
import { defaultRecordNamespace } from "../sitePair";
import { discardProblems } from "../acknowledgements";
import { leavingProblems } from "../role";
import { peerStackProblems } from "../stackNames";
import { credentialProblems, needsCredentials, sameVaultProblems } from "../vaults/vault";
import type { StackConfiguration } from "./read";
import { overlapProblems } from "../tenants";
import { labelSelectorSchema } from "../../provider/support/labelSelector";
import { kubeconfigContentsProblem } from "../../provider/support/kubeconfigPath";
import { shortestPairKey } from "../../provider/support/seal";
import { secretKeys } from "./schema";

/**
 * What is wrong between values that may each be valid on their own. The checks read the unparsed values, so that they
 * report problems even where something else is invalid.
 */
export function relationProblems({ values, plain, environment, stack }: StackConfiguration): Problem[] {
    const sites = objectOr(values.sites);
    const names = Object.keys(sites);
    return [
        ...siteProblems(values, sites, names),
        ...ownStackProblems(values, names, stack),
        ...arrayProblems(sites),
        ...Object.entries(sites).flatMap(([name, site]) =>
            verificationProblems(`sites.${name}.ontap.verification`, objectOr(objectOr(site).ontap)),
        ),
        ...Object.entries(sites).flatMap(([name, site]) => existingOnlyProblems(`sites.${name}`, objectOr(site))),
        ...(values.sharedCluster === true
            ? [...sharedClusterProblems(values, names), ...sameStorageProblems(sites)]
            : listOr(values.applications).length === 0 || values.kubeconfig !== undefined
              ? []
              : clusterProblems(sites)),
        ...defaultsProblems(sites, values.sharedCluster === true),
        ...configuredKubeconfigProblems(values, sites),
        ...sameVaultProblems(
            "sites",
            mapValues(sites, (site) => objectOr(site).vault),
        ),
        ...applicationProblems(listOr(values.applications), names),
        ...groupProblems(listOr(values.volumes), listOr(values.applications), names),
        ...classProblems(listOr(values.applications), sites),
        ...orderProblems(listOr(values.applications)),
        ...credentialsProblems(values, sites, environment),
        ...plainProblems(plain),
    ];
}

function siteProblems(values: StackConfiguration["values"], sites: object, names: string[]): Problem[] {
    if (names.length !== 2) {
        // Without two sites there is nothing to compare the other values with.
        return values.sites === undefined || typeof values.sites !== "object"
            ? []
            : [{ key: "sites", expected: "two sites", found: `${names.length}: ${names.join(", ")}` }];
    }
    return [
        ...names.flatMap((name) => nameProblems(`sites.${name}`, name, "the name of a site")),
        ...(typeof values.site === "string" ? oneOfProblems("site", values.site, names) : []),
        ...namedSiteProblems("", values, names),
    ];
}

/** Values that name a site of the pair; those that are invalid on their own are reported elsewhere. */
function namedSiteProblems(
    prefix: string,
    { active, discard }: { active?: unknown; discard?: unknown },
    sites: readonly string[],
): Problem[] {
    const isValid = typeof discard === "string" && discardProblems("", discard, []).length === 0;
    return sites.length !== 2
        ? []
        : [
              ...(typeof active === "string" ? oneOfProblems(`${prefix}active`, active, sites) : []),
              ...(isValid ? discardProblems(`${prefix}discard`, discard, sites) : []),
          ];
}

function ownStackProblems(values: StackConfiguration["values"], names: string[], stack: string): Problem[] {
    const peer = names.find((name) => name !== values.site);
    return names.length === 2 && peer !== undefined && names.includes(String(values.site))
        ? peerStackProblems("peerStack", { peer, peerStack: values.peerStack }, stack)
        : [];
}

/** Two sites may share an array but not an SVM; two arrays need each other's addresses. */
function arrayProblems(sites: Record<string, unknown>): Problem[] {
    const arrays = Object.entries(sites).map(([name, site]) => {
        const { url, svm, interclusterAddresses = [], peering } = objectOr(objectOr(site).ontap);
        const host = typeof url === "string" && URL.canParse(url) ? new URL(url).host : undefined;
        return { name, host, svm, interclusterAddresses, isPeered: peering === "existing" };
    });
    const [first, second] = arrays;
    if (first?.host === undefined || second?.host === undefined) {
        return [];
    }
    if (first.host !== second.host) {
        return (
            arrays
                // Each is for the other site's half.
                .filter((one) => !arrays.some((other) => other !== one && other.isPeered))
                .filter(({ interclusterAddresses: list }) => Array.isArray(list) && list.length === 0)
                .map(({ name }) => ({
                    key: `sites.${name}.ontap.interclusterAddresses`,
                    expected: "one IP address or more, since the sites have an array each",
                    found: "none",
                }))
        );
    }
    return typeof first.svm !== "string" || first.svm !== second.svm
        ? []
        : [
              {
                  key: `sites.${second.name}.ontap.svm`,
                  expected: `another SVM than that of ${first.name}`,
                  found: `${first.svm} of ${first.host} at both sites`,
              },
          ];
}

/** What exists has no settings here; a backend that exists has its own address, aggregate and account. */
function existingOnlyProblems(key: string, site: Record<string, unknown>): Problem[] {
    const ontap = objectOr(site.ontap);
    const ofBackend = isExisting(site.tridentBackend) ? ["dataLif", "aggregate", "tridentUsername"] : [];
    const ofSecret = objectOr(site.tridentBackend).credentialsSecret === undefined ? [] : ["tridentUsername"];
    return [
        ...["storageClass", "snapshotClass"].flatMap((part) => {
            const args = site[part];
            const name = `${key}.${part}.existing`;
            return isExisting(args)
                ? existingProblems(`${key}.${part}`, args).filter((problem) => problem.key !== name)
                : [];
        }),
        ...listOr(site.moreStorageClasses).flatMap((args, index) => {
            const part = `${key}.moreStorageClasses[${index}]`;
            return isExisting(args)
                ? existingProblems(part, args).filter((problem) => problem.key !== `${part}.existing`)
                : [];
        }),
        ...[...new Set([...ofBackend, ...ofSecret])]
            .filter((field) => ontap[field] !== undefined)
            .map((field) => ({
                key: `${key}.ontap.${field}`,
                expected: `none beside tridentBackend.${ofBackend.length > 0 ? "existing" : "credentialsSecret"}`,
                found: describe(ontap[field]),
            })),
    ];
}

/**
 * Two sites are two clusters, unless the configuration says that they share one. What is not declared may differ between
 * two shells.
 */
function clusterProblems(sites: Record<string, unknown>): Problem[] {
    const clusters = Object.entries(sites).map(([name, site]) => ({ name, ...objectOr(objectOr(site).kubernetes) }));
    const [first, second] = clusters as { name: string; context?: unknown; kubeconfig?: unknown }[];
    return first === undefined ||
        second?.context === undefined ||
        first.context !== second.context ||
        first.kubeconfig !== second.kubeconfig
        ? []
        : [
              {
                  key: `sites.${second.name}.kubernetes.context`,
                  expected: `another cluster than that of ${first.name}: another context, or a kubeconfig of its own; or sharedCluster: true`,
                  found: `${describe(second.context)} at both sites`,
              },
          ];
}

/** The contents of a kubeconfig, of which nothing is shown, stand in place of a path. */
function configuredKubeconfigProblems(
    { kubeconfig, site }: StackConfiguration["values"],
    sites: Record<string, unknown>,
): Problem[] {
    if (kubeconfig === undefined) {
        return [];
    }
    const expected = "the contents of a kubeconfig in YAML, as a secret";
    const problem = typeof kubeconfig === "string" ? kubeconfigContentsProblem(kubeconfig) : describeSecret(kubeconfig);
    const { kubeconfig: path } = objectOr(objectOr(objectOr(sites)[String(site)]).kubernetes);
    return [
        ...(problem === undefined ? [] : [{ key: "kubeconfig", expected, found: problem }]),
        ...(path === undefined
            ? []
            : [
                  {
                      key: "kubeconfig",
                      expected: `none beside sites.${String(site)}.kubernetes.kubeconfig`,
                      found: "both",
                  },
              ]),
    ];
}

/** Where both sites are on one cluster, no namespace is that of two items, or of one item and of records. */
function sharedClusterProblems(values: StackConfiguration["values"], sites: readonly string[]): Problem[] {
    const owners = new Map<unknown, { what: string; site?: string }>(
        sites.map((site) => [
            nameAtSite(String(values.recordNamespace ?? defaultRecordNamespace), site),
            { what: `where the records of ${site} are` },
        ]),
    );
    return [
        ...volumesProblems(values.volumes),
        ...listOr(values.applications).flatMap((application, index) => {
            const key = `applications[${index}]`;
            const { namespaces, includedClusterScopedResources } = objectOr(application);
            const bySite = Object.entries(
                Array.isArray(namespaces)
                    ? Object.fromEntries(sites.map((site) => [site, namespaces]))
                    : objectOr(namespaces),
            );
            return [
                ...clusterScopedProblems(`${key}.includedClusterScopedResources`, includedClusterScopedResources),
                ...bySite.flatMap(([site, list]) =>
                    [...new Set(listOr(list).filter((one) => typeof one === "string"))].flatMap((namespace) => {
                        const owner = owners.get(namespace);
                        owners.set(namespace, owner ?? { what: `that of ${key} at ${site}`, site });
                        // Applications of one site are compared elsewhere.
                        return owner === undefined || owner.site === site
                            ? []
                            : [
                                  {
                                      key: `${key}.namespaces`,
                                      expected:
                                          "by site, namespaces that nothing else on the cluster has, since both sites are on it (sharedCluster)",
                                      found: `${describe(namespace)} at ${site}, ${owner.what}`,
                                  },
                              ];
                    }),
                ),
            ];
        }),
    ];
}

/** Nothing but the name of their records' namespace would keep the two sites' groups of one name apart. */
function volumesProblems(volumes: unknown): Problem[] {
    return listOr(volumes).length === 0
        ? []
        : [
              {
                  key: "volumes",
                  expected:
                      "none with sharedCluster: declare groups of volumes in a project of their own, whose sites have clusters of their own",
                  found: `${listOr(volumes).length}`,
              },
          ];
}

/** Of one class, or one backend, both sites' volumes would be on one array. */
function sameStorageProblems(sites: Record<string, unknown>): Problem[] {
    const [first, second] = Object.entries(sites).map(([name, site]) => ({
        name,
        given: existingStorageOf(objectOr(site)),
    }));
    return (second?.given ?? []).flatMap(({ key, kind, existing }) =>
        first?.given.some((one) => one.kind === kind && one.existing === existing) !== true
            ? []
            : [
                  {
                      key: `sites.${second!.name}.${key}.existing`,
                      expected: `another ${kind} than at ${first.name}, since both sites are on one cluster (sharedCluster)`,
                      found: `${describe(existing)} at both sites`,
                  },
              ],
    );
}

/** Each cluster has one default class of a kind. */
function defaultsProblems(sites: Record<string, unknown>, isShared: boolean): Problem[] {
    const classes = Object.entries(sites).map(([name, value]) => {
        const site = objectOr(value);
        return {
            prefix: `sites.${name}.`,
            storageClass: objectOr(site.storageClass),
            snapshotClass: objectOr(site.snapshotClass),
            moreStorageClasses: listOr(site.moreStorageClasses).map(objectOr),
        };
    });
    return (isShared ? [classes] : classes.map((one) => [one])).flatMap((ofCluster) => defaultClassProblems(ofCluster));
}

function existingStorageOf({ tridentBackend, storageClass, moreStorageClasses }: Record<string, unknown>) {
    return [
        { key: "tridentBackend", kind: "backend", one: tridentBackend },
        { key: "storageClass", kind: "StorageClass", one: storageClass },
        ...listOr(moreStorageClasses).map((one, index) => ({
            key: `moreStorageClasses[${index}]`,
            kind: "StorageClass",
            one,
        })),
    ].flatMap(({ key, kind, one }) => {
        const { existing } = objectOr(one);
        return existing === undefined ? [] : [{ key, kind, existing }];
    });
}

/** Each of several classes has a name, and an application's is at both sites. */
function classProblems(applications: unknown[], sites: Record<string, unknown>): Problem[] {
    const classes = Object.entries(sites).map(([site, value]) => {
        const { storageClass, moreStorageClasses } = objectOr(value);
        const first = objectOr(storageClass);
        const more = listOr(moreStorageClasses).map(objectOr);
        const names = [first.existing ?? first.name ?? "trident-dr", ...more.map((one) => one.existing ?? one.name)];
        return { site, more, names: names.filter((name) => typeof name === "string") };
    });
    return [
        ...classes.flatMap(({ site, more }) =>
            more.flatMap((one, index) =>
                one.existing === undefined && one.name === undefined
                    ? [
                          {
                              key: `sites.${site}.moreStorageClasses[${index}].name`,
                              expected: "a name, or existing",
                              found: "nothing",
                          },
                      ]
                    : [],
            ),
        ),
        ...applications.flatMap((application, index) => {
            const { storageClass } = objectOr(application);
            return typeof storageClass !== "string"
                ? []
                : classes
                      .filter(({ names }) => !names.includes(storageClass))
                      .map(({ site, names }) => ({
                          key: `applications[${index}].storageClass`,
                          expected: `a class of ${site}: ${names.join(", ")}`,
                          found: describe(storageClass) + didYouMean(storageClass, names),
                      }));
        }),
    ];
}

/** Each comes after applications that exist, and none after itself. */
function orderProblems(applications: unknown[]): Problem[] {
    const after = new Map(
        applications.map((application) => {
            const { name, after: list } = objectOr(application);
            return [String(name), Array.isArray(list) ? list.map(String) : []];
        }),
    );
    return applications.flatMap((application, index) => {
        const key = `applications[${index}].after`;
        const name = String(objectOr(application).name);
        return [
            ...(after.get(name) ?? [])
                .filter((other) => !after.has(other))
                .map((other) => ({
                    key,
                    expected: "names of applications",
                    found: describe(other) + didYouMean(other, [...after.keys()]),
                })),
            ...cycleProblems(key, name, after),
        ];
    });
}

function applicationProblems(applications: unknown[], sites: string[]): Problem[] {
    const owners = new Map<string, Owner[]>();
    const seen = new Set<unknown>();
    return applications.flatMap((application, index) => {
        const key = `applications[${index}]`;
        const { name, namespaces, every, recurrenceRule, mirrorRecurrenceRule } = objectOr(application);
        const problems: Problem[] = [];
        if (name !== undefined && seen.has(name)) {
            problems.push({ key: `${key}.name`, expected: "each application once", found: `${describe(name)} twice` });
        }
        seen.add(name);
        problems.push(...namedSiteProblems(`${key}.`, objectOr(application), sites));
        problems.push(...leavingProblems(`${key}.`, objectOr(application)));
        problems.push(...keptProblems(`${key}.snapshotRetention`, objectOr(application)));
        problems.push(...hooksRelationProblems(`${key}.hooks`, objectOr(application).hooks));
        problems.push(...sameNameProblems(`${key}.names`, objectOr(application).names));
        problems.push(...fieldsProblems(`${key}.`, objectOr(application)));
        problems.push(...labelSelectorProblems(`${key}.labelSelector`, objectOr(application).labelSelector));
        problems.push(...furtherScheduleProblems(`${key}.schedules`, objectOr(application), sites));
        if (every !== undefined && recurrenceRule !== undefined) {
            problems.push({ key: `${key}.every`, expected: "either every or recurrenceRule", found: "both" });
        }
        if (mirrorRecurrenceRule !== undefined && recurrenceRule === undefined) {
            problems.push({ key: `${key}.mirrorRecurrenceRule`, expected: "a recurrenceRule with it", found: "none" });
        }
        problems.push(...namespacesRelationProblems(`${key}.namespaces`, namespaces, sites));
        problems.push(...sharedNamespaceProblems(key, objectOr(application), sites, owners));
        return problems;
    });
}

/** An application that is in a namespace at a site. */
interface Owner {
    key: string;
    labelSelector: unknown;
}

/**
 * Two applications share a namespace, at either site, only where no object can belong to both. `owners` is by site and
 * namespace.
 */
function sharedNamespaceProblems(
    key: string,
    { namespaces, labelSelector }: Record<string, unknown>,
    sites: readonly string[],
    owners: Map<string, Owner[]>,
): Problem[] {
    const problems = (sites.length === 0 ? [""] : sites).flatMap((site) => {
        const here = listOr(Array.isArray(namespaces) ? namespaces : objectOr(namespaces)[site]);
        return [...new Set(here)].flatMap((namespace) => {
            const place = JSON.stringify([site, namespace]);
            const others = owners.get(place) ?? [];
            owners.set(place, [...others, { key, labelSelector }]);
            return others.flatMap((other) =>
                ownerProblems(`${key}.namespaces`, namespace, { key, labelSelector }, other),
            );
        });
    });
    return problems.filter(({ found }, index) => problems.findIndex((one) => one.found === found) === index);
}

/** A selector that cannot be read is reported elsewhere. */
function ownerProblems(key: string, namespace: unknown, own: Owner, other: Owner): Problem[] {
    const [one, another] = [own, other].map(({ labelSelector }) =>
        labelSelectorSchema.optional().safeParse(labelSelector),
    );
    return one!.success && another!.success
        ? overlapProblems(
              key,
              String(namespace),
              { labelSelector: one!.data },
              { labelSelector: another!.data },
              other.key,
          )
        : [];
}

function furtherScheduleProblems(
    key: string,
    { name, names, schedules }: Record<string, unknown>,
    sites: readonly string[],
): Problem[] {
    const list = listOr(schedules).map(objectOr);
    return [
        ...list.flatMap((schedule, index) => scheduleRelationProblems(`${key}[${index}]`, schedule, sites)),
        ...sameScheduleProblems(key, list, ownScheduleNames(String(name), names)),
    ];
}

/** Groups of volumes and applications share one set of names, because their records are published side by side. */
function groupProblems(groups: unknown[], applications: unknown[], sites: string[]): Problem[] {
    const names = new Set(applications.map((application) => objectOr(application).name));
    const owners = new Map<unknown, string>();
    return groups.flatMap((value, index) => {
        const key = `volumes[${index}]`;
        const group = objectOr(value);
        const { name } = group;
        const problems = volumesRelationProblems(`${key}.`, group);
        if (name !== undefined && names.has(name)) {
            problems.push({
                key: `${key}.name`,
                expected: "a name of its own among applications and groups of volumes",
                found: `${describe(name)} twice`,
            });
        }
        names.add(name);
        problems.push(...namedSiteProblems(`${key}.`, group, sites));
        problems.push(...leavingProblems(`${key}.`, group));
        new Set(listOr(group.volumes)).forEach((volume) => {
            const owner = owners.get(volume);
            if (owner !== undefined) {
                problems.push({
                    key: `${key}.volumes`,
                    expected: "volumes of no other group",
                    found: `${describe(volume)}, which is in ${owner}`,
                });
            }
            owners.set(volume, key);
        });
        return problems;
    });
}

/** Environment variables from which the dynamic provider takes a key that is not configured. */
const variables: Partial<Record<(typeof secretKeys)[number], string>> = {
    ontapUsername: "TRIDENT_DR_ONTAP_USERNAME",
    ontapPassword: "TRIDENT_DR_ONTAP_PASSWORD",
    ontapClientCertificate: "TRIDENT_DR_ONTAP_CLIENT_CERTIFICATE",
    ontapClientKey: "TRIDENT_DR_ONTAP_CLIENT_KEY",
    peeringPassphrase: "TRIDENT_DR_PEERING_PASSPHRASE",
    pairKey: "TRIDENT_DR_PAIR_KEY",
    previousPairKey: "TRIDENT_DR_PREVIOUS_PAIR_KEY",
};

function credentialsProblems(
    values: StackConfiguration["values"],
    sites: Record<string, unknown>,
    environment: NodeJS.ProcessEnv,
): Problem[] {
    const own = typeof values.site === "string" ? sites[values.site] : undefined;
    const { existing, credentialsSecret } = objectOr(objectOr(own).tridentBackend);
    const isNamed = objectOr(objectOr(own).ontap).tridentUsername !== undefined;
    const tridentHasItsOwn = isNamed || existing !== undefined || credentialsSecret !== undefined;
    const { accountSecret } = objectOr(objectOr(own).ontap);
    const certificate = ["ontapClientCertificate", "ontapClientKey"] as const;
    const isByCertificate = certificate.some((key) => isGiven(key, values[key], environment));
    // Trident's backend requires a user name and a password: its own, or the provider's.
    const isElsewhere = accountSecret !== undefined || (isByCertificate && tridentHasItsOwn);
    const password = isElsewhere ? [] : (["ontapUsername", "ontapPassword"] as const);
    return [
        ...(accountSecret === undefined ? [] : accountSecretProblems(values, tridentHasItsOwn)),
        ...password.flatMap((key) =>
            // Trident's Secret is declared from configuration: a value from the environment would differ between shells.
            secretProblems(key, values[key], tridentHasItsOwn ? environment : {}),
        ),
        ...(isByCertificate && accountSecret === undefined ? certificate : []).flatMap((key) =>
            secretProblems(key, values[key], environment),
        ),
        ...(objectOr(objectOr(own).ontap).peering === "existing"
            ? []
            : secretProblems("peeringPassphrase", values.peeringPassphrase, environment)),
        ...pairKeyProblems(values, environment),
        ...(isNamed ? secretProblems("tridentPassword", values.tridentPassword, {}) : []),
        ...(own !== undefined && !isNamed && values.tridentPassword !== undefined
            ? [
                  {
                      key: "tridentPassword",
                      expected: "the tridentUsername that it belongs to, in sites",
                      found: "a password (not shown) without a name",
                  },
              ]
            : []),
        ...vaultCredentialProblems(values.vaultCredentials, sites),
    ];
}

/** The program's account is in a Secret: then it is nowhere in configuration, and Trident's is not made of it. */
function accountSecretProblems(values: StackConfiguration["values"], tridentHasItsOwn: boolean): Problem[] {
    const key = `sites.${String(values.site)}.ontap.accountSecret`;
    const named = ["ontapUsername", "ontapPassword", "ontapClientCertificate", "ontapClientKey"] as const;
    return [
        ...named
            .filter((name) => values[name] !== undefined)
            .map((name) => ({ key: name, expected: `none beside ${key}`, found: describeSecret(values[name]) })),
        ...(tridentHasItsOwn
            ? []
            : [
                  {
                      key,
                      expected:
                          "an account of Trident's own beside it: ontap.tridentUsername, tridentBackend.credentialsSecret or tridentBackend.existing",
                      found: "none",
                  },
              ]),
    ];
}

function isGiven(key: (typeof secretKeys)[number], value: unknown, environment: NodeJS.ProcessEnv): boolean {
    const variable = variables[key];
    return value !== undefined || (variable !== undefined && (environment[variable] ?? "") !== "");
}

function secretProblems(key: (typeof secretKeys)[number], value: unknown, environment: NodeJS.ProcessEnv): Problem[] {
    if (value === undefined && isGiven(key, value, environment)) {
        return [];
    }
    return typeof value === "string" && value !== ""
        ? []
        : [{ key, expected: `a secret (pulumi config set --secret ${key})`, found: describeSecret(value) }];
}

/** A pair may have no key; the one before needs a present one beside it. */
function pairKeyProblems(values: StackConfiguration["values"], environment: NodeJS.ProcessEnv): Problem[] {
    const keys = ["pairKey", "previousPairKey"] as const;
    const lacksPresent =
        isGiven("previousPairKey", values.previousPairKey, environment) &&
        !isGiven("pairKey", values.pairKey, environment);
    return [
        ...keys
            .filter((key) => values[key] !== undefined)
            .filter((key) => typeof values[key] !== "string" || values[key].length < shortestPairKey)
            .map((key) => ({
                key,
                expected: `a secret of ${shortestPairKey} characters or more, the same at both sites`,
                found: typeof values[key] === "string" ? `${values[key].length} characters` : "something else",
            })),
        ...(lacksPresent
            ? [{ key: "pairKey", expected: "the present key beside previousPairKey", found: "none" }]
            : []),
    ];
}

function vaultCredentialProblems(value: unknown, sites: Record<string, unknown>): Problem[] {
    const key = "vaultCredentials";
    const names = Object.keys(sites);
    if (value !== undefined && (typeof value !== "object" || value === null || Array.isArray(value))) {
        return [
            { key, expected: `an object with the credentials of ${names.join(" and ")}`, found: describeSecret(value) },
        ];
    }
    const credentials = objectOr(value);
    return [
        ...Object.keys(credentials)
            .filter((name) => names.length > 0 && !names.includes(name))
            .map((name) => ({
                key: `${key}.${name}`,
                expected: `only ${names.join(" and ")}`,
                found: name + didYouMean(name, names),
            })),
        ...Object.entries(sites).flatMap(([name, site]) => {
            const { vault } = objectOr(site);
            return credentials[name] === undefined && !needsCredentials(objectOr(vault))
                ? []
                : credentialProblems(`${key}.${name}`, vault, credentials[name]);
        }),
    ];
}

function plainProblems(plain: ReadonlySet<string>): Problem[] {
    return secretKeys
        .filter((key) => plain.has(key))
        .map((key) => ({
            key,
            expected: `a secret (pulumi config set --secret ${key})`,
            found: "plain text (not shown)",
        }));
}

function listOr(value: unknown): unknown[] {
    return Array.isArray(value) ? (value as unknown[]) : [];
}

function objectOr(value: unknown): Record<string, unknown> {
    return typeof value === "object" && value !== null && !Array.isArray(value)
        ? (value as Record<string, unknown>)
        : {};
}

function mapValues<T>(object: Record<string, unknown>, change: (value: unknown) => T): Record<string, T> {
    return Object.fromEntries(Object.entries(object).map(([key, value]) => [key, change(value)]));
}
