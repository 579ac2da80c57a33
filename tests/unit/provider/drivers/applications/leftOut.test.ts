import assert from "node:assert/strict";
import { type Survey, warningsOn } from "../../../../../provider/drivers/applications/arrayReport";
import { leftOutByLabels } from "../../../../../provider/drivers/applications/leftOut";
import type { Workload } from "../../../../../provider/drivers/applications/workloads";
import { render } from "../../../../../provider/roles/messages/message";
import { emptyRecord, type Role } from "../../../../../provider/roles/record";
import type { LabelSelector } from "../../../../../provider/support/labelSelector";
import { running, settingsOfShop } from "./view";

const unchosen = { claim: "shop/logs", why: "labelSelector app=shop does not choose it", isUnchosen: true as const };
const survey: Survey = { volumes: [], strays: [], ignored: [unchosen] };
const web = running("Deployment shop/web", { unchosen: ["shop/logs"] });

function told(
    role: Role,
    workloads: Workload[],
    found: Survey = survey,
    labelSelector: LabelSelector | undefined = { matchLabels: { app: "shop" } },
): string[] {
    const settings = { ...settingsOfShop(), labelSelector };
    return leftOutByLabels({ workloads }, found, settings, { role }).map((one) => render(one));
}

describe("what an application's label selector leaves out", () => {
    it("is told of the claims that its own workloads mount, from the first preview on", () => {
        const line =
            "Deployment shop/web of shop mounts shop/logs, which labelSelector app=shop does not choose: it is not mirrored, and not at west after a takeover. If it is to be, give the claim these labels";
        assert.deepEqual(told("none", [web]), [line]);
        assert.deepEqual(told("active", [web]), [line]);
        assert.deepEqual(told("standby", [web]), []);
        assert.deepEqual(told("active", [running("Deployment shop/web")]), []);
    });

    it("is told where it is everything, at the site that serves", () => {
        assert.deepEqual(told("active", []), [
            "NOT PROTECTED: labelSelector app=shop of shop chooses no claim and no workload in shop, shop-data. The labels there: kubectl -n shop get persistentvolumeclaims,deployments,statefulsets --show-labels; kubectl -n shop-data get persistentvolumeclaims,deployments,statefulsets --show-labels",
        ]);
        assert.deepEqual(told("none", []), []);
        const cache = { claim: "shop/cache", why: "resourceFilter excludes it" };
        assert.deepEqual(told("active", [], { ...survey, ignored: [unchosen, cache] }), []);
    });

    it("is nothing without a selector", () => {
        assert.deepEqual(leftOutByLabels({ workloads: [web] }, survey, settingsOfShop(), { role: "active" }), []);
    });

    it("is not among what is told of claims that nothing mirrors: it may be another application's", () => {
        const own = { ...emptyRecord("shop", "east", "west"), role: "active" as const };
        const expected = { own, peer: { known: true, record: undefined } as const, maxLagSeconds: 900 };
        const named = { application: "shop", namespace: "shop", site: "east", peerSite: "west" };
        assert.deepEqual(warningsOn(survey, { ...expected, ...named }), []);
    });
});
