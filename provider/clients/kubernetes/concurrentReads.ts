import { Recent } from "../../support/recent";
import type { Kind, KubernetesObject, ObjectName, Reads } from "./cluster";
import { inAllNamespaces, type ListingCluster, readWhole } from "./wholeLists";

/** Lists of one kind that are under way at the same time, each for its own namespace. */
const mostApart = 3;

/** Fewer are not worth a list of all namespaces. */
const fewestTogether = 4;

interface Asker {
    namespace: string;
    resolve(found: KubernetesObject[] | Promise<KubernetesObject[]>): void;
}

/** The lists of one kind that are under way, and who waits for the next ones. */
interface Lists {
    underWay: number;
    waiting: Asker[];
}

/**
 * The reads of many plans that are executed at the same time. Who asks for a list while several of that kind are under
 * way waits until one has ended; those who wait by then share one list of all namespaces. It begins after each of them
 * asked, so that it is no older than a list of his own would be.
 */
export class ConcurrentReads implements Reads {
    private readonly kinds = new Map<Kind, Lists>();

    private readonly reviews = new Recent<unknown>();
    private readonly listing: ListingCluster;

    constructor(private readonly cluster: Reads & ListingCluster) {
        this.listing = {
            ask: (path, body, budget) => this.reviews.get(JSON.stringify(body), () => cluster.ask(path, body, budget)),
            listWhole: (...args) => cluster.listWhole(...args),
        };
    }

    get(kind: Kind, name: ObjectName): Promise<KubernetesObject | undefined> {
        return this.cluster.get(kind, name);
    }

    list(kind: Kind, namespace: string): Promise<KubernetesObject[]> {
        const lists = this.listsOf(kind);
        return lists.underWay < mostApart || !inAllNamespaces.has(kind)
            ? this.counted(kind, () => this.cluster.list(kind, namespace))
            : new Promise((resolve) => lists.waiting.push({ namespace, resolve }));
    }

    document(path: string): Promise<unknown> {
        return this.cluster.document(path);
    }

    ask(path: string, body: unknown, budget: number): Promise<unknown> {
        return this.cluster.ask(path, body, budget);
    }

    private listsOf(kind: Kind): Lists {
        const lists = this.kinds.get(kind) ?? { underWay: 0, waiting: [] };
        this.kinds.set(kind, lists);
        return lists;
    }

    private async counted<T>(kind: Kind, list: () => Promise<T>): Promise<T> {
        const lists = this.listsOf(kind);
        lists.underWay++;
        try {
            return await list();
        } finally {
            lists.underWay--;
            this.serve(kind, lists.waiting.splice(0));
        }
    }

    private serve(kind: Kind, askers: readonly Asker[]): void {
        const together = new Set(askers.map(({ namespace }) => namespace)).size >= fewestTogether;
        const whole = together ? this.counted(kind, () => readWhole(this.listing, kind)) : Promise.resolve(undefined);
        // What is wrong with all of them may be somebody else's objects.
        void whole
            .catch(() => undefined)
            .then((all) =>
                askers.forEach(({ namespace, resolve }) =>
                    resolve(all?.in(namespace) ?? this.counted(kind, () => this.cluster.list(kind, namespace))),
                ),
            );
    }
}
