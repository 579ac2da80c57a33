import assert from "node:assert/strict";
import type { KubernetesObject } from "../../../../../provider/clients/kubernetes/cluster";
import { AppMirrorDriver } from "../../../../../provider/drivers/applications/applicationsDriver";
import type { Seen } from "../../../../../provider/drivers/applications/observe";
import type { DriverStep } from "../../../../../provider/drivers/driver";
import { shopAt } from "./settings";

/** A site at which whatever is waited for says that it has failed. */
function siteOfFailures() {
    const failed = (name: string): KubernetesObject => ({
        apiVersion: "protect.trident.netapp.io/v1",
        kind: "ShutdownSnapshot",
        metadata: { name, namespace: "shop" },
        status: { state: "Failed", error: "the vault cannot be written" },
    });
    const cluster = {
        get: () => Promise.resolve(failed("any")),
        waitFor: (_kind: unknown, { name }: { name: string }, _what: string, reached: (object: object) => boolean) =>
            Promise.resolve().then(() => reached(failed(name))),
    };
    const settings = { ...shopAt(), timeouts: { snapshot: 1 } };
    const given = [cluster, settings, {}, new AbortController().signal] as unknown;
    return new AppMirrorDriver(...(given as ConstructorParameters<typeof AppMirrorDriver>));
}

describe("a snapshot that has failed", () => {
    const seen = { shutdownSnapshots: [], snapshots: [], restores: [], workloads: [] } as unknown as Seen;

    it("ends the run, and says with which commands to go on once its cause is mended", async () => {
        const step: DriverStep = { do: "take-shutdown-snapshot", epoch: 2 };
        const { site } = shopAt();
        await assert.rejects(
            siteOfFailures().perform(step, seen, () => undefined),
            {
                message: `${site}: ShutdownSnapshot shop/shop-final-2 is Failed: the vault cannot be written. The volumes are as they were. Once its cause is mended: kubectl -n shop delete shutdownsnapshots.protect.trident.netapp.io shop-final-2; pulumi up --stack ${site}`,
            },
        );
    });
});
