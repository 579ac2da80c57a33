/** How an epoch began: as the first one, by a hand-over token, by a change of mind, or by an acknowledged override. */
export const beginnings = ["init", "token", "back", "takeover", "discard"] as const;
export type Beginning = (typeof beginnings)[number];

/** One term of service of one site. Every record, token and acknowledgement carries its number. */
export interface Epoch {
    number: number;
    began: Beginning;
    /** Name of the site that serves in it. */
    site: string;
}

/**
 * Negative, zero or positive if `left` is older than, the same as or newer than `right`.
 *
 * While the sites are cut off from each other, both can claim the same number. Then an acknowledged override outranks a
 * planned change, and between two of a kind the site whose name sorts first wins: all that matters is that both sites
 * come to the same answer.
 */
export function compareEpochs(left: Epoch, right: Epoch): number {
    return (
        left.number - right.number ||
        Number(isOverride(left.began)) - Number(isOverride(right.began)) ||
        (left.site === right.site ? 0 : left.site < right.site ? 1 : -1)
    );
}

/** Whether an epoch that began like this was taken against, or without, the other site's consent. */
export function isOverride(began: Beginning): boolean {
    return began === "takeover" || began === "discard";
}
