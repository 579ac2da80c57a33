import { strict as assert } from "node:assert";
import { AppVaults } from "../../../components/appVaults";
import { OntapBackend } from "../../../components/ontapBackend";
import { MirroredApplication, type MirroredApplicationArgs } from "../../../components/mirroredApplication";
import { every, type MirrorSchedule } from "../../../components/schedules/recurrence";
import type { AcknowledgementArgs } from "../../../components/acknowledgements";
import { emptyRecord, type RoleRecord } from "../../../provider/roles/record";
import { declare, promiseOf, type Surroundings } from "./harness";
import { declareEast, declareVaults } from "./east";

const record: RoleRecord = {
    ...emptyRecord("shop", "east", "west"),
    role: "active",
    epoch: 1,
    activeSite: "east",
    serial: 1,
};

/** Declares `shop` at east. */
function applicationOf(changes: Partial<MirroredApplicationArgs> = {}, surroundings: Surroundings = {}) {
    const outputs: Surroundings["outputs"] = (type) =>
        surroundings.outputs?.(type, "", {}) ?? (type.endsWith("MirrorRole") ? { record } : { next: "" });
    return declare(
        (options) => {
            const { pair, backend } = declareEast(options, { acknowledgements: { takeover: 2 } });
            const vaults = declareVaults(pair, options);
            const shop = { pair, backend, vaults, namespaces: ["shop", "shop-data"] };
            return { pair, shop: new MirroredApplication("shop", { ...shop, ...changes }, options) };
        },
        { outputs, ...surroundings },
    );
}

