import type { Action } from "../drivers/action";
import { decide } from "../roles/planner";
import { claimToMake } from "../roles/planner/claims";
import { beginsEpoch } from "../roles/planner/predicates";
import type { Decision } from "../roles/planner/decision";
import type { Observed, ObservedClaim, Situation } from "../roles/situation";
import type { Step } from "../roles/steps";
import type { Guarded } from "../vaults/claims";

export type ClaimStep = Extract<Step, { do: "claim" }>;
export type ForgetStep = Extract<Step, { do: "forget-claims" }>;

/** How a site makes an epoch its own before anything is done in its name. */
export interface Claims {
    /** Why runs at both sites at the same instant are never guarded against each other; undefined where they can be. */
    readonly unguarded?: string;
    /** Tries whether the vaults' servers guard claims, so that it is known before the first one. */
    probe(): ClaimActions;
    /** The actions of a claim, in order; a claim of another site makes them fail. */
    claim(step: ClaimStep): ClaimActions;
    forget(step: ForgetStep): Action[];
    /** Numbers of the epochs that are claimed in the own vault; undefined when it does not answer. */
    left(): Promise<number[] | undefined>;
    /** What is in the place of an epoch's claim, in each vault that answers within seconds. */
    read(epoch: number): Promise<ObservedClaim[]>;
}

export interface ClaimActions {
    actions: Action[];
    /** Once they were executed: whether the servers guard against two runs at once; undefined if nothing has shown it. */
    guarded(): Guarded;
}

/**
 * In the place of claims where there is no vault: the records alone decide who began an epoch, and of two runs at both
 * sites at the same instant neither learns of the other.
 */
export const noClaims: Claims = {
    unguarded:
        "no vault is given: epochs are not claimed, and runs at both sites at the same instant are not guarded against each other",
    probe: () => ({ actions: [], guarded: () => undefined }),
    claim: () => ({ actions: [], guarded: () => false }),
    forget: () => [],
    left: () => Promise.resolve([]),
    read: () => Promise.resolve([]),
};

/**
 * Decides. Where an interrupted run began an epoch, it is looked up first whether that is claimed; where the plan is to
 * claim one, it is decided once more with what is in the claim's place. Nothing else depends on what the vaults hold, so
 * that they are not asked otherwise.
 */
export async function decideWithClaims(
    claims: Pick<Claims, "read">,
    situation: Situation,
    decideOn: (situation: Situation) => Decision = decide,
): Promise<{ decision: Decision; observed: Observed }> {
    const { underWay } = situation.own;
    const begun = underWay !== undefined && beginsEpoch(underWay) ? await claims.read(underWay.epoch) : [];
    const seen = { ...situation, observed: { ...situation.observed, claims: begun } };
    const decision = decideOn(seen);
    const step = claimToMake(seen, decision);
    if (step === undefined || begun.some(({ epoch }) => epoch === step.epoch)) {
        return { decision, observed: seen.observed };
    }
    const observed = { ...seen.observed, claims: [...begun, ...(await claims.read(step.epoch))] };
    return { decision: decideOn({ ...seen, observed }), observed };
}
