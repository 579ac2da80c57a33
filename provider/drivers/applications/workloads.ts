import { z } from "zod";
import type { Cluster, Kind, KubernetesObject } from "../../clients/kubernetes/cluster";
import { kinds } from "../../clients/kubernetes/kinds";
import { describeWorkload } from "../../roles/messages/workloads";
import { readClaims } from "./claims";
import { belongsToApplication, isChosen, type Selectable, type Selection } from "./selection";
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
    /** Claims that it mounts though `labelSelector` does not choose them; only of one that belongs. Default: none. */
    unchosen?: readonly string[];
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
    /** Those that a label selector does not choose. Default: none. */
    unchosen?: ReadonlySet<string>;
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
    settings: Pick<ApplicationSettings, "namespaces"> & Selection,
): Promise<Workload[]> {
    const ofAll = async (kind: Kind) =>
        (await Promise.all(settings.namespaces.map((namespace) => cluster.list(kind, namespace)))).flat();
    const [claims, pods, ...controllers] = await Promise.all([
        readClaims(cluster, settings),
        ofAll(kinds.pod),
        ...controllerKinds.map(ofAll),
    ]);
    const mirrored = new Set(claims.mirrored.map(({ claim }) => claim));
    const unchosen = new Set(claims.ignored.filter(({ isUnchosen }) => isUnchosen).map(({ claim }) => claim));
    return workloadsOf({ pods, controllers: controllers.flat(), mirrored, unchosen }, settings);
}

/**
 * Workloads by name: whatever owns a pod that mounts a mirrored volume; and controllers that want pods, whether or not
 * there are any yet, if those would mount one or the controller belongs to the application.
 */
export function workloadsOf(
    { pods, controllers, mirrored, unchosen = new Set() }: Found,
    selection: Selection,
): Workload[] {
    const byUid = new Map(
        [...controllers, ...pods].flatMap((object) => {
            const { uid } = object.metadata;
            return uid === undefined ? [] : [[uid, object] as const];
        }),
    );
    const found = new Map<string, Workload>();
    const belongsTo = (owner: Selectable) => belongsWithOwner(selection, owner, byUid);
    const add = (owner: Selectable, claims: readonly string[], ofPods: readonly MountingPod[]) => {
        const name = nameOf(owner);
        const known = found.get(name);
        const belongs = belongsTo(owner);
        const mountsAny = mounted(claims) || known?.mounts === true;
        const besides = [...new Set([...(known?.unchosen ?? []), ...claims.filter((claim) => unchosen.has(claim))])];
        found.set(name, {
            name,
            mounts: mountsAny,
            belongs,
            isCore: belongs && (mountsAny || mirrored.size === 0),
            pods: [...(known?.pods ?? []), ...ofPods],
            ...(belongs && besides.length > 0 ? { unchosen: besides } : {}),
        });
    };
    const mounted = (claims: readonly string[]) => claims.some((claim) => mirrored.has(claim));
    for (const pod of pods.filter((one) => !isFinished(one))) {
        const claims = claimsOfPod(pod);
        const owner = topOwner(pod, byUid);
        if (mounted(claims)) {
            add(owner, claims, [mountingPod(pod)]);
        } else if (claims.some((claim) => unchosen.has(claim)) && belongsTo(owner)) {
            add(owner, claims, []);
        }
    }
    for (const controller of controllers) {
        // What a Deployment or a custom resource made goes by that; a Job goes on, though its CronJob is suspended.
        const standsForItself = ownerOf(controller) === undefined || controller.kind === kinds.job.kind;
        const claims = claimsOfTemplate(controller, [...mirrored, ...unchosen]);
        if (standsForItself && wantsPods(controller) && (mounted(claims) || belongsTo(controller))) {
            add(controller, claims, []);
        }
    }
    return [...found.values()].sort((left, right) => (left.name < right.name ? -1 : 1));
}

/** What an owner that belongs to the application made goes with it, whatever its own labels are: a Job of a CronJob. */
function belongsWithOwner(
    selection: Selection,
    object: Selectable,
    byUid: ReadonlyMap<string, KubernetesObject>,
): boolean {
    const owner = ownerOf(object);
    const made = owner === undefined ? undefined : byUid.get(owner.uid);
    const isChosenByOwner = made !== undefined && isChosen(selection, made);
    return belongsToApplication(isChosenByOwner ? { ...selection, labelSelector: undefined } : selection, object);
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
function ownerOf({ metadata }: Pick<KubernetesObject, "metadata">) {
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
function claimsOfTemplate({ metadata, spec }: KubernetesObject, known: readonly string[]): string[] {
    const parsed = controllerSpec.parse(spec ?? {});
    const pod = (parsed.template ?? parsed.jobTemplate?.spec?.template)?.spec;
    const shared = (pod?.volumes ?? []).flatMap((volume) => volume.persistentVolumeClaim?.claimName ?? []);
    const own = (parsed.volumeClaimTemplates ?? []).flatMap((claim) => {
        const prefix = `${metadata.namespace}/${claim.metadata.name}-${metadata.name}-`;
        return known.filter((name) => name.startsWith(prefix) && /^\d+$/.test(name.slice(prefix.length)));
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
