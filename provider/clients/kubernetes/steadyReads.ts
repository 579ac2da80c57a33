import { Recent } from "../../support/recent";
import type { Kind, KubernetesObject, ObjectName, Reads } from "./cluster";
import { kinds } from "./kinds";

/** What an administrator, or the site's own stack, declares: no role change alters it. */
const steady: ReadonlySet<Kind> = new Set<Kind>([
    kinds.appVault,
    kinds.secret,
    kinds.tridentBackend,
    kinds.tridentVersion,
    // What it says of its volume on the array never changes; a claim that gets another volume names another one.
    kinds.volume,
]);

/**
 * Reads for plans that are executed: what no role change alters is read once in some seconds, for all applications and
 * all steps, and everything else each time. What was not there is asked for again.
 */
export class SteadyReads implements Reads {
    private readonly objects: Recent<KubernetesObject | undefined>;
    private readonly documents: Recent<unknown>;

    constructor(
        private readonly cluster: Reads,
        now: () => number = Date.now,
    ) {
        this.objects = new Recent(now);
        this.documents = new Recent(now);
    }

    async get(kind: Kind, name: ObjectName): Promise<KubernetesObject | undefined> {
        if (!steady.has(kind)) {
            return this.cluster.get(kind, name);
        }
        const key = `${kind.apiVersion} ${kind.plural} ${name.namespace ?? ""}/${name.name}`;
        const found = await this.objects.get(key, () => this.cluster.get(kind, name));
        if (found === undefined) {
            this.objects.forget(key);
        }
        return found;
    }

    list(kind: Kind, namespace: string): Promise<KubernetesObject[]> {
        return this.cluster.list(kind, namespace);
    }

    document(path: string): Promise<unknown> {
        return this.documents.get(path, () => this.cluster.document(path));
    }

    ask(path: string, body: unknown, budget: number): Promise<unknown> {
        return this.cluster.ask(path, body, budget);
    }
}
