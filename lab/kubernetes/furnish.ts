import { readdir, readFile } from "node:fs/promises";
import path from "node:path";
import { parseAllDocuments } from "yaml";
import { Cluster, type Kind, type KubeObject } from "../controllers";

/** Repository's own resource definitions. */
const ownDefinitions = path.join(__dirname, "..", "crds");

const fieldManager = "trident-dr-lab";
const definition = { apiVersion: "apiextensions.k8s.io/v1", kind: "CustomResourceDefinition" };

/**
 * Gives a new control plane what a site has before the product is first run there: a node, the namespaces of Trident
 * and Trident Protect, and all resource definitions (established when this returns). The product's user has no rights
 * before an administrator gives it those of a stack: `grantRights`.
 *
 * @param options.definitions Folder of CustomResourceDefinition manifests (YAML or JSON, nested folders too). Default:
 *   the folder that `LAB_CRDS` names, else the lab's own.
 */
export async function furnish(
    adminKubeconfig: string,
    options: { definitions?: string; seconds?: number } = {},
): Promise<void> {
    const { definitions = process.env.LAB_CRDS || ownDefinitions, seconds = 180 } = options;
    const cluster = await Cluster.connect(adminKubeconfig);
    const apply = (object: KubeObject) => cluster.serverSideApply(object, { fieldManager });
    const crds = await readManifests(definitions, ({ kind }) => kind === definition.kind);
    if (crds.length === 0) {
        throw new Error(`Expected CustomResourceDefinition manifests in ${definitions}, found none`);
    }
    const established = whenEstablished(cluster, new Set(crds.map(({ metadata }) => metadata.name)), seconds);
    await Promise.all([
        established,
        ...crds.map(apply),
        ...["trident", "trident-protect"].map((name) => apply(namespace(name))),
        apply(node),
    ]);
}

/** Waits until every definition named is served. */
async function whenEstablished(cluster: Cluster, names: Set<string>, seconds: number): Promise<void> {
    const waited = new Set(names);
    const missing = () => `established definitions, missing ${[...waited].join(", ")}`;
    await whenSeen(cluster, definition, missing, seconds, (object) => {
        if (hasCondition(object, "Established")) {
            waited.delete(object.metadata.name);
        }
        return waited.size === 0;
    });
}

/** Waits until KWOK has made the node ready, and the controller manager the service accounts that pods run as. */
export async function whenServing(adminKubeconfig: string, seconds = 180): Promise<void> {
    const cluster = await Cluster.connect(adminKubeconfig);
    const kind = (name: string) => ({ apiVersion: "v1", kind: name });
    await Promise.all([
        whenSeen(
            cluster,
            kind("Node"),
            () => "a node that is Ready (KWOK)",
            seconds,
            (object) => hasCondition(object, "Ready"),
        ),
        whenSeen(
            cluster,
            kind("ServiceAccount"),
            () => "the service account of the namespace trident-protect (kube-controller-manager)",
            seconds,
            ({ metadata }) => metadata.namespace === "trident-protect",
        ),
    ]);
}

/** Watches objects of a kind until one of them is as it should be. */
async function whenSeen(
    cluster: Cluster,
    kind: Kind,
    what: () => string,
    seconds: number,
    isIt: (object: KubeObject) => boolean,
): Promise<void> {
    let watching: { stop(): void } | undefined;
    let deadline: NodeJS.Timeout | undefined;
    try {
        await new Promise<void>((resolve, reject) => {
            const look = (object: KubeObject) => (isIt(object) ? resolve() : undefined);
            watching = cluster.watch(kind, { add: look, update: look });
            deadline = setTimeout(() => reject(new Error(`Waited ${seconds} s in vain for ${what()}`)), seconds * 1000);
        });
    } finally {
        clearTimeout(deadline);
        watching?.stop();
    }
}

function hasCondition(object: KubeObject, wanted: string): boolean {
    const { status } = object as { status?: { conditions?: { type: string; status: string }[] } };
    return (status?.conditions ?? []).some((condition) => condition.type === wanted && condition.status === "True");
}

/** Objects of all manifests in a file or, with its subfolders, in a folder. */
async function readManifests(place: string, wanted: (object: KubeObject) => boolean): Promise<KubeObject[]> {
    const files = /\.(ya?ml|json)$/.test(place)
        ? [place]
        : (await readdir(place, { recursive: true }))
              .filter((file) => /\.(ya?ml|json)$/.test(file))
              .map((file) => path.join(place, file));
    const texts = await Promise.all(files.map((file) => readFile(file, "utf8")));
    return texts
        .flatMap((text) => parseAllDocuments(text).map((document) => document.toJS() as KubeObject | null))
        .filter((object) => object !== null)
        .filter(wanted);
}

function namespace(name: string): KubeObject {
    return { apiVersion: "v1", kind: "Namespace", metadata: { name } };
}

/** KWOK plays its kubelet, and keeps its status. */
const node: KubeObject & { spec: object } = {
    apiVersion: "v1",
    kind: "Node",
    metadata: {
        name: "worker-1",
        labels: { "kubernetes.io/hostname": "worker-1", "kubernetes.io/os": "linux", "kubernetes.io/arch": "amd64" },
    },
    spec: {},
};
