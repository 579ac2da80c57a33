import assert from "node:assert/strict";
import type { StorageArray } from "../../../../../provider/drivers/array";
import { spaceOf, unmirrorable } from "../../../../../provider/drivers/applications/arrayReport";
import { ClaimedVolumes } from "../../../../../provider/drivers/applications/claimedVolumes";
import type { ApplicationSettings } from "../../../../../provider/drivers/applications/settings";
import type { Cluster, Kind, KubernetesObject, ObjectName } from "../../../../../provider/clients/kubernetes/cluster";
import { shopAt } from "./settings";

const settings = {
    ...shopAt({ namespaces: ["shop"] }),
    cluster: {},
    ontap: { endpoint: { url: "https://east.example" }, svm: "svm_east" },
    timeouts: { establish: 1_000, promote: 1_000, snapshot: 1_000 },
} satisfies ApplicationSettings;

const point = { snapshot: "custom-1", takenAt: "2026-11-22T03:00:00Z" };
const held = [
    { name: "snapshot-old", versionUuid: "v1", takenAt: "2026-11-22T02:00:00Z" },
    { name: "snapshot-of-custom-1", versionUuid: "v2", takenAt: "2026-11-22T03:00:02Z" },
    { name: "snapshot-new", versionUuid: "v3", takenAt: "2026-11-22T04:00:00Z" },
];

/** One claim with its volume, and an application snapshot that has a part of it. */
const objects: Record<string, Partial<KubernetesObject>> = {
    "PersistentVolumeClaim data": { spec: { volumeName: "pvc-1" } },
    "PersistentVolume pvc-1": {
        spec: { csi: { driver: "csi.trident.netapp.io", volumeAttributes: { internalName: "trident_pvc_1" } } },
    },
    "Snapshot custom-1": { status: { volumeSnapshots: [{ name: "part", namespace: "shop" }] } },
    "VolumeSnapshot part": {
        spec: { source: { persistentVolumeClaimName: "data" } },
        status: { boundVolumeSnapshotContentName: "content" },
    },
    "VolumeSnapshotContent content": { status: { snapshotHandle: "pvc-1/snapshot-of-custom-1" } },
};

function clusterWith(known: typeof objects): Cluster {
    const objectOf = ({ apiVersion, kind }: Kind, { name, namespace = "shop" }: ObjectName) => {
        const found = known[`${kind} ${name}`];
        return found && { apiVersion, kind, metadata: { name, namespace }, ...found };
    };
    return {
        get: (kind: Kind, name: ObjectName) => Promise.resolve(objectOf(kind, name)),
        list: (kind: Kind) => Promise.resolve([objectOf(kind, { name: "data" })].filter((one) => one !== undefined)),
    } as unknown as Cluster;
}

/** An array that tells for each snapshot how much changed since. */
function arrayWith(snapshots: typeof held): StorageArray {
    const changed: Record<string, number> = { "snapshot-old": 9_000, "snapshot-of-custom-1": 4_096 };
    return {
        volumes: () => Promise.resolve([]),
        mirrorsInto: () => Promise.resolve([]),
        mirrorsOutOf: () => Promise.resolve([]),
        release: () => Promise.resolve(),
        snapshots: (svm, volume) => Promise.resolve(svm === "svm_east" && volume === "trident_pvc_1" ? snapshots : []),
        changedSince: (_svm, _volume, name) => Promise.resolve(changed[name]),
    };
}

describe("how far the volumes behind an application are copied", () => {
    it("is told by claim, by the transfers into them alone", async () => {
        const mirror = {
            source: "svm_west:v",
            state: "uninitialized",
            healthy: true,
            why: "",
            policy: "",
            lagSeconds: undefined,
        };
        const transfer = { state: "transferring", bytes: 5 };
        const array: StorageArray = {
            ...arrayWith(held),
            volumes: () => assert.fail("the volumes are not asked for"),
            mirrorsInto: () =>
                Promise.resolve([
                    { ...mirror, destination: "svm_east:of_others" },
                    { ...mirror, destination: "svm_east:trident_pvc_1", transfer },
                ]),
        };
        const volumes = new ClaimedVolumes(clusterWith(objects), settings, array);
        assert.deepEqual(await volumes.copies(), [{ volume: "shop/data", ...transfer }]);
    });
});

