import assert from "node:assert/strict";
import { writeFile } from "node:fs/promises";
import path from "node:path";
import { stringify } from "yaml";
import { declaredAccessIn } from "../../../../components/permissions/declaredAccess";
import { type Permission, permissionsOf } from "../../../../provider/roles/permissions";
import { ApiError, Cluster, type KubeObject } from "../../../../lab/controllers";
import { grantRights } from "../../../../lab/kubernetes/rights";
import { Cluster as Client } from "../../../../provider/clients/kubernetes/cluster";
import { Rights } from "../../../../provider/engine/rights";
import { startControlPlane, type TestControlPlane, toolsMs } from "../controllers/controlPlane";
import { eventually } from "../controllers/until";

const values = {
    site: "east",
    sites: { east: { vault: { type: "GenericS3" } }, west: { vault: { type: "GenericS3" } } },
    applications: [{ name: "shop", namespaces: ["shop", "shop-data"] }],
    volumes: [{ name: "archive" }],
};

interface Asked {
    verb: string;
    group?: string;
    resource: string;
    namespace?: string | undefined;
    name?: string;
}

describe("the rights that trident-dr-rbac prints, at a real API server", function () {
    this.timeout(toolsMs);
    let plane: TestControlPlane;
    let product: Cluster;

    before(async () => {
        plane = await startControlPlane({ controllers: false });
        product = await Cluster.connect(plane.productKubeconfig);
        await granted(values);
    });
    after(() => plane?.stop());

    /** As an administrator would, with a stack's configuration. */
    async function granted(config: object): Promise<void> {
        const file = path.join(plane.folder, "Pulumi.east.yaml");
        const keys = Object.entries(config).map(([key, value]) => [`trident-dr:${key}`, value]);
        await writeFile(file, stringify({ config: Object.fromEntries(keys) }));
        await grantRights(plane.kubeconfig, file);
    }

    /** Asks the API server itself. */
    async function mayDo({ group = "", ...asked }: Asked): Promise<boolean> {
        const review = await product.create({
            apiVersion: "authorization.k8s.io/v1",
            kind: "SelfSubjectAccessReview",
            metadata: {},
            spec: { resourceAttributes: { group, ...asked } },
        } as unknown as KubeObject);
        return (review as unknown as { status: { allowed: boolean } }).status.allowed;
    }

    it("allow every line of the table", async () => {
        const declared = declaredAccessIn(values);
        assert.ok(declared.ok);
        const asked = permissionsOf(declared.value).flatMap(({ verbs, names = [undefined], group, ...rest }) =>
            verbs.flatMap((verb) =>
                names.map((name) => ({ group, resource: rest.resource, namespace: rest.namespace, verb, name })),
            ),
        );
        assert.ok(asked.length > 80);
        for (const one of asked) {
            const { name, ...rest } = one;
            // The API server learns of roles by a watch of its own.
            const allowed = () => mayDo({ ...rest, ...(name === undefined ? {} : { name }) });
            await eventually(async () => (await allowed()) || undefined).catch(() => assert.fail(JSON.stringify(one)));
        }
    });

    it("allow nothing else that one would come across", async () => {
        const asked: Asked[] = [
            { verb: "list", resource: "secrets", namespace: "trident-protect" },
            { verb: "get", resource: "secrets", namespace: "trident-protect", name: "somebody-elses" },
            { verb: "create", resource: "secrets", namespace: "trident" },
            { verb: "delete", resource: "secrets", namespace: "trident", name: "trident-dr-ontap-credentials" },
            { verb: "get", resource: "configmaps", namespace: "shop", name: "somebody-elses" },
            { verb: "list", resource: "pods", namespace: "default" },
            { verb: "create", resource: "pods", namespace: "shop" },
            { verb: "delete", resource: "persistentvolumeclaims", namespace: "shop", name: "data" },
            { verb: "create", resource: "namespaces", name: "shop" },
            { verb: "list", resource: "namespaces" },
            { verb: "patch", group: "apps", resource: "deployments", namespace: "shop", name: "shop" },
            { verb: "create", group: "rbac.authorization.k8s.io", resource: "roles", namespace: "shop" },
            {
                verb: "delete",
                group: "protect.trident.netapp.io",
                resource: "applications",
                namespace: "shop",
                name: "shop",
            },
            {
                verb: "list",
                group: "protect.trident.netapp.io",
                resource: "appmirrorrelationships",
                namespace: "shop-data",
            },
        ];
        for (const one of asked) {
            assert.equal(await mayDo(one), false, JSON.stringify(one));
        }
    });

    it("let the user declare a Secret by its name where there is none, and no other one", async () => {
        const secret = (name: string) => ({
            apiVersion: "v1",
            kind: "Secret",
            metadata: { namespace: "trident-protect", name },
            stringData: { key: "value" },
        });
        const options = { fieldManager: "pulumi-kubernetes-test", force: false };
        await product.serverSideApply(secret("vault-east-credentials"), options);
        const isDenied = (error: unknown) => error instanceof ApiError && error.status === 403;
        await assert.rejects(product.serverSideApply(secret("vault-north-credentials"), options), isDenied);
        await assert.rejects(product.create(secret("vault-west-credentials")), isDenied);
    });

    it("are told by the API server to the product, which finds what is missing", async () => {
        const declared = declaredAccessIn(values);
        assert.ok(declared.ok);
        const needed = permissionsOf(declared.value);
        const client = Client.connect("east", { kubeconfig: plane.productKubeconfig });
        assert.deepEqual(await new Rights(client, needed).read(), { missing: [] });
        const more: Permission[] = [
            { namespace: "shop", group: "", resource: "pods", verbs: ["list", "delete"] },
            { group: "", resource: "persistentvolumes", verbs: ["get", "list"] },
            { namespace: "default", group: "", resource: "configmaps", verbs: ["get"], names: ["record"] },
        ];
        assert.deepEqual(await new Rights(client, [...needed, ...more]).read(), {
            missing: [{ ...more[0], verbs: ["delete"] }, { ...more[1], verbs: ["list"] }, more[2]],
        });
    });

    it("go with what is not declared any more", async () => {
        const asked = { verb: "list", resource: "pods", namespace: "shop" };
        assert.equal(await mayDo(asked), true);
        await granted({ ...values, applications: [] });
        await eventually(async () => !(await mayDo(asked)) || undefined);
        assert.equal(await mayDo({ ...asked, verb: "get", resource: "secrets" }), false);
        const ofRecord = { verb: "get", resource: "configmaps", namespace: "trident-protect" };
        assert.equal(await mayDo({ ...ofRecord, name: "trident-dr-record-archive" }), true);
    });
});
