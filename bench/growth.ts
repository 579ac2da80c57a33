import type { Goal } from "./goals";
import { type Row, rowOf } from "./rows";

/**
 * What each further application costs, from the next smaller number that was measured to this one; none where there is no
 * smaller one. Not from the fewest: the first few are read one by one, and cost more than all that follow.
 */
export function growthRow(row: Row, before: readonly Row[], goal: Goal): Row[] {
    const { measure, latency, unit, size } = row;
    const fewer = before
        .filter((one) => one.measure === measure && one.latency === latency && one.size < size)
        .sort((left, right) => right.size - left.size)[0];
    if (fewer === undefined) {
        return [];
    }
    const each = (costOf(row) - costOf(fewer)) / (size - fewer.size);
    const subject = { measure: `${measure}: each further application than ${fewer.size}`, size, latency, unit, goal };
    return [rowOf(subject, [each], { idle: row.idle ?? undefined })];
}

/** Over the peer's, where there is one. */
function costOf({ ours, peer }: Row): number {
    return (ours?.median ?? 0) - (peer?.median ?? 0);
}
