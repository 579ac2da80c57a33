import { describeProgress } from "../roles/copy";
import { describeRole } from "../roles/messages/describe";
import { type Message, render, text } from "../roles/messages/message";
import type { Inspection } from "./inspect";

export type Explained = Pick<
    Inspection,
    "decision" | "own" | "pending" | "configuration" | "warnings" | "inputs" | "site"
> &
    Partial<Pick<Inspection, "observed">>;

/** The lines that preview and `up` print before anything is done. */
export function explain(inspection: Explained): string[] {
    return linesOf(inspection).map((line) => render(line, inspection.inputs.stacks));
}

function linesOf({ decision, own, pending, configuration, warnings, site, observed }: Explained): Message[] {
    const who = `${configuration.item} at ${configuration.site}`;
    const copy = observed?.copy;
    const is = copy === undefined ? describeRole(own) : `establishing, and ${describeRole(own)}`;
    if (decision.kind === "refusal") {
        return [
            text`${who} is ${is}; refused: ${decision.reason}`,
            ...decision.remedies.map((remedy) => text`  - ${remedy}`),
        ];
    }
    const notes = notesOf({ decision, own, pending, warnings, site, observed }).map((note) => text`${who}: ${note}`);
    if (pending.length === 0) {
        return [`${who} is ${is}; nothing to do`, ...notes];
    }
    const calls = callsOf(pending);
    return [
        `${who} is ${is}; plan: ${decision.verb}`,
        ...notes,
        ...calls.map((call, index) => `${who}: ${index + 1}. ${call}`),
    ];
}

/** What a reader of a plan should know besides. A refusal says all by itself. */
export function notesOf({
    decision,
    own,
    pending,
    warnings,
    site,
    observed,
}: Omit<Explained, "configuration" | "inputs">): Message[] {
    if (decision.kind === "refusal") {
        return [];
    }
    const copy = observed?.copy;
    const unguarded = pending.length === 0 ? undefined : (site.claims.unguarded ?? guardNote(own, pending));
    return [
        ...(copy === undefined ? [] : [`copy: ${describeProgress(copy)}`]),
        ...decision.notes,
        ...warnings.map((warning) => text`array: ${warning}`),
        ...(unguarded === undefined ? [] : [unguarded]),
    ];
}

/** What a plan would do, a line for each call. */
export function callsOf(pending: Explained["pending"]): string[] {
    return pending.flatMap(({ step, actions }) =>
        actions.map(({ call, when }) => `${step.do}: ${call}${when === undefined ? "" : ` (${when})`}`),
    );
}

/** Before the first claim, and from then on wherever nothing guards it. */
function guardNote({ guardedClaims }: Explained["own"], pending: Explained["pending"]): string | undefined {
    if (guardedClaims !== undefined) {
        return guardedClaims ? undefined : unguardedClaims;
    }
    const isTried = pending.some(
        ({ step, actions }) => step.do === "await-prerequisites" && actions.some(({ effect }) => effect === "write"),
    );
    const isClaimed = pending.some(({ step }) => step.do === "claim");
    return isTried ? untriedClaims : isClaimed ? neverTriedClaims : undefined;
}

/** At a site that got its role from an earlier version. */
const neverTriedClaims =
    "it was never tried here whether the vaults' servers honour conditional writes: runs at both sites at the same instant may not be guarded against each other";

const untriedClaims =
    "whether the vaults' servers honour conditional writes is not known yet, and tried before the first claim. One that does not is named, and runs at both sites at the same instant are not guarded against each other then";

const unguardedClaims =
    "the vaults' server does not honour conditional writes: runs at both sites at the same instant are not guarded against each other";
