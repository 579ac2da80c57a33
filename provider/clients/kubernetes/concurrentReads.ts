import { Recent } from "../../support/recent";
import type { Kind, KubernetesObject, ObjectName, Reads } from "./cluster";
import { kinds } from "./kinds";
import { inAllNamespaces, type ListingCluster, readWhole, type WholeList } from "./wholeLists";

/** Reads that one list could serve, and that are under way at the same time, each as a request of its own. */
const mostApart = 3;

/** Fewer are not worth a list. */
const fewestTogether = 4;

/** Of these many items have objects in one namespace, that of the records. */
const inOneNamespace: ReadonlySet<Kind> = new Set<Kind>([kinds.configMap]);

/** One who waits for the next answer. */
interface Asker {
    /** Those who ask for the same share an answer. */
    what: string;
    alone: () => Promise<unknown>;
    from: (all: WholeList) => unknown;
    resolve: (found: unknown) => void;
}

/** The reads that one list could serve. */
interface Group {
    kind: Kind;
    namespace: string | undefined;
    underWay: number;
    waiting: Asker[];
}

/**
 * The reads of many plans that are executed at the same time. Those that are asked for at once share an answer where they
 * want the same, and one list where four or more different ones want what it has. Who asks while several are under way
 * waits until one of them has ended, together with others. No answer was begun before it was asked for.
 */
export class ConcurrentReads implements Reads {
    private readonly groups = new Map<string, Group>();

    private readonly reviews = new Recent<unknown>();
    private readonly listing: ListingCluster;

    constructor(private readonly cluster: Reads & ListingCluster) {
        this.listing = {
            ask: (path, body, budget) => this.reviews.get(JSON.stringify(body), () => cluster.ask(path, body, budget)),
            listWhole: (...args) => cluster.listWhole(...args),
        };
    }

    get(kind: Kind, name: ObjectName): Promise<KubernetesObject | undefined> {
        return this.read(kind, name.namespace, {
            what: `get ${name.namespace ?? ""}/${name.name}`,
            alone: () => this.cluster.get(kind, name),
            from: (all) => all.get(name),
        });
    }

    list(kind: Kind, namespace: string): Promise<KubernetesObject[]> {
        return this.read(kind, namespace, {
            what: `list ${namespace}`,
            alone: () => this.cluster.list(kind, namespace),
            from: (all) => all.in(namespace),
        });
    }

    document(path: string): Promise<unknown> {
        return this.cluster.document(path);
    }

    ask(path: string, body: unknown, budget: number): Promise<unknown> {
        return this.cluster.ask(path, body, budget);
    }

    private read<T>(
        kind: Kind,
        namespace: string | undefined,
        { what, alone, from }: { what: string; alone: () => Promise<T>; from: (all: WholeList) => T },
    ): Promise<T> {
        const group = this.groupOf(kind, namespace);
        return group === undefined
            ? alone()
            : new Promise<T>((resolve) => {
                  group.waiting.push({ what, alone, from, resolve: (found) => resolve(found as T | Promise<T>) });
                  // What one plan reads at once it asks for in one turn, some of it more than once.
                  setImmediate(() => void this.serve(group));
              });
    }

    /** Undefined where no list serves several items. */
    private groupOf(kind: Kind, ofItem: string | undefined): Group | undefined {
        if (ofItem === undefined || !(inAllNamespaces.has(kind) || inOneNamespace.has(kind))) {
            return undefined;
        }
        const namespace = inOneNamespace.has(kind) ? ofItem : undefined;
        const key = `${kind.apiVersion} ${kind.plural} ${namespace ?? ""}`;
        const group = this.groups.get(key) ?? { kind, namespace, underWay: 0, waiting: [] };
        this.groups.set(key, group);
        return group;
    }

    private async counted<T>(group: Group, read: () => Promise<T>): Promise<T> {
        group.underWay++;
        try {
            return await read();
        } finally {
            group.underWay--;
            void this.serve(group);
        }
    }

    private async serve(group: Group): Promise<void> {
        if (group.underWay >= mostApart) {
            return;
        }
        const askers = group.waiting.splice(0);
        const wants = new Map(askers.map((asker) => [asker.what, asker]));
        const { kind, namespace } = group;
        const all =
            wants.size < fewestTogether
                ? undefined
                : // What is wrong with all of them may be somebody else's objects.
                  await this.counted(group, () => readWhole(this.listing, kind, namespace)).catch(() => undefined);
        const answers = new Map<string, unknown>();
        for (const { what, alone, from } of wants.values()) {
            answers.set(what, all === undefined ? this.counted(group, alone) : from(all));
        }
        askers.forEach(({ what, resolve }) => resolve(answers.get(what)));
    }
}
