import { Watch, type KubeConfig } from "@kubernetes/client-node";
import { span } from "../../support/trace";
import { isPassing, type KubernetesError, toKubernetesError } from "./errors";
import {
    collectionPath,
    describeObject,
    parseObject,
    type Kind,
    type KubernetesObject,
    type ObjectName,
} from "./objects";
import { serverOf } from "./kubeconfig";
import { defaultPace, type Pace } from "./pace";

interface WatchedObject {
    site: string;
    config: KubeConfig;
    kind: Kind;
    name: ObjectName;
    /** Whether an object, or that there is none, is what was waited for. May throw. */
    reached: (object: KubernetesObject | undefined) => boolean;
    /** Reads the object. */
    read: () => Promise<KubernetesObject | undefined>;
    signal: AbortSignal;
    /** Takes secrets out of a text. */
    redact: (text: string) => string;
    pace?: Pick<Pace, "watch" | "watchGrace" | "firstEvent">;
}

/** What came of a watch. */
export interface Watched {
    /** The newest object that was seen. */
    last: KubernetesObject | undefined;
    /** Whether it is what was waited for. */
    reached: boolean;
}

/**
 * One watch connection. It ends when `reached` accepts the object, when the signal is aborted, when the server or the
 * network ends it, and after a time of its own: one that delivers nothing cannot be told from one that is broken. What
 * it did not say, a read has to find. A refusal of the server that will not pass and whatever `reached` throws are
 * thrown.
 */
export function watchOnce(watched: WatchedObject, from: KubernetesObject | undefined): Promise<Watched> {
    const { site, config, kind, name } = watched;
    const about = { site, target: "kubernetes", server: serverOf(config), verb: "watch" } as const;
    const path = collectionPath(kind, name.namespace);
    return span(`watch ${describeObject(kind, name)}`, "request", { ...about, path }, () => watch(watched, from));
}

async function watch(
    { site, config, kind, name, reached, read, signal, redact, pace = defaultPace }: WatchedObject,
    from: KubernetesObject | undefined,
): Promise<Watched> {
    const watched: Watched = { last: from, reached: false };
    let refusal: { error: unknown } | undefined;
    await new Promise<void>((resolve) => {
        let connection: AbortController | undefined;
        let ended = false;
        let heard = false;
        let silence: NodeJS.Timeout | undefined;
        const end = () => {
            ended = true;
            clearTimeout(timer);
            clearTimeout(silence);
            signal.removeEventListener("abort", end);
            connection?.abort();
            resolve();
        };
        const timer = setTimeout(end, pace.watch + pace.watchGrace);
        const onEvent = (type: string, object: unknown) => {
            heard = true;
            clearTimeout(silence);
            if (ended) {
                return;
            }
            if (!["ADDED", "MODIFIED", "DELETED"].includes(type)) {
                // An ERROR, such as 410 Gone, is the last event of its watch.
                return type === "BOOKMARK" ? undefined : end();
            }
            try {
                watched.last = type === "DELETED" ? undefined : parseObject(kind, object);
                watched.reached = reached(watched.last);
                if (watched.reached) {
                    end();
                }
            } catch (error) {
                refusal = { error };
                end();
            }
        };
        // Not begun from the version of what was read, which the server may have forgotten: it does not tell a deletion of before.
        const lookWhetherGone = async () => {
            if ((await isGone(read)) && !heard) {
                onEvent("DELETED", undefined);
            }
        };
        const onEnd = (error: unknown) => {
            const refused = refusalOf(site, `watch ${describeObject(kind, name)}`, error, redact);
            if (refused !== undefined) {
                refusal = { error: refused };
            }
            end();
        };
        signal.addEventListener("abort", end);
        new Watch(config)
            .watch(
                collectionPath(kind, name.namespace),
                { fieldSelector: `metadata.name=${name.name}`, timeoutSeconds: Math.ceil(pace.watch / 1000) },
                onEvent,
                onEnd,
            )
            .then((controller) => {
                connection = controller;
                if (ended) {
                    controller.abort();
                } else if (from !== undefined && !heard) {
                    silence = setTimeout(() => void lookWhetherGone(), pace.firstEvent);
                }
            }, end);
    });
    if (refusal !== undefined) {
        throw refusal.error;
    }
    return watched;
}

async function isGone(read: WatchedObject["read"]): Promise<boolean> {
    try {
        return (await read()) === undefined;
    } catch {
        return false;
    }
}

/** A refusal would be repeated, so that it must be thrown; a cut connection and what passes only end this watch. */
function refusalOf(
    site: string,
    call: string,
    error: unknown,
    redact: (text: string) => string,
): KubernetesError | undefined {
    const { statusCode, message } = (error ?? {}) as { statusCode?: unknown; message?: unknown };
    if (typeof statusCode !== "number") {
        return undefined;
    }
    const refused = toKubernetesError(site, call, { code: statusCode, body: { message } }, redact);
    return isPassing(refused) || refused.kind === "expired" ? undefined : refused;
}
