import {
    Cluster,
    type Controller,
    isDeleting,
    type KubeObject,
    ownerReference,
    runController,
} from "../../controllers";
import type { SiteDescriptor } from "../../site";
import { until } from "../until";

/** A custom object whose pods an operator makes: a database, as operators of databases have them. */
const database = { apiVersion: "databases.example.com/v1", kind: "Database" };
const replicaSet = { apiVersion: "apps/v1", kind: "ReplicaSet" };
const namespace = "shop";

/** Claims of the two writers, which are all that the application consists of. */
export const claims = ["ledger-data", "import-data"] as const;

/** Gives a site the operator: the definition of its kind, and who makes a ReplicaSet of each object of it. */
export async function runOperator(site: SiteDescriptor): Promise<Controller> {
    const cluster = await Cluster.connect(site.kubernetes.adminKubeconfig, { userAgent: "database-operator" });
    await cluster.ensure(definition);
    await until(`the kind ${database.kind} at ${site.name}`, async () =>
        (await cluster.serves(database)) ? true : undefined,
    );
    const controller = runController<KubeObject>({
        cluster,
        kind: database,
        log: () => undefined,
        reconcile: async (found) => {
            if (!isDeleting(found)) {
                await cluster.ensure(replicaSetOf(found));
            }
        },
    });
    await controller.synced;
    return controller;
}

/** An application without a Deployment or a StatefulSet: a bare pod, and a custom object whose operator runs elsewhere. */
export async function installOperatorPods(site: SiteDescriptor): Promise<void> {
    const cluster = await Cluster.connect(site.kubernetes.adminKubeconfig, { userAgent: "shop-team" });
    await cluster.ensure({ apiVersion: "v1", kind: "Namespace", metadata: { name: namespace } });
    for (const name of claims) {
        await cluster.ensure({
            apiVersion: "v1",
            kind: "PersistentVolumeClaim",
            metadata: { name, namespace },
            spec: {
                storageClassName: "trident-dr",
                accessModes: ["ReadWriteMany"],
                resources: { requests: { storage: "1Gi" } },
            },
        });
    }
    await cluster.ensure({ ...database, metadata: { name: "ledger", namespace }, spec: { claim: claims[0] } });
    await whenAccountIsThere(cluster);
    await cluster.ensure({
        apiVersion: "v1",
        kind: "Pod",
        metadata: { name: "import", namespace, labels: writerLabels },
        spec: podSpec(claims[1]),
    });
}

/** Pods at a site that mount one of the claims. */
export async function mountingPods(site: SiteDescriptor): Promise<string[]> {
    const cluster = await Cluster.connect(site.kubernetes.adminKubeconfig);
    const pods = await cluster.list({ apiVersion: "v1", kind: "Pod" }, { namespace });
    return pods
        .filter(({ spec }) =>
            ((spec?.volumes ?? []) as { persistentVolumeClaim?: { claimName: string } }[]).some((volume) =>
                claims.some((claim) => claim === volume.persistentVolumeClaim?.claimName),
            ),
        )
        .map(({ metadata }) => metadata.name);
}

/** A bare pod that is made before its namespace has a service account is refused. */
async function whenAccountIsThere(cluster: Cluster): Promise<void> {
    const account = { apiVersion: "v1", kind: "ServiceAccount" };
    await until("the service account of the namespace shop", () =>
        cluster.get(account, { namespace, name: "default" }),
    );
}

function replicaSetOf(owner: KubeObject): KubeObject {
    const labels = { database: owner.metadata.name };
    return {
        ...replicaSet,
        metadata: {
            name: `${owner.metadata.name}-1`,
            namespace: owner.metadata.namespace,
            labels,
            ownerReferences: [ownerReference(owner, { controller: true })],
        },
        spec: {
            replicas: 1,
            selector: { matchLabels: labels },
            template: {
                metadata: { labels: { ...labels, ...writerLabels } },
                spec: podSpec(String(owner.spec.claim)),
            },
        },
    };
}

/** In the lab no container runs: its writer writes wherever a pod with this label is Running. */
const writerLabels = { "trident-dr-lab/writer": "true" };

function podSpec(claimName: string) {
    return {
        containers: [{ name: "writer", image: "writer", volumeMounts: [{ name: "data", mountPath: "/data" }] }],
        volumes: [{ name: "data", persistentVolumeClaim: { claimName } }],
    };
}

const definition: KubeObject = {
    apiVersion: "apiextensions.k8s.io/v1",
    kind: "CustomResourceDefinition",
    metadata: { name: "databases.databases.example.com" },
    spec: {
        group: "databases.example.com",
        scope: "Namespaced",
        names: { kind: "Database", listKind: "DatabaseList", plural: "databases", singular: "database" },
        versions: [
            {
                name: "v1",
                served: true,
                storage: true,
                schema: {
                    openAPIV3Schema: {
                        type: "object",
                        properties: {
                            spec: {
                                type: "object",
                                required: ["claim"],
                                properties: { claim: { type: "string" } },
                            },
                        },
                    },
                },
            },
        ],
    },
};
