import { upCommand } from "../../roles/messages/commands";
import { type Message, MessageError, text } from "../../roles/messages/message";
import { type Look, poll } from "../../support/poll";
import type { Progress } from "../action";

export interface Patience {
    /** Milliseconds. */
    deadline: number;
    signal: AbortSignal;
    progress: Progress;
    site: string;
    /** What a person can do once the deadline has passed, besides waiting; a sentence. Default: nothing. */
    byHand?: Message;
}

/**
 * Polls the array, which has no watch, until a condition holds.
 *
 * @param condition shown in progress lines and errors, for example `archive01 to be mirrored`
 */
export function until<T>(
    condition: string,
    look: () => Promise<Look<T>>,
    { deadline, signal, progress, site, byHand }: Patience,
): Promise<T> {
    return poll<T>({
        look,
        budget: deadline,
        signal,
        onProgress: ({ instead, seconds }) => progress(`waiting for ${condition}, ${seconds} s: ${instead}`),
        onTimeout: ({ instead, seconds }) => {
            throw new MessageError(
                text`${site}: timed out after ${seconds} s waiting for ${condition} (still ${instead}). ${byHand === undefined ? "" : text`${byHand} `}Run ${upCommand(site)} again to keep waiting`,
            );
        },
        onAbort: () => {
            throw new MessageError(
                text`${site}: interrupted while waiting for ${condition}. Run ${upCommand(site)} again to continue`,
            );
        },
    });
}
