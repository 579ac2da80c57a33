import { strict as assert } from "node:assert";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { parseAllDocuments, stringify } from "yaml";
import {
    AppVaults,
    loadSettings,
    MirroredApplication,
    MirroredVolumes,
    OntapBackend,
    SitePair,
} from "../../../../index";
import { declaredAccessIn, type DeclaredAccess } from "../../../../components/permissions/declaredAccess";
import { type Permission, permissionsOf } from "../../../../provider/roles/permissions";
import { rbac, UsageError } from "../../../../components/permissions/rbac";
import { inAllNamespaces } from "../../../../provider/clients/kubernetes/wholeLists";
import { kinds } from "../../../../provider/clients/kubernetes/kinds";
import { declareAtBothSites } from "../../../../testing";
import { goodValues } from "../configuration";

const values = () => ({
    ...goodValues(),
    applications: [
        {
            name: "shop",
            namespaces: ["shop", "shop-data"],
            resourceFilter: { resourceSelectionCriteria: "Exclude", resourceMatchers: [] },
        },
        { name: "bank", namespaces: ["bank"] },
    ],
    volumes: [{ name: "archive", volumes: ["archive01"], schedule: "5min" }],
});

/** With names that somebody gave before. */
const named = () => {
    const all = values();
    Object.assign(all.sites.east!.vault, { name: "shop-bucket" });
    return all;
};

/** Both sites on the cluster of east, with something of everything. */
const onOneCluster = () => {
    const all = { ...named(), sharedCluster: true };
    all.sites.west!.kubernetes = all.sites.east!.kubernetes;
    Object.assign(all.sites.east!, {
        moreBackends: [{ name: "capacity" }],
        moreStorageClasses: [{ name: "cheap", backend: "capacity" }],
        snapshotClass: { name: "snapshots" },
    });
    return { ...all, applications: [{ name: "shop", namespaces: { east: ["shop"], west: ["spare"] } }], volumes: [] };
};

/** The same with hooks of one of its applications. */
const withHooks = (hooks: object[] | undefined) => {
    const all = values();
    Object.assign(all.applications[1]!, { hooks });
    return all;
};

function accessIn(configuration: unknown): DeclaredAccess {
    const declared = declaredAccessIn(configuration);
    assert.ok(declared.ok, JSON.stringify(declared));
    return declared.value;
}

/** The permission for objects of a kind, as `group/resource`, in a namespace. */
function permissionFor(permissions: readonly Permission[], resource: string, namespace?: string): Permission[] {
    return permissions.filter((one) => one.namespace === namespace && `${one.group}/${one.resource}` === resource);
}

