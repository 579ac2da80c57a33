import assert from "node:assert/strict";
import { bringUp, type Lab } from "../../../../lab/lab";
import type { Kind, KubeObject } from "../../../../lab/controllers";
import { readArchive, readResources } from "../../../../lab/protect/archive";
import { type Application, kinds } from "../../../../lab/protect/kinds";
import { withVault } from "../../../../lab/protect/vault";
import {
    type TestSite,
    deploymentKind,
    isAvailable,
    mirror,
    namespace,
    prepareSites,
    see,
    snapshotOf,
    volumeOf,
} from "./twoSites";

const applications = ["shop", "stock"];
const podKind = { apiVersion: "v1", kind: "Pod" };
const refOf = (name: string) => ({ namespace, name });
const claimOf = (app: string) => `${app}-data`;
const includedNamespaces = (app: string) => [{ namespace, labelSelector: { matchLabels: { app } } }];

/** One story: whatever is done to the first application, the second one in its namespace goes on as before. */
describe("the Trident Protect stand-in with two applications in one namespace", function () {
    this.timeout(5 * 60_000);
    let lab: Lab;
    let east: TestSite;
    let west: TestSite;
    let pods: string[];
    let final: string;

    before(async function () {
        this.timeout(30 * 60_000);
        lab = await bringUp({ speed: 60 });
        [east, west] = await prepareSites(lab.sites.east, lab.sites.west);
        for (const app of applications) {
            await deploy(east, app);
        }
        pods = await podsAt(east, "stock");
    });

    after(() => lab?.down());

    const inState = (state: string) => (object: KubeObject | undefined) => object?.status?.state === state;
    const podsAt = async ({ cluster }: TestSite, app: string) =>
        (await cluster.list(podKind, { namespace, labelSelector: `app=${app}` })).map(({ metadata }) => metadata.name);
    const deploymentsAt = async ({ cluster }: TestSite) =>
        (await cluster.list(deploymentKind, { namespace })).map(({ metadata }) => metadata.name);
    const typesAt = async (site: TestSite) =>
        Promise.all(applications.map(async (app) => (await volumeOf(site, claimOf(app))).type));
    const turn = ({ cluster }: TestSite, app: string, spec: object) =>
        cluster.mergePatch(kinds.mirror, refOf(app), { spec });

    async function snapshot(one: TestSite, app: string, name: string, kind: Kind = kinds.snapshot): Promise<string> {
        const { spec, ...rest } = snapshotOf(kind, name, `vault-${one.site.name}`);
        await one.cluster.create({ ...rest, spec: { ...spec, applicationRef: app } });
        const done = await see(one, kind, refOf(name), inState("Completed"));
        return done?.status?.appArchivePath as string;
    }

    async function mirrorInto(to: TestSite, from: TestSite, app: string): Promise<void> {
        const source = await from.cluster.get(kinds.application, refOf(app));
        const { metadata: _, ...rest } = mirror(from.site.name, to.site.name, source?.metadata.uid ?? "", {
            sourceApplicationName: app,
        });
        await to.cluster.create({ ...rest, metadata: refOf(app) });
        await see(to, kinds.mirror, refOf(app), inState("Established"));
    }

    /** What of stock there is at a site: of its mirror, the volume's mirror and everything that was asked of these. */
    async function stockAt({ cluster }: TestSite): Promise<object> {
        const found = await cluster.get(kinds.mirror, refOf("stock"));
        const ofStock = (await cluster.list(kinds.volumeMirror, { namespace })).filter(
            ({ spec }) => spec.volumeMappings[0].localPVCName === claimOf("stock"),
        );
        return {
            mirror: [found?.metadata.uid, found?.metadata.generation, found?.status?.state],
            volumeMirrors: ofStock.map(({ metadata, spec }) => [metadata.uid, spec]),
            application: (await cluster.get(kinds.application, refOf("stock")))?.metadata.uid,
        };
    }

    it("keeps in a snapshot's archive the objects and the volume of its own application", async () => {
        for (const app of applications) {
            const path = await snapshot(east, app, `${app}-base`);
            const [head, resources] = await withVault(east.cluster, "vault-east", (vault) =>
                Promise.all([readArchive(vault, path), readResources(vault, path)]),
            );
            assert.deepEqual(
                head?.volumes.map(({ claim }) => claim.name),
                [claimOf(app)],
            );
            const volume = (await east.cluster.get(kinds.volumeClaim, refOf(claimOf(app))))?.spec.volumeName;
            assert.deepEqual(resources.map(({ kind, metadata }) => `${kind}/${metadata.name}`).sort(), [
                `ConfigMap/${app}`,
                `Deployment/${app}`,
                `Namespace/${namespace}`,
                `PersistentVolume/${volume}`,
                `PersistentVolumeClaim/${claimOf(app)}`,
            ]);
        }
    });

    it("mirrors each into the one namespace, with an Application of its own labels, and claims that have them", async () => {
        for (const app of applications) {
            await mirrorInto(west, east, app);
            const made = await west.cluster.get<Application>(kinds.application, refOf(app));
            assert.deepEqual(made?.spec.includedNamespaces, includedNamespaces(app));
            const claim = await west.cluster.get(kinds.volumeClaim, refOf(claimOf(app)));
            assert.equal(claim?.metadata.labels?.app, app);
        }
        assert.equal((await west.cluster.list(kinds.volumeMirror, { namespace })).length, 2);
        assert.deepEqual(await typesAt(west), ["dp", "dp"]);
    });

    it("stops with a ShutdownSnapshot the application that it is of", async () => {
        const path = await snapshot(east, "shop", "shop-final", kinds.shutdownSnapshot);
        final = path.slice(path.lastIndexOf("/") + 1);
        assert.deepEqual(await deploymentsAt(east), ["stock"]);
        assert.deepEqual(await podsAt(east, "shop"), []);
        assert.deepEqual(await podsAt(east, "stock"), pods);
    });

    it("promotes one mirror, and leaves the other one receiving", async () => {
        const before = await stockAt(west);
        await turn(west, "shop", { desiredState: "Promoted", promotedSnapshot: final });
        await see(west, kinds.mirror, refOf("shop"), inState("Promoted"));
        await see(west, deploymentKind, refOf("shop"), isAvailable);
        assert.deepEqual(await deploymentsAt(west), ["shop"]);
        assert.deepEqual(await typesAt(west), ["rw", "dp"]);
        assert.deepEqual(await stockAt(west), before);
    });

    it("deletes one mirror, and leaves the other one", async () => {
        const before = await stockAt(west);
        await west.cluster.delete(kinds.mirror, refOf("shop"));
        await see(west, kinds.mirror, refOf("shop"), (one) => one === undefined);
        const left = await west.cluster.list(kinds.volumeMirror, { namespace });
        assert.deepEqual(
            left.map(({ spec }) => spec.volumeMappings[0].localPVCName),
            [claimOf("stock")],
        );
        assert.deepEqual(await stockAt(west), before);
        assert.deepEqual(await typesAt(west), ["rw", "dp"]);
    });

    it("resyncs one application where the other one serves", async () => {
        await snapshot(west, "shop", "shop-base-2");
        await mirrorInto(east, west, "shop");
        await turn(east, "shop", { desiredState: "Promoted" });
        await see(east, kinds.mirror, refOf("shop"), inState("Promoted"));
        await see(east, deploymentKind, refOf("shop"), isAvailable);
        await turn(east, "shop", { desiredState: "Established" });
        await see(east, kinds.mirror, refOf("shop"), inState("Establishing"));
        await snapshot(west, "shop", "shop-base-3");
        await see(east, kinds.mirror, refOf("shop"), inState("Established"));
        assert.deepEqual(await deploymentsAt(east), ["stock"]);
        assert.deepEqual(await podsAt(east, "stock"), pods);
        assert.deepEqual(await typesAt(east), ["dp", "rw"]);
    });

    it("restores one application in place beside a mirror that receives", async () => {
        const before = await east.cluster.get(kinds.mirror, refOf("shop"));
        const appArchivePath = await snapshot(east, "stock", "stock-again");
        // A transfer makes a later snapshot of the volume, which no restore may lose.
        const carried = (one: KubeObject | undefined) => one?.status?.lastTransferredSnapshot?.name === "stock-again";
        await see(west, kinds.mirror, refOf("stock"), carried);
        await east.cluster.create({
            ...kinds.snapshotInplaceRestore,
            metadata: refOf("undo"),
            spec: { appVaultRef: "vault-east", appArchivePath },
        });
        const ended = (one: KubeObject | undefined) => ["Completed", "Failed"].includes(one?.status?.state);
        const restored = await see(east, kinds.snapshotInplaceRestore, refOf("undo"), ended);
        assert.equal(restored?.status?.state, "Completed", JSON.stringify(restored?.status));
        await see(east, deploymentKind, refOf("stock"), isAvailable);
        assert.deepEqual(await deploymentsAt(east), ["stock"]);
        assert.deepEqual(await typesAt(east), ["dp", "rw"]);
        assert.equal((await east.cluster.get(kinds.mirror, refOf("shop")))?.metadata.uid, before?.metadata.uid);
    });
});

/** An application whose every object has its label, beside whatever is in the namespace. */
async function deploy(one: TestSite, app: string): Promise<void> {
    const { cluster } = one;
    const labels = { app };
    const mine = (name: string) => ({ name, namespace, labels });
    await cluster.create({ apiVersion: "v1", kind: "ConfigMap", metadata: mine(app), data: { of: app } });
    await cluster.create({
        ...kinds.volumeClaim,
        metadata: mine(claimOf(app)),
        spec: {
            accessModes: ["ReadWriteMany"],
            resources: { requests: { storage: "100Mi" } },
            storageClassName: "trident-dr",
        },
    });
    const volumes = [{ name: "data", persistentVolumeClaim: { claimName: claimOf(app) } }];
    await cluster.create({
        ...deploymentKind,
        metadata: mine(app),
        spec: {
            replicas: 1,
            selector: { matchLabels: labels },
            template: { metadata: { labels }, spec: { containers: [{ name: app, image: app }], volumes } },
        },
    });
    await cluster.create({
        ...kinds.application,
        metadata: refOf(app),
        spec: { includedNamespaces: includedNamespaces(app) },
    });
    await see(one, deploymentKind, refOf(app), isAvailable);
}
