import { podPolicyName } from "./podPolicyName";
import { bundleName, recordName } from "./recordName";
import { namespaceMarkerName, siteMarkerName } from "./sharedCluster";
import { vaultName, vaultSecretName } from "./vaultName";

/** What a site's stack declares, as far as its rights at the site's cluster depend on it. */
export interface DeclaredAccess {
    /** Both sites' names: each has a vault, which is declared at both. */
    sites: readonly string[];
    /** Names of their AppVaults. Default: `vault-<site>`. */
    vaultNames?: Readonly<Record<string, string>>;
    /** Those of them whose vault's credentials are in a Secret. */
    sitesWithCredentials: readonly string[];
    applications: readonly DeclaredApplication[];
    /** Namespace of the applications' records. */
    recordNamespace: string;
    /** Groups of mirrored volumes, each with the namespace of its record. */
    volumes: readonly { name: string; recordNamespace: string }[];
    storageClass: string;
    /** More of them. Default: none. */
    moreStorageClasses?: readonly string[];
    snapshotClass: string;
    protectNamespace: string;
    tridentNamespace: string;
    /** The TridentBackendConfigs. Default: the one that is declared where nothing else is said. */
    tridentBackends?: readonly string[];
    /** The Secrets that are declared for them. Default: that one's. */
    tridentSecrets?: readonly string[];
    /** What somebody else made: it is only read. Default: nothing. */
    existing?: ExistingAccess;
    /** The own site, where both are on this cluster. Default: the other one has a cluster of its own. */
    sharedCluster?: string;
    /** Whether what a run reads of each application may be listed in all namespaces at once. Default: no. */
    listsAll?: boolean;
}

/** The same as one item's role knows it: the class of its snapshots is declared beside it. */
export type RoleAccess = Omit<DeclaredAccess, "snapshotClass"> & Partial<Pick<DeclaredAccess, "snapshotClass">>;

/** What somebody else made. */
export interface ExistingAccess {
    /** Of the objects that are named elsewhere, those that are there already: each as `<plural of its kind>/<name>`. */
    objects?: readonly string[] | undefined;
    /** Secrets in Trident's namespace. */
    tridentSecrets?: readonly string[] | undefined;
    /** Secrets in Trident Protect's namespace. */
    vaultSecrets?: readonly string[] | undefined;
}

/** A mirrored application, as far as rights depend on it. */
export interface DeclaredApplication {
    name: string;
    namespaces: readonly string[];
    /** What its ExecHooks are for, such as `Snapshot`. Default: none are declared. */
    hooks?: readonly string[];
    /** Whether a label selector chooses what belongs to it: another kind of barrier keeps its pods from starting. Default: no. */
    selected?: boolean;
}

export type Verb = "get" | "list" | "watch" | "create" | "patch" | "update" | "delete";

/** Something that the user of `pulumi up` may do at a site's cluster. */
export interface Permission {
    /** Absent for what is in no namespace. */
    namespace?: string;
    /** API group; empty for the core. */
    group: string;
    /** Plural name of the kind. */
    resource: string;
    verbs: readonly Verb[];
    /** Objects to which it is restricted. Default: all of them there. */
    names?: readonly string[];
}

type Place = Pick<Permission, "namespace" | "names">;

interface Rule extends Pick<Permission, "group" | "resource" | "verbs"> {
    where: (declared: RoleAccess) => Place[];
}

const protect = "protect.trident.netapp.io";
const trident = "trident.netapp.io";
const snapshotStorage = "snapshot.storage.k8s.io";
const admission = "admissionregistration.k8s.io";

/** Group and kinds that plans read at once where they may. */
const listedAtOnce = [
    ...["applications", "schedules", "snapshots", "shutdownsnapshots", "snapshotinplacerestores"].map(
        (kind) => [protect, kind] as const,
    ),
    [protect, "appmirrorrelationships"],
    [trident, "tridentmirrorrelationships"],
    ...["deployments", "statefulsets", "daemonsets", "replicasets"].map((kind) => ["apps", kind] as const),
    ...["jobs", "cronjobs"].map((kind) => ["batch", kind] as const),
    ...["pods", "resourcequotas", "persistentvolumeclaims", "persistentvolumes"].map((kind) => ["", kind] as const),
] as const;