describe("what the volumes behind an application hold", () => {
    it("is told by claim, the same at both sites", async () => {
        const many = Array.from({ length: 40 }, (_, index) => ({ ...held[0]!, name: `snapshot-${index}` }));
        const [volume] = await new ClaimedVolumes(clusterWith(objects), settings, arrayWith(many)).heldSnapshots();
        assert.equal(volume!.volume, "shop/data");
        // All of them: what both sites have may be older than the newest few.
        assert.equal(volume!.snapshots.length, 40);
        assert.equal(volume!.snapshots.at(-1)!.name, "snapshot-39");
    });

    it("changed since an application snapshot by what the array tells of its part", async () => {
        assert.equal(
            await new ClaimedVolumes(clusterWith(objects), settings, arrayWith(held)).changedSince(point),
            4_096,
        );
    });

    it("is counted from the next older snapshot where that one is gone: never too little", async () => {
        const { "Snapshot custom-1": _, ...without } = objects;
        const rest = held.filter(({ name }) => name !== "snapshot-of-custom-1");
        assert.equal(
            await new ClaimedVolumes(clusterWith(without), settings, arrayWith(rest)).changedSince(point),
            9_000,
        );
        const younger = held.slice(2);
        assert.equal(
            await new ClaimedVolumes(clusterWith(without), settings, arrayWith(younger)).changedSince(point),
            undefined,
        );
    });
});

describe("a volume on another of Trident's backends", () => {
    const backend = { name: "trident-dr-ontap", namespace: "trident" };
    const attributes = (backendUUID: string) => ({
        "PersistentVolume pvc-1": {
            spec: {
                csi: {
                    driver: "csi.trident.netapp.io",
                    volumeAttributes: { internalName: "trident_pvc_1", backendUUID },
                },
            },
        },
        "TridentBackendConfig trident-dr-ontap": { status: { backendInfo: { backendUUID: "declared" } } },
    });
    const survey = (backendUUID: string, known: boolean) => {
        const array = {
            ...arrayWith(held),
            volumes: () =>
                Promise.resolve(known ? [{ name: "trident_pvc_1", uuid: "u1", type: "rw", state: "online" }] : []),
        };
        const cluster = clusterWith({ ...objects, ...attributes(backendUUID) });
        return new ClaimedVolumes(cluster, { ...settings, tridentBackend: backend }, array).survey();
    };

    it("is named where it is a FlexGroup, which Trident does not mirror", async () => {
        const array = {
            ...arrayWith(held),
            volumes: () =>
                Promise.resolve([
                    { name: "trident_pvc_1", uuid: "u1", type: "rw", state: "online", isFlexGroup: true } as const,
                ]),
        };
        const cluster = clusterWith({ ...objects, ...attributes("declared") });
        const survey = await new ClaimedVolumes(cluster, { ...settings, tridentBackend: backend }, array).survey();
        assert.deepEqual(unmirrorable(survey), ["the volume of claim shop/data, trident_pvc_1, is a FlexGroup"]);
    });

    it("is told by how full it is, where the array says it", async () => {
        const told = { name: "trident_pvc_1", uuid: "u1", type: "rw", state: "online", usedBytes: 40, sizeBytes: 100 };
        const array = { ...arrayWith(held), volumes: () => Promise.resolve([told]) };
        const cluster = clusterWith({ ...objects, ...attributes("declared") });
        const found = await new ClaimedVolumes(cluster, { ...settings, tridentBackend: backend }, array).survey();
        assert.deepEqual(spaceOf(found), [{ volume: "shop/data", usedBytes: 40, sizeBytes: 100 }]);
        assert.deepEqual(spaceOf(await survey("declared", true)), []);
    });

    it("counts where the declared SVM has it, and is named and left alone where it has not", async () => {
        assert.equal((await survey("declared", false)).volumes.length, 1);
        assert.equal((await survey("older", true)).volumes.length, 1);
        const { volumes, ignored } = await survey("older", false);
        assert.deepEqual(volumes, []);
        assert.deepEqual(ignored, [{ claim: "shop/data", why: "its volume is on another backend than SVM svm_east" }]);
    });
});
