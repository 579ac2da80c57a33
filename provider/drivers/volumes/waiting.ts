import { type Look, poll } from "../../support/poll";
import type { Progress } from "../action";

export interface Patience {
    /** Milliseconds. */
    deadline: number;
    signal: AbortSignal;
    progress: Progress;
    site: string;
}

/**
 * Polls the array, which has no watch, until a condition holds.
 *
 * @param condition shown in progress lines and errors, for example `archive01 to be mirrored`
 */
export function until<T>(
    condition: string,
    look: () => Promise<Look<T>>,
    { deadline, signal, progress, site }: Patience,
): Promise<T> {
    return poll<T>({
        look,
        budget: deadline,
        signal,
        onProgress: ({ instead, seconds }) => progress(`waiting for ${condition}, ${seconds} s: ${instead}`),
        onTimeout: ({ instead, seconds }) => {
            throw new Error(
                `${site}: timed out after ${seconds} s waiting for ${condition} (still ${instead}). Run \`pulumi up\` again to keep waiting`,
            );
        },
        onAbort: () => {
            throw new Error(`${site}: interrupted while waiting for ${condition}. Run \`pulumi up\` again to continue`);
        },
    });
}