/** By server-side apply, which creates what is missing: unlike a plain `create`, it can be restricted to names. */
const declare: readonly Verb[] = ["get", "patch", "create"];
/** Of what somebody else made. */
const read: readonly Verb[] = ["get"];

/**
 * Every right that is needed, and no other: a right that the code comes to need has a line here. What Pulumi's Kubernetes
 * provider does with what the components declare is in it; everything of theirs is retained, so that nothing is deleted.
 */
const rules: readonly Rule[] = [
    // Of an application, in its first namespace: what the role makes, waits for and removes.
    { where: firstNamespaces, group: protect, resource: "applications", verbs: declare },
    { where: firstNamespaces, group: protect, resource: "schedules", verbs: ["list", "create", "patch", "delete"] },
    {
        where: firstNamespaces,
        group: protect,
        resource: "appmirrorrelationships",
        verbs: ["get", "watch", "create", "patch", "delete"],
    },
    // Its ExecHooks, where they are declared, and what is known of the hooks of a role change, where there are any.
    { where: hooks, group: protect, resource: "exechooks", verbs: ["list", "create", "patch", "delete"] },
    { where: hooksOfRoleChanges, group: protect, resource: "exechooksruns", verbs: ["list"] },
    ...["snapshots", "snapshotinplacerestores"].map((resource): Rule => ({
        where: firstNamespaces,
        group: protect,
        resource,
        verbs: ["get", "list", "watch", "create", "delete"],
    })),
    // A final snapshot that a pod outlived is marked.
    {
        where: firstNamespaces,
        group: protect,
        resource: "shutdownsnapshots",
        verbs: ["get", "list", "watch", "create", "patch", "delete"],
    },
    // In each of its namespaces: what is looked at.
    { where: allNamespaces, group: "", resource: "persistentvolumeclaims", verbs: ["get", "list", "watch"] },
    { where: allNamespaces, group: "", resource: "pods", verbs: ["get", "list", "watch"] },
    // Keeps pods from starting at a site that does not serve.
    {
        where: ({ applications }) => allNamespaces({ applications: applications.filter((one) => !isSelected(one)) }),
        group: "",
        resource: "resourcequotas",
        verbs: ["get", "watch", "create", "delete"],
    },
    // The same of an application with a label selector: it takes a quota away that was left, and tries a pod, of which
    // the API server keeps nothing. RBAC knows no right to that alone.
    { where: ofSelected, group: "", resource: "resourcequotas", verbs: ["get", "delete"] },
    { where: ofSelected, group: "", resource: "pods", verbs: ["create"] },
    ...["validatingadmissionpolicies", "validatingadmissionpolicybindings"].map((resource): Rule => ({
        where: podPolicies,
        group: admission,
        resource,
        verbs: [...declare, "delete"],
    })),
    ...["deployments", "statefulsets", "daemonsets", "replicasets"].map((resource): Rule => ({
        where: allNamespaces,
        group: "apps",
        resource,
        verbs: ["list"],
    })),
    ...["jobs", "cronjobs"].map((resource): Rule => ({
        where: allNamespaces,
        group: "batch",
        resource,
        verbs: ["list"],
    })),
    // What a filter excludes can be mirrored all the same; and a copy that takes long, or a promotion that does not end,
    // is explained by them, at any application.
    { where: allNamespaces, group: trident, resource: "tridentmirrorrelationships", verbs: ["list"] },
    { where: allNamespaces, group: snapshotStorage, resource: "volumesnapshots", verbs: ["get"] },
    // The records of all items.
    { where: records, group: "", resource: "configmaps", verbs: declare },
    // Beside them what a takeover without Pulumi goes by, until the item leaves the mirror.
    { where: bundles, group: "", resource: "configmaps", verbs: [...declare, "delete"] },
    { where: earlierRecords, group: "", resource: "configmaps", verbs: ["get", "delete"] },
    // Which site the cluster is: created once, on condition that there is none, which no name can restrict.
    { where: siteMarker, group: "", resource: "configmaps", verbs: ["get"] },
    { where: unnamedSiteMarker, group: "", resource: "configmaps", verbs: ["create"] },
    // What the components declare for Trident Protect and Trident.
    ...declaredOrRead(protect, "appvaults", vaults, ["watch"]),
    { where: vaultSecrets, group: "", resource: "secrets", verbs: declare },
    { where: existingVaultSecrets, group: "", resource: "secrets", verbs: read },
    ...declaredOrRead(trident, "tridentbackendconfigs", backends, ["watch"]),
    { where: tridentVersion, group: trident, resource: "tridentversions", verbs: ["get"] },
    { where: backendSecrets, group: "", resource: "secrets", verbs: declare },
    { where: existingBackendSecrets, group: "", resource: "secrets", verbs: read },
    // What is in no namespace. A Role needs its namespace, so that whoever applies the roles makes the namespaces.
    { where: namespaces, group: "", resource: "namespaces", verbs: ["get", "patch"] },
    ...declaredOrRead("storage.k8s.io", "storageclasses", ({ storageClass, moreStorageClasses = [] }) => [
        { names: [storageClass, ...moreStorageClasses] },
    ]),
    ...declaredOrRead(snapshotStorage, "volumesnapshotclasses", ({ snapshotClass }) =>
        snapshotClass === undefined ? [] : [{ names: [snapshotClass] }],
    ),
    // Trident names them: they cannot be known.
    { where: withApplications, group: "", resource: "persistentvolumes", verbs: ["get"] },
    // Of claims that are not ours, too: whether they are bound at once.
    { where: withApplications, group: "storage.k8s.io", resource: "storageclasses", verbs: ["get"] },
    { where: withApplications, group: snapshotStorage, resource: "volumesnapshotcontents", verbs: ["get"] },
    // Of all namespaces at once, so that a run of many applications reads each kind once.
    ...listedAtOnce.map(([group, resource]): Rule => ({ where: listing, group, resource, verbs: ["list"] })),
    {
        where: (declared) => (hooks(declared).length === 0 ? [] : listing(declared)),
        group: protect,
        resource: "exechooks",
        verbs: ["list"],
    },
    {
        where: (declared) => listing(declared).map(() => ({ namespace: declared.recordNamespace })),
        group: "",
        resource: "configmaps",
        verbs: ["list"],
    },
];

