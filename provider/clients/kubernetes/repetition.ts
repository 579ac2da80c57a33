import { poll } from "../../support/poll";
import { KubernetesError } from "./errors";
import { jittered, type Pace } from "./pace";

/** Which failures of a call are no reason to give up at once. */
export type Repeats = (failure: KubernetesError) => boolean;

/** A read changes nothing: whatever passes by itself is tried again. */
export const ofRead: Repeats = ({ passing }) => passing !== undefined;

/** A server-side apply states the same again. Without an answer it may still be under way. */
export const ofApply: Repeats = ({ passing }) => passing !== undefined && (passing.answered || passing.notDone);

/**
 * What is created, changed or deleted is sent again only if it certainly was not done: a second deletion could meet
 * another object of that name.
 */
export const ofWrite: Repeats = ({ passing }) => passing?.notDone === true;

/** The caller looks again by itself, or goes on without an answer. */
export const never: Repeats = () => false;

/** Tries again with growing pauses, as long as `repeats` allows it and no longer than the pace does. */
export async function repeated<T>(attempt: () => Promise<T>, repeats: Repeats, pace: Pace): Promise<T> {
    let failure: KubernetesError | undefined;
    const giveUp = (): T => {
        throw failure as KubernetesError;
    };
    return poll<T>({
        look: async () => {
            try {
                return { found: await attempt() };
            } catch (error) {
                if (!(error instanceof KubernetesError) || !repeats(error)) {
                    throw error;
                }
                failure = error;
                return { instead: error.message };
            }
        },
        budget: pace.retries,
        firstPause: pace.firstPause,
        longestPause: pace.longestPause,
        jitter: (milliseconds) => Math.max(jittered(milliseconds), failure?.passing?.retryAfter ?? 0),
        onTimeout: giveUp,
        onAbort: giveUp,
    });
}
