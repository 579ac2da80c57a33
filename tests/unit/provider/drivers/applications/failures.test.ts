import assert from "node:assert/strict";
import type { KubernetesObject } from "../../../../../provider/clients/kubernetes/cluster";
import { runActions } from "../../../../../provider/drivers/action";
import { viewOf } from "./view";

const failed = (name: string): KubernetesObject => ({
    apiVersion: "protect.trident.netapp.io/v1",
    kind: "ShutdownSnapshot",
    metadata: { name, namespace: "shop" },
    status: { state: "Failed", error: "the vault cannot be written" },
});

/** A cluster in which whatever is waited for has failed. */
const cluster = {
    create: () => Promise.resolve(),
    waitFor: (_kind: unknown, { name }: { name: string }, _what: string, reached: (object: object) => boolean) =>
        Promise.resolve().then(() => reached(failed(name))),
};

describe("a snapshot that has failed", () => {
    it("ends the run, with the commands to run once its cause is fixed", async () => {
        const actions = viewOf({}, { cluster }).actions({ do: "take-shutdown-snapshot", epoch: 2 });
        await assert.rejects(
            runActions(actions, () => undefined, "east"),
            {
                message:
                    "east: ShutdownSnapshot shop/shop-final-2 is Failed: the vault cannot be written. The volumes are as they were. Once the cause is fixed: kubectl -n shop delete shutdownsnapshots.protect.trident.netapp.io shop-final-2; pulumi up --stack east",
            },
        );
    });
});
