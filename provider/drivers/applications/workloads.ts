import { z } from "zod";
import type { Cluster, Kind, KubernetesObject } from "../../clients/kubernetes/cluster";
import { kinds } from "../../clients/kubernetes/kinds";
import { describeWorkload } from "../../roles/messages/workloads";
import { readClaims } from "./claims";
import { belongsToApplication, type Selectable } from "./selection";
import type { ApplicationSettings } from "./settings";

/** What writes to the application's volumes, or serves it; whoever made it. */
export interface Workload {
    /** The topmost owner of its pods, such as `StatefulSet shop/db` or `Cluster shop/pg (postgresql.cnpg.io)`. */
    name: string;
    /** Whether its pods mount a volume that is mirrored. */
    mounts: boolean;
    /** Whether it belongs to the application, so that a ShutdownSnapshot removes it. */
    belongs: boolean;
    /** Whether the application runs by it: it belongs, and mounts a mirrored volume where there is any. */
    isCore: boolean;
    /** Its pods that mount a mirrored volume now; a controller may want pods and have none. */
    pods: readonly MountingPod[];
}

export interface MountingPod {
    namespace: string;
    name: string;
    uid: string | undefined;
    /** Its termination grace period. */
    graceSeconds: number;
}

/** What is read of one application's namespaces. */
export interface Found {
    pods: readonly KubernetesObject[];
    controllers: readonly KubernetesObject[];
    /** Claims that are mirrored, `namespace/name`. */
    mirrored: ReadonlySet<string>;
}

/** Kinds that make pods. Any other owner is known by what its pods say of it. */
const controllerKinds: readonly Kind[] = [
    kinds.deployment,
    kinds.statefulSet,
    kinds.daemonSet,
    kinds.replicaSet,
    kinds.job,
    kinds.cronJob,
];

export async function readWorkloads(
    cluster: Pick<Cluster, "get" | "list">,
    settings: Pick<ApplicationSettings, "namespaces" | "resourceFilter">,
): Promise<Workload[]> {
    const ofAll = async (kind: Kind) =>
        (await Promise.all(settings.namespaces.map((namespace) => cluster.list(kind, namespace)))).flat();
    const [claims, pods, ...controllers] = await Promise.all([
        readClaims(cluster, settings),
        ofAll(kinds.pod),
        ...controllerKinds.map(ofAll),
    ]);
    const mirrored = new Set(claims.mirrored.map(({ claim }) => claim));
    return workloadsOf({ pods, controllers: controllers.flat(), mirrored }, settings);
}

/**
 * Workloads by name: whatever owns a pod that mounts a mirrored volume; and controllers that want pods, whether or not
 * there are any yet, if those would mount one or the controller belongs to the application.
 */
export function workloadsOf(
    { pods, controllers, mirrored }: Found,
    { resourceFilter }: Pick<ApplicationSettings, "resourceFilter">,
): Workload[] {
    const byUid = new Map(
        [...controllers, ...pods].flatMap((object) => {
            const { uid } = object.metadata;
            return uid === undefined ? [] : [[uid, object] as const];
        }),
    );
    const found = new Map<string, Workload>();
    const add = (owner: Selectable, mounts: boolean, ofPods: readonly MountingPod[]) => {
        const name = nameOf(owner);
        const known = found.get(name);
        const belongs = belongsToApplication(resourceFilter, owner);
        const mountsAny = mounts || known?.mounts === true;
        found.set(name, {
            name,
            mounts: mountsAny,
            belongs,
            isCore: belongs && (mountsAny || mirrored.size === 0),
            pods: [...(known?.pods ?? []), ...ofPods],
        });
    };
    const mounted = (claims: readonly string[]) => claims.some((claim) => mirrored.has(claim));
    for (const pod of pods) {
        if (!isFinished(pod) && mounted(claimsOfPod(pod))) {
            add(topOwner(pod, byUid), true, [mountingPod(pod)]);
        }
    }
    for (const controller of controllers) {
        // What a Deployment or a custom resource made goes by that; a Job goes on, though its CronJob is suspended.
        const standsForItself = ownerOf(controller) === undefined || controller.kind === kinds.job.kind;
        const mounts = mounted(claimsOfTemplate(controller, mirrored));
        if (standsForItself && wantsPods(controller) && (mounts || belongsToApplication(resourceFilter, controller))) {
            add(controller, mounts, []);
        }
    }
    return [...found.values()].sort((left, right) => (left.name < right.name ? -1 : 1));
}

function mountingPod({ metadata, spec }: KubernetesObject): MountingPod {
    const { name, namespace = "", uid } = metadata;
    return { name, namespace, uid, graceSeconds: podSpec.parse(spec ?? {}).terminationGracePeriodSeconds ?? 30 };
}

