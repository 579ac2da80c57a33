import { ApiError, type Cluster, type Kind, type KubeObject, refOf } from "../controllers";
import type { Discovery } from "./discovery";
import { type Application, type NamespaceMapping, kinds, protectGroup } from "./kinds";
import { filterPasses, isSelected, namespacesOf, splitApiVersion } from "./selection";

/**
 * Groups whose objects are no part of an application: the machinery that protects and stores it, and what the control
 * plane writes by itself. Schedules are among them: they had to be made anew after failovers that were watched.
 */
const machineryGroups = new Set([
    protectGroup,
    "trident.netapp.io",
    "snapshot.storage.k8s.io",
    "events.k8s.io",
    "coordination.k8s.io",
    "discovery.k8s.io",
    "metrics.k8s.io",
]);
const machineryKinds = new Set(["Event", "Endpoints"]);

/** Kinds that outlive their application: what holds its data. */
const dataKinds = new Set(["PersistentVolumeClaim", "PersistentVolume"]);

function isData(object: KubeObject): boolean {
    return splitApiVersion(object.apiVersion ?? "")[0] === "" && dataKinds.has(object.kind ?? "");
}

/**
 * All objects of an application as they are now: everything in its namespaces that its selectors and its filter let
 * through, the namespaces themselves, and the volumes of its claims. What another object owns is left out, since its
 * owner makes it again.
 */
export async function collectResources(
    cluster: Cluster,
    discovery: Discovery,
    application: Application,
): Promise<KubeObject[]> {
    const namespaced = (await discovery.namespacedKinds()).filter(
        ({ apiVersion, kind }) => !machineryGroups.has(splitApiVersion(apiVersion)[0]) && !machineryKinds.has(kind),
    );
    const found: KubeObject[] = [];
    const namespaces = await Promise.all(
        namespacesOf(application).map((name) => cluster.get(kinds.namespace, { name })),
    );
    for (const namespace of namespacesOf(application)) {
        const lists = await Promise.all(namespaced.map((kind) => listOrNone(cluster, kind, namespace)));
        found.push(
            ...lists
                .flat()
                .filter((object) => !isOwned(object) && !isMadeByCluster(object))
                .filter((object) => filterPasses(application.spec.resourceFilter, object))
                .filter((object) => isSelected(application, object)),
        );
    }
    const volumes = await Promise.all(
        found
            .filter((object) => object.kind === kinds.volumeClaim.kind && object.spec.volumeName)
            .map((claim) => cluster.get(kinds.volume, { name: claim.spec.volumeName as string })),
    );
    const clusterScoped = [...namespaces, ...volumes].filter((object) => object !== undefined);
    return [...clusterScoped.filter((object) => filterPasses(application.spec.resourceFilter, object)), ...found];
}

/** A kind may go away, or be broken, between being discovered and being listed. */
async function listOrNone(cluster: Cluster, kind: Kind, namespace: string): Promise<KubeObject[]> {
    try {
        return await cluster.list(kind, { namespace });
    } catch (error) {
        if (error instanceof ApiError && (error.status === 404 || error.status === 405)) {
            return [];
        }
        throw error;
    }
}

function isOwned({ metadata }: KubeObject): boolean {
    return (metadata.ownerReferences ?? []).some(({ controller }) => controller === true);
}

function isNamespace({ apiVersion, kind }: KubeObject): boolean {
    return apiVersion === kinds.namespace.apiVersion && kind === kinds.namespace.kind;
}

/** What each namespace gets without being asked. */
function isMadeByCluster({ kind, metadata, type }: KubeObject): boolean {
    return (
        (kind === "ConfigMap" && metadata.name === "kube-root-ca.crt") ||
        (kind === "ServiceAccount" && metadata.name === "default") ||
        (kind === "Secret" && type === "kubernetes.io/service-account-token")
    );
}

/**
 * Deletes an application's objects but keeps its data; true once they are gone and so are the pods that they brought
 * forth. Called again until then.
 */
export async function stopApplication(
    cluster: Cluster,
    discovery: Discovery,
    application: Application,
): Promise<boolean> {
    const all = await collectResources(cluster, discovery, application);
    const objects = all.filter((object) => !isData(object) && !isNamespace(object));
    await Promise.all(
        objects
            .filter(({ metadata }) => metadata.deletionTimestamp === undefined)
            .map((object) =>
                cluster.delete(kindOf(object), refOf(object), {
                    propagationPolicy: "Background",
                    uid: object.metadata.uid,
                }),
            ),
    );
    return objects.length === 0 && !(await anyPodRuns(cluster, application, all.filter(isData)));
}

/** Whether a pod is left that an object of the application brought forth, or that has one of its claims mounted. */
async function anyPodRuns(cluster: Cluster, application: Application, data: KubeObject[]): Promise<boolean> {
    const claims = new Set(data.map(({ metadata }) => `${metadata.namespace}/${metadata.name}`));
    for (const namespace of namespacesOf(application)) {
        const pods = (await cluster.list(kinds.pod, { namespace })).filter(isOwned);
        const left = pods.some((pod) => {
            const own = isSelected(application, pod) && filterPasses(application.spec.resourceFilter, pod);
            return own || mountedClaims(pod).some((claim) => claims.has(`${namespace}/${claim}`));
        });
        if (left) {
            return true;
        }
    }
    return false;
}

