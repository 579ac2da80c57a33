/** What an operator gives leave to, for one epoch only: an acknowledgement of an older epoch has no effect. */
export interface Acknowledgements {
    /** Serve without a hand-over token, starting this very epoch. */
    takeover?: number;
    /** Give up the writes that this site made in this epoch. */
    discard?: Discard;
    /** Why a switch may go on although the standby site lags behind. */
    lag?: string;
    /** Copy everything back to a volume that has no snapshot in common, to join this very epoch. */
    fullCopy?: number;
}

export interface Discard {
    site: string;
    epoch: number;
}

/** The form of `discard` in configuration: `<site>@<epoch>`, for example `east@3`. */
export function parseDiscard(text: string): Discard | undefined {
    const match = /^([a-z0-9](?:[a-z0-9-]*[a-z0-9])?)@([1-9][0-9]*)$/.exec(text);
    return match === null ? undefined : { site: match[1]!, epoch: Number(match[2]) };
}

export function formatDiscard(discard: Discard): string {
    return `${discard.site}@${discard.epoch}`;
}
