import assert from "node:assert/strict";
import type { Cluster, Kind, KubeObject, Ref } from "../../../../lab/controllers";
import type { Discovery } from "../../../../lab/protect/discovery";
import { type Application, kinds } from "../../../../lab/protect/kinds";
import { collectResources, podsOf, stopApplication } from "../../../../lab/protect/resources";
import { isSelected } from "../../../../lab/protect/selection";

const namespace = "plaza";
const deploymentKind = { apiVersion: "apps/v1", kind: "Deployment" };

const application = (app: string, more: object = {}): Application => ({
    ...kinds.application,
    metadata: { name: app, namespace },
    spec: { includedNamespaces: [{ namespace, labelSelector: { matchLabels: { app } } }], ...more },
});
const object = (kind: Kind, name: string, app?: string, more: object = {}): KubeObject => ({
    ...kind,
    metadata: { name, namespace, uid: `uid-of-${name}`, ...(app === undefined ? {} : { labels: { app } }) },
    ...more,
});
const claim = (name: string, app?: string) =>
    object(kinds.volumeClaim, name, app, { spec: { volumeName: `pv-${name}` }, status: { phase: "Bound" } });
const volume = (name: string): KubeObject => ({ ...kinds.volume, metadata: { name: `pv-${name}` } });
const pod = (name: string, app: string | undefined, mounts: string): KubeObject => {
    const made = object(kinds.pod, name, app, {
        spec: { volumes: [{ persistentVolumeClaim: { claimName: mounts } }] },
        status: { phase: "Running" },
    });
    made.metadata.ownerReferences = [{ ...deploymentKind, name, uid: "u", controller: true }];
    return made;
};

/** A namespace with two applications, and a claim of neither. */
const plaza = (): KubeObject[] => [
    { ...kinds.namespace, metadata: { name: namespace } },
    object(deploymentKind, "shop", "shop"),
    object(deploymentKind, "stock", "stock"),
    object(kinds.secret, "shared"),
    ...["shop-data", "stock-data"].map((name) => claim(name, name.split("-")[0])),
    claim("unlabelled"),
    ...["shop-data", "stock-data", "unlabelled"].map(volume),
];

function clusterOf(objects: KubeObject[]) {
    const deleted: string[] = [];
    const is = (kind: Kind) => (one: KubeObject) => one.apiVersion === kind.apiVersion && one.kind === kind.kind;
    const cluster = {
        get: (kind: Kind, { name }: Ref) =>
            Promise.resolve(objects.filter(is(kind)).find(({ metadata }) => metadata.name === name)),
        list: (kind: Kind, of: { namespace?: string }) =>
            Promise.resolve(objects.filter(is(kind)).filter(({ metadata }) => metadata.namespace === of.namespace)),
        delete: (kind: Kind, { name }: Ref) => {
            deleted.push(`${kind.kind}/${name}`);
            const at = objects.findIndex((one) => is(kind)(one) && one.metadata.name === name);
            objects.splice(at, 1);
            return Promise.resolve();
        },
    } as unknown as Cluster;
    return { cluster, deleted };
}
const discovery: Discovery = {
    namespacedKinds: () => Promise.resolve([deploymentKind, kinds.secret, kinds.volumeClaim, kinds.pod]),
};
const named = (objects: KubeObject[]) => objects.map(({ kind, metadata }) => `${kind}/${metadata.name}`).sort();

describe("an application that is chosen by labels", () => {
    it("has the objects and the claims with its labels, with the volumes of those claims, and no others", async () => {
        const found = await collectResources(clusterOf(plaza()).cluster, discovery, application("shop"));
        assert.deepEqual(named(found), [
            "Deployment/shop",
            "Namespace/plaza",
            "PersistentVolume/pv-shop-data",
            "PersistentVolumeClaim/shop-data",
        ]);
    });

    it("has of these only what its filter lets through", async () => {
        const resourceFilter = {
            resourceSelectionCriteria: "Exclude",
            resourceMatchers: [{ kind: "PersistentVolumeClaim" }],
        };
        const found = await collectResources(
            clusterOf(plaza()).cluster,
            discovery,
            application("shop", { resourceFilter }),
        );
        assert.deepEqual(named(found), ["Deployment/shop", "Namespace/plaza"]);
    });

    it("has an object once whose namespace is included for several labels", async () => {
        const includedNamespaces = ["shop", "stock", "shop"].map((app) => ({
            namespace,
            labelSelector: { matchExpressions: [{ key: "app", operator: "In", values: [app] }] },
        }));
        const both = application("both", { includedNamespaces });
        const found = await collectResources(clusterOf(plaza()).cluster, discovery, both);
        assert.deepEqual(
            named(found).filter((name) => !name.startsWith("Persistent")),
            ["Deployment/shop", "Deployment/stock", "Namespace/plaza"],
        );
    });

    it("is chosen in its own namespaces alone", () => {
        const elsewhere = object(kinds.secret, "s", "shop");
        assert.equal(isSelected(application("shop"), elsewhere), true);
        elsewhere.metadata.namespace = "elsewhere";
        assert.equal(isSelected(application("shop"), elsewhere), false);
    });

    it("stops without the one beside it, and has stopped while that one's pods run", async () => {
        const { cluster, deleted } = clusterOf([...plaza(), pod("stock-1", "stock", "stock-data")]);
        assert.equal(await stopApplication(cluster, discovery, application("shop")), false);
        assert.equal(await stopApplication(cluster, discovery, application("shop")), true);
        assert.deepEqual(deleted, ["Deployment/shop"]);
    });

    it("has not stopped while a pod with its labels runs, or one that mounts its claims", async () => {
        for (const left of [
            pod("p", "shop", "unlabelled"),
            pod("p", "stock", "shop-data"),
            pod("p", undefined, "shop-data"),
        ]) {
            const { cluster } = clusterOf([...plaza(), left]);
            await stopApplication(cluster, discovery, application("shop"));
            assert.equal(await stopApplication(cluster, discovery, application("shop")), false);
        }
    });

    it("has the pods with its labels", async () => {
        const pods = [pod("shop-1", "shop", "shop-data"), pod("stock-1", "stock", "stock-data")];
        assert.deepEqual(named(await podsOf(clusterOf(pods).cluster, application("stock"))), ["Pod/stock-1"]);
    });
});
