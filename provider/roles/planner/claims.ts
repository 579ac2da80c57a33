import { setAndUp, upCommand } from "../messages/commands";
import { join, text } from "../messages/message";
import type { ObservedClaim, Situation } from "../situation";
import type { Step } from "../steps";
import { refuse, type Decision, type Plan, type Refusal } from "./decision";

type ClaimStep = Extract<Step, { do: "claim" }>;

/**
 * Whoever can write to a bucket can put something in the place of a claim. It claims nothing, so it must not keep a site
 * from taking over for good: it is named, and the acknowledgement of that very epoch overrides it.
 */
export function withClaims(situation: Situation, decision: Decision): Decision {
    const step = claimToMake(situation, decision);
    const found = step === undefined ? [] : notAuthentic(situation, step);
    if (decision.kind === "refusal") {
        return decision;
    }
    if (step === undefined || found.length === 0) {
        const by = overriddenBefore(situation, decision);
        return by === undefined ? decision : recordedAs(by, decision);
    }
    if (situation.configuration.acknowledgements.takeover !== step.epoch) {
        return refuseNotAuthentic(situation, step, found);
    }
    const replaces = found.map(({ site, why }) => ({ site, why }));
    return recordedAs(asOverride(decision.by, step.epoch), {
        ...decision,
        steps: decision.steps.map((one) => (one === step ? { ...step, replaces } : one)),
        notes: [
            ...decision.notes,
            ...found.map(
                ({ place, why }) =>
                    `${place} is not a claim of this pair (${why}). takeover: ${step.epoch} permits replacing it`,
            ),
        ],
    });
}

/** Written down before the claim: a run that finishes this one finds nothing left to replace. */
function recordedAs(by: string, decision: Plan): Plan {
    return { ...decision, by, steps: decision.steps.map((step) => (step.do === "mark" ? { ...step, by } : step)) };
}

/** With what an interrupted run replaced something in the place of the claim of the epoch that this plan begins. */
function overriddenBefore({ own: { underWay } }: Situation, { steps }: Plan): string | undefined {
    const isBegun = steps.some(
        (step) => step.do === "mark" && step.epoch === underWay?.epoch && step.verb === underWay.verb,
    );
    return isBegun ? underWay?.by : undefined;
}

/** The other site may have made the claim before somebody replaced it: this is an override, and recorded as one. */
function asOverride(by: string | undefined, epoch: number): string {
    const override = `takeover: ${epoch}`;
    return by === undefined ? override : by.startsWith(override) ? by : `${by}, ${override}`;
}

/** The claim that a plan is still to make, if any. */
export function claimToMake({ own }: Situation, decision: Decision): ClaimStep | undefined {
    const step = decision.kind === "plan" ? decision.steps.find((one) => one.do === "claim") : undefined;
    return step === undefined || hasClaimed(own, step) ? undefined : step;
}

/**
 * Whether a record says that the epoch is its site's already. One that was claimed to begin in another way is claimed
 * anew: a takeover with a token claims it in the other site's vault alone, which may be dead by now.
 */
export function hasClaimed(
    { epoch, underWay }: Pick<Situation["own"], "epoch" | "underWay">,
    step: Pick<ClaimStep, "epoch" | "began">,
): boolean {
    const isBegun = underWay?.epoch === step.epoch && underWay.began === step.began;
    return epoch >= step.epoch || (isBegun && underWay.claimed === true);
}

function notAuthentic({ observed }: Situation, { epoch, vaults }: ClaimStep): Found[] {
    return (observed.claims ?? [])
        .filter((claim) => claim.epoch === epoch && vaults.some(({ site }) => site === claim.site))
        .flatMap((claim) =>
            typeof claim.is === "object" && "notAuthentic" in claim.is
                ? [{ ...claim, why: claim.is.notAuthentic }]
                : [],
        );
}

type Found = ObservedClaim & { why: string };

function refuseNotAuthentic({ configuration }: Situation, { epoch }: ClaimStep, found: Found[]): Refusal {
    const { item, site } = configuration;
    const objects = found.map(({ place, why }) => `${place}: ${why}`);
    return refuse(
        "claim-not-authentic",
        `${site} would begin epoch ${epoch} of ${item}, but in the place of its claim there is something that no site of this pair wrote: ${objects.join("; ")}. Somebody else can write to the bucket. Nothing was changed`,
        [
            text`find out who wrote it, and delete it: ${join(
                found.map(({ place }) => place),
                "; ",
            )}; then ${upCommand(site)}`,
            text`to replace it without waiting: ${setAndUp("takeover", epoch, configuration, site)}`,
        ],
    );
}
