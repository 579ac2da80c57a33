import assert from "node:assert/strict";
import { AppMirrorDriver } from "../../../../../provider/drivers/applications/applicationsDriver";
import { readMirror, type Seen } from "../../../../../provider/drivers/applications/observe";
import type { DriverStep } from "../../../../../provider/drivers/driver";
import { shopAt } from "./settings";

const none = () => undefined;
const removal: DriverStep = { do: "remove-mirror" };

/** A site with a mirror: what is asked of its cluster, and the driver that asks. */
function siteWithMirror(metadata: { deletionTimestamp?: string }) {
    const asked: string[] = [];
    const note = (call: string) => () => {
        asked.push(call);
        return Promise.resolve();
    };
    const cluster = { delete: note("delete"), create: note("create"), waitFor: note("wait") };
    const settings = { ...shopAt(), timeouts: { promote: 1, establish: 1 } };
    const volumes = { requireMirrored: note("look at the array") };
    // Only what the steps under test touch is there.
    const given = [cluster, settings, volumes, new AbortController().signal] as unknown;
    const driver = new AppMirrorDriver(...(given as ConstructorParameters<typeof AppMirrorDriver>));
    const mirrorObject = readMirror({
        apiVersion: "",
        kind: "",
        metadata: { name: "shop", ...metadata },
        spec: { desiredState: "Established", sourceApplicationUID: "uid-of-west" },
    });
    return { asked, driver, seen: { mirrorObject } as Seen };
}

describe("a mirror that is removed", () => {
    it("is deleted, and waited for", async () => {
        const { asked, driver, seen } = siteWithMirror({});
        assert.deepEqual(driver.callsOf(removal, seen), ["delete AppMirrorRelationship shop/shop"]);
        await driver.perform(removal, seen, none);
        assert.deepEqual(asked, ["delete", "wait"]);
    });

    it("is only waited for when a run that was cut off has deleted it", async () => {
        const { asked, driver, seen } = siteWithMirror({ deletionTimestamp: "2026-11-22T12:00:00Z" });
        assert.deepEqual(driver.callsOf(removal, seen), ["wait for AppMirrorRelationship shop/shop to be gone"]);
        await driver.perform(removal, seen, none);
        assert.deepEqual(asked, ["wait"]);
    });

    it("is not taken for the one that is to be established", async () => {
        const { asked, driver, seen } = siteWithMirror({ deletionTimestamp: "2026-11-22T12:00:00Z" });
        const step: DriverStep = { do: "establish-mirror", sourceUid: "uid-of-west", way: "first" };
        assert.deepEqual(driver.callsOf(step, seen), [
            "wait for AppMirrorRelationship shop/shop to be gone",
            "create AppMirrorRelationship shop/shop: Established, from vault-west",
        ]);
        await driver.perform(step, seen, none);
        assert.deepEqual(asked, ["wait", "create", "wait", "look at the array"]);
    });
});
