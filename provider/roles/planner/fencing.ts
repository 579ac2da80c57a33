import { upCommand } from "../messages/commands";
import { join, text } from "../messages/message";
import type { Situation } from "../situation";
import { refuse, type Decision, type Plan } from "./decision";

/**
 * A site stops serving only where that stops every write: what is written after the final snapshot, or after what is given
 * up was counted, would be lost unannounced. An interrupted run is no exception.
 */
export function withFence({ configuration, observed }: Situation, decision: Decision): Decision {
    const { unfenceable = [] } = observed;
    if (unfenceable.length === 0 || decision.kind === "refusal" || !fences(decision)) {
        return decision;
    }
    const { item, site } = configuration;
    return refuse(
        "cannot-be-fenced",
        text`${item} at ${site} should not be written to any more, but its fence would not hold: ${join(unfenceable, "; ")}. Writes that go on would be lost. Nothing was changed`,
        [
            text`remove or unmap what is named, and restore it where the volumes serve; then ${upCommand(site)}`,
            text`if you stop everything that writes, before each role change: set fence: none for ${item}; then ${upCommand(site)}`,
        ],
    );
}

function fences({ steps }: Plan): boolean {
    return steps.some((step) => step.do === "take-shutdown-snapshot" || step.do === "stop-workloads");
}
