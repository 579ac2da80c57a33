import type { GivenUp } from "../scenarioRun";
import type { SiteName } from "../../lab";
import type { Round, Verb } from "./verb";

/** What a site's record says of its role changes, as far as it matters here. */
export interface RecordedChange {
    epoch: number;
    unreplicated?: { countedAt: string; seconds?: number };
}

/** What a round gave up by leave: nothing else that is missing is excused. */
export interface AllowedLoss {
    givenUp: GivenUp;
    /** From the takeover until nothing wrote any more at the site that gave way, two sites may write at once. */
    overridden: { from: Date; to: Date };
}

/**
 * The loss that the site that gave way reported, before its writes were discarded.
 *
 * @param began when the round began, with all that prepares it
 * @param changes what the sites' records remember
 * @throws Error when it reported none
 */
export function allowedLossOf(
    { givesUp }: Verb,
    round: Pick<Round, "from" | "to" | "epoch">,
    began: Date,
    changes: Readonly<Record<SiteName, readonly RecordedChange[]>>,
): AllowedLoss | undefined {
    if (givesUp === undefined) {
        return undefined;
    }
    const site = round[givesUp];
    const reported = changes[site].findLast(
        ({ epoch, unreplicated }) => epoch > round.epoch && unreplicated !== undefined,
    );
    const { countedAt, seconds } = reported?.unreplicated ?? {};
    if (countedAt === undefined || seconds === undefined) {
        throw new Error(`${site} gave way, and its record does not say what it gave up`);
    }
    const to = new Date(countedAt);
    return {
        givenUp: { site, from: new Date(to.getTime() - Math.ceil(seconds) * 1000), to },
        overridden: { from: began, to },
    };
}
