import { setAndUp } from "../messages/commands";
import { join, text } from "../messages/message";
import { printable } from "../../support/printable";
import type { Situation } from "../situation";
import type { Step } from "../steps";
import { refuse, type Decision, type Refusal } from "./decision";

/**
 * A final snapshot that completed with warnings may lack what they name: it is handed over only with the acknowledgement
 * of that very epoch, whether the warnings are known already or come up in the run.
 */
export function withoutWarnings(situation: Situation, decision: Decision): Decision {
    const { own, observed, configuration } = situation;
    const final = decision.kind === "plan" && decision.steps.find((step) => step.do === "take-shutdown-snapshot");
    if (!final) {
        return decision;
    }
    const warnings = observed.warned?.find(({ epoch }) => epoch === final.epoch)?.warnings ?? [];
    if (configuration.acknowledgements.warnings !== own.epoch) {
        return warnings.length === 0 ? decision : refuseWarned(situation, warnings);
    }
    const accepting = (step: Step): Step => (step === final ? { ...step, acceptsWarnings: true } : step);
    const notes = warnings.length === 0 ? [] : [`accepted by warnings ${own.epoch}: ${listOf(warnings)}`];
    return { ...decision, steps: decision.steps.map(accepting), notes: [...decision.notes, ...notes] };
}

function refuseWarned({ own, configuration }: Situation, warnings: readonly string[]): Refusal {
    const { item, site, peer, acknowledgements } = configuration;
    const given = acknowledgements.warnings;
    const other =
        given === undefined ? "" : `. warnings is ${given}, which is not epoch ${own.epoch} and has no effect`;
    return refuse(
        "final-snapshot-warned",
        text`the final snapshot that ${site} took of ${item} in epoch ${own.epoch} completed with warnings: ${listOf(warnings)}. What they name may be missing from what ${peer} would serve. The volumes of ${site} have everything, and nothing was handed over. Nothing was changed${other}`,
        [
            text`to hand over nevertheless: ${setAndUp("warnings", own.epoch, configuration, site)}`,
            text`to serve again at ${site}, then remove the cause and switch anew: ${setAndUp("active", site, configuration, site)}`,
        ],
    );
}

function listOf(warnings: readonly string[]) {
    return join(
        warnings.map((warning) => printable(warning)),
        "; ",
    );
}
