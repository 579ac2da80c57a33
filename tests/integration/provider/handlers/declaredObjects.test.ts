import assert from "node:assert/strict";
import { writeFile } from "node:fs/promises";
import path from "node:path";
import { stringify } from "yaml";
import type { KubeObject } from "../../../../lab/controllers";
import { grantRights } from "../../../../lab/kubernetes/rights";
import { DeclaredObjectsHandler } from "../../../../provider/handlers/declaredObjects";
import { startControlPlane, type TestControlPlane, toolsMs } from "../../lab/controllers/controlPlane";
import { eventually } from "../../lab/controllers/until";

const protect = "protect.trident.netapp.io/v1";
const secret = {
    apiVersion: "v1",
    kind: "Secret",
    plural: "secrets",
    namespace: "trident-protect",
    name: "vault-east-credentials",
};
const vault = {
    apiVersion: protect,
    kind: "AppVault",
    plural: "appvaults",
    namespace: "trident-protect",
    name: "vault-east",
};
const storageClass = {
    apiVersion: "storage.k8s.io/v1",
    kind: "StorageClass",
    plural: "storageclasses",
    name: "trident-dr",
};
const objects = [secret, vault, storageClass];

describe("objects of others, at a real API server, with the rights that trident-dr-rbac prints", function () {
    this.timeout(toolsMs);
    let plane: TestControlPlane;

    before(async () => {
        plane = await startControlPlane({ controllers: false });
        const stackFile = path.join(plane.folder, "Pulumi.east.yaml");
        const sites = { east: { vault: {} }, west: { vault: {} } };
        await writeFile(stackFile, stringify({ config: { "a:site": "east", "a:sites": sites, "a:applications": [] } }));
        await grantRights(plane.kubeconfig, stackFile);
    });
    after(() => plane?.stop());

    async function refusals(): Promise<string[]> {
        const cluster = { kubeconfig: plane.productKubeconfig };
        const { failures = [] } = await new DeclaredObjectsHandler().check(undefined, {
            site: "east",
            cluster,
            objects,
        });
        return failures.map(({ reason }) => reason);
    }

    const manifests: readonly KubeObject[] = [
        { ...headerOf(secret), stringData: { accessKeyID: "theirs" } } as KubeObject,
        {
            ...headerOf(vault),
            spec: {
                providerType: "GenericS3",
                providerConfig: { s3: { bucketName: "theirs", endpoint: "s3.example" } },
            },
        } as KubeObject,
        { ...headerOf(storageClass), provisioner: "csi.trident.netapp.io" } as KubeObject,
    ];

    it("are named, whichever way they were written, until they carry the label", async () => {
        assert.deepEqual(await refusals(), []);
        for (const manifest of manifests) {
            await plane.cluster.create(manifest);
        }
        // The API server learns of roles by a watch of its own: until then it may not even say that they are there.
        const [reason] = await eventually(async () => {
            const found = await refusals();
            return found.length > 0 ? found : undefined;
        });
        for (const name of [
            "Secret trident-protect/vault-east-credentials",
            "AppVault trident-protect/vault-east",
            "StorageClass trident-dr",
        ]) {
            assert.ok(reason!.includes(`${name} (written by trident-dr-lab)`), reason);
        }
        for (const one of objects) {
            const labels = { "trident-dr.pulumi.com/site": "east" };
            await plane.cluster.mergePatch(one, one, { metadata: { labels } });
        }
        assert.deepEqual(await refusals(), []);
    });

    it("are ours where Pulumi's provider wrote them, even in part", async () => {
        for (const one of objects) {
            await plane.cluster.mergePatch(one, one, { metadata: { labels: null } });
        }
        assert.equal((await refusals()).length, 1);
        for (const manifest of manifests) {
            await plane.cluster.serverSideApply(manifest, { fieldManager: "pulumi-kubernetes-1a2b3c4d" });
        }
        assert.deepEqual(await refusals(), []);
    });
});

function headerOf({
    apiVersion,
    kind,
    name,
    namespace,
}: {
    apiVersion: string;
    kind: string;
    name: string;
    namespace?: string;
}) {
    return { apiVersion, kind, metadata: namespace === undefined ? { name } : { name, namespace } };
}
