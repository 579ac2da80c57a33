import assert from "node:assert/strict";
import { parseObject } from "../../../../../provider/clients/kubernetes/objects";

describe("an object as the API server gives it", () => {
    // The fields of kinds that have no spec are named one by one, and what is not named is lost.
    for (const [apiVersion, kind, fields] of [
        ["storage.k8s.io/v1", "StorageClass", { provisioner: "csi.trident.netapp.io", volumeBindingMode: "Immediate" }],
        ["snapshot.storage.k8s.io/v1", "VolumeSnapshotClass", { driver: "csi.trident.netapp.io" }],
        ["trident.netapp.io/v1", "TridentVersion", { trident_version: "26.06.2" }],
        ["v1", "Secret", { data: { accessKeyID: "a2V5" } }],
    ] as const) {
        it(`keeps what is read of a ${kind}`, () => {
            const given = { apiVersion, kind, metadata: { name: "one" }, ...fields };
            assert.deepEqual(parseObject({ apiVersion, kind }, given), given);
        });
    }
});
