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
