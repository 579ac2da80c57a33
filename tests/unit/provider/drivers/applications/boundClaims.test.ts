import assert from "node:assert/strict";
import type { Kind, ObjectName } from "../../../../../provider/clients/kubernetes/cluster";
import { runActions } from "../../../../../provider/drivers/action";
import { object, pod } from "./objects";
import { viewOf } from "./view";

const pending = (name: string, storageClassName: string) =>
    object("v1", "PersistentVolumeClaim", name, { spec: { storageClassName }, status: { phase: "Pending" } });
const classes: Record<string, object> = {
    "on-demand": { provisioner: "csi.trident.netapp.io", volumeBindingMode: "WaitForFirstConsumer" },
    ebs: { provisioner: "ebs.csi.aws.com", volumeBindingMode: "Immediate" },
};

describe("before a base snapshot", () => {
    it("claims are waited for that will be bound, and the others named once and left alone", async () => {
        const waited: string[] = [];
        const cluster = {
            list: (kind: Kind) =>
                Promise.resolve(
                    kind.kind === "Pod"
                        ? [pod("shop", "used")]
                        : [pending("unused", "on-demand"), pending("used", "on-demand"), pending("cache", "ebs")],
                ),
            get: (_kind: Kind, { name }: ObjectName) =>
                Promise.resolve(object("storage.k8s.io/v1", "StorageClass", name, classes[name])),
            waitFor: (_kind: Kind, { name }: ObjectName) => {
                waited.push(name);
                return Promise.resolve(undefined);
            },
        };
        const lines: string[] = [];
        const [wait] = viewOf({}, { cluster }).actions({ do: "take-base-snapshot", epoch: 1 });
        await runActions([wait!], (line) => lines.push(line), "east");
        assert.deepEqual(waited, ["used"]);
        assert.deepEqual(lines.slice(1), [
            "not waiting for PersistentVolumeClaim shop/unused: no pod uses it, so that it has no volume yet",
            "not waiting for PersistentVolumeClaim shop/cache: its volume is to come from ebs.csi.aws.com, not from Trident",
        ]);
    });
});
