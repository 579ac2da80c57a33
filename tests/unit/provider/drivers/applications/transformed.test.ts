import assert from "node:assert/strict";
import { runActions } from "../../../../../provider/drivers/action";
import {
    applicationManifest,
    mirrorManifest,
    scheduleManifests,
} from "../../../../../provider/drivers/applications/manifests";
import { readMirror } from "../../../../../provider/drivers/applications/observe";
import type { ApplicationState } from "../../../../../provider/drivers/applications/observe";
import type { DriverStep } from "../../../../../provider/drivers/driver";
import { settingsOfShop, viewOf } from "./view";

const rule = { kind: "ResourceTransformationRule", name: "hosts" };
const transformed = {
    "Application shop": { metadata: { annotations: { "protect.trident.netapp.io/skip-vm-freeze": "true" } } },
    "Schedule shop-daily": { spec: { snapshotReclaimPolicy: "Retain" } },
    "AppMirrorRelationship shop": { metadata: { labels: { team: "shop" } }, spec: { transformationsRef: rule } },
};
const plain = settingsOfShop();
const changed = { ...plain, transformed };

const establish: DriverStep = { do: "establish-mirror", sourceUid: "uid-of-west", way: "reverse" };

/** The calls of a step, and the bodies that it sends. */
async function sentBy(step: DriverStep, state: Partial<ApplicationState>) {
    const sent: unknown[] = [];
    const send = (...args: unknown[]) => Promise.resolve(sent.push(args.at(-1)));
    const actions = viewOf(state, { transformed, cluster: { apply: send, patch: send, create: send } }).actions(step);
    await runActions(actions, () => undefined, "east");
    return { calls: actions.map(({ call }) => call), sent };
}

describe("what the user changes of declared objects", () => {
    it("is applied where it is not yet there, and once only", async () => {
        const { calls, sent } = await sentBy(
            { do: "declare-application" },
            { application: applicationManifest(plain) },
        );
        assert.deepEqual(calls, ["apply Application shop/shop"]);
        assert.deepEqual(sent, [applicationManifest(changed)]);
        const again = await sentBy({ do: "declare-application" }, { application: applicationManifest(changed) });
        assert.deepEqual(again.calls, []);
    });

    it("is part of the Schedules", async () => {
        const { calls } = await sentBy({ do: "start-schedules" }, { schedules: scheduleManifests(plain) });
        assert.deepEqual(calls, ["apply Schedule shop/shop-daily"]);
        assert.deepEqual(
            (await sentBy({ do: "start-schedules" }, { schedules: scheduleManifests(changed) })).calls,
            [],
        );
    });

    it("is part of a new mirror, and patched into one that stands", async () => {
        assert.deepEqual((await sentBy(establish, {})).sent, [mirrorManifest(changed, "uid-of-west")]);
        const { calls, sent } = await sentBy(establish, { mirror: readMirror(mirrorManifest(plain, "uid-of-west")) });
        assert.deepEqual(calls, [
            "patch AppMirrorRelationship shop/shop: labels as declared, transformationsRef as declared",
        ]);
        assert.deepEqual(sent, [
            {
                metadata: { name: "shop", namespace: "shop", labels: { team: "shop" } },
                spec: { transformationsRef: rule },
            },
        ]);
        const stands = readMirror(mirrorManifest(changed, "uid-of-west"));
        assert.deepEqual((await sentBy(establish, { mirror: stands })).calls, []);
    });

    it("is patched like transformations that are arguments, of which an empty list takes the others away", async () => {
        const transformations = [{ resource: { kind: "Ingress" }, operations: [{ op: "remove", path: "/spec" }] }];
        const stands = readMirror(mirrorManifest({ ...plain, transformations }, "uid-of-west"));
        const callsWith = (given?: Record<string, unknown>[]) =>
            viewOf({ mirror: stands }, given === undefined ? {} : { transformations: given })
                .actions(establish)
                .map(({ call }) => call);
        assert.deepEqual(callsWith(transformations), []);
        assert.deepEqual(callsWith(), [], "somebody else's stay");
        const changes = ["patch AppMirrorRelationship shop/shop: transformations as declared"];
        assert.deepEqual(callsWith([]), changes);
        assert.deepEqual(callsWith([...transformations, ...transformations]), changes);
    });

    it("goes with a resync, which takes back what a promotion had added", async () => {
        const promoted = {
            ...mirrorManifest(plain, "uid-of-west"),
            spec: { ...(mirrorManifest(plain, "uid-of-west").spec as object), desiredState: "Promoted" },
        };
        promoted.metadata = {
            ...promoted.metadata,
            annotations: { "trident-dr.pulumi.com/promoted-with": "consent", consent: "yes" },
        };
        const { sent } = await sentBy({ ...establish, way: "resync" }, { mirror: readMirror(promoted) });
        assert.deepEqual(sent, [
            {
                metadata: {
                    name: "shop",
                    namespace: "shop",
                    labels: { team: "shop" },
                    annotations: { consent: null, "trident-dr.pulumi.com/promoted-with": null },
                },
                spec: { desiredState: "Established", promotedSnapshot: null, transformationsRef: rule },
            },
        ]);
    });
});