/** Pods of an application, which its objects brought forth or which stand for themselves: those that its selectors choose. */
export async function podsOf(cluster: Cluster, application: Application): Promise<KubeObject[]> {
    const pods = await Promise.all(
        namespacesOf(application).map((namespace) => cluster.list(kinds.pod, { namespace })),
    );
    return pods.flat().filter((pod) => isSelected(application, pod));
}

function mountedClaims(pod: KubeObject): string[] {
    const volumes = (pod.spec?.volumes ?? []) as { persistentVolumeClaim?: { claimName: string } }[];
    return volumes.flatMap(({ persistentVolumeClaim }) => persistentVolumeClaim?.claimName ?? []);
}

/** In which order resources come back: what others refer to first, what runs last. */
const firstKinds = ["ServiceAccount", "Role", "RoleBinding", "Secret", "ConfigMap", "Service"];
const lastKinds = ["Deployment", "StatefulSet", "DaemonSet", "ReplicaSet", "Job", "CronJob", "Pod"];

function rank({ kind = "" }: KubeObject): number {
    const first = firstKinds.indexOf(kind);
    const last = lastKinds.indexOf(kind);
    return first >= 0 ? first - 100 : last >= 0 ? last + 100 : 0;
}

/**
 * Creates archived resources, claims and volumes excepted; what is there already under the same name is left as it is.
 * Returns what could not be created because the cluster does not serve its kind.
 */
export async function restoreResources(
    cluster: Cluster,
    resources: KubeObject[],
    mapping: readonly NamespaceMapping[],
): Promise<string[]> {
    const skipped: string[] = [];
    for (const namespace of resources.filter(isNamespace)) {
        await markNamespace(cluster, namespace, mapping);
    }
    const wanted = resources
        .filter((object) => !isData(object) && !isNamespace(object))
        .map((object) => restorable(object, mapping))
        .sort((a, b) => rank(a) - rank(b));
    for (const object of wanted) {
        try {
            await cluster.ensure(object);
        } catch (error) {
            if (!(error instanceof ApiError) || error.reason !== "NotServed") {
                throw error;
            }
            skipped.push(`${object.kind} ${object.metadata.namespace}/${object.metadata.name}`);
        }
    }
    return skipped;
}

/** Labels and annotations of the archived namespace overwrite those of the same key where it is restored. */
async function markNamespace(
    cluster: Cluster,
    { metadata }: KubeObject,
    mapping: readonly NamespaceMapping[],
): Promise<void> {
    const keep = (entries: Record<string, string> = {}): Record<string, string> =>
        Object.fromEntries(Object.entries(entries).filter(([key]) => !clusterMarks.has(key)));
    const name = mappedNamespace(metadata.name, mapping);
    const marks = { labels: keep(metadata.labels), annotations: keep(metadata.annotations) };
    await cluster.mergePatch(kinds.namespace, { name }, { metadata: marks });
}

/** An archived object as it can be created in another cluster: without what the old cluster wrote into it. */
export function restorable(object: KubeObject, mapping: readonly NamespaceMapping[]): KubeObject {
    const { status: _status, metadata, ...rest } = structuredClone(object);
    const { name, namespace, labels, annotations = {} } = metadata;
    const kept = Object.entries(annotations).filter(([key]) => !clusterAnnotations.has(key));
    const restored: KubeObject = {
        ...rest,
        metadata: {
            name,
            namespace: namespace === undefined ? undefined : mappedNamespace(namespace, mapping),
            labels,
            annotations: Object.fromEntries(kept),
        },
    };
    if (object.kind === "Service" && restored.spec !== undefined) {
        forgetServiceAddresses(restored.spec as ServiceSpec);
    }
    if (object.kind === "RoleBinding") {
        for (const subject of (restored.subjects ?? []) as { namespace?: string }[]) {
            subject.namespace = subject.namespace && mappedNamespace(subject.namespace, mapping);
        }
    }
    if (object.kind === "Job" && restored.spec?.selector !== undefined && restored.spec.manualSelector !== true) {
        delete restored.spec.selector;
        for (const label of jobLabels) {
            delete restored.spec.template?.metadata?.labels?.[label];
            delete restored.metadata.labels?.[label];
        }
    }
    if (object.kind === "Pod") {
        delete restored.spec?.nodeName;
    }
    return restored;
}

const clusterAnnotations = new Set(["deployment.kubernetes.io/revision"]);
const clusterMarks = new Set(["kubernetes.io/metadata.name", "kubectl.kubernetes.io/last-applied-configuration"]);
const jobLabels = ["controller-uid", "batch.kubernetes.io/controller-uid"];

interface ServiceSpec {
    clusterIP?: string;
    clusterIPs?: string[];
    healthCheckNodePort?: number;
    ports?: { nodePort?: number }[];
}

function forgetServiceAddresses(spec: ServiceSpec): void {
    if (spec.clusterIP !== "None") {
        delete spec.clusterIP;
        delete spec.clusterIPs;
    }
    delete spec.healthCheckNodePort;
    for (const port of spec.ports ?? []) {
        delete port.nodePort;
    }
}

export function mappedNamespace(namespace: string, mapping: readonly NamespaceMapping[]): string {
    return mapping.find(({ source }) => source === namespace)?.destination ?? namespace;
}

function kindOf({ apiVersion = "", kind = "" }: KubeObject): Kind {
    return { apiVersion, kind };
}
