import assert from "node:assert/strict";
import { runActions } from "../../../../../provider/drivers/action";
import { readMirror } from "../../../../../provider/drivers/applications/observe";
import type { DriverStep } from "../../../../../provider/drivers/driver";
import { viewOf } from "./view";

const removal: DriverStep = { do: "remove-mirror" };

/** A site with a mirror: what is asked of its cluster, and how a step of it is executed. */
function siteWithMirror(metadata: { deletionTimestamp?: string }) {
    const asked: string[] = [];
    const note = (call: string) => () => {
        asked.push(call);
        return Promise.resolve();
    };
    const cluster = { delete: note("delete"), create: note("create"), waitFor: note("wait") };
    const mirror = readMirror({
        apiVersion: "",
        kind: "",
        metadata: { name: "shop", ...metadata },
        spec: { desiredState: "Established", sourceApplicationUID: "uid-of-west" },
    });
    const view = viewOf({ mirror }, { cluster });
    const execute = async (step: DriverStep) => {
        const actions = view.actions(step);
        await runActions(actions, () => undefined, "east");
        return actions.map(({ call }) => call);
    };
    return { asked, execute };
}

describe("a mirror that is removed", () => {
    it("is deleted, and waited for", async () => {
        const { asked, execute } = siteWithMirror({});
        assert.deepEqual(await execute(removal), [
            "delete AppMirrorRelationship shop/shop",
            "wait for AppMirrorRelationship shop/shop to be gone",
        ]);
        assert.deepEqual(asked, ["delete", "wait"]);
    });

    it("is only waited for when an interrupted run has deleted it", async () => {
        const { asked, execute } = siteWithMirror({ deletionTimestamp: "2026-11-22T12:00:00Z" });
        assert.deepEqual(await execute(removal), ["wait for AppMirrorRelationship shop/shop to be gone"]);
        assert.deepEqual(asked, ["wait"]);
    });

    it("is not taken for the one that is to be established", async () => {
        const { asked, execute } = siteWithMirror({ deletionTimestamp: "2026-11-22T12:00:00Z" });
        const calls = await execute({ do: "establish-mirror", sourceUid: "uid-of-west", way: "first" });
        assert.deepEqual(calls, [
            "wait for AppMirrorRelationship shop/shop to be gone",
            "create AppMirrorRelationship shop/shop: Established, from vault-west",
        ]);
        assert.deepEqual(asked, ["wait", "create"]);
    });
});