/** What the user of `pulumi up` needs at the site's cluster, and nothing else. */
export function permissionsOf(declared: RoleAccess): Permission[] {
    const all = rules.flatMap(({ where, ...rule }) => where(declared).map((place) => ({ ...rule, ...place })));
    const merged = new Map<string, Permission>();
    for (const one of all) {
        const key = JSON.stringify([one.namespace, one.group, one.resource, one.verbs, one.names === undefined]);
        const names = [...new Set([...(merged.get(key)?.names ?? []), ...(one.names ?? [])])];
        merged.set(key, one.names === undefined ? one : { ...one, names });
    }
    return [...merged.values()];
}

function firstNamespaces({ applications }: Pick<RoleAccess, "applications">): Place[] {
    return applications.map((application) => ({ namespace: application.namespaces[0]! }));
}

function hooks({ applications }: RoleAccess): Place[] {
    return firstNamespaces({ applications: applications.filter((application) => application.hooks !== undefined) });
}

function hooksOfRoleChanges({ applications }: RoleAccess): Place[] {
    const told = ({ hooks = [] }: DeclaredApplication) => hooks.some((one) => one === "Failover" || one === "Restore");
    return firstNamespaces({ applications: applications.filter(told) });
}

function allNamespaces({ applications }: Pick<RoleAccess, "applications">): Place[] {
    return applications.flatMap((application) => application.namespaces.map((namespace) => ({ namespace })));
}

function isSelected({ selected }: DeclaredApplication): boolean {
    return selected === true;
}

function ofSelected({ applications }: RoleAccess): Place[] {
    return allNamespaces({ applications: applications.filter(isSelected) });
}

function podPolicies({ applications }: RoleAccess): Place[] {
    return applications
        .filter(isSelected)
        .map(({ name, namespaces: [first] }) => ({ names: [podPolicyName(first!, name)] }));
}

/** Where earlier versions kept the records of applications: they are moved from there once. */
function earlierRecords({ applications }: RoleAccess): Place[] {
    return applications.map(({ name, namespaces: [first] }) => ({ namespace: first!, names: [recordName(name)] }));
}

