import {
    type KubeConfig,
    type KubernetesListObject,
    type KubernetesObject,
    ListWatch,
    Watch,
} from "@kubernetes/client-node";
import { delay } from "./time";
import type { Kind, KubeObject } from "./objects";

export interface WatchListener<T extends KubeObject> {
    add?: (object: T) => void;
    update?: (object: T) => void;
    delete?: (object: T) => void;
    /** A watch that broke and will be started again. */
    error?: (error: unknown) => void;
}

export interface Watching {
    /** Resolves when the first list is in. */
    readonly synced: Promise<void>;
    stop(): void;
}

interface Source<T> {
    config: KubeConfig;
    path: () => Promise<string>;
    list: () => Promise<{ items: T[]; metadata: { resourceVersion: string } }>;
    kind: Kind;
    options: { labelSelector?: string; fieldSelector?: string };
}

const shortestWatchMs = 500;
const longestPauseMs = 5_000;

/** Asks for bookmarks and for an end after five minutes, so that a stream that went silent is not trusted for ever. */
class BoundedWatch extends Watch {
    private startedAt = 0;
    private request: AbortController | undefined;
    private stopped = false;

    override async watch(
        path: string,
        params: Parameters<Watch["watch"]>[1],
        callback: Parameters<Watch["watch"]>[2],
        done: Parameters<Watch["watch"]>[3],
    ): Promise<AbortController> {
        // A server that ends each watch at once would otherwise be asked in a tight loop.
        const pause = this.startedAt + shortestWatchMs - Date.now();
        if (pause > 0) {
            await delay(pause);
        }
        this.startedAt = Date.now();
        const bounded = { ...params, timeoutSeconds: 300, allowWatchBookmarks: true };
        this.request = await super.watch(path, bounded, callback, done);
        if (this.stopped) {
            this.request.abort();
        }
        return this.request;
    }

    stop(): void {
        this.stopped = true;
        this.request?.abort();
    }
}

/** See `Cluster.watch`. The library's informer lists and watches; this keeps it going whatever happens. */
export function startWatch<T extends KubeObject>(source: Source<T>, listener: WatchListener<T>): Watching {
    const stopping = new AbortController();
    let stopInformer: (() => void) | undefined;
    let markSynced: () => void = () => undefined;
    const synced = new Promise<void>((resolve) => (markSynced = resolve));

    const run = async (): Promise<void> => {
        let pauseMs = 100;
        let informer: ListWatch<KubernetesObject> | undefined;
        let watch: BoundedWatch | undefined;
        while (!stopping.signal.aborted) {
            try {
                if (informer === undefined) {
                    const list = async (): Promise<KubernetesListObject<KubernetesObject>> =>
                        (await source.list()) as KubernetesListObject<KubernetesObject>;
                    watch = new BoundedWatch(source.config);
                    const { labelSelector, fieldSelector } = source.options;
                    informer = new ListWatch(await source.path(), watch, list, false, labelSelector, fieldSelector);
                    const handler = (verb: "add" | "update" | "delete") => (object: KubernetesObject) =>
                        listener[verb]?.({ ...source.kind, ...object } as T);
                    informer.on("add", handler("add"));
                    informer.on("update", handler("update"));
                    informer.on("delete", handler("delete"));
                }
                const current = informer;
                const currentWatch = watch;
                const broken = new Promise<unknown>((resolve) => {
                    const onError = (error: unknown): void => {
                        current.off("error", onError);
                        resolve(error);
                    };
                    current.on("error", onError);
                });
                stopInformer = () => {
                    void current.stop();
                    currentWatch?.stop();
                };
                await current.start();
                // `start` also ends when the list failed; only a list that came in sets a version.
                if (current.latestResourceVersion() !== "") {
                    markSynced();
                    pauseMs = 100;
                }
                throw await Promise.race([broken, aborted(stopping.signal)]);
            } catch (error) {
                if (stopping.signal.aborted) {
                    return;
                }
                listener.error?.(error);
                await delay(pauseMs, stopping.signal).catch(() => undefined);
                pauseMs = Math.min(pauseMs * 2, longestPauseMs);
            }
        }
    };
    void run();
    return {
        synced,
        stop: () => {
            stopping.abort(new Error("stopped"));
            stopInformer?.();
        },
    };
}

function aborted(signal: AbortSignal): Promise<unknown> {
    return new Promise((resolve) => {
        if (signal.aborted) {
            resolve(signal.reason);
        }
        signal.addEventListener("abort", () => resolve(signal.reason), { once: true });
    });
}