describe("the rights of the user of pulumi up", () => {
    it("are for an application's namespaces at the site, where those differ between the sites", () => {
        const applications = [{ name: "shop", namespaces: { east: ["shop"], west: ["spare"] } }];
        const placesAt = (site: string) => accessIn({ ...values(), applications, site }).applications[0]!.namespaces;
        assert.deepEqual([placesAt("east"), placesAt("west")], [["shop"], ["spare"]]);
        assert.deepEqual(
            declaredAccessIn({ ...values(), applications: [{ name: "shop", namespaces: { west: ["a1"] } }] }),
            {
                ok: false,
                failure: ['key "applications", shop: expected its namespaces at east, found none'],
            },
        );
    });

    for (const [what, configured] of [
        ["suffice for everything that a program declares, by the name that it has", named],
        ["suffice for it at a cluster that both sites share", onOneCluster],
    ] as const) {
        it(what, async () => {
            const { east, west } = await declareAtBothSites(
                () => {
                    const settings = loadSettings();
                    const pair = new SitePair("pair", settings.pair);
                    const backend = new OntapBackend("ontap", { pair, ...settings.ontap });
                    const vaults = new AppVaults("vaults", { pair, sites: settings.vaults });
                    settings.applications.forEach(
                        ({ name, ...rest }) => new MirroredApplication(name, { pair, backend, vaults, ...rest }),
                    );
                    settings.volumes.forEach(
                        ({ name, ...rest }) => new MirroredVolumes(name, { pair, backend, vaults, ...rest }),
                    );
                    return pair.outputs();
                },
                {
                    config: (site) =>
                        Object.fromEntries(
                            Object.entries({ ...configured(), site }).map(([key, value]) => [
                                `trident-dr:${key}`,
                                typeof value === "string" ? value : JSON.stringify(value),
                            ]),
                        ),
                    secretKeys: [
                        "ontapUsername",
                        "ontapPassword",
                        "tridentPassword",
                        "peeringPassphrase",
                        "vaultCredentials",
                    ].map((key) => `trident-dr:${key}`),
                },
            );
            for (const [site, { resources }] of Object.entries({ east, west })) {
                const permissions = permissionsOf(accessIn({ ...configured(), site }));
                const declared = resources.filter(({ type }) => type.startsWith("kubernetes:"));
                assert.ok(declared.length >= 10, `${declared.length} objects`);
                for (const { type, inputs } of declared) {
                    const { name, namespace } = inputs.metadata as { name: string; namespace?: string };
                    const [, apiVersion, kind] = type.split(":") as [string, string, string];
                    const group = apiVersion.includes("/") ? apiVersion.split("/")[0]!.replace(/^core$/, "") : "";
                    const resource = `${kind.toLowerCase()}s`.replace(/sss$/, "sses");
                    const found = permissions.find(
                        (one) =>
                            one.namespace === namespace &&
                            one.resource === resource &&
                            (group === "" || one.group === group || one.group === `${group}.k8s.io`) &&
                            one.names?.includes(name) === true,
                    );
                    // Whoever applies the roles makes the namespaces, which Roles need.
                    const verbs =
                        kind === "Namespace" ? (["get", "patch"] as const) : (["get", "patch", "create"] as const);
                    for (const verb of verbs) {
                        assert.ok(found?.verbs.includes(verb), `${verb} ${type} ${namespace ?? ""}/${name}`);
                    }
                }
            }
        });
    }

    it("are for what says whose each namespace is, at a cluster that both sites share", () => {
        const markers = (access: DeclaredAccess) =>
            permissionFor(permissionsOf(access), "/configmaps", "trident-protect").flatMap(({ names = [] }) =>
                names.filter((name) => name.startsWith("trident-dr-site")),
            );
        assert.deepEqual(markers(accessIn(onOneCluster())), [
            "trident-dr-site.east.west",
            "trident-dr-site.east.west.shop",
        ]);
        assert.deepEqual(markers(accessIn(values())), ["trident-dr-site.east.west"]);
    });

    it("have a line for every kind that the provider reads or writes", () => {
        const all = withHooks([{ action: "Failover" }]);
        Object.assign(all.applications[0]!, { labelSelector: { matchLabels: { app: "shop" } } });
        const permissions = permissionsOf(accessIn(all));
        for (const { apiVersion, plural } of Object.values(kinds)) {
            const group = apiVersion.includes("/") ? apiVersion.split("/")[0]! : "";
            assert.ok(
                permissions.some((one) => one.group === group && one.resource === plural),
                `${plural}.${group}`,
            );
        }
    });

    it("are for ExecHooks where these are declared, and for their runs where a role change has some", () => {
        const hooksIn = (hooks?: object[]) =>
            permissionsOf(accessIn(withHooks(hooks)))
                .filter(({ resource }) => resource.startsWith("exechooks"))
                .map(({ namespace, resource, verbs }) => [namespace, resource, verbs]);
        const hooks = ["bank", "exechooks", ["list", "create", "patch", "delete"]];
        const runs = ["bank", "exechooksruns", ["list"]];
        assert.deepEqual(hooksIn(undefined), []);
        assert.deepEqual(hooksIn([]), [hooks]);
        assert.deepEqual(hooksIn([{ recipe: "mysql" }, { action: "Backup" }]), [hooks]);
        assert.deepEqual(hooksIn([{ action: "Failover" }]), [hooks, runs]);
        assert.deepEqual(hooksIn([{ action: "Restore" }]), [hooks, runs]);
    });

    it("are for a policy by its name, and to try a pod, where a label selector chooses: there alone", () => {
        const barriers = (permissions: readonly Permission[]) =>
            permissions
                .filter(
                    ({ group, resource, verbs }) =>
                        group === "admissionregistration.k8s.io" ||
                        resource === "resourcequotas" ||
                        (resource === "pods" && verbs.includes("create")),
                )
                .map(({ namespace, resource, names, verbs }) => [namespace, resource, names, verbs]);
        const quotas = ["get", "watch", "create", "delete"];
        assert.deepEqual(
            barriers(permissionsOf(accessIn(values()))),
            ["shop", "shop-data", "bank"].map((namespace) => [namespace, "resourcequotas", undefined, quotas]),
        );
        const all = values();
        Object.assign(all.applications[0]!, { labelSelector: { matchLabels: { app: "shop" } } });
        const byName = (resource: string) => [
            undefined,
            resource,
            ["trident-dr-shop.shop"],
            ["get", "patch", "create", "delete"],
        ];
        assert.deepEqual(barriers(permissionsOf(accessIn(all))), [
            ["bank", "resourcequotas", undefined, quotas],
            ["shop", "resourcequotas", undefined, ["get", "delete"]],
            ["shop-data", "resourcequotas", undefined, ["get", "delete"]],
            ["shop", "pods", undefined, ["create"]],
            ["shop-data", "pods", undefined, ["create"]],
            byName("validatingadmissionpolicies"),
            byName("validatingadmissionpolicybindings"),
        ]);
    });

    it("read what explains a long copy and a promotion that hangs, at an application without a filter, too", () => {
        const bank = values().applications.find(({ name }) => name === "bank");
        assert.ok(bank !== undefined && !("resourceFilter" in bank));
        const permissions = permissionsOf(accessIn(values()));
        assert.deepEqual(
            permissions
                .filter(({ resource }) => resource === "tridentmirrorrelationships")
                .map(({ namespace, verbs }) => [namespace, verbs]),
            ["shop", "shop-data", "bank"].map((namespace) => [namespace, ["list"]]),
        );
    });

    it("reach no Secret and no ConfigMap but by name (or to create one, which no name can restrict), and nothing of another namespace", () => {
        const permissions = permissionsOf(accessIn(values()));
        const named = permissions.filter(({ resource }) => ["secrets", "configmaps"].includes(resource));
        assert.deepEqual(
            named.map(({ namespace, resource, names }) => [namespace, resource, names]),
            [
                ["trident-dr", "configmaps", ["trident-dr-record-shop", "trident-dr-record-bank"]],
                ["trident-protect", "configmaps", ["trident-dr-record-archive"]],
                ["trident-dr", "configmaps", ["trident-dr-takeover-shop", "trident-dr-takeover-bank"]],
                ["trident-protect", "configmaps", ["trident-dr-takeover-archive"]],
                ["shop", "configmaps", ["trident-dr-record-shop"]],
                ["bank", "configmaps", ["trident-dr-record-bank"]],
                ["trident-protect", "configmaps", ["trident-dr-site.east.west"]],
                ["trident-protect", "configmaps", undefined],
                ["trident-protect", "secrets", ["vault-east-credentials", "vault-west-credentials"]],
                ["trident", "secrets", ["trident-dr-ontap-credentials"]],
            ],
        );
        const wide = permissions.filter(({ namespace, names }) => namespace === undefined && names === undefined);
        assert.deepEqual(
            wide.map(({ resource, verbs }) => [resource, verbs]),
            [
                ["persistentvolumes", ["get"]],
                ["storageclasses", ["get"]],
                ["volumesnapshotcontents", ["get"]],
            ],
        );
        assert.ok(!JSON.stringify(permissions).includes("*"));
    });

    it("list in all namespaces what plans read at once, and the records, only where that is asked for", () => {
        const declared = accessIn(values());
        const applications = declared.applications.map((one) => ({ ...one, hooks: ["Snapshot"] }));
        const more = (access: typeof declared) =>
            permissionsOf({ ...access, listsAll: true }).slice(permissionsOf(access).length);
        const inAll = [...inAllNamespaces].map(({ apiVersion, plural }) => ({
            group: apiVersion.includes("/") ? apiVersion.split("/")[0]! : "",
            resource: plural,
            verbs: ["list"],
        }));
        const byName = (left: { resource: string }, right: { resource: string }) =>
            left.resource < right.resource ? -1 : 1;
        assert.ok(!more(declared).some(({ resource }) => resource === "exechooks"));
        assert.deepEqual(
            more({ ...declared, applications }).sort(byName),
            [...inAll, { namespace: "trident-dr", group: "", resource: "configmaps", verbs: ["list"] }].sort(byName),
        );
    });

    it("follow what is declared: nothing of applications where there is none, no Secret where a vault needs none", () => {
        const some = permissionsOf(accessIn({ ...values(), applications: [] }));
        assert.deepEqual(permissionFor(some, "/persistentvolumes"), []);
        assert.ok(!some.some(({ namespace }) => namespace === "shop"));
        const spoilt = values();
        spoilt.sites.west!.vault = { ...spoilt.sites.west!.vault, type: "AWS", useIAM: true };
        spoilt.sites.east!.ontap = { ...spoilt.sites.east!.ontap };
        Object.assign(spoilt.sites.east!, { storageClass: { name: "mirrored" } });
        const permissions = permissionsOf(accessIn(spoilt));
        assert.deepEqual(permissionFor(permissions, "/secrets", "trident-protect")[0]?.names, [
            "vault-east-credentials",
        ]);
        assert.deepEqual(permissionFor(permissions, "storage.k8s.io/storageclasses")[0]?.names, ["mirrored"]);
    });

    it("reach each of several backends and classes by its name", () => {
        const spoilt = values();
        Object.assign(spoilt.sites.east!, {
            moreBackends: [{ name: "capacity" }],
            moreStorageClasses: [{ name: "cheap", backend: "capacity" }, { existing: "nas" }],
        });
        const permissions = permissionsOf(accessIn(spoilt));
        const namesOf = (resource: string, namespace?: string) =>
            permissionFor(permissions, resource, namespace).flatMap(({ names, verbs }) =>
                names === undefined ? [] : [[names, verbs.includes("create")]],
            );
        assert.deepEqual(namesOf("trident.netapp.io/tridentbackendconfigs", "trident"), [
            [["trident-dr-ontap", "capacity"], true],
        ]);
        assert.deepEqual(namesOf("storage.k8s.io/storageclasses"), [
            [["trident-dr", "cheap"], true],
            [["nas"], false],
        ]);
    });

    it("read what somebody else made, and write nothing of it", () => {
        const spoilt = values();
        Object.assign(spoilt.sites.east!, {
            tridentBackend: { existing: "nas-production" },
            storageClass: { existing: "nas" },
            snapshotClass: { existing: "nas-snapshots" },
            vault: { existing: "archive", credentialsSecret: "archive-key" },
        });
        const permissions = permissionsOf(accessIn(spoilt));
        const verbsAndNames = (resource: string, namespace?: string) =>
            permissionFor(permissions, resource, namespace)
                .filter(({ names }) => names !== undefined)
                .map(({ verbs, names }) => [verbs, names]);
        assert.deepEqual(verbsAndNames("storage.k8s.io/storageclasses"), [[["get"], ["nas"]]]);
        assert.deepEqual(verbsAndNames("snapshot.storage.k8s.io/volumesnapshotclasses"), [
            [["get"], ["nas-snapshots"]],
        ]);
        assert.deepEqual(verbsAndNames("trident.netapp.io/tridentbackendconfigs", "trident"), [
            [["get", "watch"], ["nas-production"]],
        ]);
        assert.deepEqual(verbsAndNames("/secrets", "trident"), []);
        assert.deepEqual(verbsAndNames("protect.trident.netapp.io/appvaults", "trident-protect"), [
            [["get", "patch", "create", "watch"], ["vault-west"]],
            [["get", "watch"], ["archive"]],
        ]);
        assert.deepEqual(verbsAndNames("/secrets", "trident-protect"), [
            [["get", "patch", "create"], ["vault-west-credentials"]],
            [["get"], ["archive-key"]],
        ]);
        Object.assign(spoilt.sites.east!, { tridentBackend: { credentialsSecret: "trident-account" } });
        const withSecret = permissionsOf(accessIn(spoilt));
        assert.deepEqual(
            permissionFor(withSecret, "/secrets", "trident").map(({ verbs, names }) => [verbs, names]),
            [[["get"], ["trident-account"]]],
        );
        Object.assign(spoilt.sites.east!.ontap, { accountSecret: "dr-account" });
        assert.deepEqual(
            permissionFor(permissionsOf(accessIn(spoilt)), "/secrets", "trident").map(({ names }) => names),
            [["trident-account", "dr-account"]],
        );
    });

    it("are not guessed from a configuration that does not say enough", () => {
        const { sites: _, ...rest } = values();
        assert.deepEqual(declaredAccessIn(rest), {
            ok: false,
            failure: ['key "sites": expected record, found nothing'],
        });
        assert.deepEqual(declaredAccessIn({ ...values(), site: "north" }), {
            ok: false,
            failure: ['key "site": expected one of east, west, found "north"'],
        });
    });
});

