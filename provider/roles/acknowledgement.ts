/** What an operator permits, for one epoch only: an acknowledgement of an older epoch has no effect. */
export interface Acknowledgements {
    /** Serve without a hand-over token, beginning this very epoch. */
    takeover?: number;
    /** The older point that such a takeover promotes: the name of its archive folder, or a time. Default: the newest. */
    recoverTo?: string;
    /** Discard the writes that a site made in an epoch. */
    discard?: Discard;
    /** Why a switch may proceed although the standby site lags behind. */
    lag?: string;
    /** Copy volumes without a snapshot in common in full, to join this very epoch. */
    fullCopy?: number;
    /** Hand over with a final snapshot of this very epoch that completed with warnings. */
    warnings?: number;
}

interface Discard {
    site: string;
    epoch: number;
}

/** Reads `discard` as the configuration has it: `<site>@<epoch>`, for example `east@3`. */
export function parseDiscard(text: string): Discard | undefined {
    const match = /^([a-z0-9](?:[a-z0-9-]*[a-z0-9])?)@([1-9][0-9]*)$/.exec(text);
    return match === null ? undefined : { site: match[1]!, epoch: Number(match[2]) };
}

export function formatDiscard(discard: Discard): string {
    return `${discard.site}@${discard.epoch}`;
}
