import type { Goal } from "./goals";
import { type Row, rowOf } from "./rows";

/** What each further application costs, from the fewest that were measured to these; none where these are the fewest. */
export function growthRow(row: Row, before: readonly Row[], goal: Goal): Row[] {
    const { measure, latency, unit, size } = row;
    const fewer = before
        .filter((one) => one.measure === measure && one.latency === latency && one.size < size)
        .sort((left, right) => left.size - right.size)[0];
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