/** A manifest as YAML has it, as far as these tests read it. */
interface Read {
    kind: string;
    metadata: { name: string; namespace?: string };
    roleRef?: { name: string };
    subjects?: unknown;
    rules?: unknown;
}

describe("trident-dr-rbac", () => {
    let folder: string;
    before(async () => {
        folder = await mkdtemp(path.join(tmpdir(), "rbac-"));
    });
    after(() => rm(folder, { recursive: true, force: true }));

    it("prints the roles of a stack, and binds them to whom it is told", async () => {
        const config = Object.fromEntries(Object.entries(values()).map(([key, value]) => [`acme:${key}`, value]));
        const file = path.join(folder, "Pulumi.east.yaml");
        await writeFile(file, stringify({ config: { ...config, "acme:ontapPassword": { secure: "AAABA…" } } }));
        const text = rbac(["--config", file, "--service-account", "ci/pulumi"]);
        const manifests = parseAllDocuments(text).map((document) => document.toJS() as Read);
        const names = manifests.map(({ kind, metadata: { name, namespace } }) => `${kind} ${namespace ?? ""}/${name}`);
        assert.deepEqual(names, [
            ...["shop", "shop-data", "bank", "trident-dr"].map((name) => `Namespace /${name}`),
            "ClusterRole /pulumi-trident-dr",
            "ClusterRoleBinding /pulumi-trident-dr",
            ...["shop", "bank", "shop-data", "trident-dr", "trident-protect", "trident"].flatMap((namespace) => [
                `Role ${namespace}/pulumi-trident-dr`,
                `RoleBinding ${namespace}/pulumi-trident-dr`,
            ]),
        ]);
        for (const { roleRef, subjects } of manifests.filter(({ kind }) => kind.endsWith("Binding"))) {
            assert.equal(roleRef?.name, "pulumi-trident-dr");
            assert.deepEqual(subjects, [{ apiGroup: "", kind: "ServiceAccount", name: "pulumi", namespace: "ci" }]);
        }
        const trident = manifests.find(({ kind, metadata }) => kind === "Role" && metadata.namespace === "trident");
        assert.deepEqual(trident?.rules, [
            {
                apiGroups: ["trident.netapp.io"],
                resources: ["tridentbackendconfigs"],
                resourceNames: ["trident-dr-ontap"],
                verbs: ["get", "patch", "create", "watch"],
            },
            {
                apiGroups: ["trident.netapp.io"],
                resources: ["tridentversions"],
                resourceNames: ["trident"],
                verbs: ["get"],
            },
            {
                apiGroups: [""],
                resources: ["secrets"],
                resourceNames: ["trident-dr-ontap-credentials"],
                verbs: ["get", "patch", "create"],
            },
        ]);
    });

    it("says what it misses, and how it is used", async () => {
        const file = path.join(folder, "empty.yaml");
        await writeFile(file, "config: {}\n");
        const refused: [string[], RegExp][] = [
            [["--config", file, "--user", "ci"], /expected a key <project>:sites in config, found none/],
            [["--user", "ci"], /--config: expected the path of a stack's configuration, found nothing/],
            [["--config", path.join(folder, "none"), "--user", "ci"], /--config: .* cannot be read/],
            [["--config", file, "--usr", "ci"], /--usr/],
        ];
        for (const [args, problem] of refused) {
            assert.throws(
                () => rbac(args),
                (error: Error) => {
                    assert.ok(error instanceof UsageError);
                    assert.match(error.message, problem);
                    assert.match(error.message, /\n\nusage: trident-dr-rbac/);
                    return true;
                },
            );
        }
        await writeFile(file, stringify({ config: { "acme:sites": {} } }));
        assert.throws(() => rbac(["--config", file, "--user", "ci"]), /key "site": expected string, found nothing/);
        const good = Object.entries(values()).map(([key, value]) => [`acme:${key}`, value]);
        await writeFile(file, stringify({ config: Object.fromEntries(good) }));
        assert.throws(() => rbac(["--config", file]), /expected one of --user, --group and --service-account/);
        assert.throws(() => rbac(["--config", file, "--service-account", "ci"]), /expected NAMESPACE\/NAME, found ci/);
    });
});
