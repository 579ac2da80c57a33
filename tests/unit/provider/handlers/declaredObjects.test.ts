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

    describe("that somebody else is to have made", () => {
        const existing = [
            {
                ...storageClass,
                key: "storageClass.existing",
                maker: "whoever administers the cluster",
                expects: [{ at: ["provisioner"], values: ["csi.trident.netapp.io"], why: "since only it is mirrored" }],
            },
            {
                ...secret,
                key: "tridentBackend.credentialsSecret",
                maker: "whoever keeps the Secrets",
                expects: [{ at: ["data", "password"], why: "by which Trident signs in" }],
            },
        ];
        const only = { site: "east", cluster: {}, objects: [], existing };
        const fit = [
            { ...written(storageClass, ["helm"]), provisioner: "csi.trident.netapp.io" },
            { ...written(secret, ["external-secrets"]), data: { password: "Y2FuYXJ5" } },
        ];
        const reasons = async (there: KubernetesObject[] | Error, olds?: unknown, log?: (line: string) => void) => {
            const get = (_kind: unknown, { name }: ObjectName) =>
                there instanceof Error
                    ? Promise.reject(there)
                    : Promise.resolve(there.find(({ metadata }) => metadata.name === name));
            const handler = new DeclaredObjectsHandler({
                connect: () => ({ site: "east", get }),
                ...(log === undefined ? {} : { log }),
            });
            return (await handler.check(olds, only)).failures?.map(({ reason }) => reason);
        };

        it("are used, whoever made them", async () => {
            assert.deepEqual(await reasons(fit), []);
        });

        it("are refused where they are missing, with who has to make them", async () => {
            assert.deepEqual(await reasons([]), [
                "east: StorageClass trident-dr does not exist. storageClass.existing names it, so this stack does not create it: whoever administers the cluster has to, with provisioner csi.trident.netapp.io; then pulumi up --stack east",
                "east: Secret trident/ours does not exist. tridentBackend.credentialsSecret names it, so this stack does not create it: whoever keeps the Secrets has to, with data.password; then pulumi up --stack east",
            ]);
        });

        it("are refused where they cannot be used, without a secret", async () => {
            const unfit = [
                { ...fit[0]!, provisioner: "nfs.example" },
                { ...fit[1]!, data: { password: "" } },
            ];
            assert.deepEqual(await reasons(unfit), [
                "east: StorageClass trident-dr cannot be used as it is: provisioner: expected csi.trident.netapp.io, found nfs.example, since only it is mirrored. storageClass.existing names it, and this stack does not change it: whoever administers the cluster has to, or name another one; then pulumi up --stack east",
                "east: Secret trident/ours cannot be used as it is: data.password: expected a value, found nothing, by which Trident signs in. tridentBackend.credentialsSecret names it, and this stack does not change it: whoever keeps the Secrets has to, or name another one; then pulumi up --stack east",
            ]);
        });

        it("are a warning once they have been there, so that a takeover does not wait for them", async () => {
            const told: string[] = [];
            assert.deepEqual(await reasons([fit[0]!], only, (line) => told.push(line)), []);
            assert.equal(told.length, 1);
            assert.match(told[0]!, /^objects of east: warning: east: Secret trident\/ours does not exist/);
            const another = { ...only, existing: [existing[1]] };
            assert.match((await reasons([fit[1]!], another))![0]!, /StorageClass trident-dr does not exist/);
        });

        it("are refused where they may not be read, and not judged where the cluster does not answer", async () => {
            const forbidden = new KubernetesError("east: may not get it", "forbidden", "east", "get");
            assert.deepEqual(await reasons(forbidden), ["east: may not get it", "east: may not get it"]);
            assert.deepEqual(await reasons(new KubernetesError("no answer", "unreachable", "east", "get")), []);
            await assert.rejects(reasons(new TypeError("a bug")), /a bug/);
        });
    });

    it("are kept in the state by their names", async () => {
        const handler = handlerFor([]);
        assert.deepEqual((await handler.create(inputs)).outs, inputs);
        assert.deepEqual(await handler.diff("", inputs, { ...inputs, site: "east" }), { changes: false });
        assert.deepEqual(await handler.diff("", inputs, { ...inputs, objects: [secret] }), { changes: true });
    });
});

describe("objects at a site whose kubeconfig is in the configuration", () => {
    it("are read at the cluster that it leads to", async () => {
        const asked: unknown[] = [];
        const configured: unknown[] = [];
        const handler = new DeclaredObjectsHandler({
            configure: (request) => configured.push(request),
            resolve: (site, reference, namespace) => {
                asked.push([site, reference, namespace]);
                return { ...reference, contents: "canary" };
            },
            connect: (site, reference) => {
                asked.push(reference);
                return { site, get: () => Promise.resolve(undefined) };
            },
        });
        const request = { config: { get: () => undefined } };
        await handler.configure(request);
        const news = { ...inputs, cluster: { fromConfig: true }, configNamespace: "acme-dr" };
        const answer = await handler.check(undefined, news);
        assert.deepEqual(configured, [request]);
        assert.deepEqual(asked, [["east", { fromConfig: true }, "acme-dr"], { fromConfig: true, contents: "canary" }]);
        assert.deepEqual(answer, { inputs: news, failures: [] });
    });
});
