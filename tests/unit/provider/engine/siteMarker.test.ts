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

    describe("that both sites share", () => {
        /** A cluster that keeps each ConfigMap by its name. */
        function sharedCluster(held: Record<string, string> = {}) {
            const sites = new Map(Object.entries(held));
            const cluster = {
                get: (_kind: unknown, { name }: { name: string }) =>
                    Promise.resolve(sites.has(name) ? { data: { site: sites.get(name) } } : undefined),
                create: ({ metadata, data }: KubernetesObject) => {
                    if (sites.has(metadata.name)) {
                        return Promise.reject(new KubernetesError("it exists", "conflict", "east", "create"));
                    }
                    sites.set(metadata.name, data!["site"]!);
                    return Promise.resolve(metadata);
                },
            };
            const settings = { protectNamespace: "trident-protect", cluster: { context: "one" } };
            const markerOf = (site: string, peer: string, sharedBy?: string[]) =>
                new SiteMarker(cluster as never, { ...settings, site, peer, ...(sharedBy && { sharedBy }) });
            return { sites, markerOf };
        }
        const name = "trident-dr-site.east.west";
        const claim = (marker: SiteMarker) => runActions(marker.claim(), () => undefined, "east");

        it("is of both, and each namespace is of one of them", async () => {
            const { sites, markerOf } = sharedCluster();
            const [east, west] = [markerOf("east", "west", ["shop"]), markerOf("west", "east", ["spare"])];
            assert.deepEqual(await east.read(), { ...place, expected: "east and west" });
            await claim(east);
            await claim(west);
            assert.deepEqual(
                [...sites],
                [
                    [name, "east and west"],
                    [`${name}.shop`, "east"],
                    [`${name}.spare`, "west"],
                ],
            );
            assert.deepEqual(await west.read(), { ...place, site: "east and west", expected: "east and west" });
        });

        it("tells a stack that has the other site's namespace", async () => {
            const { markerOf } = sharedCluster({ [name]: "east and west", [`${name}.shop`]: "east" });
            const west = markerOf("west", "east", ["shop"]);
            assert.deepEqual(await west.read(), {
                ...place,
                place: `${place.place}.shop`,
                site: "east",
                about: "shop",
            });
            await assert.rejects(claim(west), /says that namespace shop in the cluster of .* is east's; expected west/);
        });

        it("is not what the stack of a site alone, or of a shared cluster, takes the other for", async () => {
            const { markerOf } = sharedCluster({ [name]: "east" });
            const shared = await markerOf("east", "west", ["shop"]).read();
            assert.deepEqual(shared, { ...place, site: "east", expected: "east and west" });
            const alone = sharedCluster({ [name]: "east and west" }).markerOf("east", "west");
            assert.deepEqual(await alone.read(), { ...place, site: "east and west" });
        });
    });

    it("is one for each pair", async () => {
        const { markerOf } = clusterWith();
        assert.match((await markerOf("north", "east").read()).place, /trident-dr-site\.east\.north$/);
    });
});
