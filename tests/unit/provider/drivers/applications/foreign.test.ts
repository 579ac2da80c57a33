import assert from "node:assert/strict";
import {
    applicationManifest,
    mirrorManifest,
    scheduleManifests,
} from "../../../../../provider/drivers/applications/manifests";
import { type ApplicationState, readMirror } from "../../../../../provider/drivers/applications/observe";
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

    it("are taken over by a command that names the group, since others have kinds of the same name", () => {
        const [found] = viewOf({ application: unlabelled(application) }).observed.foreignObjects!;
        assert.equal(
            found!.takeOver,
            "kubectl -n shop label applications.protect.trident.netapp.io shop trident-dr.pulumi.com/application=shop",
        );
    });
});
