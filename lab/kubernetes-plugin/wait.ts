import { setTimeout as pause } from "node:timers/promises";
import { ApiError, UnreachableError, type Cluster } from "./cluster";
import { type Verdict } from "./conditions";
import { nameOf, text, type KubernetesObject } from "./objects";
import { type PlainObject } from "./values";

/** The object was not what was waited for when time was up, or can never be. */
export class WaitError extends Error {
    constructor(
        message: string,
        /** What was last seen of the object; undefined if it was not there. */
        readonly last: KubernetesObject | undefined,
    ) {
        super(message);
    }
}

interface Wait {
    /** Judges the object as it is now; undefined means that it is not there. */
    check(object: KubernetesObject | undefined): Verdict;
    /** Milliseconds. */
    timeout: number;
    /** Ends the wait early, with an error. */
    signal: AbortSignal;
    /** Told what is being waited for, each time that changes. */
    report(message: string): void;
}

/** Seconds that one watch may last before the collection is listed anew: a frozen server is noticed after these. */
const watchSeconds = 10;
/** Milliseconds between attempts to reach a server that does not answer. */
const retryPauseMs = 1_000;

/**
 * Watches one object until the check is met, and returns it as it then is. Survives servers that restart or freeze.
 * Throws {@link WaitError} at the time-out.
 */
export async function waitUntil(
    cluster: Cluster,
    object: KubernetesObject,
    wait: Wait,
): Promise<KubernetesObject | undefined> {
    const deadline = AbortSignal.timeout(wait.timeout);
    const end = AbortSignal.any([wait.signal, deadline]);
    let last: KubernetesObject | undefined = object;
    let verdict: Verdict = { met: false, message: "" };
    let reported = "";
    const report = (message: string): void => {
        if (message !== "" && message !== reported) {
            reported = message;
            wait.report(message);
        }
    };
    while (!end.aborted) {
        try {
            for await (const current of observe(cluster, object, end)) {
                last = current;
                verdict = wait.check(current);
                if (verdict.met) {
                    return current;
                }
                if (verdict.failed === true) {
                    throw new WaitError(verdict.message, last);
                }
                report(verdict.message);
            }
        } catch (error) {
            if (!(error instanceof UnreachableError)) {
                throw error;
            }
            report(error.message);
            await pause(retryPauseMs, undefined, { signal: end }).catch(() => undefined);
        }
    }
    const why = wait.signal.aborted ? "the operation was cancelled" : `timed out after ${wait.timeout / 1000} seconds`;
    throw new WaitError(reported === "" ? why : `${why}: ${reported}`, last);
}

/** The object as it is, then each time it changes, for as long as one watch lasts; undefined while it is not there. */
async function* observe(
    cluster: Cluster,
    object: KubernetesObject,
    signal: AbortSignal,
): AsyncGenerator<KubernetesObject | undefined> {
    const collection = await cluster.path(object);
    const list = await cluster.request("GET", collection);
    const items = (list["items"] as PlainObject[] | undefined) ?? [];
    const listed = items.find((item) => nameOf(item) === nameOf(object));
    // Items of a list do not say what they are; the object does.
    yield listed === undefined ? undefined : { apiVersion: object["apiVersion"]!, kind: object["kind"]!, ...listed };
    for await (const { type, object: seen } of cluster.watch(
        collection,
        text(list, "metadata", "resourceVersion"),
        watchSeconds,
        signal,
    )) {
        if (type === "ERROR") {
            if (text(seen, "reason") !== "Expired") {
                throw new ApiError(Number(seen["code"] ?? 500), seen);
            }
            return;
        }
        if (type !== "BOOKMARK" && nameOf(seen) === nameOf(object)) {
            yield type === "DELETED" ? undefined : seen;
        }
    }
}