describe("MirroredApplication", () => {
    for (const preview of [false, true]) {
        it(`declares its namespaces, its role and the objects that the role orders${preview ? ", in a preview" : ""}`, async () => {
            const { declared, find } = await applicationOf({}, { preview });
            assert.deepEqual(
                declared
                    .filter(({ name }) => name.startsWith("shop"))
                    .map(({ type, name, parent, provider }) => [type, name, parent, provider]),
                [
                    ["trident-dr:index:MirroredApplication", "shop", undefined, undefined],
                    ["kubernetes:core/v1:Namespace", "shop-namespace-shop", "shop", "pair-kubernetes"],
                    ["kubernetes:core/v1:Namespace", "shop-namespace-shop-data", "shop", "pair-kubernetes"],
                    ["pulumi-nodejs:dynamic/trident-dr:MirrorRole", "shop-role", "shop", undefined],
                    ["pulumi-nodejs:dynamic/trident-dr:Application", "shop-application", "shop", undefined],
                    ["pulumi-nodejs:dynamic/trident-dr:Schedule", "shop-schedule-replication", "shop", undefined],
                    ["pulumi-nodejs:dynamic/trident-dr:Schedule", "shop-schedule-daily", "shop", undefined],
                    ["pulumi-nodejs:dynamic/trident-dr:AppMirrorRelationship", "shop-mirror", "shop", undefined],
                ],
            );
            assert.deepEqual(find("shop-namespace-shop").inputs.metadata, { name: "shop" });
        });
    }

    it("gives its role the ExecHooks that it declares, and shows them; without any nothing of them", async () => {
        const matchingCriteria = [{ type: "containerName" as const, value: "^db$" }];
        const { declared, find } = await applicationOf({ hooks: [{ recipe: "postgresql", matchingCriteria }] });
        const [hook] = find("shop-role").inputs.hooks as { name: string; source: string; matchingCriteria: object[] }[];
        assert.equal(hook!.name, "postgresql-pre-snapshot");
        assert.match(hook!.source, /-c CHECKPOINT/);
        assert.deepEqual(hook!.matchingCriteria, matchingCriteria);
        const shown = declared.filter(({ type }) => type.endsWith("trident-dr:ExecHook")).map(({ name }) => name);
        assert.deepEqual(shown, ["shop-hook-postgresql-pre-snapshot"]);
        assert.equal((await applicationOf()).find("shop-role").inputs.hooks, undefined);
        await assert.rejects(
            applicationOf({ hooks: [{ recipe: "postgresql", matchingCriteria: [] }] }),
            /hooks\[0\]\.matchingCriteria: expected the containers in which it can run; found an empty list/,
        );
    });

    it("keeps its record in a namespace of the pair's, which is none of the application's", async () => {
        const records = (await applicationOf()).find("pair-records");
        assert.deepEqual(records.inputs.metadata, { name: "trident-dr" });
        assert.deepEqual([records.parent, records.retainOnDelete], ["pair", true]);
        await assert.rejects(
            applicationOf({ namespaces: ["shop", "trident-dr"] }),
            /namespaces: expected namespaces without the one of the records, .*; found "trident-dr"/,
        );
    });

    it("never deletes a namespace, and has Pulumi refuse it where it is told to", async () => {
        const options = async (changes: Partial<MirroredApplicationArgs>) => {
            const { protect, retainOnDelete } = (await applicationOf(changes)).find("shop-namespace-shop");
            return { protect, retainOnDelete };
        };
        assert.deepEqual(await options({}), { protect: false, retainOnDelete: true });
        assert.deepEqual(await options({ protect: true }), { protect: true, retainOnDelete: true });
    });

    it("knows in a preview already all that a plan is made from", async () => {
        const { __provider: _, ...inputs } = (await applicationOf({}, { preview: true })).find("shop-role").inputs;
        assert.deepEqual(inputs, {
            application: "shop",
            site: "east",
            peerSite: "west",
            active: "east",
            acknowledgements: { takeover: 2 },
            cluster: { context: "east" },
            namespaces: ["shop", "shop-data"],
            recordNamespace: "trident-dr",
            vaults: { east: "vault-east", west: "vault-west" },
            protectNamespace: "trident-protect",
            storageClass: "trident-dr",
            snapshotRetention: 2,
            recurrence: {
                snapshot: "DTSTART:20250101T000200Z\nRRULE:FREQ=MINUTELY;INTERVAL=5",
                mirror: "DTSTART:20250101T000300Z\nRRULE:FREQ=MINUTELY;INTERVAL=5",
            },
            daily: { hour: "0", minute: "36", keep: 7 },
            peerRecord: { known: true, record: null },
            ontap: { endpoint: { url: "https://10.0.1.5" }, svm: "svm_east" },
            tridentBackend: { name: "trident-dr-ontap", namespace: "trident" },
            order: { together: false, before: [], after: [], waitsFor: [] },
            maxLag: "15m",
        });
    });

    it("has nothing but its role change with the role: the whole state is written for each resource that does", async () => {
        const hook = {
            recipe: "postgresql" as const,
            matchingCriteria: [{ type: "containerName" as const, value: "db" }],
        };
        const under = async (role: RoleRecord["role"]) => {
            const outputs: Surroundings["outputs"] = (type) =>
                type.endsWith("MirrorRole") ? { record: { ...record, role, epoch: 7 } } : { next: "" };
            const { declared } = await applicationOf({ hooks: [hook] }, { outputs });
            return declared.filter(({ parent, type }) => parent === "shop" && !type.endsWith("MirrorRole"));
        };
        const serving = await under("active");
        assert.equal(serving.length, 7);
        for (const role of ["none", "standby", "stood-down", "displaced"] as const) {
            assert.deepEqual(await under(role), serving);
        }
    });

    it("tells its role the other site's namespaces where these are others, and names its own in its filter", async () => {
        const resourceFilter = {
            resourceSelectionCriteria: "Exclude" as const,
            resourceMatchers: [{ kind: "Secret", namespaces: ["spare"] }],
        };
        const mapped = await applicationOf({ peerNamespaces: ["spare", "spare-data"], resourceFilter });
        const { peerNamespaces, resourceFilter: filter } = mapped.find("shop-role").inputs;
        assert.deepEqual(peerNamespaces, ["spare", "spare-data"]);
        assert.deepEqual(filter, {
            resourceSelectionCriteria: "Exclude",
            resourceMatchers: [{ kind: "Secret", namespaces: ["shop"] }],
        });
        const same = await applicationOf({ peerNamespaces: ["shop", "shop-data"] });
        assert.equal(same.find("shop-role").inputs.peerNamespaces, undefined);
        await assert.rejects(
            applicationOf({ peerNamespaces: ["spare"] }),
            /peerNamespaces: expected as many namespaces as at the other site, .*: 2; found 1/,
        );
    });

    it("tells its role by which labels objects belong to it, and without them nothing of labels", async () => {
        const labelSelector = { matchLabels: { app: "shop" } };
        const chosen = await applicationOf({ labelSelector });
        assert.deepEqual(chosen.find("shop-role").inputs.labelSelector, labelSelector);
        const { find } = await applicationOf();
        assert.equal("labelSelector" in find("shop-role").inputs, false);
        await assert.rejects(
            applicationOf({ labelSelector: { matchLabels: { app: "the shop" } } }),
            /labelSelector\.matchLabels\.app: expected the value of a label.*found "the shop"/,
        );
    });

    describe("with another application in its namespace", () => {
        const both = (shop: Partial<MirroredApplicationArgs>, bank: Partial<MirroredApplicationArgs>) =>
            declare(
                (options) => {
                    const { pair, backend } = declareEast(options);
                    const common = { pair, backend, vaults: declareVaults(pair, options), namespaces: ["common"] };
                    return [
                        new MirroredApplication("shop", { ...common, ...shop }, options),
                        new MirroredApplication("bank", { ...common, ...bank }, options),
                    ];
                },
                { outputs: (type) => (type.endsWith("MirrorRole") ? { record } : { next: "" }) },
            );
        const of = (app: string) => ({ labelSelector: { matchLabels: { app } } });

        it("is declared where no object can belong to both, with the namespace by each, one after the other", async () => {
            const { find } = await both(of("shop"), of("bank"));
            assert.deepEqual(find("bank-namespace-common").inputs.metadata, { name: "common" });
            assert.deepEqual(find("bank-namespace-common").dependsOn, ["shop-namespace-common"]);
            assert.deepEqual(find("bank-role").inputs.labelSelector, of("bank").labelSelector);
        });

        it("is refused where one could, before anything is declared of it", async () => {
            const expected = "namespaces: expected namespaces of no other application";
            await assert.rejects(both({}, {}), new RegExp(`${expected}; found "common", which is in shop`));
            const overlapping = [
                [of("shop"), {}, "this one has no labelSelector, that one labelSelector app=shop"],
                [of("shop"), of("shop"), "this one has labelSelector app=shop, that one labelSelector app=shop"],
            ] as const;
            for (const [shop, bank, told] of overlapping) {
                await assert.rejects(
                    both(shop, bank),
                    new RegExp(`The application bank .*${expected}, or labelSelectors of both.*shop; ${told}`, "s"),
                );
            }
        });

        it("is refused with objects of the same names", async () => {
            await assert.rejects(
                both({ ...of("shop"), names: { schedule: "often" } }, { ...of("bank"), names: { schedule: "often" } }),
                /schedules: expected names of its own in namespace common, which shop is in as well; found Schedule often of both/,
            );
        });
    });

    it("is refused on a shared cluster in a namespace that the other site has, or with objects outside of namespaces", async () => {
        const onOne = (changes: Partial<MirroredApplicationArgs>) =>
            declare((options) => {
                const { pair, backend } = declareEast(options, { sharedCluster: true });
                const vaults = declareVaults(pair, options);
                return new MirroredApplication(
                    "shop",
                    { pair, backend, vaults, namespaces: ["shop"], ...changes },
                    options,
                );
            });
        await assert.rejects(
            onOne({}),
            /peerNamespaces: expected namespaces that the other site does not have, .*"shop" at both/,
        );
        await assert.rejects(
            onOne({ namespaces: ["trident-dr-west"], peerNamespaces: ["spare"] }),
            /namespaces: expected namespaces without the one of the records, .*; found "trident-dr-west"/,
        );
        const includedClusterScopedResources = [{ groupVersionKind: { version: "v1", kind: "PersistentVolume" } }];
        await assert.rejects(
            onOne({ peerNamespaces: ["spare"], includedClusterScopedResources }),
            /includedClusterScopedResources: expected none with sharedCluster/,
        );
        await assert.rejects(
            declare((options) => declareEast(options, { sharedCluster: true, recordNamespace: "records" })),
            /recordNamespace: expected one that ends in -east, since both sites are on one cluster/,
        );
        const { find } = await onOne({ peerNamespaces: ["spare"] });
        const { sharedCluster, recordNamespace, vaults, storageClass, tridentBackend, access } =
            find("shop-role").inputs;
        assert.deepEqual(
            { sharedCluster, recordNamespace, vaults, storageClass, tridentBackend, access },
            {
                sharedCluster: true,
                recordNamespace: "trident-dr-east",
                vaults: { east: "vault-east-east", west: "vault-west-east" },
                storageClass: "trident-dr-east",
                tridentBackend: { name: "trident-dr-ontap-east", namespace: "trident" },
                access: {
                    tridentBackends: ["trident-dr-ontap-east"],
                    tridentSecrets: ["trident-dr-ontap-east-credentials"],
                    existing: { objects: [], tridentSecrets: [], vaultSecrets: [] },
                },
            },
        );
        assert.deepEqual((find("ontap-storage-class").inputs as { parameters: object }).parameters, {
            backendType: "ontap-nas",
            storagePools: "trident-dr-ontap-east:.*",
        });
    });

    it("tells its role what somebody else made, on which its rights depend", async () => {
        const { find } = await declare((options) => {
            const { pair } = declareEast(options);
            const backend = new OntapBackend(
                "nas",
                {
                    pair,
                    endpoint: { url: "https://10.0.1.5" },
                    svm: "svm_east",
                    peer: { svm: "svm_west", interclusterAddresses: ["10.0.2.7"] },
                    tridentBackend: { existing: "nas-production" },
                    storageClass: { existing: "nas" },
                },
                options,
            );
            const sites = {
                east: { existing: "archive", credentialsSecret: "archive-key" },
                west: { type: "AWS" as const, bucket: "b", useIAM: true },
            };
            const vaults = new AppVaults("vaults", { pair, sites }, options);
            new MirroredApplication("shop", { pair, backend, vaults, namespaces: ["shop"] }, options);
            return pair;
        });
        const { access, storageClass, tridentBackend, vaults } = find("shop-role").inputs;
        assert.deepEqual(
            { access, storageClass, tridentBackend, vaults },
            {
                access: {
                    tridentBackends: ["nas-production"],
                    tridentSecrets: [],
                    existing: {
                        objects: ["tridentbackendconfigs/nas-production", "storageclasses/nas", "appvaults/archive"],
                        tridentSecrets: [],
                        vaultSecrets: ["archive-key"],
                    },
                },
                storageClass: "nas",
                tridentBackend: { name: "nas-production", namespace: "trident" },
                vaults: { east: "archive", west: "vault-west" },
            },
        );
    });

    it("chooses one of the backend's classes, and waits for the backend that the class is on", async () => {
        const declareShop = (storageClass: string) =>
            declare((options) => {
                const { pair } = declareEast(options);
                const vaults = declareVaults(pair, options);
                const backend = new OntapBackend(
                    "nas",
                    {
                        pair,
                        endpoint: { url: "https://10.0.1.5" },
                        svm: "svm_east",
                        peer: { svm: "svm_west", interclusterAddresses: ["10.0.2.7"] },
                        credentials: { username: "trident", password: "canary" },
                        moreBackends: [{ name: "capacity" }],
                        moreStorageClasses: [{ name: "cheap", backend: "capacity" }],
                    },
                    options,
                );
                const shop = { pair, backend, vaults, namespaces: ["shop"], storageClass };
                return new MirroredApplication("shop", shop, options);
            });
        const { storageClass, tridentBackend, access } = (await declareShop("cheap")).find("shop-role").inputs;
        assert.deepEqual(
            [storageClass, tridentBackend, (access as { tridentBackends: string[] }).tridentBackends],
            ["cheap", { name: "capacity", namespace: "trident" }, ["trident-dr-ontap", "capacity"]],
        );
        await assert.rejects(
            async () => declareShop("cheep"),
            /storageClass: expected one of trident-dr, cheap; found "cheep" \(did you mean "cheap"\?\)/,
        );
    });

    it("hands on what is said otherwise", async () => {
        const resourceFilter = {
            resourceSelectionCriteria: "Exclude" as const,
            resourceMatchers: [{ kind: "Secret", names: ["local"] }],
        };
        const { inputs } = (
            await applicationOf({
                application: "store",
                active: "west",
                schedule: every(1, "hours"),
                daily: { hour: 3, minute: 5, keep: 14 },
                resourceFilter,
                maxLag: "20m",
                timeouts: { promote: "5m" },
            })
        ).find("shop-role");
        assert.equal(inputs.application, "store");
        assert.equal(inputs.active, "west");
        assert.deepEqual(inputs.recurrence, {
            snapshot: "DTSTART:20250101T005500Z\nRRULE:FREQ=HOURLY;INTERVAL=1",
            mirror: "DTSTART:20250101T005600Z\nRRULE:FREQ=MINUTELY;INTERVAL=5",
        });
        assert.deepEqual(inputs.daily, { hour: "3", minute: "5", keep: 14 });
        assert.deepEqual(inputs.resourceFilter, resourceFilter);
        assert.equal(inputs.maxLag, "20m");
        assert.deepEqual(inputs.timeouts, { promote: "5m" });
    });

    it("takes its role after backend, vaults and namespaces are there", async () => {
        assert.deepEqual((await applicationOf()).find("shop-role").dependsOn, [
            "ontap",
            "vaults",
            "pair-records",
            "shop-namespace-shop",
            "shop-namespace-shop-data",
        ]);
    });

    it("carries no secret in its inputs", async () => {
        const { inputs, secrets } = (await applicationOf()).find("shop-role");
        assert.deepEqual(secrets, []);
        assert.doesNotMatch(JSON.stringify(inputs), /canary/);
    });

    it("publishes its record, and what the other site must do", async () => {
        const { answer } = await applicationOf();
        const next =
            "pulumi config set active east --stack west; pulumi up --stack west: it becomes standby; until then nothing is protected";
        assert.deepEqual((await promiseOf(answer.pair.outputs())).applications, { shop: { record, next } });
        assert.deepEqual(await promiseOf(answer.pair.next()), [next]);
        const standby = { ...record, site: "west", peer: "east", role: "standby" };
        const peerOutputs = { tridentDr: { site: "west", applications: { shop: { record: standby } } } };
        assert.deepEqual(await promiseOf((await applicationOf({}, { peerOutputs })).answer.pair.next()), []);
    });

    it("takes its own acknowledgements, and the pair's for the rest", async () => {
        const acknowledgements = async (own: AcknowledgementArgs) =>
            (await applicationOf({ acknowledgements: own })).find("shop-role").inputs.acknowledgements;
        assert.deepEqual(await acknowledgements({ lag: "the window closes" }), {
            takeover: 2,
            lag: "the window closes",
        });
        assert.deepEqual(await acknowledgements({ takeover: 5 }), { takeover: 5 });
        assert.deepEqual(await acknowledgements({ takeover: undefined }), { takeover: 2 });
    });

    it("lets replication lag by three intervals of its schedule", async () => {
        const maxLag = async (schedule: MirrorSchedule) =>
            (await applicationOf({ schedule })).find("shop-role").inputs.maxLag;
        assert.equal(await maxLag(every(20, "minutes")), "60m");
        assert.equal(await maxLag(every(2, "hours")), "360m");
        const rule = "DTSTART:20250101T000000Z\nRRULE:FREQ=DAILY;BYHOUR=3";
        assert.equal(await maxLag({ recurrenceRule: rule }), "4320m");
    });

    it("says that an application is to leave the mirror, and what is then to be done at the other site", async () => {
        const left = { ...record, role: "none" };
        const outputs: Surroundings["outputs"] = (type) =>
            type.endsWith("MirrorRole") ? { record: left } : { next: "" };
        const standby = { ...record, site: "west", peer: "east", role: "standby" };
        const peerOutputs = { tridentDr: { site: "west", applications: { shop: { record: standby } } } };
        const { find, answer } = await applicationOf({ unprotect: true }, { outputs, peerOutputs });
        assert.equal(find("shop-role").inputs.unprotect, true);
        assert.deepEqual(await promiseOf(answer.pair.next()), [
            "set unprotect: true for shop in the stack of west; pulumi up --stack west: it takes shop out of the mirror, too",
        ]);
        assert.deepEqual(
            await promiseOf((await applicationOf({ unprotect: true }, { outputs })).answer.pair.next()),
            [],
        );
    });

    it("hands on what else is scheduled, as Trident Protect writes it, and shows it", async () => {
        const { find } = await applicationOf({
            schedules: [
                { name: "weekly", granularity: "Weekly", dayOfWeek: 0, hour: 3, minute: 0, backupRetention: 8 },
                {
                    name: "often",
                    granularity: "Hourly",
                    minute: 15,
                    snapshotRetention: 6,
                    vault: "west",
                    enabled: false,
                },
            ],
        });
        const policies = { snapshotReclaimPolicy: "Delete", backupReclaimPolicy: "Retain" };
        assert.deepEqual(find("shop-role").inputs.schedules, [
            {
                name: "weekly",
                spec: {
                    granularity: "Weekly",
                    minute: "0",
                    hour: "3",
                    dayOfWeek: "0",
                    enabled: true,
                    snapshotRetention: "0",
                    backupRetention: "8",
                    ...policies,
                },
            },
            {
                name: "often",
                vault: "west",
                spec: {
                    granularity: "Hourly",
                    minute: "15",
                    enabled: false,
                    snapshotRetention: "6",
                    backupRetention: "0",
                    ...policies,
                },
            },
        ]);
        assert.equal(find("shop-schedule-further-weekly").inputs.name, "weekly");
        assert.equal("schedules" in (await applicationOf({ schedules: [] })).find("shop-role").inputs, false);
    });

    it("refuses a Schedule that Trident Protect could not follow, or of which nothing is kept", async () => {
        const wrong = { name: "shop-daily", granularity: "Daily", minute: 60, dayOfWeek: 1, vault: "north" } as const;
        await assert.rejects(() => applicationOf({ schedules: [wrong] }), {
            message:
                "The application shop is not valid (6 problems), and nothing was touched:\n" +
                "  schedules[0].minute: expected a whole number from 0 to 59; found 60\n" +
                "  schedules[0].hour: expected one, since granularity is Daily; found nothing\n" +
                "  schedules[0].dayOfWeek: expected none; found 1, which Daily does not have\n" +
                "  schedules[0].snapshotRetention: expected a snapshot or a backup that is kept (backupRetention); found none of either\n" +
                '  schedules[0].vault: expected one of east, west; found "north"\n' +
                '  schedules[0].name: expected a name that no other Schedule of the application has; found "shop-daily"',
        });
        const never = {
            name: "x",
            granularity: "Monthly",
            minute: 0,
            hour: 0,
            dayOfMonth: 0,
            snapshotRetention: 1,
        } as const;
        await assert.rejects(() => applicationOf({ schedules: [never] }), /dayOfMonth: expected a day from 1 to 31/);
    });

    it("counts the snapshots of all Schedules, and one for each that makes backups", async () => {
        const daily = { hour: 0, minute: 30, keep: 10 };
        const weekly = {
            name: "w",
            granularity: "Weekly",
            dayOfWeek: 0,
            hour: 3,
            minute: 0,
            backupRetention: 8,
        } as const;
        await applicationOf({ snapshotRetention: 999, daily, schedules: [weekly] });
        await assert.rejects(
            () => applicationOf({ snapshotRetention: 1000, daily, schedules: [weekly] }),
            /snapshotRetention: expected 1010 snapshots at most with those of daily.keep and of schedules, .* found 1011: 1000 and 10 daily ones, 1 of schedules/,
        );
    });

    it("says that an application is let go of, and what is then to be done at the other site", async () => {
        const change = { epoch: 1, to: "none", verb: "unmanage", at: "2026-11-22T03:00:00Z", stages: [] };
        const standby = { ...record, site: "west", peer: "east", role: "standby" };
        const next = async (args: object, own: object, west: object) => {
            const outputs: Surroundings["outputs"] = (type) =>
                type.endsWith("MirrorRole") ? { record: own } : { next: "" };
            const peerOutputs = { tridentDr: { site: "west", applications: { shop: { record: west } } } };
            const { answer } = await applicationOf({ path: "applications[0]", ...args }, { outputs, peerOutputs });
            return promiseOf(answer.pair.next());
        };
        const set = (value: boolean, site: string) =>
            `pulumi config set --path 'applications[0].unmanage' ${value} --stack ${site}; pulumi up --stack ${site}`;
        const east = { ...record, role: "none", history: [{ ...change, from: "active" }] };
        const west = { ...standby, role: "none", history: [{ ...change, from: "standby" }] };
        assert.deepEqual(await next({ unmanage: true }, east, standby), [
            `${set(true, "west")}: it lets go of shop, too`,
        ]);
        assert.deepEqual(await next({ unmanage: true }, east, west), []);
        assert.deepEqual(await next({}, record, west), [
            `west let go of shop. To follow: ${set(true, "east")}. To manage it again: set adopt: true of shop at west, then ${set(false, "west")}`,
        ]);
    });

    it("is taken out of the mirror, or let go of with it, and not both", async () => {
        await assert.rejects(
            () => applicationOf({ unprotect: true, unmanage: true }),
            /unmanage: expected either unprotect or unmanage; found both/,
        );
    });

    it("hands on what a transform changes of the objects that the role keeps, and nothing else", async () => {
        const seen: string[] = [];
        const transform: MirroredApplicationArgs["transform"] = (kind, name, manifest) => {
            seen.push(`${kind} ${name}`);
            const labels = { ...(manifest["metadata"] as { labels?: object }).labels, team: "shop" };
            const rule = { kind: "ResourceTransformationRule", name: "hosts" };
            return {
                Namespace: { ...manifest, metadata: { name, labels } },
                AppMirrorRelationship: {
                    ...manifest,
                    spec: { ...(manifest["spec"] as object), transformationsRef: rule },
                },
            }[kind];
        };
        const { find } = await applicationOf({ transform });
        assert.deepEqual(find("shop-role").inputs.transformed, {
            "AppMirrorRelationship shop":
                '{"spec":{"transformationsRef":{"kind":"ResourceTransformationRule","name":"hosts"}}}',
        });
        assert.deepEqual(find("shop-namespace-shop").inputs.metadata, { name: "shop", labels: { team: "shop" } });
        assert.deepEqual(seen, [
            "Namespace shop",
            "Namespace shop-data",
            "Application shop",
            "Schedule shop-replication",
            "Schedule shop-daily",
            "AppMirrorRelationship shop",
        ]);
        const same = await applicationOf({ transform: (_kind, _name, manifest) => manifest });
        assert.equal("transformed" in same.find("shop-role").inputs, false);
        await assert.rejects(
            () => applicationOf({ transform: (_kind, _name, { spec: _, ...rest }) => ({ ...rest, spec: {} }) }),
            /What transform makes of Application shop is not valid .*spec\.includedNamespaces: expected a list of 2/s,
        );
    });

    it("hands on what Trident Protect gets as it is, and refuses what it could not follow", async () => {
        const given: Partial<MirroredApplicationArgs> = {
            includedClusterScopedResources: [{ groupVersionKind: { version: "v1", kind: "ClusterRole" } }],
            transformations: [
                { resource: { kind: "Ingress" }, operations: [{ op: "replace", path: "/spec/host", value: "west" }] },
            ],
            snapshotTimeouts: { completion: "90m" },
            snapshotReclaimPolicy: "Retain",
        };
        const { inputs } = (await applicationOf(given)).find("shop-role");
        for (const [key, value] of Object.entries(given)) {
            assert.deepEqual(inputs[key], value);
        }
        await assert.rejects(
            () =>
                applicationOf({
                    includedClusterScopedResources: [
                        {
                            groupVersionKind: { version: "v1", kind: "ClusterRole" },
                            labelSelector: { matchExpressions: [{ key: "app", operator: "Exists", values: ["shop"] }] },
                        },
                        { groupVersionKind: { version: "v1", kind: "ClusterRole" }, labelSelector: {} },
                    ],
                    transformations: [
                        {
                            resource: { kind: "PersistentVolumeClaim" },
                            operations: [
                                { op: "move", path: "spec" },
                                { op: "remove", path: "/spec", value: 1 },
                            ],
                        },
                        { resource: { kind: "Ingress" }, operations: [] },
                    ],
                    transformationsRef: { kind: "ResourceTransformationRule", name: "hosts" },
                    snapshotTimeouts: { completion: "1h" },
                    timeouts: { snapshot: "1h" },
                }),
            {
                message:
                    "The application shop is not valid (9 problems), and nothing was touched:\n" +
                    "  includedClusterScopedResources[0].labelSelector.matchExpressions[0].values: expected none for Exists; found a list of 1\n" +
                    "  includedClusterScopedResources[1].labelSelector: expected matchLabels or matchExpressions; found neither\n" +
                    '  transformations[0].resource.kind: expected none of PersistentVolumeClaim, Namespace; found "PersistentVolumeClaim"\n' +
                    '  transformations[0].operations[0].path: expected a path such as /spec/replicas (RFC 6901); found "spec"\n' +
                    "  transformations[0].operations[0].from: expected one for move; found nothing\n" +
                    "  transformations[0].operations[1].value: expected none for remove; found 1\n" +
                    "  transformations[1].operations: expected one operation or more; found an empty list\n" +
                    "  transformationsRef: expected either it or transformations; found both\n" +
                    "  snapshotTimeouts.completion: expected less than timeouts.snapshot, 1h; found 1h",
            },
        );
    });

    it("refuses to keep more snapshots than a volume holds, and nothing below", async () => {
        const kept = (snapshotRetention: number, keep: number) =>
            applicationOf({ snapshotRetention, daily: { hour: 0, minute: 30, keep } });
        await kept(1000, 10);
        await assert.rejects(() => kept(1000, 11), /snapshotRetention: expected 1010 .* found 1011: 1000 and 11 daily/);
    });

    it("refuses what Kubernetes or Trident Protect would refuse, all at once", async () => {
        await assert.rejects(
            async () =>
                applicationOf({
                    application: "Shop",
                    namespaces: ["shop", "shop", "trident-protect"],
                    active: "north",
                    schedule: { recurrenceRule: "hourly" },
                    daily: { hour: 24, minute: 0, keep: 0 },
                }),
            {
                message:
                    "The application shop is not valid (7 problems), and nothing was touched:\n" +
                    '  application: expected the name of an application: lower-case letters, digits and "-", at most 63; found "Shop"\n' +
                    '  namespaces[1]: expected each namespace once; found "shop" twice\n' +
                    '  namespaces[2]: expected a namespace of the application, none of the cluster\'s own; found "trident-protect"\n' +
                    '  active: expected one of east, west; found "north"\n' +
                    '  schedule.recurrenceRule: expected "DTSTART:<UTC time>Z", a line break, and "RRULE:FREQ=…;INTERVAL=…" (RFC 5545); found "hourly"\n' +
                    "  daily.hour: expected a whole number from 0 to 23; found 24\n" +
                    "  daily.keep: expected a whole number from 1 to 1023; found 0",
            },
        );
    });
});
