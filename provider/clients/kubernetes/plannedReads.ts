import { z } from "zod";
import { Recent } from "../../support/recent";
import { SharedCollection } from "../../support/sharedCollection";
import type { Cluster, Kind, KubernetesObject, ObjectName, Reads } from "./cluster";
import { kinds } from "./kinds";

/** Objects of one kind that are read at once for several items; where there are more, each item's are read alone. */
const mostAtOnce = 2_000;

/** Milliseconds for the question whether a kind may be listed. */
const rightsBudget = 5_000;

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

/** Kinds of which many items have objects in one namespace: that of the records. */
const inOneNamespace: ReadonlySet<Kind> = new Set<Kind>([kinds.configMap]);

type Source = Reads & Pick<Cluster, "listWhole">;

/**
 * The reads of all plans that one run makes at one cluster. Those of the first few items are requests of their own; from
 * then on one list of each kind serves the others, where the account may list it and there is not too much of it.
 *
 * An answer may be some seconds old. Nothing is written that was not read anew.
 */
export class PlannedReads implements Reads {
    private readonly collections = new Map<string, SharedCollection<Whole>>();
    private readonly answers: Recent<unknown>;

    constructor(
        private readonly cluster: Source,
        private readonly now: () => number = Date.now,
    ) {
        this.answers = new Recent(now);
    }

    get(kind: Kind, name: ObjectName): Promise<KubernetesObject | undefined> {
        return this.collectionOf(kind, name.namespace).get(
            `get ${name.namespace ?? ""}/${name.name}`,
            () => this.cluster.get(kind, name),
            (all) => all.get(name),
        );
    }

    list(kind: Kind, namespace: string): Promise<KubernetesObject[]> {
        return this.collectionOf(kind, namespace).get(
            `list ${namespace}`,
            () => this.cluster.list(kind, namespace),
            (all) => all.in(namespace),
        );
    }

    document(path: string): Promise<unknown> {
        return this.answers.get(path, () => this.cluster.document(path));
    }

    ask(path: string, body: unknown, budget: number): Promise<unknown> {
        return this.answers.get(`${path} ${JSON.stringify(body)}`, () => this.cluster.ask(path, body, budget));
    }

    private collectionOf(kind: Kind, namespace: string | undefined): SharedCollection<Whole> {
        const within = inAllNamespaces.has(kind) ? undefined : namespace;
        const key = `${kind.apiVersion} ${kind.plural} ${within ?? ""}`;
        const known = this.collections.get(key);
        if (known !== undefined) {
            return known;
        }
        const isListed = inAllNamespaces.has(kind) || inOneNamespace.has(kind);
        const made = new SharedCollection(
            () => (isListed ? this.whole(kind, within) : Promise.resolve(undefined)),
            this.now,
        );
        this.collections.set(key, made);
        return made;
    }

    private async whole(kind: Kind, namespace: string | undefined): Promise<Whole | undefined> {
        const found = (await this.mayList(kind, namespace))
            ? await this.cluster.listWhole(kind, namespace, mostAtOnce)
            : undefined;
        return found && new Whole(found);
    }

    /** Asked first: what is refused would be in the server's audit log, as something that the account tried. */
    private async mayList({ apiVersion, plural: resource }: Kind, namespace: string | undefined): Promise<boolean> {
        const group = apiVersion.includes("/") ? apiVersion.split("/")[0] : "";
        const resourceAttributes = { verb: "list", group, resource, ...(namespace === undefined ? {} : { namespace }) };
        const answer = await this.cluster
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
}

const reviewSchema = z.object({ status: z.object({ allowed: z.boolean() }) });

/** All objects of a kind. */
class Whole {
    private readonly byName: ReadonlyMap<string, KubernetesObject>;
    private readonly byNamespace = new Map<string, KubernetesObject[]>();

    constructor(objects: readonly KubernetesObject[]) {
        this.byName = new Map(objects.map((one) => [keyOf(one.metadata), one]));
        for (const one of objects) {
            const { namespace = "" } = one.metadata;
            this.byNamespace.set(namespace, [...(this.byNamespace.get(namespace) ?? []), one]);
        }
    }

    get(name: ObjectName): KubernetesObject | undefined {
        return this.byName.get(keyOf(name));
    }

    in(namespace: string): KubernetesObject[] {
        return this.byNamespace.get(namespace) ?? [];
    }
}

function keyOf({ namespace = "", name }: ObjectName): string {
    return `${namespace}/${name}`;
}
