import { Recent } from "../../support/recent";
import { SharedCollection } from "../../support/sharedCollection";
import type { Kind, KubernetesObject, ObjectName, Reads } from "./cluster";
import { kinds } from "./kinds";
import { inAllNamespaces, type ListingCluster, readWhole, type WholeList } from "./wholeLists";

/** Kinds of which many items have objects in one namespace: that of the records. */
const inOneNamespace: ReadonlySet<Kind> = new Set<Kind>([kinds.configMap]);

/** Reads of one item: a second one asks for as many more, which is what one list of each kind costs. */
const mostApart = 1;

/**
 * The reads of all plans that one run makes at one cluster. Those of the first item are requests of their own; from then
 * on one list of each kind serves the others, where the account may list it and there is not too much of it.
 *
 * An answer may be some seconds old. Nothing is written that was not read anew.
 */
export class PlannedReads implements Reads {
    private readonly collections = new Map<string, SharedCollection<WholeList>>();
    private readonly answers: Recent<unknown>;

    constructor(
        private readonly cluster: Reads & ListingCluster,
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

    private collectionOf(kind: Kind, namespace: string | undefined): SharedCollection<WholeList> {
        const within = inAllNamespaces.has(kind) ? undefined : namespace;
        const key = `${kind.apiVersion} ${kind.plural} ${within ?? ""}`;
        const known = this.collections.get(key);
        if (known !== undefined) {
            return known;
        }
        const isListed = inAllNamespaces.has(kind) || inOneNamespace.has(kind);
        const made = new SharedCollection(
            () => (isListed ? readWhole(this.cluster, kind, within) : Promise.resolve(undefined)),
            this.now,
            mostApart,
        );
        this.collections.set(key, made);
        return made;
    }
}
