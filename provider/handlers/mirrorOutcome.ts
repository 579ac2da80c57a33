import { z } from "zod";
import { outcomes } from "./mirrorRole";
import type { Outcomes } from "../engine/outcomes";

const shape = z.looseObject({ applications: z.array(z.string()), summary: z.string().optional() });

/** What the MirrorOutcome resource does. */
export const mirrorOutcome = outcomeOf(outcomes);

/**
 * Tells what became of several applications. It comes after all roles: where one failed and none has anything left to do, the
 * run ends here, as it does for a single application. Where others were served, it goes on, so that the stack's outputs
 * tell the other site of them, and the program fails the run with the summary.
 */
export function outcomeOf(outcomes: Outcomes) {
    const summaryFor = (inputs: unknown): string => {
        const parsed = shape.safeParse(inputs);
        return parsed.success ? outcomes.summary(parsed.data.applications) : "";
    };
    const withSummary = (inputs: unknown): unknown => ({ ...(inputs as object), summary: summaryFor(inputs) });
    return {
        check(_olds: unknown, news: unknown): Promise<CheckResult> {
            const summary = summaryFor(news);
            if (summary === "" || outcomes.moved) {
                return Promise.resolve({ inputs: news });
            }
            if (outcomes.moves) {
                console.log(`${summary}\npulumi up goes on with the others, and fails in the end`);
                return Promise.resolve({ inputs: news });
            }
            return Promise.resolve({ inputs: news, failures: [{ property: "", reason: summary }] });
        },

        diff(_id: string, olds: unknown, news: unknown): Promise<{ changes: boolean }> {
            const before = shape.safeParse(olds);
            const told = before.success ? before.data : { applications: [], summary: "" };
            const same = JSON.stringify(told.applications) === JSON.stringify(shape.safeParse(news).data?.applications);
            return Promise.resolve({ changes: !same || (told.summary ?? "") !== "" || summaryFor(news) !== "" });
        },

        create(inputs: unknown): Promise<{ id: string; outs: unknown }> {
            return Promise.resolve({ id: "outcome", outs: withSummary(inputs) });
        },

        update(_id: string, _olds: unknown, news: unknown): Promise<{ outs: unknown }> {
            return Promise.resolve({ outs: withSummary(news) });
        },
    };
}

interface CheckResult {
    inputs: unknown;
    failures?: { property: string; reason: string }[];
}
