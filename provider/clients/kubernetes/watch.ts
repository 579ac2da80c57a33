import { Watch, type KubeConfig } from "@kubernetes/client-node";
import { toKubernetesError } from "./errors";
import {
    collectionPath,
    describeObject,
    parseObject,
    type Kind,
    type KubernetesObject,
    type ObjectName,
} from "./objects";

/** Seconds after which the server ends a watch by itself. */
const longestWatch = 60;

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
}

/**
 * One watch connection. It ends when `reached` accepts the object, when the signal is aborted, or when the server or
 * the network ends it; a refusal of the server and whatever `reached` throws are thrown.
 *
 * @returns the newest object that was seen; `from` when none was
 */
export async function watchOnce(
    { site, config, kind, name, reached, read, signal, redact }: WatchedObject,
    from: KubernetesObject | undefined,
): Promise<KubernetesObject | undefined> {
    let last = from;
    let refusal: { error: unknown } | undefined;
    await new Promise<void>((resolve) => {
        let connection: AbortController | undefined;
        let ended = false;
        const end = () => {
            ended = true;
            signal.removeEventListener("abort", end);
            connection?.abort();
            resolve();
        };
        const onEvent = (type: string, object: unknown) => {
            if (ended || !["ADDED", "MODIFIED", "DELETED"].includes(type)) {
                return;
            }
            try {
                last = type === "DELETED" ? undefined : parseObject(kind, object);
                if (reached(last)) {
                    end();
                }
            } catch (error) {
                refusal = { error };
                end();
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
                { fieldSelector: `metadata.name=${name.name}`, timeoutSeconds: longestWatch },
                onEvent,
                onEnd,
            )
            .then(async (controller) => {
                connection = controller;
                if (ended) {
                    controller.abort();
                } else if (from !== undefined && (await isGone(read))) {
                    // A watch begins with the object as it is: of one deleted just before it says nothing.
                    onEvent("DELETED", undefined);
                }
            }, end);
    });
    if (refusal !== undefined) {
        throw refusal.error;
    }
    return last;
}

async function isGone(read: WatchedObject["read"]): Promise<boolean> {
    try {
        return (await read()) === undefined;
    } catch {
        return false;
    }
}

/** A refusal would be repeated at once, so that it must be thrown; a cut connection only ends this watch. */
function refusalOf(site: string, call: string, error: unknown, redact: (text: string) => string): Error | undefined {
    const { statusCode, message } = (error ?? {}) as { statusCode?: unknown; message?: unknown };
    return typeof statusCode === "number"
        ? toKubernetesError(site, call, { code: statusCode, body: { message } }, redact)
        : undefined;
}
