import { configKey, upCommand } from "../messages/commands";
import { join, text, type Command, type Message } from "../messages/message";
import type { Configuration, RecordFault, Situation } from "../situation";
import type { Step } from "../steps";
import { refuse, type Decision, type Refusal } from "./decision";

/** A record that somebody else may have written decides nothing, and is not repaired: who did it has to be found out. */
export function refuseUntrusted({ own, trust, configuration }: Situation): Refusal | undefined {
    const faults = trust?.faults ?? [];
    if (faults.length === 0) {
        return undefined;
    }
    const { item, site } = configuration;
    return refuse(
        "record-not-authentic",
        text`${site}: the record of ${item} cannot be trusted: ${join(
            faults.map((fault) => describeFault(fault)),
            "; ",
        )}. What it says (${own.role} in epoch ${own.epoch}) was not acted upon. Nothing was changed`,
        faults
            .filter(({ is }, index) => faults.findIndex((fault) => fault.is === is) === index)
            .flatMap((fault) => remediesFor(fault, configuration)),
    );
}

/** Says at each run what is not authenticated, and brings the record to its place and under the pair's present key. */
export function withTrust({ trust, move }: Situation, decision: Decision): Decision {
    if (decision.kind === "refusal") {
        return decision;
    }
    const first: Step[] = [
        ...(move === undefined ? [] : [{ do: "move-record" as const, ...move }]),
        ...(trust?.isStale === true ? [{ do: "authenticate-record" as const }] : []),
    ];
    const notes = trust === undefined ? [] : notesOn(trust.accepts);
    return { ...decision, steps: [...first, ...decision.steps], notes: [...decision.notes, ...notes] };
}

function notesOn(accepts: NonNullable<Situation["trust"]>["accepts"]): Message[] {
    switch (accepts) {
        case "everything":
            return [
                "records and claims are not authenticated: the pair has no pairKey, so that whoever can write to a record or to a bucket can make a site serve or stand down",
            ];
        case "what has no MAC":
            return [
                "acceptUnauthenticated is set: records and claims without a MAC are accepted. Remove it once both sites have run `pulumi up` with the pairKey",
            ];
        case "nothing":
            return [];
    }
}

function describeFault({ where, is }: RecordFault): string {
    switch (is) {
        case "not authentic":
            return `${where} was not written with this pair's key, or was changed since (its MAC does not match)`;
        case "without a MAC":
            return `${where} carries no MAC, although this pair has a pairKey`;
        case "without a key to check it":
            return `${where} carries a MAC, and no pairKey is set here to check it with`;
        case "the only copy":
            return `${where} is the only copy of it. That is where 0.1.0 and 0.2.0 kept it, and whoever may edit the application's namespace can have written it; the stack's state has none that speaks for it`;
    }
}

function remediesFor(fault: RecordFault, { site, configNamespace = "trident-dr" }: Configuration): Message[] {
    const set = (key: string, options = ""): Command => ({
        pulumi: `config set ${options}${configKey(key, configNamespace)}`,
        site,
    });
    const up = upCommand(site);
    switch (fault.is) {
        case "not authentic":
            return [
                text`if the key was changed: ${set("previousPairKey", "--secret ")} with the key before; then ${up}`,
                text`if not: find out who wrote it, restore it from a backup of the cluster or of the stack's state; then ${up}`,
            ];
        case "without a MAC":
            return [
                text`if the pairKey is new: ${set("acceptUnauthenticated true")}; ${up}; and remove the setting once both sites have run it`,
                text`if not: find out who wrote it, restore it from a backup of the cluster or of the stack's state; then ${up}`,
            ];
        case "without a key to check it":
            return [text`${set("pairKey", "--secret ")} with the key of the other site; then ${up}`];
        case "the only copy":
            return [
                text`if you know that it is ${site}'s own (its role, its epoch, and who wrote it: kubectl get configmap -o yaml --show-managed-fields), put it in its place at ${site}'s cluster: ${fault.putInPlace}; then ${up}`,
                text`if not: restore the stack's state from a backup; then ${up}`,
            ];
    }
}
