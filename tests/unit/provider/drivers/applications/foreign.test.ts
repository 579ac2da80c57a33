import assert from "node:assert/strict";
import {
    applicationManifest,
    mirrorManifest,
    scheduleManifests,
} from "../../../../../provider/drivers/applications/manifests";
import { type ApplicationState, readMirror } from "../../../../../provider/drivers/applications/observe";
import { type MessageError, render } from "../../../../../provider/roles/messages/message";
import type { KubernetesObject } from "../../../../../provider/clients/kubernetes/objects";
import { settingsOfShop, viewOf } from "./view";

const settings = settingsOfShop();
const application = applicationManifest(settings);
const [replication, daily] = scheduleManifests(settings) as [KubernetesObject, KubernetesObject];
const mirror = mirrorManifest(settings, "uid-of-west");

function unlabelled(object: KubernetesObject): KubernetesObject {
    const { labels: _, ...metadata } = object.metadata;
    return { ...object, metadata };
}

const ofLabels = (namespace: string, matchLabels: Record<string, string>) => ({
    namespace,
    labelSelector: { matchLabels },
});

const namesIn = (state: Partial<ApplicationState>) => viewOf(state).observed.foreignObjects?.map(({ what }) => what);

describe("objects under names of ours", () => {
    it("are ours by their label, which 0.1.0 set as well", () => {
        assert.equal(application.metadata.labels?.["trident-dr.pulumi.com/application"], "shop");
        assert.deepEqual(namesIn({ application, schedules: [replication, daily], mirror: readMirror(mirror) }), []);
        assert.deepEqual(namesIn({}), []);
    });

    it("are somebody else's without it", () => {
        assert.deepEqual(
            namesIn({
                application: unlabelled(application),
                schedules: [unlabelled(daily), replication],
                mirror: readMirror(unlabelled(mirror)),
            }),
            ["Application shop/shop", "Schedule shop/shop-daily", "AppMirrorRelationship shop/shop"],
        );
    });

    it("do not include what has names of its own", () => {
        const weekly = { ...unlabelled(daily), metadata: { name: "weekly", namespace: "shop" } };
        assert.deepEqual(namesIn({ schedules: [weekly] }), []);
    });

    it("are found under the names that the configuration gives them", () => {
        const names = { mirror: "shop-to-west", schedule: "often" };
        const named = { ...settings, names };
        const [often] = scheduleManifests(named);
        const state = {
            schedules: [unlabelled(often!)],
            mirror: readMirror(unlabelled(mirrorManifest(named, "")), "shop"),
        };
        const view = viewOf(state, { names });
        assert.deepEqual(
            view.observed.foreignObjects!.map(({ what }) => what),
            ["Schedule shop/often", "AppMirrorRelationship shop/shop-to-west"],
        );
        assert.equal(readMirror(mirrorManifest(named, ""), "shop").isForeign, undefined);
    });

    it("are not adopted where a mirror brings volumes into other namespaces than are declared", () => {
        const foundIn = (more: object) => {
            const { foreign } = viewOf({ mirror: readMirror(unlabelled(mirror)) }, { adopt: true, ...more }).observed;
            return foreign?.found.map((one) => render(one));
        };
        assert.equal(foundIn({}), undefined);
        assert.deepEqual(foundIn({ peerNamespaces: ["spare", "shop-data"] }), [
            "AppMirrorRelationship shop/shop brings namespace spare of west into spare, expected shop (namespaces of shop)",
        ]);
    });

    it("are nobody's to adopt where they belong to another application, our label or not", () => {
        const ofBank = (object: KubernetesObject) => ({
            ...object,
            spec: { ...(object.spec as object), applicationRef: "bank" },
        });
        const mirrorOfBank = {
            ...unlabelled(mirror),
            spec: { ...(mirror.spec as object), sourceApplicationName: "bank" },
        };
        const view = viewOf({
            schedules: [ofBank(unlabelled(replication)), ofBank(daily)],
            mirror: readMirror(mirrorOfBank, "shop"),
        });
        assert.deepEqual(view.observed.foreignObjects, [
            { what: "Schedule shop/shop-replication", of: "bank" },
            { what: "Schedule shop/shop-daily", of: "bank" },
            { what: "AppMirrorRelationship shop/shop", of: "bank" },
        ]);
        assert.deepEqual(view.actions({ do: "adopt-objects" }), []);
        assert.deepEqual(view.actions({ do: "disown-objects" }), []);
    });

    for (const [spec, differs] of [
        [
            { includedNamespaces: [ofLabels("shop", { category: "vm" }), { namespace: "shop-data" }] },
            "of shop it has what labelSelector category=vm chooses, where it would be everything",
        ],
        [{ includedNamespaces: [{ namespace: "bank" }] }, "it is made of bank, where shop and shop-data would be"],
        [{ includedVirtualMachines: [{ namespace: "shop", names: ["vm1"] }] }, "it is made of virtual machines"],
    ] as const) {
        it(`cannot be adopted as what they are not: ${differs}`, () => {
            const view = viewOf({ application: { ...unlabelled(application), spec } }, { adopt: true });
            assert.deepEqual(view.observed.foreignObjects, [{ what: "Application shop/shop", differs }]);
            assert.deepEqual(view.actions({ do: "adopt-objects" }), []);
        });
    }

    describe("with a label selector", () => {
        const declared = { adopt: true, labelSelector: { matchLabels: { category: "shop" } } };
        const madeOf = (...includedNamespaces: object[]) =>
            viewOf({ application: { ...unlabelled(application), spec: { includedNamespaces } } }, declared);

        it("are adopted where it is the declared one, in every namespace, however it is written", () => {
            const written = { matchExpressions: [{ key: "category", operator: "In", values: ["shop"] }] };
            for (const shop of [
                ofLabels("shop", { category: "shop" }),
                { namespace: "shop", labelSelector: written },
            ]) {
                const view = madeOf(ofLabels("shop-data", { category: "shop" }), shop);
                assert.deepEqual(
                    view.actions({ do: "adopt-objects" }).map(({ call }) => call),
                    ["patch Application shop/shop: label trident-dr.pulumi.com/application, adopted as it is"],
                );
            }
        });

        for (const [found, differs] of [
            [
                [ofLabels("shop", { category: "shop" }), { namespace: "shop-data" }],
                "of shop-data it has everything, where it would be what labelSelector category=shop chooses",
            ],
            [
                [ofLabels("shop", { category: "bank" }), ofLabels("shop-data", { category: "shop" })],
                "of shop it has what labelSelector category=bank chooses, where it would be what labelSelector category=shop chooses",
            ],
            [[ofLabels("shop", { category: "shop" })], "it is made of shop, where shop and shop-data would be"],
        ] as const) {
            it(`are not adopted: ${differs}`, () => {
                const view = madeOf(...found);
                assert.deepEqual(view.observed.foreignObjects, [{ what: "Application shop/shop", differs }]);
                assert.deepEqual(view.actions({ do: "adopt-objects" }), []);
            });
        }

        it("stay as they are written, since that does not change any more", async () => {
            const written = { matchExpressions: [{ key: "category", operator: "In", values: ["shop"] }] };
            const includedNamespaces = [
                ofLabels("shop-data", { category: "shop" }),
                { namespace: "shop", labelSelector: written },
            ];
            const applied: KubernetesObject[] = [];
            const cluster = { apply: (manifest: KubernetesObject) => Promise.resolve(applied.push(manifest)) };
            const labelled = { ...application, spec: { includedNamespaces } };
            const view = viewOf({ application: labelled }, { ...declared, cluster });
            const actions = view.actions({ do: "declare-application" });
            await Promise.all(actions.map((action) => action.run(() => undefined)));
            assert.deepEqual(
                applied.map(({ spec }) => (spec as { includedNamespaces: unknown }).includedNamespaces),
                [includedNamespaces],
            );
        });

        it("are not declared over one of other labels, which could not change", async () => {
            const labelled = { ...application, spec: { includedNamespaces: [{ namespace: "shop" }] } };
            const [action, ...more] = viewOf({ application: labelled }, declared).actions({
                do: "declare-application",
            });
            assert.deepEqual([action!.call, more], ["check Application shop/shop: it is made of what is declared", []]);
            await assert.rejects(
                action!.run(() => undefined),
                (error: MessageError) => {
                    assert.match(
                        error.message,
                        /^east: Application shop\/shop is not what is declared: it is made of shop, /,
                    );
                    return true;
                },
            );
        });
    });

    it("are adopted by our label alone, each announced", async () => {
        const patches: unknown[] = [];
        const patch = (...args: unknown[]) => Promise.resolve(patches.push(args));
        const actions = viewOf(
            { application: unlabelled(application), schedules: [daily], mirror: readMirror(unlabelled(mirror)) },
            { cluster: { patch } },
        ).actions({ do: "adopt-objects" });
        assert.deepEqual(
            actions.map(({ call }) => call),
            [
                "patch Application shop/shop: label trident-dr.pulumi.com/application, adopted as it is",
                "patch AppMirrorRelationship shop/shop: label trident-dr.pulumi.com/application, adopted as it is",
            ],
        );
        await Promise.all(actions.map((action) => action.run(() => undefined)));
        assert.deepEqual(
            patches.map((args) => (args as [unknown, unknown, { metadata: { labels: unknown }; spec?: unknown }])[2]),
            [1, 2].map(() => ({
                metadata: { name: "shop", namespace: "shop", labels: { "trident-dr.pulumi.com/application": "shop" } },
            })),
        );
    });

    it("are let go of without our label, each announced; what others have there is not touched", async () => {
        const patches: unknown[] = [];
        const patch = (...args: unknown[]) => Promise.resolve(patches.push(args));
        // One that is declared no more is ours as well; without our label, others' stay as they are.
        const weekly = { ...daily, metadata: { ...daily.metadata, name: "weekly" } };
        const theirs = unlabelled({ ...weekly, metadata: { ...weekly.metadata, name: "theirs" } });
        const schedules = [unlabelled(replication), daily, weekly, theirs];
        const view = viewOf({ application, schedules, mirror: readMirror(mirror) }, { cluster: { patch } });
        const actions = view.actions({ do: "disown-objects" });
        assert.deepEqual(
            actions.map(({ call }) => call),
            [
                "Application shop/shop",
                "Schedule shop/shop-daily",
                "Schedule shop/weekly",
                "AppMirrorRelationship shop/shop",
            ].map((what) => `patch ${what}: without the label trident-dr.pulumi.com/application, left as it is`),
        );
        await Promise.all(actions.map((action) => action.run(() => undefined)));
        assert.deepEqual(
            patches.map((args) => (args as [unknown, unknown, unknown])[2]),
            ["shop", "shop-daily", "weekly", "shop"].map((name) => ({
                metadata: { name, namespace: "shop", labels: { "trident-dr.pulumi.com/application": null } },
            })),
        );
        const left = viewOf({ application: unlabelled(application) });
        assert.deepEqual(left.actions({ do: "disown-objects" }), []);
    });

    it("are taken over by a command that names the group, since others have kinds of the same name", () => {
        const [found] = viewOf({ application: unlabelled(application) }).observed.foreignObjects!;
        assert.equal(
            found!.takeOver,
            "kubectl -n shop label applications.protect.trident.netapp.io shop trident-dr.pulumi.com/application=shop",
        );
    });
});
