import { defined } from "../../support/defined";
import type { Message } from "../messages/message";
import type { RecoveryPoint, Verb } from "../record";
import type { Step } from "../steps";

export type Decision = Plan | Refusal;

/** What to do, in order. Steps whose effect is already there are skipped when the plan is carried out. */
export interface Plan {
    kind: "plan";
    verb: Verb;
    steps: readonly Step[];
    /** What a person should know before anything is done. */
    notes: readonly Message[];
    /** What allowed it, for the record: the token's final snapshot, or an acknowledgement. */
    by?: string;
    /** The point that is promoted, where it is not the mirror's newest. */
    recoveryPoint?: RecoveryPoint;
}

export interface Refusal {
    kind: "refusal";
    code: RefusalCode;
    /** What happened, at which site, and what it means for the data. */
    reason: Message;
    /** What to do about it, the usual way first. */
    remedies: readonly Message[];
}

export const refusalCodes = [
    "other-sites-cluster",
    "active-names-neither-site",
    "own-record-lost",
    "peer-serves",
    "peer-took-over",
    "peer-unknown",
    "nobody-to-hand-over-to",
    "replication-behind",
    "no-token",
    "token-of-other-epoch",
    "token-of-other-application",
    "token-for-other-site",
    "token-used",
    "token-without-snapshot",
    "epoch-has-passed",
    "nothing-replicated",
    "unfinished",
    "discard-of-other-epoch",
    "full-copy",
    "role-change-under-way",
    "nobody-serves",
    "served-elsewhere",
    "would-overwrite",
    "cannot-be-fenced",
    "others-write",
    "final-snapshot-outlived",
    "final-snapshot-warned",
    "ran-since",
    "others-not-serving",
    "others-still-serve",
    "not-ours",
    "too-old",
    "cannot-be-mirrored",
    "claim-not-authentic",
    "claim-not-found",
    "record-not-authentic",
    "still-protected",
    "sources-left",
    "changed-by-others",
    "mirror-resumed",
    "promoted-other-point",
    "newer-than-token",
    "no-such-point",
] as const;

export type RefusalCode = (typeof refusalCodes)[number];

export function plan(verb: Verb, steps: Step[], notes: Message[] = [], by?: string): Plan {
    return { kind: "plan", verb, steps, notes, ...defined({ by }) };
}

export function refuse(code: RefusalCode, reason: Message, remedies: Message[]): Refusal {
    return { kind: "refusal", code, reason, remedies };
}
