import { strict as assert } from "node:assert";
import { validate } from "../../../components/settings/validate";
import { expectedArrayName } from "../../../provider/clients/ontap/names";
import { canaries, certificate, configurationOf, goodValues } from "./configuration";

type Values = ReturnType<typeof goodValues> & Record<string, unknown>;

/** What a user reads about a good configuration after `spoil` has been at it, a line for each problem. */
function refusal(spoil: (values: Values) => void, rest: Parameters<typeof configurationOf>[1] = {}): string[] {
    const values = goodValues() as Values;
    spoil(values);
    return validate(configurationOf(values, rest)).problems.map(
        ({ key, expected, found }) => `${key}: expected ${expected}; found ${found}`,
    );
}

describe("validation of the configuration", () => {
    it("has nothing against a good one, and fills in the defaults", () => {
        const { problems, parsed } = validate(configurationOf(goodValues()));
        assert.deepEqual(problems, []);
        assert.deepEqual(parsed!.applications[0]!.every, { amount: 5, unit: "minutes" });
    });

    it("hands on what an operator gives leave to", () => {
        const values = { ...goodValues(), lag: "the window closes", fullCopy: 2 };
        const { problems, parsed } = validate(configurationOf(values));
        assert.deepEqual(problems, []);
        assert.deepEqual([parsed!.lag, parsed!.fullCopy], ["the window closes", 2]);
        assert.match(
            refusal((spoilt) => (spoilt["fullCopy"] = "all")).join(),
            /fullCopy: expected the number of the epoch/,
        );
        assert.match(refusal((spoilt) => (spoilt["lag"] = " ")).join(), /lag: expected the reason/);
    });

    const cases: [title: string, spoil: (values: Values) => void, ...lines: string[]][] = [
        [
            "a class that is not at both sites, and one without a name",
            (values) => {
                Object.assign(values.sites.east!, { moreStorageClasses: [{ name: "gold" }, { default: false }] });
                Object.assign(values.applications[0]!, { storageClass: "gold" });
            },
            "trident-dr:sites.east.moreStorageClasses[1].name: expected a name, or existing; found nothing",
            'trident-dr:applications[0].storageClass: expected a class of west: trident-dr; found "gold"',
        ],
        [
            "what would change nothing of what exists already",
            (values) => {
                Object.assign(values.sites.east!, {
                    tridentBackend: { existing: "nas" },
                    storageClass: { existing: "nas", default: true },
                    vault: { existing: "archive" },
                });
            },
            "trident-dr:sites.east.storageClass.default: expected no such key beside existing: what exists is used as it is; found default",
            'trident-dr:sites.east.ontap.dataLif: expected none beside tridentBackend.existing; found "10.0.1.6"',
            'trident-dr:sites.east.ontap.tridentUsername: expected none beside tridentBackend.existing; found "trident"',
            "trident-dr:vaultCredentials.east: expected no credentials with existing; found credentials (secret, not shown)",
        ],
        [
            "names that are operators of the array's queries",
            (values) => {
                Object.assign(values.sites.east!.ontap, { svm: "svm_*", aggregate: "a|b", cluster: "!c" });
            },
            `trident-dr:sites.east.ontap.svm: expected ${expectedArrayName}; found "svm_*"`,
            `trident-dr:sites.east.ontap.cluster: expected ${expectedArrayName}; found "!c"`,
            `trident-dr:sites.east.ontap.aggregate: expected ${expectedArrayName}; found "a|b"`,
        ],
        [
            "more snapshots than a volume holds, with those that are kept by default",
            (values) => {
                values.applications.push({ ...values.applications[0]!, name: "bank", namespaces: ["bank"] });
                Object.assign(values.applications[0]!, {
                    snapshotRetention: 1000,
                    daily: { hour: 0, minute: 30, keep: 11 },
                });
                Object.assign(values.applications[1]!, { daily: { hour: 0, minute: 30, keep: 1009 } });
            },
            "trident-dr:applications[0].snapshotRetention: expected 1010 snapshots at most with those of daily.keep, since ONTAP holds 1019 of the destination of a mirror, 9 of which are left to role changes and SnapMirror; found 1011: 1000 and 11 daily ones",
            "trident-dr:applications[1].snapshotRetention: expected 1010 snapshots at most with those of daily.keep, since ONTAP holds 1019 of the destination of a mirror, 9 of which are left to role changes and SnapMirror; found 1011: 2 and 1009 daily ones",
        ],
        [
            "namespaces by site that do not belong together, and that another application has",
            (values) => {
                Object.assign(values.applications[0]!, { namespaces: { east: ["shop"], west: ["spare", "more"] } });
                values.applications.push({ name: "bank", namespaces: { east: ["bank"], west: ["spare"] } });
                values.applications.push({ name: "mill", namespaces: { east: ["bank", "m"], wset: [] } });
            },
            'trident-dr:applications[2].namespaces.east[1]: expected the name of a namespace: 2 to 63 lower-case letters, digits and "-", with a letter or digit at both ends; found "m"',
            "trident-dr:applications[2].namespaces.wset: expected one namespace or more; found an empty list",
            "trident-dr:applications[0].namespaces.west: expected as many namespaces as at the other site, each for that in the same place: 1; found 2",
            'trident-dr:applications[1].namespaces: expected namespaces of no other application; found "spare", which is in applications[0]',
            "trident-dr:applications[2].namespaces: expected the namespaces of east and west; found east, wset",
            'trident-dr:applications[2].namespaces: expected namespaces of no other application; found "bank", which is in applications[1]',
        ],
        [
            "label selectors by which two applications in one namespace could have the same object",
            (values) => {
                const sharing = (name: string, labelSelector?: object) =>
                    values.applications.push({ name, namespaces: ["common"], ...(labelSelector && { labelSelector }) });
                sharing("a", { matchLabels: { app: "a" } });
                // By one label with other values: nothing is wrong with it.
                sharing("b", { matchExpressions: [{ key: "app", operator: "In", values: ["b", "c"] }] });
                sharing("c", { matchLabels: { app: "c" } });
                sharing("d");
            },
            'trident-dr:applications[3].namespaces: expected namespaces of no other application, or labelSelectors of both by which no object can be chosen twice, such as one label with different values; found "common", which is in applications[2]; this one has labelSelector app=c, that one labelSelector app in (b,c)',
            'trident-dr:applications[4].namespaces: expected namespaces of no other application, or labelSelectors of both by which no object can be chosen twice, such as one label with different values; found "common", which is in applications[1]; this one has no labelSelector, that one labelSelector app=a',
            'trident-dr:applications[4].namespaces: expected namespaces of no other application, or labelSelectors of both by which no object can be chosen twice, such as one label with different values; found "common", which is in applications[2]; this one has no labelSelector, that one labelSelector app in (b,c)',
            'trident-dr:applications[4].namespaces: expected namespaces of no other application, or labelSelectors of both by which no object can be chosen twice, such as one label with different values; found "common", which is in applications[3]; this one has no labelSelector, that one labelSelector app=c',
        ],
        [
            "label selectors that choose everything or nothing",
            (values) => {
                Object.assign(values.applications[0]!, { labelSelector: {} });
                values.applications.push({
                    name: "bank",
                    namespaces: ["bank"],
                    labelSelector: {
                        matchLabels: { "my app": "bank", app: "the bank" },
                        matchExpressions: [
                            { key: "a/b/c", operator: "Exists" },
                            { key: "tier", operator: "In" },
                            { key: "tier", operator: "NotIn", values: ["-"] },
                        ],
                    },
                });
            },
            "trident-dr:applications[0].labelSelector: expected matchLabels or matchExpressions; found neither",
            "trident-dr:applications[1].labelSelector.matchExpressions[1].values: expected one value or more for In; found nothing",
            'trident-dr:applications[1].labelSelector.matchLabels: expected the name of a label, such as app or example.com/app; found "my app"',
            'trident-dr:applications[1].labelSelector.matchLabels.app: expected the value of a label: letters, digits, "-", "_" and ".", at most 63; found "the bank"',
            'trident-dr:applications[1].labelSelector.matchExpressions[0].key: expected the name of a label, such as app or example.com/app; found "a/b/c"',
            'trident-dr:applications[1].labelSelector.matchExpressions[2].values[0]: expected the value of a label: letters, digits, "-", "_" and ".", at most 63; found "-"',
        ],
        [
            "namespaces of a shared cluster that are not one site's alone, or those of records",
            (values) => {
                values["sharedCluster"] = true;
                values.sites.west!.kubernetes = { context: "east" };
                values.applications = [
                    { name: "shop", namespaces: ["shop"] },
                    { name: "bank", namespaces: { east: ["bank"], west: ["mill"] } },
                    {
                        name: "mill",
                        namespaces: { east: ["mill"], west: ["trident-dr-east"] },
                        includedClusterScopedResources: [
                            { groupVersionKind: { version: "v1", kind: "PersistentVolume" } },
                        ],
                    },
                ];
            },
            'trident-dr:applications[0].namespaces: expected by site, namespaces that nothing else on the cluster has, since both sites are on it (sharedCluster); found "shop" at west, that of applications[0] at east',
            "trident-dr:applications[2].includedClusterScopedResources: expected none with sharedCluster: both sites would stop and bring back the same objects; found a list of 1",
            'trident-dr:applications[2].namespaces: expected by site, namespaces that nothing else on the cluster has, since both sites are on it (sharedCluster); found "mill" at east, that of applications[1] at west',
            'trident-dr:applications[2].namespaces: expected by site, namespaces that nothing else on the cluster has, since both sites are on it (sharedCluster); found "trident-dr-east" at west, where the records of east are',
        ],
        [
            "classes and backends that somebody else made for both sites of a shared cluster",
            (values) => {
                values["sharedCluster"] = true;
                values.applications = [{ name: "shop", namespaces: { east: ["shop"], west: ["spare"] } }];
                const [east, west] = [values.sites.east!, values.sites.west!];
                Object.assign(east, { storageClass: { existing: "nas" }, tridentBackend: { existing: "nas-east" } });
                Object.assign(west, {
                    tridentBackend: { existing: "nas-west" },
                    moreStorageClasses: [{ existing: "nas" }],
                });
                [east, west].forEach(({ ontap }) => {
                    delete ontap["dataLif"];
                    delete ontap["tridentUsername"];
                });
                delete (values as Partial<Values>)["tridentPassword"];
            },
            'trident-dr:sites.west.moreStorageClasses[0].existing: expected another StorageClass than at east, since both sites are on one cluster (sharedCluster); found "nas" at both sites',
        ],
        [
            "two default classes at a cluster, which both sites of a shared one make",
            (values) => {
                values["sharedCluster"] = true;
                values.applications = [{ name: "shop", namespaces: { east: ["shop"], west: ["spare"] } }];
                Object.assign(values.sites.east!, {
                    storageClass: { default: true },
                    moreStorageClasses: [{ name: "gold", default: true }],
                    snapshotClass: { default: true },
                });
                Object.assign(values.sites.west!, {
                    moreStorageClasses: [{ name: "silver" }, { name: "gold", default: true }],
                    snapshotClass: { default: true },
                });
            },
            "trident-dr:sites.east.moreStorageClasses[0].default: expected false or nothing, since sites.east.storageClass is the cluster's default StorageClass; found true",
            "trident-dr:sites.west.moreStorageClasses[1].default: expected false or nothing, since sites.east.storageClass is the cluster's default StorageClass, and both sites are on one cluster (sharedCluster); found true",
            "trident-dr:sites.west.snapshotClass.default: expected false or nothing, since sites.east.snapshotClass is the cluster's default VolumeSnapshotClass, and both sites are on one cluster (sharedCluster); found true",
        ],
        [
            "verification that is off beside a certificate",
            (values) => Object.assign(values.sites.west!.ontap, { verification: "none", certificate }),
            "trident-dr:sites.west.ontap.verification: expected verify, since a certificate is given, or no certificate; found none, beside a certificate that would not be used to verify the array",
        ],
        [
            "one name for both Schedules of an application",
            (values) => Object.assign(values.applications[0]!, { names: { schedule: "often", daily: "often" } }),
            'trident-dr:applications[0].names.daily: expected another name than that of schedule; found "often"',
        ],
        [
            "Schedules that have times of another granularity, keep nothing, or have a name twice",
            (values) =>
                Object.assign(values.applications[0]!, {
                    names: { daily: "nightly" },
                    schedules: [
                        { name: "weekly", granularity: "Weekly", hour: 3, minute: 0, snapshotRetention: 0 },
                        { name: "weekly", granularity: "Custom", minute: 5, backupRetention: 2 },
                        { name: "nightly", granularity: "Hourly", minute: 0, snapshotRetention: 2, vault: "north" },
                    ],
                }),
            "trident-dr:applications[0].schedules[0].dayOfWeek: expected one, since granularity is Weekly; found nothing",
            "trident-dr:applications[0].schedules[0].snapshotRetention: expected a snapshot or a backup that is kept (backupRetention); found none of either",
            "trident-dr:applications[0].schedules[1].minute: expected none; found 5, which Custom does not have",
            "trident-dr:applications[0].schedules[1].recurrenceRule: expected one, since granularity is Custom; found nothing",
            'trident-dr:applications[0].schedules[2].vault: expected one of east, west; found "north"',
            'trident-dr:applications[0].schedules[1].name: expected a name that no other Schedule of the application has; found "weekly"',
            'trident-dr:applications[0].schedules[2].name: expected a name that no other Schedule of the application has; found "nightly"',
        ],
        [
            "a site that is missing",
            (values) => delete (values as Partial<Values>).site,
            'trident-dr:site: expected the name of this stack\'s site: lower-case letters, digits and "-", at most 63; found nothing',
        ],
        [
            "a site that is none of the two",
            (values) => (values.site = "north"),
            'trident-dr:site: expected one of east, west; found "north"',
        ],
        [
            "active that names neither site",
            (values) => (values.active = "wets"),
            'trident-dr:active: expected one of east, west; found "wets" (did you mean "west"?)',
        ],
        [
            "active that is missing",
            (values) => delete (values as Partial<Values>).active,
            'trident-dr:active: expected the name of the site that is to serve: lower-case letters, digits and "-", at most 63; found nothing',
        ],
        [
            "acknowledgements of an application that are none",
            (values) =>
                Object.assign(values.applications[0]!, { takeover: 0, discard: "north@1", lag: "", unprotect: "yes" }),
            "trident-dr:applications[0].takeover: expected the number of the epoch that the takeover starts; found 0",
            'trident-dr:applications[0].lag: expected the reason why a switch may go on; found ""',
            'trident-dr:applications[0].unprotect: expected true or false; found "yes"',
            'trident-dr:applications[0].discard: expected <site>@<epoch> of east or west, such as east@3; found "north@1"',
        ],
        [
            "an application that comes after one that is not there, and after itself",
            (values) => Object.assign(values.applications[0]!, { after: ["shpo", "shop"] }),
            'trident-dr:applications[0].after: expected names of applications; found "shpo" (did you mean "shop"?)',
            "trident-dr:applications[0].after: expected applications that do not come after this one; found shop after shop",
        ],
        [
            "a peer equal to itself: one site only",
            (values) => {
                delete values.sites.west;
                delete values.vaultCredentials.west;
            },
            "trident-dr:sites: expected two sites; found 1: east",
        ],
        [
            "sites that are no structure",
            (values) => ((values as Record<string, unknown>).sites = "east,west"),
            'trident-dr:sites: expected an object; found "east,west"',
        ],
        [
            "a group of volumes under the name of an application, with a volume of another group",
            (values) => {
                values.volumes = [
                    { name: "archive", volumes: ["archive01"] },
                    { name: "shop", volumes: ["archive01"], active: "nowhere", discard: "north@1", takeover: "2" },
                ];
            },
            'trident-dr:volumes[1].takeover: expected the number of the epoch that the takeover starts; found "2"',
            'trident-dr:volumes[1].name: expected a name of its own among applications and groups of volumes; found "shop" twice',
            'trident-dr:volumes[1].active: expected one of east, west; found "nowhere"',
            'trident-dr:volumes[1].discard: expected <site>@<epoch> of east or west, such as east@3; found "north@1"',
            'trident-dr:volumes[1].volumes: expected volumes of no other group; found "archive01", which is in volumes[0]',
        ],
        [
            "volumes whose values are not what they should be",
            (values) => {
                values.volumes = [
                    {
                        name: "archive",
                        volumes: ["archive 1"],
                        fence: "wall",
                        schedule: { minutes: [61] },
                        adopt: "yes",
                    },
                ];
            },
            'trident-dr:volumes[0].volumes[0]: expected the name of a FlexVol: letters, digits and "_", not a digit first, at most 203; found "archive 1"',
            "trident-dr:volumes[0].schedule.minutes: expected a list of whole numbers from 0 to 59; found a list of 1",
            'trident-dr:volumes[0].fence: expected one of offline, unmount, exportPolicy, none; found "wall"',
            'trident-dr:volumes[0].adopt: expected true or false; found "yes"',
        ],
        [
            "two sites on one SVM",
            (values) => {
                values.sites.west!.ontap.url = "https://10.0.1.5/";
                values.sites.west!.ontap.svm = "svm_east";
            },
            "trident-dr:sites.west.ontap.svm: expected another SVM than that of east; found svm_east of 10.0.1.5 at both sites",
        ],
        [
            "two sites on one cluster",
            (values) => {
                values.sites.west!.kubernetes.context = "east";
            },
            'trident-dr:sites.west.kubernetes.context: expected another cluster than that of east: another context, or a kubeconfig of its own; or sharedCluster: true; found "east" at both sites',
        ],
        [
            "two sites on one bucket and prefix",
            (values) => {
                Object.assign(values.sites.east!.vault, { prefix: "dr/" });
                Object.assign(values.sites.west!.vault, {
                    bucket: "bucket-east",
                    endpoint: "s3.east.example:9000",
                    prefix: "/dr",
                });
            },
            "trident-dr:sites.west.vault: expected another bucket or another prefix than that of east; found s3.east.example:9000/bucket-east/dr at both sites",
        ],
        [
            "a recurrence under five minutes",
            (values) => (values.applications[0]!.every = "2 minutes"),
            "trident-dr:applications[0].every: expected a whole number of minutes, 5 at least; found 2",
        ],
        [
            "a rule under five minutes",
            (values) =>
                (values.applications[0]!.recurrenceRule = "DTSTART:20250101T000000Z\nRRULE:FREQ=MINUTELY;INTERVAL=1"),
            "trident-dr:applications[0].recurrenceRule: expected at least 5 minutes between two occurrences; found 1 minute",
        ],
        [
            "a recurrence that is not of RFC 5545's form",
            (values) => (values.applications[0]!.recurrenceRule = "*/5 * * * *"),
            'trident-dr:applications[0].recurrenceRule: expected "DTSTART:<UTC time>Z", a line break, and "RRULE:FREQ=…;INTERVAL=…" (RFC 5545); found "*/5 * * * *"',
        ],
        [
            "a namespace that Kubernetes would refuse",
            (values) => (values.applications[0]!.namespaces = ["Shop_1", "kube-system"]),
            'trident-dr:applications[0].namespaces[0]: expected the name of a namespace: 2 to 63 lower-case letters, digits and "-", with a letter or digit at both ends; found "Shop_1"',
            'trident-dr:applications[0].namespaces[1]: expected a namespace of the application, none of the cluster\'s own; found "kube-system"',
        ],
        [
            "the contents of a kubeconfig in place of its path, of which nothing is shown",
            (values) =>
                Object.assign(values.sites.east!, { kubernetes: { kubeconfig: "apiVersion: v1\nkind: Config" } }),
            "trident-dr:sites.east.kubernetes.kubeconfig: expected the path of a kubeconfig; found what seems to be the contents of one (not shown). Make them the secret `kubeconfig` of the stack, or write them to a file that only its owner can read, and give its path",
        ],
        [
            "a path in place of a kubeconfig's contents",
            (values) => Object.assign(values, { kubeconfig: "/canary-home/config" }),
            "trident-dr:kubeconfig: expected the contents of a kubeconfig in YAML, as a secret; found a text without clusters, users and contexts (not shown)",
        ],
        [
            "both a kubeconfig's path and its contents",
            (values) => {
                Object.assign(values, { kubeconfig: "apiVersion: v1\nusers: [{user: {token: canary-ontap}}]" });
                Object.assign(values.sites.east!, { kubernetes: { kubeconfig: "/k" } });
            },
            "trident-dr:kubeconfig: expected none beside sites.east.kubernetes.kubeconfig; found both",
        ],
        [
            "no namespace",
            (values) => (values.applications[0]!.namespaces = []),
            "trident-dr:applications[0].namespaces: expected one namespace or more; found an empty list",
        ],
        [
            "a namespace of two applications",
            (values) => values.applications.push({ name: "bank", namespaces: ["shop-data"] }),
            'trident-dr:applications[1].namespaces: expected namespaces of no other application; found "shop-data", which is in applications[0]',
        ],
        [
            "an item that is to leave both without and with its mirror",
            (values) => Object.assign(values.applications[0]!, { unprotect: true, unmanage: true }),
            "trident-dr:applications[0].unmanage: expected either unprotect or unmanage; found both",
        ],
        [
            "an endpoint with a scheme",
            (values) => (values.sites.east!.vault.endpoint = "https://s3.east.example:9000/"),
            'trident-dr:sites.east.vault.endpoint: expected a host, or host:port, without a scheme: "s3.east.example:9000"; found "https://s3.east.example:9000/"',
        ],
        [
            "an ONTAP URL without https",
            (values) => (values.sites.east!.ontap.url = "10.0.1.5"),
            'trident-dr:sites.east.ontap.url: expected an https URL of host and, if need be, port, such as https://10.0.0.5; found "10.0.1.5"',
        ],
        [
            "an ONTAP URL with credentials in it, which are not repeated",
            (values) => (values.sites.east!.ontap.url = "https://admin:canary-url@10.0.1.5"),
            "trident-dr:sites.east.ontap.url: expected an https URL of host and, if need be, port, such as https://10.0.0.5, without credentials; found a URL with credentials (not shown)",
        ],
        [
            "an intercluster address that is none",
            (values) => (values.sites.west!.ontap.interclusterAddresses = ["10.0.2.300"]),
            'trident-dr:sites.west.ontap.interclusterAddresses[0]: expected an IP address; found "10.0.2.300"',
        ],
        [
            "two arrays without addresses of each other",
            (values) => delete values.sites.west!.ontap.interclusterAddresses,
            "trident-dr:sites.west.ontap.interclusterAddresses: expected one IP address or more, since the sites have an array each; found none",
        ],
        [
            "an unknown type of vault",
            (values) => (values.sites.east!.vault.type = "GenericS4"),
            'trident-dr:sites.east.vault.type: expected one of GenericS3, OntapS3, StorageGridS3, AWS, Azure, GCP; found "GenericS4" (did you mean "GenericS3"?)',
        ],
        [
            "a key that belongs to another type of vault",
            (values) => (values.sites.east!.vault.projectID = "p"),
            "trident-dr:sites.east.vault.projectID: expected no such key in a vault of type GenericS3; found projectID",
        ],
        [
            "a credential of a vault that is missing",
            (values) => delete values.vaultCredentials.west!.secretAccessKey,
            "trident-dr:vaultCredentials.west.secretAccessKey: expected a secret string; found nothing",
        ],
        [
            "all credentials of a vault missing",
            (values) => delete values.vaultCredentials.west,
            "trident-dr:vaultCredentials.west: expected the vault's credentials, accessKeyID and secretAccessKey; found nothing",
        ],
        [
            "a credential of ONTAP that is missing",
            (values) => delete (values as Partial<Values>).ontapPassword,
            "trident-dr:ontapPassword: expected a secret (pulumi config set --secret ontapPassword); found nothing",
        ],
        [
            "a password of Trident that is missing",
            (values) => delete (values as Partial<Values>).tridentPassword,
            "trident-dr:tridentPassword: expected a secret (pulumi config set --secret tridentPassword); found nothing",
        ],
        [
            "an application that is listed twice",
            (values) => values.applications.push({ name: "shop", namespaces: ["other"] }),
            'trident-dr:applications[1].name: expected each application once; found "shop" twice',
        ],
        [
            "keys that nobody knows, at any depth",
            (values) => {
                values.actve = "west";
                values.sites.east!.ontap.datalif = "10.0.1.6";
                values.applications[0]!.namespace = "shop";
            },
            'trident-dr:sites.east.ontap.datalif: expected no such key; found datalif (did you mean "dataLif"?)',
            'trident-dr:applications[0].namespace: expected no such key; found namespace (did you mean "namespaces"?)',
            'trident-dr:actve: expected no such key; found actve (did you mean "active"?)',
        ],
        [
            "acknowledgements that are none",
            (values) => {
                values.takeover = "soon";
                values.discard = "east";
            },
            'trident-dr:takeover: expected the number of the epoch that the takeover starts; found "soon"',
            'trident-dr:discard: expected <site>@<epoch>, such as east@3; found "east"',
        ],
        [
            "a discard of a site that is none of the two",
            (values) => (values.discard = "north@3"),
            'trident-dr:discard: expected <site>@<epoch> of east or west, such as east@3; found "north@3"',
        ],
        [
            "two schedules for one application",
            (values) =>
                Object.assign(values.applications[0]!, {
                    every: "1 hour",
                    recurrenceRule: "DTSTART:20250101T000000Z\nRRULE:FREQ=HOURLY",
                }),
            "trident-dr:applications[0].every: expected either every or recurrenceRule; found both",
        ],
        [
            "a certificate that is none",
            (values) => (values.sites.east!.ontap.certificate = "lab/ca.pem"),
            'trident-dr:sites.east.ontap.certificate: expected a certificate in PEM form (-----BEGIN CERTIFICATE-----); found "lab/ca.pem"',
        ],
    ];
    for (const [title, spoil, ...lines] of cases) {
        it(`names ${title}`, () => assert.deepEqual(refusal(spoil), lines));
    }

    it("has nothing against a default class at each of two clusters, nor at one site of a shared one", () => {
        const isDefault = { storageClass: { default: true }, snapshotClass: { default: true } };
        const everySite = (values: Values) =>
            Object.values(values.sites).forEach((one) => Object.assign(one, isDefault));
        assert.deepEqual(refusal(everySite), []);
        const oneSite = (values: Values) => {
            values["sharedCluster"] = true;
            values.applications = [{ name: "shop", namespaces: { east: ["shop"], west: ["spare"] } }];
            Object.assign(values.sites.west!, isDefault);
        };
        assert.deepEqual(refusal(oneSite), []);
    });

    it("names a stack that takes itself for its peer", () => {
        assert.deepEqual(
            refusal(() => undefined, { stack: "organization/project/west" }),
            [
                "trident-dr:peerStack: expected the stack of west; found organization/project/west, which is this very stack",
            ],
        );
    });

    it("names a secret in plain text, and does not repeat it", () => {
        assert.deepEqual(
            refusal(() => undefined, { plain: new Set(["site", "ontapPassword"]) }),
            [
                "trident-dr:ontapPassword: expected a secret (pulumi config set --secret ontapPassword); found plain text (not shown)",
            ],
        );
    });

    it("takes credentials of ONTAP from the environment where Trident has an account of its own", () => {
        const environment = { TRIDENT_DR_ONTAP_PASSWORD: "x", TRIDENT_DR_PEERING_PASSPHRASE: "x" };
        const spoil = (values: Partial<Values>) => {
            delete values.ontapPassword;
            delete values.peeringPassphrase;
        };
        assert.deepEqual(refusal(spoil as (values: Values) => void, { environment }), []);
    });

    it("needs no passphrase for a peering that others manage, nor the addresses that its other half would use", () => {
        const spoil = (values: Partial<Values>) => {
            delete values.peeringPassphrase;
            Object.assign(values.sites!.east!.ontap, { peering: "existing" });
            delete values.sites!.west!.ontap.interclusterAddresses;
        };
        assert.deepEqual(refusal(spoil as (values: Values) => void), []);
        const other = (values: Partial<Values>) => {
            spoil(values);
            values.site = "west";
        };
        assert.deepEqual(refusal(other as (values: Values) => void, { stack: "organization/project/west" }), [
            "trident-dr:peeringPassphrase: expected a secret (pulumi config set --secret peeringPassphrase); found nothing",
        ]);
    });

    it("takes a client certificate in place of the password, where Trident has an account of its own", () => {
        const byCertificate = (values: Partial<Values>) => {
            delete values.ontapUsername;
            delete values.ontapPassword;
            Object.assign(values, { ontapClientCertificate: "canary", ontapClientKey: "canary" });
        };
        assert.deepEqual(refusal(byCertificate as (values: Values) => void), []);
        const half = (values: Partial<Values>) => Object.assign(values, { ontapClientCertificate: "canary" });
        assert.deepEqual(refusal(half as (values: Values) => void), [
            "trident-dr:ontapClientKey: expected a secret (pulumi config set --secret ontapClientKey); found nothing",
        ]);
        const shared = (values: Partial<Values>) => {
            byCertificate(values);
            delete values.tridentPassword;
            delete (values.sites!.east!.ontap as { tridentUsername?: string }).tridentUsername;
        };
        assert.deepEqual(refusal(shared as (values: Values) => void), [
            "trident-dr:ontapUsername: expected a secret (pulumi config set --secret ontapUsername); found nothing",
            "trident-dr:ontapPassword: expected a secret (pulumi config set --secret ontapPassword); found nothing",
        ]);
    });

    it("does not compare contexts of kubeconfigs of which each stack has its own", () => {
        const same = (values: Values) => {
            values.sites.west!.kubernetes = { context: "east" };
            Object.assign(values, { kubeconfig: "apiVersion: v1\nclusters: []" });
        };
        assert.deepEqual(refusal(same), []);
    });

    it("takes the account in a Secret in place of one in configuration, where Trident has an account of its own", () => {
        const inSecret = (values: Partial<Values>) => {
            delete values.ontapUsername;
            delete values.ontapPassword;
            Object.assign(values.sites!.east!.ontap, { accountSecret: "dr-account" });
        };
        assert.deepEqual(refusal(inSecret as (values: Values) => void), []);
        const both = (values: Partial<Values>) => {
            inSecret(values);
            Object.assign(values, { ontapPassword: canaries.ontapPassword });
        };
        assert.deepEqual(refusal(both as (values: Values) => void), [
            "trident-dr:ontapPassword: expected none beside sites.east.ontap.accountSecret; found a string (secret, not shown)",
        ]);
        const shared = (values: Partial<Values>) => {
            inSecret(values);
            delete values.tridentPassword;
            delete (values.sites!.east!.ontap as { tridentUsername?: string }).tridentUsername;
        };
        assert.deepEqual(refusal(shared as (values: Values) => void), [
            "trident-dr:sites.east.ontap.accountSecret: expected an account of Trident's own beside it: ontap.tridentUsername, tridentBackend.credentialsSecret or tridentBackend.existing; found none",
        ]);
        const byOneSecret = (values: Partial<Values>) => {
            shared(values);
            Object.assign(values.sites!.east!, { tridentBackend: { credentialsSecret: "dr-account" } });
        };
        assert.deepEqual(refusal(byOneSecret as (values: Values) => void), []);
    });

    it("needs no credentials of a vault that the cluster's identity opens, and knows where there may be none", () => {
        const aws = { type: "AWS", bucket: "b", useIAM: true };
        assert.deepEqual(
            refusal((values) => {
                values.sites.east!.vault = aws;
                delete values.vaultCredentials.east;
            }),
            [],
        );
        assert.deepEqual(
            refusal((values) => (values.sites.east!.vault = aws)),
            [
                "trident-dr:vaultCredentials.east: expected no credentials with useIAM; found credentials (secret, not shown)",
            ],
        );
    });

    it("takes a key for the pair, and names one that is too short or has only a predecessor, without showing it", () => {
        const key = "canary-key-of-the-pair, 32 long..";
        assert.deepEqual(
            refusal((values) =>
                Object.assign(values, { pairKey: key, previousPairKey: key, acceptUnauthenticated: true }),
            ),
            [],
        );
        assert.deepEqual(
            refusal((values) => (values["pairKey"] = "canary")),
            [
                "trident-dr:pairKey: expected a secret of 32 characters or more, the same at both sites; found 6 characters",
            ],
        );
        assert.deepEqual(
            refusal((values) => (values["previousPairKey"] = key)),
            ["trident-dr:pairKey: expected the present key beside previousPairKey; found none"],
        );
        const environment = { TRIDENT_DR_PAIR_KEY: key };
        assert.deepEqual(
            refusal((values) => (values["previousPairKey"] = key), { environment }),
            [],
        );
    });

    it("reports everything at once, and shows no secret", () => {
        const lines = refusal((values) => {
            values.active = "nowhere";
            values.sites.east!.vault.type = "S3";
            values.sites.west!.ontap.url = "http://10.0.2.5";
            values.applications.push({ name: "shop", namespaces: ["-"] });
            (values as Record<string, unknown>).peeringPassphrase = [canaries.peeringPassphrase];
            values.vaultCredentials.west = { accessKeyId: "west-id", secretAccessKey: canaries.westKey };
        });
        assert.deepEqual(
            lines.map((line) => line.slice(0, line.indexOf(": "))),
            [
                "trident-dr:sites.east.vault.type",
                "trident-dr:sites.west.ontap.url",
                "trident-dr:applications[1].namespaces[0]",
                "trident-dr:active",
                "trident-dr:applications[1].name",
                "trident-dr:peeringPassphrase",
                "trident-dr:vaultCredentials.west.accessKeyId",
                "trident-dr:vaultCredentials.west.accessKeyID",
            ],
        );
        assert.doesNotMatch(lines.join("\n"), /canary/);
    });
});
