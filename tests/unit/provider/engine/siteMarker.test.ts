import assert from "node:assert/strict";
import { KubernetesError } from "../../../../provider/clients/kubernetes/errors";
import type { KubernetesObject } from "../../../../provider/clients/kubernetes/objects";
import { runActions } from "../../../../provider/drivers/action";
import { SiteMarker } from "../../../../provider/engine/siteMarker";

/** One cluster, and what a stack for a site finds and does there. */
function clusterWith(held?: { site?: string }) {
    let kept: KubernetesObject | undefined = held && {
        apiVersion: "v1",
        kind: "ConfigMap",
        metadata: { name: "any" },
        data: held,
    };
    const cluster = {
        get: () => Promise.resolve(kept),
        create: (object: KubernetesObject) => {
            if (kept !== undefined) {
                return Promise.reject(new KubernetesError("it exists", "conflict", "east", "create"));
            }
            kept = object;
            return Promise.resolve(object);
        },
    };
    const markerOf = (site: string, peer: string) =>
        new SiteMarker(cluster, { site, peer, protectNamespace: "trident-protect", cluster: { context: "one" } });
    const claim = (marker: SiteMarker) => runActions(marker.claim(), () => undefined, "east");
    return { markerOf, claim };
}

const place = { place: "trident-protect/trident-dr-site.east.west", cluster: "context one of the default kubeconfig" };

describe("what says in a cluster which site it is", () => {
    it("is created once, and is the same for both stacks of a pair", async () => {
        const { markerOf, claim } = clusterWith();
        const east = markerOf("east", "west");
        assert.deepEqual(await east.read(), place);
        await claim(east);
        assert.deepEqual(await east.read(), { ...place, site: "east" });
        assert.deepEqual(await markerOf("west", "east").read(), { ...place, site: "east" });
    });

    it("is announced as something that another item of the stack may have done by then", async () => {
        const { markerOf, claim } = clusterWith();
        const east = markerOf("east", "west");
        const [action] = east.claim();
        assert.equal(action!.call, "create ConfigMap trident-protect/trident-dr-site.east.west: this cluster is east");
        assert.equal(action!.when, "if no other item of the stack has");
        await Promise.all([claim(east), claim(markerOf("east", "west"))]);
    });

    it("is never overwritten", async () => {
        const { markerOf, claim } = clusterWith({ site: "west" });
        await assert.rejects(claim(markerOf("east", "west")), /is west's; expected east/);
        assert.equal((await markerOf("east", "west").read()).site, "west");
        assert.equal((await clusterWith({}).markerOf("east", "west").read()).site, "nobody");
    });

    it("is one for each pair", async () => {
        const { markerOf } = clusterWith();
        assert.match((await markerOf("north", "east").read()).place, /trident-dr-site\.east\.north$/);
    });
});
