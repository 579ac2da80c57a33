import { valueAt } from "../../support/json";
import { Recent } from "../../support/recent";
import type { Kind, KubernetesObject, ObjectName, Reads } from "./cluster";
import { kinds } from "./kinds";

/**
 * What an administrator, or the site's own stack, declares: no role change alters it, from when it is complete. That one
 * that is not bound yet is read again.
 */
const steady: ReadonlyMap<Kind, (found: KubernetesObject) => boolean> = new Map<
    Kind,
    (found: KubernetesObject) => boolean
>([
    [kinds.appVault, always],
    [kinds.secret, always],
    [kinds.tridentBackend, ({ status }) => valueAt(status, ["backendInfo", "backendUUID"]) !== undefined],
    [kinds.tridentVersion, always],
    // What it says of its volume on the array never changes; a claim that gets another volume names another one.
    [kinds.volume, always],
]);

function always(): boolean {
    return true;
}

/**
 * Reads for plans that are executed: what no role change alters, and what the account may do, is read once in some
 * seconds, for all applications and all steps, and everything else each time. What was not there is asked for again.
 */
export class SteadyReads implements Reads {
    private readonly objects: Recent<KubernetesObject | undefined>;
    private readonly documents: Recent<unknown>;
    private readonly answers: Recent<unknown>;

    constructor(
        private readonly cluster: Reads,
        now: () => number = Date.now,
    ) {
        this.objects = new Recent(now);
        this.documents = new Recent(now);
        this.answers = new Recent(now);
    }

    async get(kind: Kind, name: ObjectName): Promise<KubernetesObject | undefined> {
        const isComplete = steady.get(kind);
        if (isComplete === undefined) {
            return this.cluster.get(kind, name);
        }
        const key = `${kind.apiVersion} ${kind.plural} ${name.namespace ?? ""}/${name.name}`;
        const found = await this.objects.get(key, () => this.cluster.get(kind, name));
        if (found === undefined || !isComplete(found)) {
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
        return this.answers.get(`${path} ${JSON.stringify(body)}`, () => this.cluster.ask(path, body, budget));
    }
}