function nameOf({ apiVersion, kind, metadata }: Selectable): string {
    return describeWorkload({ apiVersion, kind, namespace: metadata.namespace ?? "", name: metadata.name });
}

/** As far up as the objects that were read lead; beyond, the reference itself says kind and name. */
function topOwner(pod: KubernetesObject, byUid: ReadonlyMap<string, KubernetesObject>): Selectable {
    let top = pod;
    const seen = new Set<string>();
    for (let owner = ownerOf(top); owner !== undefined && !seen.has(owner.uid); owner = ownerOf(top)) {
        seen.add(owner.uid);
        const known = byUid.get(owner.uid);
        if (known === undefined) {
            const { namespace, labels } = pod.metadata;
            return {
                apiVersion: owner.apiVersion,
                kind: owner.kind,
                metadata: {
                    name: owner.name,
                    ...(namespace === undefined ? {} : { namespace }),
                    ...(labels === undefined ? {} : { labels }),
                },
            };
        }
        top = known;
    }
    return top;
}

/** The controller; some operators name an owner without saying that it is one. */
function ownerOf({ metadata }: KubernetesObject) {
    const owners = metadata.ownerReferences ?? [];
    return owners.find(({ controller }) => controller === true) ?? owners[0];
}

const volumeList = z
    .array(
        z.object({
            name: z.string(),
            persistentVolumeClaim: z.object({ claimName: z.string() }).nullish(),
            ephemeral: z.object({}).nullish(),
        }),
    )
    .nullish();
const podSpec = z.object({ volumes: volumeList, terminationGracePeriodSeconds: z.number().nullish() });
const podStatus = z.object({ phase: z.string().optional() }).optional();

/** A pod that ended holds nothing any more; one that is being deleted may still write. */
export function isFinished(pod: KubernetesObject): boolean {
    const phase = podStatus.parse(pod.status)?.phase;
    return phase === "Succeeded" || phase === "Failed";
}

/** `namespace/claim` of each claim that a pod mounts; a generic ephemeral volume's claim is named after pod and volume. */
export function claimsOfPod({ metadata, spec }: KubernetesObject): string[] {
    return (podSpec.parse(spec ?? {}).volumes ?? [])
        .flatMap(({ name, persistentVolumeClaim, ephemeral }) =>
            ephemeral === null || ephemeral === undefined
                ? (persistentVolumeClaim?.claimName ?? [])
                : `${metadata.name}-${name}`,
        )
        .map((claim) => `${metadata.namespace}/${claim}`);
}

const template = z.object({ spec: podSpec.optional() }).optional();
const controllerSpec = z.object({
    replicas: z.number().nullish(),
    suspend: z.boolean().nullish(),
    template,
    jobTemplate: z.object({ spec: z.object({ template }).optional() }).optional(),
    volumeClaimTemplates: z.array(z.object({ metadata: z.object({ name: z.string() }) })).nullish(),
});

/** Those that its pods would mount. A StatefulSet's own claims are named `<template>-<StatefulSet>-<ordinal>`. */
function claimsOfTemplate({ metadata, spec }: KubernetesObject, mirrored: ReadonlySet<string>): string[] {
    const parsed = controllerSpec.parse(spec ?? {});
    const pod = (parsed.template ?? parsed.jobTemplate?.spec?.template)?.spec;
    const shared = (pod?.volumes ?? []).flatMap((volume) => volume.persistentVolumeClaim?.claimName ?? []);
    const own = (parsed.volumeClaimTemplates ?? []).flatMap((claim) => {
        const prefix = `${metadata.namespace}/${claim.metadata.name}-${metadata.name}-`;
        return [...mirrored].filter((name) => name.startsWith(prefix) && /^\d+$/.test(name.slice(prefix.length)));
    });
    return [...shared.map((claim) => `${metadata.namespace}/${claim}`), ...own];
}

const daemonSetStatus = z.object({ desiredNumberScheduled: z.number().optional() }).optional();
const jobStatus = z
    .object({ conditions: z.array(z.object({ type: z.string(), status: z.string() })).nullish() })
    .optional();

function wantsPods({ kind, spec, status }: KubernetesObject): boolean {
    const { replicas, suspend } = controllerSpec.parse(spec ?? {});
    switch (kind) {
        case kinds.cronJob.kind:
            return suspend !== true;
        case kinds.job.kind: {
            const ended = (jobStatus.parse(status)?.conditions ?? []).some(
                ({ type, status: value }) => (type === "Complete" || type === "Failed") && value === "True",
            );
            return suspend !== true && !ended;
        }
        case kinds.daemonSet.kind:
            // One that fits no node was stopped by its selector.
            return daemonSetStatus.parse(status)?.desiredNumberScheduled !== 0;
        default:
            return (replicas ?? 1) > 0;
    }
}
