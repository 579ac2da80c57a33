import { millisecondsOf } from "../../provider/support/duration";
import type { Problem } from "../validation/problems";

/** What a snapshot and its transfer together are taken to need, in minutes. How long they do need, only the lag shows. */
const transferMinutes = 5;

/** How old the standby site's data may become while everything works. */
export interface Objective {
    minutes: number;
    /** What it is the sum of. */
    why: string;
}

/** The objective of mirrors that look for new snapshots, or changes, on a schedule of their own. */
export function objectiveOf(intervalMinutes: number, untilFetchedMinutes: number): Objective {
    const fetched = untilFetchedMinutes === 0 ? [] : [`${untilFetchedMinutes}m until the mirror looks for it`];
    return {
        minutes: intervalMinutes + untilFetchedMinutes + transferMinutes,
        why: [`${intervalMinutes}m of the schedule`, ...fetched, `${transferMinutes}m for the transfer`].join(", "),
    };
}

/** A schedule that cannot keep what is demanded of it; nothing where it is not known how often it fires. */
export function objectiveProblems(
    key: string,
    maxRpo: string | undefined,
    objective: Objective | undefined,
): Problem[] {
    if (maxRpo === undefined) {
        return [];
    }
    if (objective === undefined) {
        const expected = "a schedule whose times are given, since how often this one fires is not known here";
        return [{ key, expected, found: `maxRpo ${maxRpo}` }];
    }
    const { minutes, why } = objective;
    return millisecondsOf(maxRpo) < minutes * 60_000
        ? [{ key, expected: `${minutes}m at least (${why}), or a schedule that fires more often`, found: maxRpo }]
        : [];
}
