import assert from "node:assert/strict";
import {
    applicationLabel,
    applicationManifest,
    baseSnapshotManifest,
    mirrorManifest,
    scheduleManifests,
    shutdownSnapshotManifest,
} from "../../../../../provider/drivers/applications/manifests";
import { shopAt } from "./settings";

describe("the objects of a mirrored application", () => {
    const all = () => [
        applicationManifest(shopAt()),
        baseSnapshotManifest(shopAt(), 3),
        ...scheduleManifests(shopAt()),
        mirrorManifest(shopAt(), "uid-of-west"),
    ];

    it("live in the application's first namespace, and carry its label", () => {
        for (const { apiVersion, metadata } of all()) {
            assert.equal(apiVersion, "protect.trident.netapp.io/v1");
            assert.equal(metadata.namespace, "shop");
            assert.deepEqual(metadata.labels, { [applicationLabel]: "shop" });
        }
    });

    it("have names of their own, so that both sites and all epochs keep theirs", () => {
        assert.deepEqual(
            all().map(({ kind, metadata }) => `${kind} ${metadata.name}`),
            [
                "Application shop",
                "Snapshot shop-base-3",
                "Schedule shop-replication",
                "Schedule shop-daily",
                "AppMirrorRelationship shop",
            ],
        );
    });

    it("cover every namespace", () => {
        const { spec } = applicationManifest(shopAt());
        assert.deepEqual((spec as Record<string, unknown>).includedNamespaces, [
            { namespace: "shop" },
            { namespace: "shop-data" },
        ]);
    });

    it("take of every namespace what the label selector chooses", () => {
        const labelSelector = { matchLabels: { app: "shop" } };
        const { spec } = applicationManifest(shopAt({ labelSelector }));
        assert.deepEqual((spec as Record<string, unknown>).includedNamespaces, [
            { namespace: "shop", labelSelector },
            { namespace: "shop-data", labelSelector },
        ]);
    });

    const record = { group: "", version: "v1", kind: "ConfigMap", names: ["trident-dr-record-shop"] };
    const quota = { group: "", version: "v1", kind: "ResourceQuota", names: ["trident-dr-shop"] };
    const rights = ["Role", "RoleBinding"].map((kind) => ({
        group: "rbac.authorization.k8s.io",
        version: "v1",
        kind,
        labelSelectors: ["trident-dr.pulumi.com/rights=true"],
    }));
    const own = [record, quota, ...rights];
    const filterOf = (resourceFilter?: Record<string, unknown>) =>
        (applicationManifest(shopAt({ resourceFilter })).spec as { resourceFilter: unknown }).resourceFilter;

    it("leave the site's own record, quota and rights out of what is mirrored and taken down", () => {
        assert.deepEqual(filterOf(), { resourceSelectionCriteria: "Exclude", resourceMatchers: own });
    });

    it("leave them out beside what the user leaves out", () => {
        const cache = { kind: "ConfigMap", names: ["cache"] };
        assert.deepEqual(filterOf({ resourceSelectionCriteria: "Exclude", resourceMatchers: [cache] }), {
            resourceSelectionCriteria: "Exclude",
            resourceMatchers: [cache, ...own],
        });
        assert.deepEqual(filterOf({ resourceSelectionCriteria: "Exclude" }), {
            resourceSelectionCriteria: "Exclude",
            resourceMatchers: own,
        });
    });

    it("take a list of what is included as it is", () => {
        const given = { resourceSelectionCriteria: "Include", resourceMatchers: [{ kind: "Deployment" }] };
        assert.deepEqual(filterOf(given), given);
    });

    it("keep two replicated snapshots, and daily ones for the days that were asked for", () => {
        const common = {
            applicationRef: "shop",
            appVaultRef: "vault-east",
            backupRetention: "0",
            enabled: true,
        };
        assert.deepEqual(
            scheduleManifests(shopAt()).map(({ spec }) => spec),
            [
                {
                    ...common,
                    granularity: "Custom",
                    recurrenceRule: "RRULE:FREQ=MINUTELY;INTERVAL=5",
                    snapshotRetention: "2",
                },
                { ...common, granularity: "Daily", hour: "2", minute: "30", snapshotRetention: "7" },
            ],
        );
    });

    it("keep what else is scheduled, in the vault of the site that serves or in the one that is named", () => {
        const spec = { granularity: "Weekly", minute: "0", hour: "3", dayOfWeek: "0", backupRetention: "8" };
        const [, , weekly, away] = scheduleManifests(
            shopAt({
                schedules: [
                    { name: "shop-weekly", spec: { ...spec, snapshotRetention: "0", enabled: true } },
                    { name: "shop-away", vault: "west", spec: { ...spec, snapshotRetention: "0", enabled: false } },
                ],
            }),
        );
        assert.deepEqual([weekly!.metadata.name, away!.metadata.name], ["shop-weekly", "shop-away"]);
        assert.deepEqual(weekly!.metadata.labels, { [applicationLabel]: "shop" });
        assert.deepEqual(weekly!.spec, {
            applicationRef: "shop",
            appVaultRef: "vault-east",
            ...spec,
            snapshotRetention: "0",
            enabled: true,
        });
        const { appVaultRef, enabled } = away!.spec as Record<string, unknown>;
        assert.deepEqual([appVaultRef, enabled], ["vault-west", false]);
    });

    it("have what the user gives of them, and nothing of it otherwise", () => {
        const clusterScoped = [{ groupVersionKind: { version: "v1", kind: "ClusterRole" } }];
        const transformations = [{ resource: { kind: "Ingress" }, operations: [{ op: "remove", path: "/spec" }] }];
        const settings = shopAt({
            includedClusterScopedResources: clusterScoped,
            transformations,
            snapshotTimeouts: { completion: "90m", volumeSnapshotsReadyToUse: "45m" },
            snapshotReclaimPolicy: "Retain",
        });
        const specOf = ({ spec }: { spec?: unknown }) => spec as Record<string, unknown>;
        assert.deepEqual(specOf(applicationManifest(settings)).includedClusterScopedResources, clusterScoped);
        assert.deepEqual(specOf(mirrorManifest(settings, "uid")).transformations, transformations);
        for (const snapshot of [
            baseSnapshotManifest(settings, 3),
            shutdownSnapshotManifest(settings, "shop-final-3"),
        ]) {
            assert.deepEqual(snapshot.spec, {
                applicationRef: "shop",
                appVaultRef: "vault-east",
                reclaimPolicy: "Retain",
                completionTimeout: "90m",
                volumeSnapshotsReadyToUseTimeout: "45m",
            });
        }
        assert.deepEqual(
            scheduleManifests(settings).map((schedule) => specOf(schedule).snapshotReclaimPolicy),
            ["Retain", "Retain"],
        );
        assert.deepEqual(baseSnapshotManifest(shopAt(), 3).spec, { applicationRef: "shop", appVaultRef: "vault-east" });
        assert.equal("includedClusterScopedResources" in specOf(applicationManifest(shopAt())), false);
        assert.equal("transformations" in specOf(mirrorManifest(shopAt(), "uid")), false);
    });

    it("mirror from the peer's vault into the own one, each namespace into its like", () => {
        assert.deepEqual(mirrorManifest(shopAt(), "uid-of-west").spec, {
            desiredState: "Established",
            sourceAppVaultRef: "vault-west",
            destinationAppVaultRef: "vault-east",
            sourceApplicationName: "shop",
            sourceApplicationUID: "uid-of-west",
            namespaceMapping: [
                { source: "shop", destination: "shop" },
                { source: "shop-data", destination: "shop-data" },
            ],
            storageClassName: "trident-dr",
            recurrenceRule: "RRULE:FREQ=MINUTELY;INTERVAL=5;BYSECOND=30",
        });
    });

    it("mirror each namespace of the peer into that in its place, where they are others", () => {
        const settings = shopAt({ peerNamespaces: ["spare", "shop-data"] });
        assert.deepEqual((mirrorManifest(settings, "uid").spec as { namespaceMapping: unknown }).namespaceMapping, [
            { source: "spare", destination: "shop" },
            { source: "shop-data", destination: "shop-data" },
        ]);
        assert.deepEqual(applicationManifest(settings).spec, applicationManifest(shopAt()).spec);
    });
});
