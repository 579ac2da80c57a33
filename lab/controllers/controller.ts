import type { Cluster, ListOptions } from "./cluster";
import { type Kind, type KubeObject, type Ref, keyOf, refFromKey, refOf } from "./objects";
import { KeyedQueue } from "./queue";
import type { Watching } from "./watch";

export type ReconcileResult = { requeueAfterMs?: number } | void;

/** Another kind whose changes make objects of the controller's kind worth another look. */
interface Trigger {
    kind: Kind;
    /** Which objects of the controller's kind this one concerns. */
    concerns: (object: KubeObject) => Ref[];
    options?: ListOptions;
}

interface ControllerOptions<T extends KubeObject> {
    cluster: Cluster;
    kind: Kind;
    /** Brings the world closer to what the object says. It gets the object as it is now, read just before. */
    reconcile: (object: T) => Promise<ReconcileResult>;
    /** Called once an object is gone for good. */
    gone?: (ref: Ref) => Promise<ReconcileResult>;
    triggers?: Trigger[];
    /** Limits which objects are looked at. */
    select?: ListOptions;
    /** How many objects at once; one object is never in two hands. Default 4. */
    concurrency?: number;
    /** First and greatest pause after errors. Default 100 ms to 10 s. */
    backOff?: { firstMs: number; greatestMs: number };
    /** Default: one line to stderr. */
    log?: (line: string) => void;
}

export interface Controller {
    /** Resolves when every kind that is watched was listed once. */
    readonly synced: Promise<void>;
    /** Looks at an object as soon as there is room. */
    enqueue(ref: Ref): void;
    /** Ends the watches and waits for the reconciliations at work. */
    stop(): Promise<void>;
}

/** Watches a kind and reconciles each of its objects: after each change, when asked again, and after errors. */
export function runController<T extends KubeObject = KubeObject>(options: ControllerOptions<T>): Controller {
    const { cluster, kind, reconcile, gone, triggers = [] } = options;
    const log = options.log ?? ((line: string) => process.stderr.write(`${line}\n`));
    const queue = new KeyedQueue({
        concurrency: options.concurrency,
        backOff: options.backOff,
        handle: async (key) => {
            const ref = refFromKey(key);
            const object = await cluster.get<T>(kind, ref);
            return object === undefined ? gone?.(ref) : reconcile(object);
        },
        onError: (key, error, failures, pauseMs) =>
            log(`${kind.kind} ${key}: ${messageOf(error)} (failure ${failures}, again in ${pauseMs} ms)`),
    });
    const watchError = (what: Kind) => (error: unknown) => log(`watch of ${what.kind}: ${messageOf(error)}`);
    const enqueue = (ref: Ref): void => queue.add(keyOf(ref));
    const own = (object: KubeObject): void => enqueue(refOf(object));

    const watches: Watching[] = [
        cluster.watch(kind, { add: own, update: own, delete: own, error: watchError(kind) }, options.select),
        ...triggers.map((trigger) => {
            const concern = (object: KubeObject): void => trigger.concerns(object).forEach(enqueue);
            const listener = { add: concern, update: concern, delete: concern, error: watchError(trigger.kind) };
            return cluster.watch(trigger.kind, listener, trigger.options);
        }),
    ];
    return {
        synced: Promise.all(watches.map((watch) => watch.synced)).then(() => undefined),
        enqueue,
        stop: async () => {
            watches.forEach((watch) => watch.stop());
            await queue.stop();
        },
    };
}

/** What an error says, in one line, without its stack. */
export function messageOf(error: unknown): string {
    return error instanceof Error ? error.message : String(error);
}
