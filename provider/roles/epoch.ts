/** How an epoch began: the first one, by a hand-over token, by a change of mind, or by an override that was acknowledged. */
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
 * Negative, zero or positive as `left` is older than, the same as or newer than `right`.
 *
 * In a split the same number can be claimed at both sites. An override that somebody acknowledged then
 * outranks a planned change, and of two of one kind the site whose name sorts first outranks the other:
 * what matters is only that both sites come to the same answer.
 */
export function compareEpochs(left: Epoch, right: Epoch): number {
    return (
        left.number - right.number ||
        Number(isOverride(left.began)) - Number(isOverride(right.began)) ||
        (left.site === right.site ? 0 : left.site < right.site ? 1 : -1)
    );
}

/** Whether an epoch that began like this was taken against, or without, the other site's word. */
export function isOverride(began: Beginning): boolean {
    return began === "takeover" || began === "discard";
}
