import { randomUUID } from "node:crypto";
import { ApiError, Cluster, type KubeObject, messageOf, refOf } from "../../controllers";
import type { SiteDescriptor } from "../../site";
import { until } from "../until";

const podKind = { apiVersion: "v1", kind: "Pod" };

/** Pods of an application that run at a site, as names that no two pods share. */
export async function runningPods(site: SiteDescriptor, namespace: string, app: string): Promise<string[]> {
    const pods = await (await clusterOf(site)).list(podKind, { namespace, labelSelector: `app=${app}` });
    return pods
        .filter(({ status }) => status?.phase === "Running")
        .map(({ metadata }) => `${metadata.name} ${metadata.uid}`)
        .sort();
}

/** Creates a pod of an application by hand, and takes it away again; what is wrong when it does not run, a sentence each. */
export async function runsThere(site: SiteDescriptor, namespace: string, app: string): Promise<string[]> {
    const cluster = await clusterOf(site);
    const pod = podOf(namespace, { app }, app);
    try {
        await cluster.create(pod);
        await until(`a pod of ${app} at ${site.name}`, async () => {
            const found = await cluster.get(podKind, refOf(pod));
            return found?.status?.phase === "Running" || undefined;
        });
        return [];
    } catch (error) {
        return [`a pod of ${app} did not start at ${site.name}, where it serves: ${messageOf(error)}`];
    } finally {
        await remove(cluster, pod);
    }
}

/** Creates a pod with an application's label, and one that mounts its claim; what is wrong where one is let in. */
export async function staysOut(
    site: SiteDescriptor,
    namespace: string,
    app: string,
    ways: readonly ("label" | "claim")[],
): Promise<string[]> {
    const cluster = await clusterOf(site);
    const pods = { label: podOf(namespace, { app }), claim: podOf(namespace, {}, app) };
    const faults = [];
    for (const way of ways) {
        faults.push(await refusal(cluster, pods[way], `a pod with the ${way} of ${app}`, site));
    }
    return faults.filter((fault) => fault !== undefined);
}

async function refusal(
    cluster: Cluster,
    pod: KubeObject,
    what: string,
    { name: site }: SiteDescriptor,
): Promise<string | undefined> {
    try {
        await cluster.create(pod);
    } catch (error) {
        const isFence = error instanceof ApiError && byPolicy.test(error.message);
        return isFence ? undefined : `${what} was not refused by the fence at ${site}, but so: ${messageOf(error)}`;
    }
    await remove(cluster, pod);
    return `${what} was not refused at ${site}, which does not serve`;
}

const byPolicy = /ValidatingAdmissionPolicy 'trident-dr-[^']+' .*denied request/;

async function remove(cluster: Cluster, pod: KubeObject): Promise<void> {
    const gone = async () => (await cluster.get(podKind, refOf(pod))) === undefined || undefined;
    if (!(await gone())) {
        await cluster.delete(podKind, refOf(pod), { gracePeriodSeconds: 0 });
        await until("the pod to be gone", gone);
    }
}

/** Nothing of it writes: that takes the writer's label. A promotion may bring back one of before, if a snapshot has seen it. */
function podOf(namespace: string, labels: Record<string, string>, mounts?: string): KubeObject {
    const claims =
        mounts === undefined ? [] : [{ name: "data", persistentVolumeClaim: { claimName: `${mounts}-data` } }];
    return {
        ...podKind,
        metadata: { namespace, name: `by-hand-${randomUUID()}`, labels },
        spec: { containers: [{ name: "shell", image: "docker.io/library/busybox:1.37" }], volumes: claims },
    };
}

function clusterOf({ kubernetes }: SiteDescriptor): Promise<Cluster> {
    return Cluster.connect(kubernetes.adminKubeconfig, { userAgent: "kubectl" });
}
