import { z } from "zod";
import type { Cluster, Kind, KubernetesObject, ObjectName } from "./cluster";
import { kinds } from "./kinds";

/** Kinds of which each item has a few objects: with many items, one list of all namespaces is less than one for each. */
export const inAllNamespaces: ReadonlySet<Kind> = new Set<Kind>([
    kinds.application,
    kinds.schedule,
    kinds.execHook,
    kinds.snapshot,
    kinds.shutdownSnapshot,
    kinds.snapshotInplaceRestore,
    kinds.appMirror,
    kinds.tridentMirror,
    kinds.deployment,
    kinds.statefulSet,
    kinds.daemonSet,
    kinds.replicaSet,
    kinds.job,
    kinds.cronJob,
    kinds.pod,
    kinds.resourceQuota,
    kinds.volumeClaim,
    kinds.volume,
]);

/** Objects of one kind that are read at once for several items; where there are more, each item's are read alone. */
const mostAtOnce = 2_000;

/** Milliseconds for the question whether a kind may be listed. */
const rightsBudget = 5_000;

/** How a cluster is asked for all objects of a kind. */
export type ListingCluster = Pick<Cluster, "ask" | "listWhole">;

/** All objects of a kind, in one namespace or in all of them; undefined where they may not be listed, or are too many. */
export async function readWhole(
    cluster: ListingCluster,
    kind: Kind,
    namespace?: string,
): Promise<WholeList | undefined> {
    const found = (await mayList(cluster, kind, namespace))
        ? await cluster.listWhole(kind, namespace, mostAtOnce)
        : undefined;
    return found && new WholeList(found);
}

/** All objects of a kind. */
export class WholeList {
    private readonly byName: ReadonlyMap<string, KubernetesObject>;
    private readonly byNamespace = new Map<string, KubernetesObject[]>();

    constructor(objects: readonly KubernetesObject[]) {
        this.byName = new Map(objects.map((one) => [keyOf(one.metadata), one]));
        for (const one of objects) {
            const { namespace = "" } = one.metadata;
            const known = this.byNamespace.get(namespace) ?? [];
            known.push(one);
            this.byNamespace.set(namespace, known);
        }
    }

    get(name: ObjectName): KubernetesObject | undefined {
        return this.byName.get(keyOf(name));
    }

    in(namespace: string): KubernetesObject[] {
        return this.byNamespace.get(namespace) ?? [];
    }
}

/** Asked first: what is refused would be in the server's audit log, as something that the account tried. */
async function mayList(
    cluster: ListingCluster,
    { apiVersion, plural: resource }: Kind,
    namespace: string | undefined,
): Promise<boolean> {
    const group = apiVersion.includes("/") ? apiVersion.split("/")[0] : "";
    const resourceAttributes = { verb: "list", group, resource, ...(namespace === undefined ? {} : { namespace }) };
    const answer = await cluster
        .ask(
            "/apis/authorization.k8s.io/v1/selfsubjectaccessreviews",
            {
                apiVersion: "authorization.k8s.io/v1",
                kind: "SelfSubjectAccessReview",
                spec: { resourceAttributes },
            },
            rightsBudget,
        )
        .catch(() => undefined);
    return reviewSchema.safeParse(answer).data?.status.allowed === true;
}

const reviewSchema = z.object({ status: z.object({ allowed: z.boolean() }) });

function keyOf({ namespace = "", name }: ObjectName): string {
    return `${namespace}/${name}`;
}
