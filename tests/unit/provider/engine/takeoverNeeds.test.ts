import assert from "node:assert/strict";
import type { Kind, KubernetesObject, ObjectName } from "../../../../provider/clients/kubernetes/cluster";
import { KubernetesError } from "../../../../provider/clients/kubernetes/errors";
import { kinds } from "../../../../provider/clients/kubernetes/kinds";
import { TakeoverNeeds } from "../../../../provider/engine/takeoverNeeds";
import type { SvmPeer } from "../../../../provider/clients/ontap";

/** A cluster that has these objects and nothing else; it can be read, and no more. */
function clusterOf(objects: readonly KubernetesObject[], { mayList = true } = {}) {
    const of = (kind: Kind) => objects.filter((one) => one.kind === kind.kind);
    return {
        site: "west",
        get: (kind: Kind, { name, namespace }: ObjectName) =>
            Promise.resolve(
                of(kind).find(({ metadata }) => metadata.name === name && metadata.namespace === namespace),
            ),
        list: (kind: Kind, namespace: string) =>
            mayList
                ? Promise.resolve(of(kind).filter(({ metadata }) => metadata.namespace === namespace))
                : Promise.reject(new KubernetesError("west: forbidden", "forbidden", "west", "list")),
    };
}

function quota(name: string, pods: string, labels: Record<string, string> = {}): KubernetesObject {
    return { ...kinds.resourceQuota, metadata: { name, namespace: "shop", labels }, spec: { hard: { pods } } };
}

const ours = quota("trident-dr-shop", "0", { "trident-dr.pulumi.com/application": "shop" });

const peerOf = (svm: string): SvmPeer => ({
    uuid: svm,
    svm: { name: svm },
    peer: { svm: { name: "svm_east" } },
    state: "peered",
    applications: ["snapmirror"],
});

const array = {
    nodes: () => Promise.resolve([{ name: "west-01", aheadSeconds: 1 }]),
    svmPeers: { all: () => Promise.resolve([peerOf("svm_west"), peerOf("svm_other")]) },
    clusterPeers: { all: () => Promise.resolve([]) },
};

function needsOf(change: Partial<ConstructorParameters<typeof TakeoverNeeds>[0]> = {}) {
    return new TakeoverNeeds({
        cluster: clusterOf([]),
        prerequisites: { faults: () => Promise.resolve([]) },
        protectNamespace: "trident-protect",
        vaults: {},
        svm: "svm_west",
        array: () => array as never,
        pods: { application: "shop", namespaces: ["shop"], storageClass: "trident-dr" },
        ...change,
    }).read();
}

describe("what a takeover needs that no plan depends on", () => {
    it("is a StorageClass", async () => {
        const there = clusterOf([{ ...kinds.storageClass, metadata: { name: "trident-dr" } }]);
        assert.deepEqual((await needsOf({ cluster: there })).storageClass, { name: "trident-dr", exists: true });
        assert.deepEqual((await needsOf()).storageClass, { name: "trident-dr", exists: false });
    });

    it("is that no other ResourceQuota keeps pods from starting than the one that it removes", async () => {
        const quotasOf = async (objects: KubernetesObject[], mayList = true) =>
            (await needsOf({ cluster: clusterOf(objects, { mayList }) })).quotas;
        const limits = quota("limits", "20");
        assert.deepEqual(await quotasOf([ours, limits]), { inTheWay: [], all: true });
        assert.deepEqual(await quotasOf([ours, quota("frozen", "0")]), { inTheWay: ["shop/frozen"], all: true });
        const strange = quota("trident-dr-shop", "0");
        assert.deepEqual(await quotasOf([strange]), { inTheWay: ["shop/trident-dr-shop"], all: true });
        // An account that may not list them may read the one that it removes.
        assert.deepEqual(await quotasOf([strange], false), { inTheWay: ["shop/trident-dr-shop"], all: false });
        assert.deepEqual(await quotasOf([ours, quota("frozen", "0")], false), { inTheWay: [], all: false });
    });

    it("is that a policy under the name of the one that it removes is ours, where a label selector chooses", async () => {
        const pods = { application: "shop", namespaces: ["shop"], storageClass: "trident-dr" };
        const labelSelector = { matchLabels: { app: "shop" } };
        const policiesOf = async (objects: KubernetesObject[]) =>
            (await needsOf({ cluster: clusterOf(objects), pods: { ...pods, labelSelector } })).podPolicy;
        const named = (kind: Kind, labels: Record<string, string>): KubernetesObject => ({
            ...kind,
            metadata: { name: "trident-dr-shop.shop", labels },
        });
        const own = { "trident-dr.pulumi.com/application": "shop" };
        assert.deepEqual(await policiesOf([]), { inTheWay: [] });
        assert.deepEqual(await policiesOf([named(kinds.podPolicy, own), named(kinds.podPolicyBinding, own)]), {
            inTheWay: [],
        });
        assert.deepEqual(await policiesOf([named(kinds.podPolicy, {}), named(kinds.podPolicyBinding, own)]), {
            inTheWay: [
                {
                    what: "ValidatingAdmissionPolicy trident-dr-shop.shop",
                    remove: "kubectl delete validatingadmissionpolicies.admissionregistration.k8s.io trident-dr-shop.shop",
                },
            ],
        });
        assert.ok(!("podPolicy" in (await needsOf())));
    });

    it("is an answer of each vault", async () => {
        const vault = (spec: object): KubernetesObject => ({
            ...kinds.appVault,
            metadata: { name: "vault-west", namespace: "trident-protect" },
            spec,
        });
        const s3 = { bucketName: "dr-west", endpoint: "s3.example" };
        const isOf = async (objects: KubernetesObject[]) =>
            (await needsOf({ cluster: clusterOf(objects), vaults: { west: "vault-west" } })).vaults[0]!.is;
        assert.deepEqual(await isOf([]), {
            fault: "west: AppVault trident-protect/vault-west does not exist",
            unreachable: true,
        });
        // Without its Secret nobody could claim an epoch there.
        assert.match(JSON.stringify(await isOf([vault({ providerConfig: { s3 } })])), /accessKeyID/);
        assert.equal(await isOf([vault({ providerConfig: { s3: { ...s3, useIAM: true } } })]), "not asked");
    });

    it("is what the array tells of its own SVM's peerings, and of its clocks", async () => {
        const { peerings, nodes } = await needsOf();
        assert.deepEqual(peerings, { svm: "svm_west", svms: [peerOf("svm_west")], clusters: [] });
        assert.deepEqual(nodes, [{ name: "west-01", aheadSeconds: 1 }]);
    });

    it("is unknown where it cannot be read, and the rest is known all the same", async () => {
        const needs = await needsOf({
            array: () => {
                throw new Error("west: ontapUsername is not set");
            },
        });
        const unknown = { unknown: "west: ontapUsername is not set" };
        assert.deepEqual([needs.peerings, needs.nodes, needs.prerequisites], [unknown, unknown, []]);
    });

    it("is nothing of pods for a group of volumes", async () => {
        const needs = await new TakeoverNeeds({
            cluster: clusterOf([]),
            prerequisites: { faults: () => Promise.resolve([]) },
            protectNamespace: "trident-protect",
            vaults: {},
            svm: "svm_west",
            array: () => array as never,
        }).read();
        assert.deepEqual(["storageClass" in needs, "quotas" in needs], [false, false]);
    });
});
