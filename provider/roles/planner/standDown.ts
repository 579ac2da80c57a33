import type { Epoch } from "../epoch";
import { epochOf, type RecoveryPoint, type Verb } from "../record";
import type { Situation } from "../situation";
import type { Step } from "../steps";
import { plan, type Plan } from "./decision";
import { mark, recordStep } from "./stepBuilders";

/** Stops, and publishes the token by which the other site takes over without loss. */
export function standDown({ own }: Situation, by?: string): Plan {
    const epoch = epochOf(own)!;
    const steps: Step[] = [
        mark("stand down", epoch),
        { do: "stop-schedules" },
        { do: "take-shutdown-snapshot", epoch: own.epoch },
        recordStep("stood-down", epoch),
    ];
    return plan("stand down", steps, by === undefined ? [] : [`replication is behind; allowed by ${by}`], by);
}

/** Stops for a site that took over; what it lacks is counted. */
export function standAside(situation: Situation, theirs: Epoch, notes: string[] = []): Plan {
    return plan("stand aside", [...aside(situation, "stand aside", theirs), recordStep("displaced", theirs)], notes);
}

/** What is counted must not grow any more: nothing writes by then. */
export function aside(situation: Situation, verb: Verb, theirs: Epoch): Step[] {
    return [
        mark(verb, theirs),
        { do: "stop-schedules" },
        { do: "stop-workloads", epoch: theirs.number },
        count(situation),
    ];
}

/** What the other site lacks, since the last thing that both have. */
export function count(situation: Situation): Step {
    const since = pointOfParting(situation);
    return { do: "count-unreplicated", ...(since === undefined ? {} : { since }) };
}

/** The last thing that both sites have: what the newest takeover without a token began from. */
function pointOfParting({ own, peer }: Situation): RecoveryPoint | undefined {
    const theirs = peer.known ? (peer.record?.history ?? []) : [];
    return [...own.history, ...theirs]
        .filter(({ verb, recoveryPoint }) => verb === "take over without a token" && recoveryPoint !== undefined)
        .sort((left, right) => left.epoch - right.epoch)
        .at(-1)?.recoveryPoint;
}