function records(declared: RoleAccess): Place[] {
    return besideRecords(declared, recordName);
}

function bundles(declared: RoleAccess): Place[] {
    return besideRecords(declared, bundleName);
}

/** The object of each item with a name made of its own, where its record is. */
function besideRecords(
    { applications, volumes, recordNamespace }: RoleAccess,
    nameOf: (item: string) => string,
): Place[] {
    return [
        ...applications.map(({ name }) => ({ namespace: recordNamespace, names: [nameOf(name)] })),
        ...volumes.map(({ name, recordNamespace }) => ({ namespace: recordNamespace, names: [nameOf(name)] })),
    ];
}

function siteMarker({ applications, sites, protectNamespace, sharedCluster }: RoleAccess): Place[] {
    const ofNamespaces =
        sharedCluster === undefined
            ? []
            : applications.flatMap(({ namespaces: own }) => own.map((one) => namespaceMarkerName(sites, one)));
    return applications.length === 0
        ? []
        : [{ namespace: protectNamespace, names: [siteMarkerName(sites), ...ofNamespaces] }];
}

function unnamedSiteMarker({ applications, protectNamespace }: RoleAccess): Place[] {
    return applications.length === 0 ? [] : [{ namespace: protectNamespace }];
}

/** What is declared here is written; what of it somebody else made is only read. */
function declaredOrRead(group: string, resource: string, where: Rule["where"], more: readonly Verb[] = []): Rule[] {
    const placesOf = (wantsExisting: boolean) => (access: RoleAccess) =>
        where(access)
            .map(({ names = [], ...place }) => ({
                ...place,
                names: names.filter(
                    (name) => (access.existing?.objects?.includes(`${resource}/${name}`) === true) === wantsExisting,
                ),
            }))
            .filter(({ names }) => names.length > 0);
    return [
        { where: placesOf(false), group, resource, verbs: [...declare, ...more] },
        { where: placesOf(true), group, resource, verbs: [...read, ...more] },
    ];
}

function vaults({ sites, protectNamespace, vaultNames }: RoleAccess): Place[] {
    return [{ namespace: protectNamespace, names: sites.map((site) => vaultName(site, vaultNames)) }];
}

function vaultSecrets({ sitesWithCredentials, protectNamespace, vaultNames }: RoleAccess): Place[] {
    return sitesWithCredentials.map((site) => ({
        namespace: protectNamespace,
        names: [vaultSecretName(vaultName(site, vaultNames))],
    }));
}

function existingVaultSecrets({ protectNamespace, existing }: RoleAccess): Place[] {
    return named(protectNamespace, existing?.vaultSecrets);
}

function backends({ tridentNamespace, tridentBackends = ["trident-dr-ontap"] }: RoleAccess): Place[] {
    return named(tridentNamespace, tridentBackends);
}

function backendSecrets({ tridentNamespace, tridentSecrets = ["trident-dr-ontap-credentials"] }: RoleAccess): Place[] {
    return named(tridentNamespace, tridentSecrets);
}

function existingBackendSecrets({ tridentNamespace, existing }: RoleAccess): Place[] {
    return named(tridentNamespace, existing?.tridentSecrets);
}

/** No names would mean all of them. */
function named(namespace: string, names: readonly string[] = []): Place[] {
    return names.length === 0 ? [] : [{ namespace, names }];
}

/** Which Trident it is: too old a one is refused. */
function tridentVersion({ applications, tridentNamespace }: RoleAccess): Place[] {
    return applications.length === 0 ? [] : [{ namespace: tridentNamespace, names: ["trident"] }];
}

/** Whoever made a backend keeps its Secret, too. */
function namespaces({ applications, recordNamespace }: RoleAccess): Place[] {
    return [
        ...applications.map((application) => ({ names: [...application.namespaces] })),
        ...(applications.length === 0 ? [] : [{ names: [recordNamespace] }]),
    ];
}

function withApplications({ applications }: RoleAccess): Place[] {
    return applications.length === 0 ? [] : [{}];
}

function listing({ applications, listsAll }: RoleAccess): Place[] {
    return applications.length === 0 || listsAll !== true ? [] : [{}];
}
