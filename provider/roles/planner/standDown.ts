import { defined } from "../../support/defined";
import type { Epoch } from "../epoch";
import type { Message } from "../messages/message";
import { epochOf, type RecoveryPoint, type Verb } from "../record";
import { recordOf, type Situation } from "../situation";
import type { Step } from "../steps";
import { plan, type Plan } from "./decision";
import { mark, recordStep } from "./stepBuilders";

/** Stops serving and publishes the token with which the other site takes over without loss. */
export function standDown({ own }: Situation, by?: string): Plan {
    const epoch = epochOf(own)!;
    const steps: Step[] = [
        mark("stand down", epoch),
        { do: "stop-schedules" },
        // Before the shutdown: whatever started in between would write after the final snapshot.
        { do: "forbid-pods" },
        { do: "take-shutdown-snapshot", epoch: own.epoch },
        recordStep("stood-down", epoch),
    ];
    return plan("stand down", steps, by === undefined ? [] : [`replication is behind; allowed by ${by}`], by);
}

/** Stops serving because the other site took over; the writes that it does not have are counted. */
export function standAside(situation: Situation, theirs: Epoch, notes: Message[] = []): Plan {
    const steps = [...stopAndCount(situation, "stand aside", theirs), recordStep("displaced", theirs)];
    return plan("stand aside", steps, notes);
}

/** Counting comes last: by then nothing writes, so that the count cannot grow any more. */
export function stopAndCount(situation: Situation, verb: Verb, theirs: Epoch): Step[] {
    return [
        mark(verb, theirs),
        { do: "stop-schedules" },
        { do: "forbid-pods" },
        { do: "stop-workloads", epoch: theirs.number },
        countUnreplicated(situation),
    ];
}

/** Counts what the other site does not have, since the last state that both had. */
export function countUnreplicated(situation: Situation): Step {
    return { do: "count-unreplicated", ...defined({ since: lastCommonPoint(situation) }) };
}

/**
 * The last state that both sites had: the recovery point of the newest takeover without a token, and at a standby site
 * that of the mirror which others promoted. A run that was interrupted has written that down, and may have moved it.
 */
function lastCommonPoint({ own, peer, observed }: Situation): RecoveryPoint | undefined {
    if (own.role === "standby") {
        return own.unreplicated === undefined ? observed.mirror?.recoveryPoint : own.unreplicated.since;
    }
    return [...own.history, ...(recordOf(peer)?.history ?? [])]
        .filter(({ verb, recoveryPoint }) => verb === "take over without a token" && recoveryPoint !== undefined)
        .sort((left, right) => left.epoch - right.epoch)
        .at(-1)?.recoveryPoint;
}
