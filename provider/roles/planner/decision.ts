import type { Verb } from "../record";
import type { Step } from "../steps";

export type Decision = Plan | Refusal;

/** What to do, in order. Steps whose effect is there already are passed over when the plan is carried out. */
export interface Plan {
    kind: "plan";
    verb: Verb;
    steps: readonly Step[];
    /** What is to be said before anything is done. */
    notes: readonly string[];
    /** What allowed it, to be remembered: the token's final snapshot, or an acknowledgement. */
    by?: string;
}

export interface Refusal {
    kind: "refusal";
    code: RefusalCode | OrderRefusalCode;
    /** What is wrong, at which site, and what it means for the data. */
    reason: string;
    /** What to do about it, the usual way first. */
    remedies: readonly string[];
}

export const refusalCodes = [
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
    "epoch-has-passed",
    "nothing-replicated",
    "unfinished",
    "discard-of-other-epoch",
    "full-copy",
    "role-change-under-way",
    "nobody-serves",
    "served-elsewhere",
    "would-overwrite",
] as const;

export type RefusalCode = (typeof refusalCodes)[number];

/** A wave that is out of its turn: no business of the role machine itself. */
export type OrderRefusalCode = "others-not-serving" | "others-still-serve";

/** Steps of a verb, with what is said before, and what allowed it. */
export function plan(verb: Verb, steps: Step[], notes: string[] = [], by?: string): Plan {
    return { kind: "plan", verb, steps, notes, ...(by === undefined ? {} : { by }) };
}

/** What is wrong, and the ways on. */
export function refuse(code: Refusal["code"], reason: string, remedies: string[]): Refusal {
    return { kind: "refusal", code, reason, remedies };
}
