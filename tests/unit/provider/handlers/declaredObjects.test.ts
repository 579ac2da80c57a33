import assert from "node:assert/strict";
import type { KubernetesObject, ObjectName } from "../../../../provider/clients/kubernetes/cluster";
import { KubernetesError } from "../../../../provider/clients/kubernetes/errors";
import { DeclaredObjectsHandler } from "../../../../provider/handlers/declaredObjects";

const secret = { apiVersion: "v1", kind: "Secret", plural: "secrets", namespace: "trident", name: "ours" };
const storageClass = {
    apiVersion: "storage.k8s.io/v1",
    kind: "StorageClass",
    plural: "storageclasses",
    name: "trident-dr",
};
const inputs = { site: "east", cluster: { context: "east" }, objects: [secret, storageClass] };

/** An object as the API server gives it, with who wrote it. */
const written = (
    declared: typeof secret | typeof storageClass,
    managers: string[],
    labels?: Record<string, string>,
) => ({
    ...declared,
    metadata: {
        name: declared.name,
        ...(labels === undefined ? {} : { labels }),
        managedFields: managers.map((manager) => ({ manager })),
    },
});

/** What is in the cluster; or what reading it fails with. */
function handlerFor(there: KubernetesObject[] | Error) {
    const get = (_kind: unknown, { name }: ObjectName) =>
        there instanceof Error
            ? Promise.reject(there)
            : Promise.resolve(there.find(({ metadata }) => metadata.name === name));
    return new DeclaredObjectsHandler({ connect: () => ({ site: "west", get }) });
}
const reasonsFor = async (there: KubernetesObject[] | Error, more: object = {}) =>
    (await handlerFor(there).check(undefined, { ...inputs, ...more })).failures?.map(({ reason }) => reason);

describe("objects that Pulumi's provider declares", () => {
    it("may be there by an earlier run of ours, of any version, or not at all", async () => {
        assert.deepEqual(await reasonsFor([]), []);
        assert.deepEqual(
            await reasonsFor([
                written(secret, ["pulumi-kubernetes-1a2b3c4d"]),
                written(storageClass, ["kubectl-edit", "pulumi-kubernetes-5e6f7a8b"]),
            ]),
            [],
        );
    });

    it("are refused by name where somebody else created them, with both ways on", async () => {
        const [reason, ...more] = (await reasonsFor(
            [written(secret, ["kubectl-client-side-apply"]), written(storageClass, ["helm"])],
            { stacks: { east: "acme/dr/east-1" } },
        ))!;
        assert.deepEqual(more, []);
        assert.equal(
            reason,
            "east: Secret trident/ours (written by kubectl-client-side-apply), StorageClass trident-dr (written by helm) exist already, and somebody else created them: expected none, or one that Pulumi wrote. Nothing was changed. To let this stack take them over: kubectl -n trident label secrets ours trident-dr.pulumi.com/site=east; kubectl label storageclasses.storage.k8s.io trident-dr trident-dr.pulumi.com/site=east; pulumi up --stack acme/dr/east-1. Otherwise remove them; then pulumi up --stack acme/dr/east-1",
        );
    });

    it("are refused where nobody is noted, and one alone is spoken of as one", async () => {
        const reasons = await reasonsFor([written(secret, [])]);
        assert.match(String(reasons), /east: Secret trident\/ours exists already, and somebody else created it:/);
    });

    it("may be taken over once they carry the label", async () => {
        assert.deepEqual(
            await reasonsFor([written(secret, ["kubectl"], { "trident-dr.pulumi.com/site": "east" })]),
            [],
        );
    });

    it("have the other site's vault asked ahead, of which nothing is waited for", async () => {
        const asked: unknown[] = [];
        const handler = new DeclaredObjectsHandler({
            connect: () => ({ site: "west", get: () => Promise.resolve(undefined) }),
            askAhead: (cluster, vault) => asked.push([cluster.site, vault]),
        });
        const peerVault = { namespace: "trident-protect", name: "vault-east" };
        await handler.check(undefined, { ...inputs, peerVault });
        await handler.check(undefined, inputs);
        assert.deepEqual(asked, [["west", peerVault]]);
    });

    it("are not judged where the cluster cannot be read: whoever needs it says so, once", async () => {
        const error = new KubernetesError("east does not answer", "unreachable", "east", "get");
        assert.deepEqual(await reasonsFor(error), []);
        await assert.rejects(reasonsFor(new TypeError("a bug")), /a bug/);
    });

    it("are kept in the state by their names", async () => {
        const handler = handlerFor([]);
        assert.deepEqual((await handler.create(inputs)).outs, inputs);
        assert.deepEqual(await handler.diff("", inputs, { ...inputs, site: "east" }), { changes: false });
        assert.deepEqual(await handler.diff("", inputs, { ...inputs, objects: [secret] }), { changes: true });
    });
});
